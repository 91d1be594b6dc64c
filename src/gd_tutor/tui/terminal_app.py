"""The application on any terminal: theme, NO_COLOR, cursor, resizing, suspending, exit."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Sequence
from typing import ClassVar

from textual._styles_cache import StylesCache
from textual.app import App, ScreenError
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.events import Event, Resize
from textual.filter import LineFilter
from textual.geometry import Offset
from textual.widget import MountError

from gd_tutor.terminal.display_mode import Drawing
from gd_tutor.terminal.hangup import Watch
from gd_tutor.terminal.settings import save_setting
from gd_tutor.tui.driver import TutorDriver
from gd_tutor.tui.themes import ANSI_DARK, DARK, THEMES, AsciiFilter

NO_SHELL = "No shell waits behind the tutor, so there is nothing to go to; `q` quits."


class TerminalApp(App[None]):
    """The part of the tutor that is independent of what it shows."""

    TITLE = "gd-tutor"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        # Priority, so that no field or page uses the key otherwise.
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
        Binding("ctrl+c", "quit", "quit", show=False, priority=True),
    ]

    def __init__(self, drawing: Drawing) -> None:
        colourless = bool(os.environ.get("NO_COLOR"))
        # Under NO_COLOR Textual turns RGB themes grey; with ANSI colours it sends none.
        super().__init__(TutorDriver, ansi_color=True if colourless else None)
        # Both are unused, and their empty container would draw the first frame twice.
        self._disable_notifications = self._disable_tooltips = True
        self.drawing = drawing
        self.notice = drawing.notice
        self.leaving = False
        self._returned = 0.0
        self._pointed: Offset | None = None
        for own in THEMES:
            self.register_theme(own)
        theme = drawing.theme
        if theme is not None and theme not in self.available_themes:
            missing = f"There is no theme '{theme}'; choose one in `ctrl+p`."
            self.notice = f"{self.notice} {missing}".strip()
            theme = None
        # A terminal with few or no colours ignores the chosen theme.
        few = colourless or self.console.color_system in (None, "standard")
        self.theme = ANSI_DARK if few else theme or DARK.name

    def show(self) -> int:
        """Run until the learner leaves; return the exit status."""
        watch = Watch(self._leave, self._abandon)
        watch.catch_signals()
        watch.start()
        self.run(mouse=self.drawing.profile.mouse)
        if self._exception is not None:
            raise self._exception
        return self.return_code or 0

    def exit(self, result: None = None, return_code: int = 0, message: object = None) -> None:
        """Leave; keys do nothing from now on."""
        del message
        self.leaving = True
        super().exit(result, return_code)

    def _handle_exception(self, error: Exception) -> None:
        # A screen closed before it is mounted does not find its own widgets.
        if not (self.leaving and isinstance(error, NoMatches | MountError | ScreenError)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Leave the screen at a fault; Textual would print all variables."""
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """Print nothing: the caller reports faults."""

    def _leave(self, status: int) -> None:
        """Quit in the normal way on a hang-up, a kill or a lost terminal."""
        self.exit(return_code=status)

    def _abandon(self) -> None:
        """Save and give the terminal back at once, when there is no time to quit normally."""
        self.keep_quietly()
        if isinstance(self._driver, TutorDriver):
            self._driver.abandon()

    def keep_quietly(self) -> str:
        """Save what is done; return a sentence if that fails."""
        raise NotImplementedError

    def say(self, sentence: str) -> None:
        """Show the learner a message."""
        raise NotImplementedError

    async def on_event(self, event: Event) -> None:
        await super().on_event(event)
        if isinstance(event, Resize) and self.screen_stack:
            # Two quick size changes that Textual missed, or a frame drawn for the old size, leave
            # wrong content on the terminal.
            self.screen.refresh()

    def on_mount(self) -> None:
        # After a suspension the terminal is empty, which Textual does not know.
        self.app_resume_signal.subscribe(self, lambda _: self.screen.refresh())

    def pop_screen(self) -> AwaitComplete:
        """Close the top page, and free the pages closed before it.

        Textual caches the colours of the last thousand widgets, and with them all that they drew.
        What remains is a reference cycle of a few large objects, which the garbage collector
        leaves alone for long, since it counts objects.
        """
        StylesCache.get_inner_outer.cache_clear()
        gc.collect()
        return super().pop_screen()

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = list(super().get_line_filters())
        return [*filters, AsciiFilter()] if self.drawing.ascii else filters

    def action_suspend_process(self) -> None:
        """Give the terminal to the shell until it returns it."""
        if isinstance(self._driver, TutorDriver) and not self._driver.suspend():
            self.say(NO_SHELL)
        self._returned = time.monotonic()

    @property
    def is_writing(self) -> bool:
        """Whether bytes still wait to be sent, as on a slow link."""
        return isinstance(self._driver, TutorDriver) and self._driver.is_writing

    def point_at(self, place: Offset) -> None:
        """Put the terminal's cursor at the focus, if the settings ask for it."""
        shown = self.drawing.profile.cursor
        if not shown or self._driver is None or self._pointed == self.cursor_position == place:
            return
        # Textual leaves its hidden cursor here after every frame.
        self._pointed = self.cursor_position = place
        self._driver.write(f"\x1b[?25h\x1b[{place.y + 1};{place.x + 1}H")
        self._driver.flush()

    def choose_theme(self, theme: str) -> None:
        """Set a theme, now and for later starts."""
        self.theme = theme
        trouble = save_setting("theme", theme)
        self.say(trouble or f"The theme is {theme}, also from the next start on.")
