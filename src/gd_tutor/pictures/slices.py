"""The loss against each of two parameters, the other one frozen where it is."""

from gd_tutor.engine.training import Training
from gd_tutor.notation.spans import Row, Span, pad
from gd_tutor.notation.spans import width as cells
from gd_tutor.pictures.curve import CurveView
from gd_tutor.pictures.view import page

LOWEST = 9
"""Rows that each slice needs to stand one above the other; else they stand side by side."""

SHORT = 3
"""Digits of a slope where more would be cut off."""


class SlicesView(CurveView):
    kind = "slices"

    def title(self, training: Training) -> str:
        labels = " and ".join(axis.label(self.notation) for axis in self.axes)
        return f"{self.notation.name('loss')} over {labels}, the other frozen"

    def draw(self, training: Training, width: int, height: int) -> list[Row]:
        if height < 2 * LOWEST or width > 4 * height:
            return self._beside(training, width, height)
        top = height // 2
        return self._slice(training, 0, width, top) + self._slice(training, 1, width, height - top)

    def _beside(self, training: Training, width: int, height: int) -> list[Row]:
        first = width // 2
        left = self._slice(training, 0, first - 1, height)
        right = self._slice(training, 1, width - first, height)
        rows = [(*a, ("", " "), *b) for a, b in zip(left, right, strict=True)]
        return page(rows, width, height)

    def _slice(self, training: Training, which: int, width: int, height: int) -> list[Row]:
        return [
            pad(self._heading(training, which, width), width),
            *self.drawings[which].rows(training, self.beside(training), width, height - 1),
        ]

    def _heading(self, training: Training, which: int, width: int) -> Row:
        axis, other = self.axes[which], self.axes[1 - which]
        frozen = f"({self.notation.equation(other.label(self.notation), other.shown(training))})"
        spans: list[Span] = [("label", f" {axis.label(self.notation)}")]
        slope = axis.shown_slope(training)
        if slope is not None:
            text = f" slope {self.notation.shown(slope)}"
            if cells(spans[0][1] + text) > width:
                text = f" slope {self.notation.number(float(f'{slope.value:.{SHORT}g}'))}"
            spans.append(("tangent", text))
        if sum(cells(text) for _, text in spans) + cells(frozen) + 1 <= width:
            spans.append(("muted", f" {frozen}"))
        return tuple(spans)
