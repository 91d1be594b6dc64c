"""Pages over a lesson: their base (rows, cursor, scrolling, foot), the help, and explanations.

Rows are drawn by hand, because at each key Textual's OptionList and DataTable send most of them
again: 2,770 bytes instead of 130 for the course map, 630 instead of 160 for compared runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Offset

from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, Span, key_row, pad, row_width, width
from gd_tutor.session.commands import GROUPS
from gd_tutor.session.explain_page import Linked, Subject
from gd_tutor.session.lesson_session import Session
from gd_tutor.tui.driver import LatestSize
from gd_tutor.tui.row_widget import Sheet, too_small
from gd_tutor.tui.terminal_app import TerminalApp

Result = TypeVar("Result")
Chosen = Callable[[Session], None]
"""A choice made on a page over the lesson: what it does to the session."""


class Page(LatestSize[Result | None], Generic[Result]):
    """A screen of rows with a cursor; it scrolls where it is longer than the terminal."""

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
        """The rows that the cursor can be on."""
        return list(range(len(rows)))

    def last(self, rows: list[Row]) -> int:
        """The last row to be shown together with the cursor's, where both fit."""
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
        """The key hints; where they do not fit, the first and most obvious ones are left out."""
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
        """Scroll a page up or down, with one row in common."""
        places = self.places(self.rows(self.size.width))
        here = self._standing(places)
        reach = [abs(at - here) < max(self.room, 2) for at in places]
        ahead = range(self.cursor + pages, len(places) if pages > 0 else -1, pages)
        near = [place for place in ahead if reach[place]]
        self.action_move(near[-1] - self.cursor if near else pages)

    def action_to_end(self, way: int) -> None:
        """Go to the first or last row of the cursor."""
        if way < 0:
            self.first = 0  # also shows what is above the first row
        self.action_move(way * len(self.places(self.rows(self.size.width))))

    def action_leave(self) -> None:
        self.leave(None)

    def leave(self, result: Result | None) -> None:
        """Close the page; a second call does nothing, as a key may be typed twice."""
        if self.is_current:
            self.dismiss(result)


class ListPage(Page[Result], Generic[Result]):
    """Things to choose from, each with details below it."""

    def last(self, rows: list[Row]) -> int:
        """The last row of the details; for the last thing, the last row of the page."""
        places = self.places(rows)
        return next((at for at in places if at > self._standing(places)), len(rows)) - 1


# Pages that are read

SIGNS = (
    ("∂l/∂x", "dloss/dx", "the slope of the loss l along x"),
    ("η", "learning_rate", "the learning rate"),
    ("←", "<-", "becomes: the new value takes the old one's place"),
    ("=", "=", "the numbers shown give the number shown"),
    ("≈", "~=", "nearly: the numbers shown are rounded"),
    ("≈ 0", "~= 0", "nothing but what rounding left over"),
    ("⊙", "*", "times, number by number"),
    ("@", "@", "times, as matrices are multiplied"),
    ("Xᵀ", "X.T", "X with its rows as columns; a list as a column"),
    ("[1, 2]", "[1, 2]", "a list; beside a table it counts as a row"),
    ("[1 2]ᵀ", "[1 2].T", "a column"),
    ("[1 2; 3 4]", "[1 2; 3 4]", "a table: ; begins a new row"),
    ("Σ(X)", "sum(X)", "all numbers of X added up"),
    ("Σ↓(X)", "sum(X, axis=0)", "each column of X added up"),
    ("Σ→(X)", "sum(X, axis=1)", "each row of X added up"),
    ("mean↓, mean→", "mean(X, axis=0)", "the mean of each column, of each row (axis=1)"),
    ("n", "n", "how many numbers a mean is of"),
    ("outer(a, b)", "outer(a, b)", "each number of a times each of b: a table"),
    ("[x > 0]", "(x > 0)", "1 where x is above 0, else 0"),
    ("share(a > b)", "share(a > b)", "1 where a is larger, 0 where b is, 0.5 where they tie"),
    ("5.1e−5", "5.1e-5", "0.000051: the point moves 5 places to the left"),
)


KEY_CELLS, SIGN_CELLS = 6, 15
"""The widths of the columns of keys and signs."""


class HelpPage(Page[None]):
    """Every key in groups, then the signs."""

    title_text = "Keys and signs"
    foot = "`up` `down` `pgdn` `end` scroll   `?` goes back"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "leave", "back", show=False)]

    def __init__(self, call_back: str) -> None:
        super().__init__()
        self.call_back = call_back

    def rows(self, wide: int) -> list[Row]:
        rows: list[Row] = []
        if self.call_back:
            lines = wrap([("strong", self.call_back), ("text", " opens this place.")], wide - 5)
            rows += [(("title", " This place"),), *((("", "   "), *line) for line in lines), ()]
        for group, commands in GROUPS.items():
            rows += [*([()] if rows and rows[-1] else []), (("title", f" {group}"),)]
            for shown, help in dict.fromkeys((c.shown, c.help) for c in commands if c.keys):
                rows += self._entry(shown, help, wide)
        rows += self._entry("ctrl+p", "palette: every command by name", wide)
        rows += [(), (("title", " Signs"),)]
        ascii = self.app.drawing.ascii
        for written, plain, meaning in SIGNS:
            rows += self._entry(plain if ascii else written, meaning, wide, SIGN_CELLS)
        return rows

    def _entry(self, shown: str, help: str, wide: int, cells: int = KEY_CELLS) -> list[Row]:
        lines = wrap([("text", help)], max(wide - cells - 4, 1))
        keys = [shown, *[""] * (len(lines) - 1)]
        return [
            (("key", f"   {key:<{cells}} "), *line) for key, line in zip(keys, lines, strict=True)
        ]

    def places(self, rows: list[Row]) -> list[int]:
        """Every row at the top of the screen: here the cursor only scrolls."""
        return list(range(max(len(rows) - self.room, 0) + 1))

    def draw(self) -> None:
        self.first = self.cursor
        super().draw()


class ExplainPage(Page[None]):
    """One number at a time; enter goes to a number it was computed from."""

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
        """The rows with links, the end, and rows between, so that all can be scrolled to."""
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
