"""The panes of the lesson screen: each turns a session into rows for the room it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, pad, row_width, width
from gd_tutor.training import PHASES, Phase
from gd_tutor.tui.commands import BAR, Command, command
from gd_tutor.tui.sheet import Sheet

if TYPE_CHECKING:
    from gd_tutor.session.session import Session
    from gd_tutor.tui.lesson_screen import LessonScreen
    from gd_tutor.views import View


class SessionSheet(Sheet):
    """A sheet that shows a session, drawn whenever it has a place on the screen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.session: Session | None = None

    def update(self, session: Session) -> None:
        """Show a session's present state."""
        self.session = session
        if self.region:
            self.redraw()

    def redraw(self) -> None:
        raise NotImplementedError

    def on_resize(self) -> None:
        self.redraw()

    def on_show(self) -> None:
        self.redraw()


class Pane(SessionSheet, can_focus=True):
    """A sheet with a heading; the heading of the pane that has the focus is a heavy line."""

    margin_left: ClassVar[int] = 1

    def redraw(self) -> None:
        wide, high = self.size
        if self.session is None or wide < 2 or high < 1:
            return
        body = self.body(self.session, wide - self.margin_left, high - 1)
        indented = [(("", " " * self.margin_left), *row) for row in body[: high - 1]]
        blank: list[Row] = [()] * (high - 1 - len(indented))
        self.show([self._rule(self.heading(self.session), wide), *indented, *blank])

    def heading(self, session: Session) -> str:
        raise NotImplementedError

    def body(self, session: Session, wide: int, high: int) -> list[Row]:
        """The rows below the heading, at most `high` of at most `wide` cells."""
        raise NotImplementedError

    def arrow(self, right: int, down: int) -> None:
        """An arrow key was pressed while the pane has the focus."""

    def _rule(self, heading: str, wide: int) -> Row:
        line, role = ("━", "focus") if self.has_focus else ("─", "rule")
        mark = "▸ " if self.has_focus else ""
        text = f"{line} {mark}{heading} "
        return pad([(role, text), (role, line * max(wide - width(text), 0))], wide)

    def on_click(self) -> None:
        cast("LessonScreen", self.screen).choose(self)

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.redraw()


class ProsePane(Pane):
    """The lesson's text, one page at a time."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.section = 0
        self.part = 0

    def update(self, session: Session) -> None:
        if self.session is session:
            return  # the text of a lesson stays the same whatever is done in it
        if self.session is None or session.lesson is not self.session.lesson:
            self.section = self.part = 0
        super().update(session)

    def heading(self, session: Session) -> str:
        section = session.prose.sections[self.section]
        pages = len(self._pages(session))
        part = f" ({min(self.part, pages - 1) + 1} of {pages})" if pages > 1 else ""
        return f"{self.section + 1}/{len(session.prose.sections)} {section.title}{part}"

    def body(self, session: Session, wide: int, high: int) -> list[Row]:
        pages = self._pages(session)
        return list(pages[min(self.part, len(pages) - 1)])

    def turn(self, pages: int) -> bool:
        """Go a page on (1) or back (-1); False where there is none."""
        assert self.session is not None
        part = min(self.part, len(self._pages(self.session)) - 1) + pages
        if 0 <= part < len(self._pages(self.session)):
            self.part = part
        elif 0 <= self.section + pages < len(self.session.prose.sections):
            self.section += pages
            self.part = 0 if pages > 0 else len(self._pages(self.session)) - 1
        else:
            return False
        self.redraw()
        return True

    def arrow(self, right: int, down: int) -> None:
        self.turn(right or down)

    def _pages(self, session: Session) -> list[Sequence[Row]]:
        wide, high = self.size
        return session.prose.pages(self.section, max(wide - 2, 1), max(high - 1, 1))


class WorkedPane(Pane):
    """The arithmetic of this iteration, the newest phase marked, and what it meant."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.scrolled = 0

    def update(self, session: Session) -> None:
        self.scrolled = 0
        super().update(session)

    def heading(self, session: Session) -> str:
        if session.training is None:
            return "worked"
        return f"worked, iteration {session.training.iteration}"

    def body(self, session: Session, wide: int, high: int) -> list[Row]:
        said = wrap([("strong", session.message)], wide) if self.says else []
        room = max(high - len(said), 0)
        rows = self._lines(session, wide)
        last = max(len(rows) - room, 0)
        self.scrolled = min(max(self.scrolled, -last), 0)
        first = last + self.scrolled
        shown = rows[first : first + room]
        if first > 0 and len(shown) > 1:
            shown[0] = (("muted", f"⋮ {first + 1} more above"),)
        blank: list[Row] = [()] * (room - len(shown))
        return [*shown, *blank, *said]

    @property
    def says(self) -> bool:
        """Whether the sentence stands here; on small terminals it has a line of its own."""
        return not self.screen.has_class("-one-pane")

    def arrow(self, right: int, down: int) -> None:
        self.scrolled += down
        self.redraw()

    def _lines(self, session: Session, wide: int) -> list[Row]:
        """The worked lines of every phase done in this iteration."""
        from gd_tutor.worked import worked_phase  # needs NumPy, which the first screen does not

        training = session.training
        rows: list[Row] = []
        if training is None:
            return rows
        for phase in PHASES:
            if training.phase < phase:
                break
            newest = training.phase == phase
            later = self._later(session, str(phase))
            if later:
                rows.append((("muted", f"  {phase} {later}"),))
            for line in worked_phase(training, phase):
                texts = line.text(session.notation, wide - 2)
                note = self._later(session, line.name) if not later else ""
                if note:
                    texts.append(f"  {note}")
                role = "muted" if later or note else "new" if newest else "text"
                for index, text in enumerate(texts):
                    mark = "▸ " if newest and index == 0 else "  "
                    rows.append((("new" if newest else "text", mark), (role, text)))
        return rows

    def _later(self, session: Session, name: str) -> str:
        """Where a phase or a value is explained, if in a later lesson."""
        number = session.comes_in(name)
        return f"(comes in {number})" if number else ""


