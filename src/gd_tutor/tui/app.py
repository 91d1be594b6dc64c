"""The application: which screen is shown, how it looks, and that nothing is lost."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.filter import LineFilter
from textual.geometry import Offset
from textual.screen import Screen

from gd_tutor.lessons import Course, Entry, LessonError
from gd_tutor.progress import Place, Progress
from gd_tutor.session import open_or_else
from gd_tutor.terminal import save_setting
from gd_tutor.training import StateError
from gd_tutor.tui.ascii import AsciiFilter
from gd_tutor.tui.lesson_screen import LessonScreen, Moved
from gd_tutor.tui.themes import THEMES

if TYPE_CHECKING:
    from gd_tutor.session.session import Session


class TutorApp(App[None]):
    """gd-tutor on a terminal."""

    TITLE = "gd-tutor"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "suspend_process", "suspend", show=False),
        # Everywhere, also where a field would copy with it.
        Binding("ctrl+c", "quit", "quit", show=False, priority=True),
    ]

    def __init__(
        self,
        course: Course,
        entry: Entry,
        progress: Progress,
        place: Place | None = None,
        ascii: bool = False,
        resumed: bool = False,
        notice: str = "",
        frames_per_second: int = 30,
        cursor: bool = False,
        theme: str | None = None,
    ) -> None:
        colourless = bool(os.environ.get("NO_COLOR"))
        # With RGB themes Textual answers NO_COLOR in greys; with the terminal's own it sends none.
        super().__init__(ansi_color=True if colourless else None)
        self.course = course
        self.entry = entry
        self.place = place
        self.progress = progress
        self.plain_characters = ascii
        self.resumed = resumed
        self.notice = notice
        self.frames_per_second = frames_per_second
        self.shows_cursor = cursor
        self.trouble = ""
        for own in THEMES:
            self.register_theme(own)
        few = self.console.color_system in (None, "standard")
        usual = "ansi-dark" if few or colourless else THEMES[0].name
        # A terminal without colours of its own shows none of those that were chosen elsewhere.
        chosen = theme if theme in self.available_themes and not (few or colourless) else None
        self.theme = chosen or usual
        if theme is not None and theme not in self.available_themes:
            self.notice = f"{notice} There is no theme '{theme}'; choose one in ctrl+p.".strip()

    def get_default_screen(self) -> Screen[None]:
        return LessonScreen(self.entry.title, self.frames_per_second)

    async def on_event(self, event: Event) -> None:
        """Any key stops what runs by itself (`a`, which began it, does nothing else).

        What belongs to an open answer goes there before it can be a command.
        """
        if isinstance(event, Key) and self.is_running and self.lesson_screen.running.stop():
            self.lesson_screen.stopped()
            if event.key == "a":
                return
        if isinstance(event, Key) and self.is_running and self.lesson_screen.takes(event):
            return
        await super().on_event(event)

    def on_mount(self) -> None:
        self._restore_terminal_on_signals()
        # Back from a suspension the terminal is empty, whatever Textual believes to be on it.
        self.app_resume_signal.subscribe(self, lambda _: self.screen.refresh())

    def open_first(self) -> None:
        """Open the lesson that the tutor was called with, or the place where it was left."""
        others = (self.entry, *self.course.entries) if self.resumed else ()
        try:
            session, reason = open_or_else(self._session, self.entry, self.place, others)
        except (LessonError, StateError) as error:
            self.trouble = str(error)
            self.exit(return_code=2)
            return
        said = (self.progress.trouble, self.notice, reason or session.message)
        session.message = " ".join(sentence for sentence in said if sentence)
        self.lesson_screen.open(session)

    def started(self) -> None:
        """The first screen is whole: note the visit, and collect garbage from now on."""
        self._say(self.lesson_screen.session.record(self.progress))
        if not gc.isenabled():
            gc.freeze()
            gc.enable()

    def _session(self, entry: Entry, place: Place | None) -> Session:
        from gd_tutor.practice.reviewing import review
        from gd_tutor.session.session import Session

        ascii = self.plain_characters
        state, page = place or (None, 0)
        session = Session(self.course.load(entry), self.course, state, ascii, page)
        if place is None:
            session.ask_again(review(self.course, entry, self.progress.events(), ascii))
        return session

    def _restore_terminal_on_signals(self) -> None:
        """A hang-up or a kill leaves through the front door: modes reset, status 128 + signal."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit, None, 128 + number)

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = list(super().get_line_filters())
        return [*filters, AsciiFilter()] if self.plain_characters else filters

    async def action_quit(self) -> None:
        """Leave; what was answered is kept."""
        if self.lesson_screen.is_open:
            self.lesson_screen.session.leave(self.progress)
        self.exit()

    def point_at(self, place: Offset) -> None:
        """Put the terminal's own cursor where the focus is, if it was asked for."""
        if not self.shows_cursor or self._driver is None or self.cursor_position == place:
            return
        # Textual leaves its cursor here after every frame, but hidden.
        self.cursor_position = place
        self._driver.write(f"\x1b[?25h\x1b[{place.y + 1};{place.x + 1}H")
        self._driver.flush()

    # Lessons

    @property
    def lesson_screen(self) -> LessonScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, LessonScreen)
        return screen

    def open_lesson(self, entry: Entry) -> None:
        """Open a lesson, where it was left; where its file is broken, say so and stay."""
        try:
            session = self._session(entry, self.progress.left(entry.id))
        except LessonError as error:
            self.lesson_screen.say(f"{entry.title} cannot be opened: {error.faults[0]}")
            return
        self.lesson_screen.open(session)
        self._say(session.keep(self.progress))

    def on_moved(self, event: Moved) -> None:
        self._say(event.session.keep(self.progress))

    def _say(self, trouble: str) -> None:
        """A failure to keep something is said in the place of the last sentence."""
        if trouble:
            self.lesson_screen.say(trouble)

    # The palette

    def action_command_palette(self) -> None:
        """Every lesson and every command by name."""
        from gd_tutor.tui.palette import Choices, Palette

        if not isinstance(self.screen, Palette):
            self._leave_pages()
            self.push_screen(Palette([Choices]))

    def run_command(self, action: str) -> None:
        """Do what a key of the lesson screen does."""
        self.call_later(self.run_action, action, self.lesson_screen)

    def choose_theme(self, theme: str) -> None:
        """Take a theme, now and from the next start on."""
        self.theme = theme
        trouble = save_setting("theme", theme)
        self.lesson_screen.say(trouble or f"The theme is {theme}, also from the next start on.")

    def _leave_pages(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
