"""The squares of a value's numbers as areas, and their mean, or their sum if that is the loss."""

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.noise import Shown
from gd_tutor.engine.training import Training
from gd_tutor.notation.spans import Row, Span, width
from gd_tutor.pictures.axes import limits
from gd_tutor.pictures.view import View, largest, message, page

LEAST_WIDTH = 10
"""The least cells for a square; if not all fit, only the largest are drawn."""


class SquaresView(View):
    kind = "squares"

    def title(self, training: Training) -> str:
        return f"{self.notation.name(self.of[0])} squared: areas"

    def rows(self, training: Training, width: int, height: int) -> list[Row]:
        value = training.shown.get(self.of[0])
        if value is None:
            return message(f"{self.notation.name(self.of[0])} is computed by f.", width, height)
        sides = np.ravel(value).astype(float)
        reach = limits(0, largest(training, self.of[0]))[1]
        adds, zero = is_sum(training), self._zero(training)
        return page(self._squares(sides, zero, reach, adds, width, height), width, height)

    def _zero(self, training: Training) -> str:
        """The sign before a 0, which may be rounded."""
        is_noise = training.shown_now(self.of[0]).is_noise
        return self.notation.about if is_noise else self.notation.equals

    def _squares(
        self,
        sides: NDArray[np.float64],
        zero: str,
        reach: float,
        adds: bool,
        width: int,
        height: int,
    ) -> list[Row]:
        most = max(width // LEAST_WIDTH, 1)
        shown = sorted(np.argsort(-np.abs(sides))[:most].tolist())
        room = width // len(shown)
        # A cell is twice as high as wide, so a square has twice as many columns as rows.
        highest = max(min(height - 3, (room - 2) // 2), 1)
        squares = [self._square(float(sides[i]), zero, reach, highest, room) for i in shown]
        rows: list[Row] = [
            tuple(span for square in squares for span in square[line])
            for line in range(highest + 1)
        ]
        return [*rows, (("strong", f" {self._total(sides, zero, adds, len(shown), width - 1)}"),)]

    def _square(self, side: float, zero: str, reach: float, highest: int, room: int) -> list[Row]:
        """One square, its area written under it."""
        part = min(abs(side) / reach, 1.0)
        high = max(round(part * highest), 1 if side else 0) if side == side else 0
        wide = min(2 * high, room - 2)
        rows: list[Row] = []
        for line in range(highest):
            inside = line >= highest - high
            area: Span = ("area", "▒" * wide if inside else "")
            rows.append((("", " "), area, ("", " " * (room - 1 - len(area[1])))))
        written = self.notation.number(side)
        square = f"({written})" if side < 0 else written
        power = "**2" if self.notation.ascii else "²"
        sign = self.notation.equals if side else zero
        label = f" {square}{power} {sign} {self.notation.number(side * side)}"
        if width(label) >= room:
            label = f" {self.notation.number(side * side)}"
        rows.append((("label", label + " " * (room - width(label))),))
        return rows

    def _total(
        self, sides: NDArray[np.float64], zero: str, adds: bool, shown: int, cells: int
    ) -> str:
        """The mean or the sum of the areas, with its terms if they fit."""
        areas = _areas(sides)
        what, total = self._of_all(areas, adds)
        sign = self.notation.equals if areas.any() else zero
        terms = " + ".join(self.notation.number(float(area)) for area in areas[:8])
        text = f"{what} = {terms if adds else f'({terms})/{len(sides)}'} {sign} {total}"
        if shown == len(sides) > 1 and width(text) <= cells:
            return text
        left_out = f", {len(sides) - shown} smaller not drawn" if shown < len(sides) else ""
        return f"{what} of {len(sides)} areas {sign} {total}{left_out}"

    def _of_all(self, areas: NDArray[np.float64], adds: bool) -> tuple[str, str]:
        """The name and the value of the areas' mean or sum."""
        with np.errstate(over="ignore"):
            total = np.sum(areas) if adds else np.mean(areas)
        return "sum" if adds else "mean", self.notation.number(float(total))

    def text_alternative(self, training: Training) -> str:
        value = training.shown.get(self.of[0])
        name = self.notation.name(self.of[0])
        if value is None:
            return f"{name}: not computed yet"
        areas = _areas(np.ravel(value).astype(float))
        what, total = self._of_all(areas, is_sum(training))
        is_noise = training.shown_now(self.of[0]).is_noise
        said = self.notation.equation(f"{name} squared", Shown(areas, is_noise))
        nearly = self.notation.dialect.nearly if is_noise and not areas.any() else "{}"
        return f"{said}; the {what} of the areas is {nearly.format(total)}"


def is_sum(training: Training) -> bool:
    """Whether the loss is a sum, not a mean."""
    return training.experiment.choice("average") == "sum"


def _areas(sides: NDArray[np.float64]) -> NDArray[np.float64]:
    """The squares of the numbers; infinite if too large."""
    with np.errstate(over="ignore"):
        return np.square(sides)
