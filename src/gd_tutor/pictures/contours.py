"""Contour lines of the loss over two parameters, the path, the gradient and its negative."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.noise import Shown
from gd_tutor.engine.training import Training
from gd_tutor.notation.spans import Row
from gd_tutor.pictures.axes import HUGE, Axis, Figure, Layer, limits, to_unit
from gd_tutor.pictures.components import Component, Points
from gd_tutor.pictures.other_runs import widened
from gd_tutor.pictures.surface import Surface, off_axes, surface_of
from gd_tutor.pictures.view import RunView


def contour_lines(
    xs: NDArray[Any], ys: NDArray[Any], zs: NDArray[Any], levels: Iterable[float]
) -> list[NDArray[np.float64]]:
    """The contour lines of the surface at these levels, each of shape (n, 2).

    `xs` has shape (columns,), `ys` (rows,), `zs` (rows, columns). Lines avoid values of `zs` that
    are not finite.
    """
    from contourpy import LineType, contour_generator

    heights = np.asarray(zs, dtype=np.float64)
    if min(heights.shape) < 2:
        return []
    known = np.ma.masked_where(~(np.abs(heights) <= HUGE), heights)
    generator = contour_generator(xs, ys, known, line_type=LineType.Separate)
    lines: list[NDArray[np.float64]] = []
    for level in levels:
        lines += [np.asarray(line) for line in generator.lines(level)]
    return lines


def polylines(lines: Sequence[NDArray[np.float64]], role: str = "contour") -> Layer:
    """Many lines, each of shape (n, 2), as one layer with gaps between them."""
    gap = np.full((1, 2), np.nan)
    rows = np.concatenate([part for line in lines for part in (line, gap)] or [gap])
    return Layer(rows[:, 0], rows[:, 1], role)


CANVAS_SHAPE = 1.5  # the usual ratio of width to height of a canvas on the screen


def arrow(
    x: float, y: float, dx: float, dy: float, x_axis: Axis, y_axis: Axis, role: str = "gradient"
) -> tuple[Layer, ...]:
    """A line from (x, y) to (x + dx, y + dy) and its head; empty for a vector without direction.

    The head's direction depends on the scales of both axes.
    """
    xs, ys = np.array([x, x + dx], dtype=np.float64), np.array([y, y + dy], dtype=np.float64)
    across = float(np.diff(to_unit(x_axis, xs))[0]) * CANVAS_SHAPE
    up = float(np.diff(to_unit(y_axis, ys))[0])
    if np.isnan(across + up) or across == up == 0:
        return ()
    return Layer(xs, ys, role), Layer(xs[1:], ys[1:], role, _head(across, up), joined=False)


def _head(across: float, up: float) -> str:
    if abs(across) >= abs(up):
        return "▶" if across > 0 else "◀"
    return "▲" if up > 0 else "▼"


COLUMNS, ROWS = 64, 48
DEAREST = 100_000_000
"""A picture computes at most so many numbers; larger programs get a coarser grid."""
LEVELS = 6
FEW = 40
"""A path of up to 40 points is drawn as points, a longer one as a line."""
MOST = 1_000
"""A third of the points drawn of a long path."""
ARROW = 0.22
"""The length of the gradient's arrow, relative to the wider axis."""


