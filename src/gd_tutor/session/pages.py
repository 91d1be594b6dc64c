"""The pages of a lesson, and the switch to the experiment of a page's question and back."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from gd_tutor.course.lesson import Authored, Lesson, LessonExperiment, Section
from gd_tutor.engine.state import State
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.questions.question import Question, question_of
from gd_tutor.questions.recall import Recalled
from gd_tutor.session.lesson_run import LessonRun
from gd_tutor.session.prose_rows import ProseRows


@dataclass(frozen=True)
class QuestionPage:
    """A question on its own page, computed when it is first shown.

    `experiment` is the id of the experiment in the open lesson that it is about, if any.
    """

    title: str
    make: Callable[[], Question]
    experiment: str = ""

    @cached_property
    def question(self) -> Question:
        return self.make()


@dataclass(frozen=True)
class EndPage:
    """The last page, which leads to the next lesson."""

    title: str = "The end of this lesson"
    experiment: str = ""


Page = Section | QuestionPage | EndPage


class Pages:
    """The pages in order: a recalled question, if any; sections; questions; the end.

    `place` is the open page, counted from the lesson's first own page; the recalled question is −1.
    """

    prose: ProseRows

    def __init__(self, lesson: Lesson, place: int = 0, recalled: Recalled | None = None) -> None:
        self.lesson = lesson
        self.recalled = recalled
        self.place = place if recalled is None else -1

    def write_in(self, notation: Notation) -> None:
        """Use a notation for all pages from now on; the open page stays."""
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
        """Turn pages, back where negative; False where there is no such page."""
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
        """The number of the open text page, `2/9 `; a question has its number in its title."""
        sections = len(self.prose.sections)
        return f"{self.place + 1}/{sections} " if 0 <= self.place < sections else ""


def _question(
    asked: Authored,
    lesson: Lesson,
    run: Callable[[str], Training | None],
    notation: Notation,
) -> Question:
    return question_of(asked, run(asked.experiment), lesson, notation)


class Detours:
    """The runs left for another experiment, and where the open page leads."""

    def __init__(self, run: LessonRun, pages: Pages) -> None:
        self.run = run
        self.pages = pages
        self.forget()

    def forget(self) -> None:
        """Forget the runs that were left."""
        self._left: dict[tuple[str, str], State] = {}
        """Keyed by experiment id and, for a run at a question, by the question's title."""
        self._before = ""
        """The experiment left last, while the learner is in that of a question."""

    @property
    def elsewhere(self) -> LessonExperiment | None:
        """The experiment of the page's question; when already there, the one before it."""
        page, lesson = self.pages.here, self.run.lesson
        if not isinstance(page, QuestionPage) or not page.experiment:
            return None
        about = lesson.experiment_of(page.experiment)
        return lesson.experiment_of(self._before) if about is self.run.experiment else about

    @property
    def about(self) -> str:
        """A sentence where the open page is about another experiment; else empty."""
        about, to = self.run.lesson.experiment_of(self.pages.here.experiment), self.elsewhere
        if to is not None and to is not about:
            return f"`e` goes back to {to.title or 'the first experiment'}."
        if about is None or about is self.run.experiment:
            return ""
        if to is not None:
            return f"`e` goes to what this is about: {to.title or 'the first experiment'}."
        return f"About another experiment (`e`): {about.title}."

    def take(self) -> State:
        """Leave the run for the page's experiment; return the state to go on from."""
        page, here, to = self.pages.here, self.run.experiment, self.elsewhere
        assert isinstance(page, QuestionPage)
        assert here is not None
        assert to is not None
        goes = to.id == page.experiment
        self._left[here.id, "" if goes else page.title] = self.run.state
        self._before = here.id if goes else ""
        left = self._left.pop((to.id, page.title if goes else ""), None)
        if left is not None:
            return left
        return self.run.start_of(to.id, page.question.answer.ready if goes else None)
