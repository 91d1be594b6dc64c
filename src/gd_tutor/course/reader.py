"""A lesson file to a Lesson, or all that is wrong with it."""

from dataclasses import dataclass
from pathlib import Path

from gd_tutor.course.faults import Excerpt, Report, Source
from gd_tutor.course.front_matter import read_front_matter
from gd_tutor.course.lesson import Lesson
from gd_tutor.course.lesson_file import check_characters, check_name, name_of, read_source, split
from gd_tutor.course.lesson_formulas import Scopes
from gd_tutor.course.prose import read_prose
from gd_tutor.course.toml import Table, read_toml


def load(path: Path) -> Lesson:
    """Read a lesson file. Raises LessonError with all the faults of the file at once.

    Nothing in the file is executed; its formulas are checked by their shapes, not computed.
    """
    return read(read_source(path))


def read(source: Source) -> Lesson:
    """The same of a text that need not be saved; what lies beside its path is read."""
    reading = examine(source)
    reading.report.raise_if_any()
    assert reading.lesson is not None
    return reading.lesson


@dataclass(frozen=True)
class Reading:
    """What was found in a file: the lesson, unless its faults hide it, and its top part."""

    report: Report
    front: Table | None
    lesson: Lesson | None


def examine(source: Source) -> Reading:
    """The same with warnings, and as much as can be read where there are faults."""
    report = Report(source)
    check_name(report)
    parts = split(report.source, report)
    if parts is None:
        return Reading(report, None, None)
    front, body = parts
    table = read_toml(front, report, "the front matter")
    return Reading(report, table, _read(table, body, report))


def _read(table: Table | None, body: Excerpt, report: Report) -> Lesson | None:
    head = read_front_matter(table) if table else None
    scopes = Scopes(report, head.known if head else None)
    check_characters(body, report)
    prose = read_prose(body, head.title if head else "", scopes, report)
    if head is None:
        return None
    number, id = name_of(report.source.path)
    return Lesson(
        id=id,
        number=number,
        title=head.title,
        summary=head.summary,
        path=report.source.path,
        experiments=head.experiments,
        later=head.later,
        invite=head.invite,
        lab=head.lab,
        sections=prose.sections,
        predictions=prose.predictions,
        choice_predictions=prose.choice_predictions,
        questions=prose.questions,
    )
