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
"""Seconds to wait for the rest of a key that began with two characters, as `ESC [`."""
_BEGUN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)\Z")


class KeyParser(XTermParser):
    """Textual's parser, with escape characters removed from pasted text and more patience for keys.

    Textual's parser takes escape sequences in pasted text for keys, and splits a key that arrives
    slowly into several. Here what follows `ESC [` belongs to the key, even on a slow link.
    """

    _pasting = False
    _held = ""
    _end = ""
    """The last parsed characters."""

    def feed(self, data: str) -> Iterable[Message]:
        parsed = self._without_escapes(data)
        self._end = (self._end + parsed)[-32:]
        return super().feed(parsed) if parsed else ()  # an empty string would end the parser

    def tick(self) -> Iterable[Message]:
        """Give up an unfinished key after a while."""
        if self._timeout_time is not None and _BEGUN.search(self._end):
            until = self._timeout_time - constants.ESCAPE_DELAY + SEQUENCE_DELAY
            if time.monotonic() < until:
                return ()
        return super().tick()

    def _without_escapes(self, data: str) -> str:
        """What can be parsed so far; an unfinished paste mark waits for its end."""
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
    """How many characters of `mark` the text ends with; 0 where fewer than `least`."""
    lengths = range(len(mark) - 1, least - 1, -1)
    return next((length for length in lengths if text.endswith(mark[:length])), 0)


class LatestSize(Screen[ScreenResultType]):
    """A screen that replaces the size of any resize event by the terminal's present size.

    Textual's screens post every size they are laid out for. Two sizes under way would alternate
    forever, or an older one would replace a newer one.
    """

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Resize) and event.size != self.app.size:
            event = Resize(self.app.size, self.app.size)
        await super().on_event(event)


KEYED = (signal.SIGINT, signal.SIGTSTP)
"""The signals sent by keys of the terminal once the program no longer reads keys."""
PAUSE = 0.1
"""Seconds between two checks while waiting."""
MOUSE, FOCUS, PASTING, WRAPPING, SIZES = (1000, 1003, 1015, 1006), 1004, 2004, 7, 2048
ALTERNATE, CURSOR, FRAME = 1049, 25, 2026
USUAL_MODES = (
    "".join(f"\x1b[?{mode}l" for mode in (FRAME, *MOUSE, FOCUS, PASTING, SIZES, ALTERNATE))
    + f"\x1b[?{WRAPPING}h\x1b[?{CURSOR}h"
)
"""The escape sequences that restore the terminal's usual modes."""


class TutorDriver(LinuxDriver):
    """A driver that treats the loss of its terminal as a hang-up, whoever notices it first."""

    _writer_thread: Writer | None

    # Reading

    def run_input_thread(self) -> None:
        """Read keys until the application ends or the terminal is gone."""
        parser = KeyParser(self._debug)
        # A terminal not set to UTF-8 may send invalid bytes, which must not end the program.
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        while not self.exit_event.is_set():
            messages: Iterable[Message]
            # On a busy machine the pause may end although the rest of a key is already there.
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
        """The typed bytes; empty for a lost terminal, None where another program read them."""
        try:
            return os.read(self.fileno, 4096)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    # Writing

    def start_application_mode(self) -> None:
        # Textual looks up its writer class by this name, and only here.
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
        """Give the terminal back, and ignore signals from its keys while leaving.

        Otherwise a key that is held or pressed again would end or suspend the program halfway.
        """
        self._handlers = {number: signal.signal(number, signal.SIG_IGN) for number in KEYED}
        super().stop_application_mode()

    def resume_application_mode(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        super().resume_application_mode()

    def disable_input(self) -> None:
        """Discard typed input once; what is typed later is for the shell."""
        if self._has_terminal:
            super().disable_input()
            self._key_thread = None

    def suspend(self) -> bool:
        """Give the terminal to the shell until it returns it; False where there is no shell.

        Like the terminal's own key, this stops the whole job, unless no shell could resume it.
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
        """Stop the whole job until the shell gives it the terminal."""
        while self._in_background():
            os.kill(0, signal.SIGTTIN)
            time.sleep(PAUSE)  # no shell left to resume it; the terminal ends soon

    def _in_background(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) != os.getpgrp()
        except OSError:
            return False

    def _sigtstp_application(self, *_: object) -> None:
        """Suspend on a signal from elsewhere, once the application is idle."""
        self._soon(self.suspend)

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal again after a stop from outside, which may have changed its state."""
        self._soon(self._take_again)

    def _soon(self, action: Callable[[], object]) -> None:
        if not self._loop.is_closed():  # a closed loop has no terminal to give away
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
        """Give the terminal back at once, from any thread, without waiting."""
        if not self._is_drawing:
            return
        with suppress(OSError, termios.error):
            if self.attrs_before is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            again = os.open(os.ttyname(self.fileno), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            os.write(again, USUAL_MODES.encode())


class Writer(WriterThread):
    """Writes to the terminal until it is stopped or the terminal is gone.

    Textual's own writer dies at the first error, and the application then waits for it forever.
    """

    @property
    def is_writing(self) -> bool:
        return self.is_alive() and self._queue.unfinished_tasks > 0

    def write(self, text: str | None) -> None:
        """Queue a text; drop it if nobody will write it."""
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
        """Write all that is queued; False for the last time."""
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
            except BlockingIOError:  # another program made the terminal non-blocking
                select.select([], [descriptor], [])

    def stop(self) -> None:
        """Stop once everything is written or the terminal is gone."""
        self.write(None)
        self.join()
