"""A question, its kinds of answers (a number, a choice, a wrong line to find), and its verdict.

Predictions, questions of a page, blanks and recalled questions are all of this class.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from gd_tutor.course.lesson import (
    Authored,
    ChoiceQuestion,
    FindQuestion,
    Lesson,
)
from gd_tutor.engine.compile import evaluate
from gd_tutor.engine.expression import Index
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.worked import worked_phase
from gd_tutor.questions.asked_number import (
    AskedNumber,
    experiment_of,
    hints,
    number_of,
    ready_for,
)
from gd_tutor.questions.author_words import Wording, of_question
from gd_tutor.questions.diagnosis import AnswerKey, Outcome, reply, stated
from gd_tutor.questions.typed_numbers import AnswerError, in_thousands, read_answer
from gd_tutor.questions.wrong_rule import Rule

AT_START = Position(0, Phase.START)
NOT_THIS = "Not yet: it is another one."
RULE_OUT = "Go through the answers one by one: which of them can you rule out?"
TRUE_LINE = "Not that one: it has no mistake. Work out another line."


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, what to say to it, and the rules that explain it.

    `option` is the chosen option's name in the log.
    """

    right: bool
    sentences: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    option: str = ""


class Answer(ABC):
    """How a question is answered, and what is right.

    `options` are empty where a number is typed; `about` are the values it uses, where known.
    """

    options: tuple[str, ...]
    about: tuple[str, ...] = ()

    @property
    def stated(self) -> str:
        """How close an answer must be, in a few words."""
        return ""

    @abstractmethod
    def judge(self, typed: str, tries: int) -> Verdict:
        """Judge an answer after `tries` wrong ones. Raises AnswerError where it cannot be read."""

    @property
    @abstractmethod
    def truth(self) -> str:
        """The right answer."""

    @abstractmethod
    def hints(self, tried: Collection[int] = ()) -> Sequence[str]:
        """Steps towards the answer, given the options already tried; the last one gives it away."""

    @property
    def ready(self) -> Position:
        """The latest position at which a run helps to answer but does not give the answer away."""
        return AT_START


Key = tuple[str, str]
"""A question's lesson id and its own id."""


@dataclass(eq=False)
class Question:
    """One question, in one notation.

    `id` is its name in the log, `name` the value it is about. `own` marks an author's question.
    `lesson_id` is the lesson that asks it, where that is not the open one.
    """

    id: str
    ask: str
    answer: Answer
    name: str = ""
    own: bool = True
    lesson_id: str = ""

    @property
    def key(self) -> Key:
        return self.lesson_id, self.id

    @property
    def options(self) -> tuple[str, ...]:
        """The answers to choose from."""
        return self.answer.options

    @property
    def about(self) -> tuple[str, ...]:
        """The names of the values that it asks about, where known."""
        return (self.name,) if self.name else self.answer.about

    def judge(self, typed: str, tries: int = 0) -> Verdict:
        """Judge an answer after `tries` wrong ones. Raises AnswerError where it cannot be read."""
        return self.answer.judge(typed, tries)


class NumberAnswer(Answer):
    """A number that the next phase reveals, or that the lesson asks for."""

    def __init__(
        self,
        asked: AskedNumber,
        training: Training,
        lesson: Lesson,
        notation: Notation,
        wording: Wording,
    ) -> None:
        self.asked = asked
        self.training = training
        self.lesson = lesson
        self.notation = notation
        self.wording = wording
        self.options = ()
        self.about = asked.lines

    @cached_property
    def key(self) -> AnswerKey:
        """The meanings of its answers, computed when first needed."""
        return AnswerKey(self.asked, self.training, self.lesson)

    @property
    def stated(self) -> str:
        return stated(self.asked.tolerance, self.key.digits, self.notation)

    def judge(self, typed: str, tries: int) -> Verdict:
        found = self.key.diagnose(read_answer(typed))
        if found.outcome is Outcome.RIGHT:
            return Verdict(True, ("Right.",))
        sentences = reply(found, self.key, self.notation, tries)
        said = tuple(map(self.wording.sentence, sentences))
        whole = in_thousands(typed)
        if whole is None:
            return Verdict(False, said, found.rules)
        plain, read = map(self.notation.number, (whole, found.typed))
        note = f"{typed.strip()} was read as {read}: a comma is a decimal point here."
        if self.key.diagnose(whole).outcome is Outcome.RIGHT:
            raise AnswerError(f"{note} Type {plain} without it.")
        return Verdict(False, (note, *said), found.rules)

    @property
    def truth(self) -> str:
        label = self.asked.label(self.notation)
        return f"{label} {self.notation.equals} {self.notation.number(self.asked.value)}"

    @property
    def ready(self) -> Position:
        return ready_for(self.asked, self.training)

    def hints(self, tried: Collection[int] = ()) -> Sequence[str]:
        del tried
        return self._hints

    @cached_property
    def _hints(self) -> Sequence[str]:
        steps = hints(self.asked, self.training, self.notation)
        return tuple(map(self.wording.sentence, steps))


