"""Worked lines: a formula, its numbers put in, its result, and where each number came from.

They are plain data. Screens, plain text, traces and reports only write them down.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import equation
from gd_tutor.program import Expression, Line, names, next_of
from gd_tutor.program.compile import Value
from gd_tutor.training import Phase, Training


@dataclass(frozen=True, eq=False)
class WorkedLine:
    """One line of a phase, worked: `sources` are the values that its formula used."""

    phase: Phase
    name: str
    expression: Expression
    sources: Mapping[str, Value]
    result: Value

    def parts(self, notation: Notation) -> list[str]:
        """Name, formula, numbers put in, result, without what would only repeat its neighbour."""
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
        """The sign after the name: an update puts a new value in the place of the old."""
        replaces = self.phase is Phase.UPDATE and self.name.startswith(next_of(""))
        return notation.becomes if replaces else notation.equals

    def text(self, notation: Notation, cells: int = sys.maxsize) -> list[str]:
        """The line written down, on as few rows as fit."""
        sign = notation.sign(self.expression, self.sources, self.result)
        relation = self.relation(notation)
        return equation(self.parts(notation), cells, relation, notation.equals, sign)

    def sentence(self, notation: Notation) -> str:
        """The line on one row."""
        return self.text(notation)[0]


def worked_phase(
    training: Training, phase: Phase, iteration: int | None = None
) -> list[WorkedLine]:
    """The worked lines of one phase of an iteration (the present one unless told)."""
    position = training.after(phase, iteration)
    values = training.values if position == training.position else training.values_at(position)
    return [work(line, phase, values) for line in training.program.lines_of(phase)]


def work(line: Line, phase: Phase, values: Mapping[str, Value]) -> WorkedLine:
    """A line of a program with the values of an environment that holds its result."""
    sources = {name: values[name] for name in names(line.expression)}
    return WorkedLine(phase, line.name, line.expression, sources, values[line.name])


def moved(training: Training) -> list[tuple[str, Value, Value]]:
    """Each parameter with its value before and after the update of this iteration."""
    values = training.values
    return [(name, values[name], values[next_of(name)]) for name in training.program.parameters]
