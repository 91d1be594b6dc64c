"""Contour lines of the loss over two parameters, the path, the gradient and its negative."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from gd_tutor.learning.following import numbers_in
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.spans import Row
from gd_tutor.plots import Axis, Figure, Layer, arrow, contour_lines, limits, polylines
from gd_tutor.training import Training
from gd_tutor.views.base import View
from gd_tutor.views.components import Component, component
from gd_tutor.views.memory import Memory
from gd_tutor.views.other import grown, said, shown, ways
from gd_tutor.views.surface import Points, Surface, position, surface_of

COLUMNS, ROWS = 64, 48
DEAREST = 100_000_000
"""So many numbers may be worked for one picture; beyond that its grid is coarser."""
LEVELS = 6
FEW = 40
"""Up to so many points of the path are marked one by one; a longer path is a line."""
MOST = 1_000
"""A path is drawn with about three times as many points at most."""
ARROW = 0.22
"""The length of the gradient's arrow, as part of the wider axis."""


class ContoursView(View):
    kind = "contours"

    def __init__(
        self, notation: Notation, of: Sequence[str] = (), over: Sequence[str] = ()
    ) -> None:
        super().__init__(notation, of, over)
        self.axes = [component(text) for text in self.over]
        self._key: Hashable = None
        self._other_ways: Memory[list[Layer]] = Memory()

    def title(self, training: Training) -> str:
        across, up = (axis.label(self.notation) for axis in self.axes)
        return f"{self.notation.name('loss')} over {across} (across) and {up} (up)"

    def rows(self, training: Training, width: int, height: int) -> list[Row]:
        def draw(height: int) -> list[Row]:
            return self._draw(training, width, height)

        return self.remembered(self.at_point(training), training, width, height, draw)

    def _draw(self, training: Training, width: int, height: int) -> list[Row]:
        surface = surface_of(training)
        self._prepare(training, surface)
        beside = (self._x_axis, self._y_axis, *self.others)
        layers = (
            *self._ground,
            *self._other_ways.of(beside, lambda: self._beside(training)),
            *self._gradient(training),
            *self._path(training),
            self._here(training),
        )
        figure = Figure(layers, self._x_axis, self._y_axis)
        return self.canvas.draw(figure, width, height)

    def _prepare(self, training: Training, surface: Surface) -> None:
        """Contours, minimum and axes, made again only when what they depend on has changed."""
        ranges = [self._range(training, surface, axis) for axis in self.axes]
        frozen = np.delete(position(training), [axis.position(training) for axis in self.axes])
        key = (id(surface), *ranges, frozen.tobytes(), *self.others)
        if key == self._key:
            return
        self._key = key
        runs = shown(self.others, training.program)
        self._x_axis, self._y_axis = (
            grown(Axis(*ends, label=axis.label(self.notation)), [run.places(axis) for run in runs])
            for axis, ends in zip(self.axes, ranges, strict=True)
        )
        dear = COLUMNS * ROWS * numbers_in(training.program) > DEAREST
        coarser = 3 if dear and surface.quadratic is None else 1
        columns, rows = COLUMNS // coarser, ROWS // coarser
        xs = np.linspace(self._x_axis.low, self._x_axis.high, columns)
        ys = np.linspace(self._y_axis.low, self._y_axis.high, rows)
        grid = np.meshgrid(xs, ys)
        losses = surface.over(training, self.axes, [part.ravel() for part in grid])
        losses = losses.reshape(rows, columns)
        levels = _levels(losses, self._highest(training, surface))
        lines = polylines(contour_lines(xs, ys, losses, levels))
        self._ground = [lines, *self._minimum(surface, training)]

    def _beside(self, training: Training) -> list[Layer]:
        """The ways of the other runs."""
        across, up = self.axes
        runs = shown(self.others, training.program)
        lines = ((run, run.places(across), run.places(up)) for run in runs)
        return ways(lines, self._x_axis, self._y_axis)

    def _range(self, training: Training, surface: Surface, axis: Component) -> tuple[float, float]:
        """Room for the start, the minimum or the valleys, and wherever the run has been."""
        marks = list(surface.reach(training, axis))
        if surface.quadratic is not None:
            marks.append(float(surface.quadratic.point[axis.position(training)]))
            room = (max(marks) - min(marks)) * 0.35
        else:
            stretch = surface.stretch(training, axis)
            marks += [stretch.low, stretch.high]
            room = (max(marks) - min(marks)) * 0.1  # the walls are in the stretch already
        room = max(room, 0.5)
        return limits(min(marks) - room, max(marks) + room)

    def _highest(self, training: Training, surface: Surface) -> float:
        """Up to where contours are drawn: steep walls around valleys would take all of them."""
        if surface.quadratic is not None:
            return np.inf
        return max(surface.stretch(training, axis).top for axis in self.axes)

    def _minimum(self, surface: Surface, training: Training) -> list[Layer]:
        """A point, or a line where the loss is the same all along it."""
        quadratic = surface.quadratic
        if quadratic is None or len(quadratic.point) != 2:
            return []
        order = [axis.position(training) for axis in self.axes]
        x, y = quadratic.point[order]
        if quadratic.flat.shape[1] == 1:
            dx, dy = quadratic.flat[order, 0]
            far = 2 * (self._x_axis.high - self._x_axis.low + self._y_axis.high - self._y_axis.low)
            ends: Points = np.linspace(-far, far, 2)
            return [Layer(x + dx * ends, y + dy * ends, "minimum", "×")]
        return [Layer(np.array([x]), np.array([y]), "minimum", "×", joined=False)]

    def _path(self, training: Training) -> list[Layer]:
        xs, ys = (axis.trail(training) for axis in self.axes)
        if len(xs) <= FEW:
            return [Layer(xs[:-1].copy(), ys[:-1].copy(), "path", "o", joined=False)]
        kept = _evenly(len(xs))
        return [Layer(xs[kept], ys[kept], "path")]

    def _gradient(self, training: Training) -> list[Layer]:
        """The gradient points up the hill, its negative down; both of one length to be seen."""
        slopes = [axis.slope(training) for axis in self.axes]
        if any(slope is None or not np.isfinite(slope) for slope in slopes):
            return []
        slope = np.array(slopes, dtype=float)
        x, y = (axis.now(training) for axis in self.axes)
        spans = np.array(
            [self._x_axis.high - self._x_axis.low, self._y_axis.high - self._y_axis.low]
        )
        length = np.hypot(*(slope / spans))
        if length == 0:
            return []
        across, up = slope / length * ARROW
        axes = self._x_axis, self._y_axis
        return [
            *arrow(x, y, across, up, *axes, role="gradient"),
            *arrow(x, y, -across, -up, *axes, role="descent"),
        ]

    def _here(self, training: Training) -> Layer:
        x, y = (np.array([axis.now(training)]) for axis in self.axes)
        return Layer(x, y, "current", "@", joined=False)

    def twin(self, training: Training) -> str:
        notation = self.notation
        points = []
        for step in (0, -1):
            place = [notation.number(float(axis.trail(training)[step])) for axis in self.axes]
            points.append(f"({', '.join(place)})")
        labels = ", ".join(axis.label(notation) for axis in self.axes)
        text = f"({labels}) is at {points[0]}"
        if training.position.updates:
            text = f"({labels}) moved {notation.moved(*points)}"
        slopes = [axis.slope(training) for axis in self.axes]
        if all(slope is not None for slope in slopes):
            up = ", ".join(notation.number(float(slope or 0.0)) for slope in slopes)
            down = ", ".join(notation.number(-float(slope or 0.0)) for slope in slopes)
            text += f"; uphill is ({up}), downhill ({down})"
        others = said(shown(self.others, training.program), notation, self.axes)
        return text + self._minimum_twin(training) + others

    def _minimum_twin(self, training: Training) -> str:
        quadratic = surface_of(training).quadratic
        if quadratic is None or len(quadratic.point) != 2:
            return ""
        order = [axis.position(training) for axis in self.axes]
        place = ", ".join(self.notation.number(float(value)) for value in quadratic.point[order])
        if quadratic.flat.shape[1]:
            return f"; the minimum is a whole line, through ({place})"
        return f"; the minimum is at ({place})"


def _evenly(count: int) -> NDArray[np.intp]:
    """Which points of a long path are drawn: the first and the last all, between them evenly."""
    if count <= 3 * MOST:
        return np.arange(count)
    between = np.linspace(MOST, count - MOST, MOST, dtype=np.intp)
    return np.concatenate([np.arange(MOST), between, np.arange(count - MOST, count)])


def _levels(losses: Points, highest: float) -> Points:
    """Levels whose lines stand evenly apart on a bowl: squares of equal steps."""
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return np.zeros(0)
    low, middle, high = (float(np.quantile(finite, share)) for share in (0, 0.8, 0.98))
    high = min(max(highest, middle), high)  # so that they neither crowd together nor are few
    steps = np.arange(1, LEVELS + 1) / LEVELS
    return low + (high - low) * steps**2
