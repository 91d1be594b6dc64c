"""The pages of a lesson (text, questions, the end), and the one that is open."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from gd_tutor.course.lesson import Authored, Lesson, Section
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.questions.question import Question, question_of
from gd_tutor.questions.recall import Recalled
from gd_tutor.session.prose_rows import ProseRows


@dataclass(frozen=True)
class QuestionPage:
    """A question on a page of its own; its numbers are worked when it is first looked at.

    `experiment` is the one of the open lesson that it is about, if it is about one.
    """

    title: str
    make: Callable[[], Question]
    experiment: str = ""

    @cached_property
    def question(self) -> Question:
        return self.make()


@dataclass(frozen=True)
class EndPage:
    """The last page, which leads on to the next lesson; it is about no experiment."""

    title: str = "The end of this lesson"
    experiment: str = ""


Page = Section | QuestionPage | EndPage


class Pages:
    """First a question of an earlier lesson, if there is one; sections; questions; the end.

    `place` is the open page, counted from the first one that is the lesson's own.
    """

    prose: ProseRows

    def __init__(self, lesson: Lesson, place: int = 0, recalled: Recalled | None = None) -> None:
        self.lesson = lesson
        self.recalled = recalled
        self.place = place if recalled is None else -1

    def write_in(self, notation: Notation) -> None:
        """Write all pages in a notation from now on; the place stays."""
        self.prose = ProseRows(self.lesson, notation)
        run, asked = self.prose.run, self.lesson.questions

        def page(number: int, each: Authored) -> QuestionPage:
            title = f"Question {number} of {len(asked)}"
            make = partial(_question, each, self.lesson, run, notation)
            return QuestionPage(title, make, each.experiment)

        questions = [page(number, each) for number, each in enumerate(asked, 1)]
        self.own: tuple[Page, ...] = (*self.prose.sections, *questions, EndPage())
        """The lesson's own pages."""
        self._before: tuple[QuestionPage, ...] = ()
        if self.recalled is not None:
            make = partial(self.recalled.question, notation)
            self._before = (QuestionPage(self.recalled.title, make),)
        self._open(self.place)

    def turn(self, pages: int) -> bool:
        """Some pages on, or back where negative; False where there is none."""
        before = self.place
        self._open(before + pages)
        return self.place != before

    def _open(self, place: int) -> None:
        self.place = max(min(place, len(self.own) - 1), -len(self._before))

    @property
    def all(self) -> tuple[Page, ...]:
        return (*self._before, *self.own)

    @property
    def here(self) -> Page:
        """The open page."""
        return self.all[self.place + len(self._before)]

    @property
    def at_end(self) -> bool:
        """Whether the last page is open."""
        return isinstance(self.here, EndPage)

    @property
    def number(self) -> str:
        """`2/9 `, which page of text is open; a question has its number in its title."""
        sections = len(self.prose.sections)
        return f"{self.place + 1}/{sections} " if 0 <= self.place < sections else ""


def _question(
    asked: Authored,
    lesson: Lesson,
    run: Callable[[str], Training | None],
    notation: Notation,
) -> Question:
    return question_of(asked, run(asked.experiment), lesson, notation)
