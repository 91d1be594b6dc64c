"""What a picture is made of: axes and layers of points, as plain data."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

    `xs` and `ys` are two arrays of shape (n,); where one of them is not finite, the line has a gap.
    Without a marker the points are braille dots, with a marker that character in whole cells. The
    arrays must not change afterwards: a layer is prepared for drawing only once.
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
