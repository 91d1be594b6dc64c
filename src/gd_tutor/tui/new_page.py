"""The page of `gd-tutor new`: fields for a lab of one's own, checked during typing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus, Resize
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from gd_tutor.course.lesson import Lesson
from gd_tutor.course.own_lab import Lab, LabError
from gd_tutor.course.own_lab_fields import EXAMPLE, Field, FieldFault, Fields
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import key_row, pad, row_width, spans_of, width
from gd_tutor.tui.driver import LatestSize
from gd_tutor.tui.row_widget import Sheet, TooSmall, too_small
from gd_tutor.tui.terminal_app import TerminalApp

KEYS = "`ctrl+r` run  `ctrl+s` save  `ctrl+e` example  `tab` next field  `escape` leave"
SHORT_KEYS = "`^r` run  `^s` save  `^e` example  `esc` leave"
SOUND = "It is sound: `ctrl+r` runs it."
WAITING = "It is checked as soon as you pause."
NARROW_BELOW = 60
"""On narrower terminals a field's name is above it."""
SLOW = 0.05
"""The seconds beyond which a check, as of a large table, waits for a pause in typing."""
MOST_SAID = 5

HINTS: Mapping[Field, str] = {
    Field.TITLE: "e.g. A barrel of water",
    Field.DATA: "e.g. y = 5\n     X = [[1], [2], [3]]",
    Field.PARAMETERS: "e.g. x = 8\n     w = [0, 0]",
    Field.LEARNING_RATE: "e.g. 0.1",
    Field.FORWARD: "e.g. residual = y - x\n     loss = residual ** 2",
    Field.OPTIONS: 'none, or e.g. symbols = { residual = "r" }',
}


# Keys that act on the typed text have no priority, so that they cannot overtake it. Keys that move
# to another field have it, so that what is typed next goes there.
OWN_KEYS: list[BindingType] = [Binding("ctrl+e", "screen.example", "example", show=False)]
"""Keys of the page that Textual's fields use otherwise."""


