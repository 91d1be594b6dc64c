"""A run of an experiment: forward, backward, update, undo and jumps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.compile import Value, Values
from gd_tutor.engine.experiment import KINDS, Change, Experiment, Option, options
from gd_tutor.engine.expression import Expression, Name, Tensor, next_of
from gd_tutor.engine.noise import Shown, shown_value, without_noise
from gd_tutor.engine.program import LEARNING_RATE, LOSS
from gd_tutor.engine.state import BEGINNING, MOST_ITERATIONS, Phase, Position, out_of_turn
from gd_tutor.engine.trajectory import Trajectory, compile_losses


class OutOfTurn(Exception):
    """A phase was asked for out of turn; the message says what comes first, and why."""


class RunEnded(Exception):
    """The run cannot continue: a number is not finite, or the history is full. Undo works."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """The position and the name of the first value that is not finite."""

    position: Position
    name: str


class Training(Trajectory):
    """A run of an experiment: a position on its trajectory, the changes made and the choices.

    `experiment` includes the choices, which hold for the whole run.

    Raises KeyError for a change of an unknown setting, ValueError for one of another shape, and
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
        self.position: Position
        self.furthest: Position
        self._values: Values | None = None
        self._shown: tuple[Values, Values] | None = None
        super().__init__(experiment.with_choices(choices or {}), changes)
        self.go_to(position)

    # What a run is made of

    @property
    def done(self) -> Phase:
        """The phase done last; START before the first."""
        return self.phases[self.phase - 1] if self.phase else Phase.START

    @property
    def upcoming(self) -> Phase:
        """The phase that comes next."""
        return self.phases[self.position.next.phase - 1]

    def after(self, phase: Phase, iteration: int | None = None) -> Position:
        """The position after a phase of an iteration (by default the present one)."""
        return super().after(phase, self.iteration if iteration is None else iteration)

    def slope(self, name: str) -> Value | None:
        """The partial derivative of the loss with respect to a value; None before backward."""
        if self.position < self.after(Phase.BACKWARD):
            return None
        return self.values[self.program.slopes[name]]

    @property
    def choices(self) -> dict[str, str]:
        """The choices made, without the experiment's own."""
        chosen = self.experiment.choices
        return {
            kind: chosen[kind]
            for kind in KINDS
            if kind in chosen and chosen[kind] != self._given.choice(kind)
        }

    def choose(self, kind: str, value: str) -> None:
        """Make a choice and recompute the run up to the present position, or until it diverges.

        Raises ChoiceError, with nothing changed, if the choice does not fit.
        """
        self.experiment = self._given.with_choices({**self.choices, kind: value})
        position = self.position
        self.begin()
        self.go_to(position)

    def options(self, kind: str | None = None) -> tuple[Option, ...]:
        """The choices offered, of one kind or of all, those in force included."""
        offered = options(self.experiment)
        return tuple(option for option in offered if kind in (None, option.kind))

    @property
    def iteration(self) -> int:
        return self.position.iteration

    @property
    def phase(self) -> Phase:
        return self.position.phase

    def setting(self, name: str, iteration: int | None = None) -> Tensor:
        """The value of a setting at an iteration (by default that of the next update)."""
        return super().setting(name, self.position.updates if iteration is None else iteration)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next update."""
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
        """Move all parameters at once, with gradients at the same point."""
        self._take(Phase.UPDATE)

    def _take(self, phase: Phase) -> None:
        self._require_going_on()
        if self.after(phase).phase is not self.position.next.phase:
            raise OutOfTurn(out_of_turn(phase, self.done, self.phases))
        self.advance()

    def advance(self) -> None:
        """Do the next phase. Raises RunEnded if the run cannot continue."""
        self._require_going_on()
        position = self.position.next
        self.compute(position.updates)
        self._move(position)

    def _require_going_on(self) -> None:
        if self.divergence is not None:
            raise RunEnded(f"The run diverged at iteration {self.iteration}; it can be undone.")
        if self.is_full:
            raise RunEnded(self.fullness)

    def run(self, iterations: int) -> int:
        """Do that many more updates; return how many were done, fewer if the run ended."""
        begun = self.position.updates
        if not self.has_ended and iterations > 0:
            self.go_to(Position(begun + iterations - 1, Phase.UPDATE))
        return self.position.updates - begun

    # Back and forth

    def undo(self) -> bool:
        """Go one phase back; False at the start."""
        if self.position == BEGINNING:
            return False
        self._move(self.position.previous)
        return True

    def redo(self) -> bool:
        """Redo the phase undone last; False if there is none."""
        if self.position >= self.furthest:
            return False
        self._move(self.position.next)
        return True

    def reset(self) -> None:
        """Go back to the start, with the present settings."""
        names = dict.fromkeys(change.name for change in self.changes)
        self.changes = tuple(
            Change(name, value)
            for name in names
            if (value := self.setting(name)) != self.experiment.setting(name)
        )
        self.begin()

    def go_to(self, position: Position) -> None:
        """Go to a position, or to the end of the run if that is earlier."""
        position = min(position, self.last)
        end = self.compute(position.updates)
        target = position if end is None else min(position, end)
        if target.phase is Phase.BACKWARD:  # out of reach if the loss is not finite
            self._move(target.previous)
            if self.divergence is not None:
                return
        self._move(target)

    def change(self, name: str, value: Tensor) -> None:
        """Change a setting: the learning rate from the next update on, others from the start.

        Raises KeyError for an unknown setting, ValueError for a value of another shape.
        """
        self.check(name, value)
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
            self.begin()
            return
        self.history.cut(at)
        self.furthest = self.position
        self._values = None

    # What is known

    @property
    def values(self) -> Values:
        """The environment at this position: all values computed by the phases done so far.

        After an update the names of parameters still hold the old values; `next.NAME` are the new.
        """
        if self._values is None:
            self._values = self.values_at(self.position)
        return self._values

    @property
    def shown(self) -> Values:
        """The environment at this position with rounding noise replaced by 0."""
        values = self.values
        if self._shown is None or self._shown[0] is not values:
            self._shown = values, without_noise(self, values, self.iteration)
        return self._shown[1]

    def shown_at(self, position: Position) -> Values:
        """The environment at another position with rounding noise replaced by 0."""
        values = self.values_at(position)
        return without_noise(self, values, (self.compute(position.iteration) or position).iteration)

    def shown_value(self, formula: Expression, position: Position) -> Shown:
        """A formula's value at a position, without rounding noise."""
        values, end = self.values_at(position), self.compute(position.iteration)
        return shown_value(self, values, (end or position).iteration, formula)

    def shown_parameter(self, name: str) -> Shown:
        """A parameter (after an update, the new one), without rounding noise."""
        moved = self.position.updates > self.iteration
        return self.shown_now(next_of(name) if moved else name)

    def shown_now(self, name: str) -> Shown:
        """A value at this position, without rounding noise."""
        return Shown.of(self.shown[name], self.values[name])

    def shown_loss(self, iteration: int, exact: float) -> Shown:
        """The full-batch loss before the update of an iteration, without rounding noise.

        With smaller batches the noise is unknown, and the loss is `exact`.
        """
        if self.batch(0) is not None or not np.isfinite(exact):
            return Shown(np.float64(exact))
        return self.shown_value(Name(LOSS), self.after(Phase.FORWARD, iteration))

    @property
    def parameters(self) -> dict[str, Value]:
        """The present parameters: after an update, the new ones."""
        return self.history.parameters(self.position.updates, self.program.parameters)

    @property
    def carried(self) -> dict[str, Value]:
        """The present parameters and optimizer state."""
        return self.history.parameters(self.position.updates, self.program.carried)

    @property
    def losses(self) -> NDArray[np.float64]:
        """The loss of every iteration whose forward phase is done, shape (iterations,)."""
        count = self.position.forwards
        losses = self.history.losses(count)
        if count > self.position.updates:
            losses[-1] = self.values[LOSS]
        return losses

    def whole_losses(self) -> NDArray[np.float64]:
        """The full-batch loss of every iteration whose forward phase is done.

        Shape (iterations,); without smaller batches the same as `losses`.
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
    def is_full(self) -> bool:
        """Whether the history has no room for the next phase."""
        return self.position >= self.last

    @property
    def fullness(self) -> str:
        """The sentence on why a run ends at its last position."""
        most = self.history.most
        if most == MOST_ITERATIONS:
            return f"Iteration {most:,} is the last of a run; it can be undone."
        return (
            f"Iteration {most:,} is the last: the history of so many parameters is full; "
            "it can be undone."
        )

    @property
    def has_ended(self) -> bool:
        """Whether the run cannot continue from here."""
        return self.is_full or self.divergence is not None

    @property
    def divergence(self) -> Divergence | None:
        """The first value of this phase that is not finite, or None."""
        if self.phase is Phase.START:
            return None
        for name in self.watched[self.phase - 1]:
            if not np.isfinite(self.values[name]).all():
                return Divergence(self.position, name)
        return None

    def per_sample(
        self, iteration: int | None = None, samples: Iterable[int] | None = None
    ) -> dict[str, NDArray[np.float64]] | None:
        """Every parameter's partial derivatives by sample (see `partials_at`)."""
        return self.partials_at(self.iteration if iteration is None else iteration, samples)

    def sample_values(self, sample: int) -> Values:
        """The environment in which `grad.NAME` belongs to one sample's loss."""
        values = self.values_at(Position(self.iteration, Phase.FORWARD))
        return values | self.of_sample(sample, values)

    # Where it stands

    def begin(self) -> None:
        """Go to the start, with nothing computed."""
        super().begin()
        self.position = self.furthest = BEGINNING
        self._values = None

    def _move(self, position: Position) -> None:
        self.position = position
        self.furthest = max(self.furthest, position)
        self._values = None
