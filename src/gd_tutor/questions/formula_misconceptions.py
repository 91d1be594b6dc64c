"""Misconceptions in computing a formula: sums, products, powers, functions, matrices, means."""

from collections.abc import Iterator

from gd_tutor.engine.expression import (
    Apply,
    Expression,
    Name,
    Number,
    apply,
    multiply,
    negate,
    power,
)
from gd_tutor.engine.operations import FUNCTIONS
from gd_tutor.engine.program import LOSS, Program
from gd_tutor.questions.wrong_rule import Alternatives, Misconception, Slip, Specificity


def forward_slips(program: Program) -> Alternatives:
    """Slips in computing a value."""

    def alternatives(node: Expression) -> Iterator[Slip]:
        if not isinstance(node, Apply):
            return
        yield from sums(node)
        yield from _differences(node)
        yield from products(program, node)
        yield from quotients(node)
        yield from _powers(node)
        yield from _reductions(program, node)
        yield from functions(node)

    return alternatives


# Sums and products


LEFT_OUT = Misconception(
    "left-out",
    "The term {0} is left out.",
    "the term {0} left out",
    Specificity.RARE,
)
TAKEN_AWAY = Misconception(
    "taken-away",
    "There {0} is taken away; it has to be added.",
    "{0} taken away",
    Specificity.RARE,
)
ADDED = Misconception(
    "added", "There {0} is added; it has to be taken away.", "{0} added instead of taken away"
)


def sums(node: Apply) -> Iterator[Slip]:
    """Slips in adding and subtracting."""
    match node:
        case Apply("add", (left, right)):
            yield Slip(LEFT_OUT, (left,), right)
            yield Slip(LEFT_OUT, (right,), left)
            yield Slip(TAKEN_AWAY, (right,), apply("subtract", left, right))
        case Apply("subtract", (left, right)):
            yield Slip(LEFT_OUT, (left,), negate(right))
            yield Slip(LEFT_OUT, (right,), left)
            yield Slip(ADDED, (right,), apply("add", left, right))


TURNED_ROUND = Misconception(
    "turned-round",
    "Left and right of the minus have changed places: that is {1} minus {0}.",
    "{1} minus {0}",
)
MINUS_LOST = Misconception(
    "minus-lost", "The minus before {0} is lost.", "the minus before {0} lost"
)


