"""The training loop: the values and parameters of an experiment at every iteration.

One generated function computes many iterations at once. The history keeps the loss and parameters
of every iteration in arrays.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.compile import (
    SourceWriter,
    Value,
    Values,
    build_function,
    inputs_of,
    python_name,
)
from gd_tutor.engine.experiment import Change, Experiment
from gd_tutor.engine.expression import Lines, Tensor, gradient_of, next_of, shape_of_tensor
from gd_tutor.engine.program import LEARNING_RATE, LOSS, SEED, Program
from gd_tutor.engine.samples import standardised
from gd_tutor.engine.state import MOST_ITERATIONS, Phase, Position

MOST_BYTES = 256 * 2**20
"""The most bytes of a history; a run ends there."""
_FIRST_ROOM = 16


class History:
    """Losses and parameters by iteration, in arrays that grow by doubling.

    Row k holds the parameters before the update of iteration k, so there is one row more than
    updates. The first `whole_known` full-batch losses are computed. At most `most` updates fit.
    """

    def __init__(self, start: Mapping[str, Value]) -> None:
        self.updates = self.whole_known = 0
        numbers = 2 + sum(np.size(value) for value in start.values())
        self.most = min(MOST_ITERATIONS, max(MOST_BYTES // (8 * numbers) - 1, 1))
        rows = min(_FIRST_ROOM, self.most + 1)
        self._losses, self._whole = np.empty(rows), np.empty(rows)
        self._parameters = {
            name: np.empty((rows, *np.shape(value))) for name, value in start.items()
        }
        for name, value in start.items():
            self._parameters[name][0] = value

    def reserve(self, updates: int) -> None:
        """Make room for that many updates, at most `most`."""
        rows = len(self._losses)
        if updates < rows:
            return
        rows = min(max(updates + 1, 2 * rows), self.most + 1)
        known = self.updates + 1
        self._losses = _grown(self._losses, rows, known)
        self._whole = _grown(self._whole, rows, self.whole_known)
        self._parameters = {
            name: _grown(trail, rows, known) for name, trail in self._parameters.items()
        }

    def cut(self, updates: int) -> None:
        """Drop everything after that many updates."""
        self.updates = min(self.updates, updates)
        self.whole_known = min(self.whole_known, updates)

    def buffers(self) -> tuple[NDArray[np.float64], Mapping[str, NDArray[np.float64]]]:
        """The arrays that the loop fills."""
        return self._losses, self._parameters

    def losses(self, count: int) -> NDArray[np.float64]:
        """The first losses, shape (count,)."""
        return self._losses[:count]

    def whole_losses(self, count: int) -> NDArray[np.float64]:
        """The first full-batch losses, shape (count,), for the caller to fill in."""
        return self._whole[:count]

    def trail(self, name: str, updates: int) -> NDArray[np.float64]:
        """A parameter before every update and after the last: shape (updates + 1, *shape)."""
        return self._parameters[name][: updates + 1]

    def parameters(self, iteration: int, names: Sequence[str]) -> dict[str, Value]:
        """The parameters before the update of an iteration."""
        return {name: self._scalar(self._parameters[name][iteration]) for name in names}

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(a.nbytes for a in (self._losses, self._whole, *self._parameters.values()))

    @staticmethod
    def _scalar(value: NDArray[np.float64]) -> Value:
        return np.float64(value) if np.ndim(value) == 0 else value


def _grown(array: NDArray[np.float64], rows: int, known: int) -> NDArray[np.float64]:
    larger = np.empty((rows, *array.shape[1:]))
    larger[:known] = array[:known]
    return larger


Buffers = Mapping[str, NDArray[np.float64]]
Rows = Iterable[NDArray[np.intp]]
Loop = Callable[[int, int, Mapping[str, Value], Rows, NDArray[np.float64], Buffers], None]


@lru_cache(maxsize=64)
def compile_loop(program: Program, batched: tuple[str, ...] = ()) -> Loop:
    """A function `loop(first, last, values, batches, losses, trails)` that runs those iterations.

    `values` holds data, learning rate, and the parameters and state before iteration `first`. Each
    iteration k fills row k of `losses` and row k + 1 of each trail, and takes from the `batched`
    data the rows in `batches`.
    """
    lines = (*program.needed, *program.sequence[1], *program.sequence[2])
    carried = program.carried
    taken = [f"{python_name(n)} = {_all(n)}.take(rows, 0)" for n in batched]
    after = [
        f"{python_name(name)} = {_trail(name)}[k + 1] = {python_name(next_of(name))}"
        for name in carried
    ]
    return _compiled(program, lines, batched, carried, (taken, after))


@lru_cache(maxsize=64)
def compile_losses(program: Program) -> Loop:
    """The same function, but it reads filled trails and computes only the losses."""
    before = [f"{python_name(name)} = {_trail(name)}[k]" for name in program.parameters]
    return _compiled(program, program.needed, (), program.parameters, (before, []))


def _compiled(
    program: Program,
    lines: Lines,
    batched: tuple[str, ...],
    trails: tuple[str, ...],
    around: tuple[list[str], list[str]],
) -> Loop:
    """A loop over iterations: the lines, and the statements before and after them."""
    writer = SourceWriter(program.shapes)
    for line in lines:
        writer.assign(line)
    body = [f"{python_name(name)} = values[{name!r}]" for name in inputs_of(lines)]
    body += writer.constants
    body += [f"{_all(name)} = values[{name!r}]" for name in batched]
    body += [f"{_trail(name)} = trails[{name!r}]" for name in trails]
    before, after = around
    step = [*before, *writer.statements, f"losses[k] = {python_name(LOSS)}", *after]
    turns = "range(first, last)"
    heading = f"for k, rows in zip({turns}, batches):" if batched else f"for k in {turns}:"
    body += [heading, *("    " + statement for statement in step)]
    arguments = "first, last, values, batches, losses, trails"
    loop: Any = build_function("loop", arguments, body)
    compiled: Loop = loop
    return compiled


def _trail(name: str) -> str:
    return f"trail_{python_name(name)}"


def _all(name: str) -> str:
    return f"all_{python_name(name)}"


CHUNK = 1_000
"""The number of iterations between two checks that all numbers are finite."""


class Trajectory:
    """The values of an experiment, with the changes made during the run.

    Parameters, optimizer state and losses are kept in arrays; other values are recomputed when
    asked for. `phases` are in the order of an iteration, which a bug may change; a position counts
    how many are done. `watched` are the names of each phase that are checked to be finite.

    Raises KeyError for a change of an unknown setting, ValueError for one of another shape.
    """

    def __init__(self, experiment: Experiment, changes: Iterable[Change] = ()) -> None:
        self.experiment = experiment
        self.changes = tuple(sorted(changes, key=lambda change: change.iteration))
        for change in self.changes:
            self.check(change.name, change.value)
        self.begin()

    @property
    def program(self) -> Program:
        return self.experiment.program

    def begin(self) -> None:
        """Recompute everything from the present settings."""
        program = self.program
        self.phases = tuple(map(Phase.named, program.phases))
        ends = {LOSS, *map(gradient_of, program.parameters), *map(next_of, program.carried)}
        self.watched = [
            [line.name for line in lines if line.name in ends] for lines in program.sequence
        ]
        start = {name: as_value(self.setting(name, 0)) for name in program.parameters}
        for name, shape in program.state.items():
            start[name] = np.full(shape, program.initial[name])[()]
        self.history = History(start)
        self._arrays: dict[str, Value] = {}

    def check(self, name: str, value: Tensor) -> None:
        """Raise KeyError for an unknown setting, ValueError for a value of another shape."""
        if shape_of_tensor(value) != shape_of_tensor(self.experiment.setting(name)):
            raise ValueError(f"'{name}' keeps its shape.")

    def after(self, phase: Phase, iteration: int) -> Position:
        """The position after a phase of an iteration."""
        return Position(iteration, Phase(self.phases.index(phase) + 1) if phase else phase)

    # Settings

    def setting(self, name: str, iteration: int) -> Tensor:
        """The value of a setting at an iteration."""
        value = self.experiment.setting(name)
        for change in self.changes:
            if change.name == name and change.iteration <= iteration:
                value = change.value
        return value

    def settings_at(self, iteration: int) -> Values:
        """Data and learning rate at an iteration; of batched data only its samples."""
        values = self.whole_settings_at(iteration)
        batches = self.experiment.batches
        if batches is not None:
            rows = batches.indices(iteration)
            values |= {name: np.asarray(values[name])[rows] for name in batches.names}
        return values

    def whole_settings_at(self, iteration: int) -> Values:
        """Full-batch data and learning rate at an iteration."""
        values: Values = {name: self._array(name) for name in self.program.data}
        values[LEARNING_RATE] = as_value(self.setting(LEARNING_RATE, iteration))
        return values

    def batch(self, iteration: int) -> NDArray[np.intp] | None:
        """The rows of an iteration's batch, shape (size,); None for the full batch."""
        batches = self.experiment.batches
        return None if batches is None else batches.indices(iteration)

    def _array(self, name: str) -> Value:
        """Data as an array, made once a run."""
        if name not in self._arrays:
            value = as_value(self.setting(name, 0))
            names = self.experiment.standardised
            if name in names and self.experiment.choice("scale") == "standardised":
                value = standardised(np.asarray(value))
            self._arrays[name] = value
        return self._arrays[name]

    # Values

    def values_at(self, position: Position) -> Values:
        """The environment at a position, or at the end of the run if that is earlier."""
        end = self.compute(position.iteration)
        program, iteration = self.program, (end or position).iteration
        values = self.settings_at(iteration)
        values |= self.history.parameters(iteration, program.carried)
        for compute in program.computed[: position.phase]:
            values |= compute(values)
        return values

    def partials_at(
        self, iteration: int, samples: Iterable[int] | None = None
    ) -> dict[str, NDArray[np.float64]] | None:
        """Every parameter's partial derivatives by sample, shape (samples, *shape).

        By default for all samples, one backward pass each. The gradient is their mean or their
        sum, as the loss is; None if it is neither.
        """
        program = self.program
        if program.samples is None:
            return None
        values = self.values_at(Position(iteration, Phase.FORWARD))
        found: dict[str, list[Value]] = {name: [] for name in program.parameters}
        every = range(int(np.prod(program.sample_shape)))
        for sample in every if samples is None else samples:
            gradients = self.of_sample(sample, values)
            for name, partials in found.items():
                partials.append(gradients[gradient_of(name)])
        return {name: np.array(partials) for name, partials in found.items()}

    def of_sample(self, sample: int, values: Values) -> Values:
        """The gradient of one sample's loss, from the values of a forward phase."""
        seed = np.zeros(self.program.sample_shape)
        seed.flat[sample] = 1.0
        return self.program.compute_backward_of_samples({**values, SEED: seed})

    # The run itself

    @property
    def last(self) -> Position:
        """The last position that the history has room for."""
        return Position(self.history.most, Phase.BACKWARD)

    def compute(self, updates: int) -> Position | None:
        """Compute that many updates; return the position where the run ends earlier, or None."""
        history = self.history
        if updates > history.most:
            return self.compute(history.most) or self.last
        history.reserve(updates)
        if 0 < history.updates < updates and not self._finite(history.updates).all():
            return Position(history.updates - 1, Phase.UPDATE)
        program, batches = self.program, self.experiment.batches
        loop = compile_loop(program, batches.names if batches else ())
        while history.updates < updates:
            first = history.updates
            turns = [c.iteration for c in self.changes if c.iteration > first]
            last = min(updates, first + CHUNK, *turns)
            values = self.whole_settings_at(first) | history.parameters(first, program.carried)
            rows = batches.following(first) if batches else ()
            loop(first, last, values, rows, *history.buffers())
            history.updates = last
            end = self._end(first, last)
            if end is not None:
                history.updates = end.updates
                return end
        return None

    def _finite(self, first: int, last: int | None = None) -> NDArray[np.bool_]:
        """Whether the parameters before some iterations (by default one) are finite."""
        last = first + 1 if last is None else last
        finite = np.ones(last - first, dtype=bool)
        for trail in self.history.buffers()[1].values():
            finite &= np.isfinite(trail[first:last]).reshape(last - first, -1).all(axis=1)
        return finite

    def _end(self, first: int, last: int) -> Position | None:
        """The first position in some iterations at which a number is not finite."""
        losses, _ = self.history.buffers()
        finite = np.isfinite(losses[first:last])
        moved = self._finite(first + 1, last + 1)
        if (finite & moved).all():
            return None
        iteration = first + int(np.argmin(finite & moved))
        if not finite[iteration - first]:
            return Position(iteration, Phase.FORWARD)
        values = self.values_at(Position(iteration, Phase.UPDATE))
        for phase in (Phase.BACKWARD, Phase.UPDATE):
            if not all(np.isfinite(values[name]).all() for name in self.watched[phase - 1]):
                break
        return Position(iteration, phase)


def as_value(tensor: Tensor) -> Value:
    """A setting as a NumPy value."""
    return np.float64(tensor) if isinstance(tensor, float | int) else np.array(tensor, dtype=float)
