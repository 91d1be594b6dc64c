"""Thinning: leaving out points that change no dot of the picture."""

import numpy as np
from numpy.typing import NDArray

from gd_tutor.plots.scale import to_dots

FEW = 4  # as many points as may be kept of one column

Points = NDArray[np.float64]
Indices = NDArray[np.intp]
Strokes = NDArray[np.intp]  # rows (x, y, x, y): from one dot to another


def thin(xs: Points, ys: Points, columns: int) -> Indices:
    """The indices of the points that a line through `columns` columns of dots needs, ascending.

    `xs` and `ys` of shape (n,) are in units of the canvas, NaN is a gap. Of every run of points in
    one column the first, the lowest, the highest and the last are kept: the line between them
    covers the same dots. All places left of the canvas are one column, so are those right of it.
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
    """For every run from first to last, where its wanted value comes first."""
    hits = np.flatnonzero(ys == np.repeat(wanted, last - first + 1))
    nearest = np.searchsorted(hits, first)
    # A gap equals nothing: the next hit, or its own index, does no harm in its place.
    return np.where(nearest < len(hits), np.append(hits, 0)[nearest], first)


def cut_corners(strokes: Strokes) -> Strokes:
    """The strokes with a step along each axis made one slanting step, so that lines stay slim.

    No row and no column that a line reaches is lost: its next dot is there too.
    """
    if len(strokes) < 2:
        return strokes
    strokes = strokes[~(_joined(strokes) & (strokes[:, :2] == strokes[:, 2:]).all(axis=1))]
    steps = strokes[:, 2:] - strokes[:, :2]
    short = np.abs(steps).sum(axis=1) == 1
    corner = _joined(strokes)
    corner[1:] &= short[1:] & short[:-1] & ((steps[1:] * steps[:-1]).sum(axis=1) == 0)
    # Of neighbouring corners every other one is cut: each step belongs to one slanting step only.
    order = np.arange(len(strokes))
    run_start = np.maximum.accumulate(np.where(corner, 0, order))
    cut = np.flatnonzero(corner & ((order - run_start) % 2 == 1))
    strokes[cut - 1, 2:] = strokes[cut, 2:]
    return np.delete(strokes, cut, axis=0)


def _joined(strokes: Strokes) -> NDArray[np.bool_]:
    """Which strokes begin where the stroke before them ended."""
    joined = np.zeros(len(strokes), dtype=np.bool_)
    joined[1:] = (strokes[1:, :2] == strokes[:-1, 2:]).all(axis=1)
    return joined


def distinct(strokes: Strokes) -> Strokes:
    """The strokes without those drawn before, in either direction, in their order.

    A path that swings to and fro repeats itself.
    """
    if len(strokes) < 2:
        return strokes
    across = int(strokes[:, 0::2].max()) + 1
    starts = strokes[:, 1] * across + strokes[:, 0]
    ends = strokes[:, 3] * across + strokes[:, 2]
    dots = int(max(starts.max(), ends.max())) + 1
    keys = np.minimum(starts, ends) * dots + np.maximum(starts, ends)
    _, seen_first = np.unique(keys, return_index=True)
    return strokes[np.sort(seen_first)]
