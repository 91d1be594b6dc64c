"""Axes, their limits and ticks, linear and logarithmic; and figures: axes with layers of points."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as counting
from math import ceil, floor, isfinite, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gd_tutor.notation.numbers import number
from gd_tutor.notation.spans import width


@dataclass(frozen=True)
class Axis:
    """One axis: its limits in the units of the data, and its name."""

    low: float
    high: float
    log: bool = False
    label: str = ""


@dataclass(frozen=True, eq=False)
class Layer:
    """A line or a set of points with one meaning.

    `xs` and `ys` have shape (n,), in data units; a value that is not finite is a gap in the line.
    Points are braille dots, or the marker in whole cells. The arrays must not change afterwards: a
    layer is prepared for drawing only once.
    """

    xs: NDArray[Any]
    ys: NDArray[Any]
    role: str = "curve"
    marker: str | None = None
    joined: bool = True

    def __post_init__(self) -> None:
        if np.ndim(self.xs) != 1 or np.shape(self.xs) != np.shape(self.ys):
            shapes = f"{np.shape(self.xs)} and {np.shape(self.ys)}"
            raise ValueError(f"xs and ys must be two arrays of one length, not of shape {shapes}")
        if self.marker is not None and not _one_cell(self.marker):
            raise ValueError(f"a marker takes exactly one cell, {self.marker!r} does not")


@dataclass(frozen=True)
class Figure:
    """Layers in one pair of axes; later layers are drawn over earlier ones."""

    layers: tuple[Layer, ...]
    x: Axis
    y: Axis


def _one_cell(marker: str) -> bool:
    return len(marker) == 1 and marker.isprintable() and width(marker) == 1


HUGE = 1e300  # larger numbers count as missing, so that differences stay finite
TINY = 1 / HUGE
FINEST = 1e-10  # the smallest range, relative to its numbers, that tick labels can tell apart
FARTHEST = 1e9  # points are kept within so many canvas sizes
SLACK = 1e-9  # the tolerance for rounding, in steps
CLOSE = 0.01  # a place so close below the next dot, in dots, falls on that dot

Step = tuple[int, int]  # (1, 2 or 5, a power of ten)


def limits(low: float, high: float) -> tuple[float, float]:
    """The range widened to whole steps of 1, 2 or 5 times a power of ten.

    A range has at most 8 steps, so limits change rarely while data grow. A single number gets room
    on both sides; NaN and infinity are replaced by the other number.
    """
    low, high = _ordered(low, high)
    size = max(abs(low), abs(high))
    if size < TINY:
        return -1.0, 1.0
    if high - low < FINEST * size:
        low, high = low - size / 2, high + size / 2
    step = _step((high - low) / 6)
    unit_step = _multiple(1, step)
    first, last = floor(low / unit_step + SLACK), ceil(high / unit_step - SLACK)
    return _multiple(first, step), _multiple(last, step)


def log_limits(low: float, high: float) -> tuple[float, float]:
    """The range widened to powers of ten, or to 1-2-5 steps if it spans less than two decades.

    If the low end is not positive, the range starts three decades below the high end.
    """
    low, high = _ordered(low, high)
    if high <= 0:
        return 1.0, 10.0
    high = max(high, 10 * TINY)
    low = max(low, TINY) if low > 0 else max(high / 1000, TINY)
    mantissas = (1, 2, 5) if high / low < 100 else (1,)
    grid = list(_log_grid(low, high, mantissas, margin=1))
    below = max(value for value in grid if value <= low * (1 + SLACK))
    above = min(value for value in grid if value >= high * (1 - SLACK))
    if below < above:
        return below, above
    return max(value for value in grid if value < below), min(v for v in grid if v > above)


def ticks(axis: Axis, count: int) -> list[tuple[float, str]]:
    """At most `count` round numbers within the axis, ascending, and their exact labels.

    Steps are 1, 2 or 5 times a power of ten; on a log axis whole decades, or 1, 2 and 5 in each
    decade if there is room. The list is empty if no labels can tell the numbers apart.
    """
    if count < 1:
        return []
    low, high = _data_span(axis)
    values = _log_ticks(low, high, count) if axis.log else _linear_ticks(low, high, count)
    labels = [number(value, 12) for value in values]
    if len(set(labels)) < len(labels):
        return []
    return list(zip(values, labels, strict=True))


def to_unit(axis: Axis, values: NDArray[Any]) -> NDArray[np.float64]:
    """The values in units of the canvas: 0 at the low end of the axis, 1 at the high end.

    NaN for a value that is not finite or has no logarithm. Values far outside are clipped, but
    stay outside.
    """
    numbers = np.asarray(values, dtype=np.float64)
    low, high = _span(axis)
    with np.errstate(all="ignore"):
        if axis.log:
            numbers = np.log10(numbers)
        missing = ~(np.abs(numbers) <= HUGE)
        shares = ((numbers - low) / (high - low)).clip(-FARTHEST, FARTHEST)
    shares[missing] = np.nan
    return shares


def to_dots(shares: NDArray[np.float64], sizes: NDArray[np.intp] | int) -> NDArray[np.float64]:
    """The dots, out of `sizes`, on which shares of the canvas fall, counted from its low end.

    A value just below an edge between dots counts as on it: minima often lie on such an edge.
    """
    return np.floor(shares * sizes + CLOSE)


def _span(axis: Axis) -> tuple[float, float]:
    """The limits on the scale of the axis: logarithms on a log axis."""
    low, high = _data_span(axis)
    return (log10(low), log10(high)) if axis.log else (low, high)


def _data_span(axis: Axis) -> tuple[float, float]:
    """The limits of the axis, or the nearest that can be drawn."""
    low, high = float(axis.low), float(axis.high)
    if axis.log:
        proper = TINY <= low < high <= HUGE and log10(low) < log10(high)
        return (low, high) if proper else log_limits(low, high)
    proper = -HUGE <= low < high <= HUGE and high - low >= TINY
    return (low, high) if proper else limits(low, high)


def _ordered(low: float, high: float) -> tuple[float, float]:
    most = HUGE / 10  # room for widening
    known = [min(max(float(value), -most), most) for value in (low, high) if isfinite(value)]
    return (min(known), max(known)) if known else (0.0, 0.0)


def _step(at_least: float) -> Step:
    power = floor(log10(at_least))
    for mantissa in (1, 2, 5):
        if _multiple(mantissa, (1, power)) >= at_least * (1 - SLACK):
            return mantissa, power
    return 1, power + 1


def _next(step: Step) -> Step:
    mantissa, power = step
    return {1: (2, power), 2: (5, power), 5: (1, power + 1)}[mantissa]


def _multiple(factor: int, step: Step) -> float:
    """The float nearest to factor times step: integers make 3 times 0.1 exactly 0.3."""
    mantissa, power = step
    if power < 0:
        return float(factor * mantissa / 10**-power)
    return float(factor * mantissa * 10**power)


def _linear_ticks(low: float, high: float, count: int) -> list[float]:
    step = _step((high - low) / (count + 1))
    while True:
        unit_step = _multiple(1, step)
        first, last = ceil(low / unit_step - SLACK), floor(high / unit_step + SLACK)
        if last - first < count:
            return [_multiple(factor, step) for factor in range(first, last + 1)]
        step = _next(step)


def _log_ticks(low: float, high: float, count: int) -> list[float]:
    dense = list(_log_grid(low, high, (1, 2, 5)))
    if len(dense) < 3:
        return _linear_ticks(low, high, count)
    decades = list(_log_grid(low, high, (1,)))
    grid = dense if len(dense) <= count or len(decades) < 2 else decades
    stride = next(stride for stride in counting(1) if len(grid[::stride]) <= count)
    return grid[::stride]


def _log_grid(
    low: float, high: float, mantissas: tuple[int, ...], margin: int = 0
) -> Iterator[float]:
    """The mantissas in every decade from low to high, and in `margin` decades around them."""
    for power in range(floor(log10(low)) - margin, ceil(log10(high)) + margin + 1):
        for mantissa in mantissas:
            value = _multiple(mantissa, (1, power))
            if margin or low * (1 - SLACK) <= value <= high * (1 + SLACK):
                yield value
