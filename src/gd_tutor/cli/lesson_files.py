"""`gd-tutor check`, with `--questions` to print what lessons ask, and `new`: lesson files."""

from __future__ import annotations

import csv
import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

from gd_tutor.cli.opening import choose_here, no_terminal, open_course, prepared
from gd_tutor.cli.output import UserError
from gd_tutor.course.check import check, given_by, one_number
from gd_tutor.course.experiment_data import LARGEST_TABLE, Files
from gd_tutor.course.folder import Course, CourseError
from gd_tutor.course.lesson import (
    AnswerOption,
    Authored,
    ChoiceQuestion,
    FindQuestion,
    Lesson,
    NumberQuestion,
    Words,
)
from gd_tutor.course.lesson_file import LessonError, LessonFault, read_text, without_control
from gd_tutor.course.lesson_reader import load
from gd_tutor.course.own_lab import Lab, LabError, check_path
from gd_tutor.course.own_lab_fields import FieldFault, Fields, LabFrame, check_fields, regression
from gd_tutor.engine.state import Phase, Position
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import plain, width
from gd_tutor.questions.author_words import of_question
from gd_tutor.terminal.settings import Mode

WIDEST = 76
"""The most columns shown of a line."""
BEFORE = 40
"""The columns shown before the fault in a longer line."""


def check_files(options: Namespace) -> int:
    """Check files and folders, or the whole course; 1 where there are faults."""
    paths = [Path(path) for path in options.paths] or [open_course(options).directory]
    for path in paths:
        if not path.exists():
            raise UserError(f"There is no file or folder {path}.")
    try:
        found = check(paths)
    except CourseError as error:
        raise UserError(str(error)) from None
    status = 0 if all(fault.warning for fault in found) else 1
    if options.json:
        print(json.dumps(as_data(found), indent=2))
        return status
    for fault in found:
        for line in told(fault):
            print(line)
    if options.questions:
        print_questions(paths)
    warnings = sum(fault.warning for fault in found)
    counts = [_counted(len(found) - warnings, "fault"), _counted(warnings, "warning")]
    if found:
        print(f"{' and '.join(filter(None, counts))} found.", file=sys.stderr)
    elif not options.questions:
        print("No faults found.")
    return status


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count > 1 else ''}" if count else ""


