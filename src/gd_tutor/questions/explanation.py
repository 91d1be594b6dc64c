"""Where a number comes from: its formula and the values in it, each explained in turn."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np

from gd_tutor.engine.compile import Value, Values
from gd_tutor.engine.expression import Apply, Expression, Index, Line, Name, Shape, names, next_of
from gd_tutor.engine.finite_differences import Nudges, nudges
from gd_tutor.engine.noise import Shown
from gd_tutor.engine.operations import OPERATIONS
from gd_tutor.engine.program import LEARNING_RATE
from gd_tutor.engine.state import PHASES, Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import equation
from gd_tutor.notation.worked import WorkedLine, work


class Origin(Enum):
    """Where a value comes from."""

    DATA = "data"
    START = "start"
    SETTING = "setting"
    WORKED = "worked"


@dataclass(frozen=True)
class ValueSource:
    """A value, or one element of it, in an iteration: what an explanation links to.

    The value is as displayed: elements that are only rounding noise (`is_noise`) are 0.
    """

    name: str
    index: Index
    iteration: int
    value: Value
    is_noise: bool = False


@dataclass(frozen=True)
class Explanation:
    """The explanation of a number: given as data, start or setting, or computed from `sources`.

    `line` is None for a given number; `nudges` is a gradient's finite-difference check.
    """

    number: ValueSource
    kind: Origin
    line: WorkedLine | None = None
    sources: tuple[ValueSource, ...] = ()
    nudges: Nudges | None = None

    def text(self, notation: Notation, cells: int = 10_000) -> list[str]:
        """The explanation as text: the worked line, or where the number was given."""
        label = notation.name(self.number.name) + notation.place(self.number.index)
        if self.line is not None and self.number.index:
            line, index, value = self.line, self.number.index, self.number.value
            steps = [
                notation.formula(line.expression),
                notation.cell(line.expression, line.sources, index),
                notation.value(value),
            ]
            sign = line.sign(notation, index)
            relation, equals = line.relation(notation), notation.equals
            return equation([label, *dict.fromkeys(steps)], cells, relation, equals, sign)
        if self.line is not None:
            return self.line.text(notation, cells)
        sign = notation.about if self.number.is_noise else notation.equals
        given = f"{label} {sign} {notation.value(self.number.value)}"
        return [f"{given}: {_GIVEN[self.kind]}"]


_GIVEN = {
    Origin.DATA: "it is data, given by the lesson.",
    Origin.START: "the run starts with it.",
    Origin.SETTING: "it was chosen; a run keeps it until it is changed.",
}


def explain(
    training: Training, name: str, index: Index = (), iteration: int | None = None
) -> Explanation:
    """Explain a value of the environment, or one element of it, in an iteration.

    A parameter is explained by its last update; each source has an iteration of its own.
    Raises KeyError for a name without a value there.
    """
    at = training.iteration if iteration is None else iteration
    program = training.program
    values = training.values_at(Position(at, Phase.UPDATE))
    shown = training.shown_at(Position(at, Phase.UPDATE))
    number = source_of(values, shown, name, index, at)
    if name == LEARNING_RATE:
        return Explanation(number, Origin.SETTING)
    if name in program.data:
        return Explanation(number, Origin.DATA)
    if name in program.carried:
        if at == 0:
            return Explanation(number, Origin.START)
        made = explain(training, next_of(name), index, at - 1)
        return Explanation(number, Origin.WORKED, made.line, made.sources)
    phase, line = _line(training, name)
    sources = tuple(
        source_of(values, shown, source, place, at)
        for source, place in _places(line.expression, index, program.shape_of)
    )
    worked = work(line, phase, values, shown)
    return Explanation(number, Origin.WORKED, worked, sources, _nudges(training, number))


def source_of(
    values: Values, shown: Values, name: str, index: Index, iteration: int
) -> ValueSource:
    """A number of an iteration, from its exact and displayed values."""
    found = Shown(shown[name]).at(index, values[name])
    return ValueSource(name, index, iteration, found.value, found.is_noise)


def _line(training: Training, name: str) -> tuple[Phase, Line]:
    """The line that computes a value, and its phase."""
    for phase in PHASES:
        for line in training.program.lines_of(phase):
            if line.name == name:
                return phase, line
    raise KeyError(name)


def _nudges(training: Training, number: ValueSource) -> Nudges | None:
    """The finite-difference check, where the number is an element of a gradient."""
    name = number.name.removeprefix("grad.")
    if name == number.name or np.ndim(number.value):
        return None
    return nudges(training, name, number.index, number.iteration)


def _places(
    node: Expression, index: Index, shape_of: Callable[[Expression], Shape]
) -> list[tuple[str, Index]]:
    """The names in a formula, each with the index of the element that one result element uses.

    The index is empty where several elements are used, as in a sum.
    """
    match node:
        case Name(name):
            return [(name, _met(index, shape_of(node)))]
        case Apply(operation, arguments) if index and (
            OPERATIONS[operation].elementwise or operation == "broadcast"
        ):
            inner = index
        case Apply("transpose", arguments) if index:
            inner = index[::-1]
        case Apply("as_column", arguments) if index:
            inner = index[:-1]
        case Apply("count"):
            return []  # n counts the numbers and uses none of them
        case _:
            return [(name, ()) for name in names(node)]
    found = (place for argument in arguments for place in _places(argument, inner, shape_of))
    return list(dict.fromkeys(found))


def _met(index: Index, shape: Shape) -> Index:
    """The index in a value of this shape that broadcasting maps to an element."""
    places = index[len(index) - len(shape) :] if shape else ()
    return tuple(0 if size == 1 else i for i, size in zip(places, shape, strict=False))
