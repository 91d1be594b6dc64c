"""A real terminal for tests: a pseudo-terminal whose screen is kept by pyte."""

from __future__ import annotations

import copy
import errno
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte
from pyte.screens import Char

# A session leader gets its controlling terminal by opening it. Leaving that to a shell needs no
# Python code between fork and exec, which is what newer Pythons warn of in threaded processes.
_TAKE_TERMINAL = ': <>"$0"; exec "$@"'

# What pyte 0.8.2 misreads: keyboard protocol, terminal identification, mode queries.
_UNREADABLE = re.compile(rb"\x1b\[(?:[<=>][0-?]*[ -/]*[@-~]|\?[0-?]*(?:u|\$p))")
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*)?\Z")
_PRIVATE_MODES = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")

_SYNC_QUERY = b"\x1b[?2026$p"
_SYNC_ANSWER = b"\x1b[?2026;2$y"
_ALTERNATE_SCREEN = 1049

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Tests that were started in the background would hand their deafness on to every program.
    signal.signal(signal.SIGINT, signal.default_int_handler)

PATIENCE = 120.0  # Seconds; only what fails takes them, and a busy machine may be slow.
_POLL = 0.02  # Seconds between looks at what makes no byte: a file, an exit.


def clean_environment(
    home: Path, changes: Mapping[str, str | None] | None = None
) -> dict[str, str]:
    """The environment of a program under test: nothing inherited but where to find programs.

    In `changes`, None removes a variable.
    """
    environment: dict[str, str | None] = {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": _absolute(os.environ.get("PYTHONPATH")),
        "TERM": "xterm-256color",
        "XDG_STATE_HOME": str(home / "state"),
    }
    environment.update(changes or {})
    return {name: value for name, value in environment.items() if value is not None}


def _absolute(path: str | None) -> str | None:
    """A search path that means the same from everywhere."""
    return path and os.pathsep.join(map(os.path.abspath, path.split(os.pathsep)))