class PicturePane(Pane):
    """One of the lesson's pictures."""

    def __init__(self, place: int, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.place = place

    def view(self, session: Session) -> View | None:
        """The view shown here: the pictures go round, beginning with the first one chosen."""
        if not session.views:
            return None
        return session.views[(session.first_view + self.place) % len(session.views)]

    def heading(self, session: Session) -> str:
        view = self.view(session)
        if view is None or session.training is None:
            return "no picture"
        return view.title(session.training)

    def body(self, session: Session, wide: int, high: int) -> list[Row]:
        view, training = self.view(session), session.training
        if view is None or training is None:
            return [(("muted", "This page only has words."),)]
        twin = wrap([("muted", view.twin(training))], wide) if high >= 14 else []
        twin = twin[: max(high - 12, 0)]
        return [*view.rows(training, wide, high - len(twin)), *twin]

    def arrow(self, right: int, down: int) -> None:
        assert self.session is not None
        view = self.view(self.session)
        if view is not None and self.session.training is not None:
            view.move(self.session.training, right, down)
            self.redraw()

    margin_left = 0


class Header(SessionSheet):
    """Where the learner is: lesson, phase, iteration, learning rate."""

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title_text = title

    def update(self, session: Session) -> None:
        lesson = session.lesson
        place = f"{lesson.number}/{session.lessons} " if lesson.number else ""
        self.title_text = f"{place}{lesson.title}"
        super().update(session)

    def redraw(self) -> None:
        left: Row = (("title", f" {self.title_text} "),)
        wide = self.size.width
        choices = self._choices(self.session) if self.session is not None else []
        for row in choices:
            if row_width(left) + row_width(row) <= wide:
                gap = " " * (wide - row_width(left) - row_width(row))
                self.show([(*left, ("", gap), *row)])
                return
        self.show([pad(left, wide)])

    def _choices(self, session: Session) -> list[Row]:
        """The same facts from the widest form to the narrowest."""
        training = session.training
        if training is None:
            return []
        eta = session.notation.name("learning_rate")
        rate = f"{eta} {session.notation.number(training.learning_rate)}"
        strip = self._strip([(str(phase), phase) for phase in PHASES], training.phase, " ▸ ")
        short = self._strip([(str(phase)[0], phase) for phase in PHASES], training.phase, "▸")
        return [
            (*strip, ("text", f"   iteration {training.iteration}   {rate} ")),
            (*strip, ("text", f"  {training.iteration}  {rate} ")),
            (*short, ("text", f" {training.iteration} {rate} ")),
            (*short, ("text", f" {training.iteration} ")),
        ]

    def _strip(self, names: list[tuple[str, Phase]], now: Phase, arrow: str) -> Row:
        """`forward ▸ BACKWARD ▸ update`: the last phase done in capitals."""
        row: list[tuple[str, str]] = []
        for name, phase in names:
            if row:
                row.append(("muted", arrow))
            row.append(("focus", name.upper()) if phase == now else ("text", name))
        return tuple(row)


class MessageLine(SessionSheet):
    """The sentence about the last key, where only one pane is shown."""

    def redraw(self) -> None:
        if self.session is not None and self.size.width > 2:
            said = wrap([("strong", self.session.message)], self.size.width - 1)[:2]
            rows: list[Row] = [(("", " "), *row) for row in said]
            self.show([*rows, *[()] * (2 - len(rows))])


class KeyBar(Sheet):
    """The most useful keys; as many as fit, the last two always."""

    def on_resize(self) -> None:
        keys = [command(action) for action in BAR]
        always = keys[-2:]
        shown = keys[:-2]
        while shown and self._length([*shown, *always]) > self.size.width:
            shown.pop()
        row: list[tuple[str, str]] = []
        for key in (*shown, *always):
            row += [("key", f" {key.shown}"), ("text", f" {key.label} ")]
        self.show([pad(row, self.size.width)])

    def _length(self, keys: list[Command]) -> int:
        return sum(len(key.shown) + len(key.label) + 3 for key in keys)


class TooSmall(Sheet):
    """What is shown instead of everything where there is no room for it."""

    def on_resize(self) -> None:
        wide, high = self.app.size
        text = f"gd-tutor needs 40 columns and 12 rows; here are {wide} and {high}. q quits."
        self.show([*wrap([("strong", text)], max(self.size.width, 1))])
