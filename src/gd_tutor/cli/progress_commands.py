"""`gd-tutor lessons`, `progress` and `forget`: the course, and the learner's record in it."""

import json
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gd_tutor.cli.opening import open_course
from gd_tutor.cli.output import UserError
from gd_tutor.course.folder import Course, CourseError, left_out
from gd_tutor.files import reason
from gd_tutor.notation.spans import shortened, width
from gd_tutor.progress.event import Record
from gd_tutor.progress.place import Progress
from gd_tutor.progress.standing import Standing, standing, standings


def list_lessons(options: Namespace) -> int:
    """Print number, id and title of every lesson, one per line."""
    course = open_course(options)
    entries = course.entries
    wide = max(len(entry.id) for entry in entries)
    for entry in entries:
        number = "" if entry.number is None else entry.number
        fault = f"  (cannot be opened: {entry.fault})" if entry.fault else ""
        print(f"{number:>2}  {entry.id:<{wide}}  {entry.title}{fault}")
    for translation in left_out(course.directory):
        print(translation.message, file=sys.stderr)
    return 0


LONGEST_PLACE = 44
"""The longest state line in the table; JSON has all of it."""


@dataclass(frozen=True)
class Summary:
    """The log's record of one lesson; a lesson outside the course has no number and no title."""

    lesson: str
    number: int | None
    title: str | None
    state: Standing
    right: int
    answers: int
    last: datetime | None
    place: str | None


def show_progress(options: Namespace) -> int:
    """Print every lesson with its state, answers, last visit and place."""
    course = open_course(options)
    progress = Progress.of(course)
    saved = progress.load()
    records = progress.events()
    place = str(saved.state) if saved else None
    if progress.trouble:
        print(f"gd-tutor: {progress.trouble}", file=sys.stderr)
    summaries = list(summarise(course, records, place))
    if options.json:
        print(json.dumps(as_data(progress, summaries)))
    elif not records and place is None:
        print("Nothing is kept yet: open gd-tutor, press f, and your progress begins.")
    else:
        for line in (*table(summaries), *totals(summaries)):
            print(line)
        print(f"It is kept in {progress.folder} and does not leave this machine.")
    return 0


def summarise(course: Course, records: Sequence[Record], place: str | None) -> Iterator[Summary]:
    """Every lesson of the course, then those known only from the log."""
    of: dict[str, list[Record]] = {entry.id: [] for entry in course.entries}
    for record in records:
        of.setdefault(record.lesson, []).append(record)
    states = standings(course, records)
    known = {entry.id: entry for entry in course.entries}
    for lesson, own in of.items():
        entry = known.get(lesson)
        answers = [record.event for record in own if record.event.is_answer]
        is_here = place is not None and place.partition(":")[0] == lesson
        yield Summary(
            lesson,
            entry.number if entry else None,
            entry.title if entry else None,
            states[lesson] if entry else standing(own, lesson, ()),
            sum(event.is_right for event in answers),
            len(answers),
            own[-1].time if own else None,
            place if is_here else own[-1].state if own else None,
        )


def table(summaries: Sequence[Summary]) -> Iterator[str]:
    """Number, title, state, answers, date and place, in columns."""
    wide = max(width(summary.title or summary.lesson) for summary in summaries)
    for summary in summaries:
        title = summary.title or summary.lesson
        number = "" if summary.number is None else summary.number
        answers = f"{summary.right}/{summary.answers}" if summary.answers else ""
        last = summary.last.astimezone().date().isoformat() if summary.last else ""
        blanks = " " * (wide - width(title))
        row = f"{number:>2}  {title}{blanks}  {summary.state:<13}  {answers:>7}  {last:<10}"
        yield f"{row}  {shortened(summary.place or '', LONGEST_PLACE)}".rstrip()


def totals(summaries: Sequence[Summary]) -> Iterator[str]:
    """The totals of the table, in a sentence."""
    right = sum(summary.state in (Standing.RIGHT, Standing.UNAIDED) for summary in summaries)
    answers = sum(summary.answers for summary in summaries)
    yield ""
    yield (
        f"Right: {right} of {len(summaries)} lessons, "
        f"{sum(summary.right for summary in summaries)} of {answers} answers."
    )


def as_data(progress: Progress, summaries: Sequence[Summary]) -> dict[str, object]:
    """The same as data for other programs; keys may be added but never changed."""
    states = Counter(summary.state for summary in summaries)
    return {
        "file": str(progress.log.file),
        "lessons": [
            {
                "lesson": summary.lesson,
                "number": summary.number,
                "title": summary.title,
                "state": summary.state,
                "right": summary.right,
                "answers": summary.answers,
                "last": summary.last and f"{summary.last:%Y-%m-%dT%H:%M:%SZ}",
                "place": summary.place,
            }
            for summary in summaries
        ],
        "totals": {
            "lessons": len(summaries),
            "states": {state: states[state] for state in Standing},
            "right": sum(summary.right for summary in summaries),
            "answers": sum(summary.answers for summary in summaries),
        },
        "damaged": progress.damaged,
    }


def forget(options: Namespace) -> int:
    """Remove a lesson's events, or all, with the place if it is there; say what was removed."""
    if bool(options.lesson) == options.all:
        raise UserError("Name one lesson to forget, by its number or its id, or say --all.")
    course = open_course(options)
    progress = Progress.of(course)
    try:
        if options.all:
            print(_said("all lessons", *progress.forget_all()))
        else:
            lesson = _lesson(course, progress, options.lesson.strip())
            print(_said(lesson, *progress.forget(lesson)))
    except OSError as error:
        raise UserError(f"Nothing more could be forgotten: {reason(error)}.") from None
    return 0


def _lesson(course: Course, progress: Progress, name: str) -> str:
    """The id of a lesson in the course, or of one known only from the log."""
    try:
        return course.find(name).id
    except CourseError as error:
        bookmark = progress.load()
        known = {record.lesson for record in progress.events()}
        if name in known or (bookmark is not None and bookmark.state.lesson == name):
            return name
        raise UserError(f"{error} `gd-tutor progress` lists what is kept.") from None


def _said(lesson: str, events: int, place: bool) -> str:
    removed = [f"{events} event{'s'[: events != 1]}"] if events else []
    removed += ["the saved place"] if place else []
    if not removed:
        return f"There is nothing to forget of {lesson}."
    return f"Forgot {lesson}: removed {' and '.join(removed)}."
