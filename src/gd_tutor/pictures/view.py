"""The base of all views: a run in, rows of text and a text alternative out."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, TypeVar, final

import numpy as np

from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, pad, spans_of
from gd_tutor.pictures.axes import Axis, Layer
from gd_tutor.pictures.canvas import Canvas
from gd_tutor.pictures.components import Component, Points, component
from gd_tutor.pictures.other_runs import MarkedRun, OtherRun, in_words, legend, marked

T = TypeVar("T")


class Memory:
    """A cache with the latest value and key of each name."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[Hashable, Any]] = {}

    def of(self, name: str, key: Hashable, make: Callable[[], T]) -> T:
        """The cached value of that name if the key is the same, else a new one."""
        if name not in self._last or self._last[name][0] != key:
            self._last[name] = key, make()
        made: T = self._last[name][1]
        return made


class View(ABC):
    """One kind of picture, independent of lessons.

    `of` names the values it shows, `over` the parameter components along its axes. Raises
    ValueError for an unknown component.
    """

    kind: ClassVar[str]
    walks: ClassVar[str] = ""
    """The word for what the arrow keys move through; empty in most pictures."""

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
    def text_alternative(self, training: Training) -> str:
        """The text alternative: a sentence on what the picture shows."""

    def caption(self, training: Training) -> str:
        """The title when the picture has no cursor."""
        return self.title(training)

    def cells(self, training: Training) -> Iterator[str]:
        """The arithmetic of each number shown."""
        del training
        return iter(())

    def move(self, training: Training, right: int, down: int) -> None:
        """Move the cursor; most pictures have none."""
        del training, right, down


def page(rows: Sequence[Row], width: int, height: int) -> list[Row]:
    """Rows cut or padded to exactly that size."""
    kept = [pad(row, width) for row in rows[:height]]
    return kept + [pad((), width)] * (height - len(kept))


def message(text: str, width: int, height: int) -> list[Row]:
    """A sentence in the middle of an empty picture."""
    rows = wrap(spans_of(text, "muted"), max(width - 2, 1))
    above: list[Row] = [()] * max((height - len(rows)) // 2, 0)
    return page([*above, *((("", " "), *row) for row in rows)], width, height)


def largest(training: Training, name: str) -> float:
    """The largest absolute value now or at the start, for a scale that rarely changes."""
    values = [training.values[name], training.values_at(Position(0, Phase.FORWARD))[name]]
    sizes = np.abs(np.concatenate([np.ravel(value) for value in values]))
    sizes = sizes[np.isfinite(sizes)]
    return float(sizes.max(initial=0.0)) or 1.0


class RunView(View):
    """A picture of losses or parameters, which also shows the runs in `others`."""

    @final
    def rows(self, training: Training, width: int, height: int) -> list[Row]:
        def drawn() -> list[Row]:
            above = legend(self.beside(training), width, height)
            return [*above, *self.draw(training, width, height - len(above))]

        key = self.key(training), tuple(self.others), width, height
        return self.memory.of("rows", key, drawn)

    def key(self, training: Training) -> Hashable:
        """What the picture depends on: the present point, and whether its gradient is known."""
        run = training.experiment, training.changes, training.position.updates
        return *run, training.done is Phase.BACKWARD

    @abstractmethod
    def draw(self, training: Training, width: int, height: int) -> list[Row]:
        """The picture below the legend of the other runs."""

    def beside(self, training: Training) -> list[MarkedRun]:
        """The other runs that can be drawn with this one."""
        return marked(self.others, training.program)

    def lines(
        self, ways: Iterable[tuple[MarkedRun, Points, Points]], x: Axis, y: Axis
    ) -> tuple[Layer, ...]:
        """Lines of other runs, with their marks on top; cached while the axes stay."""

        def made() -> tuple[Layer, ...]:
            pairs = [run.line(xs, ys, x, y) for run, xs, ys in ways]
            return *(line for line, _ in pairs), *(marks for _, marks in pairs)

        return self.memory.of("lines", (x, y, *self.others), made)

    def others_in_words(self, training: Training, axes: Sequence[Component] = ()) -> str:
        """The other runs' present values, as the end of a sentence."""
        return in_words(self.beside(training), self.notation, axes)
