"""A run of a lesson: forward, backward, update, and back again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.compile import Value, Values
from gd_tutor.engine.experiment import KINDS, Change, Experiment
from gd_tutor.engine.expression import Tensor, gradient_of, next_of, shape_of_tensor
from gd_tutor.engine.history import History
from gd_tutor.engine.loop import compile_loop, compile_losses
from gd_tutor.engine.noise import without_noise
from gd_tutor.engine.options import Option, options
from gd_tutor.engine.program import LEARNING_RATE, LOSS, SEED, Program
from gd_tutor.engine.standardisation import standardised
from gd_tutor.engine.state import BEGINNING, MOST_ITERATIONS, Phase, Position, out_of_turn

CHUNK = 1_000
"""Iterations run before looking whether the numbers are still finite."""


class OutOfTurn(Exception):
    """A phase was asked for out of its turn; the message says what comes first, and why."""


class RunEnded(Exception):
    """The run cannot go on: it has left the finite numbers, or is too long; it can be undone."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a run left the finite numbers: the position, and the name of the first such value."""

    position: Position
    name: str


class Training:
    """An experiment under way.

    The state is a position, the changes made on the way and the choices, which hold for the whole
    run; what goes on from iteration to iteration and the losses are kept in arrays, and everything
    else is computed again when asked for. `experiment` is the one given, with the choices made.
    `order` are the phases in the order in which an iteration does them: a position counts how many
    of them are done, and a bug may put another phase in the place of one.

    Raises KeyError for a change of what is no setting, ValueError for one of another shape, and
    ChoiceError (a ValueError) for a choice that does not fit.
    """

    def __init__(
        self,
        experiment: Experiment,
        changes: Iterable[Change] = (),
        position: Position = BEGINNING,
        choices: Mapping[str, str] | None = None,
    ) -> None:
        self._given = experiment
        self.experiment = experiment.with_choices(choices or {})
        self._values: Values | None = None
        self._shown: tuple[Values, Values] | None = None
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
    def done(self) -> Phase:
        """The phase that was done last; START before the first."""
        return self.order[self.phase - 1] if self.phase else Phase.START

    @property
    def upcoming(self) -> Phase:
        """The phase that comes next."""
        return self.order[self.position.next.phase - 1]

    def after(self, phase: Phase, iteration: int | None = None) -> Position:
        """Where a phase of an iteration (the present one unless told) is done."""
        at = self.iteration if iteration is None else iteration
        return Position(at, Phase(self.order.index(phase) + 1) if phase else phase)

    def slope(self, name: str) -> Value | None:
        """The slope of the loss along a value, once backward has found it in this iteration."""
        if self.position < self.after(Phase.BACKWARD):
            return None
        return self.values[self.program.slopes[name]]

    @property
    def choices(self) -> dict[str, str]:
        """The choices made, without those that the experiment has of its own."""
        chosen = self.experiment.choices
        return {
            kind: chosen[kind]
            for kind in KINDS
            if kind in chosen and chosen[kind] != self._given.choice(kind)
        }

    def choose(self, kind: str, value: str) -> None:
        """Make a choice: the whole run anew, up to the present position or to where it diverges.

        Raises ChoiceError, with nothing changed, where the choice does not fit.
        """
        self.experiment = self._given.with_choices({**self.choices, kind: value})
        position = self.position
        self._begin()
        self.go_to(position)

    def options(self, kind: str | None = None) -> tuple[Option, ...]:
        """What can be chosen here, of one kind or of all, together with what is chosen now."""
        offered = options(self.experiment)
        return tuple(option for option in offered if kind in (None, option.kind))

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
        self._take(Phase.FORWARD)

    def backward(self) -> None:
        """Compute the gradient; no parameter changes."""
        self._take(Phase.BACKWARD)

    def update(self) -> None:
        """Move all parameters at once, from gradients of the same point."""
        self._take(Phase.UPDATE)

    def _take(self, phase: Phase) -> None:
        self._require_going_on()
        if self.after(phase).phase is not self.position.next.phase:
            raise OutOfTurn(out_of_turn(phase, self.done, self.order))
        self.advance()

    def advance(self) -> None:
        """Do the next phase, whichever it is. Raises RunEnded where it cannot go on."""
        self._require_going_on()
        position = self.position.next
        self._compute(position.updates)
        self._move(position)

    def _require_going_on(self) -> None:
        if self.divergence is not None:
            raise RunEnded(f"The run diverged at iteration {self.iteration}; it can be undone.")
        if self.is_full:
            raise RunEnded(self.fullness)

    def run(self, iterations: int) -> int:
        """Go on until that many more updates are done; return how many (fewer: it ended)."""
        begun = self.position.updates
        if not self.has_ended and iterations > 0:
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

    def go_to(self, position: Position) -> None:
        """Go to a position, or to where the run ends before it."""
        position = min(position, self.last)
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
        self.history.cut(at)
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
        """The environment at another position; that of the end where the run ends before."""
        end = self._compute(position.iteration)
        program, iteration = self.program, (end or position).iteration
        values = self.settings_at(iteration)
        values |= self.history.parameters(iteration, program.carried)
        for compute in program.computed[: position.phase]:
            values |= compute(values)
        return values

    @property
    def shown(self) -> Values:
        """The environment at this position as people read it: rounding noise in it is 0."""
        values = self.values
        if self._shown is None or self._shown[0] is not values:
            self._shown = values, without_noise(self, values, self.iteration)
        return self._shown[1]

    def shown_at(self, position: Position) -> Values:
        """The environment at another position as people read it: rounding noise in it is 0."""
        values = self.values_at(position)
        return without_noise(
            self, values, (self._compute(position.iteration) or position).iteration
        )

    @property
    def parameters(self) -> dict[str, Value]:
        """The parameters now: after an update, the new ones."""
        return self.history.parameters(self.position.updates, self.program.parameters)

    @property
    def carried(self) -> dict[str, Value]:
        """The parameters and what else is carried on, as they are now."""
        return self.history.parameters(self.position.updates, self.program.carried)

    @property
    def losses(self) -> NDArray[np.float64]:
        """The loss of every iteration whose forward phase is done."""
        count = self.position.forwards
        losses = self.history.losses(count)
        if count > self.position.updates:
            losses[-1] = self.values[LOSS]
        return losses

    def whole_losses(self) -> NDArray[np.float64]:
        """The loss over all samples in every iteration whose forward phase is done.

        These are the `losses` where no batches are taken.
        """
        if self.batch(0) is None:
            return self.losses
        count, known = self.position.forwards, self.history.whole_known
        losses = self.history.whole_losses(count)
        if known < count:
            find = compile_losses(self.experiment.whole.program)
            values = self.whole_settings_at(0) | self.parameters
            find(known, count, values, (), losses, self.history.buffers()[1])
            self.history.whole_known = count
        return losses

    def trail(self, name: str) -> NDArray[np.float64]:
        """A parameter at the start and after every update so far: shape (updates + 1, *shape)."""
        return self.history.trail(name, self.position.updates)

    # Where it ends

    @property
    def last(self) -> Position:
        """The last position for which the history has room: a further update would not fit."""
        return Position(self.history.most, Phase.BACKWARD)

    @property
    def is_full(self) -> bool:
        """Whether the history has no room for the next phase."""
        return self.position >= self.last

    @property
    def fullness(self) -> str:
        """Why a run ends at its last position."""
        most = self.history.most
        if most == MOST_ITERATIONS:
            return f"Iteration {most:,} is the last of a run; it can be undone."
        return (
            f"Iteration {most:,} is the last: the history of so many parameters is full; "
            "it can be undone."
        )

    @property
    def has_ended(self) -> bool:
        """Whether the run cannot go on from here."""
        return self.is_full or self.divergence is not None

    @property
    def divergence(self) -> Divergence | None:
        """The first value of this phase that is not finite, if there is one."""
        if self.phase is Phase.START:
            return None
        for name in self._watched[self.phase - 1]:
            if not np.isfinite(self.values[name]).all():
                return Divergence(self.position, name)
        return None

    def per_sample(
        self, iteration: int | None = None, samples: Iterable[int] | None = None
    ) -> dict[str, NDArray[np.float64]] | None:
        """Every parameter's partial derivatives sample by sample: shape (samples, *shape).

        These are all samples unless some are named; each is a backward run. The mean (or sum, as
        the loss says) of all is the gradient. None where the loss is neither.
        """
        program = self.program
        if program.samples is None:
            return None
        values = self._before_samples(iteration)
        found: dict[str, list[Value]] = {name: [] for name in program.parameters}
        every = range(int(np.prod(program.sample_shape)))
        for sample in every if samples is None else samples:
            gradients = self._of_sample(sample, values)
            for name, partials in found.items():
                partials.append(gradients[gradient_of(name)])
        return {name: np.array(partials) for name, partials in found.items()}

    def sample_values(self, sample: int) -> Values:
        """The environment in which `grad.NAME` belongs to one sample's loss."""
        values = self._before_samples(None)
        return values | self._of_sample(sample, values)

    def _before_samples(self, iteration: int | None) -> Values:
        at = self.iteration if iteration is None else iteration
        return self.values_at(Position(at, Phase.FORWARD))

    def _of_sample(self, sample: int, values: Values) -> Values:
        seed = np.zeros(self.program.sample_shape)
        seed.flat[sample] = 1.0
        return self.program.compute_backward_of_samples({**values, SEED: seed})

    # How it is computed and kept

    def _begin(self) -> None:
        program = self.program
        self.order = tuple(map(Phase.named, program.order))
        ends = {LOSS, *map(gradient_of, program.parameters), *map(next_of, program.carried)}
        self._watched = [
            [line.name for line in lines if line.name in ends] for lines in program.sequence
        ]
        start = {name: as_value(self.setting(name, 0)) for name in program.parameters}
        for name, shape in program.state.items():
            start[name] = np.full(shape, program.initial[name])[()]
        self.history = History(start)
        self._arrays: dict[str, Value] = {}
        self.position = self.furthest = BEGINNING
        self._values = None

    def _move(self, position: Position) -> None:
        self.position = position
        self.furthest = max(self.furthest, position)
        self._values = None

    def settings_at(self, iteration: int) -> Values:
        """Data and learning rate in force at an iteration; of batched data its samples."""
        values = self.whole_settings_at(iteration)
        batches = self.experiment.batches
        if batches is not None:
            rows = batches.indices(iteration)
            values |= {name: np.asarray(values[name])[rows] for name in batches.names}
        return values

    def whole_settings_at(self, iteration: int) -> Values:
        """Data, all samples of them, and learning rate in force at an iteration."""
        values: Values = {name: self._array(name) for name in self.program.data}
        values[LEARNING_RATE] = as_value(self.setting(LEARNING_RATE, iteration))
        return values

    def batch(self, iteration: int) -> NDArray[np.intp] | None:
        """Which samples an iteration is worked with, by their rows; None for all of them."""
        batches = self.experiment.batches
        return None if batches is None else batches.indices(iteration)

    def _array(self, name: str) -> Value:
        """Data as the engine computes with them: made once a run, since they may be many."""
        if name not in self._arrays:
            value = as_value(self.setting(name, 0))
            names = self.experiment.standardised
            if name in names and self.experiment.choice("scale") == "standardised":
                value = standardised(np.asarray(value))
            self._arrays[name] = value
        return self._arrays[name]

    def _compute(self, updates: int) -> Position | None:
        """Have that many updates in the history; return where it ends before, if it does."""
        history = self.history
        if updates > history.most:
            return self._compute(history.most) or self.last
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
        values = self.values_at(Position(iteration, Phase.UPDATE))
        for phase in (Phase.BACKWARD, Phase.UPDATE):
            if not all(np.isfinite(values[name]).all() for name in self._watched[phase - 1]):
                break
        return Position(iteration, phase)


def as_value(tensor: Tensor) -> Value:
    """A setting as the engine computes with it."""
    return np.float64(tensor) if isinstance(tensor, float | int) else np.array(tensor, dtype=float)
