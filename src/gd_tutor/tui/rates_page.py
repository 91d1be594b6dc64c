"""The learning-rate finder: the loss that each learning rate leads to, and the edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.binding import Binding, BindingType

from gd_tutor.notation.spans import Row
from gd_tutor.plots import Axis, Figure, Layer, limits, log_limits
from gd_tutor.search.rates import (
    Rates,
    edge_sentence,
    find_rates,
    rates_sentence,
    tried_sentence,
)
from gd_tutor.tui.search_page import LEAST_PICTURE, SearchPage, words

if TYPE_CHECKING:
    from gd_tutor.session.session import Session

DEEPEST = 1e-16
"""Smaller parts of the first loss are drawn at the bottom: they are dust."""
CONVERGES, DIVERGES, CHOSEN, NOW, LIMIT = "o", "×", "@", "⋮", "│"


class RatesPage(SearchPage[Rates, float]):
    """Final loss against learning rate, both logarithmic; enter takes a rate into the run."""

    title_text = "Learning rates"
    foot = "`left` `right` walk   `enter` takes the rate   `escape` leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take", show=False),
        Binding("L", "go_on", "go on", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, find_rates)
        self._walked = False

    def progress(self) -> str:
        known = self.known
        if not known.planned:
            return "Looking for the edge between rates that converge and rates that diverge"
        return f"{len(known.tried)} of {len(known.planned)} rates tried"

    def found(self) -> None:
        if not self._walked:  # until the learner walks, the present rate is chosen
            self.cursor = self.known.nearest(self.known.present)
        self.draw()

    def rows(self, wide: int) -> list[Row]:
        below = self._below(wide)
        high = self.size.height - 3 - len(below)
        picture = self._picture(wide, high) if high >= LEAST_PICTURE and self.known.tried else []
        return [*picture, *below]

    def places(self, rows: list[Row]) -> list[int]:
        """The cursor walks in the picture; words that do not fit below it are scrolled to."""
        return [len(rows) - 1] * max(len(self.known.tried), 1)

    def action_move(self, rows: int) -> None:
        self._walked = True
        super().action_move(rows)

    def action_take(self) -> None:
        if self.known.tried:
            self.leave(self.known.tried[self.cursor].rate)

    # Words

    def _below(self, wide: int) -> list[Row]:
        known, notation = self.known, self.notation
        rows = words("muted", self._legend(), wide)
        if known.tried:
            chosen = known.tried[min(self.cursor, len(known.tried) - 1)]
            rows += words("focus", f"▸ {tried_sentence(chosen, known, notation)}", wide)
        if self.is_done:
            rows += words("text", rates_sentence(known, notation), wide)
        elif known.planned:
            rows += words("text", edge_sentence(known, notation), wide)
        return [*rows, *self.state_rows(wide)]

    def _legend(self) -> str:
        eta = self.notation.name("learning_rate")
        text = (
            f"{CONVERGES} loss after {self.known.updates} updates, {DIVERGES} diverges, "
            f"{CHOSEN} chosen, {NOW} {eta} now"
        )
        return text if self.known.limit is None else f"{text}, {LIMIT} 2/curvature"

    # The picture

    def _picture(self, wide: int, high: int) -> list[Row]:
        known = self.known
        rates = np.array([one.rate for one in known.tried])
        losses = np.array([np.nan if one.diverged else one.loss for one in known.tried])
        x, y = Axis(*log_limits(known.planned[0], known.planned[-1]), log=True), self._axis(losses)
        bottom = np.maximum(losses, y.low)
        grown = np.array([one.diverged for one in known.tried])
        layers = self._lines(x, y, high)
        layers += [
            Layer(rates, bottom, "curve"),
            Layer(rates, bottom, "path", CONVERGES, joined=False),
            Layer(rates[grown], np.full(grown.sum(), y.high), "warning", DIVERGES, joined=False),
        ]
        here = min(self.cursor, len(rates) - 1)
        there = y.high if grown[here] else bottom[here]
        layers.append(
            Layer(rates[here : here + 1], np.array([there]), "current", CHOSEN, joined=False)
        )
        x = Axis(x.low, x.high, log=True, label=self.notation.name("learning_rate"))
        return self.canvas.draw(Figure(tuple(layers), x, y), wide, high)

    def _axis(self, losses: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Axis:
        """Logarithmic where the losses allow it; the first loss is in it, and those that fell."""
        start, label = self.known.start, self.notation.name("loss")
        finite = [float(loss) for loss in losses if np.isfinite(loss)]
        if not np.isfinite(start):
            return Axis(1, 10, log=True, label=label)
        if start <= 0 or min(finite, default=0) < 0:
            return Axis(*limits(min([start, *finite]), start), label=label)
        low = max(min([start, *finite]), start * DEEPEST)
        return Axis(*log_limits(low, start), log=True, label=label)

    def _lines(self, x: Axis, y: Axis, high: int) -> list[Layer]:
        """Upright lines: the present rate dotted, and 2/curvature whole."""
        known = self.known
        dots = np.linspace(0, 1, 2 * high)
        ys = y.low * (y.high / y.low) ** dots if y.log else y.low + (y.high - y.low) * dots
        lines = [Layer(np.full(len(ys), known.present), ys, "label", NOW, joined=False)]
        if known.limit is not None and x.low <= known.limit <= x.high:
            ys = np.array([y.low, y.high])
            lines.append(Layer(np.full(2, known.limit), ys, "minimum", LIMIT))
        return lines