class ContoursView(RunView):
    kind = "contours"

    def title(self, training: Training) -> str:
        across, up = (axis.label(self.notation) for axis in self.axes)
        return f"{self.notation.name('loss')} over {across} (across) and {up} (up)"

    def draw(self, training: Training, width: int, height: int) -> list[Row]:
        ground = self._ground(training)
        across, up = self.axes
        runs = self.beside(training)
        ways = ((run, run.places(across), run.places(up)) for run in runs)
        layers = (
            *ground.layers,
            *self.lines(ways, ground.x, ground.y),
            *self._gradient(training, ground),
            *self._path(training),
            self._here(training),
        )
        return self.canvas.draw(replace(ground, layers=layers), width, height)

    def _ground(self, training: Training) -> Figure:
        """The axes, contours and minimum."""
        surface = surface_of(training)
        ranges = [self._range(training, surface, axis) for axis in self.axes]
        return self.memory.of(
            "ground",
            (surface, *ranges, off_axes(training, self.axes), *self.others),
            lambda: self._new_ground(training, surface, ranges),
        )

    def _new_ground(
        self, training: Training, surface: Surface, ranges: Sequence[tuple[float, float]]
    ) -> Figure:
        runs = self.beside(training)
        x_axis, y_axis = (
            widened(
                Axis(*ends, label=axis.label(self.notation)), [run.places(axis) for run in runs]
            )
            for axis, ends in zip(self.axes, ranges, strict=True)
        )
        dear = COLUMNS * ROWS * training.program.size > DEAREST
        coarser = 3 if dear and surface.quadratic is None else 1
        columns, rows = COLUMNS // coarser, ROWS // coarser
        xs = np.linspace(x_axis.low, x_axis.high, columns)
        ys = np.linspace(y_axis.low, y_axis.high, rows)
        grid = np.meshgrid(xs, ys)
        losses = surface.over(training, self.axes, [part.ravel() for part in grid])
        losses = losses.reshape(rows, columns)
        levels = _levels(losses, self._highest(training, surface))
        lines = polylines(contour_lines(xs, ys, losses, levels))
        return Figure((lines, *self._minimum(training, surface, x_axis, y_axis)), x_axis, y_axis)

    def _range(self, training: Training, surface: Surface, axis: Component) -> tuple[float, float]:
        """A range with the start, the minimum or the valleys, and the path."""
        marks = list(surface.reach(training, axis))
        if surface.quadratic is not None:
            marks.append(float(surface.quadratic.point[axis.position(training)]))
            room = (max(marks) - min(marks)) * 0.35
        else:
            stretch = surface.stretch(training, axis)
            marks += [stretch.low, stretch.high]
            room = (max(marks) - min(marks)) * 0.1  # the range already includes steep walls
        room = max(room, 0.5)
        return limits(min(marks) - room, max(marks) + room)

    def _highest(self, training: Training, surface: Surface) -> float:
        """The highest loss with contours, so that steep walls do not take all of them."""
        if surface.quadratic is not None:
            return np.inf
        return max(surface.stretch(training, axis).top for axis in self.axes)

    def _minimum(
        self, training: Training, surface: Surface, x_axis: Axis, y_axis: Axis
    ) -> list[Layer]:
        """The minimum: a point, or a line along a direction of constant loss."""
        quadratic = surface.quadratic
        if quadratic is None or len(quadratic.point) != 2:
            return []
        order = [axis.position(training) for axis in self.axes]
        x, y = quadratic.point[order]
        if quadratic.flat.shape[1] == 1:
            dx, dy = quadratic.flat[order, 0]
            far = 2 * (x_axis.high - x_axis.low + y_axis.high - y_axis.low)
            ends: Points = np.linspace(-far, far, 2)
            return [Layer(x + dx * ends, y + dy * ends, "minimum", "×")]
        return [Layer(np.array([x]), np.array([y]), "minimum", "×", joined=False)]

    def _path(self, training: Training) -> list[Layer]:
        xs, ys = (axis.trail(training) for axis in self.axes)
        if len(xs) <= FEW:
            return [Layer(xs[:-1].copy(), ys[:-1].copy(), "path", "o", joined=False)]
        kept = _evenly(len(xs))
        return [Layer(xs[kept], ys[kept], "path")]

    def _gradient(self, training: Training, ground: Figure) -> list[Layer]:
        """The gradient and its negative, with equal lengths; none for rounding noise."""
        slopes = [shown.value for axis in self.axes if (shown := axis.shown_slope(training))]
        slope = np.array(slopes, dtype=float)
        if len(slopes) < len(self.axes) or not np.isfinite(slope).all():
            return []
        x, y = (axis.now(training) for axis in self.axes)
        axes = ground.x, ground.y
        spans = np.array([axis.high - axis.low for axis in axes])
        length = np.hypot(*(slope / spans))
        if length == 0:
            return []
        across, up = slope / length * ARROW
        return [
            *arrow(x, y, across, up, *axes, role="gradient"),
            *arrow(x, y, -across, -up, *axes, role="descent"),
        ]

    def _here(self, training: Training) -> Layer:
        x, y = (np.array([axis.now(training)]) for axis in self.axes)
        return Layer(x, y, "current", "@", joined=False)

    def text_alternative(self, training: Training) -> str:
        notation = self.notation
        starts = [Shown(axis.trail(training)[0]) for axis in self.axes]
        now = [axis.shown(training) for axis in self.axes]
        points = [f"({', '.join(map(notation.shown, place))})" for place in (starts, now)]
        labels = ", ".join(axis.label(notation) for axis in self.axes)
        text = f"({labels}) is at {points[0]}"
        if training.position.updates:
            text = f"({labels}) moved {notation.moved(*points)}"
        slopes = [slope for axis in self.axes if (slope := axis.shown_slope(training)) is not None]
        if len(slopes) == len(self.axes):
            up = ", ".join(map(notation.shown, slopes))
            down = ", ".join(notation.shown(replace(slope, value=-slope.value)) for slope in slopes)
            text += f"; uphill is ({up}), downhill ({down})"
        text += self._minimum_in_words(training)
        return text + self.others_in_words(training, self.axes)

    def _minimum_in_words(self, training: Training) -> str:
        quadratic = surface_of(training).quadratic
        if quadratic is None or len(quadratic.point) != 2:
            return ""
        order = [axis.position(training) for axis in self.axes]
        place = ", ".join(self.notation.number(float(value)) for value in quadratic.point[order])
        if quadratic.flat.shape[1]:
            return f"; the minimum is a whole line, through ({place})"
        return f"; the minimum is at ({place})"


def _evenly(count: int) -> NDArray[np.intp]:
    """The indices drawn of a long path: all first and last points, evenly spaced between."""
    if count <= 3 * MOST:
        return np.arange(count)
    between = np.linspace(MOST, count - MOST, MOST, dtype=np.intp)
    return np.concatenate([np.arange(MOST), between, np.arange(count - MOST, count)])


def _levels(losses: Points, highest: float) -> Points:
    """Levels in squares of equal steps, so that lines on a quadratic loss are evenly spaced."""
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return np.zeros(0)
    low, middle, high = (float(np.quantile(finite, share)) for share in (0, 0.8, 0.98))
    high = min(max(highest, middle), high)  # neither too dense nor too few
    steps = np.arange(1, LEVELS + 1) / LEVELS
    return low + (high - low) * steps**2
