"""An author's words as shown: numbers filled in, formulas drawn, keys marked."""

from collections.abc import Callable
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
from gd_tutor.engine.operations import ShapeError
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.spans import NO_BREAK, Phrase, Span, is_key, key_text, spelled, width


@dataclass(frozen=True)
class Wording:
    """How an author's words are written: in a notation, with numbers from a run.

    `run` gives the run that has a value. A value without an iteration of its own belongs to
    `iteration`; the `chosen` number is marked.
    """

    notation: Notation
    run: Callable[[Filled], Training | None]
    iteration: int = 0
    chosen: Filled | None = None

    def sentence(self, said: str) -> str:
        """A message to show: an author's words filled in, any other unchanged."""
        if not isinstance(said, Words):
            return said
        spans = map(self.span, said.inlines)
        return Phrase(("" if style == "text" else style, text) for style, text in spans)

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
                return "formula", held_together(self.notation.formula(expression))
            case Filled():
                style = "cursor" if inline is self.chosen else "number"
                return style, held_together(self._fill(inline))

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
    """The wording of a question in a run.

    What the run lacks, such as a sample outside its batch, comes from the lesson's own run.
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


def held_together(text: str, cells: int = 16) -> str:
    """The text with formulas up to this width kept on one row."""
    return text.replace(" ", NO_BREAK) if width(text) <= cells else text
