"""Scripted learners: each yields keys, and looks at the lesson as a learner looks at the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from gd_tutor.course.lesson import Authored
from gd_tutor.engine.state import Phase
from gd_tutor.progress.event import Event, Kind
from gd_tutor.questions.open_question import OpenQuestion
from gd_tutor.questions.question import NOT_THIS, ChoiceAnswer, NumberAnswer, Question
from gd_tutor.questions.typed_numbers import belongs_to_answer
from gd_tutor.questions.wrong_rule import Rule
from gd_tutor.session.choices import EXPERIMENTS
from gd_tutor.session.lesson_session import Session

ENTER, ESCAPE, PAGE_DOWN, RIGHT = "\r", "\x1b", "\x1b[6~", "\x1b[C"
PAUSE = ""
"""Where a learner looks at the screen before going on."""
PHASE_KEYS = {"f": Phase.FORWARD, "b": Phase.BACKWARD, "u": Phase.UPDATE}
ROUND = "fbu"
"""The keys of one iteration."""


class Piece(NamedTuple):
    """Keys pressed in one go, and the question that they open, if they do."""

    keys: str
    shows: str = ""


class Desk:
    """A learner's desk: a session and the page that is open, moved by the keys of the screen."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def asking(self) -> OpenQuestion | None:
        return self.session.questions.open

    @property
    def open(self) -> OpenQuestion:
        """The question that is open."""
        assert self.asking is not None
        return self.asking

    @property
    def predicts(self) -> bool:
        """Whether the open question stands before a phase."""
        return self.session.questions.phase is not None

    def press(self, key: str) -> None:
        """What a key of the lesson screen does."""
        session, asking = self.session, self.asking
        if asking is not None and key in (ENTER, ESCAPE):
            session.answer() if key == ENTER else session.skip()
        elif asking is not None and belongs_to_answer(key):
            asking.type(key)
        elif asking is not None and key == RIGHT:
            asking.other(1)
        elif key in PHASE_KEYS:
            session.step(PHASE_KEYS[key])
        elif key == PAGE_DOWN:
            session.turn(1)
        else:
            _OTHERS[key](session)

    def pressing(self, script: Iterable[str]) -> Iterator[str]:
        """The keys of a script, each pressed."""
        for keys in script:
            for key in [keys] if keys.startswith("\x1b") else keys:
                self.press(key)
            yield keys

    def follow(self, script: Iterable[str]) -> list[Piece]:
        """Do what a script says; what was pressed, in pieces after which a learner looks up."""
        pieces, keys, before = [], "", self.asking
        for pressed in self.pressing(script):
            keys += pressed
            if self.asking is not None and self.asking is not before:
                pieces.append(Piece(keys, beginning(self.open.question.ask)))
                keys = ""
            elif pressed in (PAUSE, ESCAPE):
                pieces.append(Piece(keys))
                keys = ""
            before = self.asking
        return [*pieces, Piece(keys)] if keys else pieces

    @property
    def log(self) -> list[tuple[str, Event]]:
        """What the log of progress will get, each with its lesson; visits left out."""
        events = self.session.journal.events
        return [(state.lesson, event) for state, event in events if event.kind != Kind.OPENED]


_OTHERS: dict[str, Callable[[Session], None]] = {
    "p": Session.toggle_predicting,
    "w": Session.next_level,
    "h": Session.hint,
    "x": Session.run_rule,
    "n": lambda session: session.run(1),
}

Answer = Callable[[Desk], Iterator[str]]
"""How a learner deals with the open question: keys until it is closed."""


# What can be typed


def right_answer(item: Question) -> str:
    if isinstance(item.answer, ChoiceAnswer):
        return str(item.answer.right + 1)
    assert isinstance(item.answer, NumberAnswer)
    return typed(item.answer.asked.value)


def beginning(ask: str) -> str:
    """As much of a question as stands on its first row."""
    return ask[:30].rpartition(" ")[0]