def start_in_pty(
    argv: Sequence[str], columns: int, rows: int, environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    """Start `argv` at home in a terminal of its own; the process and our end of the terminal.

    There it may write what random keys ask for.
    """
    ours, theirs = pty.openpty()
    try:
        termios.tcsetwinsize(theirs, (rows, columns))
        process = subprocess.Popen(
            ["/bin/sh", "-c", _TAKE_TERMINAL, os.ttyname(theirs), *argv],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=dict(environment),
            cwd=environment["HOME"],
            start_new_session=True,
        )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    return process, ours


Start = Callable[[Sequence[str], int, int, Mapping[str, str]], tuple[Any, int]]
"""A way to start a program in a terminal."""


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and what it started, if it still runs, and reap it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wants_to_run(pid: int) -> bool:
    """Whether a process or one that it has started runs, or waits only for its turn.

    Of the main threads: others look for keys now and then. Only Linux tells.
    """
    thread = Path(f"/proc/{pid}/task/{pid}")
    try:
        state = (thread / "stat").read_text().rpartition(")")[2].split()[0]
        started = (thread / "children").read_text().split()
    except OSError:
        return False
    return state in ("R", "D") or any(wants_to_run(int(child)) for child in started)


def read_available(descriptor: int, timeout: float) -> bytes | None:
    """What arrives within `timeout` seconds: b"" when nothing does, None when nothing more can."""
    if not select.select([descriptor], [], [], timeout)[0]:
        return b""
    try:
        return os.read(descriptor, 65536) or None
    except OSError as error:
        if error.errno == errno.EIO:  # How Linux says that the last writer has gone.
            return None
        raise


class _Screen(pyte.Screen):
    """pyte's screen, and the alternate screen that it does not know."""

    _normal: Any = None

    def set_mode(self, *modes: int, **keywords: Any) -> None:
        super().set_mode(*modes, **keywords)
        if keywords.get("private") and _ALTERNATE_SCREEN in modes and self._normal is None:
            self._normal = copy.deepcopy(self.buffer), copy.copy(self.cursor)
            self.erase_in_display(2)

    def reset_mode(self, *modes: int, **keywords: Any) -> None:
        super().reset_mode(*modes, **keywords)
        if keywords.get("private") and _ALTERNATE_SCREEN in modes and self._normal is not None:
            self.buffer, self.cursor = self._normal
            self._normal = None


class Terminal:
    """A program in a terminal, as a context manager; leaving it ends the program.

    It reads only inside the `wait_` methods. Every wait raises an AssertionError that shows the
    screen when it fails: after `timeout` seconds, or at once when the program is gone.
    """

    def __init__(
        self,
        argv: Sequence[str],
        columns: int = 80,
        rows: int = 24,
        *,
        home: Path,
        env: Mapping[str, str | None] | None = None,
        answers_sync: bool = False,
        start: Start = start_in_pty,
    ) -> None:
        self._screen = _Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._sent = bytearray()
        self._unread = b""
        self._unasked = b""
        self._answers_sync = answers_sync
        self._over = False
        self._open = True
        self._process, self._descriptor = start(argv, columns, rows, clean_environment(home, env))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        stop(self._process)
        self.close_pty()

    # What is there

    @property
    def screen(self) -> list[str]:
        """The rows of the screen, each as wide as the screen."""
        return list(self._screen.display)

    @property
    def text(self) -> str:
        """The rows of the screen without the blanks at their ends."""
        return "\n".join(row.rstrip() for row in self.screen)

    @property
    def sent(self) -> bytes:
        """All bytes that the program has sent so far."""
        return bytes(self._sent)

    @property
    def modes(self) -> frozenset[int]:
        """The private modes that are on now; 7 (wrapping) and 25 (the cursor) are at the start."""
        modes = {7, 25}
        for numbers, letter in _PRIVATE_MODES.findall(self._sent):
            change = modes.add if letter == b"h" else modes.discard
            for number in numbers.split(b";"):
                change(int(number))
        return frozenset(modes)

    @property
    def cursor(self) -> tuple[int, int]:
        """The cursor's column and row, both from 0."""
        return self._screen.cursor.x, self._screen.cursor.y

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    def cell(self, column: int, row: int) -> Char:
        """The character at a place, both from 0: `.data`, `.fg`, `.bg`, `.bold`, `.reverse` …"""
        return self._screen.buffer[row][column]

    # What a user does

    def send(self, keys: str | bytes) -> None:
        """Type `keys`."""
        rest = keys.encode() if isinstance(keys, str) else keys
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the kernel tells the program."""
        self._screen.resize(rows, columns)
        termios.tcsetwinsize(self._descriptor, (rows, columns))

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self._process.send_signal(number)

    def close_pty(self) -> None:
        """Let the terminal vanish, as when a window closes or a connection drops."""
        if self._open:
            self._open = False
            self._over = True
            os.close(self._descriptor)

    # Waiting

    def wait_for(self, *texts: str, timeout: float = PATIENCE) -> None:
        """Read until all of them are on the screen at once, each within one row."""
        all_texts = ", ".join(map(repr, texts))
        complaint = f"{all_texts} {'is' if len(texts) == 1 else 'are'} not on the screen"
        self._wait(lambda: all(text in self.text for text in texts), timeout, complaint)

    def wait_until(self, predicate: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Read until `predicate()` is true."""
        self._wait(predicate, timeout, "what was waited for has not happened")

    def wait_quiet(self, seconds: float = 0.3, timeout: float = PATIENCE) -> None:
        """Read until for so long no byte has come, or none can come any more.

        A program that wants to run, and on a busy machine may have to wait for its turn, is not
        quiet.
        """
        deadline = time.monotonic() + timeout
        looks = quiet = max(1, round(seconds / _POLL))
        while quiet and not self._over:
            quiet = (
                looks if self._receive(min(seconds, _POLL)) or wants_to_run(self.pid) else quiet - 1
            )
            if time.monotonic() > deadline:
                raise self._failure("the program does not become quiet")

    def wait_exit(self, timeout: float = PATIENCE) -> int:
        """Read until the program has ended; its status, −N when signal N has killed it."""
        deadline = time.monotonic() + timeout
        while self._process.poll() is None:
            if time.monotonic() > deadline:
                raise self._failure("the program does not end")
            if self._over:
                self._wait_without_terminal(deadline)
            else:
                self._receive(_POLL)
        while self._receive(0):
            pass
        return self._process.returncode

    def _wait_without_terminal(self, deadline: float) -> None:
        try:
            self._process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise self._failure("the program does not end") from None

    def _wait(self, predicate: Callable[[], bool], timeout: float, complaint: str) -> None:
        deadline = time.monotonic() + timeout
        while not predicate():
            if self._over:
                raise self._failure(f"{complaint}, and the program is gone")
            if time.monotonic() > deadline:
                raise self._failure(f"{complaint} after {timeout:g} s")
            self._receive(_POLL)

    def _receive(self, timeout: float) -> bool:
        """Take in what arrives within `timeout` seconds; False when nothing does."""
        if self._over:
            return False
        received = read_available(self._descriptor, timeout)
        if received is None:
            self._over = True
        if not received:
            return False
        self._sent += received
        self._answer(received)
        self._show(received)
        return True

    def _answer(self, received: bytes) -> None:
        if not self._answers_sync:
            return
        *questions, rest = (self._unasked + received).split(_SYNC_QUERY)
        self._unasked = rest[-len(_SYNC_QUERY) :]
        self.send(_SYNC_ANSWER * len(questions))

    def _show(self, received: bytes) -> None:
        received = self._unread + received
        unfinished = _UNFINISHED.search(received)
        end = unfinished.start() if unfinished else len(received)
        self._unread = received[end:]
        self._stream.feed(_UNREADABLE.sub(b"", received[:end]))

    def _failure(self, complaint: str) -> AssertionError:
        edge = "+" + "-" * self._screen.columns + "+"
        rows = [f"|{row}|" for row in self.screen]
        return AssertionError("\n".join([complaint, edge, *rows, edge]))
