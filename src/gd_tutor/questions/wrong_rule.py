"""A wrong rule: a misconception in words, and the formulas it puts in place of right ones.

General misconceptions are in `misconceptions`, `formula_misconceptions` and
`gradient_misconceptions`. A lesson adds its own.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from itertools import islice
from math import prod

import numpy as np

from gd_tutor.course.check import fitted, one_number, with_formulas
from gd_tutor.engine.compile import Function, Value, Values, compile_lines
from gd_tutor.engine.expression import (
    Apply,
    Expression,
    Line,
    Lines,
    leading_to,
    with_formula,
)
from gd_tutor.engine.operations import ShapeError, broadcast_shape
from gd_tutor.engine.program import Program
from gd_tutor.engine.state import PHASES, Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.questions.asked_number import AskedNumber


class Specificity(IntEnum):
    """How exactly a misconception tells what was done; of several, the most specific is named."""

    OWN = 0
    """An author's words about this very question."""
    UNCHANGED = 1
    """The value before, which is still shown."""
    STEP = 2
    """A wrong step of the arithmetic."""
    GENERAL = 3
    """A wrong sign or division of the whole calculation."""
    VALUE = 4
    """Another value instead of the one asked for."""
    RARE = 5
    """A rare slip that many numbers fit by chance."""
    PAIR = 6
    """Two slips at once."""


@dataclass(frozen=True)
class Misconception:
    """A known kind of error. `id` is its name in the log.

    `says` names it without the right number, `briefly` does so in a few words, for a list; `{0}`
    stands for the first formula it is about. `runs` marks a rule of training, which a what-if run
    can follow, as opposed to a misread question.
    """

    id: str
    says: str
    briefly: str
    specificity: Specificity = Specificity.STEP
    runs: bool = True


def both(first: Misconception, second: Misconception) -> Misconception:
    """Two misconceptions at once, with the formulas of the first.

    They are only named, since what is said of one alone need not hold for both.
    """
    return Misconception(
        f"{first.id} + {second.id}",
        f"Two slips at once: {first.briefly}, and {second.briefly}.",
        f"{first.briefly} and {second.briefly}",
        Specificity.PAIR,
        first.runs and second.runs,
    )


@dataclass(frozen=True, eq=False)
class Rule:
    """A misconception in a program: the wrong lines of each phase.

    `about` are the formulas that its words mention. `given` are extra values that its lines need. A
    rule that gives only one number has an `answer`; one with stale values uses those of `earlier`
    iterations; one that `rounds` uses values of two digits. `upstream` marks a slip in a step that
    leads to what is asked for.
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
        """The sort key of its specificity, lowest first.

        A slip in the arithmetic, upstream or not, comes before another value.
        """
        specificity = self.misconception.specificity
        kind = specificity if specificity >= Specificity.VALUE else Specificity.OWN
        return kind, self.upstream, specificity

    @property
    def can_run(self) -> bool:
        """Whether a what-if run can follow it: it changes gradients or updates."""
        changed = Phase.BACKWARD in self.wrong or Phase.UPDATE in self.wrong
        return changed and self.misconception.runs

    def sentence(self, notation: Notation) -> str:
        """What is wrong, in the lesson's notation."""
        return self._filled(self.misconception.says, notation)

    def briefly(self, notation: Notation) -> str:
        """The same in a few words."""
        return self._filled(self.misconception.briefly, notation)

    def _filled(self, words: str, notation: Notation) -> str:
        # An author's words have no formulas to fill in, and keep their braces.
        return words.format(*map(notation.formula, self.about)) if self.about else words

    def values(self, right: Mapping[str, Value]) -> Values:
        """The environment that it leads to, given an iteration's right values."""
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
        """Its number for what is asked, or None where that is not finite."""
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
    """Each number rounded to two digits."""
    array = np.asarray(value, dtype=float)
    written = [float(f"{number:.1e}") for number in array.flat]
    return np.array(written).reshape(array.shape)[()]


