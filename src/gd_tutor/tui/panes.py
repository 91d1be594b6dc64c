"""The panes of the lesson screen: the lesson's text, the worked lines, a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.geometry import Offset
from textual.message import Message

from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import MARK, Row, pad, shortened, spans_of, width
from gd_tutor.tui import door
from gd_tutor.tui.status import SessionSheet, asked_rows, said_rows, visible

LEAST_PANE = 2
"""Rows that a long question leaves to the other pane of its column."""


class Pane(SessionSheet, can_focus=True):
    """A sheet with a heading, drawn as a heavy line in the focused pane."""

    class Clicked(Message):
        """The learner clicked a pane."""

        def __init__(self, pane: Pane) -> None:
            super().__init__()
            self.pane = pane

    FOCUS_ON_CLICK = False  # the focus changes on release, not on press
    margin_left: ClassVar[int] = 1
    _room: int | None = None

    def redraw(self) -> None:
        if self.session is not None:
            self._take_room(self.session)
        super().redraw()

    def rows(self) -> Sequence[Row]:
        wide, high = self.size
        if self.session is None or wide < 2 or high < 1:
            return ()
        body = self.body(self.session, wide - self.margin_left, high - 1)
        indented = [(("", " " * self.margin_left), *row) for row in body[: high - 1]]
        blank: list[Row] = [()] * (high - 1 - len(indented))
        return [self._rule(self.heading(self.session), wide), *indented, *blank]

    @property
    def point(self) -> Offset:
        return super().point or Offset(2, 0)  # after the mark of the focus

    def heading(self, session: door.Session) -> str:
        raise NotImplementedError

    def body(self, session: door.Session, wide: int, high: int) -> list[Row]:
        """The rows below the heading, at most `high` of at most `wide` cells."""
        raise NotImplementedError

    def asked(self, session: door.Session) -> Sequence[Row]:
        """The rows of the open question, where it is in this pane."""
        del session
        return ()

    def _take_room(self, session: door.Session) -> None:
        """Take as many rows as the open question needs, and return them afterwards."""
        rows = 0 if self.screen.has_class("-one-pane") else len(self.asked(session))
        room = min(rows + 1, self.most + 1) if rows else None
        if room != self._room:  # a new layout redraws the whole screen
            self._room = self.styles.min_height = room

    @property
    def most(self) -> int:
        """The most rows a question can take beside the other pane of its column."""
        return max(self.app.size.height - 3 - LEAST_PANE, 1)

    def arrow(self, right: int, down: int) -> None:
        """Handle an arrow key while the pane has the focus."""

    def walks(self, session: door.Session) -> str:
        """What the arrow keys step through here, in a word; empty where they do nothing."""
        del session
        return ""

    def subject(self, session: door.Session) -> door.Subject | None:
        """What `enter` explains here; None where no number is computed."""
        del session
        return None

    def _rule(self, heading: str, wide: int) -> Row:
        line, style = ("━", "focus") if self.has_focus else ("─", "rule")
        mark = "▸ " if self.has_focus else ""
        text = f"{line} {mark}{shortened(heading, wide - width(mark) - 3)} "
        return pad([(style, text), (style, line * max(wide - width(text), 0))], wide)

    def on_click(self) -> None:
        self.post_message(self.Clicked(self))

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.redraw()


def around(rows: list[Row], high: int) -> list[Row]:
    """As many rows as fit, the marked one among them."""
    marked = next((y for y, row in enumerate(rows) if row and row[0] == ("focus", MARK)), 0)
    first = max(min(marked - high // 2, len(rows) - high), 0)
    return rows[first : first + high]


class ProsePane(Pane):
    """The lesson's text and questions, one page at a time, with a cursor on its numbers."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.part = 0
        self.number: int | None = None
        self._about = ""
        self._page: object = None
        """The page that `part` and `number` belong to."""

    def update(self, session: door.Session) -> None:
        page, about = session.pages.here, session.detours.about
        if page is not self._page:
            self.part = 0
            self.number = None
        elif self.session is session and self._is_text(session) and about == self._about:
            return  # the text of a lesson does not change
        self._about, self._page = about, page
        super().update(session)

    def _is_text(self, session: door.Session) -> bool:
        return not isinstance(session.pages.here, door.QuestionPage | door.EndPage)

    def heading(self, session: door.Session) -> str:
        page = session.pages.here
        parts = len(self._parts(session))
        part = f" ({min(self.part, parts - 1) + 1} of {parts})" if parts > 1 else ""
        # The text below says the same, where there is room.
        other = "(e) " if session.detours.about and self._is_text(session) else ""
        title = f"{session.pages.number}{other}{page.title}"
        room = self.size.width - width(part) - 6  # for the focus mark and some of the rule
        return shortened(title, room) + part

    def body(self, session: door.Session, wide: int, high: int) -> list[Row]:
        parts, page = self._parts(session), session.pages.here
        rows = list(parts[min(self.part, len(parts) - 1)])
        if isinstance(page, door.QuestionPage):
            return visible(rows, wide, high, session.questions.open_on(page))
        if isinstance(page, door.EndPage):
            return around(rows, high)
        about = wrap(spans_of(session.detours.about, "muted"), wide)
        return [*rows, (), *about] if len(rows) + len(about) < high else rows

    def asked(self, session: door.Session) -> Sequence[Row]:
        return () if self._is_text(session) else self._parts(session)[0]

    def turn(self, pages: int) -> bool:
        """Turn a page forward (1) or back (-1); False where there is none."""
        assert self.session is not None
        session = self.session
        self.number = None
        part = min(self.part, len(self._parts(session)) - 1) + pages
        if 0 <= part < len(self._parts(session)):
            self.part = part
        elif session.turn(pages):
            self.part = 0 if pages > 0 else len(self._parts(session)) - 1
            self._page = session.pages.here
        else:
            return False
        self.redraw()
        return True

    def arrow(self, right: int, down: int) -> None:
        assert self.session is not None
        if down and self.session.pages.at_end:
            self.session.ending.choose(down)
            self.redraw()
            return
        numbers = self._numbers(self.session)
        if down or not numbers:
            self.turn(right or down)
            return
        if self.number is None:
            self.number = 0 if right > 0 else len(numbers) - 1
        else:
            self.number = (self.number + right) % len(numbers)
        parts = self._parts(self.session)
        lit = [any(style == "cursor" for row in part for style, _ in row) for part in parts]
        self.part = lit.index(True) if True in lit else self.part
        self.redraw()

    def subject(self, session: door.Session) -> door.Subject | None:
        numbers = self._numbers(session)
        page = session.pages.here
        if self.number is None or isinstance(page, door.QuestionPage | door.EndPage):
            return None
        run = session.pages.prose.run_of(page, numbers[self.number])
        return door.InText(run, numbers[self.number]) if run is not None else None

    def _numbers(self, session: door.Session) -> list[door.Filled]:
        page = session.pages.here
        if isinstance(page, door.QuestionPage | door.EndPage):
            return []
        return session.pages.prose.numbers(page)

    def _parts(self, session: door.Session) -> Sequence[Sequence[Row]]:
        wide, high = max(self.size.width - 2, 1), max(self.size.height - 1, 1)
        page = session.pages.here
        if isinstance(page, door.QuestionPage):
            said = session.detours.about
            about = wrap(spans_of(said, "muted"), wide) if said else []
            return [[*about, *session.questions.rows(page, wide)]]
        if isinstance(page, door.EndPage):
            return [session.ending.rows(wide)]
        return session.pages.prose.parts(page, wide, high, self.number)


