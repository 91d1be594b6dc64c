"""Pages to choose on or compare: options (bugs, optimizers …), export, course map, kept runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, isfinite, log10
from typing import ClassVar

from textual.binding import Binding, BindingType

from gd_tutor.course.folder import Entry
from gd_tutor.engine.experiment import Option
from gd_tutor.export.formats import WHAT, file_for, here
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, shortened, spans_of, width
from gd_tutor.progress.place import Progress
from gd_tutor.progress.standing import MARKS, Standing, standings
from gd_tutor.session.lesson_session import Session
from gd_tutor.session.shown_pictures import Kept
from gd_tutor.tui.page import Chosen, ListPage


class ChoicesPage(ListPage[Chosen]):
    """Options in groups, each with what it changes; enter chooses one."""

    foot = "`up` `down`   `enter` chooses   `escape` leaves"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "choose", show=False)]

    def __init__(self, title: str, session: Session, options: Sequence[Option]) -> None:
        super().__init__()
        self.title_text = title
        self.options = options
        self.session = session
        is_chosen = session.lesson_run.is_chosen
        now = [place for place, option in enumerate(options) if is_chosen(option)]
        self.cursor = now[0] if now else 0
        self._places: list[int] = []

    def rows(self, wide: int) -> list[Row]:
        rows: list[Row] = []
        self._places = []
        group = ""
        for place, option in enumerate(self.options):
            if option.kind != group:
                group = option.kind
                rows += [*([()] if rows else []), (("title", f" {group}"),)]
            self._places.append(len(rows))
            chosen = place == self.cursor
            style, mark = ("focus", "▸") if chosen else ("text", " ")
            here = "●" if self.session.lesson_run.is_chosen(option) else " "
            rows.append(((style, f" {mark} {here} {option.title}"),))
            if chosen and option.says:
                rows += [(("", " " * 5), *r) for r in wrap([("muted", option.says)], wide - 6)]
        return rows

    def places(self, rows: list[Row]) -> list[int]:
        return self._places

    def action_choose(self) -> None:
        chosen = self.options[self.cursor]
        self.leave(lambda session: session.choose(chosen))


class ExportPage(ListPage[Chosen]):
    """The export formats, each with the file it would write."""

    title_text = "Take this run home"
    foot = "`up` `down`   `enter` writes the file   `escape` leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "write", "write", show=False),
        Binding("E", "leave", "back", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.lesson = session.lesson.id
        self.folder = here()

    def rows(self, wide: int) -> list[Row]:
        rows: list[Row] = []
        for place, (format, what) in enumerate(WHAT.items()):
            style, mark = ("focus", "▸") if place == self.cursor else ("text", " ")
            rows.append(((style, f" {mark} {file_for(format, self.lesson, self.folder).name}"),))
            rows += [(("muted", " " * 5), *row) for row in wrap([("muted", what)], wide - 6)]
        into = wrap([("muted", f"The file goes to {self.folder}.")], wide - 2)
        return [*rows, (), *((("", " "), *row) for row in into)]

    def places(self, rows: list[Row]) -> list[int]:
        return [place for place, row in enumerate(rows) if row and row[0][0] in ("focus", "text")]

    def action_write(self) -> None:
        format = [*WHAT][self.cursor]
        self.leave(lambda session: session.take_home(format, self.folder))


class MapPage(ListPage[Entry]):
    """The course: every lesson with the learner's progress and its main idea."""

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

    def __init__(self, session: Session, progress: Progress) -> None:
        super().__init__()
        self.progress = progress
        self.course = session.course
        self.present = session.lesson.id
        self._places: list[int] = []
        self.cursor = self.course.place(self.present)
        self.typed = ""
        """The digits typed so far of a lesson's number."""
        self.standings: Mapping[str, Standing] = {}

    def on_mount(self) -> None:
        self.standings = standings(self.course, self.progress.events())

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
            style = "focus" if chosen else "text"
            title = entry.title + " " * (column - width(entry.title))
            said = self._said(entry)
            fits = column + 8 + width(said) <= wide
            rows.append(
                ((style, f"{here}{mark}{number} {state} {title}"), ("muted", said if fits else ""))
            )
            if chosen and not fits:
                rows += [(("muted", " " * 8), *line) for line in wrap([("muted", said)], wide - 9)]
        return rows

    def places(self, rows: list[Row]) -> list[int]:
        """The rows of the lessons; details of the chosen one may take rows of their own."""
        return self._places

    def _said(self, entry: Entry) -> str:
        return f"cannot be opened: {entry.fault}" if entry.fault else entry.summary

    def action_open(self) -> None:
        if self.course.entries:
            self.leave(self.course.entries[self.cursor])

    def action_digit(self, digit: int) -> None:
        """Go to the lesson with the typed number; if there is none, start over with this digit."""
        more, anew = f"{self.typed}{digit}", str(digit)
        self._type(more if self._begins(more) else anew if self._begins(anew) else "")
        if not self.typed:
            self.title_text = f"There is no lesson {digit}"
            self.draw()

    def action_erase(self) -> None:
        self._type(self.typed[:-1])

    def _begins(self, typed: str) -> bool:
        """Whether a lesson's number begins with these digits."""
        return any(str(entry.number).startswith(typed) for entry in self._numbered)

    @property
    def _numbered(self) -> list[Entry]:
        return [entry for entry in self.course.entries if entry.number]

    def _type(self, typed: str) -> None:
        """Show the typed digits, and choose the lesson with that number."""
        chosen = [entry for entry in self._numbered if str(entry.number) == typed]
        if chosen:
            self.cursor = self.course.place(chosen[0].id)
        self.typed = typed
        self.title_text = f"Course map: number {typed}_" if typed else "Course map"
        self.draw()

    def action_move(self, rows: int) -> None:
        self.typed, self.title_text = "", "Course map"
        super().action_move(rows)


