"""Rounding noise: numbers that would be 0 in exact arithmetic.

When two large numbers nearly cancel, the difference may consist of rounding errors alone. A running
error analysis (Higham, Accuracy and Stability of Numerical Algorithms, section 3.3), with a
relative error of 1e-12 in every number, tells noise from small exact numbers, such as the square
of a small residual.
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
"""The relative error of every number, and of noise relative to the largest number of a pass."""

FOLLOWING = 1_000
"""Noise may be multiplied by at most this factor, as in 75y when y is noise."""
MANY = 100_000
"""Larger programs are not searched for noise: few of their numbers are shown."""

Levels = dict[str, Value]
"""The error bound of each value."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A value as shown, with noise replaced by 0; `is_noise` if any of it was noise."""

    value: Value
    is_noise: bool = False

    @classmethod
    def of(cls, value: Value, exact: Value) -> Self:
        """A value without noise, from the `exact` one."""
        return cls(value, not np.array_equal(value, exact, equal_nan=True))

    def at(self, index: Index, exact: Value) -> "Shown":
        """One number of the value, from the `exact` value."""
        return Shown.of(np.asarray(self.value)[index], np.asarray(exact)[index])


def shown_value(
    trajectory: Trajectory, values: Values, iteration: int, formula: Expression
) -> Shown:
    """A formula's value in an iteration, without rounding noise."""
    exact = evaluate(formula, values)
    limit = _limit(trajectory, values)
    if trajectory.program.size > MANY or not _below(exact, FOLLOWING * limit):
        return Shown(exact)
    _, error = _with_error(formula, values, _levels(trajectory, values, iteration))
    is_noise = np.abs(exact) <= np.minimum(error, FOLLOWING * limit)
    return Shown.of(np.where(is_noise, 0.0, exact)[()], exact)


def without_noise(trajectory: Trajectory, values: Values, iteration: int) -> Values:
    """The values of an iteration with rounding noise replaced by 0."""
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
    """The precision of a pass: relative to the largest number in it and at the start."""
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
    """Whether some number is not 0 and below the limit."""
    return bool(np.any((value != 0) & (np.abs(value) < limit)))


def _levels(trajectory: Trajectory, values: Values, iteration: int, deep: bool = True) -> Levels:
    """The error bounds of all values of an iteration."""
    program = trajectory.program
    levels: Levels = {name: _rounding(values[name]) for name in (*program.data, LEARNING_RATE)}
    levels |= _carried(trajectory, values, iteration, deep)
    for line in (line for lines in program.sequence for line in lines):
        if line.name not in values:
            break
        _, levels[line.name] = _with_error(line.expression, values, levels)
        moved = line.name.removeprefix(next_of(""))
        if moved in program.parameters:  # relative to all its earlier values
            levels[line.name] = np.minimum(levels[line.name], levels[moved])
    return levels


def _carried(trajectory: Trajectory, values: Values, iteration: int, deep: bool) -> Levels:
    """The error bounds of the numbers that an iteration begins with.

    A parameter's is relative to its largest value so far, because updates add differences.
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
    """The error of a number taken by itself."""
    return PRECISION * np.abs(value)


def _with_error(node: Expression, values: Values, levels: Levels) -> tuple[Value, Value]:
    """A formula's value and its error: each operation adds to the errors of its arguments."""
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
    """The signs of errors: all equal, and mixed."""
    if shape == ():
        return np.float64(1.0), np.float64(-1.0)
    mixed = np.random.default_rng(0).choice((-1.0, 1.0), shape)
    return np.ones(shape), mixed, -mixed


@lru_cache(maxsize=1024)
def _step(operation: Apply, shapes: tuple[Shape, ...]) -> Function:
    known = {str(place): shape for place, shape in enumerate(shapes)}
    return compile_lines([Line("", operation)], known)
