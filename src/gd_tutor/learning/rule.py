"""A wrong rule: the lesson's program with something wrong in it.

Whatever number a wrong rule gives in a run, it gives for a reason that can be named; and a rule can
be followed on, to see where it leads.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gd_tutor.learning.targets import Target
from gd_tutor.lessons.mistakes import one_number
from gd_tutor.notation.formulas import Notation
from gd_tutor.program import Expression, Program
from gd_tutor.program.compile import Function, Value, Values, compile_lines
from gd_tutor.program.rewriting import Lines
from gd_tutor.training import PHASES, Phase, Position, Training


@dataclass(frozen=True, eq=False)
class Rule:
    """A wrong rule: the lines it has in place of the program's own, phase by phase.

    `says` names what is wrong, without the right number; `{0}` in it stands for the first formula
    of `about`. `given` are values that its lines need beside the run's own. A rule that gives one
    number and nothing else has an `answer`; one that stays behind has the values of `earlier`
    iterations.
    """

    name: str
    says: str
    program: Program
    about: tuple[Expression, ...] = ()
    wrong: Mapping[Phase, Lines] = field(default_factory=dict)
    given: Mapping[str, Value] = field(default_factory=dict)
    answer: Expression | None = None
    earlier: int = 0

    @property
    def can_run(self) -> bool:
        """Whether it can be followed on: it says how to find slopes, or what to do with them."""
        return Phase.BACKWARD in self.wrong or Phase.UPDATE in self.wrong

    def sentence(self, notation: Notation) -> str:
        """What is wrong, in the lesson's notation."""
        if not self.about:
            return self.says  # an author's words, braces and all
        return self.says.format(*map(notation.formula, self.about))

    def values(self, right: Mapping[str, Value]) -> Values:
        """The environment it leads to, from that of an iteration with all right values."""
        values = dict(right)
        program = self.program
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
