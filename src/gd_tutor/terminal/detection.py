"""Detecting the terminal: streams, locale, encoding, tmux, screen, SSH, cell widths."""

import codecs
import os
import re
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TextIO

WIDE, NARROW, BOX, MATHS = "中", "ŷ", "─", "∂"
SAMPLES = (WIDE, NARROW, BOX, MATHS)

_WHERE = b"\x1b[6n"
_CLEAR_ROW = b"\r\x1b[K"
_ANSWER = re.compile(rb"\x1b\[\d+;(\d+)R")


def measure(source: int = 0, target: int = 2, seconds: float = 0.5) -> Mapping[str, int]:
    """The cells that the terminal gives each sample; empty where it does not answer in time.

    Each sample is written at the start of the row, and the terminal reports its cursor's column.
    Row and terminal modes are then restored; keys typed meanwhile are lost.
    """
    try:
        before = termios.tcgetattr(source)
    except termios.error:
        return {}
    try:
        # Answers must arrive at once and without echo.
        tty.setcbreak(source, termios.TCSANOW)
        questions = b"".join(b"\r" + sample.encode() + _WHERE for sample in SAMPLES)
        os.write(target, questions + _CLEAR_ROW)
        columns = _columns(source, time.monotonic() + seconds)
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)
    if len(columns) < len(SAMPLES):
        return {}
    return {sample: column - 1 for sample, column in zip(SAMPLES, columns, strict=False)}


def _columns(source: int, deadline: float) -> list[int]:
    """The columns that the terminal reports until all have come or time is up."""
    answers = b""
    columns: list[int] = []
    while len(columns) < len(SAMPLES):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([source], [], [], left)[0]:
            break
        received = os.read(source, 256)
        if not received:
            break
        answers += received
        columns = [int(column) for column in _ANSWER.findall(answers)]
    return columns


def ask_tmux(seconds: float = 3.0) -> bool | None:
    """Whether tmux treats its terminal as UTF-8; None where it does not say."""
    import subprocess  # needed only in tmux

    command = ["tmux", "display-message", "-p", "#{client_utf8}"]
    try:
        run = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {"0": False, "1": True}.get(run.stdout.strip())


_EAST_ASIAN = ("zh", "ja", "ko")


@dataclass
class Surroundings:
    """Facts about the process; slow ones are found once, on first use."""

    environment: Mapping[str, str]
    interactive: bool
    """Whether all streams are terminals."""
    encoding: str
    """Python's encoding of the error stream, on which Textual draws."""
    ask_tmux: Callable[[], bool | None] = ask_tmux
    measure: Callable[[], Mapping[str, int]] = measure

    @classmethod
    def here(cls, *streams: TextIO | None) -> "Surroundings":
        """The surroundings of this process, by default of all three streams."""
        streams = streams or (sys.__stdin__, sys.__stdout__, sys.__stderr__)
        interactive = all(stream is not None and stream.isatty() for stream in streams)
        return cls(os.environ, interactive, getattr(sys.__stderr__, "encoding", None) or "ascii")

    def get(self, name: str) -> str:
        return self.environment.get(name, "")

    @property
    def term(self) -> str:
        return self.get("TERM")

    @property
    def in_tmux(self) -> bool:
        return bool(self.get("TMUX"))

    @property
    def in_screen(self) -> bool:
        return bool(self.get("STY"))

    @property
    def over_ssh(self) -> bool:
        return bool(self.get("SSH_CONNECTION") or self.get("SSH_TTY"))

    @property
    def writes_utf8(self) -> bool:
        try:
            return codecs.lookup(self.encoding).name == "utf-8"
        except LookupError:
            return False

    @property
    def locale(self) -> str:
        """The user's locale; empty where none is set.

        In the C locale Python itself sets LC_CTYPE to C.UTF-8 (PEP 538), which says nothing about
        the terminal, and neither does Python's encoding then.
        """
        made_by_python = self.get("LC_CTYPE") == "C.UTF-8" and self.get("LANG") in (
            "",
            "C",
            "POSIX",
        )
        names = ("LC_ALL", "LANG") if made_by_python else ("LC_ALL", "LC_CTYPE", "LANG")
        return next((self.get(name) for name in names if self.get(name)), "")

    @property
    def doubtful(self) -> bool:
        """Whether only the terminal itself can tell its character widths."""
        unset = self.locale in ("", "C", "POSIX")
        return unset or self.in_screen or self.locale.startswith(_EAST_ASIAN)

    @cached_property
    def tmux_speaks_utf8(self) -> bool | None:
        return self.ask_tmux() if self.in_tmux else None

    @cached_property
    def widths(self) -> Mapping[str, int]:
        """The cells that the terminal gives sample characters; empty where it does not answer."""
        return self.measure() if self.interactive else {}


POOR_TERMINALS = ("linux", "vt100", "vt220", "ansi")
"""Terminals that lack most of the characters drawn."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why not every character can be drawn, and how to fix that."""

    reason: str
    cure: str


def findings(surroundings: Surroundings) -> Iterator[Finding]:
    """The problems, those found quickly first."""
    if not surroundings.writes_utf8:
        # Textual would write regardless, and other characters would appear as \u2502.
        yield Finding(
            f"Python writes {surroundings.encoding} here, not UTF-8",
            "set LANG to a UTF-8 locale such as C.UTF-8",
        )
    if surroundings.term in POOR_TERMINALS:
        yield Finding(
            f"terminals of the kind {surroundings.term} lack most of the characters",
            "use a terminal window, or give --unicode if this one has them",
        )
    if surroundings.tmux_speaks_utf8 is False:
        # tmux would replace every character beyond ASCII by an underscore.
        yield Finding("tmux runs without UTF-8", "start it with tmux -u")
    if surroundings.doubtful:
        yield from measured(surroundings)


def measured(surroundings: Surroundings) -> Iterator[Finding]:
    """The problems that the measured widths reveal."""
    widths = surroundings.widths
    if not widths:
        return
    in_screen = surroundings.in_screen
    if widths[WIDE] != 2 or widths[NARROW] != 1:
        cure = "start screen with screen -U" if in_screen else "set the terminal to UTF-8"
        yield Finding("the terminal does not read UTF-8", cure)
    elif widths[BOX] != 1:
        cure = (
            "write cjkwidth off into ~/.screenrc"
            if in_screen
            else "let ambiguous characters be narrow in the settings of the terminal"
        )
        yield Finding("the terminal draws lines and Greek letters two cells wide", cure)
