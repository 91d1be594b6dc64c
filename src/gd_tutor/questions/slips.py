"""What a learner may write in the place of one part of a formula, read off the formula."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from gd_tutor.course.check import fitted
from gd_tutor.engine.expression import (
    Apply,
    Expression,
    Line,
    Name,
    Number,
    apply,
    gradient_of,
    multiply,
    names,
    negate,
    power,
    walk,
)
from gd_tutor.engine.operations import FUNCTIONS, ShapeError, stretched
from gd_tutor.engine.program import LOSS, Program
from gd_tutor.questions.misconceptions import (
    ADDED,
    ADDED_FOR_TIMES,
    ANOTHER_VALUE,
    DIVIDED_TWICE,
    DOUBLED,
    FACTOR_LEFT_OUT,
    FACTOR_LOST,
    FACTORS_TURNED_ROUND,
    KEPT_SQUARED,
    LEFT_OUT,
    MATRICES_MULTIPLIED,
    MEAN_FOR_SUM,
    MINUS_LOST,
    NOT_DIVIDED,
    NOT_RAISED,
    NOT_SQUARED,
    NOT_TRANSPOSED,
    ONLY_LAST,
    OUTSIDE_LAST,
    OUTSIDE_MEAN,
    PLACE_BY_PLACE,
    SIGN_KEPT,
    SUM_FOR_MEAN,
    TAKEN_AWAY,
    TIMES_EXPONENT,
    TURNED_ROUND,
    UPSIDE_DOWN,
    Misconception,
    function_left_out,
    power_later,
)


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


MOST_OTHER_VALUES = 6


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
            yield Slip(KEPT_SQUARED, (base,), whole)
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
            yield Slip(LEFT_OUT, (left,), right)
            yield Slip(LEFT_OUT, (right,), left)
            yield Slip(TAKEN_AWAY, (right,), apply("subtract", left, right))
        case Apply("subtract", (left, right)):
            yield Slip(LEFT_OUT, (left,), negate(right))
            yield Slip(LEFT_OUT, (right,), left)
            yield Slip(ADDED, (right,), apply("add", left, right))


def _differences(node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("subtract", (left, right)):
            yield Slip(TURNED_ROUND, (left, right), apply("subtract", right, left))
        case Apply("negate", (operand,)):
            yield Slip(MINUS_LOST, (operand,), operand)


def _products(program: Program, node: Apply) -> Iterator[Slip]:
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


def _matrix_product(left: Expression, right: Expression) -> Slip:
    return Slip(MATRICES_MULTIPLIED, (), apply("matmul", left, right))


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


def _quotients(node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("divide", (_, Apply("count"))):
            return  # how often n divides is a question of the whole program
        case Apply("divide", (above, below)):
            yield Slip(NOT_DIVIDED, (below,), above)
            yield Slip(UPSIDE_DOWN, (above, below), apply("divide", below, above))


def _powers(node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("power", (base, Number(exponent))):
            yield from _squares(base, exponent)


def _squares(base: Expression, exponent: float) -> Iterator[Slip]:
    """Slips in raising to a power; `E * E` is a square, too."""
    if exponent == 2.0:
        yield Slip(DOUBLED, (base,), multiply(Number(2.0), base))
        yield Slip(NOT_SQUARED, (base,), base)
        yield Slip(SIGN_KEPT, (), negate(power(base, 2.0)))
    else:
        yield Slip(NOT_RAISED, (base,), base)
        yield Slip(TIMES_EXPONENT, (base,), multiply(Number(exponent), base))


def _reductions(program: Program, node: Apply) -> Iterator[Slip]:
    match node:
        case Apply("mean", (operand,), axis=axis):
            yield Slip(SUM_FOR_MEAN, (), Apply("sum", (operand,), axis=axis))
            count = Apply("count", (operand,), axis=axis)
            twice = apply("divide", node, count)
            yield Slip(DIVIDED_TWICE, (), twice)
            yield from _squared_later(operand, "mean", axis)
            yield from _only_last(program, node)
        case Apply("sum", (operand,), axis=axis):
            yield Slip(MEAN_FOR_SUM, (), Apply("mean", (operand,), axis=axis))
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
    yield Slip(power_later(kind), (), power(Apply(kind, (base,), axis=axis), exponent))


def _only_last(program: Program, node: Apply) -> Iterator[Slip]:
    [operand] = node.arguments
    shape = program.shape_of(operand)
    if node.axis is None and shape:
        index = tuple(size - 1 for size in shape)
        last = Apply("element", (operand,), index=index)
        yield Slip(ONLY_LAST, (operand,), last)


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
    return Slip(OUTSIDE_LAST if kind == "last" else OUTSIDE_MEAN, (factor,), wrong)


def _functions(node: Apply) -> Iterator[Slip]:
    if node.operation in FUNCTIONS and node.operation not in ("sum", "mean"):
        for argument in node.arguments:
            yield Slip(function_left_out(node.operation), (), argument)


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
            yield Slip(ANOTHER_VALUE, about, Apply(node.operation, arguments))


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
