"""The lessons that were opened, each as it was left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gd_tutor.lessons import Entry
from gd_tutor.progress import Bookmark
from gd_tutor.training import StateError

if TYPE_CHECKING:
    from gd_tutor.session.session import Session


class Visits:
    """Sessions by their lessons: coming back, a learner finds run, page and pictures again.

    A lesson whose file has changed meanwhile is read anew, and goes on from the same step if that
    still fits.
    """

    def __init__(self, make: Callable[[Entry, Bookmark | None], Session]) -> None:
        self._make = make
        self._sessions: dict[str, tuple[int, Session]] = {}

    def open(self, entry: Entry, bookmark: Bookmark | None = None) -> Session:
        """Open a lesson at a bookmark, or at its start. Raises LessonError, StateError."""
        session = self._make(entry, bookmark)
        self._sessions[entry.id] = changed(entry), session
        return session

    def again(self, entry: Entry) -> Session:
        """Open a lesson as it was left, or else at its start. Raises LessonError."""
        read, session = self._sessions.get(entry.id, (0, None))
        if session is None:
            return self.open(entry)
        if read == changed(entry):
            session.come_back()
            return session
        try:
            return self.open(entry, session.bookmark)
        except StateError:
            return self.open(entry)


def changed(entry: Entry) -> int:
    """When the lesson's file was changed, in nanoseconds; 0 where there is none."""
    try:
        return entry.path.stat().st_mtime_ns
    except OSError:
        return 0
