"""What is wrong with a lesson file, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gd_tutor.lessons.control import without_control
from gd_tutor.lessons.source import Source


@dataclass(frozen=True, slots=True)
class LessonFault:
    """One thing to mend; line and column count from 1."""

    path: Path
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class LessonError(Exception):
    """A file is not a lesson, or not its data; `faults` says why, all at once, in its order."""

    def __init__(self, faults: Iterable[LessonFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


MOST_FAULTS = 1_000


class Report:
    """Collects the faults of one file, up to a number that nobody mends at once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._faults: list[LessonFault] = []

    def add(self, offset: int, message: str) -> None:
        """Note a fault at a character of the file."""
        if len(self._faults) >= MOST_FAULTS:
            return
        place = self.source.place(offset)
        message = without_control(message)
        self._faults.append(LessonFault(self.source.path, place.line, place.column, message))

    def include(self, error: LessonError) -> None:
        """Note the faults of another file that this one needs."""
        self._faults += error.faults

    @property
    def faults(self) -> tuple[LessonFault, ...]:
        """All faults so far, each once, in the order of the file; then those of other files."""
        return tuple(sorted(dict.fromkeys(self._faults), key=self._order))

    def _order(self, fault: LessonFault) -> tuple[bool, Path, int, int]:
        return fault.path != self.source.path, fault.path, fault.line, fault.column

    def raise_if_any(self) -> None:
        if self._faults:
            raise LessonError(self.faults)
