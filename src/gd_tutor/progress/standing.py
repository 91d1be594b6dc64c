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
    """An answered item: the time of the last answer, and whether it was wrong or with help."""

    lesson: str
    item: str
    last: datetime
    is_missed: bool


def answered(records: Iterable[Record]) -> tuple[Asked, ...]:
    """Every answered item, longest ago first, in the order of the log, whatever the clock."""
    found: dict[tuple[str, str], Asked] = {}
    for record in records:
        event = record.event
        if not event.is_answer:
            continue
        found.pop((record.lesson, event.item), None)  # to the end of the order
        is_missed = event.aided or not event.is_right
        found[record.lesson, event.item] = Asked(record.lesson, event.item, record.time, is_missed)
    return tuple(found.values())


def due(records: Iterable[Record], lessons: Collection[str]) -> list[Asked]:
    """The items to ask again in some lessons: missed ones, then others, each longest ago first."""
    found = [asked for asked in answered(records) if asked.lesson in lessons]
    return sorted(found, key=lambda asked: not asked.is_missed)


class Standing(StrEnum):
    """How far a learner has come, from least to most, in words for the learner."""

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
"""Marks of two cells each, distinct by shape, also in ASCII."""


def items(lesson: Lesson) -> tuple[str, ...]:
    """The items that a lesson asks, by their names in the log.

    They are its questions or, if it has none, its optional predictions.
    """
    return tuple(asked.logged for asked in lesson.questions or lesson.predictions)


def standing(records: Iterable[Record], lesson: str, items: Collection[str]) -> Standing:
    """How a learner stands in a lesson that asks these items.

    It is right when each was answered right once, and right unaided when each was so at a first
    try, without a hint. If a lesson asks nothing, the questions about its program count, each by
    its last answer.
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
    """The items of a lesson that were answered right once, by their names in the log."""
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