def told(fault: LessonFault) -> Iterator[str]:
    """Place and message, then the line of the file with a mark below the place."""
    yield str(fault)
    lines = _lines(fault.path)
    line = lines[fault.line - 1] if fault.line <= len(lines) else ""
    if not line.strip():
        return
    before, after = line[: fault.column - 1].expandtabs(4), line[fault.column - 1 :]
    if width(before) > BEFORE and width(before + after) > WIDEST:
        while width(before) > BEFORE:
            before = before[max(1, (width(before) - BEFORE) // 2) :]
        before = f"…{before}"
    shown = without_control(f"{before}{after}")
    shown = shown[:WIDEST]
    while width(shown) > WIDEST:
        shown = shown[:-1]
    yield f"    {shown}"
    yield f"    {' ' * width(without_control(before))}^"


@cache
def _lines(path: Path) -> Sequence[str]:
    """The lines of a file; empty where it cannot be read, which is a fault of its own."""
    try:
        return read_text(path, LARGEST_TABLE, "a lesson").split("\n")
    except LessonError:
        return ()


def as_data(found: Sequence[LessonFault]) -> dict[str, object]:
    """The faults and warnings for other programs."""
    return {
        kind: [
            {
                "file": str(fault.path),
                "line": fault.line,
                "column": fault.column,
                "message": fault.message,
            }
            for fault in found
            if fault.warning == warning
        ]
        for kind, warning in (("faults", False), ("warnings", True))
    }


# What lessons ask, on paper, with every answer

WIDE = 78


def print_questions(paths: Iterable[Path]) -> None:
    """Print the questions of files and folders; lessons with faults are left out."""
    for path in paths:
        for file in Course(path).paths if path.is_dir() else [path]:
            try:
                lesson = load(file)
            except LessonError:
                continue
            for line in _Sheet(lesson).lines():
                print(line)


class _Sheet:
    """One lesson's questions."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.run = lru_cache(lesson.training_of)

    def lines(self) -> Iterator[str]:
        asked = [*self.lesson.predictions, *self.lesson.questions]
        if not asked:
            return
        yield f"{self.lesson.title} ({self.lesson.path})"
        for number, item in enumerate(asked, start=1):
            yield ""
            yield from self._item(number, item)
        yield ""

    def _item(self, number: int, item: Authored) -> Iterator[str]:
        at = item.at or 0
        if item.before:
            yield f"{number}. {item.id}, before {item.before}, iteration {at}"
        else:
            where = "" if isinstance(item, ChoiceQuestion) else f", iteration {at}"
            yield f"{number}. {item.id}, question{where}"
        yield from self._text(item.ask, item, at, "   ")
        match item:
            case NumberQuestion():
                yield from self._numbers(item, at or 0)
            case FindQuestion():
                yield f"   wrong: {item.wrong}"
                yield from self._text(item.say, item, at, "      ")
            case _:
                for sign, option in zip("abcdef", item.options, strict=False):
                    yield from self._option(sign, option, item, at or 0)
        for hint in item.hints:
            yield from self._text(hint, item, at, "   hint: ")

    def _option(self, sign: str, option: AnswerOption, item: Authored, at: int) -> Iterator[str]:
        mark = "*" if option.right else " "
        yield from self._text(option.text, item, at, f"  {mark}{sign}) ")
        yield from self._text(option.say, item, at, "      ")

    def _numbers(self, item: NumberQuestion, at: int) -> Iterator[str]:
        """The right number, and the number of each known mistake."""
        training = self.run(item.experiment)
        if training is None:
            return
        notation = self._notation(item)
        values = training.values_at(Position(at, Phase.UPDATE))
        yield f"  *{notation.number(one_number(item.answer, values))}"
        for mistake in item.mistakes:
            given = given_by(mistake, item.answer, training.program, values)
            yield from self._text(mistake.say, item, at, f"   {notation.number(given)}: ")

    def _notation(self, item: Authored) -> Notation:
        experiment = self.lesson.experiment_of(item.experiment)
        return experiment.notation(Notation()) if experiment else Notation()

    def _text(self, words: Words, item: Authored, at: int, before: str) -> Iterator[str]:
        """A text with its numbers filled in, one line per row."""
        run = self.run(item.experiment)
        wording = of_question(self._notation(item), run, self.lesson, item.experiment, at)
        rows = wrap(map(wording.span, words.inlines), WIDE - len(before))
        for number, row in enumerate(rows):
            yield f"{before if number == 0 else ' ' * len(before)}{plain([row])}"


# New labs


def new(options: Namespace) -> int:
    """Open the page for a new lab, or for an existing one."""
    path = Path(options.file)
    try:
        check_path(path)
        given = from_csv(path, options)
        lab = Lab.open(path, options.force, given)
    except LabError as error:
        raise UserError(str(error)) from None
    return _draw(lab, options)


def from_csv(path: Path, options: Namespace) -> Fields | None:
    """The fields of a linear regression on the requested columns; None without columns."""
    asked = (options.csv, options.columns, options.target)
    if not any(asked):
        return None
    if not all(asked):
        raise UserError(
            "--csv, --columns and --target belong together, as in "
            "--csv houses.csv --columns size,rooms --target price."
        )
    name = _beside(Path(options.csv), path)
    columns = _columns(options.columns)
    target = " ".join(options.target.split())
    _check_columns(path, name, columns, target)
    fields = regression(name, columns, target)
    checked = check_fields(path, fields, LabFrame())
    if isinstance(checked, FieldFault):
        raise UserError(checked.message)
    return fields


def _beside(file: Path, lesson: Path) -> str:
    """The CSV file's name relative to the lesson, which reads only files beside it."""
    folder = lesson.parent.resolve()
    try:
        return file.resolve().relative_to(folder).as_posix()
    except (ValueError, OSError, RuntimeError):
        raise UserError(
            f"'{file}' is not beside the lesson; copy it to {folder}, or name a lesson beside it, "
            f"as in gd-tutor new {file.parent / lesson.name}."
        ) from None


def _columns(text: str) -> list[str]:
    """The names between commas; a name with a comma is in quotes."""
    cells = next(csv.reader([" ".join(text.split())], skipinitialspace=True), [])
    columns = [" ".join(cell.split()) for cell in cells]
    if not all(columns):
        raise UserError("--columns are names with commas between them, as in size,rooms.")
    return columns


def _check_columns(path: Path, name: str, columns: Sequence[str], target: str) -> None:
    for place, column in enumerate(columns):
        if column in columns[:place]:
            raise UserError(f"'{column}' is given twice in --columns; leave one of them out.")
    if target in columns:
        raise UserError(f"'{target}' is the target; leave it out of --columns.")
    try:
        table = Files(path.parent).table(name)
    except ValueError as error:
        raise UserError(str(error)) from None
    except LessonError as error:
        raise UserError(str(error.faults[0])) from None
    for column in (*columns, target):
        if problem := table.problem(column):
            raise UserError(problem)


def _draw(lab: Lab, options: Namespace) -> int:
    """Show the page on a screen."""
    choice, settings = choose_here(options)
    instead = f"write {lab.path} with a text editor, and `gd-tutor check` checks it"
    if choice.mode is None:
        raise no_terminal("`gd-tutor new`", instead)
    if choice.mode is Mode.PLAIN:
        raise UserError(f"`gd-tutor new` needs a screen to draw on; {instead}.")
    drawing = prepared(choice, settings)
    # Textual is imported only once a screen is sure to be shown.
    from gd_tutor.tui.new_app import NewApp

    status = NewApp(lab, drawing).show()
    if lab.draft_file.exists():
        print(f"Your unsaved text is kept; `gd-tutor new {lab.path}` shows it again.")
    return status
