"""A watch that ends the program at a hang-up, SIGTERM or SIGHUP, even when it is busy."""

import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

GRACE = 0.4
"""Seconds for the program to end by itself, with everything restored."""
ENDINGS = (signal.SIGTERM, signal.SIGHUP)
LOST = 128 + signal.SIGHUP
"""The exit status of a program whose terminal is gone."""
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


def is_lost() -> bool:
    """Whether nobody can read the output any more."""
    return bool(_gone((1, 2), 0))


class Watch(Thread):
    """Waits for the loss of the terminal, and for SIGTERM and SIGHUP where they are caught.

    Then it calls `leave` with the exit status, which should end the program. If that takes too
    long, since the main thread computes or waits for the terminal, it calls `abandon` and ends the
    process. Both are called in this thread.
    """

    def __init__(
        self,
        leave: Callable[[int], object] = lambda status: None,
        abandon: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(daemon=True, name="terminal-watch")
        self._leave = leave
        self._abandon = abandon
        # A lost terminal is no longer recognised as one, so this is asked early.
        self._terminals = tuple(number for number in (0, 1, 2) if os.isatty(number))
        self._signals: int | None = None

    def catch_signals(self) -> None:
        """Direct the ending signals to this watch; call only in the main thread."""
        self._signals, theirs = os.pipe()
        os.set_blocking(theirs, False)
        # Written at the moment of a signal, even while the main thread is busy.
        signal.set_wakeup_fd(theirs, warn_on_full_buffer=False)
        for number in ENDINGS:
            signal.signal(number, lambda *_: None)

    def run(self) -> None:
        status = self._wait()
        try:
            with suppress(RuntimeError):  # the program is already ending
                self._leave(status)
            time.sleep(GRACE)
            self._abandon()
        finally:
            os._exit(status)

    def _wait(self) -> int:
        """Wait for an end; return its exit status."""
        while True:
            ready = _gone(self._terminals, None, self._signals)
            if self._signals not in ready:
                return LOST
            assert self._signals is not None
            caught = [number for number in os.read(self._signals, 64) if number in ENDINGS]
            if caught:
                return 128 + caught[0]


def _gone(
    terminals: tuple[int, ...], milliseconds: int | None, signals: int | None = None
) -> list[int]:
    """The lost terminals, and the other descriptor if it has input."""
    poll = select.poll()
    for terminal in terminals:
        poll.register(terminal, 0)  # a hang-up is reported without asking
    if signals is not None:
        poll.register(signals, select.POLLIN)
    return [
        number for number, event in poll.poll(milliseconds) if number == signals or event & _GONE
    ]
