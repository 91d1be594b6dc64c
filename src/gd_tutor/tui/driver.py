"""Textual's driver and key parser: reading, pasting, writing, suspending, a lost terminal."""

from __future__ import annotations

import os
import re
import select
import signal
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from contextlib import suppress
from queue import Empty, Full
from typing import TextIO, cast

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Event, Resize
from textual.message import Message
from textual.screen import Screen, ScreenResultType

BEGIN, END = "\x1b[200~", "\x1b[201~"
"""What a terminal sends before and after pasted text."""


SEQUENCE_DELAY = 1.0
"""Seconds after which a key that has begun with two characters, as `ESC [`, is given up."""
_BEGUN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)\Z")


class KeyParser(XTermParser):
    """Textual's parser, which gets pasted text without escape characters, and waits for a key.

    Textual's takes the rest of an escape sequence in a pasted text for keys, among them commands.
    Of a key that comes in pieces it makes several as soon as a lone escape would be one: but what
    goes on after the escape is a key, on a bad link, too.
    """

    _pasting = False
    _held = ""
    _end = ""
    """The last characters that were parsed."""

    def feed(self, data: str) -> Iterable[Message]:
        parsed = self._without_escapes(data)
        self._end = (self._end + parsed)[-32:]
        return super().feed(parsed) if parsed else ()  # with nothing at all it would end

    def tick(self) -> Iterable[Message]:
        """Give up what nothing more has come of."""
        if self._timeout_time is not None and _BEGUN.search(self._end):
            until = self._timeout_time - constants.ESCAPE_DELAY + SEQUENCE_DELAY
            if time.monotonic() < until:
                return ()
        return super().tick()

    def _without_escapes(self, data: str) -> str:
        """What can be parsed by now: the beginning of a mark waits for its end."""
        data, self._held = self._held + data, ""
        parsed = ""
        while data:
            mark = END if self._pasting else BEGIN
            text, found, data = data.partition(mark)
            if not found:
                cut = len(text) - _begun(mark, text, least=1 if self._pasting else 3)
                text, self._held = text[:cut], text[cut:]
            parsed += (text.replace("\x1b", "") if self._pasting else text) + found
            self._pasting ^= bool(found)
        return parsed


def _begun(mark: str, text: str, least: int) -> int:
    """How many characters of a mark a text ends with; fewer than the least are a key."""
    lengths = range(len(mark) - 1, least - 1, -1)
    return next((length for length in lengths if text.endswith(mark[:length])), 0)


class LatestSize(Screen[ScreenResultType]):
    """A screen that takes every new size to be the one the terminal has now.

    Textual's screens tell themselves each size that they have been laid out for. Two sizes under
    way at once follow each other for ever, and of two that wait the older may take the place of the
    newer, so that a size of the past is no reason to stay as it is.
    """

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Resize) and event.size != self.app.size:
            event = Resize(self.app.size, self.app.size)
        await super().on_event(event)


KEYED = (signal.SIGINT, signal.SIGTSTP)
"""The signals that a terminal's own keys send while nobody reads them as keys."""
PAUSE = 0.1
"""Seconds between two looks whether there is anything else to do than to wait."""
MOUSE, FOCUS, PASTING, WRAPPING, SIZES = (1000, 1003, 1015, 1006), 1004, 2004, 7, 2048
ALTERNATE, CURSOR, FRAME = 1049, 25, 2026
USUAL_MODES = (
    "".join(f"\x1b[?{mode}l" for mode in (FRAME, *MOUSE, FOCUS, PASTING, SIZES, ALTERNATE))
    + f"\x1b[?{WRAPPING}h\x1b[?{CURSOR}h"
)
"""What gives a terminal back as it was."""


