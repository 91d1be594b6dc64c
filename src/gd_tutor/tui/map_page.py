"""The course map."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from gd_tutor.lessons import Course, Entry
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, width
from gd_tutor.progress import MARKS, Standing, standings
from gd_tutor.tui.page import ListPage

if TYPE_CHECKING:
    from gd_tutor.tui.app import TutorApp


class MapPage(ListPage[Entry]):
    """The course: every lesson with how far the learner is in it and its one idea."""

    title_text = "Course map"
    foot = "a number, or `up` `down`   `enter` opens   `m` goes back"
    legend = "".join(
        f" {MARKS[state].strip()} {state.split()[-1]} "
        for state in Standing
        if state is not Standing.NEW
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", show=False),
        Binding("m", "leave", "back", show=False),
        Binding("backspace", "erase", "erase", show=False),
        *(Binding(str(n), f"digit({n})", "number", show=False) for n in range(10)),
    ]

    def __init__(self, course: Course, present: str) -> None:
        super().__init__()
        self.course = course
        self.present = present
        self._places: list[int] = []
        self.cursor = course.place(present)
        self.typed = ""
        """The digits typed so far of a lesson's number."""
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

    def action_digit(self, digit: int) -> None:
        """Go to the lesson whose number is typed; where there is none, the digit begins anew."""
        more, anew = f"{self.typed}{digit}", str(digit)
        self._type(more if self._begins(more) else anew if self._begins(anew) else "")
        if not self.typed:
            self.title_text = f"There is no lesson {digit}"
            self.draw()

    def action_erase(self) -> None:
        self._type(self.typed[:-1])

    def _begins(self, typed: str) -> bool:
        """Whether the number of a lesson begins so."""
        return any(str(entry.number).startswith(typed) for entry in self._numbered)

    @property
    def _numbered(self) -> list[Entry]:
        return [entry for entry in self.course.entries if entry.number]

    def _type(self, typed: str) -> None:
        """Show what is typed of a number, and choose the lesson that has it."""
        chosen = [entry for entry in self._numbered if str(entry.number) == typed]
        if chosen:
            self.cursor = self.course.place(chosen[0].id)
        self.typed = typed
        self.title_text = f"Course map: number {typed}_" if typed else "Course map"
        self.draw()

    def action_move(self, rows: int) -> None:
        self.typed, self.title_text = "", "Course map"
        super().action_move(rows)
