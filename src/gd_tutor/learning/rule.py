"""A wrong rule: the lesson's program with something wrong in it.

Whatever number a wrong rule gives in a run, it gives for a reason that can be named; and a rule can
be followed on, to see where it leads.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gd_tutor.learning.misconceptions import Misconception, Specificity
from gd_tutor.learning.targets import Target
from gd_tutor.lessons.mistakes import one_number
from gd_tutor.notation.formulas import Notation
from gd_tutor.program import Expression, Program
from gd_tutor.program.compile import Function, Value, Values, compile_lines
from gd_tutor.program.rewriting import Lines
from gd_tutor.training import PHASES, Phase, Position, Training


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
    def rank(self) -> tuple[bool, bool, int]:
        """How exactly it tells what was done: the lowest is the most specific."""
        specificity = self.misconception.specificity
        return specificity is Specificity.RARE, self.upstream, specificity

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

    def number(self, target: Target, training: Training) -> float | None:
        """What it gives for a target, or None where it gives nothing finite."""
        iteration = target.position.iteration - self.earlier
        if iteration < 0:
            return None
        right = training.values_at(Position(iteration, Phase.UPDATE))
        if self.answer is not None:
            number = one_number(self.answer, right)
        else:
            number = target.number(self.values(right))
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
