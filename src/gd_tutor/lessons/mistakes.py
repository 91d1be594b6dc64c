"""A lesson's own mistakes as programs, and the check that each can be told from the truth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gd_tutor.lessons.fault import LessonFault
from gd_tutor.lessons.lesson import Lesson, Mistake, Prediction
from gd_tutor.lessons.tolerance import Tolerance
from gd_tutor.notation.numbers import number
from gd_tutor.program import (
    Apply,
    Expression,
    Line,
    Name,
    Program,
    gradient_of,
    names,
)
from gd_tutor.program.algebra import stretch
from gd_tutor.training import Phase, Position

if TYPE_CHECKING:  # what computes needs NumPy, which whoever only reads lessons does without
    from gd_tutor.program.compile import Value, Values
    from gd_tutor.training import Training

_RIGHT = {"": "was", "grad": "slope", "next": "later"}


def with_formulas(
    program: Program, lines: Sequence[Line], wrong: Mapping[str, Expression]
) -> tuple[Line, ...]:
    """The lines with other formulas for some names; every name in these stands for its right value.

    They are to be computed in an environment that holds all the right values of an iteration.
    """
    assigned = {line.name for line in lines}
    kept = [
        name
        for name in dict.fromkeys(name for formula in wrong.values() for name in names(formula))
        if name in assigned
    ]
    right = {name: _right(name) for name in kept}
    replaced = []
    for line in lines:
        formula = line.expression
        if line.name in wrong:
            formula = fitted(program, wrong[line.name], program.shapes[line.name])
        replaced.append(Line(line.name, renamed(formula, right) if line.name in wrong else formula))
    return (*(Line(_right(name), Name(name)) for name in kept), *replaced)


def _right(name: str) -> str:
    space, _, bare = name.rpartition(".")
    return f"{_RIGHT[space]}.{bare}"


def renamed(formula: Expression, others: Mapping[str, str]) -> Expression:
    """The formula with other names in it."""
    match formula:
        case Name(name):
            return Name(others.get(name, name))
        case Apply(operation, arguments, axis, shape, index):
            parts = tuple(renamed(argument, others) for argument in arguments)
            return Apply(operation, parts, axis, shape, index)
    return formula


def fitted(program: Program, formula: Expression, shape: tuple[int, ...]) -> Expression:
    """The formula, stretched where its value is smaller than that shape."""
    return formula if program.shape_of(formula) == shape else stretch(formula, shape)


def backward_of(program: Program, mistake: Mistake) -> tuple[Line, ...]:
    """The backward program with the gradient that a mistake works with."""
    wrong = {gradient_of(name): formula for name, formula in mistake.gradient.items()}
    return with_formulas(program, program.backward, wrong)


def coincidences(lesson: Lesson) -> tuple[LessonFault, ...]:
    """A fault for every own mistake that gives the right answer, or what one before it gives.

    Numbers are those of the first iteration with the lesson's own settings.
    """
    asked = [prediction for prediction in lesson.predictions if prediction.mistakes]
    if lesson.experiment is None or not asked:
        return ()
    from gd_tutor.training.training import Training

    training = Training(lesson.experiment)
    values = training.values_at(Position(0, Phase.UPDATE))
    if not all(line.name in values for line in training.program.update):
        return ()
    return tuple(
        LessonFault(lesson.path, mistake.place.line, mistake.place.column, message)
        for prediction in asked
        for mistake, message in _coincidences(prediction, training, values)
    )


def _coincidences(
    prediction: Prediction, training: Training, values: Values
) -> Iterator[tuple[Mistake, str]]:
    tolerance = Tolerance(prediction.within)
    truth = one_number(prediction.answer, values)
    found: list[tuple[float, Mistake]] = []
    for mistake in prediction.mistakes:
        given = given_by(mistake, prediction, training.program, values)
        if not math.isfinite(given):
            continue
        same = [other for value, other in found if tolerance.accepts(value, given)]
        if tolerance.accepts(truth, given):
            message = f"This mistake gives {number(given)}, which counts as the right answer."
            yield mistake, f"{message} Choose other numbers, or leave it out."
        elif same:
            message = f"This mistake gives {number(given)}, as the one of line {same[0].place.line}"
            yield mistake, f"{message} does. Choose other numbers, or leave one out."
        found.append((given, mistake))


def given_by(mistake: Mistake, prediction: Prediction, program: Program, values: Values) -> float:
    """What someone who errs so would answer, in an environment with a whole iteration's values."""
    from gd_tutor.program.compile import compile_lines

    if mistake.answer is not None:
        return one_number(mistake.answer, values)
    wrong = values | compile_lines(backward_of(program, mistake), program.shapes)(values)
    return one_number(prediction.answer, wrong | program.compute_update(wrong))


def one_number(formula: Expression, values: Mapping[str, Value]) -> float:
    """The number that a formula for an answer stands for."""
    from gd_tutor.program.compile import evaluate

    value = evaluate(formula, values)
    return float(value.item())
