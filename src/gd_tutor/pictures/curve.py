"""The loss curve against one parameter, with its tangent; and slices: against each of two."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from gd_tutor.engine.training import Training
from gd_tutor.notation.spans import Row, Span, pad
from gd_tutor.notation.spans import width as cells
from gd_tutor.pictures.axes import Axis, Figure, Layer, limits
from gd_tutor.pictures.canvas import Canvas
from gd_tutor.pictures.components import Component, Points
from gd_tutor.pictures.other_runs import MarkedRun, widened
from gd_tutor.pictures.surface import Surface, ends, off_axes, position, surface_of
from gd_tutor.pictures.view import Memory, RunView, page

POINTS = 160
MOST_VISITED = 60
"""The last 60 points visited are marked."""


class CurveView(RunView):
    kind = "curve"

    @cached_property
    def drawings(self) -> list["CurveDrawing"]:
        """One for each axis."""
        return [CurveDrawing(axis) for axis in self.axes]

    def title(self, training: Training) -> str:
        return f"{self.notation.name('loss')} over {self.axes[0].label(self.notation)}"

    def draw(self, training: Training, width: int, height: int) -> list[Row]:
        return self.drawings[0].rows(training, self.beside(training), width, height)

    def text_alternative(self, training: Training) -> str:
        curves = "; ".join(self._in_words(training, axis) for axis in self.axes)
        return curves + self.others_in_words(training, self.axes)

    def _in_words(self, training: Training, axis: Component) -> str:
        """The parameter's place on its curve, and its partial derivative there."""
        notation = self.notation
        trail = axis.trail(training)
        label, now = axis.label(notation), notation.shown(axis.shown(training))
        moved = f"{label} moved {notation.moved(notation.number(float(trail[0])), now)}"
        text = moved if len(trail) > 1 else f"{label} is at {now}"
        loss = surface_of(training).along(training, axis, trail[-1:])[0]
        shown = training.shown_loss(training.position.updates, float(loss))
        text += f"; {notation.name('loss')} there is {notation.shown(shown)}"
        slope = axis.shown_slope(training)
        if slope is not None:
            text += f", its slope {notation.shown(slope)}"
        return text


