"""Pages over the lesson: the course map and the help."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.screen import Screen

from gd_tutor.lessons import Course, Entry
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, pad, width
from gd_tutor.progress import MARKS, Standing, standings
from gd_tutor.tui.commands import COMMANDS
from gd_tutor.tui.sheet import Sheet

if TYPE_CHECKING:
    from gd_tutor.tui.app import TutorApp

Result = TypeVar("Result")


class Page(Screen[Result | None], Generic[Result]):
    """A screen of rows with one of them chosen; it scrolls where it is longer than the terminal."""

    DEFAULT_CSS = "Page { background: $background; } Page Sheet { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,left", "move(-1)", "up", show=False),
        Binding("down,right,tab", "move(1)", "down", show=False),
        Binding("pageup", "move(-10)", "page up", show=False),
        Binding("pagedown,space", "move(10)", "page down", show=False),
        Binding("escape", "leave", "back", show=False),
        Binding("q,ctrl+c", "app.quit", "quit", show=False),
    ]
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
        foot: Row = (("muted", f" {self._foot(wide - len(more) - 1)}{more}"),)
        self.query_one(Sheet).show(
            [pad(r, wide) for r in (heading, *shown, *filler, legend, foot)][:high]
        )
        cast("TutorApp", self.app).point_at(Offset(1, 1 + here - self.first))

    def _foot(self, cells: int) -> str:
        """What keys do; the first, which are the plainest, are left out where there is no room."""
        items = self.foot.split("   ")
        while len(items) > 1 and width("   ".join(items)) > cells:
            items = items[1:]
        return "   ".join(items)

    def on_resize(self) -> None:
        self.draw()

    def action_move(self, rows: int) -> None:
        last = len(self.places(self.rows(self.size.width))) - 1
        self.cursor = min(max(self.cursor + rows, 0), last)
        self.draw()

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


class MapPage(ListPage[Entry]):
    """The course: every lesson with how far the learner is in it and its one idea."""

    title_text = "Course map"
    foot = "up, down   enter opens   m goes back"
    legend = "".join(
        f" {MARKS[state].strip()} {state.split()[-1]} "
        for state in Standing
        if state is not Standing.NEW
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", show=False),
        Binding("m", "leave", "back", show=False),
        *(Binding(str(n), f"number({n})", "open", show=False) for n in range(1, 9)),
    ]

    def __init__(self, course: Course, present: str) -> None:
        super().__init__()
        self.course = course
        self.present = present
        self._places: list[int] = []
        self.cursor = course.place(present)
        self.standings: Mapping[str, Standing] = {}

    def on_mount(self) -> None:
        progress = cast("TutorApp", self.app).progress
        self.standings = standings(self.course, progress.events())

    def rows(self, wide: int) -> list[Row]:
        rows: list[Row] = []
        self._places = []
        titles = [entry.title for entry in self.course.entries]
        column = max(map(width, titles), default=0) + 2
        in_labs = False
        for index, entry in enumerate(self.course.entries):
            if entry.lab and not in_labs:
                in_labs = True
                rows += [*([()] if rows else []), (("title", " Labs"),)]
            self._places.append(len(rows))
            chosen = index == self.cursor
            mark = "▸" if chosen else " "
            here = "●" if entry.id == self.present else " "
            state = MARKS[self.standings.get(entry.id, Standing.NEW)]
            number = str(entry.number or "").rjust(2)
            role = "focus" if chosen else "text"
            title = entry.title + " " * (column - width(entry.title))
            said = self._said(entry)
            fits = column + 8 + width(said) <= wide
            rows.append(
                ((role, f"{here}{mark}{number} {state} {title}"), ("muted", said if fits else ""))
            )
            if chosen and not fits:
                rows += [(("muted", " " * 8), *line) for line in wrap([("muted", said)], wide - 9)]
        return rows

    def places(self, rows: list[Row]) -> list[int]:
        """The rows of the lessons; what is said of the chosen one may take rows of its own."""
        return self._places

    def _said(self, entry: Entry) -> str:
        return f"cannot be opened: {entry.fault}" if entry.fault else entry.summary

    def action_open(self) -> None:
        if self.course.entries:
            self.leave(self.course.entries[self.cursor])

    def action_number(self, number: int) -> None:
        entry = self.course.numbered(number)
        if entry is not None:
            self.leave(entry)


class HelpPage(Page[None]):
    """Every key, in groups."""

    title_text = "Keys"
    foot = "up, down scroll   ? goes back"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "leave", "back", show=False)]

    def rows(self, wide: int) -> list[Row]:
        rows: list[Row] = []
        group = ""
        for command in dict.fromkeys((c.shown, c.help, c.group) for c in COMMANDS):
            shown, help, its_group = command
            if its_group != group:
                group = its_group
                rows += [*([()] if rows else []), (("title", f" {group}"),)]
            rows += self._entry(shown, help, wide)
        return [*rows, *self._entry("ctrl+p", "palette: every command by name", wide)]

    def _entry(self, shown: str, help: str, wide: int) -> list[Row]:
        lines = wrap([("text", help)], max(wide - 11, 1))
        keys = [shown, *[""] * (len(lines) - 1)]
        return [(("key", f"   {key:<7}"), *line) for key, line in zip(keys, lines, strict=True)]

    def places(self, rows: list[Row]) -> list[int]:
        """The cursor only scrolls: it stands at the bottom of what is shown."""
        room = max(self.size.height - 3, 1)
        return list(range(min(room, len(rows)) - 1, len(rows)))
