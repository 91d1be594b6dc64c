"""`gd-tutor new`: a lab of one's own, written in the tutor or begun from a CSV file."""

from __future__ import annotations

import csv
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gd_tutor.authoring.fields import FieldFault, Fields, Frame, check_fields, regression
from gd_tutor.cli.errors import UserError
from gd_tutor.cli.screen import choose_here, no_terminal, prepared
from gd_tutor.lessons import LessonError
from gd_tutor.lessons.data import Files
from gd_tutor.terminal import Mode

if TYPE_CHECKING:
    from gd_tutor.authoring.lab import Lab


def new(options: Namespace) -> int:
    """Open the page for a new lab, or for one that was written there before."""
    from gd_tutor.authoring.lab import Lab, LabError, check_path

    path = Path(options.file)
    try:
        check_path(path)
        given = from_csv(path, options)
        lab = Lab.open(path, options.force, given)
    except LabError as error:
        raise UserError(str(error)) from None
    return _draw(lab, options)


def from_csv(path: Path, options: Namespace) -> Fields | None:
    """The fields of a linear regression on the columns that were asked for, if any were."""
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
    checked = check_fields(path, fields, Frame())
    if isinstance(checked, FieldFault):
        raise UserError(checked.message)
    return fields


def _beside(file: Path, lesson: Path) -> str:
    """The name of the CSV file as the lesson calls it, which reads only what lies beside it."""
    folder = lesson.parent.resolve()
    try:
        return file.resolve().relative_to(folder).as_posix()
    except (ValueError, OSError, RuntimeError):
        raise UserError(
            f"'{file}' is not beside the lesson; copy it to {folder}, or name a lesson beside it, "
            f"as in gd-tutor new {file.parent / lesson.name}."
        ) from None


def _columns(text: str) -> list[str]:
    """The names between commas; one that has a comma in it stands in quotes."""
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
    """The page on a screen."""
    choice, settings = choose_here(options)
    instead = f"write {lab.path} with a text editor, and `gd-tutor check` checks it"
    if choice.mode is None:
        raise no_terminal("`gd-tutor new`", instead)
    if choice.mode is Mode.PLAIN:
        raise UserError(f"`gd-tutor new` needs a screen to draw on; {instead}.")
    drawing = prepared(choice, settings)
    # Only now, when it is sure that a screen will be shown, is Textual imported.
    from gd_tutor.tui.new_app import NewApp

    status = NewApp(lab, drawing).show()
    if lab.draft_file.exists():
        print(f"Your unsaved text is kept; `gd-tutor new {lab.path}` shows it again.")
    return status
