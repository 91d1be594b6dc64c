"""A lesson file to a Lesson, or all that is wrong with it."""

from pathlib import Path

from gd_tutor.lessons.fault import Report
from gd_tutor.lessons.file import check_characters, check_name, name_of, read_source, split
from gd_tutor.lessons.front_matter import read_front_matter
from gd_tutor.lessons.lesson import Lesson
from gd_tutor.lessons.prose import read_prose
from gd_tutor.lessons.scopes import Scopes
from gd_tutor.lessons.source import Excerpt, Source
from gd_tutor.lessons.toml import read_toml


def load(path: Path) -> Lesson:
    """Read a lesson file. Raises LessonError with all the faults of the file at once.

    Nothing in the file is executed; its formulas are checked by their shapes, not computed.
    """
    return read(read_source(path))


def read(source: Source) -> Lesson:
    """The same of a text that need not be saved; what lies beside its path is read."""
    report = Report(source)
    check_name(report)
    parts = split(report.source, report)
    lesson = _read(*parts, report) if parts else None
    report.raise_if_any()
    assert lesson is not None
    return lesson


def _read(front: Excerpt, body: Excerpt, report: Report) -> Lesson | None:
    table = read_toml(front, report, "the front matter")
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
