"""Contour lines of a surface."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gd_tutor.plots.figure import Layer
from gd_tutor.plots.scale import HUGE


def contour_lines(
    xs: NDArray[Any], ys: NDArray[Any], zs: NDArray[Any], levels: Iterable[float]
) -> list[NDArray[np.float64]]:
    """The lines on which the surface has one of the levels, each an array of shape (n, 2).

    `xs` has shape (columns,), `ys` (rows,), `zs` (rows, columns). No line passes where `zs` is not
    finite.
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
