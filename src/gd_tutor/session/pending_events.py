"""The events of a session, noted at once and written to the log between keys."""

from functools import cached_property

from gd_tutor.engine.state import State
from gd_tutor.progress.event import Event
from gd_tutor.progress.place import Bookmark, Progress
from gd_tutor.progress.standing import right_items


class Journal:
    """The events of one session, oldest first, until they are written.

    They wait in memory, since the disk may be slow or another tutor may hold the log.
    """

    def __init__(self, lesson_id: str, progress: Progress | None = None) -> None:
        """Without `progress` nothing is written."""
        self.lesson_id = lesson_id
        self.progress = progress
        self.events: list[tuple[State, Event]] = []

    def note(self, state: State, event: Event) -> None:
        """Note an event with its state; for a question of another lesson, that lesson's start."""
        self.events.append((state, event))

    def write(self) -> str:
        """Write the noted events to the log; return a sentence if that fails."""
        if self.progress is None:
            return ""
        events, self.events = self.events, []
        troubles = [self.progress.record(state, event) for state, event in events]
        return next(filter(None, troubles), "")

    def keep(self, bookmark: Bookmark) -> str:
        """Save the bookmark and the noted events; return a sentence if that fails."""
        trouble = self.progress.save(bookmark) if self.progress is not None else ""
        return trouble or self.write()

    @cached_property
    def right_before(self) -> frozenset[str]:
        """The lesson's questions answered rightly before this session, by their ids in the log."""
        if self.progress is None:
            return frozenset()
        return right_items(self.progress.events(), self.lesson_id)
