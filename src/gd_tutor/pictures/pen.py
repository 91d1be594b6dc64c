"""Layers in data units to dots of the canvas; the only module that calls plotext.

Lines are clipped and downsampled first: only points that change a dot are left.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gd_tutor.notation.spans import Row, Span
from gd_tutor.pictures.axes import Axis, Layer, to_dots, to_unit

MARGIN = 1e-6  # the tolerance for points on the edge, in units of the canvas


def segments(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[np.float64]:
    """The segments of a line as rows (x, y, x, y); NaN is a gap.

    A point between two gaps is a segment of length 0.
    """
    points = np.array((xs, ys)).T
    known = np.concatenate(([False], np.isfinite(points).all(axis=1), [False]))
    alone = known[1:-1] & ~known[:-2] & ~known[2:]
    joined = (known[1:-1] & known[2:])[:-1]
    lines = np.hstack((points[:-1], points[1:]))[joined]
    return np.concatenate((lines, np.hstack((points, points))[alone]))


def clip(lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """The parts of segments, rows (x, y, x, y), within the unit square (Liang–Barsky clipping)."""
    start, step = lines[:, :2], lines[:, 2:] - lines[:, :2]
    with np.errstate(all="ignore"):
        to_low, to_high = (-MARGIN - start) / step, (1 + MARGIN - start) / step
    enters, leaves = np.minimum(to_low, to_high), np.maximum(to_low, to_high)
    # A segment parallel to an edge never crosses it: it lies inside or outside.
    level = step == 0
    between = (start >= -MARGIN) & (start <= 1 + MARGIN)
    enters = np.where(level, np.where(between, -np.inf, np.inf), enters)
    leaves = np.where(level, np.inf, leaves)
    enter = np.maximum(enters.max(axis=1), 0)
    leave = np.minimum(leaves.min(axis=1), 1)
    visible = enter <= leave
    start, step = start[visible], step[visible]
    ends = [start + share[visible, None] * step for share in (enter, leave)]
    clipped: NDArray[np.float64] = np.clip(np.hstack(ends), 0, 1)
    return clipped


def inside(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points lie on the canvas; NaN never does."""
    lowest, highest = np.minimum(xs, ys), np.maximum(xs, ys)
    return np.asarray((lowest >= -MARGIN) & (highest <= 1 + MARGIN))


FEW = 4  # at most so many points are kept in a column

Points = NDArray[np.float64]
Indices = NDArray[np.intp]
Strokes = NDArray[np.intp]  # rows (x, y, x, y): from one dot to another


def thin(xs: Points, ys: Points, columns: int) -> Indices:
    """The ascending indices of the points that a line over `columns` columns of dots needs.

    `xs` and `ys`, shape (n,), are in units of the canvas; NaN is a gap. Consecutive points in one
    column are downsampled to first, min, max and last, which cover the same dots. Points left of
    the canvas are one column, and so are those right of it.
    """
    if len(xs) <= FEW:
        return np.arange(len(xs))
    column = np.clip(to_dots(xs, columns), -1, columns)
    changes = np.flatnonzero((column[1:] != column[:-1]) | np.isnan(ys[1:]) | np.isnan(ys[:-1])) + 1
    first = np.concatenate(([0], changes))
    last = np.concatenate((changes, [len(xs)])) - 1
    kept = np.zeros(len(xs), dtype=np.bool_)
    kept[first] = kept[last] = True
    for extreme in (np.minimum, np.maximum):
        kept[_first_equal(ys, extreme.reduceat(ys, first), first, last)] = True
    return np.flatnonzero(kept)


def _first_equal(ys: Points, wanted: Points, first: Indices, last: Indices) -> Indices:
    """For every range from first to last, the first index of its wanted value."""
    hits = np.flatnonzero(ys == np.repeat(wanted, last - first + 1))
    nearest = np.searchsorted(hits, first)
    # NaN equals nothing: a gap gets the next hit or its own index, which changes no dot.
    return np.where(nearest < len(hits), np.append(hits, 0)[nearest], first)


