"""A course: a folder of lesson files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from gd_tutor.course.lesson import Lesson
from gd_tutor.course.lesson_file import (
    LessonError,
    LessonFault,
    Report,
    check_name,
    name_of,
    read_source,
    split,
)
from gd_tutor.course.toml import read_toml
from gd_tutor.engine.errors import suggestion

REPORT = "<!-- A run of gd-tutor -->\n"
"""The first line of a report, hidden by Markdown, which tells it from a lesson."""

_TRANSLATION = re.compile(r".+\.[a-z]{2,3}([-_][A-Za-z]{2,4})?")


class CourseError(LookupError):
    """A course or a lesson of it cannot be found; the message says so in one sentence."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A lesson in the list of its course; `fault` is the first fault of its file."""

    id: str
    number: int | None
    title: str
    summary: str
    path: Path
    fault: str | None = None
    lab: bool = False


class Course:
    """The lessons of a folder, numbered ones first. Raises CourseError if there are none."""

    def __init__(self, directory: Path, only: Path | None = None) -> None:
        self.directory = directory
        if not directory.is_dir():
            raise CourseError(f"There is no folder {directory}.")
        self.paths = [only] if only else lesson_paths(directory)
        if not self.paths:
            others = [fault.message for fault in left_out(directory)]
            why = others[0] if others else "A lesson is a file NAME.md."
            raise CourseError(f"There is no lesson in {directory}. {why}")
        self._read: dict[Path, Entry] = {}

    @classmethod
    def of_file(cls, path: Path) -> Course:
        """A course of one lesson, in the file's folder. Raises CourseError."""
        if not path.is_file():
            raise CourseError(f"There is no file {path}.")
        if faults := [fault for fault in left_out(path.parent) if fault.path == path]:
            raise CourseError(faults[0].message)
        return cls(path.parent, path)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All lessons; only the front matter of each is read and checked."""
        return tuple(map(self._entry, self.paths))

    def _entry(self, path: Path) -> Entry:
        entry = self._read.get(path)
        if entry is None:
            entry = read_entry(path)
            twice = [fault.message for fault in duplicates(self.paths) if fault.path == path]
            entry = self._read[path] = replace(entry, fault=twice[0]) if twice else entry
        return entry

    def find(self, name: str) -> Entry:
        """The lesson with an id or a number ('3' or '03'). Raises CourseError.

        No other lesson is read: both are in the file's name.
        """
        wanted = int(name) if re.fullmatch(r"[0-9]{1,9}", name) else None
        names = list(map(name_of, self.paths))
        for path, (number, id) in zip(self.paths, names, strict=True):
            if id == name or (number is not None and number == wanted):
                return self._entry(path)
        hint = suggestion(name, [id for _, id in names])
        raise CourseError(f"There is no lesson '{name}'.{hint}")

    def numbered(self, number: int) -> Entry | None:
        """The lesson with a number, if there is one."""
        return next((entry for entry in self.entries if entry.number == number), None)

    @property
    def concepts(self) -> int:
        """The number of numbered lessons in the course, without labs."""
        return sum(entry.number is not None and not entry.lab for entry in self.entries)

    def position(self, id: str) -> int | None:
        """The position of a lesson among the concepts, from 1; None for a lab or without number."""
        concepts = [
            entry.id for entry in self.entries if entry.number is not None and not entry.lab
        ]
        return concepts.index(id) + 1 if id in concepts else None

    def place(self, id: str) -> int:
        """The index of a lesson in the list; 0 if the course does not have it."""
        return next((place for place, entry in enumerate(self.entries) if entry.id == id), 0)

    def neighbour(self, id: str, step: int) -> Entry | None:
        """The lesson `step` places after another (before, if negative), or None."""
        place = self.place(id) + step
        return self.entries[place] if 0 <= place < len(self.entries) else None

    def load(self, entry: Entry) -> Lesson:
        """The whole lesson. Raises LessonError with all faults of its file."""
        # The list of lessons is there before any of them is read.
        from gd_tutor.course.lesson_reader import load

        for fault in duplicates(self.paths):
            if fault.path == entry.path:
                raise LessonError([fault])
        return load(entry.path)


def course_directory() -> Path:
    """The folder of the lessons that come with gd-tutor. Raises CourseError if missing."""
    package = Path(__file__).parent.parent
    # In a wheel the lessons are in the package; in a clone they are beside `src`.
    for folder in (package / "lessons", package.parent.parent / "lessons"):
        if any(folder.glob("*.md")):
            return folder
    raise CourseError("The lessons of gd-tutor are missing; install it again.")


def lesson_paths(directory: Path) -> list[Path]:
    """The lessons among the files of a folder, in their order. Raises CourseError."""
    return sorted(filter(is_lesson, _files(directory)), key=_order)


def is_lesson(path: Path) -> bool:
    """Whether a file of a course's folder is a lesson.

    A README, a translation and a report of a run are none.
    """
    if path.suffix != ".md" or path.name.startswith(".") or path.stem.lower() == "readme":
        return False
    return not (_TRANSLATION.fullmatch(path.stem) or is_report(path))


def is_report(path: Path) -> bool:
    """Whether a file says in its first line that it is a report of a run."""
    try:
        with path.open("rb") as file:
            return file.read(len(REPORT)) == REPORT.encode()
    except OSError:
        return False


def left_out(directory: Path) -> tuple[LessonFault, ...]:
    """A warning for every file that could be mistaken for a lesson. Raises CourseError."""
    translations = (
        path
        for path in _files(directory)
        if path.suffix == ".md" and _TRANSLATION.fullmatch(path.stem)
    )
    return tuple(
        LessonFault(path, 1, 1, _left_out(path), warning=True) for path in sorted(translations)
    )


def _left_out(path: Path) -> str:
    stem, _, language = path.stem.rpartition(".")
    return (
        f"'{path.name}' is left out: .{language}.md marks a translation, and translations cannot "
        f"be shown yet. As a lesson of its own name it {stem}-{language}.md."
    )


def read_entry(path: Path) -> Entry:
    """The entry of a file in the list of lessons."""
    number, id = name_of(path)
    try:
        report = Report(read_source(path))
    except LessonError as error:
        return Entry(id, number, id, "", path, error.faults[0].message)
    check_name(report)
    parts = split(report.source, report)
    table = read_toml(parts[0], report, "the front matter") if parts else None
    title = table.line("title", required='title = "…"') if table else ""
    summary = table.line("summary") if table else ""
    lab = bool(table.flag("lab")) if table else False
    fault = report.faults[0].message if report.faults else None
    return Entry(id, number, title or id, summary, path, fault, lab)


def duplicates(paths: Iterable[Path]) -> tuple[LessonFault, ...]:
    """A fault for every file with the id of an earlier one."""
    first: dict[str, Path] = {}
    faults = []
    for path in paths:
        _, id = name_of(path)
        other = first.setdefault(id, path)
        if other is not path:
            message = f"'{other.name}' has the id '{id}', too; give one file another name."
            faults.append(LessonFault(path, 1, 1, message))
    return tuple(faults)


def _files(directory: Path) -> list[Path]:
    try:
        return [path for path in directory.iterdir() if path.is_file()]
    except OSError as error:
        raise CourseError(f"The folder {directory} cannot be read: {error.strerror}.") from None


def _order(path: Path) -> tuple[bool, int, str]:
    number, id = name_of(path)
    return number is None, number or 0, id
