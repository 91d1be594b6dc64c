"""What to ask again, and in which order."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from gd_tutor.progress.event import Record


@dataclass(frozen=True, slots=True)
class Asked:
    """An item that was answered: when last, how often, how often wrong or aided, and last so."""

    lesson: str
    item: str
    last: datetime
    times: int
    missed: int
    is_missed: bool


def answered(records: Iterable[Record]) -> tuple[Asked, ...]:
    """Every item that was answered, longest ago first: by place in the log, whatever the clock."""
    found: dict[tuple[str, str], Asked] = {}
    for record in records:
        event = record.event
        if not event.is_answer:
            continue
        new = Asked(record.lesson, event.item, record.time, 0, 0, False)
        before = found.pop((record.lesson, event.item), new)
        is_missed = event.aided or not event.is_right
        found[record.lesson, event.item] = replace(
            before,
            last=record.time,
            times=before.times + 1,
            missed=before.missed + is_missed,
            is_missed=is_missed,
        )
    return tuple(found.values())


def missed(records: Iterable[Record]) -> tuple[Asked, ...]:
    """The items whose last answer was wrong or aided, longest ago first."""
    return tuple(asked for asked in answered(records) if asked.is_missed)


def due(records: Iterable[Record], lessons: Collection[str]) -> list[Asked]:
    """What to ask again of some lessons: missed items, then the others, longest ago first each."""
    found = [asked for asked in answered(records) if asked.lesson in lessons]
    return sorted(found, key=lambda asked: not asked.is_missed)