# Made of formulas


@dataclass(frozen=True)
class Slip:
    """A formula instead of a right one, and its misconception.

    `about` are the formulas that the misconception's words mention.
    """

    misconception: Misconception
    about: tuple[Expression, ...]
    wrong: Expression


Alternatives = Callable[[Expression], Iterable[Slip]]
"""What a learner may write instead of one part of a formula."""


def variants(program: Program, formula: Expression, alternatives: Alternatives) -> Iterator[Slip]:
    """The formula with one part changed, in every way that keeps the part's shape."""
    for slip in alternatives(formula):
        wrong = refitted(program, slip.wrong, formula)
        if wrong is not None:
            yield Slip(slip.misconception, slip.about, wrong)
    if not isinstance(formula, Apply):
        return
    for place, argument in enumerate(formula.arguments):
        for slip in variants(program, argument, alternatives):
            arguments = (*formula.arguments[:place], slip.wrong, *formula.arguments[place + 1 :])
            yield Slip(slip.misconception, slip.about, with_arguments(formula, arguments))


def refitted(program: Program, wrong: Expression, right: Expression) -> Expression | None:
    """A formula brought to the shape of another; None where it does not fit."""
    shape = program.shape_of(right)
    try:
        if broadcast_shape(program.shape_of(wrong), shape) != shape:
            return None
    except (ShapeError, KeyError):
        return None
    return fitted(program, wrong, shape)


def with_arguments(formula: Apply, arguments: Iterable[Expression]) -> Apply:
    """The same operation with other arguments."""
    return Apply(formula.operation, tuple(arguments), formula.axis, formula.shape, formula.index)


def everywhere(formula: Expression, change: Callable[[Apply], Expression]) -> Expression:
    """The formula with every operation changed, innermost first."""
    if not isinstance(formula, Apply):
        return formula
    parts = (everywhere(argument, change) for argument in formula.arguments)
    return change(with_arguments(formula, parts))


def replaced(
    program: Program,
    phase: Phase,
    wrong: Mapping[str, Expression],
    misconception: Misconception,
    *about: Expression,
) -> Rule:
    """A rule with other formulas for some names, computed from right values."""
    lines = with_formulas(program, program.lines_of(phase), wrong)
    return Rule(misconception, program, about, {phase: lines})


def most_slips(program: Program) -> int:
    """How many changed programs can be tried quickly: fewer for long or large ones."""
    lines = len(program.forward) + len(program.backward)
    numbers = sum(prod(program.shapes[line.name]) for line in program.forward)
    return max(10, min(2_000 // lines, 10_000_000 // numbers))


def changed_in_part(
    program: Program,
    phase: Phase,
    asked: str,
    slips: Callable[[Line], Alternatives],
) -> Iterator[Rule]:
    """One part of one formula changed, in the line asked for or in one that leads to it."""
    lines = program.lines_of(phase)
    changed = (
        (line.name, slip)
        for line in reversed(leading_to(lines, [asked]))
        for slip in variants(program, line.expression, slips(line))
        if line.name == asked or slip.misconception.specificity < Specificity.RARE
    )
    for name, slip in islice(changed, most_slips(program)):
        wrong = {phase: with_formula(lines, name, slip.wrong)}
        yield Rule(slip.misconception, program, slip.about, wrong, upstream=name != asked)


ROUNDED_EARLY = Misconception(
    "rounded-early",
    "That comes of numbers rounded on the way; keep more digits until the end.",
    "numbers rounded on the way",
    Specificity.RARE,
    runs=False,
)


def rounded_early(program: Program, phase: Phase, name: str) -> Rule:
    """The line computed from numbers rounded too early."""
    lines = tuple(line for line in program.lines_of(phase) if line.name == name)
    return Rule(ROUNDED_EARLY, program, wrong={phase: lines}, rounds=True)
