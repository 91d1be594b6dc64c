"""The application on any terminal: theme, NO_COLOR, cursor, resizing, suspending, its end."""

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

from gd_tutor.terminal.drawing import Drawing
from gd_tutor.terminal.settings import save_setting
from gd_tutor.terminal.watch import Watch
from gd_tutor.tui.driver import TutorDriver
from gd_tutor.tui.themes import ANSI_DARK, DARK, THEMES, AsciiFilter

NO_SHELL = "No shell waits behind the tutor, so there is nothing to go to; `q` quits."


class TerminalApp(App[None]):
    """What the tutor is on any terminal, whatever it shows there."""

    TITLE = "gd-tutor"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        # Everywhere, also in front of what else a field or a page would do with them.
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
        Binding("ctrl+c", "quit", "quit", show=False, priority=True),
    ]

    def __init__(self, drawing: Drawing) -> None:
        colourless = bool(os.environ.get("NO_COLOR"))
        # With RGB themes Textual answers NO_COLOR in greys; with the terminal's own it sends none.
        super().__init__(TutorDriver, ansi_color=True if colourless else None)
        # Nothing here vanishes by itself; their empty rack alone had the first frame drawn twice.
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
        # A terminal without colours of its own shows none of those that were chosen elsewhere.
        few = colourless or self.console.color_system in (None, "standard")
        self.theme = ANSI_DARK if few else theme or DARK.name

    def show(self) -> int:
        """Run on this terminal until the learner leaves; returns the program's status."""
        watch = Watch(self._leave, self._abandon)
        watch.catch_signals()
        watch.start()
        self.run(mouse=self.drawing.profile.mouse)
        if self._exception is not None:
            raise self._exception
        return self.return_code or 0

    def exit(self, result: None = None, return_code: int = 0, message: object = None) -> None:
        """Leave; no key does anything from now on."""
        del message
        self.leaving = True
        super().exit(result, return_code)

    def _handle_exception(self, error: Exception) -> None:
        # A screen that is taken down before it was put up finds nothing of itself.
        if not (self.leaving and isinstance(error, NoMatches | MountError | ScreenError)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Leave the screen at a fault; Textual would show all variables on it."""
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """Print nothing: faults go to whoever has called the tutor."""

    def _leave(self, status: int) -> None:
        """Leave through the front door: a hang-up, a kill, a terminal that is gone."""
        self.exit(return_code=status)

    def _abandon(self) -> None:
        """There is no time to leave: keep what is done, and give the terminal back."""
        self.keep_quietly()
        if isinstance(self._driver, TutorDriver):
            self._driver.abandon()

    def keep_quietly(self) -> str:
        """Keep what is done; a sentence where that fails."""
        raise NotImplementedError

    def say(self, sentence: str) -> None:
        """Tell the learner something."""
        raise NotImplementedError

    async def on_event(self, event: Event) -> None:
        await super().on_event(event)
        if isinstance(event, Resize) and self.screen_stack:
            # A size that came back too soon for Textual to see it has cost the terminal what was
            # on it, and so has a frame that was drawn for the size before.
            self.screen.refresh()

    def on_mount(self) -> None:
        # Back from a suspension the terminal is empty, whatever Textual believes to be on it.
        self.app_resume_signal.subscribe(self, lambda _: self.screen.refresh())

    def pop_screen(self) -> AwaitComplete:
        """Close the page on top, and free those that were closed before it.

        Textual remembers the colours of the last thousand widgets, and keeps with each of them all
        that it had drawn. A page that nobody remembers still is a circle of a few large objects,
        which the collector, counting small ones, would let wait for long.
        """
        StylesCache.get_inner_outer.cache_clear()
        gc.collect()
        return super().pop_screen()

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = list(super().get_line_filters())
        return [*filters, AsciiFilter()] if self.drawing.ascii else filters

    def action_suspend_process(self) -> None:
        """Give the terminal to the shell for a while."""
        if isinstance(self._driver, TutorDriver) and not self._driver.suspend():
            self.say(NO_SHELL)
        self._returned = time.monotonic()

    @property
    def is_writing(self) -> bool:
        """Whether bytes still wait to be sent, as on a slow link."""
        return isinstance(self._driver, TutorDriver) and self._driver.is_writing

    def point_at(self, place: Offset) -> None:
        """Put the terminal's own cursor where the focus is, if it was asked for."""
        shown = self.drawing.profile.cursor
        if not shown or self._driver is None or self._pointed == self.cursor_position == place:
            return
        # Textual leaves its cursor here after every frame, but hidden.
        self._pointed = self.cursor_position = place
        self._driver.write(f"\x1b[?25h\x1b[{place.y + 1};{place.x + 1}H")
        self._driver.flush()

    def choose_theme(self, theme: str) -> None:
        """Take a theme, now and from the next start on."""
        self.theme = theme
        trouble = save_setting("theme", theme)
        self.say(trouble or f"The theme is {theme}, also from the next start on.")
