"""What a typed number means (right, nearly right, a misconception), and the reply to it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from math import prod

from gd_tutor.course.check import backward_of, with_formulas
from gd_tutor.course.lesson import Lesson, Mistake, NumberQuestion
from gd_tutor.course.question_blocks import Tolerance
from gd_tutor.engine.expression import Expression, Name, gradient_of, next_of
from gd_tutor.engine.operations import ShapeError
from gd_tutor.engine.program import Program
from gd_tutor.engine.state import Phase
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.questions.asked_number import AskedNumber, experiment_of, which_line
from gd_tutor.questions.misconceptions import pairs_of, rules_of
from gd_tutor.questions.typed_numbers import (
    MOST_DIGITS,
    MOST_FALSE,
    USUAL_DIGITS,
    is_same,
    means,
    too_short,
    unit,
)
from gd_tutor.questions.wrong_rule import ROUNDED_EARLY, Misconception, Rule, Specificity

MOST_SAID = 3
"""The most misconceptions that are named where several fit equally well."""
DIGITS = {3: "three", 4: "four", 5: "five"}
READ_AGAIN = "Not yet. Read the question once more: what is given, and what is asked for?"
TAKE_A_HINT = "Not yet. `h` gives a hint, one small step at a time."


class Outcome(Enum):
    """The kinds of typed numbers.

    A nearly right number has too few right digits; a misconception may also explain it.
    """

    RIGHT = "right"
    NEARLY = "nearly"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Diagnosis:
    """What a typed number means: the wrong rule that gives it, or several that fit equally well."""

    outcome: Outcome
    typed: float
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Meaning:
    """A wrong rule and the number that it gives."""

    rule: Rule
    number: float

    @property
    def is_own(self) -> bool:
        return self.rule.misconception.specificity is Specificity.OWN


class AnswerKey:
    """The meanings of all answers to one question, in one run."""

    def __init__(
        self, asked: AskedNumber, training: Training, lesson: Lesson | None = None
    ) -> None:
        self.asked = asked
        self.training = training
        self.lesson = lesson

    @property
    def truth(self) -> float:
        return self.asked.value

    @cached_property
    def meanings(self) -> tuple[Meaning, ...]:
        """The numbers of all single misconceptions that differ from the right one."""
        asked, training = self.asked, self.training
        own = own_rules(asked, training, self.lesson)
        return tuple(self._wrong((*own, *rules_of(asked, training))))

    @cached_property
    def digits(self) -> int:
        """The number of digits that tells the right number from all known wrong ones."""
        gaps = [abs(number - self.truth) for number in self._others]
        enough = range(USUAL_DIGITS, MOST_DIGITS)
        return next(
            (d for d in enough if unit(self.truth, d) < min(gaps, default=1e400)), MOST_DIGITS
        )

    def diagnose(self, typed: float) -> Diagnosis:
        """What a typed number means.

        It is right where it is close enough to the right number, and closer than to any other.
        """
        truth, close = self.truth, self.asked.tolerance.accepts(self.truth, typed)
        if close and all(abs(typed - truth) < abs(typed - other) for other in self._others):
            return Diagnosis(Outcome.RIGHT, typed)
        rules = self._explaining(typed)
        if close or (too_short(typed, truth) and not self._is_known(typed)):
            told = tuple(rule for rule in rules if rule.misconception != ROUNDED_EARLY)
            return Diagnosis(Outcome.NEARLY, typed, told)
        return Diagnosis(Outcome.EXPLAINED if rules else Outcome.UNEXPLAINED, typed, rules)

    @cached_property
    def _others(self) -> Sequence[float]:
        """The numbers that an answer must be told from."""
        return [each.number for each in self.meanings if each.rule.misconception != ROUNDED_EARLY]

    def _is_known(self, typed: float) -> bool:
        """Whether a misconception gives exactly this number."""
        return any(is_same(other, typed) for other in self._others)

    def _explaining(self, typed: float) -> tuple[Rule, ...]:
        """The most specific rules that give a number; pairs of slips where no single one does.

        Among equally specific rules, those that match exactly come first.
        """
        for meanings in self.meanings, self._pairs:
            fitting = [each for each in meanings if self._fits(each, typed)]
            if not fitting:
                continue
            own = [each for each in fitting if each.is_own]
            if own:
                return (min(own, key=lambda each: abs(each.number - typed)).rule,)
            best = min(each.rule.rank for each in fitting)
            fitting = [each for each in fitting if each.rule.rank == best]
            exact = [each for each in fitting if is_same(each.number, typed)]
            rules = _told_apart(each.rule for each in exact or fitting)
            return rules if len(rules) <= MOST_SAID else ()
        return ()

    @cached_property
    def _pairs(self) -> tuple[Meaning, ...]:
        return tuple(self._wrong(pairs_of(self.asked, self.training)))

    def _fits(self, meaning: Meaning, typed: float) -> bool:
        """Whether a typed number means this wrong one rather than the right one.

        An author's wrong number allows the same relative tolerance as the right one; any other must
        match as printed.
        """
        number, off = meaning.number, abs(typed - meaning.number)
        if off > abs(typed - self.truth):
            return False
        part = self.asked.tolerance.distance(self.truth) / abs(self.truth or 1.0)
        return means(typed, number) or (meaning.is_own and off <= part * abs(number))

    def _wrong(self, rules: Iterable[Rule]) -> Iterator[Meaning]:
        for rule in rules:
            number = rule.number(self.asked, self.training)
            if number is not None and self._is_told_apart(rule, number):
                yield Meaning(rule, number)

    def _is_told_apart(self, rule: Rule, number: float) -> bool:
        """Whether a wrong number differs from the right one; one rounded early may be close."""
        truth, off = self.truth, abs(number - self.truth)
        if rule.misconception == ROUNDED_EARLY:
            return self.asked.tolerance.distance(truth) < off < MOST_FALSE * abs(truth)
        return off > unit(truth, MOST_DIGITS) / 2  # they are printed differently


def _told_apart(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules without those that say the same as an earlier one."""
    first: dict[object, Rule] = {}
    for rule in rules:
        first.setdefault((rule.misconception, rule.about), rule)
    return tuple(first.values())


