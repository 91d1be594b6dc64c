"""Worked lines: a formula, its numbers substituted, its result, and the source of each number.

They are plain data that screens, plain text, traces and reports write.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gd_tutor.engine.compile import Value, Values, evaluate
from gd_tutor.engine.expression import Expression, Line, names, next_of
from gd_tutor.engine.noise import Shown
from gd_tutor.engine.state import Phase
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import equation


@dataclass(frozen=True, eq=False)
class WorkedLine:
    """One worked line of a phase; `sources` are the values that its formula uses.

    In them and in the result rounding noise is 0; `exact` is the computed result.
    """

    phase: Phase
    name: str
    expression: Expression
    sources: Mapping[str, Value]
    result: Value
    exact: Value

    def parts(self, notation: Notation) -> list[str]:
        """Name, formula, formula with numbers, result; without parts that repeat the previous."""
        steps = [
            notation.formula(self.expression),
            notation.substituted(self.expression, self.sources),
            notation.value(self.result),
        ]
        parts = [notation.name(self.name)]
        for step in steps:
            if step != parts[-1]:
                parts.append(step)
        return parts

    def relation(self, notation: Notation) -> str:
        """The sign after the name: that of an update, or `=`."""
        replaces = self.phase is Phase.UPDATE and self.name.startswith(next_of(""))
        return notation.becomes if replaces else notation.equals

    def sign(self, notation: Notation, index: tuple[int, ...] = ()) -> str:
        """The sign before the result or before one number of it."""
        shown = Shown(self.result).at(index, self.exact)
        if shown.is_noise:
            return notation.about
        return notation.sign(self.expression, self.sources, shown.value, index)

    def text(self, notation: Notation, cells: int = sys.maxsize) -> list[str]:
        """The line as text, on as few rows as fit."""
        relation, sign = self.relation(notation), self.sign(notation)
        return equation(self.parts(notation), cells, relation, notation.equals, sign)

    def sentence(self, notation: Notation) -> str:
        """The line on one row."""
        return self.text(notation)[0]


def worked_phase(
    training: Training, phase: Phase, iteration: int | None = None
) -> list[WorkedLine]:
    """The worked lines of one phase of an iteration (by default the present one)."""
    position = training.after(phase, iteration)
    here = position == training.position
    values = training.values if here else training.values_at(position)
    shown = training.shown if here else training.shown_at(position)
    return [work(line, phase, values, shown) for line in training.program.lines_of(phase)]


def work(line: Line, phase: Phase, values: Values, shown: Values) -> WorkedLine:
    """A line of a program with the values of an environment that holds its result."""
    used = names(line.expression)
    sources = {name: shown[name] for name in used}
    settled = any(shown[name] is not values[name] for name in used)
    if settled and not np.isfinite(evaluate(line.expression, sources)).all():
        sources = {name: values[name] for name in used}  # noise as 0 would be divided by
    return WorkedLine(
        phase, line.name, line.expression, sources, shown[line.name], values[line.name]
    )


def moved(training: Training) -> list[tuple[str, Value, Value]]:
    """Each parameter with its value before and after the update of this iteration."""
    values = training.shown
    return [(name, values[name], values[next_of(name)]) for name in training.program.parameters]
