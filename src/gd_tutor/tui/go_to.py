"""Asking for an iteration to go to."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from gd_tutor.training.phases import MOST_ITERATIONS


class GoTo(ModalScreen[int | None]):
    """One line at the bottom: a number, or nothing on escape."""

    DEFAULT_CSS = """
    GoTo { align: left bottom; background: $background 0%; }
    GoTo Horizontal { height: 1; background: $background; }
    GoTo Static { width: auto; color: $accent; text-style: bold; }
    GoTo Input { width: 1fr; height: 1; background: $background; }
    GoTo Input > .input--cursor { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", show=False),
        Binding("ctrl+c", "app.quit", "quit", show=False),
    ]

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(" Go to iteration (enter goes, escape leaves): ", markup=False)
            field = Input(type="integer", max_length=len(str(MOST_ITERATIONS)), compact=True)
            field.cursor_blink = False
            yield field

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        self._leave(min(int(text), MOST_ITERATIONS) if text.isdecimal() else None)

    def action_leave(self) -> None:
        self._leave(None)

    def _leave(self, iteration: int | None) -> None:
        if self.is_current:  # enter may have been typed twice before the line was gone
            self.dismiss(iteration)
