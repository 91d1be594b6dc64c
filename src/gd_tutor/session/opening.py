"""Opening the place where a learner left off, even where its lesson has changed meanwhile."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, TypeVar

from gd_tutor.lessons import Course, Entry, Lesson, LessonError, course_directory
from gd_tutor.progress import Bookmark, Progress, right_items
from gd_tutor.training import StateError

if TYPE_CHECKING:
    from gd_tutor.session.session import Session


def way_back(course: Course, bookmark: Bookmark) -> str:
    """The call that opens exactly this place again."""
    call = ["gd-tutor", bookmark.line]
    if course.directory != course_directory():
        call += ["--lessons", str(course.directory)]
    return shlex.join(call)


Opened = TypeVar("Opened")


def begin(
    course: Course, entry: Entry, bookmark: Bookmark | None, progress: Progress, ascii: bool
) -> Session:
    """A learner in a lesson at a bookmark; at its start, a question of an earlier one comes first.

    Raises LessonError, StateError.
    """
    from gd_tutor.practice.reviewing import review
    from gd_tutor.session.session import Session

    def right_before() -> Collection[str]:
        return right_items(progress.events(), entry.id)

    state, page = bookmark or (None, 0)
    session = Session(course.load(entry), course, state, ascii, page, right_before)
    if bookmark is None:
        session.ask_again(review(course, entry, progress.events(), ascii))
    return session


def unseen_in(lesson: Lesson) -> str:
    """A sentence where a lesson's words have characters that no ASCII screen can show."""
    from gd_tutor.notation.spans import spelled, unseen

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
