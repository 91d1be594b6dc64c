"""A page whose contents are computed while it is shown, until all is known or a key stops it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from textual.events import Key
from textual.timer import Timer

from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row
from gd_tutor.plots import Canvas
from gd_tutor.training import Training
from gd_tutor.tui.page import Page, Result

if TYPE_CHECKING:
    from gd_tutor.session.session import Session

SLICE = 0.04
"""Seconds of computing between two looks at the keyboard."""
PAUSE = 0.05
STOPPED = "Stopped; the same key as before goes on."
LEAST_PICTURE = 7
"""Below so many rows there is no picture, only words."""

Known = TypeVar("Known")


class SearchPage(Page[Result], Generic[Known, Result]):
    """Takes what is known so far from a search, in slices that leave room for keys."""

    def __init__(self, session: Session, search: Callable[[Training], Iterator[Known]]) -> None:
        assert session.training is not None
        super().__init__()
        self.training = session.training
        self.notation = session.notation
        self.canvas = Canvas()
        self._search = search(self.training)
        self.known = next(self._search)
        self.is_done = False
        self._timer: Timer | None = None

    @property
    def is_searching(self) -> bool:
        return self._timer is not None

    def progress(self) -> str:
        """How far the search has come, in a few words."""
        raise NotImplementedError

    def found(self) -> None:
        """More is known, or all."""
        self.draw()

    def on_mount(self) -> None:
        self.action_go_on()

    def action_go_on(self) -> None:
        """Search on from where it was stopped."""
        if not self.is_done and self._timer is None:
            self._timer = self.set_interval(PAUSE, self._tick)

    def on_key(self, event: Key) -> None:
        """Any key stops the search."""
        del event
        if self._stop():
            self.draw()

    def action_turn(self, pages: int) -> None:
        """Ten of what was tried: here a page is a picture."""
        self.action_move(10 * pages)

    def _stop(self) -> bool:
        if self._timer is None:
            return False
        self._timer.stop()
        self._timer = None
        return True

    def _tick(self) -> None:
        deadline = time.monotonic() + SLICE
        while time.monotonic() < deadline:
            known = next(self._search, None)
            if known is None:
                self.is_done = True
                self._stop()
                break
            self.known = known
        self.found()

    def state_rows(self, wide: int) -> list[Row]:
        """What the search does now."""
        if self.is_done:
            return []
        said = f"{self.progress()}; any key stops." if self.is_searching else STOPPED
        return words("strong", said, wide)


def words(role: str, text: str, wide: int) -> list[Row]:
    """A sentence on as many rows as it takes, one cell in."""
    return [(("", " "), *row) for row in wrap([(role, text)], max(wide - 2, 1))]


def window(rows: Sequence[Row], room: int, cursor: int) -> tuple[int, Sequence[Row]]:
    """As many rows as there is room for, the cursor's among them, and the place of the first."""
    first = min(max(cursor - room // 2, 0), max(len(rows) - room, 0))
    return first, rows[first : first + room]