class ComparePage(ListPage[Chosen]):
    """Kept runs and the present one: how far each came, and when it reached a given loss."""

    title_text = "Runs side by side"
    foot = "`left` `right` another loss   `backspace` forgets a run   `escape` leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "loss(1)", "a larger loss", show=False),
        Binding("right", "loss(-1)", "a smaller loss", show=False),
        Binding("backspace,delete", "forget", "forget a run", show=False),
        Binding("K", "leave", "back", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.power = self._goal()
        self._places: list[int] = []

    @property
    def compared(self) -> list[Kept]:
        """The kept runs and the present one."""
        training = self.session.training
        assert training is not None
        return self.session.pictures.beside.compared(training, self.session.notation)

    def _goal(self) -> int:
        """The power of ten near a hundredth of the largest initial loss."""
        starts = [float(one.run.losses[0]) for one in self.compared if len(one.run.losses)]
        known = [loss for loss in starts if isfinite(loss) and loss > 0]
        return floor(log10(max(known))) - 1 if known else 0

    def rows(self, wide: int) -> list[Row]:
        notation, goal = self.session.notation, 10.0**self.power
        kept = self.session.pictures.beside.kept
        head = ("", "run", "updates", "last loss", f"below {notation.number(goal)}")
        table: list[Sequence[str]] = [head]
        ended = [one for one in self.compared if one.has_end]
        ends = iter(notation.column(one.final_loss for one in ended))
        for number, one in enumerate(self.compared, 1):
            soon = one.iterations_to(goal)
            below = "never" if soon is None else f"iteration {soon}"
            mark = str(number) if number <= len(kept) else "@"
            table.append(
                (
                    mark,
                    one.settings,
                    str(one.updates),
                    next(ends) if one.has_end else one.end(notation),
                    below,
                )
            )
        none = "" if kept else "`k` keeps the run on the screen (@), to compare the next with it."
        return [*self._aligned(table, wide), (), (("", " "), *spans_of(none, "muted"))]

    def _aligned(self, table: Sequence[Sequence[str]], wide: int) -> list[Row]:
        """The table in columns; a run's settings get the remaining width.

        Where they do not fit, the chosen run's settings are repeated below.
        """
        widths = [max(map(width, column)) for column in zip(*table, strict=True)]
        gaps = 3 + 2 * (len(widths) - 1)
        widths[1] = max(min(widths[1], wide - gaps - sum(widths) + widths[1]), 3)
        rows: list[Row] = []
        self._places = []
        for place, cells in enumerate(table):
            chosen = place == self.cursor + 1
            number, words, *numbers = cells
            cut = shortened(words, widths[1])
            texts = [number.rjust(widths[0]), cut + " " * (widths[1] - width(cut))]
            texts += [text.rjust(size) for text, size in zip(numbers, widths[2:], strict=True)]
            style = "muted" if place == 0 else "focus" if chosen else "text"
            if place > 0:
                self._places.append(len(rows))
            rows.append(((style, f" {'▸' if chosen else ' '} " + "  ".join(texts)),))
            if chosen and cut != words:
                rows += [(("", " " * 5), *r) for r in wrap([("muted", words)], wide - 6)]
        return rows

    def places(self, rows: list[Row]) -> list[int]:
        return self._places

    def action_loss(self, step: int) -> None:
        self.power = min(max(self.power + step, -12), 12)
        self.draw()

    def action_forget(self) -> None:
        if self.cursor < len(self.session.pictures.beside.kept):
            self.session.pictures.forget(self.cursor, self.session.training)
            self.cursor = max(self.cursor - 1, 0)
            self.draw()
