"""What every view of a run is: drawn when the run has moved, with the other runs beside it."""

from abc import abstractmethod
from collections.abc import Hashable, Iterable, Sequence
from typing import final

from gd_tutor.notation.spans import Row
from gd_tutor.plots import Axis, Layer
from gd_tutor.training import Phase, Training
from gd_tutor.views.base import View
from gd_tutor.views.components import Component, Points
from gd_tutor.views.other import MarkedRun, in_words, legend, marked


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
        """What the picture depends on: the present point, and whether its slopes are known."""
        run = training.experiment, training.changes, training.position.updates
        return *run, training.done is Phase.BACKWARD

    @abstractmethod
    def draw(self, training: Training, width: int, height: int) -> list[Row]:
        """The picture below the legend of the other runs."""

    def beside(self, training: Training) -> list[MarkedRun]:
        """The other runs that can be drawn beside this one."""
        return marked(self.others, training.program)

    def lines(
        self, ways: Iterable[tuple[MarkedRun, Points, Points]], x: Axis, y: Axis
    ) -> tuple[Layer, ...]:
        """Lines of other runs and over all of them their marks, made anew only in other axes."""

        def made() -> tuple[Layer, ...]:
            pairs = [run.line(xs, ys, x, y) for run, xs, ys in ways]
            return *(line for line, _ in pairs), *(marks for _, marks in pairs)

        return self.memory.of("lines", (x, y, *self.others), made)

    def others_in_words(self, training: Training, axes: Sequence[Component] = ()) -> str:
        """Where the other runs are, as the end of a sentence."""
        return in_words(self.beside(training), self.notation, axes)
