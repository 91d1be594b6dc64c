"""A question from an earlier lesson at the start of the next: what was missed comes back."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import chain

from gd_tutor.course.folder import Course, Entry
from gd_tutor.course.lesson import Lesson, Question
from gd_tutor.course.lesson_file import LessonError
from gd_tutor.notation.formulas import Notation
from gd_tutor.progress.event import Record
from gd_tutor.progress.standing import due
from gd_tutor.questions.items import Item, item_of
from gd_tutor.questions.question_page import QuestionPage

QUESTION = "question:"
REST = timedelta(minutes=20)
"""An answer that was just given is still in mind: asked again, it would teach nothing."""


Asked = tuple[str, str]
"""The id of a lesson, and what the log calls a question of it."""


def review(
    course: Course, entry: Entry, records: Sequence[Record]
) -> Callable[[Notation], QuestionPage] | None:
    """What to ask before a lesson; nothing of a learner who has answered no question so far.

    What was missed comes first, then what was not asked yet in the lessons with answers, and at
    last what was asked longest ago.
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
            return partial(_page, earlier[id], lesson, question)
    return None


def _unasked(known: Sequence[Asked], load: Callable[[str], Lesson | None]) -> Iterator[Asked]:
    """The questions that were never answered, of the lessons with answers, the latest first."""
    for id in reversed(dict.fromkeys(id for id, _ in known)):
        lesson = load(id)
        for question in lesson.questions if lesson is not None else ():
            if (id, QUESTION + question.id) not in known:
                yield id, QUESTION + question.id


def _find(lesson: Lesson | None, item: str) -> Question | None:
    """The question that the log calls so, where its lesson still has it."""
    questions = lesson.questions if lesson is not None else ()
    return next((each for each in questions if QUESTION + each.id == item), None)


def _page(entry: Entry, lesson: Lesson, question: Question, notation: Notation) -> QuestionPage:
    def make() -> Item:
        run = lesson.training_of(question.experiment)
        item = item_of(question, run, lesson, notation)
        item.lesson_id = lesson.id
        return item

    where = f"lesson {entry.number}" if entry.number else entry.title
    return QuestionPage(f"First, from {where}", make)
