"""A lesson file from the disk: its text, its name, its two parts; its faults and where they are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gd_tutor.engine.expression import Place

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_BLANKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def find_control(text: str) -> re.Match[str] | None:
    """The first control character in a text; newlines and tabs are none."""
    return _CONTROL.search(text)


def without_control(text: str) -> str:
    """The text on one line, with a blank for control characters."""
    return _BLANKS.sub(" ", text)


@dataclass(frozen=True)
class Source:
    """A file's text, every line ending in a plain newline."""

    path: Path
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        return starts[:-1]

    def place(self, offset: int) -> Place:
        """Line and column of a character, both counted from 1."""
        line = bisect_right(self._starts, offset)
        return Place(line, offset - self._starts[line - 1] + 1)

    def offset(self, line: int) -> int:
        """Where a line, counted from 0, begins."""
        return self._starts[line]

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    def excerpt(self, start: int, end: int) -> Excerpt:
        return Excerpt(self.text[start:end], range(start, end + 1))


@dataclass(frozen=True)
class Excerpt:
    """A text taken out of a file: `offsets[i]` is where its character i stands there.

    There is one offset more than there are characters: that of the end.
    """

    text: str
    offsets: Sequence[int]

    @property
    def start(self) -> int:
        return self.offsets[0]

    def part(self, start: int, end: int) -> Excerpt:
        return Excerpt(self.text[start:end], self.offsets[start : end + 1])

    def stripped(self) -> Excerpt:
        """Without the blanks at both ends."""
        start = len(self.text) - len(self.text.lstrip())
        return self.part(start, max(start, len(self.text.rstrip())))

    def on_one_line(self) -> Excerpt:
        """With blanks for newlines."""
        return Excerpt(self.text.replace("\n", " "), self.offsets)

    def at(self, place: Place) -> int:
        """The file's offset of a place in this excerpt's text (its nearest, if it is outside)."""
        lines = self.text.splitlines(keepends=True)[: place.line]
        if len(lines) < place.line:
            return self.offsets[-1]
        before = sum(map(len, lines[:-1]))
        longest = len(lines[-1].rstrip("\r\n"))
        return self.offsets[before + min(place.column - 1, longest)]


@dataclass(frozen=True, slots=True)
class LessonFault:
    """One thing to mend; line and column count from 1.

    With a warning the lesson can be opened, but a learner sees something else than was meant.
    """

    path: Path
    line: int
    column: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.path}:{self.line}:{self.column}: {kind}{self.message}"


