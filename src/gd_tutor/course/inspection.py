"""All that can be found wrong with lesson files before a learner finds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gd_tutor.course.faults import LessonError, LessonFault
from gd_tutor.course.folder import Course, duplicates, left_out, lesson_paths
from gd_tutor.course.lesson_file import name_of, read_source
from gd_tutor.engine.errors import suggestion


def check(paths: Iterable[Path]) -> tuple[LessonFault, ...]:
    """All faults and warnings of some files, and of the lessons in some folders, numbers computed.

    Raises CourseError for a folder without lessons.
    """
    found: list[LessonFault] = []
    for path in paths:
        lessons = Course(path).paths if path.is_dir() else [path]
        found += left_out(path) if path.is_dir() else ()
        found += duplicates(lessons)
        found += _same_numbers(lessons)
        for lesson in lessons:
            found += _findings(lesson)
    return tuple(found)


def _findings(path: Path) -> tuple[LessonFault, ...]:
    """What is wrong with one file, in its order."""
    from gd_tutor.course.computed import computed_faults, try_out
    from gd_tutor.course.reader import examine
    from gd_tutor.course.text_values import text_value_warnings

    if translation := [fault for fault in left_out(path.parent) if fault.path == path]:
        return tuple(translation)
    try:
        reading = examine(read_source(path))
    except LessonError as error:
        return error.faults
    report, lesson, front = reading.report, reading.lesson, reading.front
    if lesson is None or front is None or report.faults:
        return report.findings
    others = [name_of(other)[1] for other in lesson_paths(path.parent)]
    for name, id in lesson.later.items():
        if id not in others and len(others) > 1:  # a lesson alone may be written for any course
            message = f"There is no lesson '{id}' beside this one.{suggestion(id, others)}"
            report.add(front.places.key(("later", name)), message)
    broken = try_out(lesson, front)
    report.include(LessonError(computed_faults(lesson, broken)))
    report.include(LessonError(text_value_warnings(lesson, broken)))
    return report.findings


def _same_numbers(paths: Sequence[Path]) -> Iterator[LessonFault]:
    """A warning for every file that has the number of one before it."""
    first: dict[int, Path] = {}
    for path in paths:
        number, _ = name_of(path)
        if number is not None and (other := first.setdefault(number, path)) is not path:
            message = f"'{other.name}' has the number {number}, too, and is opened by it."
            yield LessonFault(path, 1, 1, f"{message} Give one file another number.", warning=True)
