"""Learning by answering: questions before a phase, blanks in its arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from gd_tutor.course.lesson import ChoicePrediction, Lesson
from gd_tutor.engine.expression import gradient_of, next_of
from gd_tutor.engine.program import LOSS
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, spans_of
from gd_tutor.progress.event import RIGHT, WRONG, Event, Kind
from gd_tutor.questions.items import Item, Key, NumberItem, OptionItem
from gd_tutor.questions.open_question import Asking
from gd_tutor.questions.question_page import QuestionPage
from gd_tutor.questions.targets import belongs, choices, targets
from gd_tutor.questions.what_if import Rule
from gd_tutor.questions.wording import Given, given, of_question

if TYPE_CHECKING:
    from gd_tutor.questions.question_page import Page


class Level(IntEnum):
    """How much of the arithmetic is filled in."""

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
    """What a learner said before a number was revealed."""

    iteration: int
    phase: Phase
    name: str
    text: str
    right: bool

    def is_of(self, position: Position, name: str) -> bool:
        return (self.iteration, self.phase, self.name) == (*position, name)


class Practice:
    """The questions of one session. It changes no run: it only knows what to ask before a phase."""

    def __init__(
        self,
        training: Training | None,
        lesson: Lesson,
        notation: Notation,
        note: Callable[[str, Event], None],
    ) -> None:
        """`note` takes an event for the log, and the lesson whose question it is about, if one."""
        self.training = training
        self.lesson = lesson
        self.notation = notation
        self.predicting = False
        self.level = Level.WORKED
        self.asking: Asking | None = None
        self.phase: Phase | None = None
        """The phase that the open question stands before; None for a question of the text."""
        self.guesses: tuple[Guess, ...] = ()
        self.erred: set[str] = set()
        self.done: dict[Key, Asking] = {}
        """The questions of the text that were answered rightly, as they were left."""
        self.missed: set[Key] = set()
        """The questions of the text whose last answer was wrong."""
        self._note = note
        self._queue: list[Item] = []

    # Opening

    def before(self, phase: Phase) -> bool:
        """Open what is to be asked before the next phase; False where there is nothing."""
        training = self.training
        if training is None or not (self.predicting or self.level):
            return False
        self.close()
        asked = targets(training, self.lesson)
        if str(phase) in self.lesson.later:  # of what comes later only its author can ask
            asked = [target for target in asked if target.prediction is not None]
        numbers = [NumberItem(t, training, self.lesson, self.notation) for t in asked]
        if self.level:
            self._queue = self._blanks(phase, numbers)
            if not self._queue:
                return False
            self.asking = Asking([self._queue.pop(0)])
        else:
            own = (c for c in self.lesson.choice_predictions if belongs(c, training, self.lesson))
            items: list[Item] = [self._choice(choice) for choice in own]
            items += numbers
            if str(phase) not in self.lesson.later:
                items += [OptionItem.of_choice(c) for c in choices(training, self.notation)]
            if not items:
                return False
            first = self._first(items)
            # Of several questions of the author each is asked; the phase answers the others.
            self._queue = [item for item in items if item.own and item is not items[first]]
            self.asking = Asking(items, first)
        self.phase = phase
        return True

    def _choice(self, asked: ChoicePrediction) -> OptionItem:
        """A choice of the lesson's author before the next phase."""
        assert self.training is not None
        training, at = self.training, self.training.position.next.iteration
        wording = of_question(self.notation, training, self.lesson, asked.experiment, at)
        return OptionItem.of_lesson(asked, self.lesson, wording)

    def open(self, item: Item) -> None:
        """Ask a question of the text."""
        self.close()
        self.asking = Asking([item])

    def look_at(self, page: Page) -> None:
        """The learner looks at a page; a question on it is open until it is answered."""
        if isinstance(page, QuestionPage) and page.item.key not in self.done:
            self.open(page.item)
        elif self.phase is None:
            self.close()

    def asking_of(self, page: QuestionPage) -> Asking | None:
        """The question of a page, open or answered; None where it was left."""
        item = page.item
        open = self.asking if self.asking is not None and self.asking.item is item else None
        return open or self.done.get(item.key)

    def rows(self, page: QuestionPage, cells: int) -> list[Row]:
        """A question as it stands: open, or answered with its reason."""
        asking = self.asking_of(page)
        if asking is not None:
            return asking.rows(self.notation, cells)
        left = "`enter` comes back to this question."
        return [
            *wrap(spans_of(page.item.ask, "strong"), cells),
            (),
            *wrap(spans_of(left, "text"), cells),
        ]

    def _first(self, items: Sequence[Item]) -> int:
        """Where to begin: the author's question, then what the phase is for, in turns."""
        assert self.training is not None
        turn, phase = self.training.position.next.iteration, self.training.upcoming
        own = [place for place, item in enumerate(items) if item.own]
        if own:
            return own[0]
        wanted = {
            Phase.BACKWARD: list(map(gradient_of, self.training.program.parameters)),
            Phase.UPDATE: list(map(next_of, self.training.program.parameters)),
        }.get(phase, [LOSS])
        telling = [place for place, item in enumerate(items) if item.name in wanted]
        return telling[turn % len(telling)] if telling else 0

    def _blanks(self, phase: Phase, numbers: Sequence[NumberItem]) -> list[Item]:
        """One number of each line of the phase, or of the line where the learner last erred."""
        assert self.training is not None
        turn = self.training.position.next.iteration
        lines = [line.name for line in self.training.program.lines_of(phase)]
        blanks: list[Item] = []
        for name in lines:
            cells = [item for item in numbers if item.name == name and not item.own]
            if cells:
                blanks.append(cells[turn % len(cells)])
        if self.level is Level.ONE_BLANK and blanks:
            erred = [blank for blank in blanks if blank.name in self.erred]
            return [(erred or blanks)[turn % len(erred or blanks)]]
        return blanks

    @property
    def blanks(self) -> frozenset[str]:
        """The names of the lines whose results are still to be filled in."""
        if self.asking is None or self.phase is None or not self.level:
            return frozenset()
        return frozenset(item.name for item in (self.asking.item, *self._queue))

    @property
    def given(self) -> Given | None:
        """What the open question before a phase is about; None where there is none."""
        if self.training is None or self.asking is None or self.phase is None:
            return None
        return given(self.training, self.asking.item.about, self.notation)

    # Answering

    def submit(self) -> bool:
        """Judge the answer; True where it was right, and all questions are done."""
        asking = self.asking
        assert asking is not None
        aided, tries, typed = asking.aided, asking.tries, asking.typed
        right = asking.submit()
        if right or asking.tries > tries:
            assert asking.verdict is not None
            event = Event(
                Kind.ANSWERED,
                asking.item.id,
                RIGHT if right else WRONG,
                tries + 1,
                aided,
                tuple(rule.id for rule in asking.verdict.rules),
                "" if asking.item.options else typed,
                asking.verdict.option,
            )
            self._note(asking.item.lesson_id, event)
        if not right:
            if asking.tries > tries:
                if self.phase is not None:
                    self.erred.add(asking.item.name)
                else:
                    self.missed.add(asking.item.key)
                self._keep_only_own_rule(asking)
            return False
        self.erred.discard(asking.item.name)
        if self.phase is None:
            self.missed.discard(asking.item.key)
            self.done[asking.item.key] = asking
        self._guess(asking.typed, right=True)
        return self._next()

    @property
    def rule(self) -> Rule | None:
        """The wrong rule that explains the last answer to the open question."""
        return self.asking.rule if self.asking is not None else None

    def forget_rule(self) -> None:
        """Leave the wrong rule: it belongs to another program than the one that runs now."""
        if self.asking is not None:
            self.asking.rule = None

    def _keep_only_own_rule(self, asking: Asking) -> None:
        """Leave a rule of another experiment: it cannot be run here."""
        if self.training and asking.rule and asking.rule.program is not self.training.program:
            asking.rule = None

    def skip(self) -> bool:
        """Leave the question unanswered; True where all questions are done."""
        self._left()
        return self._next()

    def close(self) -> None:
        """Leave all questions: what the phase reveals answers them."""
        self._left()
        self._queue = []
        self.asking = self.phase = None

    def _next(self) -> bool:
        if self._queue:
            self.asking = Asking([self._queue.pop(0)])
            return False
        self.asking = None
        return True

    def _left(self) -> None:
        """The question is left open; where nothing was tried on a page, it is none of the log's."""
        asking = self.asking
        if asking is None or (self.phase is None and not asking.tries):
            return
        event = Event(Kind.SKIPPED, asking.item.id, "", asking.tries, asking.aided)
        self._note(asking.item.lesson_id, event)
        if asking.wrong:
            self._guess(asking.wrong[-1], right=False)

    def _guess(self, text: str, right: bool) -> None:
        """Keep what was said before the truth is shown, to stand beside it."""
        if self.training is None or self.phase is None or self.asking is None:
            return
        item, at = self.asking.item, self.training.position.next
        if isinstance(item, OptionItem):
            place = item.chosen(text)
            text = "" if place is None else item.options[place]
        kept = tuple(guess for guess in self.guesses if guess.iteration == at.iteration)
        self.guesses = (*kept, Guess(at.iteration, at.phase, item.name, text, right))

    def hint(self) -> None:
        """The next step towards the answer."""
        assert self.asking is not None
        self.asking.hint()
        item = self.asking.item
        self._note(item.lesson_id, Event(Kind.HINTED, item.id))
