"""The lessons opened so far, each as it was left."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from typing import TypeVar

from gd_tutor.course.folder import Course, Entry, course_directory
from gd_tutor.course.lesson_file import LessonError
from gd_tutor.engine.state import StateError
from gd_tutor.notation.spans import spelled, unseen
from gd_tutor.progress.place import Bookmark, Progress
from gd_tutor.session import late


def way_back(course: Course, bookmark: Bookmark) -> str:
    """The command line that opens this place again."""
    call = ["gd-tutor", bookmark.line]
    if course.directory != course_directory():
        call += ["--lessons", str(course.directory)]
    return shlex.join(call)


Opened = TypeVar("Opened")


def begin(
    course: Course, entry: Entry, bookmark: Bookmark | None, progress: Progress, ascii: bool
) -> late.Session:
    """Open a session at a bookmark; at a lesson's start, recall a question of an earlier one first.

    Raises LessonError, StateError.
    """
    state, page = bookmark or (None, 0)
    lesson = course.load(entry)
    recalled = late.recall(course, entry, progress.events()) if bookmark is None else None
    return late.Session(lesson, course, state, ascii, page, progress, recalled)


def unseen_in(lesson: late.Lesson) -> str:
    """A sentence where a lesson has characters that ASCII mode cannot show; else empty."""
    words = [lesson.title]
    for section in lesson.sections:
        words.append(section.title)
        for block in section.blocks:
            parts = getattr(block, "inlines", ())
            words += [
                inline.text for inline in parts if isinstance(getattr(inline, "text", 0), str)
            ]
            words += getattr(block, "lines", ())
    words += [question.ask for question in lesson.questions]
    missing = unseen(spelled("".join(words)))
    if not missing:
        return ""
    count = "One character" if len(missing) == 1 else f"{len(missing)} characters"
    return f"{count} of this lesson cannot be shown in ASCII, but as ?; --unicode shows all."


def open_or_else(
    open: Callable[[Entry, Bookmark | None], Opened],
    entry: Entry,
    bookmark: Bookmark | None,
    others: Iterable[Entry] = (),
) -> tuple[Opened, str]:
    """What `open` makes of a place, or else of the first other lesson that opens.

    Also returns a sentence for the learner where it is another lesson. Raises the first LessonError
    or StateError where nothing opens.
    """
    try:
        return open(entry, bookmark), ""
    except (LessonError, StateError) as error:
        for other in others:
            try:
                opened = open(other, None)
            except LessonError:
                continue
            reason = str(error).splitlines()[0]
            return opened, f"Where you left off cannot be opened: {reason}"
        raise


class Visits:
    """The open sessions by lesson, so that a learner finds run, page and pictures again.

    A lesson whose file has changed is read anew and resumes at the same step if that still fits.
    """

    def __init__(self, make: Callable[[Entry, Bookmark | None], late.Session]) -> None:
        self._make = make
        self._sessions: dict[str, tuple[int, late.Session]] = {}

    def open(self, entry: Entry, bookmark: Bookmark | None = None) -> late.Session:
        """Open a lesson at a bookmark, or at its start. Raises LessonError, StateError."""
        session = self._make(entry, bookmark)
        self._sessions[entry.id] = changed(entry), session
        return session

    def again(self, entry: Entry) -> late.Session:
        """Open a lesson where it was left, or else at its start. Raises LessonError."""
        read, session = self._sessions.get(entry.id, (0, None))
        if session is None:
            return self.open(entry)
        if read == changed(entry):
            session.ask_on()
            return session
        try:
            return self.open(entry, session.bookmark)
        except StateError:
            return self.open(entry)


def changed(entry: Entry) -> int:
    """When the lesson's file was last changed, in nanoseconds; 0 where there is no file."""
    try:
        return entry.path.stat().st_mtime_ns
    except OSError:
        return 0
