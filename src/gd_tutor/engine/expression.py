"""Formulas as trees of numbers, names and operations; and functions that build them.

All names of a lesson are in one flat environment. It also holds `grad.x`, the partial derivative
of the loss with respect to x; `next.x`, the parameter x after the update; and `learning_rate`.

Formulas are built as short as a person writes them: a product with 1 or a sum with 0 is
simplified. Every rewrite keeps the value, up to rounding.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Shape = tuple[int, ...]
Index = tuple[int, ...]
Tensor = float | tuple["Tensor", ...]
"""A number, or nested tuples of numbers: values without NumPy."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text; line and column count from 1."""

    line: int
    column: int


NOWHERE = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Number:
    value: float
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    id: str
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation of `operations.OPERATIONS` applied to its arguments.

    `axis` belongs to sum, mean and count; `shape` to broadcast and sum_to; `index` to element.
    The hash is stored: formulas are looked up often and share most of their parts.
    """

    operation: str
    arguments: tuple["Expression", ...]
    axis: int | None = None
    shape: Shape | None = None
    index: tuple[int, ...] | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        parts = (self.operation, self.arguments, self.axis, self.shape, self.index)
        object.__setattr__(self, "_hash", hash(parts))

    def __hash__(self) -> int:
        return self._hash


Expression = Number | Name | Apply


@dataclass(frozen=True, slots=True)
class Line:
    """One assignment: `name = expression`."""

    name: str
    expression: Expression
    place: Place = field(default=NOWHERE, compare=False, repr=False)


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and its subexpressions, outermost first."""
    yield expression
    if isinstance(expression, Apply):
        for argument in expression.arguments:
            yield from walk(argument)


def names(expression: Expression) -> tuple[str, ...]:
    """The names an expression uses, each once, in order of appearance."""
    return tuple(dict.fromkeys(node.id for node in walk(expression) if isinstance(node, Name)))


def gradient_of(name: str) -> str:
    """The environment's name for ∂loss/∂name."""
    return f"grad.{name}"


def next_of(name: str) -> str:
    """The environment's name for a parameter's value after the update."""
    return f"next.{name}"


def shape_of_tensor(tensor: Tensor) -> Shape:
    """The shape of a number or of nested tuples of equal lengths."""
    shape: list[int] = []
    while isinstance(tensor, tuple):
        shape.append(len(tensor))
        if not tensor:
            break
        tensor = tensor[0]
    return tuple(shape)


Lines = tuple[Line, ...]


def renamed(formula: Expression, others: Mapping[str, str]) -> Expression:
    """The formula with other names in it."""
    match formula:
        case Name(name):
            return Name(others.get(name, name))
        case Apply(operation, arguments, axis, shape, index):
            parts = tuple(renamed(argument, others) for argument in arguments)
            return Apply(operation, parts, axis, shape, index)
    return formula


def with_formula(lines: Sequence[Line], name: str, formula: Expression) -> Lines:
    """The lines with another formula for one name."""
    return tuple(Line(name, formula, line.place) if line.name == name else line for line in lines)


def leading_to(lines: Sequence[Line], wanted: Iterable[str]) -> Lines:
    """The lines that compute the wanted names, and those they depend on, in order."""
    known = set(wanted)
    found: list[Line] = []
    for line in reversed(lines):
        if line.name in known:
            known.update(names(line.expression))
            found.append(line)
    return tuple(reversed(found))


ZERO = Number(0.0)
ONE = Number(1.0)


def apply(operation: str, *arguments: Expression) -> Apply:
    return Apply(operation, arguments)


def add(left: Expression, right: Expression) -> Expression:
    if left == ZERO:
        return right
    if right == ZERO:
        return left
    if left == right:
        return multiply(Number(2.0), left)
    match right:
        case Apply("negate", (operand,)):
            return apply("subtract", left, operand)
        case Number(value) if value < 0:
            return apply("subtract", left, Number(-value))
        case Apply("multiply", (Number(value), factor)) if value < 0:
            return apply("subtract", left, multiply(Number(-value), factor))
    return apply("add", left, right)


def negate(operand: Expression) -> Expression:
    match operand:
        case Number(value):
            return Number(-value)
        case Apply("negate", (inner,)):
            return inner
        case Apply("multiply", (Number(value), factor)):
            return multiply(Number(-value), factor)
        case Apply("divide", (numerator, denominator)):
            return divide(negate(numerator), denominator)
    return apply("negate", operand)


def multiply(left: Expression, right: Expression) -> Expression:
    match left, right:
        case (Number(0.0), _) | (_, Number(0.0)):
            return ZERO
        case (Number(1.0), other) | (other, Number(1.0)):
            return other
        case (Number(-1.0), other) | (other, Number(-1.0)):
            return negate(other)
        case Number(a), Number(b) if _kept(a * b):
            return Number(a * b)
        case Number(), Number():
            return apply("multiply", left, right)
        case Number(a), Apply("divide", (Number(b), Number(d))) if _kept(a * b):
            return fraction(a * b, d)
        case Number(), Apply("multiply", (Apply("divide", (Number(), Number())) as part, factor)):
            return multiply(multiply(left, part), factor)
        case _, Number():
            return multiply(right, left)
        case Number(a), Apply("multiply", (Number(b), factor)) if _kept(a * b):
            return multiply(Number(a * b), factor)
        case Number(), Apply("multiply", (Number(), _)):
            return apply("multiply", left, right)
        case _, Apply("multiply", (Number(), factor)):
            return multiply(right.arguments[0], multiply(left, factor))
        case Apply("multiply", (Number(), factor)), _:
            return multiply(left.arguments[0], multiply(factor, right))
        case Apply("multiply", (Apply("divide", (Number(), Number())) as part, factor)), _:
            return multiply(part, multiply(factor, right))
        case Apply("negate", (inner,)), other:
            return negate(multiply(inner, other))
        case other, Apply("negate", (inner,)):
            return negate(multiply(other, inner))
        case Apply("divide", (numerator, Apply("count") as count)), other:
            return divide(multiply(numerator, other), count)
        case other, Apply("divide", (numerator, Apply("count") as count)):
            return divide(multiply(other, numerator), count)
    return apply("multiply", left, right)


def _kept(product: float) -> bool:
    """Whether a product of numbers has neither overflowed nor underflowed."""
    return product != 0 and math.isfinite(product)


def divide(numerator: Expression, denominator: Expression) -> Expression:
    if numerator == ZERO or denominator == ONE:
        return numerator
    return apply("divide", numerator, denominator)


def fraction(numerator: float, denominator: float) -> Expression:
    """One number divided by another, reduced if one is a multiple of the other."""
    if denominator and _kept(numerator / denominator) and numerator % denominator == 0:
        return Number(numerator / denominator)
    if numerator and _kept(denominator / numerator) and denominator % numerator == 0:
        return Apply("divide", (ONE, Number(denominator / numerator)))
    return Apply("divide", (Number(numerator), Number(denominator)))


def power(base: Expression, exponent: float) -> Expression:
    if exponent == 0.0:
        return ONE
    if exponent == 1.0:
        return base
    return apply("power", base, Number(exponent))


def broadcast(operand: Expression, shape: Shape) -> Apply:
    """The operand broadcast to the shape."""
    return Apply("broadcast", (operand,), shape=shape)


def sum_to(operand: Expression, shape: Shape) -> Apply:
    """The operand summed over the broadcast axes, down to the shape."""
    if shape == ():
        return apply("sum", operand)
    return Apply("sum_to", (operand,), shape=shape)