class LineInput(Input):
    """A field of one line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *OWN_KEYS,
        Binding("enter", "app.focus_next", "next field", show=False, priority=True),
    ]

    def __init__(self, hint: str, text: str) -> None:
        super().__init__(text, placeholder=hint, compact=True, select_on_focus=False)
        self.cursor_blink = False

    @property
    def content(self) -> str:
        return self.value

    def fill(self, text: str) -> None:
        self.value = text

    def go_to(self, line: int, column: int) -> None:
        self.cursor_position = min(column - 1, len(self.value))


class Lines(TextArea):
    """A field of several lines."""

    BINDINGS: ClassVar[list[BindingType]] = OWN_KEYS

    def __init__(self, hint: str, text: str) -> None:
        # Content, since a string would be read as markup, with [1] as a style.
        placeholder = Content(hint)
        super().__init__(text, placeholder=placeholder, compact=True, highlight_cursor_line=False)
        self.cursor_blink = False

    @property
    def content(self) -> str:
        return self.text

    def fill(self, text: str) -> None:
        self.replace(text, (0, 0), self.document.end)  # can be undone
        self.move_cursor((0, 0))

    def go_to(self, line: int, column: int) -> None:
        line = min(line, self.document.line_count)
        self.move_cursor((line - 1, min(column - 1, len(self.document.get_line(line - 1)))))


class NewPage(LatestSize[None]):
    """Fields for an experiment, checked during typing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r,f5", "run", "run", show=False),
        Binding("ctrl+s,f2", "save", "save", show=False),
        Binding("ctrl+e,f3", "example", "example", show=False),
        Binding("ctrl+g,f4", "swap", "the other text", show=False),
        Binding("escape", "leave", "leave", show=False),
        Binding("tab", "app.focus_next", "next field", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", "field before", show=False, priority=True),
    ]
    app = getters.app(TerminalApp)
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    NewPage { layout: vertical; background: $background; }
    NewPage > Sheet { height: 1; }
    NewPage VerticalScroll { height: 1fr; background: $background; scrollbar-size-vertical: 1; }
    NewPage Container { height: auto; layout: horizontal; }
    NewPage Static { width: 18; height: 1; color: $foreground; background: $background; }
    NewPage.-narrow Container { layout: vertical; }
    NewPage > TooSmall { display: none; height: 1fr; }
    NewPage.-too-small > * { display: none; }
    NewPage.-too-small > TooSmall { display: block; }
    NewPage Input, NewPage TextArea { width: 1fr; background: $background; padding: 0; }
    NewPage Input:focus { background-tint: $background 0%; }
    NewPage TextArea { height: auto; min-height: 3; max-height: 8; }
    NewPage #options { min-height: 1; max-height: 4; }
    NewPage #forward-program { min-height: 5; max-height: 12; }
    NewPage .input--placeholder, NewPage .text-area--placeholder {
        color: $text-muted; text-style: italic;
    }
    NewPage Input > .input--cursor, NewPage TextArea .text-area--cursor { text-style: reverse; }
    """

    def __init__(self, lab: Lab, run_lesson: Callable[[Lesson], None]) -> None:
        """`run_lesson` opens the written lesson."""
        super().__init__()
        self.lab = lab
        self.run_lesson = run_lesson
        self.labels: dict[Field, Static] = {}
        self.inputs: dict[Field, LineInput | Lines] = {}
        for field in Field:
            kind = LineInput if field in (Field.TITLE, Field.LEARNING_RATE) else Lines
            self.labels[field] = Static(markup=False)
            self.inputs[field] = kind(HINTS[field], lab.shown[field])
            self.inputs[field].id = field.replace(" ", "-")
        self.other = lab.other
        self.message = lab.notice
        self.finding = ""
        self._seen: Fields = lab.shown
        self._cost = 0.0
        self._left: Widget | None = None
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Sheet(id="heading")
        with VerticalScroll(can_focus=False):
            for field in Field:
                with Container():
                    yield self.labels[field]
                    yield self.inputs[field]
        yield Sheet(id="status")
        yield Sheet(id="keys")
        yield TooSmall()

    @property
    def fields(self) -> Fields:
        """The texts of all fields."""
        return {field: widget.content for field, widget in self.inputs.items()}

    @property
    def status(self) -> str:
        """The text of the bottom line."""
        return self.message or self.finding

    # Showing

    def on_mount(self) -> None:
        self.inputs[Field.TITLE].focus()
        self.check()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < NARROW_BELOW, "-narrow")
        was, small = self.has_class("-too-small"), bool(too_small(event.size))
        if small and not was:
            self._left = self.focused  # a hidden field loses the focus
        self.set_class(small, "-too-small")
        if was and not small and self._left is not None:
            self.call_after_refresh(self._left.focus)
        self.draw()

    def on_screen_resume(self) -> None:
        self.draw()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        for field, label in self.labels.items():
            here = self.inputs[field] is event.widget
            label.update(f"{'▸' if here else ' '} {field.capitalize()}")
        self.call_after_refresh(self._point)

    def _point(self) -> None:
        """Put the terminal's cursor at that of the field."""
        if isinstance(self.focused, LineInput | Lines):
            self.app.point_at(self.focused.cursor_screen_offset)

    def draw(self) -> None:
        """Draw everything around the fields."""
        wide = self.size.width
        title = f"Your own program: {self.lab.path.name}"
        rule = "─" * max(wide - width(title) - 4, 0)
        self.query_one("#heading", Sheet).show(
            [(("rule", "── "), ("title", title), ("rule", f" {rule}"))]
        )
        keys = key_row(KEYS, "muted")
        shown = keys if row_width(keys) < wide else key_row(SHORT_KEYS, "muted")
        self.query_one("#keys", Sheet).show([(("", " "), *shown)])
        self._draw_status()

    def _draw_status(self) -> None:
        wide = self.size.width
        sound = bool(self.message) or self.finding in (SOUND, WAITING)
        rows = wrap(spans_of(self.status, "text" if sound else "warning"), max(wide - 2, 1))
        rows = [(("", " "), *row) for row in rows[:MOST_SAID]]
        status = self.query_one("#status", Sheet)
        high = max(len(rows), 2)
        status.styles.height = high
        status.show([pad(row, wide) for row in [*rows, *[()] * (high - len(rows))]])

    # Checking

    def on_input_changed(self) -> None:
        self.changed()

    def on_text_area_changed(self) -> None:
        self.changed()

    def changed(self) -> None:
        """Check at once, or after a pause where checking is slow."""
        if self.fields == self._seen:
            return
        self._seen = self.fields
        self.message = ""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._cost < SLOW:
            self.check()
        else:
            self.finding = WAITING
            self._draw_status()
            self._timer = self.set_timer(min(2 * self._cost, 1.0), self.check)

    def check(self) -> Lesson | FieldFault:
        """Read the fields as a lesson, and show its first fault."""
        began = time.perf_counter()
        checked = self.lab.check(self.fields)
        self._cost = time.perf_counter() - began
        self.finding = str(checked) if isinstance(checked, FieldFault) else SOUND
        self._draw_status()
        return checked

    # Keys

    def action_run(self) -> None:
        """Open the lesson, or go to its first fault."""
        checked = self.check()
        if isinstance(checked, FieldFault):
            self._go_to(checked)
        else:
            self._keep()
            self.run_lesson(checked)

    def _go_to(self, fault: FieldFault) -> None:
        self.say("")
        if fault.field is not None:
            widget = self.inputs[fault.field]
            widget.focus()
            if fault.place is not None:
                widget.go_to(fault.place.line, fault.place.column)

    def action_save(self) -> None:
        try:
            self.say(self.lab.save(self.fields))
        except LabError as error:
            self.say(str(error))

    def action_example(self) -> None:
        if any(map(str.strip, self.fields.values())):
            self.say("The example needs an empty page, and this one is not.")
        else:
            self._fill(EXAMPLE)

    def action_swap(self) -> None:
        """Swap the fields with the other text: the last draft, or what it replaced."""
        if self.other is None:
            self.say("There is no unsaved text of last time.")
        else:
            self.other, shown = self.fields, self.other
            self._fill(shown)

    def action_leave(self) -> None:
        """Leave; if the text cannot be saved, say so first and leave at the second time."""
        trouble = self._keep()
        if trouble and self.message != trouble:
            self.say(trouble)
        else:
            self.app.exit()

    def on_unmount(self) -> None:
        """Save the text however the program ends."""
        self._keep()

    def _keep(self) -> str:
        """Save what is unsaved; return a sentence if that fails."""
        try:
            self.lab.keep(self.fields)
        except LabError as error:
            return f"{error} `escape` leaves without it."
        return ""

    def say(self, sentence: str) -> None:
        """Show a message until the next change."""
        self.message = sentence
        self._draw_status()

    def _fill(self, fields: Fields) -> None:
        for field, text in fields.items():
            self.inputs[field].fill(text)
        self.inputs[Field.TITLE].focus()
