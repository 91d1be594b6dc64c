"""A value's numbers as signed bars from a zero line."""

import numpy as np

from gd_tutor.engine.compile import Value
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.spans import Row, Span, width
from gd_tutor.pictures.axes import Axis, Figure, Layer, limits
from gd_tutor.pictures.components import Points, indices
from gd_tutor.pictures.view import View, largest, message, page

ROOM = 13
"""Cells reserved for the numbers."""
FULL, HALF_LEFT, HALF_RIGHT = "█", "▐", "▌"


class BarsView(View):
    kind = "bars"

    def title(self, training: Training) -> str:
        return f"{self.notation.name(self.of[0])}, from zero"

    def rows(self, training: Training, width: int, height: int) -> list[Row]:
        value = training.shown.get(self.of[0])
        name = self.notation.name(self.of[0])
        if value is None:
            return message(f"{name} is computed by f.", width, height)
        exact = training.values[self.of[0]]
        if np.size(value) > height // 2:
            start = training.values_at(Position(0, Phase.FORWARD))[self.of[0]]
            return self._stems(value, start, width, height)
        top = limits(0, largest(training, self.of[0]))[1]
        return page(self._bars(value, exact, top, width, height), width, height)

    def _bars(self, value: Value, exact: Value, top: float, cells: int, height: int) -> list[Row]:
        numbers = [float(number) for number in np.ravel(value)]
        name = self.notation.name(self.of[0])
        labels = [f" {name}{self.notation.place(index)} " for index in indices(np.shape(value))]
        noise = np.ravel(value != exact) & np.ravel(value == 0)
        texts = [
            f" {self.notation.dialect.nearly.format(text.strip()) if is_noise else text} "
            for text, is_noise in zip(self.notation.column(numbers), noise, strict=True)
        ]
        # Room for longer numbers keeps the zero line in place.
        left, right = max(map(width, labels)), max(ROOM, *map(width, texts))
        half = max((cells - left - right - 1) // 2, 1)
        thick = max(1, min(3, height // len(numbers) - 1))
        rows: list[Row] = []
        for label, text, number in zip(labels, texts, numbers, strict=True):
            bar = self._bar(number, top, half)
            for line in range(thick):
                middle = line == thick // 2
                rows.append(
                    (
                        ("label", (label if middle else "").ljust(left)),
                        *bar,
                        ("strong", text if middle else ""),
                    )
                )
            rows.append((("", " " * (left + half)), ("axis", "│")))
        rows[-1] = (("", " " * left), ("axis", self._scale(top, half)))
        return rows

    def _bar(self, number: float, top: float, half: int) -> tuple[Span, ...]:
        finite = min(max(number, -top), top) if number == number else 0.0
        halves = round(abs(finite) / top * half * 2)
        whole, rest = divmod(halves, 2)
        if number < 0:
            bar = (HALF_LEFT * rest + FULL * whole).rjust(half)
            return ("negative", bar), ("axis", "│"), ("", " " * half)
        bar = (FULL * whole + HALF_RIGHT * rest).ljust(half)
        return ("", " " * half), ("axis", "│"), ("positive", bar)

    def _scale(self, top: float, half: int) -> str:
        ends = self.notation.number(-top), self.notation.number(top)
        return ends[0].ljust(half) + "0" + ends[1].rjust(half)

    def _stems(self, value: Value, start: Value, width: int, height: int) -> list[Row]:
        """Many numbers side by side, each a line from zero; the axis includes the start."""
        numbers = np.ravel(value).astype(float)
        places, lows, highs = stems(numbers, 2 * width)  # one a dot
        gap = np.full_like(places, np.nan)
        xs = np.stack([places, places, gap], axis=1).ravel()
        ys = np.stack([lows, highs, gap], axis=1).ravel()
        finite = np.concatenate([numbers, np.ravel(start)])
        finite = finite[np.isfinite(finite)]
        low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
        y_axis = Axis(*limits(min(0.0, float(low)), max(0.0, float(high))))
        zero = Layer(np.array([-0.5, len(numbers) - 0.5]), np.zeros(2), "axis")
        figure = Figure(
            (zero, Layer(xs, ys, "curve")), Axis(-0.5, max(len(numbers) - 0.5, 0.5)), y_axis
        )
        return self.canvas.draw(figure, width, height)

    def text_alternative(self, training: Training) -> str:
        value = training.shown.get(self.of[0])
        name = self.notation.name(self.of[0])
        if value is None:
            return f"{name}: not computed yet"
        numbers = np.ravel(value)
        above, below = int((numbers > 0).sum()), int((numbers < 0).sum())
        said = self.notation.equation(name, training.shown_now(self.of[0]))
        return f"{said}: {above} above zero, {below} below"


def stems(numbers: Points, most: int) -> tuple[Points, Points, Points]:
    """Places, lower and upper ends of lines from zero; more than `most` numbers share lines."""
    finite = np.where(np.isfinite(numbers), numbers, 0.0)
    stretch = -(-len(numbers) // most)
    begins = np.arange(0, len(numbers), stretch)
    lows = np.minimum(np.minimum.reduceat(finite, begins), 0)
    highs = np.maximum(np.maximum.reduceat(finite, begins), 0)
    return np.minimum(begins + (stretch - 1) / 2, len(numbers) - 1), lows, highs
