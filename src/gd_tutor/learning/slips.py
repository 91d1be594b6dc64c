"""What a learner may write in the place of one part of a formula, read off the formula's form."""

from collections.abc import Iterator, Mapping

from gd_tutor.learning.rewriting import Alternatives, Slip, with_arguments
from gd_tutor.program import (
    LOSS,
    Apply,
    Expression,
    Line,
    Name,
    Number,
    Program,
    gradient_of,
    names,
    walk,
)
from gd_tutor.program.algebra import apply, multiply, negate, power
from gd_tutor.program.operations import FUNCTIONS

MOST_OTHER_VALUES = 6

# What each slip says. It names the slip, never the right number.
FACTOR_LOST = "A constant factor was lost on the way: the {0}."
FACTOR_LEFT_OUT = "The factor {0} is left out."
TERM_LEFT_OUT = "The term {0} is left out."
ANOTHER_VALUE = "That has {1} in the place of {0}."
KEPT_SQUARED = "There {0} still has its whole power; a derivative has one power less."
OUTSIDE_LAST = "There {0} stands outside the sum, its last number for all; each sample has its own."
OUTSIDE_MEAN = "There {0} stands outside the sum, its mean for all; each sample has its own."
ONLY_LAST = "That is the last number of {0} alone; all of them count."


def forward_slips(program: Program) -> Alternatives:
    """Slips in working out a value."""

    def alternatives(node: Expression) -> Iterator[Slip]:
        if not isinstance(node, Apply):
            return
        yield from _sums(node)
        yield from _differences(node)
        yield from _products(program, node)
        yield from _quotients(node)
        yield from _powers(node)
        yield from _reductions(program, node)
        yield from _functions(node)

    return alternatives


def backward_slips(program: Program, line: Line, asked: bool) -> Alternatives:
    """Slips in working out a slope; `asked` tells the line asked for from those that lead to it."""
    powers = _powers_below(program, line.name)

    def alternatives(node: Expression) -> Iterator[Slip]:
        if node in powers:
            base, whole = powers[node]
            yield Slip("kept-squared", KEPT_SQUARED, (base,), whole)
        if not isinstance(node, Apply):
            return
        yield from _sums(node)
        yield from _products(program, node)
        yield from _outside(program, node)
        yield from _quotients(node)
        yield from _functions(node)
        if node.operation == "sum":
            yield from _only_last(program, node)
        if asked:
            yield from _other_values(program, node)

    return alternatives


