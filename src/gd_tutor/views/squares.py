"""The squares of a value's numbers as areas, and their mean."""

import numpy as np
from numpy.typing import NDArray

from gd_tutor.notation.spans import Row, Span, width
from gd_tutor.plots import limits
from gd_tutor.training import Training
from gd_tutor.views.base import View, largest, message, page

LEAST_WIDTH = 10
"""Cells that each square gets at least; of more squares only the largest are drawn."""


class SquaresView(View):
    kind = "squares"

    def title(self, training: Training) -> str:
        return f"{self.notation.name(self.of[0])} squared: areas"

    def rows(self, training: Training, width: int, height: int) -> list[Row]:
        value = training.values.get(self.of[0])
        if value is None:
            return message(f"{self.notation.name(self.of[0])} is computed by f.", width, height)
        sides = np.ravel(value).astype(float)
        reach = limits(0, largest(training, self.of[0]))[1]
        return page(self._squares(sides, reach, width, height), width, height)

    def _squares(
        self, sides: NDArray[np.float64], reach: float, width: int, height: int
    ) -> list[Row]:
        most = max(width // LEAST_WIDTH, 1)
        shown = sorted(np.argsort(-np.abs(sides))[:most].tolist())
        room = width // len(shown)
        # A cell is twice as high as wide, so a square is twice as many cells wide as high.
        largest = max(min(height - 3, (room - 2) // 2), 1)
        squares = [self._square(float(sides[i]), reach, largest, room) for i in shown]
        rows: list[Row] = [
            tuple(span for square in squares for span in square[line])
            for line in range(largest + 1)
        ]
        return [*rows, (("strong", f" {self._mean(sides, len(shown), width - 1)}"),)]

    def _square(self, side: float, reach: float, largest: int, room: int) -> list[Row]:
        """One square standing on the ground, its area written under it."""
        part = min(abs(side) / reach, 1.0)
        high = max(round(part * largest), 1 if side else 0) if side == side else 0
        wide = min(2 * high, room - 2)
        rows: list[Row] = []
        for line in range(largest):
            inside = line >= largest - high
            area: Span = ("area", "▒" * wide if inside else "")
            rows.append((("", " "), area, ("", " " * (room - 1 - len(area[1])))))
        written = self.notation.number(side)
        square = f"({written})" if side < 0 else written
        power = "**2" if self.notation.ascii else "²"
        label = f" {square}{power} = {self.notation.number(side * side)}"
        if width(label) >= room:
            label = f" {self.notation.number(side * side)}"
        rows.append((("label", label + " " * (room - width(label))),))
        return rows

    def _mean(self, sides: NDArray[np.float64], shown: int, cells: int) -> str:
        """The mean of the areas, its terms written out where they fit."""
        areas = _areas(sides)
        mean = self.notation.number(_mean_of(areas))
        terms = " + ".join(self.notation.number(float(area)) for area in areas[:8])
        text = f"mean = ({terms})/{len(sides)} = {mean}"
        if shown == len(sides) > 1 and width(text) <= cells:
            return text
        left_out = f", {len(sides) - shown} smaller not drawn" if shown < len(sides) else ""
        return f"mean of {len(sides)} areas = {mean}{left_out}"

    def twin(self, training: Training) -> str:
        value = training.values.get(self.of[0])
        name = self.notation.name(self.of[0])
        if value is None:
            return f"{name}: not computed yet"
        areas = _areas(np.ravel(value).astype(float))
        mean = self.notation.number(_mean_of(areas))
        said = f"{name} squared {self.notation.equals} {self.notation.value(areas)}"
        return f"{said}; the mean of the areas is {mean}"


def _areas(sides: NDArray[np.float64]) -> NDArray[np.float64]:
    """The squares of the numbers; in a run that diverges they may be too large for a number."""
    with np.errstate(over="ignore"):
        return np.square(sides)


def _mean_of(areas: NDArray[np.float64]) -> float:
    with np.errstate(over="ignore"):
        return float(np.mean(areas))
