"""Formulas with one part of them changed, always so that their shapes still fit."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gd_tutor.learning.misconceptions import Misconception
from gd_tutor.lessons.mistakes import fitted
from gd_tutor.program import Apply, Expression, Program, ShapeError
from gd_tutor.program.shapes import stretched


@dataclass(frozen=True)
class Slip:
    """A formula in place of a right one, and the misconception that it comes from.

    `about` are the formulas that the misconception's words speak of.
    """

    misconception: Misconception
    about: tuple[Expression, ...]
    wrong: Expression


Alternatives = Callable[[Expression], Iterable[Slip]]
"""What a learner may write in the place of one part of a formula."""


def variants(program: Program, formula: Expression, alternatives: Alternatives) -> Iterator[Slip]:
    """The formula with one part of it changed, in every way that keeps the part's shape."""
    for slip in alternatives(formula):
        wrong = refitted(program, slip.wrong, formula)
        if wrong is not None:
            yield Slip(slip.misconception, slip.about, wrong)
    if not isinstance(formula, Apply):
        return
    for place, argument in enumerate(formula.arguments):
        for slip in variants(program, argument, alternatives):
            arguments = (*formula.arguments[:place], slip.wrong, *formula.arguments[place + 1 :])
            yield Slip(slip.misconception, slip.about, with_arguments(formula, arguments))


def refitted(program: Program, wrong: Expression, right: Expression) -> Expression | None:
    """A formula in the shape of another; None where it does not fit."""
    shape = program.shape_of(right)
    try:
        if stretched(program.shape_of(wrong), shape) != shape:
            return None
    except (ShapeError, KeyError):
        return None
    return fitted(program, wrong, shape)


def with_arguments(formula: Apply, arguments: Iterable[Expression]) -> Apply:
    """The same operation of other arguments."""
    return Apply(formula.operation, tuple(arguments), formula.axis, formula.shape, formula.index)


def everywhere(formula: Expression, change: Callable[[Apply], Expression]) -> Expression:
    """The formula with every operation of it changed, from the inside out."""
    if not isinstance(formula, Apply):
        return formula
    parts = (everywhere(argument, change) for argument in formula.arguments)
    return change(with_arguments(formula, parts))
