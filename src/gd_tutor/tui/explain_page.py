"""The page that explains a number, and leads on to those it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from gd_tutor.notation.spans import Row, Span, pad, row_width
from gd_tutor.tui.page import Page

if TYPE_CHECKING:
    from gd_tutor.session.explaining import Linked, Subject
    from gd_tutor.session.session import Session


class ExplainPage(Page[None]):
    """One number at a time; enter goes on to a number that it was made from."""

    foot = "`up` `down`   `enter` goes on   `backspace` goes back   `escape` leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right", "on", "go on", show=False),
        Binding("backspace,left", "back", "back", show=False),
    ]

    def __init__(self, session: Session, subject: Subject) -> None:
        super().__init__()
        self.session = session
        self._way: list[tuple[Subject, int]] = []
        self._subject = subject
        self._links: Sequence[Linked] = []

    def rows(self, wide: int) -> list[Row]:
        notation = self.session.notation
        self.title_text = self._subject.title(notation)
        self._links = self._subject.rows(notation, max(wide - 4, 1))
        places = self.places([row for row, _ in self._links])
        here = places[min(self.cursor, len(places) - 1)] if places else -1
        rows: list[Row] = []
        for place, (row, link) in enumerate(self._links):
            chosen = place == here and link is not None
            spans = [("focus", text) for _, text in row] if chosen else list(row)
            rows.append((("focus", " ▸ " if chosen else "   "), *_whole(spans, wide - 3)))
        return rows

    def places(self, rows: list[Row]) -> list[int]:
        """The rows that lead on, the end, and rows between so that all can be scrolled to."""
        links = [place for place, (_, link) in enumerate(self._links) if link is not None]
        places: list[int] = []
        seen = -1
        for place in sorted({*links, len(self._links) - 1}):
            places += range(seen + self.room, place, self.room)
            places.append(place)
            seen = place
        return places

    def action_on(self) -> None:
        if not self._links:
            return  # nothing is drawn yet
        places = self.places([])
        _, link = self._links[places[min(self.cursor, len(places) - 1)]]
        if link is None:
            return
        self._way.append((self._subject, self.cursor))
        self._subject, self.cursor, self.first = link, 0, 0
        self.draw()

    def action_back(self) -> None:
        if not self._way:
            self.action_leave()
            return
        self._subject, self.cursor = self._way.pop()
        self.first = 0
        self.draw()


def _whole(spans: list[Span], cells: int) -> Row:
    """The row, marked where it had to be cut."""
    if row_width(tuple(spans)) <= cells:
        return tuple(spans)
    return *pad(spans, max(cells - 1, 0)), ("muted", "…")
