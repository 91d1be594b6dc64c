"""The last page of a lesson: the questions not yet right, and what comes next."""

from dataclasses import dataclass

from gd_tutor.course.folder import Course, Entry
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import MARK, Row, key_text, shortened, spans_of
from gd_tutor.session.pages import Pages, QuestionPage
from gd_tutor.session.session_questions import SessionQuestions

MAP = "the course map: this was the last lesson of the course."


@dataclass(frozen=True)
class Offer:
    """A way on from the end of a lesson: a question's page, or the next lesson.

    With neither it leads to the course map.
    """

    says: str
    page: int | None = None
    entry: Entry | None = None


class Ending:
    """The ways on from the last page; the first is chosen until an arrow key chooses another."""

    def __init__(self, course: Course, pages: Pages, questions: SessionQuestions) -> None:
        self.course = course
        self.pages = pages
        self.questions = questions
        self.place = 0

    @property
    def offers(self) -> list[Offer]:
        """The next lesson, and every question not yet answered rightly."""
        entry = self.course.neighbour(self.pages.lesson.id, 1)
        offers = [Offer(f"{named(entry)}: {entry.summary}" if entry else MAP, entry=entry)]
        pages = enumerate(self.pages.own)
        asked = [(place, page) for place, page in pages if isinstance(page, QuestionPage)]
        for number, (place, page) in enumerate(asked, 1):
            if not self.questions.is_right(page):
                missed = page.question.key in self.questions.missed
                how = "missed" if missed else "not answered yet"
                offers.append(Offer(f"question {number}: {how}. {page.question.ask}", place))
        return offers

    @property
    def chosen(self) -> Offer:
        """The way on that `enter` takes."""
        offers = self.offers
        return offers[min(self.place, len(offers) - 1)]

    def choose(self, step: int) -> None:
        """Choose another way on."""
        self.place = (self.place + step) % len(self.offers)

    @property
    def result(self) -> str:
        """How many of the lesson's questions are answered rightly; empty where there are none."""
        questions, missed = len(self.pages.lesson.questions), len(self.offers) - 1
        if not questions:
            return ""
        if not missed:
            return "Every question of this lesson is right."
        return f"{missed} of {questions} questions {'is' if missed == 1 else 'are'} not right yet"

    def rows(self, cells: int) -> list[Row]:
        """The rows of the page: what comes next, and the questions left."""
        first, *questions = self.offers
        lead: Row = (("text", "next: "), ("text", first.says))
        if self.place == 0:
            lead = (("key", key_text("enter")), ("strong", f" opens {first.says}"))
        rows = self._marked(0, wrap(lead, cells - 2))
        if not questions:
            return [*rows, (), *wrap([("text", self.result)], cells)]
        arrows = "^v" if self.questions.notation.ascii else "↑↓"
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
        """The rows of a way on, with a mark where it is the chosen one."""
        mark = MARK if place == self.place else "  "
        return [(("focus", "  " if line else mark), *row) for line, row in enumerate(lines)]


def named(entry: Entry) -> str:
    """A lesson's number and title: `lesson 4, Partial derivative`."""
    number = f" {entry.number}" if entry.number else ""
    return f"{'lab' if entry.lab else 'lesson'}{number}, {entry.title}"
