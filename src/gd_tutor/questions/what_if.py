"""A wrong rule followed on as a what-if run, beside the right one."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gd_tutor.course.check import one_number
from gd_tutor.engine.compile import Function, Value, Values, compile_lines
from gd_tutor.engine.expression import Expression, Lines, next_of
from gd_tutor.engine.program import LOSS, Program
from gd_tutor.engine.state import PHASES, Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.questions.asked_number import AskedNumber
from gd_tutor.questions.misconceptions import Misconception, Specificity


@dataclass(frozen=True, eq=False)
class Rule:
    """A misconception in a program: the lines it has in place of its own, phase by phase.

    `about` are the formulas that its words speak of. `given` are values that its lines need beside
    the run's own. A rule that gives one number and nothing else has an `answer`; one that stays
    behind has the values of `earlier` iterations; one that `rounds` works with values that
    have two digits. `upstream` says that the step that goes wrong
    only leads to what is asked for.
    """

    misconception: Misconception
    program: Program
    about: tuple[Expression, ...] = ()
    wrong: Mapping[Phase, Lines] = field(default_factory=dict)
    given: Mapping[str, Value] = field(default_factory=dict)
    answer: Expression | None = None
    earlier: int = 0
    rounds: bool = False
    upstream: bool = False

    @property
    def id(self) -> str:
        return self.misconception.id

    @property
    def rank(self) -> tuple[int, bool, int]:
        """How exactly it tells what was done: the lowest is the most specific.

        A slip in the arithmetic comes before another value, wherever in the arithmetic it is.
        """
        specificity = self.misconception.specificity
        kind = specificity if specificity >= Specificity.VALUE else Specificity.OWN
        return kind, self.upstream, specificity

    @property
    def can_run(self) -> bool:
        """Whether it can be followed on: it says how to find slopes, or what to do with them."""
        changed = Phase.BACKWARD in self.wrong or Phase.UPDATE in self.wrong
        return changed and self.misconception.runs

    def sentence(self, notation: Notation) -> str:
        """What is wrong, in the lesson's notation."""
        return self._filled(self.misconception.says, notation)

    def briefly(self, notation: Notation) -> str:
        """The same in a few words."""
        return self._filled(self.misconception.briefly, notation)

    def _filled(self, words: str, notation: Notation) -> str:
        # An author's words are about nothing, and keep their braces.
        return words.format(*map(notation.formula, self.about)) if self.about else words

    def values(self, right: Mapping[str, Value]) -> Values:
        """The environment it leads to, from that of an iteration with all right values."""
        program = self.program
        values = dict(right)
        if self.rounds:
            worked = (name for name in program.shapes if name in right)
            values |= {name: _rounded(right[name]) for name in worked if name not in program.data}
        right_lines = (program.compute_forward, program.compute_backward, program.compute_update)
        begun = False
        for phase, compute in zip(PHASES, right_lines, strict=True):
            if phase in self._wrong:
                values |= self._wrong[phase]({**values, **self.given})
                begun = True
            elif begun:
                values |= compute(values)
        return values

    def number(self, asked: AskedNumber, training: Training) -> float | None:
        """What it gives for what is asked, or None where it gives nothing finite."""
        iteration = asked.position.iteration - self.earlier
        if iteration < 0:
            return None
        right = training.values_at(Position(iteration, Phase.UPDATE))
        if self.answer is not None:
            number = one_number(self.answer, right)
        else:
            number = asked.number(self.values(right))
        return number if math.isfinite(number) else None

    @cached_property
    def _wrong(self) -> Mapping[Phase, Function]:
        shapes = {**self.program.shapes, **{n: np.shape(v) for n, v in self.given.items()}}
        return {phase: compile_lines(lines, shapes) for phase, lines in self.wrong.items()}


def _rounded(value: Value) -> Value:
    """Each number of a value with two digits."""
    array = np.asarray(value, dtype=float)
    written = [float(f"{number:.1e}") for number in array.flat]
    return np.array(written).reshape(array.shape)[()]


MOST_STEPS = 10_000

Step = Callable[[Values], Values]
"""From an iteration's right values to those after the update that is made of them."""


@dataclass(frozen=True, eq=False)
class Trail:
    """A way through the parameters: each of shape (points, *shape), the losses (points,).

    It ends before the first number that is not finite; `diverged` says that it ended so.
    """

    parameters: Mapping[str, NDArray[np.float64]]
    losses: NDArray[np.float64]
    diverged: bool


@dataclass(frozen=True, eq=False)
class Ghost:
    """The way of a wrong rule and the right way; both begin after `updates` updates."""

    rule: Rule
    updates: int
    wrong: Trail
    right: Trail

    @property
    def wrong_is_ahead(self) -> bool:
        """Whether the wrong rule happens to end with the lower loss."""
        wrong, right = self.wrong, self.right
        if wrong.diverged or len(wrong.losses) < 2 or len(right.losses) < 2:
            return False
        return right.diverged or float(wrong.losses[-1]) < float(right.losses[-1])

    @property
    def first_steps(self) -> tuple[float, float]:
        """The cosine between the two first steps, and how often the right one goes into the wrong.

        The cosine is 1 where both go the same way, and 0 where one of them does not move.
        """
        wrong, right = (
            np.concatenate([np.ravel(way[1] - way[0]) for way in trail.parameters.values()])
            for trail in (self.wrong, self.right)
        )
        lengths = float(np.linalg.norm(wrong)), float(np.linalg.norm(right))
        if not all(lengths):
            return 0.0, 0.0
        return float(wrong @ right) / (lengths[0] * lengths[1]), lengths[0] / lengths[1]


def run_rule(rule: Rule, training: Training, steps: int) -> Ghost:
    """Follow a wrong rule for some updates, from the parameters as they are now.

    Raises ValueError for a rule that says nothing of slopes or updates (see `can_run`).
    """
    if not rule.can_run:
        raise ValueError("this rule cannot be followed on: it gives one number only")
    count = min(steps, MOST_STEPS)
    return Ghost(
        rule,
        training.position.updates,
        _follow(training, rule.values, count),
        _follow(training, lambda values: values, count),
    )


def _follow(training: Training, step: Step, steps: int) -> Trail:
    program, first = training.program, training.position.updates
    now: Values = dict(training.carried)
    found: dict[str, list[object]] = {name: [] for name in program.parameters}
    losses: list[float] = []
    diverged = False
    for iteration in range(first, first + steps + 1):
        values = training.settings_at(iteration) | now
        values |= program.compute_forward(values)
        if not all(np.isfinite(values[name]).all() for name in (LOSS, *program.parameters)):
            diverged = True
            break
        losses.append(float(values[LOSS]))
        for name, trail in found.items():
            trail.append(values[name])
        for compute in program.computed[1:]:
            values |= compute(values)
        values = step(values)
        now = {name: values[next_of(name)] for name in program.carried}
    parameters = {
        name: np.array(trail, dtype=float).reshape(len(trail), *program.shapes[name])
        for name, trail in found.items()
    }
    return Trail(parameters, np.array(losses), diverged)
