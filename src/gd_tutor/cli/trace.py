"""`gd-tutor trace` and `gd-tutor export`: a run with `--steps` and `--set`, without a screen."""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from gd_tutor.cli.opening import find_lesson, open_course
from gd_tutor.cli.output import UserError, carries_signs
from gd_tutor.course.lesson import Lesson
from gd_tutor.engine.experiment import Change, Experiment
from gd_tutor.engine.state import State, StateError, check_changes, parse_tensor
from gd_tutor.engine.training import Training
from gd_tutor.export.exported_run import ExportError
from gd_tutor.export.formats import export
from gd_tutor.export.transcript import trace_data, trace_text
from gd_tutor.files import FileRefused, write_text
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import on_screen


def trace(options: Namespace) -> int:
    """Print the first iterations of a lesson."""
    lesson, training = open_training(options)
    if options.steps > training.last.iteration:
        raise UserError(
            f"A run here has room for {training.last.iteration:,} iterations; ask for fewer."
        )
    if options.json:
        print(json.dumps(trace_data(training, lesson.id, options.steps)))
        return 0
    notation = _notation(lesson, training, options.ascii or not carries_signs())
    for line in trace_text(training, notation, options.steps):
        print(line)
    return 0


def open_training(options: Namespace) -> tuple[Lesson, Training]:
    """The named lesson, and its run with the settings of its state line and of `--set`."""
    lesson, state = find_lesson(open_course(options), options.lesson)
    if lesson.experiment is None:
        raise UserError(
            f"The lesson '{lesson.id}' only has words: there is nothing to {options.command}."
        )
    choices = dict(state.choices)
    part = lesson.experiment_for(choices)
    if part is None:
        known = ", ".join(experiment.id for experiment in lesson.experiments)
        raise UserError(
            f"'{choices['experiment']}' is no experiment of '{lesson.id}'; there are {known}."
        )
    return lesson, _training(part.experiment, state, list(map(_setting, options.set)))


def _training(experiment: Experiment, state: State, settings: Sequence[Change]) -> Training:
    """The run with settings in force from its start, and the state's changes and choices."""
    try:
        check_changes((*state.changes, *settings), experiment)
    except StateError as error:
        raise UserError(str(error)) from None
    given = {setting.name for setting in settings}
    kept = [change for change in state.changes if change.name not in given]
    try:
        choices = dict(state.choices)
        return Training(experiment.with_settings(settings), kept, choices=choices)
    except ValueError as error:
        raise UserError(f"These settings do not fit the lesson: {error}") from None


def _setting(text: str) -> Change:
    name, sign, value = text.partition("=")
    if not sign:
        raise UserError(f"'{text}' is not a setting; write NAME=JSON, as in --set x=3.")
    try:
        return Change(name.strip(), parse_tensor(value))
    except StateError as error:
        raise UserError(f"In --set {name}: {error}") from None


def _notation(lesson: Lesson, training: Training, ascii: bool) -> Notation:
    part = lesson.experiment_for(training.choices)
    assert part is not None
    return part.notation(Notation(dialect=on_screen(ascii)), training.program)


def export_run(options: Namespace) -> int:
    """Write the first iterations of a lesson in the requested format."""
    lesson, training = open_training(options)
    try:
        ascii = options.ascii or (options.output is None and not carries_signs())
        text = export(training, lesson, options.to, options.steps, ascii)
        if options.output is None:
            sys.stdout.write(text)
        else:
            write_text(Path(options.output), text, options.force)
    except (ExportError, FileRefused) as error:
        raise UserError(str(error)) from None
    return 0
