"""What stands around the panes: the header, the sentence, the keys, the line between columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.geometry import Size

from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, Span, row_width
from gd_tutor.session.commands import BAR, END_BAR, SMALL_BAR, Command, command
from gd_tutor.training import Phase
from gd_tutor.tui.panes import SessionSheet, said_rows
from gd_tutor.tui.sheet import Sheet

if TYPE_CHECKING:
    from gd_tutor.session.session import Session
    from gd_tutor.training import Training

ONE_PANE_BELOW = 72
"""On narrower terminals one pane is shown at a time."""
LEAST_SIZE = Size(40, 12)
NARROW = 60
"""On narrower terminals a sentence takes three rows instead of two."""
MOST_SAID = 8
"""Rows that a question, or a long sentence, may take where only one pane is shown."""


class Header(SessionSheet):
    """Where the learner is: lesson, phase, iteration, learning rate."""

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title_text = title

    def update(self, session: Session) -> None:
        lesson = session.lesson
        place = f"{session.place}/{session.lessons} " if session.place else ""
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

    def _choices(self, session: Session) -> Iterator[Row]:
        """The same facts from the widest form to the narrowest."""
        training = session.training
        if training is None:
            return
        eta = session.notation.name("learning_rate")
        rate = f"{eta} {session.notation.number(training.learning_rate)}"
        strip = self._strip(session, training, " ▸ ")
        yield (*strip, ("text", f"   iteration {training.iteration}   {rate} "))
        yield (*strip, ("text", f"  {training.iteration}  {rate} "))
        strip = self._strip(session, training, "▸", letters=1)
        yield (*strip, ("text", f" {training.iteration} {rate} "))
        yield (*strip, ("text", f" {training.iteration} "))

    def _strip(
        self, session: Session, training: Training, arrow: str, letters: int | None = None
    ) -> Row:
        """`forward ▸ BACKWARD ▸ update`: the last phase done in capitals.

        Of a backward under way, how many of its layers are shown.
        """
        row: list[Span] = []
        for phase in training.order:
            name, role = str(phase)[:letters], "text"
            if phase is training.done:
                name, role = name.upper(), "focus"
            elif phase is Phase.BACKWARD and session.layers.shown:
                layers = len(training.program.layers)
                name, role = f"{name} {session.layers.shown}/{layers}", "focus"
            row += [("muted", arrow), (role, name)]
        return tuple(row[1:])


class MessageLine(SessionSheet):
    """The sentence about the last key, or the open question, where only one pane is shown."""

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


class Divider(Sheet):
    """The line between the columns."""

    def rows(self) -> list[Row]:
        return [(("rule", "│"),)] * self.size.height


class KeyBar(SessionSheet):
    """The most useful keys; as many as fit, the last two always."""

    def rows(self) -> list[Row]:
        actions: tuple[str, ...] = BAR if self.size.width >= ONE_PANE_BELOW else SMALL_BAR
        if self.session is not None and self.session.pages.at_end:
            actions = END_BAR
        keys = [command(action) for action in actions]
        always = keys[-2:]
        shown = keys[:-2]
        while shown and self._length([*shown, *always]) > self.size.width:
            shown.pop()
        row: list[tuple[str, str]] = []
        for key in (*shown, *always):
            row += [("key", f" {key.shown}"), ("text", f" {key.label} ")]
        return [tuple(row)]

    def _length(self, keys: list[Command]) -> int:
        return sum(len(key.shown) + len(key.label) + 3 for key in keys)


class TooSmall(Sheet):
    """What is shown instead of everything where there is no room for it."""

    def rows(self) -> list[Row]:
        return too_small(self.app.size)


def too_small(size: Size) -> list[Row]:
    """A sentence for a terminal of a size that has no room for the tutor; nothing for others."""
    wide, high = size
    if wide >= LEAST_SIZE.width and high >= LEAST_SIZE.height:
        return []
    text = (
        f"gd-tutor needs {LEAST_SIZE.width} columns and {LEAST_SIZE.height} rows; "
        f"here are {wide} and {high}. ctrl+c quits."
    )
    return wrap([("strong", text)], max(wide, 1))
