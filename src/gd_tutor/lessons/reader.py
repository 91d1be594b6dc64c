"""A lesson file to a Lesson, or all that is wrong with it."""

from pathlib import Path

from gd_tutor.lessons.fault import Report
from gd_tutor.lessons.file import check_characters, check_name, name_of, read_source, split
from gd_tutor.lessons.formulas import Formulas
from gd_tutor.lessons.front_matter import read_front_matter
from gd_tutor.lessons.lesson import Lesson
from gd_tutor.lessons.prose import read_prose
from gd_tutor.lessons.source import Excerpt
from gd_tutor.lessons.toml import read_toml


def load(path: Path) -> Lesson:
    """Read a lesson file. Raises LessonError with all the faults of the file at once.

    Nothing in the file is executed; its formulas are checked by their shapes, not computed.
    """
    report = Report(read_source(path))
    check_name(report)
    parts = split(report.source, report)
    lesson = _read(*parts, report) if parts else None
    report.raise_if_any()
    assert lesson is not None
    return lesson


def _read(front: Excerpt, body: Excerpt, report: Report) -> Lesson | None:
    table = read_toml(front, report, "the front matter")
    head = read_front_matter(table) if table else None
    program = head.experiment.program if head and head.experiment else None
    formulas = Formulas(report, program, experiment=table is None or "experiment" in table)
    check_characters(body, report)
    sections, predictions = read_prose(body, head.title if head else "", formulas, report)
    if head is None:
        return None
    number, id = name_of(report.source.path)
    return Lesson(
        id=id,
        number=number,
        title=head.title,
        summary=head.summary,
        path=report.source.path,
        experiment=head.experiment,
        symbols=head.symbols,
        digits=head.digits,
        later=head.later,
        views=head.views,
        sections=sections,
        predictions=predictions,
    )
