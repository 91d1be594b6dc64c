"""What a question before a phase stands below: the formulas it asks about, and what goes in."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import equation, wrap
from gd_tutor.notation.spans import NO_BREAK, Row
from gd_tutor.program import Line, names, next_of
from gd_tutor.training import Phase, Training

MOST_FORMULAS = 4
"""Of more formulas only the last ones are shown, up to the one that is asked about."""


@dataclass(frozen=True)
class Given:
    """Values by their names (`x = 8`), and formulas in symbols, the one that is asked about last.

    A formula is its name, the sign after it, and what it is made of.
    """

    values: tuple[str, ...]
    formulas: tuple[tuple[str, str, str], ...]

    def rows(self, cells: int, high: int) -> list[Row]:
        """A formula on a row, or all in one paragraph where there is no room for that.

        Of what is still too long the formula that is asked about stays.
        """
        values = ", ".join(value.replace(" ", NO_BREAK) for value in self.values)
        rows = wrap([("number", values)], cells) if values else []
        for name, sign, formula in self.formulas:
            rows += [(("formula", text),) for text in equation([name, formula], cells, sign)]
        if len(rows) > high:
            formulas = "; ".join(" ".join(each).replace(" ", NO_BREAK) for each in self.formulas)
            rows = wrap([("number", values), ("text", "; "), ("formula", formulas)], cells)
        return rows[max(len(rows) - high, 0) :]

    def sentences(self) -> Iterator[str]:
        """The same in words, for lines of text."""
        if self.values:
            yield f"Given: {', '.join(self.values)}."
        for formula in self.formulas:
            yield f"Formula: {' '.join(formula)}"


def given(training: Training, about: Collection[str], notation: Notation) -> Given:
    """What is known before the next phase of a run of the values that a question is about.

    Where the phase computes none of them, its formulas are shown without the values asked for.
    """
    at = training.position.next
    lines = training.program.lines_of(training.upcoming)
    needed = _needed(lines, about)
    shown = (needed or lines)[-MOST_FORMULAS:]
    values = training.values_at(at)
    computed = {line.name for line in lines} | (set() if needed else set(about))
    leaves = dict.fromkeys(name for line in shown for name in names(line.expression))
    known = [name for name in leaves if name not in computed and name in values]
    equals = notation.equals
    return Given(
        tuple(f"{notation.name(name)} {equals} {notation.value(values[name])}" for name in known),
        tuple(_formula(line, at.phase, notation) for line in shown),
    )


def _needed(lines: Collection[Line], about: Collection[str]) -> list[Line]:
    """The lines that some values are made by, in their order."""
    wanted, found = set(about), []
    for line in reversed(tuple(lines)):
        if line.name in wanted:
            found.append(line)
            wanted |= set(names(line.expression))
    return found[::-1]


def _formula(line: Line, phase: Phase, notation: Notation) -> tuple[str, str, str]:
    replaces = phase is Phase.UPDATE and line.name.startswith(next_of(""))
    sign = notation.becomes if replaces else notation.equals
    return notation.name(line.name), sign, notation.formula(line.expression)
