"""Clipping: what of a line lies on the canvas."""

import numpy as np
from numpy.typing import NDArray

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
