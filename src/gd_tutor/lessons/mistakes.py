"""A lesson's own mistakes as programs, and the numbers that they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gd_tutor.lessons.lesson import Mistake
from gd_tutor.program import Expression, Line, Name, Program, gradient_of, names
from gd_tutor.program.algebra import stretch
from gd_tutor.program.rewriting import renamed

if TYPE_CHECKING:  # what computes needs NumPy, which whoever only reads lessons does without
    from gd_tutor.program.compile import Value, Values

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


def fitted(program: Program, formula: Expression, shape: tuple[int, ...]) -> Expression:
    """The formula, stretched where its value is smaller than that shape."""
    return formula if program.shape_of(formula) == shape else stretch(formula, shape)


def backward_of(program: Program, mistake: Mistake) -> tuple[Line, ...]:
    """The backward program with the gradient that a mistake works with."""
    wrong = {gradient_of(name): formula for name, formula in mistake.gradient.items()}
    return with_formulas(program, program.backward, wrong)


def given_by(mistake: Mistake, answer: Expression, program: Program, values: Values) -> float:
    """What someone who errs so would answer, in an environment with a whole iteration's values."""
    from gd_tutor.program.compile import compile_lines

    if mistake.answer is not None:
        return one_number(mistake.answer, values)
    wrong = values | compile_lines(backward_of(program, mistake), program.shapes)(values)
    return one_number(answer, wrong | program.compute_update(wrong))


def one_number(formula: Expression, values: Mapping[str, Value]) -> float:
    """The number that a formula for an answer stands for."""
    from gd_tutor.program.compile import evaluate

    value = evaluate(formula, values)
    return float(value.item())
