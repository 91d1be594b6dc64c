"""Conventions that textbooks differ in: what the loss averages, and which way a residual points.

They rewrite forward lines; names and shapes stay. Where a program has not the form that a
convention is about, asking for it raises ChoiceError.
"""

from collections.abc import Sequence

from gd_tutor.engine.algebra import multiply
from gd_tutor.engine.errors import ChoiceError
from gd_tutor.engine.expression import (
    Apply,
    Expression,
    Line,
    Lines,
    Name,
    Number,
    leading_to,
    names,
    with_formula,
)

AVERAGES = ("mean", "half", "sum", "whole")
RESIDUALS = ("usual", "reversed")

HALF = Number(0.5)


def average_of(forward: Sequence[Line]) -> str | None:
    """How a loss is averaged: `mean`, `half` (of the mean), `sum`, or `whole` (one square)."""
    return _parts(forward)[0]


def averaged(forward: Lines, average: str) -> Lines:
    """The program with its loss averaged in another way."""
    own, kernel = _parts(forward)
    if own == average:
        return forward
    over_samples = own is not None and isinstance(kernel, Apply) and kernel.operation == "mean"
    match average:
        case "mean" | "sum" if over_samples:
            formula: Expression = Apply(average, kernel.arguments)
        case "half" if own is not None and _is_square(kernel.arguments[0], forward):
            formula = multiply(HALF, kernel)
        case "half" if own == "whole":
            formula = multiply(HALF, kernel)
        case "whole" if own == "half" and not over_samples:
            formula = kernel
        case _:
            raise ChoiceError(f"This loss has no form that '{average}' could change.")
    return with_formula(forward, forward[-1].name, formula)


def summed(forward: Lines) -> Lines:
    """The program with the sum of its samples in the place of their mean, a half kept."""
    own, kernel = _parts(forward)
    if own not in ("mean", "half") or kernel.operation != "mean":
        raise ChoiceError("This loss is not a mean over samples.")
    total = Apply("sum", kernel.arguments)
    formula = multiply(HALF, total) if own == "half" else total
    return with_formula(forward, forward[-1].name, formula)


def _parts(forward: Sequence[Line]) -> tuple[str | None, Apply]:
    """The convention of a loss, and the mean of all its samples, or the one square, in it."""
    loss = forward[-1].expression
    halved = False
    match loss:
        case Apply("multiply", (Number(0.5), inner)) | Apply("divide", (inner, Number(2.0))):
            loss, halved = inner, True
    match loss:
        case Apply("mean", axis=None):
            return "half" if halved else "mean", loss
        case Apply("sum", (samples,), axis=None) if not halved:
            return "sum", Apply("mean", (samples,))
        case Apply() if _is_square(loss, forward):
            return "half" if halved else "whole", loss
    return None, Apply("mean", (loss,))


def _is_square(formula: Expression, forward: Sequence[Line]) -> bool:
    """Whether a value is a square, or a sum of squares; a half is put before no other loss."""
    match formula:
        case Apply("power", (_, Number(2.0))):
            return True
        case Apply("multiply", (left, right)):
            return left == right
        case Apply("add", parts):
            return all(_is_square(part, forward) for part in parts)
        case Name(name):
            own = [line.expression for line in forward if line.name == name]
            return bool(own) and _is_square(own[0], forward)
    return False


def reversed_residuals(forward: Lines) -> Lines:
    """The program with every difference turned round whose sign the loss does not see."""
    needed = leading_to(forward, [forward[-1].name])
    turned = forward
    for line in needed:
        match line.expression:
            case Apply("subtract", (left, right)) if _enters_evenly(line.name, forward):
                turned = with_formula(turned, line.name, Apply("subtract", (right, left)))
    if turned == forward:
        raise ChoiceError("This program has no residual that could be turned round.")
    return turned


def _enters_evenly(name: str, forward: Sequence[Line]) -> bool:
    """Whether a value is only ever squared, or taken without its sign."""
    uses = [line.expression for line in forward if name in names(line.expression)]
    return bool(uses) and all(_is_even(use, name) for use in uses)


def _is_even(formula: Expression, name: str) -> bool:
    match formula:
        case Name(found):
            return found != name
        case Number():
            return True
        case Apply("power", (Name(base), Number(exponent))) if base == name:
            return exponent % 2 == 0
        case Apply("abs", (Name(inner),)) if inner == name:
            return True
        case Apply("multiply", (Name(left), Name(right))) if left == right == name:
            return True
    return all(_is_even(argument, name) for argument in formula.arguments)
