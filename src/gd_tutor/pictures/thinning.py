"""Clipping and thinning: the points of a line that change a dot of the canvas."""

import numpy as np
from numpy.typing import NDArray

from gd_tutor.pictures.scale import to_dots

MARGIN = 1e-6  # a point on the very edge belongs to the canvas, however it was rounded


def segments(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[np.float64]:
    """The straight pieces of a line as rows (x, y, x, y); NaN is a gap.

    A point between two gaps is a piece of no length.
    """
    points = np.array((xs, ys)).T
    known = np.concatenate(([False], np.isfinite(points).all(axis=1), [False]))
    alone = known[1:-1] & ~known[:-2] & ~known[2:]
    joined = (known[1:-1] & known[2:])[:-1]
    lines = np.hstack((points[:-1], points[1:]))[joined]
    return np.concatenate((lines, np.hstack((points, points))[alone]))


def clip(lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """The parts within the unit square of straight pieces, rows (x, y, x, y); Liang and Barsky."""
    start, step = lines[:, :2], lines[:, 2:] - lines[:, :2]
    with np.errstate(all="ignore"):
        to_low, to_high = (-MARGIN - start) / step, (1 + MARGIN - start) / step
    enters, leaves = np.minimum(to_low, to_high), np.maximum(to_low, to_high)
    # A piece along one axis never crosses the edges of the other: it is between them or outside.
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
    """Which points lie on the canvas; NaN does not."""
    lowest, highest = np.minimum(xs, ys), np.maximum(xs, ys)
    return np.asarray((lowest >= -MARGIN) & (highest <= 1 + MARGIN))


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
