"""The application: which screen is shown, how it looks, and that nothing is lost."""

from __future__ import annotations

import gc
import os
import time
from collections import deque
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, ClassVar

from textual._styles_cache import StylesCache
from textual.app import App, ScreenError
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.events import Event, Key, Paste, Resize
from textual.filter import LineFilter
from textual.geometry import Offset
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import MountError

from gd_tutor.course.faults import LessonError
from gd_tutor.course.folder import Course, Entry
from gd_tutor.engine.state import StateError
from gd_tutor.progress.place import Bookmark, Progress
from gd_tutor.session.visits import Visits, begin, open_or_else, unseen_in, way_back
from gd_tutor.terminal.drawing import USUAL, Drawing
from gd_tutor.terminal.settings import save_setting
from gd_tutor.terminal.watch import Watch
from gd_tutor.tui.driver import TutorDriver
from gd_tutor.tui.lesson_screen import LessonScreen
from gd_tutor.tui.themes import ANSI_DARK, DARK, THEMES, AsciiFilter

if TYPE_CHECKING:
    from gd_tutor.session.lesson_session import Session

GARBAGE = 10_000
"""New objects between two looks for garbage: a step makes some thousands, and hardly any of it."""
NO_SHELL = "No shell waits behind the tutor, so there is nothing to go to; `q` quits."
RESIZED = 0.05
"""Seconds without another size after which a burst of resizes is over."""


