"""Around the panes: status line, open question or message, key bar."""

from __future__ import annotations

from collections.abc import Iterator

from textual.geometry import Size

from gd_tutor.engine.state import Phase
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, Span, pad, row_width, spans_of
from gd_tutor.session.key_bar import fitting, hints_of
from gd_tutor.tui import door
from gd_tutor.tui.row_widget import Sheet

ONE_PANE_BELOW = 72
"""On narrower terminals one pane is shown at a time."""
LOW = 20
"""With fewer rows, too, one pane is shown at a time."""
NARROW = 60
"""On narrower terminals a message takes three rows instead of two."""
MOST_SAID = 8
"""The most rows for a question or a message where one pane is shown."""


def has_one_pane(size: Size) -> bool:
    """Whether a screen of this size shows one pane at a time."""
    return size.width < ONE_PANE_BELOW or size.height < LOW


class SessionSheet(Sheet):
    """A sheet that shows a session, drawn whenever it is visible."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.session: door.Session | None = None

    def update(self, session: door.Session) -> None:
        """Show a session's present state."""
        self.session = session
        if self.region:
            self.redraw()

    def on_show(self) -> None:
        self.redraw()


class Header(SessionSheet):
    """The status line: lesson, phase, iteration, learning rate."""

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title_text = title

    def update(self, session: door.Session) -> None:
        lesson = session.lesson
        number = session.course.position(lesson.id)
        place = f"{number}/{session.course.concepts} " if number else ""
        if lesson.lab:
            place = f"Lab {lesson.number} " if lesson.number else "Lab "
        self.title_text = f"{place}{lesson.title}"
        super().update(session)

    def rows(self) -> list[Row]:
        left: Row = (("title", f" {self.title_text} "),)
        wide = self.size.width
        choices = self._choices(self.session) if self.session is not None else ()
        for row in choices:
            if row_width(left) + row_width(row) <= wide:
                gap = " " * (wide - row_width(left) - row_width(row))
                return [(*left, ("", gap), *row)]
        return [left]

    def _choices(self, session: door.Session) -> Iterator[Row]:
        """The status line, from the widest form to the narrowest.

        Numbers have fixed room, so that the phases stay in place.
        """
        training = session.training
        if training is None:
            return
        eta = session.notation.name("learning_rate")
        rate = f"{eta} {session.notation.number(training.learning_rate)}"
        iteration = f"{training.iteration}"
        layers = self._layers(session, training)
        strip = self._strip(training, layers, " ▸ ")
        spare = " " * (len(f" {len(training.program.layers)}") * 2 - len(layers))
        for room, rate_room in ((6, 10), (4, 6), (3, 5), (1, 3)):
            tail = f"   iteration {iteration:<{room}}  {rate:<{rate_room + len(eta) + 1}} "
            yield (*strip, ("text", tail + (spare if len(training.program.layers) > 1 else "")))
        yield (*strip, ("text", f"  {iteration:<3} {rate:<{len(eta) + 6}} "))
        strip = self._strip(training, layers, "▸", letters=1)
        yield (*strip, ("text", f" {iteration:<3} {rate:<{len(eta) + 6}} "))
        yield (*strip, ("text", f" {iteration} {rate} "))
        yield (*strip, ("text", f" {iteration} "))

    def _layers(self, session: door.Session, training: door.Training) -> str:
        """How many layers of the present backward are shown."""
        shown, layers = session.layers.shown, len(training.program.layers)
        return f" {shown:>{len(str(layers))}}/{layers}" if shown else ""

    def _strip(
        self, training: door.Training, layers: str, arrow: str, letters: int | None = None
    ) -> Row:
        """`forward ▸ BACKWARD ▸ update`: the last phase done in capitals."""
        row: list[Span] = []
        for phase in training.phases:
            name, style = str(phase)[:letters], "text"
            if phase is training.done:
                name, style = name.upper(), "focus"
            elif phase is Phase.BACKWARD and layers:
                name, style = name + layers, "focus"
            row += [("muted", arrow), (style, name)]
        return tuple(row[1:])


