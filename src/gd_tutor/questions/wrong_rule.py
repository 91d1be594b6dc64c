"""A wrong rule: a misconception in words and the formulas that it puts in place of right ones.

The misconceptions that are known of every program stand in `misconceptions` and, of formulas and of
slopes, in `formula_misconceptions` and `slope_misconceptions`. A lesson adds its own.
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
    """How exactly a misconception tells what was done; of several that fit, the first is said."""

    OWN = 0
    """An author's words about this very question."""
    UNCHANGED = 1
    """What stood there before, which is in view."""
    STEP = 2
    """The step of the arithmetic that went wrong."""
    GENERAL = 3
    """The whole calculation: a sign, a division."""
    VALUE = 4
    """Another value that stands in the place of the one asked for."""
    RARE = 5
    """What few do, and many numbers fit by chance."""
    PAIR = 6
    """Two slips at once."""


@dataclass(frozen=True)
class Misconception:
    """A known way of going wrong. `id` is what the log calls it.

    `says` names it without the right number, and `briefly` does so in a few words, for a list;
    `{0}` in them stands for the first formula that it is about. `runs` says that it is a rule of
    training, which can be followed on, and no misreading of the question.
    """

    id: str
    says: str
    briefly: str
    specificity: Specificity = Specificity.STEP
    runs: bool = True


def both(first: Misconception, second: Misconception) -> Misconception:
    """Two misconceptions at once; the formulas are those of the first.

    What is said of one of them alone need not be true of both: they are only named.
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


# Made of formulas


@dataclass(frozen=True)
class Slip:
    """A formula in place of a right one, and the misconception that it comes from.

    `about` are the formulas that the misconception's words speak of.
    """

    misconception: Misconception
    about: tuple[Expression, ...]
    wrong: Expression


Alternatives = Callable[[Expression], Iterable[Slip]]
"""What a learner may write in the place of one part of a formula."""


def variants(program: Program, formula: Expression, alternatives: Alternatives) -> Iterator[Slip]:
    """The formula with one part of it changed, in every way that keeps the part's shape."""
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
    """A formula in the shape of another; None where it does not fit."""
    shape = program.shape_of(right)
    try:
        if broadcast_shape(program.shape_of(wrong), shape) != shape:
            return None
    except (ShapeError, KeyError):
        return None
    return fitted(program, wrong, shape)


def with_arguments(formula: Apply, arguments: Iterable[Expression]) -> Apply:
    """The same operation of other arguments."""
    return Apply(formula.operation, tuple(arguments), formula.axis, formula.shape, formula.index)


def everywhere(formula: Expression, change: Callable[[Apply], Expression]) -> Expression:
    """The formula with every operation of it changed, from the inside out."""
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
    """A rule that has other formulas for some names, made of their right values."""
    lines = with_formulas(program, program.lines_of(phase), wrong)
    return Rule(misconception, program, about, {phase: lines})


def most_slips(program: Program) -> int:
    """How many changed programs can be worked in a moment: fewer of long ones and of large ones."""
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
    """The line worked out of numbers that have too few digits."""
    lines = tuple(line for line in program.lines_of(phase) if line.name == name)
    return Rule(ROUNDED_EARLY, program, wrong={phase: lines}, rounds=True)
