"""The application: which screen is shown, how it looks, and that nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.filter import LineFilter
from textual.screen import Screen

from gd_tutor.lessons import Course, Entry, LessonError
from gd_tutor.session import Progress
from gd_tutor.training import State, StateError
from gd_tutor.tui.ascii import AsciiFilter
from gd_tutor.tui.commands import COMMANDS
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
    ]

    def __init__(
        self,
        course: Course,
        entry: Entry,
        progress: Progress,
        state: State | None = None,
        ascii: bool = False,
        frames_per_second: int = 30,
    ) -> None:
        colourless = bool(os.environ.get("NO_COLOR"))
        # With RGB themes Textual answers NO_COLOR in greys; with the terminal's own it sends none.
        super().__init__(ansi_color=True if colourless else None)
        self.course = course
        self.entry = entry
        self.state = state
        self.progress = progress
        self.plain_characters = ascii
        self.frames_per_second = frames_per_second
        self.trouble = ""
        for theme in THEMES:
            self.register_theme(theme)
        few = self.console.color_system in (None, "standard")
        self.theme = "ansi-dark" if few or colourless else THEMES[0].name

    def get_default_screen(self) -> Screen[None]:
        return LessonScreen(self.entry.title, self.frames_per_second)

    async def on_event(self, event: Event) -> None:
        """Any key stops what runs by itself; `a`, which began it, does nothing else."""
        if isinstance(event, Key) and self.is_running and self.lesson_screen.running.stop():
            self.lesson_screen.stopped()
            if event.key == "a":
                return
        await super().on_event(event)

    def on_mount(self) -> None:
        self._restore_terminal_on_signals()

    def open_first(self) -> None:
        """Open the lesson that the tutor was called with; leave where that cannot be."""
        try:
            session = self._session(self.entry, self.state)
        except (LessonError, StateError) as error:
            self.trouble = str(error)
            self.exit(return_code=2)
            return
        if self.progress.trouble:
            session.message = self.progress.trouble
        self.lesson_screen.open(session)

    def _session(self, entry: Entry, state: State | None) -> Session:
        from gd_tutor.session.session import Session

        return Session(self.course.load(entry), self.course, state, self.plain_characters)

    def _restore_terminal_on_signals(self) -> None:
        """A hang-up or a kill leaves through the front door: modes reset, status 128 + signal."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit, None, 128 + number)

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = list(super().get_line_filters())
        return [*filters, AsciiFilter()] if self.plain_characters else filters

    # Lessons

    @property
    def lesson_screen(self) -> LessonScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, LessonScreen)
        return screen

    def open_lesson(self, entry: Entry) -> None:
        """Open a lesson from its start; where its file is broken, say so and stay."""
        try:
            session = self._session(entry, None)
        except LessonError as error:
            self.lesson_screen.say(f"{entry.title} cannot be opened: {error.faults[0]}")
            return
        self.lesson_screen.open(session)
        self.save(session.state)

    def on_moved(self, event: Moved) -> None:
        self.save(self.lesson_screen.session.state)

    def save(self, state: State) -> None:
        """Keep the learner's place; a failure is said once, in the place of the last sentence."""
        said = self.progress.trouble
        self.progress.save(state)
        if self.progress.trouble != said:
            self.lesson_screen.say(self.progress.trouble)

    # The palette

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        for entry in self.course.entries:
            number = f"{entry.number} " if entry.number else ""
            yield SystemCommand(
                f"Lesson {number}{entry.title}",
                entry.summary,
                lambda e=entry: self._palette_lesson(e),
            )
        for command in COMMANDS:
            if not command.action.startswith(("lesson(", "arrow(")):
                help = f"{command.shown}: {command.help}"
                yield SystemCommand(
                    command.help, help, lambda action=command.action: self._palette_action(action)
                )

    def _palette_lesson(self, entry: Entry) -> None:
        self._leave_pages()
        self.open_lesson(entry)

    def _palette_action(self, action: str) -> None:
        self._leave_pages()
        self.call_later(self.run_action, action, self.lesson_screen)

    def _leave_pages(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
