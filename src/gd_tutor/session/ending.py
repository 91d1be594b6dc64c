"""The last page of a lesson: what is not right yet, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gd_tutor.course.folder import Course, Entry
from gd_tutor.course.lesson import Lesson
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import MARK, Row, key_text, shortened, spans_of
from gd_tutor.questions.practice import Practice
from gd_tutor.questions.question_page import QuestionPage
from gd_tutor.session.pages import Pages

MAP = "the course map: this was the last lesson of the course."


@dataclass(frozen=True)
class Offer:
    """Where the end of a lesson leads: to the page of a question, or to the next lesson.

    Without either it leads to the course map.
    """

    says: str
    page: int | None = None
    entry: Entry | None = None


class LessonUnderWay(Protocol):
    """What the last page asks of its lesson."""

    course: Course
    lesson: Lesson
    pages: Pages
    practice: Practice
    notation: Notation

    def is_right(self, page: QuestionPage) -> bool:
        """Whether a question was answered rightly at some time."""
        ...


class Ending:
    """The ways on from the last page; the first, chosen until an arrow says otherwise, leads on."""

    def __init__(self, session: LessonUnderWay) -> None:
        self.session = session
        self.place = 0

    @property
    def offers(self) -> list[Offer]:
        """The next lesson, and every question that is not right yet."""
        entry = self.session.course.neighbour(self.session.lesson.id, 1)
        offers = [Offer(f"{named(entry)}: {entry.summary}" if entry else MAP, entry=entry)]
        pages = enumerate(self.session.pages.own)
        asked = [(place, page) for place, page in pages if isinstance(page, QuestionPage)]
        for number, (place, page) in enumerate(asked, 1):
            if not self.session.is_right(page):
                missed = page.item.key in self.session.practice.missed
                how = "missed" if missed else "not answered yet"
                offers.append(Offer(f"question {number}: {how}. {page.item.ask}", place))
        return offers

    @property
    def chosen(self) -> Offer:
        """The way on that `enter` takes."""
        offers = self.offers
        return offers[min(self.place, len(offers) - 1)]

    def choose(self, step: int) -> None:
        """Another of the ways on."""
        self.place = (self.place + step) % len(self.offers)

    @property
    def result(self) -> str:
        """How many of the lesson's questions are right, in a sentence; nothing without any."""
        questions, missed = len(self.session.lesson.questions), len(self.offers) - 1
        if not questions:
            return ""
        if not missed:
            return "Every question of this lesson is right."
        return f"{missed} of {questions} questions {'is' if missed == 1 else 'are'} not right yet"

    def rows(self, cells: int) -> list[Row]:
        """The page: what comes next, and the questions that are left."""
        first, *questions = self.offers
        lead: Row = (("text", "next: "), ("text", first.says))
        if self.place == 0:
            lead = (("key", key_text("enter")), ("strong", f" opens {first.says}"))
        rows = self._marked(0, wrap(lead, cells - 2))
        if not questions:
            return [*rows, (), *wrap([("text", self.result)], cells)]
        arrows = "^v" if self.session.notation.ascii else "↑↓"
        asks = f"{self.result}; `{arrows[0]}` `{arrows[1]}` choose one:"
        rows += [(), *wrap(spans_of(asks, "text"), cells)]
        for place, offer in enumerate(questions, 1):
            row: Row = (("text", shortened(offer.says, cells - 2)),)
            if place == self.place:
                lead = (("key", key_text("enter")), ("focus", f" {offer.says}"))
                rows += self._marked(place, wrap(lead, cells - 2))
            else:
                rows += self._marked(place, [row])
        return rows

    def _marked(self, place: int, lines: list[Row]) -> list[Row]:
        """A way on, with a mark before its first row where it is the chosen one."""
        mark = MARK if place == self.place else "  "
        return [(("focus", "  " if line else mark), *row) for line, row in enumerate(lines)]


def named(entry: Entry) -> str:
    """A lesson by its number and its title: `lesson 4, Partial derivative`."""
    number = f" {entry.number}" if entry.number else ""
    return f"{'lab' if entry.lab else 'lesson'}{number}, {entry.title}"
