"""`gd-tutor trace`: the worked arithmetic as text, or every number as JSON."""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence

from gd_tutor.cli.course import find_lesson, open_course
from gd_tutor.cli.errors import UserError
from gd_tutor.lessons import Lesson
from gd_tutor.notation.formulas import Notation
from gd_tutor.program import LEARNING_RATE
from gd_tutor.training import Change, Experiment, StateError, Training, parse_tensor
from gd_tutor.worked import trace_data, trace_text


def trace(options: Namespace) -> int:
    """Print the first iterations of a lesson."""
    lesson, state = find_lesson(open_course(options), options.lesson)
    if lesson.experiment is None:
        raise UserError(f"The lesson '{lesson.id}' only has words: there is nothing to trace.")
    training = _training(lesson.experiment, state.changes, list(map(_setting, options.set)))
    if options.json:
        print(json.dumps(trace_data(training, lesson.id, options.steps)))
        return 0
    notation = _notation(lesson, training, options.ascii)
    for line in trace_text(training, notation, options.steps):
        print(line)
    return 0


def _training(
    experiment: Experiment, made: Sequence[Change], settings: Sequence[Change]
) -> Training:
    """The run with the settings in force from its start and the changes made on its way."""
    for change in (*made, *settings):
        if change.name not in experiment.settings:
            known = ", ".join(experiment.settings)
            raise UserError(f"'{change.name}' is not a setting here; there are {known}.")
        if change.name == LEARNING_RATE and not isinstance(change.value, float):
            raise UserError("learning_rate is a single number.")
    given = {setting.name for setting in settings}
    kept = [change for change in made if change.name not in given]
    try:
        return Training(experiment.with_settings(settings), kept)
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
    """ASCII where it is asked for, or where the output cannot carry anything else."""
    try:
        "∂ηŷᵀ".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        ascii = True
    return Notation(lesson.symbols, training.program.shapes, lesson.digits, ascii)
