"""The questions of a session: the open one, those before the next phase, the answered ones."""

from dataclasses import dataclass, replace
from enum import IntEnum

from gd_tutor.engine.state import Phase, Position, State
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, spans_of
from gd_tutor.progress.event import Event
from gd_tutor.questions.open_question import OpenQuestion
from gd_tutor.questions.predictions import Given, blanks, first_of, given, predictions
from gd_tutor.questions.question import ChoiceAnswer, Key, Question
from gd_tutor.questions.wrong_rule import Rule
from gd_tutor.session.lesson_run import LessonRun
from gd_tutor.session.pages import Pages, QuestionPage
from gd_tutor.session.pending_events import Journal


class Level(IntEnum):
    """How much of the arithmetic is left to the learner."""

    WORKED = 0
    ONE_BLANK = 1
    ALL_BLANK = 2

    @property
    def said(self) -> str:
        return (
            "The arithmetic is filled in.",
            "One result of each phase is left to you.",
            "All results of each phase are left to you.",
        )[self]


@dataclass(frozen=True)
class Guess:
    """A learner's prediction of a number."""

    iteration: int
    phase: Phase
    name: str
    text: str
    right: bool

    def is_of(self, position: Position, name: str) -> bool:
        return (self.iteration, self.phase, self.name) == (*position, name)


