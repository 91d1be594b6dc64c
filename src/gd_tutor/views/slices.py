"""The loss against each of two parameters, the other one frozen where it is."""

from collections.abc import Sequence

from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.spans import Row, Span, pad
from gd_tutor.notation.spans import width as cells
from gd_tutor.training import Training
from gd_tutor.views.base import View, page
from gd_tutor.views.components import component
from gd_tutor.views.curve import CurveDrawing, curve_twin
from gd_tutor.views.other import said, shown

LOWEST = 9
"""Rows that each slice needs to stand one above the other; else they stand side by side."""

SHORT = 3
"""Digits of a slope where more would be cut off."""


class SlicesView(View):
    kind = "slices"

    def __init__(
        self, notation: Notation, of: Sequence[str] = (), over: Sequence[str] = ()
    ) -> None:
        super().__init__(notation, of, over)
        self._drawings = [CurveDrawing(component(text)) for text in self.over]

    def title(self, training: Training) -> str:
        labels = " and ".join(component(text).label(self.notation) for text in self.over)
        return f"{self.notation.name('loss')} over {labels}, the other frozen"

    def rows(self, training: Training, width: int, height: int) -> list[Row]:
        def draw(height: int) -> list[Row]:
            return self._draw(training, width, height)

        return self.remembered(self.at_point(training), training, width, height, draw)

    def _draw(self, training: Training, width: int, height: int) -> list[Row]:
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
            *self._drawings[which].rows(training, self.others, width, height - 1),
        ]

    def _heading(self, training: Training, which: int, width: int) -> Row:
        axis, other = component(self.over[which]), component(self.over[1 - which])
        value = self.notation.number(other.now(training))
        frozen = f"({other.label(self.notation)} = {value})"
        spans: list[Span] = [("label", f" {axis.label(self.notation)}")]
        slope = axis.slope(training)
        if slope is not None:
            text = f" slope {self.notation.number(slope)}"
            if cells(spans[0][1] + text) > width:
                text = f" slope {self.notation.number(float(f'{slope:.{SHORT}g}'))}"
            spans.append(("tangent", text))
        if sum(cells(text) for _, text in spans) + cells(frozen) + 1 <= width:
            spans.append(("muted", f" {frozen}"))
        return tuple(spans)

    def twin(self, training: Training) -> str:
        axes = [component(text) for text in self.over]
        others = said(shown(self.others, training.program), self.notation, axes)
        return "; ".join(curve_twin(axis, training, self) for axis in axes) + others
