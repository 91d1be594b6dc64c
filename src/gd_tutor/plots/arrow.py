"""Arrows: the gradient and the way down at one point."""

import numpy as np

from gd_tutor.plots.figure import Axis, Layer
from gd_tutor.plots.scale import to_unit

CANVAS_SHAPE = 1.5  # how many times wider than high a canvas usually looks


def arrow(
    x: float, y: float, dx: float, dy: float, x_axis: Axis, y_axis: Axis, role: str = "gradient"
) -> tuple[Layer, ...]:
    """A line from (x, y) to (x + dx, y + dy) and its head; nothing if the vector is no direction.

    The axes of the figure tell where the head points, because they stretch the vector.
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