def cut_corners(strokes: Strokes) -> Strokes:
    """The strokes with each corner of two axis-parallel steps replaced by one diagonal step.

    Lines get thinner, and still reach the same rows and columns.
    """
    if len(strokes) < 2:
        return strokes
    strokes = strokes[~(_joined(strokes) & (strokes[:, :2] == strokes[:, 2:]).all(axis=1))]
    steps = strokes[:, 2:] - strokes[:, :2]
    short = np.abs(steps).sum(axis=1) == 1
    corner = _joined(strokes)
    corner[1:] &= short[1:] & short[:-1] & ((steps[1:] * steps[:-1]).sum(axis=1) == 0)
    # Of adjacent corners every other one is cut: each step belongs to one diagonal only.
    order = np.arange(len(strokes))
    run_start = np.maximum.accumulate(np.where(corner, 0, order))
    cut = np.flatnonzero(corner & ((order - run_start) % 2 == 1))
    strokes[cut - 1, 2:] = strokes[cut, 2:]
    return np.delete(strokes, cut, axis=0)


def _joined(strokes: Strokes) -> NDArray[np.bool_]:
    """Which strokes begin where the previous one ended."""
    joined = np.zeros(len(strokes), dtype=np.bool_)
    joined[1:] = (strokes[1:, :2] == strokes[:-1, 2:]).all(axis=1)
    return joined


def distinct(strokes: Strokes) -> Strokes:
    """The strokes without repeats in either direction, in order: an oscillating path repeats."""
    if len(strokes) < 2:
        return strokes
    across = int(strokes[:, 0::2].max()) + 1
    starts = strokes[:, 1] * across + strokes[:, 0]
    ends = strokes[:, 3] * across + strokes[:, 2]
    dots = int(max(starts.max(), ends.max())) + 1
    keys = np.minimum(starts, ends) * dots + np.maximum(starts, ends)
    _, seen_first = np.unique(keys, return_index=True)
    return strokes[np.sort(seen_first)]


BRAILLE_DOTS = (2, 4)  # across and down in one cell
GLYPH_DOTS = (1, 1)


@dataclass(frozen=True)
class PenWay:
    """The pen's places in units of the canvas, and the indices to which it jumps.

    Every place is the centre of a dot, and so finite and within the canvas.
    """

    xs: list[float]
    ys: list[float]
    jumps: list[int]


def pen_way(layer: Layer, x: Axis, y: Axis, columns: int, rows: int) -> PenWay:
    """The pen's way for a layer on a canvas of this size in cells."""
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
    """The columns, and the rows from the top, of the cells that hold points of a layer."""
    across, up = _places(layer, x, y, np.array((columns, rows))).T
    return across, rows - 1 - up


def _places(layer: Layer, x: Axis, y: Axis, size: NDArray[np.intp]) -> NDArray[np.intp]:
    """The dots of the points on the canvas, shape (n, 2)."""
    xs, ys = to_unit(x, layer.xs), to_unit(y, layer.ys)
    shown = inside(xs, ys)
    return dots(np.array((xs[shown], ys[shown])).T, size)


