"""Formulas as trees: numbers, names, and operations applied to them.

All names of a lesson live in one flat environment. Beside the program's own names it holds
`grad.x`, the partial derivative of the loss with respect to x; `next.x`, the parameter x after the
update; and `learning_rate`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Shape = tuple[int, ...]
Index = tuple[int, ...]
Tensor = float | tuple["Tensor", ...]
"""A number, or nested tuples of numbers: what a lesson file says before NumPy is needed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a text; line and column count from 1."""

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
    """An operation of the table in `operations` applied to its arguments.

    `axis` belongs to sum, mean and count; `shape` to the operations that change a shape without
    naming an axis; `index` to an element picked out of a value. The hash is kept: formulas are
    looked up often, and those of a backward program share most of their parts.
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
    """The expression and everything below it, from the outside in."""
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
    """The lines that some names depend on, their own among them, in their order."""
    known = set(wanted)
    found: list[Line] = []
    for line in reversed(lines):
        if line.name in known:
            known.update(names(line.expression))
            found.append(line)
    return tuple(reversed(found))