class LessonError(Exception):
    """A file is not a lesson, or not its data; `faults` says why, all at once, in its order."""

    def __init__(self, faults: Iterable[LessonFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


MOST_FAULTS = 1_000


class Report:
    """Collects the faults of one file, and warnings, up to a number that nobody mends at once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._faults: list[LessonFault] = []

    def add(self, offset: int, message: str, warning: bool = False) -> None:
        """Note a fault at a character of the file."""
        if len(self._faults) >= MOST_FAULTS:
            return
        place = self.source.place(offset)
        message = without_control(message)
        fault = LessonFault(self.source.path, place.line, place.column, message, warning)
        self._faults.append(fault)

    def warn(self, offset: int, message: str) -> None:
        """Note at a character of the file what does not keep the lesson from being opened."""
        self.add(offset, message, warning=True)

    def include(self, error: LessonError) -> None:
        """Note the faults of another file that this one needs."""
        self._faults += error.faults

    @property
    def findings(self) -> tuple[LessonFault, ...]:
        """All faults and warnings so far, each once, in the file's order; then of other files."""
        return tuple(sorted(dict.fromkeys(self._faults), key=self._order))

    @property
    def faults(self) -> tuple[LessonFault, ...]:
        """The faults alone."""
        return tuple(fault for fault in self.findings if not fault.warning)

    def _order(self, fault: LessonFault) -> tuple[bool, Path, int, int]:
        return fault.path != self.source.path, fault.path, fault.line, fault.column

    def raise_if_any(self) -> None:
        if self.faults:
            raise LessonError(self.faults)


LARGEST_FILE = 2_000_000
FENCE = "+++"
SUBCOMMANDS = frozenset(
    {
        *("lessons", "trace", "export", "check", "new", "progress", "forget", "doctor"),
        *("serve", "class", "open", "help"),
    }
)
ID = re.compile(r"(?=.*[^\W\d_])\w[\w-]*")
"""Lessons, sections and questions are known by letters, digits and hyphens."""

_STEM = re.compile(r"(?P<number>\d+)[-_](?P<id>.+)", re.ASCII)


def read_source(path: Path) -> Source:
    """The file's text. Raises LessonError where it cannot be read as text."""
    return Source(path, read_text(path, LARGEST_FILE, "a lesson"))


def read_text(path: Path, largest: int, kind: str) -> str:
    """A file's text, every line ending in a plain newline. Raises LessonError where it has none.

    `largest` is in bytes; `kind` says in messages what the file should be.
    """
    try:
        if not path.is_file():
            raise _unreadable(path, _missing(path))
        if path.stat().st_size > largest:
            limit = f"{largest // 1_000_000} MB"
            message = f"This file is larger than {limit}; {kind} has to be smaller."
            raise _unreadable(path, message)
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _unreadable(path, f"This file cannot be read: {reason}.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(path, content[: error.start]) from None
    if "\0" in text:
        raise _unreadable(path, f"This is not a text file; {kind} is plain text, saved as UTF-8.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _missing(path: Path) -> str:
    return "This is not a file." if path.exists() else "There is no such file."


def _unreadable(path: Path, message: str) -> LessonError:
    return LessonError([LessonFault(path, 1, 1, message)])


def _not_utf8(path: Path, before: bytes) -> LessonError:
    lines = before.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    message = "This file is not UTF-8 text from here on; save it as UTF-8."
    return LessonError([LessonFault(path, len(lines), len(lines[-1]) + 1, message)])


def name_of(path: Path) -> tuple[int | None, str]:
    """The number and the id in a file's name: '03-derivative.md' has 3 and 'derivative'."""
    match = _STEM.fullmatch(path.stem)
    return (int(match["number"]), match["id"]) if match else (None, path.stem)


def check_name(report: Report) -> None:
    """Note what is wrong with the id in the file's name."""
    _, id = name_of(report.source.path)
    if id in SUBCOMMANDS:
        report.add(0, f"'{id}' is a command of gd-tutor; give the lesson's file another name.")
    elif not ID.fullmatch(id):
        report.add(
            0,
            f"The file's name has to be letters, digits and hyphens, as in 09-my-lesson.md; "
            f"'{id}' cannot be a lesson's id.",
        )


def check_characters(excerpt: Excerpt, report: Report) -> None:
    """Note characters that could disturb a terminal; one fault a line."""
    start = 0
    for line in excerpt.text.split("\n"):
        match = find_control(line)
        if match:
            message = f"The control character U+{ord(match[0]):04X} is not allowed; delete it."
            report.add(excerpt.offsets[start + match.start()], message)
        start += len(line) + 1


def split(source: Source, report: Report) -> tuple[Excerpt, Excerpt] | None:
    """The front matter and the body, or None with a fault where they cannot be told apart."""
    lines = source.lines
    if lines[0].rstrip() != FENCE:
        message = f"A lesson begins with a line {FENCE}, then its title, then {FENCE} again."
        report.add(0, message)
        return None
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == FENCE:
            end = source.offset(number)
            begin = min(end + len(line) + 1, len(source.text))
            front = source.excerpt(source.offset(1), end)
            return front, source.excerpt(begin, len(source.text))
    report.add(0, f"The front matter that begins here is not closed; end it with a line {FENCE}.")
    return None