class SessionQuestions:
    """The questions of a session and their outcomes. It changes no run."""

    notation: Notation

    def __init__(self, run: LessonRun, pages: Pages, journal: Journal) -> None:
        self.run = run
        self.pages = pages
        self.journal = journal
        self.predicting = False
        self.level = Level.WORKED
        self.open: OpenQuestion | None = None
        self.phase: Phase | None = None
        """The phase that the open question comes before; None for a question of the text."""
        self.guesses: tuple[Guess, ...] = ()
        self.done: dict[Key, OpenQuestion] = {}
        """The rightly answered questions of the text."""
        self.missed: set[Key] = set()
        """The questions of the text last answered wrongly."""
        self._erred: set[str] = set()
        """The values last predicted wrongly."""
        self._queue: list[Question] = []

    # Opening

    def before(self, phase: Phase) -> bool:
        """Open the questions before a phase, if it is the next; False where there are none.

        An author's questions are all asked; otherwise one is, and the phase shows the rest.
        """
        training, lesson = self.run.training, self.run.lesson
        if training is None or self.phase is not None or self.run.layers.shown:
            return False
        if training.divergence is not None or training.upcoming is not phase:
            return False
        if not (self.predicting or self.level):
            return False
        self.close()
        if self.level:
            only_one = self.level is Level.ONE_BLANK
            shown, first = blanks(training, lesson, self.notation, only_one, self._erred), 0
            shown, rest = shown[:1], shown[1:]
        else:
            shown = predictions(training, lesson, self.notation)
            first = first_of(shown, training)
            rest = [each for each in shown if each.own and each is not shown[first]]
        if shown:
            self.open, self.phase, self._queue = OpenQuestion(shown, first), phase, rest
        return bool(shown)

    def toggle_predicting(self) -> bool:
        """Turn the questions before each phase on or off; return whether they are on."""
        self.close()
        self.predicting = not self.predicting
        return self.predicting

    def next_level(self) -> Level:
        """Leave more of the arithmetic blank; after the last level fill it all in again."""
        self.close()
        self.level = Level((self.level + 1) % len(Level))
        return self.level

    def look(self) -> None:
        """Open the question on the open page unless it is answered."""
        page = self.pages.here
        if isinstance(page, QuestionPage) and page.question.key not in self.done:
            self.close()
            self.open = OpenQuestion([page.question])
        elif self.phase is None:
            self.close()

    def begin_anew(self) -> OpenQuestion | None:
        """Drop predictions for a new run; return the question that was open, if any.

        Settings and answers on pages stay.
        """
        before = self.open
        self.guesses, self._erred, self._queue = (), set(), []
        self.open = self.phase = None
        return before

    def take_up(self, before: OpenQuestion | None) -> None:
        """Resume a question that was open before, where the same one is open now."""
        now = self.open
        if before is not None and now is not None and now.question.key == before.question.key:
            self.open = replace(before, questions=now.questions, rule=None)

    # Display

    def open_on(self, page: QuestionPage) -> OpenQuestion | None:
        """The question of a page, open or answered; None where it was skipped."""
        question = page.question
        is_open = self.open is not None and self.open.question is question
        return self.open if is_open else self.done.get(question.key)

    def rows(self, page: QuestionPage, cells: int) -> list[Row]:
        """The rows of a question, open or answered."""
        shown = self.open_on(page)
        if shown is not None:
            return shown.rows(self.notation, cells)
        left = "`enter` comes back to this question."
        return [
            *wrap(spans_of(page.question.ask, "strong"), cells),
            (),
            *wrap(spans_of(left, "text"), cells),
        ]

    @property
    def blanks(self) -> frozenset[str]:
        """The names of the lines whose results are still blank."""
        if self.open is None or self.phase is None or not self.level:
            return frozenset()
        return frozenset(question.name for question in (self.open.question, *self._queue))

    @property
    def given(self) -> Given | None:
        """The values that the open question before a phase is given; None where there is none."""
        training = self.run.training
        if training is None or self.open is None or self.phase is None:
            return None
        return given(training, self.open.question.about, self.notation)

    @property
    def is_recalled(self) -> bool:
        """Whether the open question comes from an earlier lesson."""
        return self.open is not None and bool(self.open.question.lesson_id)

    @property
    def is_answered(self) -> bool:
        """Whether the open page is an answered question."""
        page = self.pages.here
        return isinstance(page, QuestionPage) and page.question.key in self.done

    @property
    def is_left_open(self) -> bool:
        """Whether the open page is a skipped question."""
        is_question = isinstance(self.pages.here, QuestionPage)
        return is_question and self.open is None and not self.is_answered

    def is_right(self, page: QuestionPage) -> bool:
        """Whether a question was answered rightly, in this session or before."""
        question = page.question
        return question.key in self.done or question.id in self.journal.right_before

    # Answering

    def answer(self) -> bool:
        """Judge the typed answer; True where it is right and no question is left."""
        open = self.open
        assert open is not None
        event = open.answer()
        if event is None:
            return False
        self._note(open, event)
        question = open.question
        if not open.done:
            if self.phase is None:
                self.missed.add(question.key)
            else:
                self._erred.add(question.name)
            self._leave_foreign_rule(open)
            return False
        self._erred.discard(question.name)
        if self.phase is None:
            self.missed.discard(question.key)
            self.done[question.key] = open
        self._guess(open, open.typed, right=True)
        return self._next()

    @property
    def rule(self) -> Rule | None:
        """The wrong rule behind the last answer to the open question."""
        return self.open.rule if self.open is not None else None

    def forget_rule(self) -> None:
        """Drop the wrong rule, which belongs to another program."""
        if self.open is not None:
            self.open.rule = None

    def _leave_foreign_rule(self, open: OpenQuestion) -> None:
        """Drop a rule of another experiment, which cannot run here."""
        training = self.run.training
        if training and open.rule and open.rule.program is not training.program:
            open.rule = None

    def hint(self) -> None:
        """Give the next hint."""
        assert self.open is not None
        self._note(self.open, self.open.hint())

    def skip(self) -> bool:
        """Skip the question; True where no question is left."""
        self._left()
        return self._next()

    def close(self) -> None:
        """Close all questions, since the phase shows their answers."""
        self._left()
        self._queue = []
        self.open = self.phase = None

    def _next(self) -> bool:
        self.open = OpenQuestion([self._queue.pop(0)]) if self._queue else None
        return self.open is None

    def _left(self) -> None:
        """Skip the question; on a page, log it only if it was tried."""
        open = self.open
        if open is None or (self.phase is None and not open.tries):
            return
        self._note(open, open.skip())
        if open.wrong:
            self._guess(open, open.wrong[-1], right=False)

    def _note(self, open: OpenQuestion, event: Event) -> None:
        """Log an event, under the lesson that asks the question."""
        lesson = open.question.lesson_id
        self.journal.note(State(lesson) if lesson else self.run.state, event)

    def _guess(self, open: OpenQuestion, text: str, right: bool) -> None:
        """Keep a prediction, to show it beside the right number."""
        training = self.run.training
        if training is None or self.phase is None:
            return
        question, at = open.question, training.position.next
        if isinstance(question.answer, ChoiceAnswer):
            place = question.answer.chosen(text)
            text = "" if place is None else question.options[place]
        kept = tuple(guess for guess in self.guesses if guess.iteration == at.iteration)
        self.guesses = (*kept, Guess(at.iteration, at.phase, question.name, text, right))
