"""What a learner does in a session: noted at once, written to the log of progress between keys."""

from functools import cached_property

from gd_tutor.engine.state import State
from gd_tutor.progress.event import Event
from gd_tutor.progress.place import Bookmark, Progress
from gd_tutor.progress.standing import right_items


class Journal:
    """The events of one session, oldest first, until they are written.

    The disk may be slow, or the log held by another tutor: no answer waits for either.
    """

    def __init__(self, lesson_id: str, progress: Progress | None = None) -> None:
        """Without `progress` nothing is written."""
        self.lesson_id = lesson_id
        self.progress = progress
        self.events: list[tuple[State, Event]] = []

    def note(self, state: State, event: Event) -> None:
        """What was done, and where; of a question of another lesson that is its start."""
        self.events.append((state, event))

    def write(self) -> str:
        """Write what was noted to the log; a sentence for the learner where that fails."""
        if self.progress is None:
            return ""
        events, self.events = self.events, []
        troubles = [self.progress.record(state, event) for state, event in events]
        return next(filter(None, troubles), "")

    def keep(self, bookmark: Bookmark) -> str:
        """Keep the place and what was noted; a sentence for the learner where that fails."""
        trouble = self.progress.save(bookmark) if self.progress is not None else ""
        return trouble or self.write()

    @cached_property
    def right_before(self) -> frozenset[str]:
        """What of the lesson was answered right before this session, as the log calls it."""
        if self.progress is None:
            return frozenset()
        return right_items(self.progress.events(), self.lesson_id)
