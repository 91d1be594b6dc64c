"""From a layer in data units to strokes between dots of the canvas."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gd_tutor.plots.clip import clip, inside, segments
from gd_tutor.plots.figure import Axis, Layer
from gd_tutor.plots.scale import to_dots, to_unit
from gd_tutor.plots.thin import Strokes, cut_corners, distinct, thin

BRAILLE_DOTS = (2, 4)  # across and down in one cell
GLYPH_DOTS = (1, 1)


@dataclass(frozen=True)
class PenWay:
    """Where the pen goes: places in units of the canvas, and the indices to which the pen jumps.

    Every place is the centre of a dot, so all of them are finite and within the canvas.
    """

    xs: list[float]
    ys: list[float]
    jumps: list[int]


def pen_way(layer: Layer, x: Axis, y: Axis, columns: int, rows: int) -> PenWay:
    """Where the pen goes for a layer on a canvas of so many cells."""
    per_cell = BRAILLE_DOTS if layer.marker is None else GLYPH_DOTS
    size = np.array((columns * per_cell[0], rows * per_cell[1]))
    if not layer.joined:
        return _pen_way(distinct(np.tile(_places(layer, x, y, size), 2)), size)
    xs, ys = to_unit(x, layer.xs), to_unit(y, layer.ys)
    kept = thin(xs, ys, int(size[0]))
    lines = clip(segments(xs[kept], ys[kept]))
    return _pen_way(distinct(cut_corners(dots(lines, np.tile(size, 2)))), size)


def cells(
    layer: Layer, x: Axis, y: Axis, columns: int, rows: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The columns, and the rows from the top, of the cells in which points of a layer lie."""
    across, up = _places(layer, x, y, np.array((columns, rows))).T
    return across, rows - 1 - up


def _places(layer: Layer, x: Axis, y: Axis, size: NDArray[np.intp]) -> NDArray[np.intp]:
    """The dots on which points fall that lie on the canvas, shape (n, 2)."""
    xs, ys = to_unit(x, layer.xs), to_unit(y, layer.ys)
    shown = inside(xs, ys)
    return dots(np.array((xs[shown], ys[shown])).T, size)


def dots(shares: NDArray[np.float64], sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    """The dots on which places in units of the canvas fall, counted from its lower left corner."""
    return to_dots(shares, sizes).clip(0, sizes - 1).astype(np.intp)


def cell(axis: Axis, value: float, cells: int) -> int:
    """The cell, of so many along an axis, in which a value is drawn."""
    return int(dots(to_unit(axis, np.array([value])), np.array([cells]))[0])


def _pen_way(strokes: Strokes, size: NDArray[np.intp]) -> PenWay:
    """The strokes one after the other: the pen jumps where one does not begin at the last dot."""
    ends = strokes.reshape(-1, 2)
    jumps = np.ones(len(strokes), dtype=np.bool_)
    jumps[1:] = (strokes[1:, :2] != strokes[:-1, 2:]).any(axis=1)
    needed = np.ones(len(ends), dtype=np.bool_)
    needed[0::2] = jumps
    needed[1::2] = (strokes[:, :2] != strokes[:, 2:]).any(axis=1)
    places = (ends[needed] + 0.5) / size
    starts = (np.cumsum(needed) - 1)[0::2][jumps]
    return PenWay(places[:, 0].tolist(), places[:, 1].tolist(), starts.tolist())
