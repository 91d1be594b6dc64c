"""The tutor as an application: it opens lessons, gets every key first, saves the place."""

from __future__ import annotations

import gc
from collections import deque
from threading import Lock

from textual.events import Event, Key, Paste
from textual.screen import Screen

from gd_tutor.course.folder import Course, Entry
from gd_tutor.course.lesson_file import LessonError
from gd_tutor.engine.state import StateError
from gd_tutor.progress.place import Bookmark, Progress
from gd_tutor.session.commands import Command
from gd_tutor.session.notices import CANNOT_BE_OPENED, FIRST_LESSON, LAST_LESSON, NO_LESSON
from gd_tutor.session.open_lessons import Visits, begin, open_or_else, unseen_in, way_back
from gd_tutor.terminal.display_mode import USUAL, Drawing
from gd_tutor.tui import door
from gd_tutor.tui.lesson_screen import LessonScreen, action_of
from gd_tutor.tui.terminal_app import TerminalApp

GARBAGE = 10_000
"""New objects between garbage collections; a step makes thousands, hardly any of them garbage."""


class TutorApp(TerminalApp):
    """gd-tutor on a terminal."""

    def __init__(
        self,
        course: Course,
        entry: Entry,
        progress: Progress,
        bookmark: Bookmark | None = None,
        drawing: Drawing = USUAL,
        resumed: bool = False,
    ) -> None:
        super().__init__(drawing)
        self.course = course
        self.entry = entry
        self.bookmark = bookmark
        self.visits = Visits(self._session)
        self.progress = progress
        self.resumed = resumed
        self.trouble = ""
        self.way_back = ""
        """The command line that returns to where the learner quit."""
        self._unkept: door.Session | None = None
        self._keeping = Lock()
        self._early: list[Event] | None = []
        """The keys typed before the first lesson is open."""
        self._typed: deque[tuple[Event, Screen[object]]] = deque(maxlen=100)
        """The latest keys, each with the screen it was typed on."""

    def get_default_screen(self) -> Screen[None]:
        return LessonScreen(self.entry.title, self, self.drawing.profile.frames_per_second)

    async def on_event(self, event: Event) -> None:
        """Let any key stop what runs by itself; `a`, which starts it, then does nothing else.

        Keys for an open answer go there before they can be commands.
        """
        if isinstance(event, Key | Paste):
            if self.leaving:
                return
            if not event.is_forwarded:
                self._keep()
            if self._early is not None:
                self._early.append(event)
                return
            if isinstance(event, Key) and event.key == "ctrl+z" and event.time < self._returned:
                return  # a held key asks to leave only once
            if self._comes_late(event):
                return
            screen = self.lesson_screen
            if isinstance(event, Key) and screen.running.keeps_playing(event.key):
                pass
            elif isinstance(event, Key) and screen.running.stop():
                screen.stopped()
                if event.key == "a":
                    return
            if screen.takes(event):
                return
        await super().on_event(event)

    def _comes_late(self, event: Key | Paste) -> bool:
        """Whether a key was typed on a screen that has been left since."""
        if not event.is_forwarded:
            self._typed.append((event, self.screen))
            return False
        screens = [screen for typed, screen in self._typed if typed is event]
        return bool(screens) and screens[0] is not self.screen

    def on_unmount(self) -> None:
        self.keep_quietly()

    def begin(self) -> None:
        """Open the lesson after the first frame, then handle the keys typed so far."""
        self.open_first()
        early, self._early = self._early or [], None
        for event in early:
            self.post_message(event)

    def open_first(self) -> None:
        """Open the requested lesson, or the place where the learner left off."""
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
        """Log the visit once the first screen is complete, and collect garbage from now on."""
        self._report(self.lesson_screen.session.journal.write())
        if not gc.isenabled():
            gc.freeze()
            gc.set_threshold(GARBAGE)
            gc.enable()

    def _session(self, entry: Entry, bookmark: Bookmark | None) -> door.Session:
        session = begin(self.course, entry, bookmark, self.progress, self.drawing.ascii)
        unseen = unseen_in(session.lesson) if self.drawing.ascii else ""
        session.message = " ".join(filter(None, (unseen, session.message)))
        return session

    async def action_quit(self) -> None:
        """Quit; answers are kept."""
        if self.lesson_screen.is_open:
            self.way_back = self.call_back
            self.lesson_screen.session.leave()
        self.exit()

    @property
    def call_back(self) -> str:
        """The command line that opens this place again; empty where there is none."""
        return way_back(self.course, self.lesson_screen.session.bookmark)

    # Lessons

    @property
    def lesson_screen(self) -> LessonScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, LessonScreen)
        return screen

    def open_lesson(self, entry: Entry) -> None:
        """Open a lesson where it was left; if its file is broken, say so and stay."""
        try:
            session = self.visits.again(entry)
        except LessonError as error:
            self.lesson_screen.say(CANNOT_BE_OPENED.format(entry.title, error.faults[0]))
            return
        self.lesson_screen.open(session)
        self._unkept = session
        self._keep()  # at once, since the first frame takes a while

    def _open_lesson(self, entry: Entry | None, otherwise: str = "") -> None:
        if entry is not None:
            self.open_lesson(entry)
        elif otherwise:
            self.lesson_screen.say(otherwise)

    def action_lesson(self, number: int) -> None:
        """Open the lesson with this number."""
        self._open_lesson(self.course.numbered(number), NO_LESSON.format(number))

    def action_neighbour(self, step: int) -> None:
        """Open the lesson after (1) or before (-1) the present one."""
        entry = self.course.neighbour(self.lesson_screen.session.lesson.id, step)
        self._open_lesson(entry, LAST_LESSON if step > 0 else FIRST_LESSON)

    def action_map(self) -> None:
        """Show the course map."""
        self.push_screen(door.MapPage(self.lesson_screen.session, self.progress), self._open_lesson)

    def action_help(self) -> None:
        """Show all keys and signs."""
        self.push_screen(door.HelpPage(self.call_back))

    def keep(self, session: door.Session) -> None:
        """Save the learner's place and events: after the frame, before the next key."""
        self._unkept = session
        # Called through a pane, so that its repaint is queued before the save.
        self.lesson_screen.worked.call_after_refresh(self._keep)

    def _keep(self) -> None:
        if trouble := self.keep_quietly():
            self._report(trouble)

    def keep_quietly(self) -> str:
        """Save what is not saved yet; return a sentence if that fails."""
        with self._keeping:
            session, self._unkept = self._unkept, None
            return session.keep() if session is not None else ""

    def _report(self, trouble: str) -> None:
        """Show a failed save as the message."""
        if trouble:
            self.lesson_screen.say(trouble)

    # The palette

    def action_command_palette(self) -> None:
        """Show every lesson and every command by name."""
        if not isinstance(self.screen, door.Palette):
            self._leave_pages()
            self.push_screen(door.Palette([door.PaletteEntries]))

    def run_command(self, command: Command) -> None:
        """Run a command of the lesson screen."""
        self.call_later(self.run_action, action_of(command), self.lesson_screen)

    def say(self, sentence: str) -> None:
        """Show the learner a message."""
        self.lesson_screen.say(sentence)

    def _leave_pages(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
