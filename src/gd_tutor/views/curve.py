"""The loss against one parameter, with the points visited and the tangent."""

from collections.abc import Hashable, Sequence

import numpy as np

from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.spans import Row
from gd_tutor.plots import Axis, Canvas, Figure, Layer, limits
from gd_tutor.training import Training
from gd_tutor.views.base import View
from gd_tutor.views.components import Component, component
from gd_tutor.views.other import OtherRun, grown, said, shown
from gd_tutor.views.surface import Points, Surface, position, surface_of

POINTS = 160
MOST_VISITED = 60
"""So many of the last points visited are marked."""


class CurveView(View):
    kind = "curve"

    def __init__(
        self, notation: Notation, of: Sequence[str] = (), over: Sequence[str] = ()
    ) -> None:
        super().__init__(notation, of, over)
        self._drawing = CurveDrawing(component(self.over[0]))

    def title(self, training: Training) -> str:
        axis = component(self.over[0])
        return f"{self.notation.name('loss')} over {axis.label(self.notation)}"

    def rows(self, training: Training, width: int, height: int) -> list[Row]:
        def draw(height: int) -> list[Row]:
            return self._drawing.rows(training, self.others, width, height)

        return self.remembered(self.at_point(training), training, width, height, draw)

    def twin(self, training: Training) -> str:
        axis = component(self.over[0])
        others = said(shown(self.others, training.program), self.notation, [axis])
        return curve_twin(axis, training, self) + others


class CurveDrawing:
    """The curve along one component; the other components stay where they are."""

    def __init__(self, axis: Component) -> None:
        self.axis = axis
        self.canvas = Canvas()
        self._key: Hashable = None
        self._ground: tuple[Layer, ...] = ()
        self._axes = Axis(0, 1), Axis(0, 1)

    def rows(
        self, training: Training, others: Sequence[OtherRun], width: int, height: int
    ) -> list[Row]:
        surface = surface_of(training)
        self._prepare(training, surface, others)
        x_axis, y_axis = self._axes
        layers = [*self._ground, *self._visited(training, surface)]
        layers += self._tangent(training, surface)
        here = np.array([self.axis.now(training)])
        loss = surface.along(training, self.axis, here)
        layers.append(Layer(here, loss, "current", "@", joined=False))
        return self.canvas.draw(Figure(tuple(layers), x_axis, y_axis), width, height)

    def _prepare(self, training: Training, surface: Surface, others: Sequence[OtherRun]) -> None:
        """What stays from step to step, made again only when what it depends on has changed."""
        low, high, top = self._range(training, surface)
        frozen = np.delete(position(training), self.axis.position(training))
        key = (id(surface), low, high, top, frozen.tobytes(), *others)
        if key == self._key:
            return
        self._key = key
        # The first curve gives the axis: it stays while the other parameters move.
        seen = surface.along_from_start(training, self.axis, np.linspace(low, high, POINTS))
        here = surface.along(training, self.axis, np.array([self.axis.now(training)]))
        bottom = float(np.nanmin(np.append(seen, 0.0)))
        x_axis = Axis(low, high)
        y_axis = Axis(*limits(bottom, float(np.nanmax(np.append(here, top)))))
        runs = shown(others, training.program)
        points = [run.points(self.axis) for run in runs]
        y_axis = grown(y_axis, [losses for _, losses in points])
        x_axis = grown(x_axis, [places[losses <= y_axis.high] for places, losses in points])
        self._axes = x_axis, y_axis
        xs = np.linspace(x_axis.low, x_axis.high, POINTS)
        curve = Layer(xs, surface.along(training, self.axis, xs), "curve")
        spots = [run.spots(*found) for run, found in zip(runs, points, strict=True)]
        self._ground = (curve, *spots, *self._minimum(surface))

    def _range(self, training: Training, surface: Surface) -> tuple[float, float, float]:
        """The ends of the axis, and how high the loss is between them where it matters.

        A parabola reaches as far on both sides of its minimum as the run has been from it. Of any
        other curve the valleys near the start are shown, and wherever the run has been.
        """
        if surface.quadratic is None:
            return self._around(training, surface)
        trail = self.axis.trail(training)
        trail = trail[np.isfinite(trail)]
        centre = float(surface.quadratic.point[self.axis.position(training)])
        reach = max(float(np.abs(trail - centre).max(initial=0.0)), abs(float(trail[0])) / 4, 1.0)
        low, high = limits(centre - reach * 1.2, centre + reach * 1.2)
        return low, high, self._highest(training, surface, low, high)

    def _around(self, training: Training, surface: Surface) -> tuple[float, float, float]:
        stretch = surface.stretch(training, self.axis)
        reached = surface.reach(training, self.axis)
        low, high = min(stretch.low, reached[0]), max(stretch.high, reached[1])
        least = max(abs(float(self.axis.trail(training)[0])) / 2, 2.0)
        room = max((high - low) * 0.1, (least - (high - low)) / 2)
        top = max(stretch.top, self._highest(training, surface, *reached))
        return *limits(low - room, high + room), top

    def _highest(self, training: Training, surface: Surface, low: float, high: float) -> float:
        ends = surface.along_from_start(training, self.axis, np.array([low, high]))
        return float(ends[np.isfinite(ends)].max(initial=0.0))

    def _minimum(self, surface: Surface) -> list[Layer]:
        if surface.quadratic is None or len(surface.quadratic.point) > 1:
            return []
        lowest = np.array([surface.quadratic.point[0]])
        return [Layer(lowest, np.array([surface.quadratic.loss]), "minimum", "×", joined=False)]

    def _visited(self, training: Training, surface: Surface) -> list[Layer]:
        trail = self.axis.trail(training)[:-1][-MOST_VISITED:]
        if not len(trail) or len(position(training)) > 1:
            return []  # among several parameters the points visited lie on other slices
        losses = training.whole_losses()[: training.position.updates][-MOST_VISITED:].copy()
        return [Layer(trail.copy(), losses, "path", "o", joined=False)]

    def _tangent(self, training: Training, surface: Surface) -> list[Layer]:
        slope = self.axis.slope(training)
        if slope is None:
            return []
        here = self.axis.now(training)
        loss = float(surface.along(training, self.axis, np.array([here]))[0])
        x_axis, y_axis = self._axes
        reach = (x_axis.high - x_axis.low) / 4
        if slope:
            reach = min(reach, (y_axis.high - y_axis.low) / 3 / abs(slope))
        xs: Points = np.linspace(here - reach, here + reach, 2)
        return [Layer(xs, loss + slope * (xs - here), "tangent")]


def curve_twin(axis: Component, training: Training, view: View) -> str:
    """Where the parameter is on its curve, and how steep it is there."""
    notation = view.notation
    trail = axis.trail(training)
    label, now = axis.label(notation), notation.number(float(trail[-1]))
    moved = f"{label} moved {notation.moved(notation.number(float(trail[0])), now)}"
    text = moved if len(trail) > 1 else f"{label} is at {now}"
    loss = surface_of(training).along(training, axis, trail[-1:])[0]
    text += f"; {notation.name('loss')} there is {notation.number(float(loss))}"
    slope = axis.slope(training)
    if slope is not None:
        text += f", its slope {notation.number(slope)}"
    return text
