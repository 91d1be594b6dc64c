"""A lesson file's text, and excerpts of it that know where they stand in the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gd_tutor.program import Place


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
