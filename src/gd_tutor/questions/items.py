"""What a learner can be asked, and what an answer to it means."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Self

from gd_tutor.course.lesson import (
    ChoicePrediction,
    ChoiceQuestion,
    FindQuestion,
    Lesson,
    NumberQuestion,
    Prediction,
    Question,
)
from gd_tutor.engine.compile import evaluate
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.worked import worked_phase
from gd_tutor.questions.answers import AnswerError, in_thousands, read_answer, stated
from gd_tutor.questions.diagnosis import AnswerKey, Outcome
from gd_tutor.questions.replies import hints, reply
from gd_tutor.questions.targets import Choice, Target, experiment_of, ready_for, target_of
from gd_tutor.questions.what_if import Rule
from gd_tutor.questions.wording import Wording, of_question

RULE_OUT = "Go through the answers one by one: which of them can you rule out?"
TRUE_LINE = "Not that one: it has no mistake. Work out another line."


@dataclass(frozen=True)
class Verdict:
    """What an answer was: right or not, what to say of it, and the rules that explain it.

    `option` is what the log calls the answer that was chosen, where there was a choice.
    """

    right: bool
    sentences: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    option: str = ""


Key = tuple[str, str]
"""What tells a question from all others: its lesson and its id."""


class Item(ABC):
    """One question, in one notation.

    `id` is what the log of progress calls it, `name` the value that it is about; `options` are the
    answers to choose from, none where a number is typed. An author's own question is `own`.
    """

    def __init__(self, id: str, ask: str, name: str = "", own: bool = True) -> None:
        self.id = id
        self.ask = ask
        self.name = name
        self.own = own
        self.options: tuple[str, ...] = ()
        self.lesson_id = ""
        """The lesson that asks it, where it is not the one that is open."""

    @property
    def stated(self) -> str:
        """How close an answer has to be, in a few words."""
        return ""

    @property
    def about(self) -> tuple[str, ...]:
        """The names of the values that it asks about, where they are known."""
        return (self.name,) if self.name else ()

    @property
    def key(self) -> Key:
        return self.lesson_id, self.id

    @abstractmethod
    def judge(self, typed: str, tries: int = 0) -> Verdict:
        """What an answer means, after so many wrong ones. Raises AnswerError for no answer."""

    @property
    @abstractmethod
    def truth(self) -> str:
        """The right answer."""

    @property
    @abstractmethod
    def hints(self) -> Sequence[str]:
        """Steps towards the answer; the last one gives it."""

    def hints_beside(self, tried: Collection[int]) -> Sequence[str]:
        """The hints that still help who has tried those answers to choose from."""
        del tried
        return self.hints

    @property
    def ready(self) -> Position:
        """How far a run may have come that helps to answer it, and does not give the answer."""
        return Position(0, Phase.START)


class NumberItem(Item):
    """A number that the next phase reveals, or that the lesson asks for."""

    def __init__(
        self, target: Target, training: Training, lesson: Lesson, notation: Notation
    ) -> None:
        asked = target.prediction
        name = target.line.name if target.line else ""
        id = _id_of(asked) if asked else name + _place(target.index)
        experiment = asked.experiment if asked else experiment_of(training, lesson)
        wording = of_question(notation, training, lesson, experiment, target.position.iteration)
        super().__init__(id, wording.sentence(target.ask(notation)), name, own=asked is not None)
        self.wording = wording
        self.target = target
        self.training = training
        self.lesson = lesson
        self.notation = notation

    @cached_property
    def answers(self) -> AnswerKey:
        """What its answers mean; worked out when the question is first looked at."""
        return AnswerKey(self.target, self.training, self.lesson)

    @property
    def stated(self) -> str:
        return stated(self.target.tolerance, self.answers.digits, self.notation)

    def judge(self, typed: str, tries: int = 0) -> Verdict:
        found = self.answers.diagnose(read_answer(typed))
        if found.outcome is Outcome.RIGHT:
            return Verdict(True, ("Right.",))
        sentences = reply(found, self.answers, self.notation, tries)
        said = tuple(map(self.wording.sentence, sentences))
        whole = in_thousands(typed)
        if whole is None:
            return Verdict(False, said, found.rules)
        plain, read = map(self.notation.number, (whole, found.typed))
        note = f"{typed.strip()} was read as {read}: a comma is a decimal point here."
        if self.answers.diagnose(whole).outcome is Outcome.RIGHT:
            raise AnswerError(f"{note} Type {plain} without it.")
        return Verdict(False, (note, *said), found.rules)

    @property
    def about(self) -> tuple[str, ...]:
        return super().about or self.target.lines

    @property
    def truth(self) -> str:
        label = self.target.label(self.notation)
        return f"{label} {self.notation.equals} {self.notation.number(self.target.value)}"

    @property
    def ready(self) -> Position:
        return ready_for(self.target, self.training)

    @cached_property
    def hints(self) -> Sequence[str]:
        steps = hints(self.target, self.training, self.notation)
        return tuple(map(self.wording.sentence, steps))


class OptionItem(Item):
    """A question with a few answers; for each there may be a reason why it is right or not.

    The `options` stand in the order in which they are shown, and are counted so.
    """

    def __init__(
        self,
        id: str,
        ask: str,
        options: Sequence[str],
        right: int,
        reasons: Sequence[tuple[str, ...]] = (),
        steps: Sequence[str] = (),
        name: str = "",
        own: bool = True,
        called: Sequence[str] = (),
        known: Position | None = None,
    ) -> None:
        """`called` is what the log calls the options, where it is not by their words.

        `known` is how far a run may have come for it, where that is not the very start.
        """
        super().__init__(id, ask, name, own)
        self.options = tuple(options)
        self.called = tuple(map(str, called or options))
        self.right = right
        self.reasons = reasons
        self.steps = steps
        self.known = known

    @classmethod
    def of_choice(cls, choice: Choice) -> Self:
        """A choice that comes from the program."""
        id = f"{choice.kind}:{choice.name}{_place(choice.index)}"
        return cls(id, choice.ask, choice.options, choice.right, name=choice.name, own=False)

    @classmethod
    def of_lesson(
        cls, asked: ChoicePrediction | ChoiceQuestion, lesson: Lesson, wording: Wording
    ) -> Self:
        """A choice that the lesson's author asks for, its answers in an order of its own.

        Lesson and question decide the order, so that it is the same whenever they are shown, and
        says nothing of which answer is right.
        """
        write = wording.sentence
        options = list(asked.options)
        Random(f"{lesson.id}:{asked.id}").shuffle(options)
        right = next(place for place, option in enumerate(options) if option.right)
        texts = [write(option.text) for option in options]
        reasons = [(write(option.say),) for option in options]
        steps = [*map(write, asked.hints)]
        called = [option.text for option in options]
        return cls(_id_of(asked), write(asked.ask), texts, right, reasons, steps, called=called)

    @classmethod
    def of_find(cls, asked: FindQuestion, training: Training, wording: Wording) -> Self:
        """A phase's worked lines, one of them with a false result."""
        notation, write = wording.notation, wording.sentence
        phase = Phase.named(asked.phase)
        values = training.values_at(Position(asked.at, Phase.UPDATE))
        false = evaluate(asked.by, values)
        lines = worked_phase(training, phase, asked.at)
        right = next(place for place, line in enumerate(lines) if line.name == asked.wrong)
        texts = []
        for place, line in enumerate(lines):
            text = line.sentence(notation)
            if place == right:
                text = text.removesuffix(line.parts(notation)[-1]) + notation.value(false)
            texts.append(text)
        reasons: list[tuple[str, ...]] = [(TRUE_LINE,)] * len(lines)
        reasons[right] = "Right.", write(asked.say)
        steps = [*map(write, asked.hints)]
        called = [line.name for line in lines]
        known = training.after(phase, asked.at).previous
        ask = write(asked.ask)
        return cls(_id_of(asked), ask, texts, right, reasons, steps, called=called, known=known)

    def judge(self, typed: str, tries: int = 0) -> Verdict:
        del tries
        place = self.chosen(typed)
        if place is None:
            raise AnswerError(f"Choose one of the answers: type 1 to {len(self.options)}.")
        right = place == self.right
        plain = ("Right." if right else "It is not that.",)
        said = self.reasons[place] if self.reasons else plain
        return Verdict(right, said, option=self.called[place])

    def chosen(self, typed: str) -> int | None:
        """The option that was meant by its number, from 1, or by its words."""
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
        return f"the answer is {self.right + 1}: {self.options[self.right].rstrip('.')}"

    @property
    def hints(self) -> Sequence[str]:
        return self.hints_beside(())

    def hints_beside(self, tried: Collection[int]) -> Sequence[str]:
        """After the hints of the question one wrong answer each, until only one is left."""
        steps = self.steps or (RULE_OUT,)
        places = range(len(self.options))
        wrong = [place for place in places if place != self.right and place not in tried]
        out = [f"It is not {place + 1}: {self.options[place].rstrip('.')}." for place in wrong]
        return (*steps, *out[:-1], f"{self.truth[0].upper()}{self.truth[1:]}.")

    @property
    def ready(self) -> Position:
        return self.known or super().ready


def item_of(
    question: Question, training: Training | None, lesson: Lesson, notation: Notation
) -> Item:
    """A lesson's question, in a run of the experiment that it is about."""
    part = lesson.experiment_of(question.experiment)
    notation = part.notation(notation) if part is not None else notation
    at = 0 if isinstance(question, ChoiceQuestion) else question.at
    wording = of_question(notation, training, lesson, question.experiment, at)
    match question:
        case ChoiceQuestion():
            return OptionItem.of_lesson(question, lesson, wording)
        case NumberQuestion():
            assert training is not None
            return NumberItem(target_of(question, training), training, lesson, notation)
        case FindQuestion():
            assert training is not None
            return OptionItem.of_find(question, training, wording)


def _id_of(asked: Prediction | ChoicePrediction | Question) -> str:
    """What the log calls what a lesson asks."""
    kind = "predict" if isinstance(asked, Prediction | ChoicePrediction) else "question"
    return f"{kind}:{asked.id}"


def _place(index: Sequence[int]) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""
