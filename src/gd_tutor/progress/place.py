"""A learner's place and what they have done, in the platform's folder for such things.

`state` holds one state line with the page last open. At every step it is written to a temporary
file and renamed, so that the old or the new line always exists. `progress.log` holds visits,
answers and hints, one appended line each, but no steps.

The lessons of another folder have their own folder beside these files, named after it, so that
lessons with the same id never mix. Nothing leaves this machine.
"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from gd_tutor.course.folder import Course, CourseError, course_directory
from gd_tutor.engine.state import State, StateError, parse_state
from gd_tutor.files import name_for, reason, state_folder, write_whole
from gd_tutor.progress.event import Event, Kind, Record
from gd_tutor.progress.log import Log

_PAGE = re.compile(r"page (?P<page>[0-9]{1,4})")
_PAGE_APART = re.compile(r"(?P<lesson>\S+) (?P<page>[0-9]{1,4})\n")
"""The older format's file for the page and its lesson; it is read, not written."""

_PAGE_OF_LINE = re.compile(r"(?P<state>.*):page=(?P<page>[0-9]{1,4})")


class Bookmark(NamedTuple):
    """A learner's place: the state of the run, and the page of the lesson's text, from 0."""

    state: State
    page: int = 0

    @property
    def line(self) -> str:
        """The state line, followed by the page, counted from 1, unless it is the first."""
        position = f"{self.state}:page={self.page + 1}"
        return position if self.page else str(self.state)


def parse_bookmark(text: str) -> Bookmark:
    """Read a state line with or without a page. Raises StateError."""
    found = _PAGE_OF_LINE.fullmatch(text.strip())
    if found is None:
        return Bookmark(parse_state(text))
    page = int(found["page"])
    if not page:
        raise StateError("Pages are counted from 1, as in derivative:3:backward:page=1.")
    return Bookmark(parse_state(found["state"]), page - 1)


class Progress:
    """A learner's place and log; `trouble` is a sentence for the learner if something failed.

    `damaged` is the number of unreadable lines in the log.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or state_folder()
        self.log = Log(self.folder / "progress.log")
        self.trouble = ""
        self.damaged = 0
        self._said: set[str] = set()
        self._opened: dict[str, date] = {}

    @classmethod
    def of(cls, course: Course) -> "Progress":
        """The progress in a course."""
        return cls(folder_of(course.directory))

    @property
    def file(self) -> Path:
        return self.folder / "state"

    # The place

    def load(self) -> Bookmark | None:
        """The bookmark saved last, or None if there is none that can be read."""
        try:
            line, _, rest = self.file.read_text(encoding="utf-8").partition("\n")
            state = parse_state(line)
            return Bookmark(state, self._page(state.lesson, rest))
        except FileNotFoundError:
            return None
        except OSError as error:
            self.trouble = f"Your place could not be read: {reason(error)}."
        except (StateError, UnicodeDecodeError):
            self._set_aside()
        return None

    def _page(self, lesson: str, rest: str) -> int:
        """The page of a lesson that was open last; the first if unknown."""
        found = _PAGE.fullmatch(rest.rstrip("\n"))
        if not rest:
            with suppress(OSError, UnicodeDecodeError):
                apart = _PAGE_APART.fullmatch(self._page_apart.read_text(encoding="utf-8"))
                found = apart if apart and apart["lesson"] == lesson else None
        return int(found["page"]) if found else 0

    @property
    def _page_apart(self) -> Path:
        return self.folder / "page"

    def save(self, bookmark: Bookmark) -> str:
        """Save the bookmark; if that fails, return a sentence, the same one only once.

        Run and page are in one file, so that they always agree.
        """
        try:
            write_whole(self.file, f"{bookmark.state}\npage {bookmark.page}\n".encode())
        except OSError as error:
            return self._failed(error)
        return ""

    def _set_aside(self) -> None:
        aside = self.file.with_name("state.damaged")
        try:
            self.file.replace(aside)
        except OSError:
            return
        self.trouble = f"Your place could not be read; the damaged file is now {aside}."

    # What was done

    def record(self, state: State, event: Event) -> str:
        """Add an event to the log; if that fails, return a sentence, the same one only once.

        Opening a lesson again on the same day is no new visit.
        """
        now = datetime.now(UTC).replace(microsecond=0)
        if event.kind == Kind.OPENED:
            if self._opened.get(state.lesson) == now.date():
                return ""
            self._opened[state.lesson] = now.date()
        try:
            self.log.append(Record(now, str(state), event))
        except OSError as error:
            # A lost visit costs no answer; the first step reports the error.
            return "" if event.kind == Kind.OPENED else self._failed(error)
        return ""

    def events(self) -> tuple[Record, ...]:
        """All records, oldest first; `trouble` says what could not be read."""
        try:
            reading = self.log.read()
        except OSError as error:
            self.trouble = f"{self.log.file} could not be read: {reason(error)}."
            return ()
        self.damaged = reading.damaged
        if reading.aside:
            self.trouble = f"What was in progress.log was no text; it is now {reading.aside}."
        elif reading.damaged:
            lines = "1 line" if reading.damaged == 1 else f"{reading.damaged} lines"
            self.trouble = f"{lines} of {self.log.file} could not be read and did not count."
        return reading.records

    def _failed(self, error: OSError) -> str:
        sentence = f"Your progress cannot be saved: {reason(error)}."
        if sentence in self._said:
            return ""
        self._said.add(sentence)
        return sentence

    # Forgetting

    def forget(self, lesson: str) -> tuple[int, bool]:
        """Forget a lesson; return the number of its events, and whether it was the saved place.

        Raises OSError if the disk refuses.
        """
        removed = self.log.forget(lesson)
        bookmark = self.load()
        is_place = bookmark is not None and bookmark.state.lesson == lesson
        if is_place:
            self.file.unlink(missing_ok=True)
            self._page_apart.unlink(missing_ok=True)
        return removed, is_place

    def forget_all(self) -> tuple[int, bool]:
        """Forget every lesson and files set aside. Raises OSError if the disk refuses."""
        removed = self.log.forget_all()
        was_place = self.file.exists()
        for file in (self.file, self._page_apart, self.file.with_name("state.damaged")):
            file.unlink(missing_ok=True)
        return removed, was_place


def folder_of(lessons: Path) -> Path:
    """The folder that keeps the progress in a folder of lessons."""
    lessons = lessons.resolve()
    with suppress(CourseError):
        if lessons == course_directory().resolve():
            return state_folder()
    return state_folder() / "courses" / name_for(lessons, lessons.name or "lessons")