# A lesson's own


def own_rules(asked: AskedNumber, training: Training, lesson: Lesson | None) -> tuple[Rule, ...]:
    """The lesson's own mistakes for this number, as rules."""
    if lesson is None:
        return ()
    program = training.program
    if not program.is_in_turn:
        return ()  # with the phases out of order no mistake keeps its meaning
    own = asked.authored
    if own is not None:
        mistakes = [(own.answer, mistake) for mistake in own.mistakes]
    else:
        mistakes = [*_about(asked, experiment_of(training, lesson), lesson)]
    return tuple(
        _rule_of(program, answer, mistake, asked.phase)
        for answer, mistake in mistakes
        if _fits(mistake, program)
    )


def _about(
    asked: AskedNumber, experiment: str, lesson: Lesson
) -> Iterator[tuple[Expression, Mistake]]:
    """The lesson's mistakes about a number of the program, each with the answer it belongs to."""
    every = (*lesson.predictions, *lesson.questions)
    questions = [each for each in every if isinstance(each, NumberQuestion)]
    name = asked.line.name if asked.line is not None else ""
    for own in questions:
        if own.experiment != experiment or own.at not in (None, asked.position.iteration):
            continue
        for mistake in own.mistakes:
            led_to = {made(each) for each in mistake.gradient for made in (gradient_of, next_of)}
            if own.answer == asked.answer or name in led_to:
                yield own.answer, mistake


def _fits(mistake: Mistake, program: Program) -> bool:
    """Whether a mistake's formulas fit the shapes here; a batch may have fewer samples."""
    formulas = [*mistake.gradient.values(), *([mistake.answer] if mistake.answer else [])]
    try:
        shapes = [program.shape_of(formula) for formula in formulas]
    except ShapeError:
        return False
    return bool(mistake.gradient) or all(prod(shape) == 1 for shape in shapes)


