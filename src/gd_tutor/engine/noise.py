"""Rounding noise: numbers that would be 0 if no number were rounded.

A computer keeps some 16 digits of a number. Where two large numbers nearly cancel, what is left may
be nothing but the digits that were cut. A running error analysis (Higham, Accuracy and Stability
of Numerical Algorithms, section 3.3), with a relative error of 1e-12 in every number, tells noise
from numbers that are small and true, such as the square of a small residual.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np

from gd_tutor.engine.compile import Function, Value, Values, compile_lines, evaluate
from gd_tutor.engine.expression import (
    Apply,
    Expression,
    Index,
    Line,
    Name,
    Number,
    Shape,
    next_of,
)
from gd_tutor.engine.program import LEARNING_RATE
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.trajectory import Trajectory

PRECISION = 1e-12
"""The relative error of every number, and of noise beside the largest number of a pass."""

FOLLOWING = 1_000
"""Noise may be multiplied by up to this much, as in 75y where y is noise."""
MANY = 100_000
"""Larger programs are not searched for noise: they show hardly any of their numbers."""

Levels = dict[str, Value]
"""How large the error of a value may be."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A value as people read it: where some of it `is_noise`, that is 0."""

    value: Value
    is_noise: bool = False

    @classmethod
    def of(cls, value: Value, exact: Value) -> Self:
        """A value without its noise, beside what was computed."""
        return cls(value, not np.array_equal(value, exact, equal_nan=True))

    def at(self, index: Index, exact: Value) -> "Shown":
        """One number of it, beside what was computed."""
        return Shown.of(np.asarray(self.value)[index], np.asarray(exact)[index])


def shown_value(
    trajectory: Trajectory, values: Values, iteration: int, formula: Expression
) -> Shown:
    """What a formula over the values of an iteration gives, without rounding noise."""
    exact = evaluate(formula, values)
    limit = _limit(trajectory, values)
    if trajectory.program.size > MANY or not _below(exact, FOLLOWING * limit):
        return Shown(exact)
    _, error = _with_error(formula, values, _levels(trajectory, values, iteration))
    is_noise = np.abs(exact) <= np.minimum(error, FOLLOWING * limit)
    return Shown.of(np.where(is_noise, 0.0, exact)[()], exact)


def without_noise(trajectory: Trajectory, values: Values, iteration: int) -> Values:
    """The values of an iteration with 0 in the place of rounding noise."""
    if trajectory.program.size > MANY:
        return values
    program = trajectory.program
    limit = _limit(trajectory, values)
    computed = {line.name for phase in program.sequence for line in phase} & values.keys()
    computed |= {*program.carried}
    if not any(_below(values[name], limit) for name in computed):
        return values
    levels = _levels(trajectory, values, iteration)
    noise = {
        name: np.abs(values[name]) <= np.minimum(levels[name], FOLLOWING * limit)
        for name in computed & levels.keys()
    }
    return values | {
        name: np.where(here, 0.0, values[name])[()]
        for name, here in noise.items()
        if np.any(here & (values[name] != 0))
    }


def _limit(trajectory: Trajectory, values: Values) -> float:
    """The precision of a pass, beside the largest of its numbers and of those at the start."""
    program = trajectory.program
    passed = {*program.data, *program.parameters, *(line.name for line in program.forward)}
    sizes = [_largest(values[name]) for name in passed & values.keys()]
    starts = (_largest(trajectory.history.trail(name, 0)) for name in program.parameters)
    return PRECISION * max(*sizes, *starts)


def _largest(value: Value) -> float:
    """The largest of the finite numbers of a value."""
    sizes = np.abs(value)
    most = float(np.max(sizes, initial=0.0))
    return (
        most if np.isfinite(most) else float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))
    )


def _below(value: Value, limit: float) -> bool:
    """Whether some number is not 0 and so small."""
    return bool(np.any((value != 0) & (np.abs(value) < limit)))


def _levels(trajectory: Trajectory, values: Values, iteration: int, deep: bool = True) -> Levels:
    """The errors of all values of an iteration, line by line."""
    program = trajectory.program
    levels: Levels = {name: _rounding(values[name]) for name in (*program.data, LEARNING_RATE)}
    levels |= _carried(trajectory, values, iteration, deep)
    for line in (line for lines in program.sequence for line in lines):
        if line.name not in values:
            break
        _, levels[line.name] = _with_error(line.expression, values, levels)
        moved = line.name.removeprefix(next_of(""))
        if moved in program.parameters:  # beside all that it has been
            levels[line.name] = np.minimum(levels[line.name], levels[moved])
    return levels


def _carried(trajectory: Trajectory, values: Values, iteration: int, deep: bool) -> Levels:
    """The errors of the numbers that an iteration begins with.

    A parameter has that of the largest number it has been, for it moves by differences.
    """
    program = trajectory.program
    levels: Levels = {}
    for name in program.parameters:
        largest = np.abs(trajectory.history.trail(name, iteration)).max(axis=0)[()]
        levels[name] = PRECISION * largest
    if not program.state:
        return levels
    if iteration == 0 or not deep:
        return levels | {name: _rounding(values[name]) for name in program.state}
    before = trajectory.values_at(Position(iteration - 1, Phase.UPDATE))
    kept = _levels(trajectory, before, iteration - 1, deep=False)
    return levels | {name: kept[next_of(name)] for name in program.state}


def _rounding(value: Value) -> Value:
    """The error of a number that stands for nothing but itself."""
    return PRECISION * np.abs(value)


def _with_error(node: Expression, values: Values, levels: Levels) -> tuple[Value, Value]:
    """A formula's value and its error: each operation adds to those of its arguments."""
    match node:
        case Number(number):
            return np.float64(number), np.float64(0.0)
        case Name(name):
            return values[name], levels[name]
    parts = [_with_error(argument, values, levels) for argument in node.arguments]
    given = {str(place): value for place, (value, _) in enumerate(parts)}
    step = _step(
        Apply(
            node.operation,
            tuple(
                argument if isinstance(argument, Number) else Name(str(place))
                for place, argument in enumerate(node.arguments)
            ),
            node.axis,
            node.shape,
            node.index,
        ),
        tuple(np.shape(value) for value, _ in parts),
    )
    value = step(given)[""]
    error = _rounding(value)
    with np.errstate(all="ignore"):
        for place, (argument, off) in enumerate(parts):
            if np.any(off):
                moved = (
                    given | {str(place): argument + sign * off} for sign in _signs(np.shape(off))
                )
                changes = [np.abs(step(other)[""] - value) for other in moved]
                error = error + np.fmax.reduce(changes)
    return value, error


def _signs(shape: Shape) -> tuple[Value, ...]:
    """Which way errors point: all one way, and every which way."""
    if shape == ():
        return np.float64(1.0), np.float64(-1.0)
    mixed = np.random.default_rng(0).choice((-1.0, 1.0), shape)
    return np.ones(shape), mixed, -mixed


@lru_cache(maxsize=1024)
def _step(operation: Apply, shapes: tuple[Shape, ...]) -> Function:
    known = {str(place): shape for place, shape in enumerate(shapes)}
    return compile_lines([Line("", operation)], known)
