"""Explanations of numbers as rows: the formula, the values in it, and links to those."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from gd_tutor.course.lesson import Filled
from gd_tutor.engine.expression import gradient_of, names, next_of
from gd_tutor.engine.finite_differences import Estimate, Nudges
from gd_tutor.engine.program import LOSS
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import equation, wrap
from gd_tutor.notation.spans import Row
from gd_tutor.pictures.matrices import MatricesView
from gd_tutor.pictures.view import View
from gd_tutor.questions.explanation import ValueSource, explain, source_of

MOST_CELLS = 60
NUDGE_DIGITS = 5
"""The number of digits with which the table fits the narrowest terminal."""
AGREE = "They agree."
BOTH_WAYS = "Nudges to both sides, in which the bend of the loss cancels out, give {0}: they agree."
ROUNDING = (
    "Slope and nudges are both within the rounding error of this check, {0}, so it can say no more."
)
DISAGREE = "They do not agree: something is wrong with this slope."
UNCHECKED = "No nudge is small enough here to check this slope."
KINK = (
    "Here, or nearer than the smallest nudge, is a kink: up and down the loss rises differently. "
    "At a kink the slope is a convention: {0}."
)
CONVENTIONS = {
    "abs": "that of abs is 0 at 0",
    "relu": "that of relu is 0 at 0",
    "maximum": "maximum shares its own between equal numbers, half for each",
    "minimum": "minimum shares its own between equal numbers, half for each",
}


class Subject(ABC):
    """Something that can be explained."""

    @abstractmethod
    def title(self, notation: Notation) -> str:
        """Its name in a few words."""

    @abstractmethod
    def rows(self, notation: Notation, cells: int) -> list[Linked]:
        """Its explanation; some rows link to other subjects."""


Linked = tuple[Row, Subject | None]


@dataclass(frozen=True)
class ExplainedNumber(Subject):
    """A value, or one element of it, in one iteration of a run."""

    training: Training
    source: ValueSource

    def label(self, notation: Notation) -> str:
        return notation.name(self.source.name) + notation.place(self.source.index)

    def title(self, notation: Notation) -> str:
        return f"{self.label(notation)}, iteration {self.source.iteration}"

    def rows(self, notation: Notation, cells: int) -> list[Linked]:
        """The arithmetic, the values used, a matrix's elements, a gradient's finite differences."""
        source = self.source
        found = explain(self.training, source.name, source.index, source.iteration)
        rows: list[Linked] = [((("formula", x),), None) for x in found.text(notation, cells)]
        rows += self._links("made from", found.sources, notation)
        rows += self._links("its numbers", self._cells(), notation)
        if found.nudges is not None:
            rows += _heading("checked by nudging")
            rows += [(row, None) for row in nudge_rows(found.nudges, notation, cells)]
            rows += [(row, None) for row in verdict_rows(found.nudges, notation, cells)]
        return rows

    def link(self, at: int, notation: Notation) -> Linked:
        """A row that links here from an explanation in that iteration."""
        source = self.source
        when = "" if source.iteration == at else f"  (iteration {source.iteration})"
        value = notation.value(source.value)
        sign = notation.about if source.is_noise else notation.equals
        return (("text", f"{self.label(notation)} {sign} {value}{when}"),), self

    def _links(self, heading: str, to: Iterable[ValueSource], notation: Notation) -> list[Linked]:
        links = [
            ExplainedNumber(self.training, each).link(self.source.iteration, notation)
            for each in to
        ]
        return [*_heading(heading), *links] if links else []

    def _cells(self) -> Sequence[ValueSource]:
        source, array = self.source, np.asarray(self.source.value)
        if not array.ndim:
            return ()
        places = list(product(*map(range, array.shape)))[:MOST_CELLS]
        at = Position(source.iteration, Phase.UPDATE)
        values, shown = self.training.values_at(at), self.training.shown_at(at)
        return [source_of(values, shown, source.name, place, source.iteration) for place in places]


@dataclass(frozen=True)
class Several(Subject):
    """The numbers of a picture, to choose one from."""

    said: str
    numbers: tuple[ExplainedNumber, ...]

    def title(self, notation: Notation) -> str:
        del notation
        return self.said

    def rows(self, notation: Notation, cells: int) -> list[Linked]:
        del cells
        return [number.link(number.source.iteration, notation) for number in self.numbers]


@dataclass(frozen=True)
class InText(Subject):
    """A number in the lesson's text, which is computed with the lesson's own settings."""

    training: Training
    filled: Filled

    def title(self, notation: Notation) -> str:
        del notation
        return f"A number of the text, iteration {self.filled.iteration or 0}"

    def rows(self, notation: Notation, cells: int) -> list[Linked]:
        """The formula it stands for, and the values that formula uses."""
        expression, at = self.filled.expression, self.filled.iteration or 0
        position = Position(at, Phase.UPDATE)
        values = self.training.shown_at(position)
        result = self.training.shown_value(expression, position)
        steps = [
            notation.formula(expression),
            notation.substituted(expression, values),
            notation.value(result.value, few=12),
        ]
        true = notation.sign(expression, values, result.value)
        sign = notation.about if result.is_noise else true
        lines = equation(list(dict.fromkeys(steps)), cells, notation.equals, result=sign)
        used = [ValueSource(name, (), at, values[name]) for name in names(expression)]
        links = [ExplainedNumber(self.training, source).link(at, notation) for source in used]
        return [*(((("formula", line),), None) for line in lines), *_heading("made from"), *links]


def nudge_rows(nudges: Nudges, notation: Notation, cells: int) -> list[Row]:
    """The finite-difference check: the rise of the loss for smaller and smaller changes."""
    notation = replace(notation, digits=NUDGE_DIGITS)
    name, nudge = notation.name(nudges.name) + notation.place(nudges.index), notation.nudge
    loss, write = notation.name(LOSS), notation.number
    said = f"Move {name} by {nudge}: how much {loss} rises, in all and for each unit moved."
    rows = wrap([("text", said)], cells)
    # The rise is shown, since a small change alters no visible digit of the loss itself.
    sizes = [write(row.size) for row in nudges.rows]
    rises = notation.column(row.rise for row in nudges.rows)
    *quotients, gradient = notation.column((*(row.quotient for row in nudges.rows), nudges.slope))
    lines = list(zip(sizes, rises, quotients, strict=True))
    if not notation.dialect.is_aligned:
        texts = [f"{nudge} {size}: rise {rise}, for each unit {by}" for size, rise, by in lines]
        return [*rows, *((("text", text),) for text in (*texts, f"slope {gradient}"))]
    columns = (
        (nudge, *sizes, "slope"),
        ("rise", *rises, ""),
        (f"rise/{nudge}", *quotients, gradient),
    )
    widths = [max(map(len, column)) for column in columns]
    for place, entries in enumerate(zip(*columns, strict=True)):
        style = "muted" if place == 0 else "strong" if place > len(lines) else "text"
        text = "  ".join(entry.rjust(wide) for entry, wide in zip(entries, widths, strict=True))
        rows.append(((style, text),))
    return rows


def verdict_rows(nudges: Nudges, notation: Notation, cells: int) -> list[Row]:
    """Whether the gradient is right, as far as finite differences can tell."""
    said = [KINK.format(_conventions(nudges.kinks))] if nudges.kinks else []
    if nudges.estimate is None:
        said.append(UNCHECKED)
    elif nudges.agree and not nudges.kinks:
        said.append(_agreement(nudges, nudges.estimate, replace(notation, digits=NUDGE_DIGITS)))
    rows = [row for text in said for row in wrap([("text", text)], cells)]
    return rows if nudges.agree else [*rows, *wrap([("warning", DISAGREE)], cells)]


def _agreement(nudges: Nudges, estimate: Estimate, notation: Notation) -> str:
    """How far gradient and finite differences agree, where they do."""
    if nudges.is_rounding:
        return ROUNDING.format(notation.number(float(f"{estimate.bound:.1e}")))
    if nudges.are_near:
        return AGREE
    return BOTH_WAYS.format(notation.number(estimate.slope))


def _conventions(operations: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(CONVENTIONS[operation] for operation in operations))


def present(training: Training, name: str, index: tuple[int, ...] = ()) -> ExplainedNumber:
    """A number of the present iteration, or of its next phase where that is already shown."""
    known = name in training.values
    values = training.values if known else training.values_at(training.position.next)
    shown = training.shown if known else training.shown_at(training.position.next)
    return ExplainedNumber(training, source_of(values, shown, name, index, training.iteration))


def latest(training: Training, name: str, index: tuple[int, ...] = ()) -> ExplainedNumber:
    """A number at its latest; after an update, the updated one."""
    moved = next_of(name)
    return present(training, moved if moved in training.values else name, index)


def of_view(view: View, training: Training) -> Subject | None:
    """The number under a picture's cursor, or all the numbers it shows."""
    if isinstance(view, MatricesView):
        chosen = view.chosen(training)
        return present(training, *chosen) if chosen is not None else None
    over = view.axes
    wanted: list[tuple[str, tuple[int, ...]]] = [(name, ()) for name in view.of]
    wanted += [(each.name, each.index) for each in over]
    wanted += [(gradient_of(each.name), each.index) for each in over]
    if not view.of:
        wanted.append((LOSS, ()))
    if not (over or view.of):
        wanted += [(name, ()) for name in training.program.parameters]
    known = tuple(latest(training, *each) for each in wanted if each[0] in training.values)
    return Several(view.caption(training), known) if known else None


def _heading(text: str) -> list[Linked]:
    return [((), None), ((("muted", text),), None)]