def asked_rows(session: door.Session, wide: int, high: int, worked: bool) -> list[Row]:
    """The open question before a phase, if any, below its given values.

    A blank is already shown in its line where the `worked` lines are above it.
    """
    open, given = session.questions.open, session.questions.given
    if open is None or given is None:
        return []
    rows = open.rows(session.notation, wide)
    if worked and session.questions.level:
        return rows
    return [*given.rows(wide, max(high - len(rows), 0)), *rows]


def said_rows(session: door.Session, wide: int, high: int, worked: bool = False) -> list[Row]:
    """The open question, or else the message."""
    rows = asked_rows(session, wide, high, worked)
    if rows:
        return visible(rows, wide, high, session.questions.open)
    return wrap(spans_of(session.message, "strong"), wide)[:high]


def visible(rows: list[Row], wide: int, high: int, open: door.OpenQuestion | None) -> list[Row]:
    """As much of a question as fits; `⋮` where rows below are left out.

    The reply to the last answer is kept first, below the chosen option; without a reply, the answer
    being typed; otherwise the beginning.
    """
    if len(rows) <= high or high < 1:
        return rows[: max(high, 0)]
    typed, said = (open.typed, open.said) if open is not None else ("", ())
    lit = [y for y, row in enumerate(rows) if typed and any(style == "focus" for style, _ in row)]
    first = len(rows) - high if said or open is None else 0
    if lit:
        first = max(min(first, lit[0]), lit[-1] - high + 1)
    shown = list(range(max(first, 0), len(rows)))
    if open is not None and said and lit and open.question.options:
        reply = list(range(_reply(rows, lit[-1], open.done), len(rows)))
        shown = [*lit[: max(high - len(reply), 1)], *reply]
        shown = [*range(max(lit[0] - max(high - len(shown), 0), 0), lit[0]), *shown]
    shown = shown[:high]
    return [
        rows[y] if after == y + 1 else _cut(rows[y], wide)
        for y, after in zip(shown, [*shown[1:], len(rows)], strict=True)
    ]


def _reply(rows: list[Row], chosen: int, done: bool) -> int:
    """The first row of the reply; after a right answer it follows a blank row."""
    for y in range(chosen + 1, len(rows)):
        if not rows[y] if done else any(style == "new" for style, _ in rows[y]):
            return y + done
    return chosen + 1


def _cut(row: Row, wide: int) -> Row:
    return (*pad(row, wide - 1), ("muted", "⋮")) if row_width(row) < wide else row


class MessageLine(SessionSheet):
    """The message or the open question, where one pane is shown."""

    def redraw(self) -> None:
        wide = self.app.size.width
        said = len(said_rows(self.session, wide - 1, MOST_SAID)) if self.session else 0
        self.styles.height = max(said, 3 if wide < NARROW else 2)
        super().redraw()

    def rows(self) -> list[Row]:
        wide, high = self.size
        said = said_rows(self.session, wide - 1, high) if self.session and wide > 2 else []
        blank: list[Row] = [()] * (high - len(said))
        return [*((("", " "), *row) for row in said), *blank]


class KeyBar(SessionSheet):
    """The keys that matter now, as many as fit; while it plays, the speed and how to stop."""

    walks = ""
    """What the arrow keys step through in the focused pane."""
    playing = ""
    """The speed while it plays; empty otherwise."""

    def tell(self, walks: str, playing: str) -> None:
        """Set what only the screen knows, and redraw."""
        self.walks, self.playing = walks, playing
        if self.region:
            self.redraw()

    def rows(self) -> list[Row]:
        wide = self.size.width
        if self.playing:
            hints, always = [(">", "faster"), ("<", "slower")], [("any other key", "stops")]
            row: list[Span] = [("focus", f" {self.playing} ")]
        else:
            hints, always = hints_of(self.session, has_one_pane(self.app.size), self.walks)
            row = []
        for key, label in fitting(hints, always, wide - row_width(row)):
            row += [("key", f" {key}"), ("text", f" {label} " if label else " ")]
        return [pad(row, wide)]
