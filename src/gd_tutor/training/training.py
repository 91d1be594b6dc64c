"""A run of a lesson: forward, backward, update, and back again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gd_tutor.program import (
    LEARNING_RATE,
    LOSS,
    Program,
    Tensor,
    gradient_of,
    next_of,
    shape_of_tensor,
)
from gd_tutor.program.compile import Value, Values
from gd_tutor.program.program import SEED
from gd_tutor.training.experiment import Change, Experiment
from gd_tutor.training.history import History
from gd_tutor.training.loop import Loop, compile_loop
from gd_tutor.training.phases import BEGINNING, Phase, Position

CHUNK = 1_000
"""Iterations run before looking whether the numbers are still finite."""


class OutOfTurn(Exception):
    """A phase was asked for out of its turn; the message says what comes first, and why."""


class Diverged(Exception):
    """The run has left the finite numbers and cannot go on; it can be undone."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a run left the finite numbers: the position, and the name of the first such value."""

    position: Position
    name: str


class Training:
    """An experiment under way.

    The state is a position and the changes made on the way; parameters and losses of all
    iterations are kept in arrays, and everything else is computed again when asked for.

    Raises KeyError for a change of what is no setting, ValueError for one of another shape.
    """

    def __init__(
        self,
        experiment: Experiment,
        changes: Iterable[Change] = (),
        position: Position = BEGINNING,
    ) -> None:
        self.experiment = experiment
        self._values: Values | None = None
        self.position = self.furthest = BEGINNING
        self.changes = tuple(sorted(changes, key=lambda change: change.iteration))
        for change in self.changes:
            self._check(change.name, change.value)
        self._begin()
        self.go_to(position)

    # What a run is made of

    @property
    def program(self) -> Program:
        return self.experiment.program

    @property
    def iteration(self) -> int:
        return self.position.iteration

    @property
    def phase(self) -> Phase:
        return self.position.phase

    def setting(self, name: str, iteration: int | None = None) -> Tensor:
        """The value of a setting in force at an iteration (that of the next update unless told)."""
        at = self.position.updates if iteration is None else iteration
        value = self.experiment.setting(name)
        for change in self.changes:
            if change.name == name and change.iteration <= at:
                value = change.value
        return value

    @property
    def learning_rate(self) -> float:
        """The learning rate that the next update will use."""
        value = self.setting(LEARNING_RATE)
        assert not isinstance(value, tuple)
        return float(value)

    # The three phases

    def forward(self) -> None:
        """Compute the values; no parameter and no gradient changes."""
        self._require_numbers()
        if self.phase is Phase.FORWARD:
            raise OutOfTurn("Forward is done: the loss is known. Next is backward: the slopes.")
        if self.phase is Phase.BACKWARD:
            raise OutOfTurn("The slopes are known. Next is update, which uses them.")
        self.advance()

    def backward(self) -> None:
        """Compute the gradient; no parameter changes."""
        self._require_numbers()
        if self.phase is Phase.BACKWARD:
            raise OutOfTurn("Backward is done: the slopes are known. Next is update.")
        if self.phase is not Phase.FORWARD:
            raise OutOfTurn("Forward comes first: backward needs the values it computes.")
        self.advance()

    def update(self) -> None:
        """Move all parameters at once, from gradients of the same point."""
        self._require_numbers()
        if self.phase is Phase.FORWARD:
            raise OutOfTurn("Backward comes first: update needs the slopes it finds.")
        if self.phase is not Phase.BACKWARD:
            raise OutOfTurn("Forward comes first, then backward: update needs fresh slopes.")
        self.advance()

    def advance(self) -> None:
        """Do the next phase, whichever it is. Raises Diverged where the run has ended."""
        self._require_numbers()
        position = self.position.next
        self._compute(position.updates)
        self._move(position)

    def _require_numbers(self) -> None:
        if self.divergence is not None:
            raise Diverged(f"The run diverged at iteration {self.iteration}; it can be undone.")

    def run(self, iterations: int) -> int:
        """Go on until that many more updates are done; return how many (fewer: it diverged)."""
        begun = self.position.updates
        if self.divergence is None and iterations > 0:
            self.go_to(Position(begun + iterations - 1, Phase.UPDATE))
        return self.position.updates - begun

    # Back and forth

    def undo(self) -> bool:
        """One phase back; False at the very start."""
        if self.position == BEGINNING:
            return False
        self._move(self.position.previous)
        return True

    def redo(self) -> bool:
        """One phase forward again, as far as the run had come; False there."""
        if self.position >= self.furthest:
            return False
        self._move(self.position.next)
        return True

    def reset(self) -> None:
        """Back to the start, with the settings now in force."""
        names = dict.fromkeys(change.name for change in self.changes)
        self.changes = tuple(
            Change(name, value)
            for name in names
            if (value := self.setting(name)) != self.experiment.setting(name)
        )
        self._begin()

    def restore(self) -> None:
        """Back to the start, with the experiment's own settings."""
        self.changes = ()
        self._begin()

    def go_to(self, position: Position) -> None:
        """Go to a position, or to where the run diverges before it."""
        end = self._compute(position.updates)
        target = position if end is None else min(position, end)
        if target.phase is Phase.BACKWARD:  # which no run reaches from a loss that is not finite
            self._move(target.previous)
            if self.divergence is not None:
                return
        self._move(target)

    def change(self, name: str, value: Tensor) -> None:
        """Give a setting another value: the learning rate from the next update on, others anew.

        Raises KeyError for a name that is no setting, ValueError for a value of another shape.
        """
        self._check(name, value)
        at = self.position.updates if name == LEARNING_RATE else 0
        if name != LEARNING_RATE:
            self.reset()
        self.changes = tuple(
            change
            for change in self.changes
            if change.iteration <= at and (change.name, change.iteration) != (name, at)
        )
        if self.setting(name, at) != value:
            self.changes += (Change(name, value, at),)
        if name != LEARNING_RATE:
            self._begin()
            return
        self.history.updates = min(self.history.updates, at)
        self.furthest = self.position
        self._values = None

    def _check(self, name: str, value: Tensor) -> None:
        if shape_of_tensor(value) != shape_of_tensor(self.experiment.setting(name)):
            raise ValueError(f"'{name}' keeps its shape.")

    # What is known

    @property
    def values(self) -> Values:
        """The environment at this position: all that the phases done so far have computed.

        After an update the parameters are still those before it; the new ones are `next.NAME`.
        """
        if self._values is None:
            self._values = self.values_at(self.position)
        return self._values

    def values_at(self, position: Position) -> Values:
        """The environment at another position; that of the end where the run diverges before."""
        end = self._compute(position.iteration)
        program, iteration = self.program, (end or position).iteration
        values = self.settings_at(iteration)
        values |= self.history.parameters(iteration, program.parameters)
        phases: dict[Phase, Callable[[Mapping[str, Value]], Values]] = {
            Phase.FORWARD: program.compute_forward,
            Phase.BACKWARD: program.compute_backward,
            Phase.UPDATE: program.compute_update,
        }
        for phase, compute in phases.items():
            if position.phase >= phase:
                values |= compute(values)
        return values

    @property
    def parameters(self) -> dict[str, Value]:
        """The parameters now: after an update, the new ones."""
        return self.history.parameters(self.position.updates, self.program.parameters)

    @property
    def losses(self) -> NDArray[np.float64]:
        """The loss of every iteration whose forward phase is done."""
        count = self.position.forwards
        losses = self.history.losses(count)
        if count > self.position.updates:
            losses[-1] = self.values[LOSS]
        return losses

    def trail(self, name: str) -> NDArray[np.float64]:
        """A parameter at the start and after every update so far: shape (updates + 1, *shape)."""
        return self.history.trail(name, self.position.updates)

    @property
    def divergence(self) -> Divergence | None:
        """The first value of this phase that is not finite, if there is one."""
        parameters = self.program.parameters
        computed = {
            Phase.START: [],
            Phase.FORWARD: [LOSS],
            Phase.BACKWARD: [gradient_of(name) for name in parameters],
            Phase.UPDATE: [next_of(name) for name in parameters],
        }
        for name in computed[self.phase]:
            if not np.isfinite(self.values[name]).all():
                return Divergence(self.position, name)
        return None

    def per_sample(self, iteration: int | None = None) -> dict[str, NDArray[np.float64]] | None:
        """Every parameter's partial derivatives sample by sample: shape (samples, *shape).

        Their mean (or sum, as the loss says) is the gradient. None where the loss is neither.
        """
        program = self.program
        if program.samples is None:
            return None
        at = self.iteration if iteration is None else iteration
        found: dict[str, list[Value]] = {name: [] for name in program.parameters}
        for sample in range(int(np.prod(program.sample_shape))):
            gradients = self.sample_values(sample, at)
            for name, partials in found.items():
                partials.append(gradients[gradient_of(name)])
        return {name: np.array(partials) for name, partials in found.items()}

    def sample_values(self, sample: int, iteration: int | None = None) -> Values:
        """The environment in which `grad.NAME` belongs to one sample's loss."""
        at = self.iteration if iteration is None else iteration
        values = self.values_at(Position(at, Phase.FORWARD))
        seed = np.zeros(self.program.sample_shape)
        seed.flat[sample] = 1.0
        values[SEED] = seed
        return values | self.program.compute_backward_of_samples(values)

    # How it is computed and kept

    @cached_property
    def _loop(self) -> Loop:
        return compile_loop(self.program)

    def _begin(self) -> None:
        start = {name: as_value(self.setting(name, 0)) for name in self.program.parameters}
        self.history = History(start)
        self.position = self.furthest = BEGINNING
        self._values = None

    def _move(self, position: Position) -> None:
        self.position = position
        self.furthest = max(self.furthest, position)
        self._values = None

    def settings_at(self, iteration: int) -> Values:
        """Data and learning rate in force at an iteration."""
        names = (*self.program.data, LEARNING_RATE)
        return {name: as_value(self.setting(name, iteration)) for name in names}

    def _compute(self, updates: int) -> Position | None:
        """Have that many updates in the history; return where it diverges before, if it does."""
        history = self.history
        history.reserve(updates)
        if 0 < history.updates < updates and not self._finite(history.updates).all():
            return Position(history.updates - 1, Phase.UPDATE)
        while history.updates < updates:
            first = history.updates
            turns = [c.iteration for c in self.changes if c.iteration > first]
            last = min(updates, first + CHUNK, *turns)
            values = self.settings_at(first) | history.parameters(first, self.program.parameters)
            self._loop(first, last, values, *history.buffers())
            history.updates = last
            end = self._end(first, last)
            if end is not None:
                history.updates = end.updates
                return end
        return None

    def _finite(self, first: int, last: int | None = None) -> NDArray[np.bool_]:
        """Whether the parameters before some iterations (one, unless told) are all finite."""
        last = first + 1 if last is None else last
        finite = np.ones(last - first, dtype=bool)
        for trail in self.history.buffers()[1].values():
            finite &= np.isfinite(trail[first:last]).reshape(last - first, -1).all(axis=1)
        return finite

    def _end(self, first: int, last: int) -> Position | None:
        """The first position among some iterations at which a number is not finite."""
        losses, _ = self.history.buffers()
        finite = np.isfinite(losses[first:last])
        moved = self._finite(first + 1, last + 1)
        if (finite & moved).all():
            return None
        iteration = first + int(np.argmin(finite & moved))
        if not finite[iteration - first]:
            return Position(iteration, Phase.FORWARD)
        gradients = self.values_at(Position(iteration, Phase.BACKWARD))
        known = all(np.isfinite(gradients[gradient_of(n)]).all() for n in self.program.parameters)
        return Position(iteration, Phase.UPDATE if known else Phase.BACKWARD)


def as_value(tensor: Tensor) -> Value:
    """A setting as the engine computes with it."""
    return np.float64(tensor) if isinstance(tensor, float | int) else np.array(tensor, dtype=float)