def _sums(node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("add", (left, right)):
            yield Slip("left-out", TERM_LEFT_OUT, (left,), right)
            yield Slip("left-out", TERM_LEFT_OUT, (right,), left)
            says = "There {0} is taken away; it has to be added."
            yield Slip("taken-away", says, (right,), apply("subtract", left, right))
        case Apply("subtract", (left, right)):
            yield Slip("left-out", TERM_LEFT_OUT, (left,), negate(right))
            yield Slip("left-out", TERM_LEFT_OUT, (right,), left)
            says = "There {0} is added; it has to be taken away."
            yield Slip("added", says, (right,), apply("add", left, right))


def _differences(node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("subtract", (left, right)):
            says = "Left and right of the minus have changed places: {1} is taken away from {0}."
            yield Slip("turned-round", says, (left, right), apply("subtract", right, left))
        case Apply("negate", (operand,)):
            yield Slip("sign-lost", "The minus before {0} is lost.", (operand,), operand)


def _products(program: Program, node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("multiply", (Number(value) as constant, factor)):
            lost = factor if value > 0 else negate(factor)
            yield Slip("factor-lost", FACTOR_LOST, (Number(abs(value)),), lost)
            yield Slip("factor-left-out", FACTOR_LEFT_OUT, (factor,), constant)
        case Apply("multiply", (left, right)) if left == right:
            yield from _squares(left, 2.0)
            if len(program.shape_of(left)) == 2:
                yield _matrix_product(left, right)
        case Apply("multiply", (left, right)):
            yield Slip("factor-left-out", FACTOR_LEFT_OUT, (right,), left)
            yield Slip("factor-left-out", FACTOR_LEFT_OUT, (left,), right)
            says = "There {0} and {1} are added; they have to be multiplied."
            yield Slip("added-for-times", says, (left, right), apply("add", left, right))
            if len(program.shape_of(left)) == len(program.shape_of(right)) == 2:
                yield _matrix_product(left, right)
        case Apply("matmul", (left, right)):
            yield from _matrix_slips(left, right)


def _matrix_product(left: Expression, right: Expression) -> Slip:
    says = "That is the product of matrices; here each number meets the one in its own place."
    return Slip("matrices-multiplied", says, (), apply("matmul", left, right))


def _matrix_slips(left: Expression, right: Expression) -> Iterator[Slip]:
    says = "There each number meets the one in its own place; here rows meet columns."
    yield Slip("place-by-place", says, (), multiply(left, right))
    says = "There {0} and {1} have changed places; in a product of matrices their order counts."
    yield Slip("turned-round", says, (left, right), apply("matmul", right, left))
    for side, other in ((left, right), (right, left)):
        if isinstance(side, Apply) and side.operation == "transpose":
            [inner] = side.arguments
            pair = (inner, other) if side is left else (other, inner)
            says = "There {0} is not transposed: its rows take the places of its columns."
            yield Slip("not-transposed", says, (inner,), apply("matmul", *pair))
            if side is left:
                total = Apply("sum", (other,), axis=0)
                yield Slip("factor-left-out", FACTOR_LEFT_OUT, (inner,), total)


def _quotients(node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("divide", (_, Apply("count"))):
            return  # how often n divides is a question of the whole program
        case Apply("divide", (above, below)):
            yield Slip("not-divided", "The division by {0} is left out.", (below,), above)
            says = "Above and below have changed places: {1} divides {0}."
            yield Slip("upside-down", says, (above, below), apply("divide", below, above))


def _powers(node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("power", (base, Number(exponent))):
            yield from _squares(base, exponent)


def _squares(base: Expression, exponent: float) -> Iterator[Slip]:
    """Slips in raising to a power; `E * E` is a square, too."""
    if exponent == 2.0:
        says = "That doubles {0}; a square is the number times itself."
        yield Slip("doubled", says, (base,), multiply(Number(2.0), base))
        yield Slip("not-squared", "There {0} is not squared yet.", (base,), base)
        says = "A square is never negative: minus times minus is plus."
        yield Slip("sign-kept", says, (), negate(power(base, 2.0)))
    else:
        yield Slip("not-raised", "There {0} is not raised to its power.", (base,), base)
        says = "There {0} is multiplied with the exponent; the exponent counts the factors."
        yield Slip("times-exponent", says, (base,), multiply(Number(exponent), base))


def _reductions(program: Program, node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("mean", (operand,), axis=axis):
            says = "That is the sum: dividing by n is forgotten, and makes it a mean."
            yield Slip("sum-for-mean", says, (), Apply("sum", (operand,), axis=axis))
            count = Apply("count", (operand,), axis=axis)
            twice = apply("divide", node, count)
            yield Slip("divided-twice", "That is divided by n twice; once is enough.", (), twice)
            yield from _squared_later(operand, "mean", axis)
            yield from _only_last(program, node)
        case Apply("sum", (operand,), axis=axis):
            says = "That is the mean; here the numbers are only added."
            yield Slip("mean-for-sum", says, (), Apply("mean", (operand,), axis=axis))
            yield from _squared_later(operand, "sum", axis)
            yield from _only_last(program, node)


def _squared_later(operand: Expression, kind: str, axis: int | None) -> Iterator[Slip]:
    match operand:
        case Apply("power", (base, Number(exponent))):
            pass
        case Apply("multiply", (base, other)) if base == other:
            exponent = 2.0
        case _:
            return
    says = f"There the {kind} comes first and then the power; here the powers come first."
    yield Slip("power-later", says, (), power(Apply(kind, (base,), axis=axis), exponent))


def _only_last(program: Program, node: Apply) -> Iterator[Slip]:
    [operand] = node.arguments
    shape = program.shape_of(operand)
    if node.axis is None and shape:
        index = tuple(size - 1 for size in shape)
        last = Apply("element", (operand,), index=index)
        yield Slip("last-only", ONLY_LAST, (operand,), last)


def _outside(program: Program, node: Apply) -> Iterator[Slip]:
    """A factor taken out of a sum over samples, where every sample has its own."""
    match node:
        case Apply("sum", (operand,), axis=None):
            for factor, rest in _factors(program, operand):
                shape = program.shape_of(factor)
                if program.shape_of(rest) == shape and shape:
                    total = apply("sum", rest)
                    last = Apply("element", (factor,), index=tuple(size - 1 for size in shape))
                    yield _taken_out("last", factor, multiply(total, last))
                    yield _taken_out("mean", factor, multiply(total, apply("mean", factor)))
        case Apply("matmul", (Apply("transpose", (Name() as factor,)), rest)):
            if factor.id in program.data and len(program.shape_of(rest)) == 1:
                total = apply("sum", rest)
                row = Apply("element", (factor,), index=(program.shapes[factor.id][0] - 1,))
                yield _taken_out("last", factor, multiply(total, row))
                mean = Apply("mean", (factor,), axis=0)
                yield _taken_out("mean", factor, multiply(total, mean))


def _factors(program: Program, node: Expression) -> Iterator[tuple[Name, Expression]]:
    """Every factor of a product that is data, with the product that remains without it."""
    match node:
        case Apply("negate" | "divide", (inner, *others)):
            for factor, rest in _factors(program, inner):
                yield factor, with_arguments(node, (rest, *others))
        case Apply("multiply", (left, right)):
            for side, other in ((right, left), (left, right)):
                if isinstance(side, Name) and side.id in program.data:
                    yield side, other
                for factor, rest in _factors(program, side):
                    yield factor, multiply(other, rest)


def _taken_out(kind: str, factor: Expression, wrong: Expression) -> Slip:
    says = OUTSIDE_LAST if kind == "last" else OUTSIDE_MEAN
    return Slip(f"outside-sum-{kind}", says, (factor,), wrong)


def _functions(node: Apply) -> Iterator[Slip]:
    if node.operation in FUNCTIONS and node.operation not in ("sum", "mean"):
        for argument in node.arguments:
            says = f"There {node.operation} is left out."
            yield Slip("function-left-out", says, (), argument)


def _other_values(program: Program, node: Apply) -> Iterator[Slip]:
    """Another value of the same shape as a factor: times y, not x."""
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
            replaced = Name(other) if isinstance(factor, Name) else apply("transpose", Name(other))
            arguments = (*node.arguments[:place], replaced, *node.arguments[place + 1 :])
            about = (Name(name), Name(other))
            yield Slip("another-value", ANOTHER_VALUE, about, Apply(node.operation, arguments))


def _named(factor: Expression) -> str | None:
    """The name that a factor is, as it stands or transposed."""
    match factor:
        case Name(name) | Apply("transpose", (Name(name),)):
            return name
    return None


def _plain_values(program: Program) -> list[str]:
    """Data, parameters and forward values."""
    lines = (line.name for line in program.forward if line.name != LOSS)
    return [*program.data, *lines, *program.parameters]


def _powers_below(
    program: Program, slope: str
) -> Mapping[Expression, tuple[Expression, Expression]]:
    """Parts of a slope that are powers become less by one, each with its base and whole power."""
    found: dict[Expression, tuple[Expression, Expression]] = {}
    for line in program.forward:
        for node in walk(line.expression):
            match node:
                case Apply("power", (base, Number(exponent))):
                    pass
                case Apply("multiply", (base, other)) if base == other:
                    exponent = 2.0
                case _:
                    continue
            if slope in map(gradient_of, names(base)) and exponent not in (0.0, 1.0):
                found[power(base, exponent - 1.0)] = (base, power(base, exponent))
    return found
