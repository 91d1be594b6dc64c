"""How far a learner has come in a lesson: what the answers say, never the visits alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from gd_tutor.lessons import Course, Entry, LessonError
from gd_tutor.progress.event import Kind, Record

if TYPE_CHECKING:  # no lesson is read before the first frame
    from gd_tutor.lessons import Lesson


class Standing(StrEnum):
    """From nothing to all, in words for the learner."""

    NEW = "new"
    SEEN = "seen"
    TRIED = "tried"
    RIGHT = "right"
    UNAIDED = "right unaided"


MARKS = {
    Standing.NEW: "  ",
    Standing.SEEN: "· ",
    Standing.TRIED: "- ",
    Standing.RIGHT: "+ ",
    Standing.UNAIDED: "++",
}
"""Two cells each, told apart by their shape, also in ASCII."""


def items(lesson: Lesson) -> tuple[str, ...]:
    """What a learner of the lesson is asked, as the log calls it.

    Those are its questions; its predictions, which only who wants to is asked, where it has none.
    """
    if lesson.questions:
        return tuple(f"question:{question.id}" for question in lesson.questions)
    numbers = (f"predict:{prediction.id}" for prediction in lesson.predictions)
    choices = (f"predict:{prediction.id}" for prediction in lesson.choice_predictions)
    return (*numbers, *choices)


def standing(records: Iterable[Record], lesson: str, items: Collection[str]) -> Standing:
    """How a learner stands in a lesson that asks these items.

    It is right when each of them was answered right at some time, and right unaided when each was
    at a first try, without a hint. Where a lesson asks nothing itself, all that was asked of its
    program counts, by the last answer to each.
    """
    own = [record.event for record in records if record.lesson == lesson]
    answers = [event for event in own if event.is_answer]
    if not answers:
        return Standing.SEEN if any(event.kind == Kind.OPENED for event in own) else Standing.NEW
    if items:
        counted = answers
        asked = set(items)
    else:
        counted = list({event.item: event for event in answers}.values())
        asked = {event.item for event in counted}
    if asked <= {event.item for event in counted if event.is_unaided}:
        return Standing.UNAIDED
    if asked <= {event.item for event in counted if event.is_right}:
        return Standing.RIGHT
    return Standing.TRIED


def right_items(records: Iterable[Record], lesson: str) -> frozenset[str]:
    """What of a lesson was answered right at some time, as the log calls it."""
    events = (record.event for record in records if record.lesson == lesson)
    return frozenset(event.item for event in events if event.is_right)


def standings(course: Course, records: Sequence[Record]) -> Mapping[str, Standing]:
    """The standing of every lesson of a course; only lessons with answers are read."""
    answered = {record.lesson for record in records if record.event.is_answer}

    def asked(entry: Entry) -> Collection[str]:
        try:
            return items(course.load(entry)) if entry.id in answered else ()
        except LessonError:
            return ()

    return {entry.id: standing(records, entry.id, asked(entry)) for entry in course.entries}
