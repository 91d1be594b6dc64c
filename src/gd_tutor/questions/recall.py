"""Recall: at the start of a lesson, a question of an earlier one; missed ones come back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain

from gd_tutor.course.folder import Course, Entry
from gd_tutor.course.lesson import Authored, Lesson
from gd_tutor.course.lesson_file import LessonError
from gd_tutor.notation.formulas import Notation
from gd_tutor.progress.event import Record
from gd_tutor.progress.standing import due
from gd_tutor.questions.question import Question, question_of

QUESTION = "question:"
REST = timedelta(minutes=20)
"""The rest before a question is asked again, while its answer is still in mind."""


Known = tuple[str, str]
"""A lesson's id, and a question's name in the log."""


@dataclass(frozen=True)
class Recalled:
    """A question of the earlier lesson `entry`."""

    entry: Entry
    lesson: Lesson
    asked: Authored

    @property
    def title(self) -> str:
        number = self.entry.number
        return f"First, from {f'lesson {number}' if number else self.entry.title}"

    def question(self, notation: Notation) -> Question:
        """The question in a notation."""
        run = self.lesson.training_of(self.asked.experiment)
        question = question_of(self.asked, run, self.lesson, notation)
        question.lesson_id = self.lesson.id
        return question


def recall(course: Course, entry: Entry, records: Sequence[Record]) -> Recalled | None:
    """What to ask before a lesson; None for a learner with no answers so far.

    Missed questions come first, then unasked ones of lessons with answers, then those answered
    longest ago.
    """
    earlier = {each.id: each for each in course.entries[: course.place(entry.id)]}
    asked = [each for each in due(records, tuple(earlier)) if each.item.startswith(QUESTION)]
    rested = [each for each in asked if datetime.now(UTC) - each.last > REST]

    @cache
    def load(id: str) -> Lesson | None:
        try:
            return course.load(earlier[id])
        except LessonError:
            return None

    missed = [(each.lesson, each.item) for each in rested if each.is_missed]
    known = [(each.lesson, each.item) for each in asked]
    oldest = [(each.lesson, each.item) for each in rested]
    for id, item in chain(missed, _unasked(known, load), oldest):
        lesson = load(id)
        question = _find(lesson, item)
        if lesson is not None and question is not None:
            return Recalled(earlier[id], lesson, question)
    return None


def _unasked(known: Sequence[Known], load: Callable[[str], Lesson | None]) -> Iterator[Known]:
    """The questions never answered, of lessons with answers, latest lesson first."""
    for id in reversed(dict.fromkeys(id for id, _ in known)):
        lesson = load(id)
        for question in lesson.questions if lesson is not None else ():
            if (id, question.logged) not in known:
                yield id, question.logged


def _find(lesson: Lesson | None, item: str) -> Authored | None:
    """The question with this name in the log, where its lesson still has it."""
    questions = lesson.questions if lesson is not None else ()
    return next((each for each in questions if each.logged == item), None)
