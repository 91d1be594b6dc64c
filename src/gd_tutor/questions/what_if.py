"""A what-if run: a wrong rule followed beside the right one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.compile import Values
from gd_tutor.engine.expression import next_of
from gd_tutor.engine.program import LOSS
from gd_tutor.engine.training import Training
from gd_tutor.questions.wrong_rule import Rule

MOST_STEPS = 10_000

Step = Callable[[Values], Values]
"""Takes an iteration's right values to those after an update computed from them."""


@dataclass(frozen=True, eq=False)
class Trail:
    """A path of the parameters, each of shape (points, *shape), and the losses (points,).

    It ends before the first number that is not finite; `diverged` marks that.
    """

    parameters: Mapping[str, NDArray[np.float64]]
    losses: NDArray[np.float64]
    diverged: bool


@dataclass(frozen=True, eq=False)
class WhatIfRun:
    """A what-if run: the paths of a wrong rule and of the right one, from `updates` updates on."""

    rule: Rule
    updates: int
    wrong: Trail
    right: Trail

    @property
    def wrong_is_ahead(self) -> bool:
        """Whether the wrong rule ends with the lower loss."""
        wrong, right = self.wrong, self.right
        if wrong.diverged or len(wrong.losses) < 2 or len(right.losses) < 2:
            return False
        return right.diverged or float(wrong.losses[-1]) < float(right.losses[-1])

    @property
    def first_steps(self) -> tuple[float, float]:
        """The cosine between the first steps, and the ratio of their lengths, wrong to right.

        The cosine is 1 for the same direction, and 0 where a step is zero.
        """
        wrong, right = (
            np.concatenate([np.ravel(way[1] - way[0]) for way in trail.parameters.values()])
            for trail in (self.wrong, self.right)
        )
        lengths = float(np.linalg.norm(wrong)), float(np.linalg.norm(right))
        if not all(lengths):
            return 0.0, 0.0
        return float(wrong @ right) / (lengths[0] * lengths[1]), lengths[0] / lengths[1]


def run_rule(rule: Rule, training: Training, steps: int) -> WhatIfRun:
    """Follow a wrong rule for some updates, from the present parameters.

    Raises ValueError for a rule that changes neither gradients nor updates (see `can_run`).
    """
    if not rule.can_run:
        raise ValueError("this rule cannot be followed on: it gives one number only")
    count = min(steps, MOST_STEPS)
    return WhatIfRun(
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
