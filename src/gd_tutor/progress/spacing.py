"""What to ask again, and in which order."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from gd_tutor.progress.event import Record


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
