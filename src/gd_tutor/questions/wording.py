"""An author's words as they are shown: numbers put in, formulas drawn, keys set apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from gd_tutor.course.lesson import (
    Code,
    Emphasis,
    Filled,
    Formula,
    Inline,
    Lesson,
    Strong,
    Text,
    Words,
)
from gd_tutor.engine.expression import Line, names, next_of
from gd_tutor.engine.noise import Shown
from gd_tutor.engine.operations import ShapeError
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import equation, wrap
from gd_tutor.notation.spans import NO_BREAK, Phrase, Row, Span, is_key, key_text, spelled, width


@dataclass(frozen=True)
class Wording:
    """How words are written: in a notation, with numbers from a run.

    `run` is the one that has a value. What names no iteration is of `iteration`; the
    `chosen` number is marked.
    """

    notation: Notation
    run: Callable[[Filled], Training | None]
    iteration: int = 0
    chosen: Filled | None = None

    def sentence(self, said: str) -> str:
        """A sentence to be shown: an author's words written out, any other as it is."""
        if not isinstance(said, Words):
            return said
        spans = map(self.span, said.inlines)
        return Phrase(("" if role == "text" else role, text) for role, text in spans)

    def span(self, inline: Inline) -> Span:
        match inline:
            case Text(text):
                return "text", self._spelled(text)
            case Strong(text):
                return "strong", self._spelled(text)
            case Emphasis(text):
                return "emphasis", self._spelled(text)
            case Code(text):
                if is_key(text):
                    return "key", key_text(text)
                return "formula", text.replace(" ", NO_BREAK)
            case Formula(expression):
                return "formula", _held_together(self.notation.formula(expression))
            case Filled():
                role = "cursor" if inline is self.chosen else "number"
                return role, _held_together(self._fill(inline))

    def _spelled(self, text: str) -> str:
        return spelled(text) if self.notation.ascii else text

    def _fill(self, filled: Filled) -> str:
        run = self.run(filled)
        assert run is not None
        iteration = self.iteration if filled.iteration is None else filled.iteration
        shown = run.shown_value(filled.expression, Position(iteration, Phase.UPDATE))
        notation = self.notation
        if filled.settings and filled.settings.digits:
            notation = replace(notation, digits=filled.settings.digits)
        return notation.shown(shown, few=12)


def of_question(
    notation: Notation, training: Training | None, lesson: Lesson, experiment: str, iteration: int
) -> Wording:
    """The wording of what is asked in a run.

    What the run has not, as a sample that is not in its batch, is that of the lesson's own run.
    """

    own = lru_cache(lesson.training_of)

    def run(filled: Filled) -> Training | None:
        if filled.settings is not None:
            return own(experiment, filled.settings)
        try:
            _ = training and training.program.shape_of(filled.expression)
        except ShapeError:
            return own(experiment)
        return training

    return Wording(notation, run, iteration)


def _held_together(text: str, cells: int = 16) -> str:
    """Formulas that are no wider than that stay on one row."""
    return text.replace(" ", NO_BREAK) if width(text) <= cells else text


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
        values = ", ".join(_held_together(value, cells - 1) for value in self.values)
        rows = wrap([("number", values)], cells) if values else []
        for name, sign, formula in self.formulas:
            rows += [(("formula", text),) for text in equation([name, formula], cells, sign)]
        if len(rows) > high:
            written = (_held_together(" ".join(each), cells - 1) for each in self.formulas)
            formulas = "; ".join(written)
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
    values, as_shown = training.values_at(at), training.shown_at(at)
    computed = {line.name for line in lines} | (set() if needed else set(about))
    leaves = dict.fromkeys(name for line in shown for name in names(line.expression))
    known = [name for name in leaves if name not in computed and name in values]
    return Given(
        tuple(
            notation.equation(notation.name(name), Shown.of(as_shown[name], values[name]))
            for name in known
        ),
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
