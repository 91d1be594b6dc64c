"""A watch that ends the program at a hang-up, SIGTERM or SIGHUP, whatever it is doing."""

import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

GRACE = 0.4
"""Seconds in which the program may end by itself, with everything in its place."""
ENDINGS = (signal.SIGTERM, signal.SIGHUP)
LOST = 128 + signal.SIGHUP
"""The exit status of a program whose terminal is gone."""
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


def is_lost() -> bool:
    """Whether nobody can read what is printed any more."""
    return bool(_gone((1, 2), 0))


class Watch(Thread):
    """Waits for the end of the terminal, and for SIGTERM and SIGHUP where they are caught.

    Then `leave` gets the exit status, and is to let the program end. What has not ended after a
    moment is ended here, after `abandon`: the main thread may be computing, or waiting for a
    terminal that does not read. Both are called in this thread.
    """

    def __init__(
        self,
        leave: Callable[[int], object] = lambda status: None,
        abandon: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(daemon=True, name="terminal-watch")
        self._leave = leave
        self._abandon = abandon
        # Once it is gone a terminal is none any more, so that is asked now.
        self._terminals = tuple(number for number in (0, 1, 2) if os.isatty(number))
        self._signals: int | None = None

    def catch_signals(self) -> None:
        """Let the signals that end the program come to this watch; only in the main thread."""
        self._signals, theirs = os.pipe()
        os.set_blocking(theirs, False)
        # Written to at the very moment of a signal, even while the main thread is busy.
        signal.set_wakeup_fd(theirs, warn_on_full_buffer=False)
        for number in ENDINGS:
            signal.signal(number, lambda *_: None)

    def run(self) -> None:
        status = self._wait()
        try:
            with suppress(RuntimeError):  # the program is on its way out already
                self._leave(status)
            time.sleep(GRACE)
            self._abandon()
        finally:
            os._exit(status)

    def _wait(self) -> int:
        """Wait for an end; its exit status."""
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
    """The terminals that are gone, and the other descriptor if something has come."""
    poll = select.poll()
    for terminal in terminals:
        poll.register(terminal, 0)  # what is gone is told without being asked for
    if signals is not None:
        poll.register(signals, select.POLLIN)
    return [
        number for number, event in poll.poll(milliseconds) if number == signals or event & _GONE
    ]
