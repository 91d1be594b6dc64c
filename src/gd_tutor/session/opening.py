"""Opening the place where a learner left off, even where its lesson has changed meanwhile."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from gd_tutor.lessons import Entry, LessonError
from gd_tutor.progress import Bookmark
from gd_tutor.training import StateError

Opened = TypeVar("Opened")


def open_or_else(
    open: Callable[[Entry, Bookmark | None], Opened],
    entry: Entry,
    bookmark: Bookmark | None,
    others: Iterable[Entry] = (),
) -> tuple[Opened, str]:
    """What `open` makes of a place, or else of the first other lesson that opens at its start.

    With it comes a sentence for the learner where it is not the place itself. Raises the place's
    own LessonError or StateError where nothing opens.
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