class WorkedPane(Pane):
    """The arithmetic of this iteration, the newest phase marked, and the message.

    An open question replaces the message.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor: int | None = None
        """The row of the cursor, counted from the first row of the iteration."""

    def update(self, session: door.Session) -> None:
        self.cursor = None
        super().update(session)

    def heading(self, session: door.Session) -> str:
        if session.training is None:
            return "worked"
        iteration, chosen = f"iteration {session.training.iteration}", session.lesson_run.chosen
        return ", ".join([iteration, *chosen] if chosen else ["worked", iteration])

    def body(self, session: door.Session, wide: int, high: int) -> list[Row]:
        said = said_rows(session, wide, high, worked=True) if self.says else []
        room = max(high - len(said), 0)
        rows = [row for _, row in self._worked_rows(session, wide)]
        last = len(rows) - 1
        cursor = last if self.cursor is None else min(self.cursor, last)  # rows may be fewer now
        # The last rows, or earlier ones that show the cursor below the `more above` mark.
        first = max(min(len(rows) - room, cursor - (cursor > 0 and room > 1)), 0)
        shown = rows[first : first + room]
        if self.cursor is not None and shown:
            _, *spans = shown[cursor - first]
            texts = (("focus", text) for _, text in spans)
            shown[cursor - first] = (("cursor", "»"), ("focus", " "), *texts)
        if first > 0 and len(shown) > 1:
            shown[0] = (("muted", f"⋮ {first + 1} more above"),)
        blank: list[Row] = [()] * (room - len(shown))
        return [*shown, *blank, *said]

    def asked(self, session: door.Session) -> Sequence[Row]:
        return asked_rows(session, self._wide, self.most, worked=True)

    @property
    def point(self) -> Offset:
        session = self.session
        if session is not None and session.field is not None and self.says:
            said = said_rows(session, self._wide, self.size.height, worked=True)
            return Offset(self.margin_left, self.size.height - len(said))
        return super().point

    @property
    def says(self) -> bool:
        """Whether the message is shown here; small terminals have a line for it."""
        return not self.screen.has_class("-one-pane")

    def arrow(self, right: int, down: int) -> None:
        if self.session is None:
            return
        last = len(self._worked_rows(self.session, self._wide)) - 1
        if self.cursor is None:
            self.cursor = last if last >= 0 else None
        else:
            self.cursor = min(max(self.cursor + (down or right), 0), last)
        self.redraw()

    def subject(self, session: door.Session) -> door.Subject | None:
        """The line at the cursor, or the last one."""
        rows = self._worked_rows(session, self._wide)
        walked = rows if self.cursor is None else rows[: self.cursor + 1]
        done = [entry.name for entry, _ in walked if entry.is_done]
        if session.training is None or not done:
            return None
        return door.present(session.training, done[-1])

    def walks(self, session: door.Session) -> str:
        training = session.training
        return "lines" if training is not None and training.position.forwards else ""

    @property
    def _wide(self) -> int:
        return max(self.size.width - self.margin_left, 1)

    def _worked_rows(self, session: door.Session, wide: int) -> list[tuple[door.WorkedEntry, Row]]:
        """All rows of the iteration, each with its worked line."""
        return [
            (entry, row) for entry in door.entries(session) for row in entry.rows(session, wide)
        ]


class PicturePane(Pane):
    """One of the lesson's pictures."""

    def __init__(self, place: int, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.place = place

    def view(self, session: door.Session) -> door.View | None:
        """The view shown in this pane."""
        return session.pictures.at(self.place)

    def heading(self, session: door.Session) -> str:
        view = self.view(session)
        if view is None or session.training is None:
            return "no picture"
        return view.title(session.training)

    def body(self, session: door.Session, wide: int, high: int) -> list[Row]:
        view, training = self.view(session), session.training
        if view is None or training is None:
            return [(("muted", "This page only has words."),)]
        said = wrap([("muted", view.text_alternative(training))], wide) if high >= 14 else []
        said = said[: max(high - 12, 0)]
        return [*view.rows(training, wide, high - len(said)), *said]

    def walks(self, session: door.Session) -> str:
        view = self.view(session)
        return view.walks if view is not None else ""

    def subject(self, session: door.Session) -> door.Subject | None:
        view = self.view(session)
        if view is None or session.training is None:
            return None
        return door.of_view(view, session.training)

    def arrow(self, right: int, down: int) -> None:
        assert self.session is not None
        view = self.view(self.session)
        if view is not None and self.session.training is not None:
            view.move(self.session.training, right, down)
            self.redraw()

    margin_left = 0