def typed(number: float) -> str:
    """A number as it is typed: short, and close enough for any tolerance."""
    return f"{number:.12g}"


def wrong_answers(item: Question) -> list[tuple[str, str]]:
    """Every known wrong answer, with what has to be said to it first of all."""
    if isinstance(item.answer, ChoiceAnswer):
        places = [place for place in range(len(item.options)) if place != item.answer.right]
        reasons = item.answer.reasons or [(NOT_THIS,)] * len(item.options)
        return [(str(place + 1), reasons[place][0]) for place in places]
    assert isinstance(item.answer, NumberAnswer)
    found: dict[str, str] = {}
    for _, number in slips(item):
        if item.answer.key.diagnose(number).rules:
            found.setdefault(typed(number), item.judge(typed(number)).sentences[0])
    return list(found.items())


def slips(item: Question) -> list[tuple[Rule, float]]:
    """The rules that give a wrong number here."""
    assert isinstance(item.answer, NumberAnswer)
    return [(meaning.rule, meaning.number) for meaning in item.answer.key.meanings]


# Ways to answer


def at_once(desk: Desk) -> Iterator[str]:
    """Right at the first try."""
    yield right_answer(desk.open.question)
    yield ENTER


def at_last(desk: Desk) -> Iterator[str]:
    """Every known wrong answer first."""
    for wrong, _ in wrong_answers(desk.open.question):
        yield wrong
        yield ENTER
    yield from at_once(desk)


def after_a_slip(desk: Desk) -> Iterator[str]:
    """The first known wrong answer, then the right one."""
    for wrong, _ in wrong_answers(desk.open.question)[:1]:
        yield wrong
        yield ENTER
    yield from at_once(desk)


def never(desk: Desk) -> Iterator[str]:
    """Skipped."""
    yield ESCAPE


# Ways through a lesson


def whole(desk: Desk, answer: Answer) -> Iterator[str]:
    """What an earlier lesson asks, an iteration predicted, and all pages with their questions."""
    yield from predicted(desk, answer)
    yield PAUSE
    yield from pages(desk, answer)


def predicted(desk: Desk, answer: Answer) -> Iterator[str]:
    """What an earlier lesson asks, and an iteration predicted."""
    if desk.asking is not None:
        yield from answer(desk)
    yield from predicted_round(desk, answer)


def predicted_round(desk: Desk, answer: Answer) -> Iterator[str]:
    """An iteration predicted."""
    yield "p"
    yield from one_round(desk, answer)


def one_round(desk: Desk, answer: Answer) -> Iterator[str]:
    """One iteration, each phase with what is asked before it."""
    for key in ROUND:
        yield key
        while desk.asking is not None and desk.predicts:
            yield from answer(desk)


def pages(desk: Desk, answer: Answer) -> Iterator[str]:
    """All the pages from the present one on, each question answered."""
    while desk.session.pages.here is not desk.session.pages.all[-1]:
        yield PAGE_DOWN
        if desk.asking is not None:
            yield from answer(desk)


def everything(desk: Desk, answer: Answer) -> Iterator[str]:
    """All that the lesson asks: before phases, in each experiment, and on its pages."""
    asked = desk.session.lesson.predictions
    yield "p"
    for option in desk.session.lesson_run.options(EXPERIMENTS) or [None]:
        if option is not None and not desk.session.lesson_run.is_chosen(option):
            desk.session.choose(option)
        here = [each for each in asked if is_here(desk.session, each)]
        for _ in range(1 + max((each.at or 0 for each in here), default=-1)):
            yield from one_round(desk, answer)
    yield from pages(desk, answer)


def is_here(session: Session, asked: Authored) -> bool:
    """Whether a question belongs to the experiment that is open."""
    return session.experiment is not None and asked.experiment == session.experiment.id


def blanks(desk: Desk, answer: Answer) -> Iterator[str]:
    """A round with one blank in each phase, and one with all results left out."""
    for _ in range(2):
        yield "w"
        yield from one_round(desk, answer)
    yield "w"