def dots(shares: NDArray[np.float64], sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    """The dots of places in units of the canvas, counted from its lower left corner."""
    return to_dots(shares, sizes).clip(0, sizes - 1).astype(np.intp)


def cell(axis: Axis, value: float, cells: int) -> int:
    """The cell along an axis, out of `cells`, in which a value is drawn."""
    return int(dots(to_unit(axis, np.array([value])), np.array([cells]))[0])


def _pen_way(strokes: Strokes, size: NDArray[np.intp]) -> PenWay:
    """The strokes in order; the pen jumps to a stroke that does not begin at the last dot."""
    ends = strokes.reshape(-1, 2)
    jumps = np.ones(len(strokes), dtype=np.bool_)
    jumps[1:] = (strokes[1:, :2] != strokes[:-1, 2:]).any(axis=1)
    needed = np.ones(len(ends), dtype=np.bool_)
    needed[0::2] = jumps
    needed[1::2] = (strokes[:, :2] != strokes[:, 2:]).any(axis=1)
    places = (ends[needed] + 0.5) / size
    starts = (np.cumsum(needed) - 1)[0::2][jumps]
    return PenWay(places[:, 0].tolist(), places[:, 1].tolist(), starts.tolist())


Ink = NDArray[np.uint32]
"""Code points of shape (rows, columns), the top row first; 0 where nothing is drawn."""

BLANK = ord(" ")
BRAILLE_PAGE = 0x28
"""Braille cells are U+2800 to U+28FF: the last eight bits are the dots."""
UTF_32 = "utf-32-le"


def inked(text: str, columns: int, rows: int) -> Ink:
    """The ink of lines of text of the canvas's size."""
    codes = np.frombuffer(text.encode(UTF_32), dtype="<u4").reshape(rows, columns)
    return np.where(codes == BLANK, 0, codes)


def stamped(
    marker: str, across: NDArray[np.intp], down: NDArray[np.intp], columns: int, rows: int
) -> Ink:
    """The ink of one character in the cells given by their columns and rows."""
    ink = np.zeros((rows, columns), dtype=np.uint32)
    ink[down, across] = ord(marker)
    return ink


def overlay(layers: Iterable[tuple[str, Ink]], columns: int, rows: int) -> list[Row]:
    """Layers (style, ink) as rows: later ones cover earlier ones; dots in one cell combine."""
    codes = np.full((rows, columns), BLANK, dtype=np.uint32)
    roles = np.zeros((rows, columns), dtype=np.intp)
    names = [""]
    for role, ink in layers:
        if role not in names:
            names.append(role)
        drawn = ink > 0
        together = (codes >> 8 == BRAILLE_PAGE) & (ink >> 8 == BRAILLE_PAGE)
        codes = np.where(together, codes | ink, np.where(drawn, ink, codes))
        roles[drawn] = names.index(role)
    return _rows(codes, roles, names)


def _rows(codes: Ink, roles: NDArray[np.intp], names: list[str]) -> list[Row]:
    """The characters in spans of one style each."""
    text = codes.astype("<u4").tobytes().decode(UTF_32)
    turns = np.ones(roles.shape, dtype=np.bool_)
    turns[:, 1:] = roles[:, 1:] != roles[:, :-1]
    starts = np.flatnonzero(turns)
    numbers = roles.ravel()[starts].tolist()
    rows: list[list[Span]] = [[] for _ in range(len(codes))]
    for number, (start, end) in zip(numbers, pairwise([*starts.tolist(), len(text)]), strict=True):
        rows[start // codes.shape[1]].append((names[number], text[start:end]))
    return [tuple(row) for row in rows]


MANUAL = "plotext._doc.doc"


class Pen:
    """Draws one way at a time, with one plotext figure of its own."""

    def __init__(self) -> None:
        self._plot = _new_plot()

    def draw(self, way: PenWay, marker: str | None, joined: bool, columns: int, rows: int) -> Ink:
        """The ink of a way on a canvas of this size in cells: braille, or a marker."""
        self._plot.plot_size(columns, rows)
        self._plot.clear.data()
        signal = self._plot.signal(way.xs, way.ys, marker=_plotext().marker(marker or "braille"))
        if joined:
            signal.lines()
            for index in way.jumps:
                signal.line(index, False)
        self._plot._signals._add(signal)
        text = self._plot.build().string(colorless=True)
        return inked(text.replace("\n", ""), columns, rows)


@cache
def _plotext() -> Any:
    """The library, imported when the first line is drawn, without its interactive manual.

    Building the manual takes longer than the rest of the import.
    """
    if "plotext" not in sys.modules:
        sys.modules[MANUAL] = stand_in = ModuleType(MANUAL)
        stand_in.docs = None  # type: ignore[attr-defined]
    import plotext  # type: ignore[import-untyped]

    if sys.modules.get(MANUAL) is not None and plotext.doc is None:
        del sys.modules[MANUAL]
    return plotext


def _new_plot() -> Any:
    """A separate plotext figure: the unit square to its edges, without axes and colours."""
    plotext = _plotext()
    terminal = type(plotext.terminal)()
    terminal.limit(False, False)
    plot = terminal._master
    plot.theme("colorless")
    plot.legend(False)
    plot.axes(False)
    for axis, side in (("x", "lower"), ("y", "left")):
        ruler = plot.ruler(axis, side)
        ruler.lim(0, 1)
        ruler.alignment(lim="edge")
        ruler.frequency(0)
    return plot