def _differences(node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("subtract", (left, right)):
            yield Slip(TURNED_ROUND, (left, right), apply("subtract", right, left))
        case Apply("negate", (operand,)):
            yield Slip(MINUS_LOST, (operand,), operand)


FACTOR_LOST = Misconception(
    "factor-lost", "A constant factor was lost on the way: the {0}.", "the constant {0} lost"
)
FACTOR_LEFT_OUT = Misconception(
    "factor-left-out", "The factor {0} is left out.", "the factor {0} left out"
)
ADDED_FOR_TIMES = Misconception(
    "added-for-times",
    "There {0} and {1} are added; they have to be multiplied.",
    "{0} and {1} added",
    Specificity.RARE,
)


def products(program: Program, node: Apply) -> Iterator[Slip]:
    """Slips in multiplying, squares and matrices included."""
    match node:
        case Apply("multiply", (Number(value) as constant, factor)):
            lost = factor if value > 0 else negate(factor)
            yield Slip(FACTOR_LOST, (Number(abs(value)),), lost)
            yield Slip(FACTOR_LEFT_OUT, (factor,), constant)
        case Apply("multiply", (left, right)) if left == right:
            yield from _squares(left, 2.0)
            if len(program.shape_of(left)) == 2:
                yield _matrix_product(left, right)
        case Apply("multiply", (left, right)):
            yield Slip(FACTOR_LEFT_OUT, (right,), left)
            yield Slip(FACTOR_LEFT_OUT, (left,), right)
            yield Slip(ADDED_FOR_TIMES, (left, right), apply("add", left, right))
            if len(program.shape_of(left)) == len(program.shape_of(right)) == 2:
                yield _matrix_product(left, right)
        case Apply("matmul", (left, right)):
            yield from _matrix_slips(left, right)


NOT_DIVIDED = Misconception("not-divided", "The division by {0} is left out.", "no division by {0}")
UPSIDE_DOWN = Misconception(
    "upside-down",
    "Above and below have changed places: that is {1} divided by {0}.",
    "{1} divided by {0}",
)


def quotients(node: Apply) -> Iterator[Slip]:
    """Slips in dividing."""
    match node:
        case Apply("divide", (_, Apply("count"))):
            return  # a division by n is treated for the whole program
        case Apply("divide", (above, below)):
            yield Slip(NOT_DIVIDED, (below,), above)
            yield Slip(UPSIDE_DOWN, (above, below), apply("divide", below, above))


# Powers and functions


def _powers(node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("power", (base, Number(exponent))):
            yield from _squares(base, exponent)


DOUBLED = Misconception(
    "doubled", "That doubles {0}; a square is the number times itself.", "{0} doubled"
)
NOT_SQUARED = Misconception("not-squared", "There {0} is not squared yet.", "{0} not squared")
SIGN_KEPT = Misconception(
    "sign-kept", "A square is never negative: minus times minus is plus.", "a negative square"
)
NOT_RAISED = Misconception(
    "not-raised", "There {0} is not raised to its power.", "{0} not raised to its power"
)
TIMES_EXPONENT = Misconception(
    "times-exponent",
    "There {0} is multiplied with the exponent; the exponent counts the factors.",
    "{0} times the exponent",
)


def _squares(base: Expression, exponent: float) -> Iterator[Slip]:
    """Slips in raising to a power; `E * E` counts as a square."""
    if exponent == 2.0:
        yield Slip(DOUBLED, (base,), multiply(Number(2.0), base))
        yield Slip(NOT_SQUARED, (base,), base)
        yield Slip(SIGN_KEPT, (), negate(power(base, 2.0)))
    else:
        yield Slip(NOT_RAISED, (base,), base)
        yield Slip(TIMES_EXPONENT, (base,), multiply(Number(exponent), base))


def function_left_out(function: str) -> Misconception:
    """A function left out: its argument is given instead."""
    return Misconception(
        "function-left-out", f"There {function} is left out.", f"{function} left out"
    )


def functions(node: Apply) -> Iterator[Slip]:
    """A function left out."""
    if node.operation in FUNCTIONS and node.operation not in ("sum", "mean"):
        for argument in node.arguments:
            yield Slip(function_left_out(node.operation), (), argument)


# Matrices


MATRICES_MULTIPLIED = Misconception(
    "matrices-multiplied",
    "That is the product of matrices; here each number meets the one in its own place.",
    "a product of matrices",
)


def _matrix_product(left: Expression, right: Expression) -> Slip:
    return Slip(MATRICES_MULTIPLIED, (), apply("matmul", left, right))


PLACE_BY_PLACE = Misconception(
    "place-by-place",
    "There each number meets the one in its own place; here rows meet columns.",
    "cell times cell",
)
FACTORS_TURNED_ROUND = Misconception(
    "factors-turned-round",
    "There {0} and {1} have changed places; in a product of matrices their order counts.",
    "{0} and {1} in each other's place",
)
NOT_TRANSPOSED = Misconception(
    "not-transposed",
    "There {0} is not transposed: its rows take the places of its columns.",
    "{0} not transposed",
)


def _matrix_slips(left: Expression, right: Expression) -> Iterator[Slip]:
    yield Slip(PLACE_BY_PLACE, (), multiply(left, right))
    yield Slip(FACTORS_TURNED_ROUND, (left, right), apply("matmul", right, left))
    for side, other in ((left, right), (right, left)):
        if isinstance(side, Apply) and side.operation == "transpose":
            [inner] = side.arguments
            pair = (inner, other) if side is left else (other, inner)
            yield Slip(NOT_TRANSPOSED, (inner,), apply("matmul", *pair))
            if side is left:
                total = Apply("sum", (other,), axis=0)
                yield Slip(FACTOR_LEFT_OUT, (inner,), total)


# Means and sums over samples


SUM_FOR_MEAN = Misconception(
    "sum-for-mean", "That is the sum; to make it a mean, divide by n.", "the sum"
)
DIVIDED_TWICE = Misconception(
    "divided-twice",
    "That is divided by n twice; once is enough.",
    "two divisions by n",
    Specificity.GENERAL,
)
MEAN_FOR_SUM = Misconception(
    "mean-for-sum", "That is the mean; here the numbers are only added.", "the mean"
)


def _reductions(program: Program, node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("mean", (operand,), axis=axis):
            yield Slip(SUM_FOR_MEAN, (), Apply("sum", (operand,), axis=axis))
            count = Apply("count", (operand,), axis=axis)
            twice = apply("divide", node, count)
            yield Slip(DIVIDED_TWICE, (), twice)
            yield from _squared_later(operand, "mean", axis)
            yield from only_last(program, node)
        case Apply("sum", (operand,), axis=axis):
            yield Slip(MEAN_FOR_SUM, (), Apply("mean", (operand,), axis=axis))
            yield from _squared_later(operand, "sum", axis)
            yield from only_last(program, node)


def power_later(kind: str) -> Misconception:
    """A mean or sum raised to a power, instead of its numbers."""
    says = f"There the {kind} comes first and then the power; here the powers come first."
    return Misconception("power-later", says, f"the power of the {kind}")


def _squared_later(operand: Expression, kind: str, axis: int | None) -> Iterator[Slip]:
    match operand:
        case Apply("power", (base, Number(exponent))):
            pass
        case Apply("multiply", (base, other)) if base == other:
            exponent = 2.0
        case _:
            return
    yield Slip(power_later(kind), (), power(Apply(kind, (base,), axis=axis), exponent))


ONLY_LAST = Misconception(
    "last-only",
    "That is the last number of {0} alone; all of them count.",
    "the last number of {0}",
    Specificity.RARE,
)


def only_last(program: Program, node: Apply) -> Iterator[Slip]:
    """The last sample alone instead of all."""
    [operand] = node.arguments
    shape = program.shape_of(operand)
    if node.axis is None and shape:
        index = tuple(size - 1 for size in shape)
        last = Apply("element", (operand,), index=index)
        yield Slip(ONLY_LAST, (operand,), last)


# Another value in its place

MOST_OTHER_VALUES = 6
ANOTHER_VALUE = Misconception(
    "another-value",
    "That has {1} in the place of {0}.",
    "{1} in the place of {0}",
    Specificity.RARE,
)


def other_values(program: Program, node: Apply) -> Iterator[Slip]:
    """Another value of the same shape as a factor: times y instead of x."""
    if node.operation not in ("multiply", "matmul"):
        return
    for place, factor in enumerate(node.arguments):
        name = _named(factor)
        if name is None or name not in _plain_values(program):
            continue
        others = [
            other
            for other in _plain_values(program)
            if other != name and program.shapes[other] == program.shapes[name]
        ]
        for other in others[:MOST_OTHER_VALUES]:
            instead = Name(other) if isinstance(factor, Name) else apply("transpose", Name(other))
            arguments = (*node.arguments[:place], instead, *node.arguments[place + 1 :])
            about = (Name(name), Name(other))
            yield Slip(ANOTHER_VALUE, about, Apply(node.operation, arguments))


def _named(factor: Expression) -> str | None:
    """The name of a factor, transposed or not."""
    match factor:
        case Name(name) | Apply("transpose", (Name(name),)):
            return name
    return None


def _plain_values(program: Program) -> list[str]:
    """Data, parameters and values of forward."""
    lines = (line.name for line in program.forward if line.name != LOSS)
    return [*program.data, *lines, *program.parameters]
