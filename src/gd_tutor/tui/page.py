"""The base of the pages over a lesson: rows, one of them chosen, and a foot that tells the keys.

By hand, because Textual's OptionList and DataTable send most of their rows again at each key: of the
course map 2,770 bytes instead of 130, of compared runs 630 instead of 160, with more work.
"""

from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Offset

from gd_tutor.notation.spans import Row, Span, key_row, pad, row_width, width
from gd_tutor.session.lesson_session import Session
from gd_tutor.tui.driver import LatestSize
from gd_tutor.tui.sheet import Sheet, too_small
from gd_tutor.tui.terminal_app import TerminalApp

Result = TypeVar("Result")
Chosen = Callable[[Session], None]
"""What a learner has chosen on a page over the lesson: what it does to the session."""


class Page(LatestSize[Result | None], Generic[Result]):
    """A screen of rows with one of them chosen; it scrolls where it is longer than the terminal."""

    DEFAULT_CSS = "Page { background: $background; } Page Sheet { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,left", "move(-1)", "up", show=False),
        Binding("down,right,tab", "move(1)", "down", show=False),
        Binding("pageup", "turn(-1)", "page up", show=False),
        Binding("pagedown,space", "turn(1)", "page down", show=False),
        Binding("home", "to_end(-1)", "to the top", show=False),
        Binding("end", "to_end(1)", "to the bottom", show=False),
        Binding("escape", "leave", "back", show=False),
        Binding("q,ctrl+c", "app.quit", "quit", show=False),
    ]
    app = getters.app(TerminalApp)
    title_text: str = ""
    foot: ClassVar[str]
    legend: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.cursor = 0
        self.first = 0

    def compose(self) -> ComposeResult:
        yield Sheet()

    def rows(self, wide: int) -> list[Row]:
        """All rows of the page."""
        raise NotImplementedError

    def places(self, rows: list[Row]) -> list[int]:
        """The rows that the cursor can stand on."""
        return list(range(len(rows)))

    def last(self, rows: list[Row]) -> int:
        """The last row that should be seen together with the cursor's, where both fit."""
        return self._standing(self.places(rows))

    def _standing(self, places: list[int]) -> int:
        return places[min(self.cursor, len(places) - 1)] if places else 0

    @property
    def room(self) -> int:
        """How many rows fit on the screen."""
        return max(self.size.height - 3, 1)

    def draw(self) -> None:
        wide, high = self.size
        rows = self.rows(wide)
        if sentence := too_small(self.size):
            self.query_one(Sheet).show(sentence)
            return
        room, here = self.room, self._standing(self.places(rows))
        top = max(self.first, self.last(rows) - room + 1)
        top = max(min(top, here), here - room + 1)
        self.first = min(top, max(len(rows) - room, 0))
        shown = rows[self.first : self.first + room]
        more = " ⋮" if self.first + room < len(rows) else ""
        rule = "─" * max(wide - width(self.title_text) - 4, 0)
        heading: Row = (("rule", "── "), ("title", self.title_text), ("rule", f" {rule}"))
        filler: list[Row] = [()] * (room - len(shown))
        legend: Row = (("muted", self.legend),)
        foot: Row = (("", " "), *self._foot(wide - len(more) - 1), ("muted", more))
        self.query_one(Sheet).show(
            [pad(r, wide) for r in (heading, *shown, *filler, legend, foot)][:high]
        )
        self.app.point_at(Offset(1, 1 + here - self.first))

    def _foot(self, cells: int) -> list[Span]:
        """What keys do; the first, which are the plainest, are left out where there is no room."""
        items = self.foot.split("   ")
        while len(items) > 1 and row_width(key_row("   ".join(items), "muted")) > cells:
            items = items[1:]
        return key_row("   ".join(items), "muted")

    def on_resize(self) -> None:
        self.draw()

    def action_move(self, rows: int) -> None:
        last = len(self.places(self.rows(self.size.width))) - 1
        self.cursor = min(max(self.cursor + rows, 0), last)
        self.draw()

    def action_turn(self, pages: int) -> None:
        """A page up or down: what stood at one edge of the screen stands at the other then."""
        places = self.places(self.rows(self.size.width))
        here = self._standing(places)
        reach = [abs(at - here) < max(self.room, 2) for at in places]
        ahead = range(self.cursor + pages, len(places) if pages > 0 else -1, pages)
        near = [place for place in ahead if reach[place]]
        self.action_move(near[-1] - self.cursor if near else pages)

    def action_to_end(self, way: int) -> None:
        """To the first or the last of what the cursor can stand on."""
        if way < 0:
            self.first = 0  # what stands above the first is seen, too
        self.action_move(way * len(self.places(self.rows(self.size.width))))

    def action_leave(self) -> None:
        self.leave(None)

    def leave(self, result: Result | None) -> None:
        """Go back, once: the key may have been typed twice before the page was gone."""
        if self.is_current:
            self.dismiss(result)


class ListPage(Page[Result], Generic[Result]):
    """Things to choose from, each with words of its own below it."""

    def last(self, rows: list[Row]) -> int:
        """The last of the words, and of the whole page where the last thing is chosen."""
        places = self.places(rows)
        return next((at for at in places if at > self._standing(places)), len(rows)) - 1
