"""The least a Textual application can be: the floor that the tutor is compared with."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Footer, Static


class BareApp(App[None]):
    """One text, one footer; `f` changes the text."""

    BINDINGS: ClassVar[list[BindingType]] = [("f", "step", "Step"), ("q", "quit", "Quit")]

    steps = 0

    def compose(self) -> ComposeResult:
        yield Static("0 steps")
        yield Footer()

    def action_step(self) -> None:
        self.steps += 1
        self.query_one(Static).update(f"{self.steps} steps")


if __name__ == "__main__":
    BareApp().run()