class TutorApp(App[None]):
    """gd-tutor on a terminal."""

    TITLE = "gd-tutor"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        # Everywhere, also in front of what else a field or a page would do with them.
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
        Binding("ctrl+c", "quit", "quit", show=False, priority=True),
    ]

    def __init__(
        self,
        course: Course,
        entry: Entry,
        progress: Progress,
        bookmark: Bookmark | None = None,
        drawing: Drawing = USUAL,
        resumed: bool = False,
    ) -> None:
        colourless = bool(os.environ.get("NO_COLOR"))
        # With RGB themes Textual answers NO_COLOR in greys; with the terminal's own it sends none.
        super().__init__(TutorDriver, ansi_color=True if colourless else None)
        # Nothing here vanishes by itself; their empty rack alone had the first frame drawn twice.
        self._disable_notifications = self._disable_tooltips = True
        self.course = course
        self.entry = entry
        self.bookmark = bookmark
        self.visits = Visits(self._session)
        self.progress = progress
        self.drawing = drawing
        self.resumed = resumed
        self.notice = drawing.notice
        self.trouble = ""
        self.way_back = ""
        """The call that comes back to where the learner quit."""
        self._leaving = False
        self._unkept: Session | None = None
        self._keeping = Lock()
        self._returned = 0.0
        self._early: list[Event] | None = []
        """What was typed before there is anything to type to."""
        self._settling: Timer | None = None
        self._pointed: Offset | None = None
        self._typed: deque[tuple[Event, Screen[object]]] = deque(maxlen=100)
        """What was typed last, and on which screen."""
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
        self._leaving = True
        super().exit(result, return_code)

    def _handle_exception(self, error: Exception) -> None:
        # A screen that is taken down before it was put up finds nothing of itself.
        if not (self._leaving and isinstance(error, NoMatches | MountError | ScreenError)):
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
        self._keep_quietly()
        if isinstance(self._driver, TutorDriver):
            self._driver.abandon()

    def get_default_screen(self) -> Screen[None]:
        return LessonScreen(self.entry.title, self.drawing.profile.frames_per_second)

    async def on_event(self, event: Event) -> None:
        """Any key stops what runs by itself (`a`, which began it, does nothing else).

        What belongs to an open answer goes there before it can be a command.
        """
        if isinstance(event, Resize) and self._size is not None:
            self._settle_soon()
        if isinstance(event, Key | Paste):
            if self._leaving:
                return
            if not event.is_forwarded:
                self._keep()
            if self._early is not None:
                self._early.append(event)
                return
            if isinstance(event, Key) and event.key == "ctrl+z" and event.time < self._returned:
                return  # a key that was held asks to leave once
            if self._comes_late(event):
                return
            screen = self.lesson_screen
            if isinstance(event, Key) and screen.keeps_playing(event.key):
                pass
            elif isinstance(event, Key) and screen.running.stop():
                screen.stopped()
                if event.key == "a":
                    return
            if screen.takes(event):
                return
        await super().on_event(event)

    def _settle_soon(self) -> None:
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(RESIZED, self._settle)

    def _settle(self) -> None:
        """Draw all anew in the size in which a burst of resizes has ended.

        A size that came back too soon for Textual to see it has cost the terminal what was on it,
        and so has a frame that was drawn for the size before.
        """
        self._settling = None
        self.screen.refresh()

    def _comes_late(self, event: Key | Paste) -> bool:
        """Whether what was typed comes back from a screen that has been left since."""
        if not event.is_forwarded:
            self._typed.append((event, self.screen))
            return False
        screens = [screen for typed, screen in self._typed if typed is event]
        return bool(screens) and screens[0] is not self.screen

    def on_mount(self) -> None:
        # Back from a suspension the terminal is empty, whatever Textual believes to be on it.
        self.app_resume_signal.subscribe(self, lambda _: self.screen.refresh())

    def on_unmount(self) -> None:
        self._keep_quietly()

    def begin(self) -> None:
        """Go on behind the first frame, with what was typed so far."""
        self.open_first()
        early, self._early = self._early or [], None
        for event in early:
            self.post_message(event)

    def open_first(self) -> None:
        """Open the lesson that the tutor was called with, or the place where it was left."""
        others = (self.entry, *self.course.entries) if self.resumed else ()
        try:
            session, reason = open_or_else(self.visits.open, self.entry, self.bookmark, others)
        except (LessonError, StateError) as error:
            self.trouble = str(error)
            self.exit(return_code=2)
            return
        said = (self.progress.trouble, self.notice, reason or session.message)
        session.message = " ".join(sentence for sentence in said if sentence)
        self.lesson_screen.open(session)

    def started(self) -> None:
        """The first screen is whole: note the visit, and collect garbage from now on."""
        self._report(self.lesson_screen.session.record(self.progress))
        if not gc.isenabled():
            gc.freeze()
            gc.set_threshold(GARBAGE)
            gc.enable()

    def _session(self, entry: Entry, bookmark: Bookmark | None) -> Session:
        session = begin(self.course, entry, bookmark, self.progress, self.drawing.ascii)
        unseen = unseen_in(session.lesson) if self.drawing.ascii else ""
        session.message = " ".join(filter(None, (unseen, session.message)))
        return session

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

    async def action_quit(self) -> None:
        """Leave; what was answered is kept."""
        if self.lesson_screen.is_open:
            self.way_back = self.call_back
            self.lesson_screen.session.leave(self.progress)
        self.exit()

    def action_suspend_process(self) -> None:
        """Give the terminal to the shell for a while."""
        if isinstance(self._driver, TutorDriver) and not self._driver.suspend():
            self.say(NO_SHELL)
        self._returned = time.monotonic()

    @property
    def is_writing(self) -> bool:
        """Whether bytes still wait to be sent, as on a slow link."""
        return isinstance(self._driver, TutorDriver) and self._driver.is_writing

    @property
    def call_back(self) -> str:
        """The call that opens this very place again; nothing where there is none."""
        return way_back(self.course, self.lesson_screen.session.bookmark)

    def point_at(self, place: Offset) -> None:
        """Put the terminal's own cursor where the focus is, if it was asked for."""
        shown = self.drawing.profile.cursor
        if not shown or self._driver is None or self._pointed == self.cursor_position == place:
            return
        # Textual leaves its cursor here after every frame, but hidden.
        self._pointed = self.cursor_position = place
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
            session = self.visits.again(entry)
        except LessonError as error:
            self.lesson_screen.say(f"{entry.title} cannot be opened: {error.faults[0]}")
            return
        self.lesson_screen.open(session)
        self._unkept = session
        self._keep()  # at once: its first frame takes its time

    def keep(self, session: Session) -> None:
        """Keep the learner's place and what they did: behind the frame, before the next key."""
        self._unkept = session
        # Through a pane, so that what it asks to be painted stands before its call.
        self.lesson_screen.worked.call_after_refresh(self._keep)

    def _keep(self) -> None:
        if trouble := self._keep_quietly():
            self._report(trouble)

    def _keep_quietly(self) -> str:
        """Keep what is not kept yet; a sentence where that fails."""
        with self._keeping:
            session, self._unkept = self._unkept, None
            return session.keep(self.progress) if session is not None else ""

    def _report(self, trouble: str) -> None:
        """A failure to keep something is said in the place of the last sentence."""
        if trouble:
            self.lesson_screen.say(trouble)

    # The palette

    def action_command_palette(self) -> None:
        """Every lesson and every command by name."""
        from gd_tutor.tui.palette import Palette, PaletteEntries

        if not isinstance(self.screen, Palette):
            self._leave_pages()
            self.push_screen(Palette([PaletteEntries]))

    def run_command(self, action: str) -> None:
        """Do what a key of the lesson screen does."""
        self.call_later(self.run_action, action, self.lesson_screen)

    def choose_theme(self, theme: str) -> None:
        """Take a theme, now and from the next start on."""
        self.theme = theme
        trouble = save_setting("theme", theme)
        self.say(trouble or f"The theme is {theme}, also from the next start on.")

    def say(self, sentence: str) -> None:
        """Tell the learner something, where sentences stand."""
        self.lesson_screen.say(sentence)

    def _leave_pages(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