class CurveDrawing:
    """The loss along one component; the others keep their values."""

    def __init__(self, axis: Component) -> None:
        self.axis = axis
        self.canvas = Canvas()
        self.memory = Memory()

    def rows(
        self, training: Training, runs: Sequence[MarkedRun], width: int, height: int
    ) -> list[Row]:
        surface = surface_of(training)
        ground = self._ground(training, surface, runs)
        here = np.array([self.axis.now(training)])
        loss = surface.along(training, self.axis, here)
        layers = (
            *ground.layers,
            *self._visited(training),
            *self._tangent(training, float(here[0]), float(loss[0]), ground),
            Layer(here, loss, "current", "@", joined=False),
        )
        return self.canvas.draw(replace(ground, layers=layers), width, height)

    def _ground(self, training: Training, surface: Surface, runs: Sequence[MarkedRun]) -> Figure:
        """The axes and the layers that stay from step to step."""
        reach = self._range(training, surface)
        return self.memory.of(
            "ground",
            (surface, reach, off_axes(training, [self.axis]), *runs),
            lambda: self._new_ground(training, surface, runs, reach),
        )

    def _new_ground(
        self,
        training: Training,
        surface: Surface,
        runs: Sequence[MarkedRun],
        reach: tuple[float, float, float],
    ) -> Figure:
        low, high, top = reach
        # The axis is that of the first curve, so it stays while other parameters move.
        seen = surface.along_from_start(training, self.axis, np.linspace(low, high, POINTS))
        here = surface.along(training, self.axis, np.array([self.axis.now(training)]))
        bottom = float(np.nanmin(np.append(seen, 0.0)))
        y_axis = Axis(*limits(bottom, float(np.nanmax(np.append(here, top)))))
        points = [run.points(self.axis) for run in runs]
        y_axis = widened(y_axis, [losses for _, losses in points])
        inside = [places[losses <= y_axis.high] for places, losses in points]
        x_axis = widened(Axis(low, high), inside)
        xs = np.linspace(x_axis.low, x_axis.high, POINTS)
        curve = Layer(xs, surface.along(training, self.axis, xs), "curve")
        spots = [run.spots(*found) for run, found in zip(runs, points, strict=True)]
        return Figure((curve, *spots, *self._minimum(surface)), x_axis, y_axis)

    def _range(self, training: Training, surface: Surface) -> tuple[float, float, float]:
        """The ends of the axis, and the highest loss to show.

        A parabola extends as far on both sides of its minimum as the run does. Any other curve
        shows the valleys near the start and the path.
        """
        if surface.quadratic is None:
            return self._around(training, surface)
        trail = self.axis.trail(training)
        centre = float(surface.quadratic.point[self.axis.position(training)])
        far = max(abs(end - centre) for end in ends(trail))
        reach = max(far, abs(float(trail[0])) / 4, 1.0)
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

    def _visited(self, training: Training) -> list[Layer]:
        trail = self.axis.trail(training)[:-1][-MOST_VISITED:]
        if not len(trail) or len(position(training)) > 1:
            return []  # with several parameters, earlier points lie on other slices
        losses = training.whole_losses()[: training.position.updates][-MOST_VISITED:].copy()
        return [Layer(trail.copy(), losses, "path", "o", joined=False)]

    def _tangent(self, training: Training, here: float, loss: float, ground: Figure) -> list[Layer]:
        slope = self.axis.slope(training)
        if slope is None:
            return []
        reach = (ground.x.high - ground.x.low) / 4
        if slope:
            reach = min(reach, (ground.y.high - ground.y.low) / 3 / abs(slope))
        xs: Points = np.linspace(here - reach, here + reach, 2)
        return [Layer(xs, loss + slope * (xs - here), "tangent")]


LOWEST = 9
"""Slices of at least so many rows are stacked; otherwise they are side by side."""

SHORT = 3
"""The digits of a partial derivative when more do not fit."""


class SlicesView(CurveView):
    kind = "slices"

    def title(self, training: Training) -> str:
        labels = " and ".join(axis.label(self.notation) for axis in self.axes)
        return f"{self.notation.name('loss')} over {labels}, the other frozen"

    def draw(self, training: Training, width: int, height: int) -> list[Row]:
        if height < 2 * LOWEST or width > 4 * height:
            return self._beside(training, width, height)
        top = height // 2
        return self._slice(training, 0, width, top) + self._slice(training, 1, width, height - top)

    def _beside(self, training: Training, width: int, height: int) -> list[Row]:
        first = width // 2
        left = self._slice(training, 0, first - 1, height)
        right = self._slice(training, 1, width - first, height)
        rows = [(*a, ("", " "), *b) for a, b in zip(left, right, strict=True)]
        return page(rows, width, height)

    def _slice(self, training: Training, which: int, width: int, height: int) -> list[Row]:
        return [
            pad(self._heading(training, which, width), width),
            *self.drawings[which].rows(training, self.beside(training), width, height - 1),
        ]

    def _heading(self, training: Training, which: int, width: int) -> Row:
        axis, other = self.axes[which], self.axes[1 - which]
        frozen = f"({self.notation.equation(other.label(self.notation), other.shown(training))})"
        spans: list[Span] = [("label", f" {axis.label(self.notation)}")]
        slope = axis.shown_slope(training)
        if slope is not None:
            text = f" slope {self.notation.shown(slope)}"
            if cells(spans[0][1] + text) > width:
                text = f" slope {self.notation.number(float(f'{slope.value:.{SHORT}g}'))}"
            spans.append(("tangent", text))
        if sum(cells(text) for _, text in spans) + cells(frozen) + 1 <= width:
            spans.append(("muted", f" {frozen}"))
        return tuple(spans)