def _rule_of(program: Program, answer: Expression, mistake: Mistake, phase: Phase) -> Rule:
    """A rule with changed lines where the mistake is about a line of the phase, else one number."""
    misconception = Misconception(mistake.id, mistake.say, mistake.say, Specificity.OWN)
    if mistake.answer is None:
        return Rule(misconception, program, wrong={Phase.BACKWARD: backward_of(program, mistake)})
    lines = program.lines_of(phase)
    match answer:
        case Name(name) if name in {line.name for line in lines} and not program.shapes[name]:
            wrong = with_formulas(program, lines, {name: mistake.answer})
            return Rule(misconception, program, wrong={phase: wrong})
    return Rule(misconception, program, answer=mistake.answer)


# Replies


def reply(found: Diagnosis, key: AnswerKey, notation: Notation, tries: int = 0) -> list[str]:
    """The reply to an answer, without the right number; `tries` counts earlier wrong answers."""
    match found.outcome:
        case Outcome.RIGHT:
            return ["Right."]
        case Outcome.NEARLY if found.rules:
            rounded = f"If you rounded: {_needed(key, notation)}."
            return [explained(found.rules, notation), rounded]
        case Outcome.NEARLY:
            return [f"Nearly: {_needed(key, notation)}."]
        case Outcome.EXPLAINED:
            return [explained(found.rules, notation)]
    return [_nudge(found.typed, key.asked, notation, tries)]


def explained(rules: Sequence[Rule], notation: Notation) -> str:
    """What went wrong, or that several rules fit equally well."""
    if len(rules) == 1:
        return rules[0].sentence(notation)
    *first, last = [rule.briefly(notation) for rule in rules]
    if rules[0].misconception.specificity is Specificity.PAIR:
        count = "two slips at once give"
    else:
        count = f"{'either of two' if len(rules) == 2 else 'any of several'} slips gives"
    return f"That is what {count} here: {', '.join(first)}, or {last}."


def _needed(key: AnswerKey, notation: Notation) -> str:
    """How close an answer must be."""
    within = key.asked.tolerance.within
    if within is None or key.digits > USUAL_DIGITS:
        return f"{DIGITS[key.digits]} digits have to be right"
    if within == 0:
        return "it has to be exact"
    return f"it has to be right within {notation.number(within)}"


def _nudge(typed: float, asked: AskedNumber, notation: Notation, tries: int) -> str:
    """Help for an unexplained number, varying by try: the line, the size, a hint."""
    compared = f"Not yet: {_compared(typed, asked.value, notation)}."
    if typed == 0 and tries % 2:  # nothing to compare
        where = which_line(asked, notation) if asked.line else "what is given"
        return f"{compared} Look at {where}."
    match tries:
        case 0 if asked.line is None:
            return READ_AGAIN
        case 0:
            return f"Not yet. Look at {which_line(asked, notation)}."
        case 1:
            return compared
    return f"{compared} `h` shows a step." if tries % 2 else TAKE_A_HINT


def _compared(typed: float, truth: float, notation: Notation) -> str:
    """How the right number differs from the typed one, in sign or size."""
    said = notation.number(typed)
    if typed == 0:
        return "it is not 0"
    if typed * truth < 0:
        return "its sign is the other one; begin with that"
    if typed > 0:
        return f"it is {'larger' if truth > typed else 'smaller'} than {said}"
    return f"it is {'farther below' if truth < typed else 'nearer to'} 0 than {said}"


def stated(tolerance: Tolerance, digits: int, notation: Notation) -> str:
    """How close an answer must be, in a few words, shown before anything is typed."""
    within = tolerance.within
    if digits > USUAL_DIGITS:
        return f"{DIGITS[digits]} digits, please"
    if within is None:
        return "three digits are enough"
    return f"within {notation.number(within)}" if within else "exactly"
