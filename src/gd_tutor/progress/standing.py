"""How far a learner has come in a lesson, and what to ask again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gd_tutor.course.folder import Course, Entry
from gd_tutor.course.lesson import Lesson
from gd_tutor.course.lesson_file import LessonError
from gd_tutor.progress.event import Kind, Record


@dataclass(frozen=True, slots=True)
class Asked:
    """An item that was answered: when last, and whether wrongly or with help then."""

    lesson: str
    item: str
    last: datetime
    is_missed: bool


def answered(records: Iterable[Record]) -> tuple[Asked, ...]:
    """Every item that was answered, longest ago first: by place in the log, whatever the clock."""
    found: dict[tuple[str, str], Asked] = {}
    for record in records:
        event = record.event
        if not event.is_answer:
            continue
        found.pop((record.lesson, event.item), None)  # now it is the last one
        is_missed = event.aided or not event.is_right
        found[record.lesson, event.item] = Asked(record.lesson, event.item, record.time, is_missed)
    return tuple(found.values())


def due(records: Iterable[Record], lessons: Collection[str]) -> list[Asked]:
    """What to ask again of some lessons: missed items, then the others, longest ago first each."""
    found = [asked for asked in answered(records) if asked.lesson in lessons]
    return sorted(found, key=lambda asked: not asked.is_missed)


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
    return tuple(asked.logged for asked in lesson.questions or lesson.predictions)


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
