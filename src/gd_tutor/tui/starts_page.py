"""Many starts: where each of them leads, in a picture where there is one parameter."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.binding import Binding, BindingType

from gd_tutor.notation.spans import Row, width
from gd_tutor.plots import Axis, Figure, Layer, limits
from gd_tutor.search.starts import Point, Starts, find_starts, points_words, starts_sentence
from gd_tutor.training.minimum import Landscape
from gd_tutor.tui.search_page import LEAST_PICTURE, SearchPage, window, words

if TYPE_CHECKING:
    from gd_tutor.session.session import Session

POINTS = 200
LEAST_LIST = 5
"""So many starts are listed below a picture at least."""


class StartsPage(SearchPage[Starts, Point]):
    """Starts and ends, with a letter for each place where some end; enter takes a start."""

    title_text = "Many starts"
    foot = "`up` `down` walk   `enter` takes the start   `escape` leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take", show=False),
        Binding("S", "go_on", "go on", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, find_starts)
        self.landscape = Landscape(self.training)
        self._here = 0
        self._curve = self._along() if len(self.known.reach) == 1 else None

    def progress(self) -> str:
        return f"{len(self.known.tried)} of {len(self.known.planned)} starts followed"

    def rows(self, wide: int) -> list[Row]:
        below = words("text", starts_sentence(self.known, self.notation), wide)
        below += self.state_rows(wide)
        head, *listed = self._listed(wide)
        room = self.size.height - 4 - len(below)
        picture = self._picture(wide, room - min(max(room // 2, LEAST_LIST), len(listed)))
        first, shown = window(listed, max(room - len(picture), 1), self.cursor)
        self._here = len(picture) + 1 + self.cursor - first
        return [*picture, head, *shown, *below]

    def places(self, rows: list[Row]) -> list[int]:
        return [self._here] * max(len(self.known.tried), 1)

    def action_take(self) -> None:
        if self.known.tried:
            self.leave(self.known.tried[self.cursor].begin)

    def _listed(self, wide: int) -> list[Row]:
        """A heading, and a row for each start: where it leads, where it ends, where it began."""
        known, notation = self.known, self.notation
        table = [("end", "loss", "from", "to")]
        losses = notation.column(one.loss for one in known.tried if not one.diverged)
        begins = points_words(self.training, [one.begin for one in known.tried], notation)
        there = [one.end for one in known.tried if not one.diverged]
        ends = zip(losses, points_words(self.training, there, notation), strict=True)
        for place, start in enumerate(known.tried):
            loss, end = ("diverges", "") if start.diverged else next(ends)
            table.append((letter(known.group_of(place)), loss, begins[place], end))
        broad = max(width(loss) for _, loss, _, _ in table)
        half = max((wide - broad - 14) // 2, 8)
        rows: list[Row] = []
        for place, (mark, loss, begin, end) in enumerate(table):
            chosen = place == self.cursor + 1
            role = "muted" if place == 0 else "focus" if chosen else "text"
            sign = "▸" if chosen else " "
            cells = (
                f" {sign} {mark:<3}  {loss.rjust(broad)}  {_cut(begin, half)}  {_cut(end, half)}"
            )
            rows.append(((role, cells),))
        return rows

    # The picture of one parameter

    def _along(self) -> tuple[Layer, Axis, Axis]:
        """The loss over the range of the starts."""
        starts = np.array([float(point[0]) for point in self.known.planned])
        x = Axis(*limits(float(starts.min()), float(starts.max())))
        x = Axis(x.low, x.high, label=self.notation.name(self.training.program.parameters[0]))
        xs = np.linspace(x.low, x.high, POINTS)
        losses = np.array([self.landscape.loss(xs[place : place + 1]) for place in range(POINTS)])
        finite = losses[np.isfinite(losses)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        y = Axis(*limits(low, high), label=self.notation.name("loss"))
        return Layer(xs, losses, "curve"), x, y

    def _picture(self, wide: int, high: int) -> list[Row]:
        if self._curve is None or high < LEAST_PICTURE:
            return []
        curve, x, y = self._curve
        layers = [curve]
        for place, start in enumerate(self.known.tried):
            chosen = place == self.cursor
            loss = np.array([self.landscape.loss(start.begin)])
            role, sign = ("current", "@") if chosen else ("path", "o")
            layers.append(Layer(start.begin, loss, role, sign, joined=False))
        for number, group in enumerate(self.known.groups):
            first = self.known.tried[group[0]]
            if not first.diverged:
                loss = np.array([first.loss])
                layers.append(Layer(first.end, loss, "minimum", letter(number), joined=False))
        return self.canvas.draw(Figure(tuple(layers), x, y), wide, high)


def letter(group: int) -> str:
    """What the place where a group of starts ends is called."""
    return ascii_uppercase[group % len(ascii_uppercase)]


def _cut(text: str, cells: int) -> str:
    if width(text) > cells:
        text = text[: cells - 1] + "…"
    return text + " " * (cells - width(text))