@dataclass(eq=False)
class ChoiceAnswer(Answer):
    """A few options, one of them right; each may have a reason why it is right or wrong.

    `options` are in the order shown, and `right` is the index of the right one. `called` are their
    names in the log, where these are not their words. `steps` are hints. `known` is the latest
    position at which a run helps.
    """

    options: tuple[str, ...]
    right: int
    reasons: Sequence[tuple[str, ...]] = ()
    steps: Sequence[str] = ()
    called: Sequence[str] = ()
    known: Position = AT_START

    def judge(self, typed: str, tries: int) -> Verdict:
        del tries
        place = self.chosen(typed)
        if place is None:
            raise AnswerError(f"Choose one of the answers: type 1 to {len(self.options)}.")
        right = place == self.right
        plain = ("Right." if right else NOT_THIS,)
        said = self.reasons[place] if self.reasons else plain
        return Verdict(right, said, option=(self.called or self.options)[place])

    def chosen(self, typed: str) -> int | None:
        """The option meant by its number, from 1, or by its words."""
        words = [option.casefold() for option in self.options]
        text = typed.strip().casefold()
        if text in words:
            return words.index(text)
        try:
            number = read_answer(text)
        except AnswerError:
            return None
        return int(number) - 1 if number in range(1, len(words) + 1) else None

    @property
    def truth(self) -> str:
        return f"the answer is {self._quoted(self.right)}"

    def hints(self, tried: Collection[int] = ()) -> Sequence[str]:
        """The question's hints, then one wrong option each until only one option is left."""
        steps = self.steps or (RULE_OUT,)
        places = range(len(self.options))
        wrong = [place for place in places if place != self.right and place not in tried]
        out = [f"It is not {self._quoted(place)}." for place in wrong]
        return (*steps, *out[:-1], f"{self.truth[0].upper()}{self.truth[1:]}.")

    def _quoted(self, place: int) -> str:
        """An option by its number and its quoted words, which may contain a colon."""
        return f'{place + 1}, "{self.options[place].rstrip(".")}"'

    @property
    def ready(self) -> Position:
        return self.known


# What a lesson asks


def question_of(
    asked: Authored, training: Training | None, lesson: Lesson, notation: Notation
) -> Question:
    """The question on a lesson's page, in a run of its experiment."""
    part = lesson.experiment_of(asked.experiment)
    notation = part.notation(notation) if part is not None else notation
    if isinstance(asked, ChoiceQuestion):
        return authored_choice(asked, training, lesson, notation, 0)
    assert training is not None
    if isinstance(asked, FindQuestion):
        return wrong_line(asked, training, lesson, notation)
    return number_question(number_of(asked, training), training, lesson, notation)


def number_question(
    asked: AskedNumber, training: Training, lesson: Lesson, notation: Notation
) -> Question:
    """A question for a number: the author's own, or one generated from the program."""
    own, name = asked.authored, asked.line.name if asked.line else ""
    experiment = own.experiment if own else experiment_of(training, lesson)
    wording = of_question(notation, training, lesson, experiment, asked.position.iteration)
    return Question(
        own.logged if own else name + place_of(asked.index),
        wording.sentence(asked.ask(notation)),
        NumberAnswer(asked, training, lesson, notation, wording),
        name,
        own=own is not None,
    )


def authored_choice(
    asked: ChoiceQuestion,
    training: Training | None,
    lesson: Lesson,
    notation: Notation,
    iteration: int,
) -> Question:
    """A choice written by the lesson's author, its options shuffled.

    The order depends on lesson and question only: it never changes, and does not tell which
    option is right.
    """
    write = of_question(notation, training, lesson, asked.experiment, iteration).sentence
    options = list(asked.options)
    Random(f"{lesson.id}:{asked.id}").shuffle(options)
    answer = ChoiceAnswer(
        tuple(write(option.text) for option in options),
        next(place for place, option in enumerate(options) if option.right),
        [(write(option.say),) for option in options],
        [*map(write, asked.hints)],
        [str(option.text) for option in options],
    )
    return Question(asked.logged, write(asked.ask), answer)


def wrong_line(
    asked: FindQuestion, training: Training, lesson: Lesson, notation: Notation
) -> Question:
    """A phase's worked lines to choose from, one of them with a false result."""
    at = asked.at or 0
    write = of_question(notation, training, lesson, asked.experiment, at).sentence
    phase = Phase.named(asked.phase)
    false = evaluate(asked.by, training.values_at(Position(at, Phase.UPDATE)))
    lines = worked_phase(training, phase, at)
    texts = [line.sentence(notation) for line in lines]
    right = next(place for place, line in enumerate(lines) if line.name == asked.wrong)
    true = lines[right].parts(notation)[-1]
    texts[right] = texts[right].removesuffix(true) + notation.value(false)
    reasons: list[tuple[str, ...]] = [(TRUE_LINE,)] * len(lines)
    reasons[right] = "Right.", write(asked.say)
    answer = ChoiceAnswer(
        tuple(texts),
        right,
        reasons,
        [*map(write, asked.hints)],
        [line.name for line in lines],
        training.after(phase, at).previous,
    )
    return Question(asked.logged, write(asked.ask), answer)


def place_of(index: Index) -> str:
    """An index as the log writes it: `[0, 1]`, empty for a single number."""
    return f"[{', '.join(map(str, index))}]" if index else ""
