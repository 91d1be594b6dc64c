"""What only computing shows: answers without a number, wrong answers that are right."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from gd_tutor.lessons.fault import LessonFault
from gd_tutor.lessons.lesson import FindQuestion, Lesson, Mistake, NumberQuestion, Prediction
from gd_tutor.lessons.mistakes import given_by, one_number
from gd_tutor.lessons.tolerance import Tolerance
from gd_tutor.notation.numbers import number
from gd_tutor.program import Expression, Place, names
from gd_tutor.training import Phase, Position

if TYPE_CHECKING:  # what computes needs NumPy, which whoever only reads lessons does without
    from gd_tutor.program.compile import Values
    from gd_tutor.training import Training

Computed = Prediction | NumberQuestion | FindQuestion
Told = Iterator[tuple[Place, str]]


def computed_faults(lesson: Lesson, without: Container[str] = ()) -> tuple[LessonFault, ...]:
    """The faults of what a lesson asks, with the numbers of its own settings.

    An answer has to be a number. Each mistake has to give another, and no two of them the same; the
    wrong result that is to be found must not be right. Experiments `without` a loss are left out.
    """
    computed = [q for q in lesson.questions if isinstance(q, NumberQuestion | FindQuestion)]
    asked = [item for item in (*lesson.predictions, *computed) if item.experiment not in without]
    asked.sort(key=lambda item: item.place.line)
    return tuple(
        LessonFault(lesson.path, place.line, place.column, message)
        for place, message in _faults(lesson, asked)
    )


def _faults(lesson: Lesson, asked: Sequence[Computed]) -> Told:
    training_of = cache(lesson.training_of)
    for item in asked:
        training = training_of(item.experiment)
        if training is not None:
            yield from _faults_of(item, training)


def _faults_of(item: Computed, training: Training) -> Told:
    iteration = item.at or 0
    training.go_to(Position(iteration, Phase.UPDATE))
    if training.iteration < iteration:
        message = f"The run diverges at iteration {training.iteration}, before iteration "
        yield item.place, f"{message}{iteration}; ask for an earlier one."
        return
    values = training.values_at(Position(iteration, Phase.UPDATE))
    formula = item.by if isinstance(item, FindQuestion) else item.answer
    if not _is_finite(formula, values):
        message = f"At iteration {iteration} this is not a finite number; ask for another."
        yield item.place, message
    elif isinstance(item, FindQuestion):
        yield from _not_wrong(item, values)
    else:
        yield from _coincidences(item, training, values)


def _is_finite(formula: Expression, values: Values) -> bool:
    import numpy as np

    from gd_tutor.program.compile import evaluate

    known = all(name in values for name in names(formula))
    return known and bool(np.isfinite(evaluate(formula, values)).all())


def _not_wrong(question: FindQuestion, values: Values) -> Told:
    import numpy as np

    from gd_tutor.program.compile import evaluate

    right = values[question.wrong]
    given = np.broadcast_to(evaluate(question.by, values), np.shape(right))
    pairs = zip(np.ravel(right), np.ravel(given), strict=True)
    if all(Tolerance().accepts(float(truth), float(shown)) for truth, shown in pairs):
        shown = number(given.item()) if given.size == 1 else "the right numbers"
        message = f"This gives {shown}, which counts as right; choose a formula that is wrong here."
        yield question.place, message


def _coincidences(asked: Prediction | NumberQuestion, training: Training, values: Values) -> Told:
    """A fault for every mistake that gives the right answer, or what one before it gives."""
    tolerance = Tolerance(asked.within)
    truth = one_number(asked.answer, values)
    found: list[tuple[float, Mistake]] = []
    for mistake in asked.mistakes:
        given = given_by(mistake, asked.answer, training.program, values)
        if not math.isfinite(given):
            continue
        same = [other for value, other in found if tolerance.accepts(value, given)]
        if tolerance.accepts(truth, given):
            message = f"This mistake gives {number(given)}, which counts as the right answer."
            yield mistake.place, f"{message} Choose other numbers, or leave it out."
        elif same:
            message = f"This mistake gives {number(given)}, as the one of line {same[0].place.line}"
            yield mistake.place, f"{message} does. Choose other numbers, or leave one out."
        found.append((given, mistake))
