"""Conventions that textbooks differ in: how the loss is averaged, and the sign of a residual.

Each rewrites forward lines; names and shapes stay. `CONVENTIONS` holds their words and their
mathematics, which raises ChoiceError for a program to which the convention does not apply.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gd_tutor.engine.errors import ChoiceError
from gd_tutor.engine.expression import (
    Apply,
    Expression,
    Line,
    Lines,
    Name,
    Number,
    leading_to,
    multiply,
    names,
    with_formula,
)

HALF = Number(0.5)


@dataclass(frozen=True, slots=True)
class Convention:
    """A convention: its title, a sentence on what it changes, and how it rewrites forward lines.

    `of_several`: it changes nothing when the loss is of a single sample.
    """

    title: str
    says: str
    rewrite: Callable[[Lines], Lines]
    of_several: bool = False


@dataclass(frozen=True, slots=True)
class Averaged:
    """How a loss is averaged (None: unknown), and the mean or the single square in it.

    `is_of_squares`: it is a square or a mean of squares.
    """

    average: str | None
    kernel: Apply
    is_of_squares: bool

    @property
    def is_over_samples(self) -> bool:
        return self.average is not None and self.kernel.operation == "mean"


def conventional(forward: Lines, choices: Mapping[str, str]) -> Lines:
    """The forward lines under the chosen conventions; other choices are ignored."""
    for kind, known in CONVENTIONS.items():
        if kind in choices:
            forward = known[choices[kind]].rewrite(forward)
    return forward


def average_of(forward: Sequence[Line]) -> str | None:
    """How a loss is averaged: `mean`, `half` (of the mean), `sum` or `whole` (a single square)."""
    return _parts(forward)[0]


def _average(
    name: str, formula: Callable[[Averaged], Expression | None]
) -> Callable[[Lines], Lines]:
    """The rewriting that averages a loss by this formula, if it gives one."""

    def rewrite(forward: Lines) -> Lines:
        average, kernel = _parts(forward)
        if average == name:
            return forward
        squares = average is not None and _is_square(kernel.arguments[0], forward)
        found = formula(Averaged(average, kernel, squares or average == "whole"))
        if found is None:
            raise ChoiceError(f"This loss has no form that '{name}' could change.")
        return with_formula(forward, forward[-1].name, found)

    return rewrite


def summed(forward: Lines) -> Lines:
    """The forward lines with the sum over samples instead of the mean; a factor ½ is kept."""
    own, kernel = _parts(forward)
    if own not in ("mean", "half") or kernel.operation != "mean":
        raise ChoiceError("This loss is not a mean over samples.")
    total = Apply("sum", kernel.arguments)
    formula = multiply(HALF, total) if own == "half" else total
    return with_formula(forward, forward[-1].name, formula)


def _parts(forward: Sequence[Line]) -> tuple[str | None, Apply]:
    """The convention of a loss, and the mean over samples or the single square in it."""
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
    """Whether a value is a square or a sum of squares: only these losses may take a factor ½."""
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
    """The forward lines with every difference reversed whose sign does not affect the loss."""
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
    """Whether a value is only ever raised to an even power or used as an absolute value."""
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


CONVENTIONS: Mapping[str, Mapping[str, Convention]] = {
    "average": {
        "mean": Convention(
            "mean",
            "The loss is the mean over the samples: "
            "neither it nor the slopes grow with their number.",
            _average(
                "mean",
                lambda loss: Apply("mean", loss.kernel.arguments) if loss.is_over_samples else None,
            ),
        ),
        "half": Convention(
            "half",
            "The loss and every slope are half as large, and the 2 of the square goes away; "
            "the minimum stays, and twice the learning rate takes the same steps.",
            _average(
                "half",
                lambda loss: multiply(HALF, loss.kernel) if loss.is_of_squares else None,
            ),
        ),
        "sum": Convention(
            "sum",
            "The loss and every slope are n times as large; "
            "the minimum stays, and an nth of the learning rate takes the same steps.",
            _average(
                "sum",
                lambda loss: Apply("sum", loss.kernel.arguments) if loss.is_over_samples else None,
            ),
            of_several=True,
        ),
        "whole": Convention(
            "whole",
            "The loss is the square itself, and its slope has a 2.",
            _average(
                "whole",
                lambda loss: (
                    loss.kernel if loss.average == "half" and not loss.is_over_samples else None
                ),
            ),
        ),
    },
    "residual": {
        "usual": Convention(
            "as in the lesson",
            "The residual points the way the lesson has it.",
            lambda forward: forward,
        ),
        "reversed": Convention(
            "reversed",
            "The residual and its slope change their signs; "
            "the loss and the slopes of the parameters stay.",
            reversed_residuals,
        ),
    },
}
"""All conventions, by kind of choice and value; kinds are applied in this order."""