class TutorDriver(LinuxDriver):
    """The driver of a terminal whose end is a hang-up, whoever notices it first."""

    _writer_thread: Writer | None

    # Reading

    def run_input_thread(self) -> None:
        """Read keys until the application ends, or the terminal."""
        parser = KeyParser(self._debug)
        # One key of a terminal that is not set to UTF-8 is no reason to end.
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        while not self.exit_event.is_set():
            messages: Iterable[Message]
            # On a busy machine time may be up, and the rest of a key be there all the same.
            if self._is_typed_within(PAUSE) or self._is_typed_within(0):
                typed = self._read()
                if typed == b"":
                    signal.raise_signal(signal.SIGHUP)
                    return
                messages = parser.feed(decode(typed or b""))
            else:
                messages = parser.tick()
            for message in messages:
                self.process_message(message)

    def _is_typed_within(self, seconds: float) -> bool:
        return bool(select.select([self.fileno], [], [], seconds)[0])

    def _read(self) -> bytes | None:
        """What was typed; no bytes where the terminal is gone, None where others have read them."""
        try:
            return os.read(self.fileno, 4096)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    # Writing

    def start_application_mode(self) -> None:
        # Textual makes its writer by this name, and only here.
        linux_driver.WriterThread = Writer  # type: ignore[attr-defined]
        self._wait_for_foreground()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    @property
    def is_writing(self) -> bool:
        """Whether bytes still wait to be sent, as on a slow link."""
        return self._writer_thread is not None and self._writer_thread.is_writing

    # Giving the terminal away

    @property
    def _has_terminal(self) -> bool:
        return self._key_thread is not None

    def stop_application_mode(self) -> None:
        """Give the terminal back; what its keys send the program from now on, comes too late.

        They are signals again: one that is held, or pressed once more, would end or suspend the
        program in the middle of its leave.
        """
        self._handlers = {number: signal.signal(number, signal.SIG_IGN) for number in KEYED}
        super().stop_application_mode()

    def resume_application_mode(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        super().resume_application_mode()

    def disable_input(self) -> None:
        """Drop what was typed for the program, once: what is typed behind that is the shell's."""
        if self._has_terminal:
            super().disable_input()
            self._key_thread = None

    def suspend(self) -> bool:
        """Give the terminal to the shell until it gives it back; False where there is no shell.

        As the terminal's own key would, this stops all of the job, and nothing where nobody could
        let it go on.
        """
        if not self._has_terminal:
            return True
        if os.getpgrp() == os.getsid(0):
            return False
        self.suspend_application_mode()
        for number in (signal.SIGTSTP, signal.SIGCONT):
            signal.signal(number, signal.SIG_DFL)
        os.kill(0, signal.SIGTSTP)
        self.resume_application_mode()
        signal.signal(signal.SIGCONT, self._sigcont_application)
        self.send_message(self.SignalResume())
        return True

    def _wait_for_foreground(self) -> None:
        """Stop, with all of the job, until the shell gives it the terminal."""
        while self._in_background():
            os.kill(0, signal.SIGTTIN)
            time.sleep(PAUSE)  # no shell left that could let it go on: the terminal's end is near

    def _in_background(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) != os.getpgrp()
        except OSError:
            return False

    def _sigtstp_application(self, *_: object) -> None:
        """Somebody else asks to suspend: when nothing else is under way."""
        self._soon(self.suspend)

    def _sigcont_application(self, *_: object) -> None:
        """Back from a stop that was not asked for, in which anything was done to the terminal."""
        self._soon(self._take_again)

    def _soon(self, action: Callable[[], object]) -> None:
        if not self._loop.is_closed():  # behind its end there is nothing to give away
            self._loop.call_soon_threadsafe(action)

    def _take_again(self) -> None:
        if self._in_background():
            self.suspend()
        elif self._has_terminal:
            self.suspend_application_mode()
            self.resume_application_mode()
            self.send_message(self.SignalResume())

    @property
    def _is_drawing(self) -> bool:
        return self._writer_thread is not None and self._writer_thread.is_alive()

    def abandon(self) -> None:
        """Give the terminal back at once, from any thread, without waiting for anything."""
        if not self._is_drawing:
            return
        with suppress(OSError, termios.error):
            if self.attrs_before is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            again = os.open(os.ttyname(self.fileno), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            os.write(again, USUAL_MODES.encode())


class Writer(WriterThread):
    """Writes to the terminal until it is told to stop, or the terminal is gone.

    Textual's own dies of the first error, and the application then waits for it for ever.
    """

    @property
    def is_writing(self) -> bool:
        return self.is_alive() and self._queue.unfinished_tasks > 0

    def write(self, text: str | None) -> None:
        """Hand a text over; what nobody will write is dropped."""
        while self.is_alive():
            with suppress(Full):
                self._queue.put(text, timeout=PAUSE)
                return

    def run(self) -> None:
        with suppress(OSError):
            while self._write_some():
                pass
            return
        signal.raise_signal(signal.SIGHUP)

    def _write_some(self) -> bool:
        """Write all that waits; False once that is to be the last."""
        texts: list[str | None] = [self._queue.get()]
        with suppress(Empty):
            while texts[-1] is not None:
                texts.append(self._queue.get_nowait())
        written = "".join(filter(None, texts))
        stream = cast(TextIO, self._file)
        self._send(written.encode(stream.encoding, stream.errors or "strict"))
        for _ in texts:
            self._queue.task_done()
        return texts[-1] is not None

    def _send(self, rest: bytes) -> None:
        descriptor = self._file.fileno()
        while rest:
            try:
                rest = rest[os.write(descriptor, rest) :]
            except BlockingIOError:  # another program of this terminal does not want to wait
                select.select([], [descriptor], [])

    def stop(self) -> None:
        """Stop, once everything is written or the terminal is gone."""
        self.write(None)
        self.join()
