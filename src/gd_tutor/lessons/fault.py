"""What is wrong with a lesson file, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gd_tutor.lessons.control import without_control
from gd_tutor.lessons.source import Source


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
