"""What every view is: a run in, rows of text out, and the same said in one line of words."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.keys import spans_of
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, pad
from gd_tutor.plots import Canvas
from gd_tutor.training import Phase, Position, Training
from gd_tutor.views.components import component
from gd_tutor.views.memory import Memory
from gd_tutor.views.other import OtherRun


class View(ABC):
    """One kind of picture. It knows runs and notations, but no lesson.

    `of` names the values it shows, `over` the parameter components along its axes. ValueError
    where one of these is none.
    """

    kind: ClassVar[str]
    walks: ClassVar[str] = ""
    """What the arrows walk through, in a word; nothing in most pictures."""

    def __init__(
        self, notation: Notation, of: Sequence[str] = (), over: Sequence[str] = ()
    ) -> None:
        self.notation = notation
        self.of = tuple(of)
        self.axes = tuple(map(component, over))
        self.canvas = Canvas()
        self.others: Sequence[OtherRun] = ()
        self.memory = Memory()

    @abstractmethod
    def title(self, training: Training) -> str:
        """What the picture shows, in a few words."""

    @abstractmethod
    def rows(self, training: Training, width: int, height: int) -> list[Row]:
        """The picture: exactly `height` rows of exactly `width` cells."""

    @abstractmethod
    def twin(self, training: Training) -> str:
        """What the picture shows, as a sentence for whoever does not see it."""

    def caption(self, training: Training) -> str:
        """The title for whoever cannot walk in the picture."""
        return self.title(training)

    def cells(self, training: Training) -> Iterator[str]:
        """The arithmetic of each single number shown."""
        del training
        return iter(())

    def move(self, training: Training, right: int, down: int) -> None:
        """Move the cursor; most pictures have none."""
        del training, right, down


def page(rows: Sequence[Row], width: int, height: int) -> list[Row]:
    """Rows cut or filled to exactly that size."""
    kept = [pad(row, width) for row in rows[:height]]
    return kept + [pad((), width)] * (height - len(kept))


def message(text: str, width: int, height: int) -> list[Row]:
    """A sentence in the middle of an empty picture."""
    rows = wrap(spans_of(text, "muted"), max(width - 2, 1))
    above: list[Row] = [()] * max((height - len(rows)) // 2, 0)
    return page([*above, *((("", " "), *row) for row in rows)], width, height)


def largest(training: Training, name: str) -> float:
    """The largest size that a value has now or had at the start: a scale that does not creep."""
    values = [training.values[name], training.values_at(Position(0, Phase.FORWARD))[name]]
    sizes = np.abs(np.concatenate([np.ravel(value) for value in values]))
    sizes = sizes[np.isfinite(sizes)]
    return float(sizes.max(initial=0.0)) or 1.0
