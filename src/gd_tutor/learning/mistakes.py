"""What a wrong number means: the rules, built in and the lesson's own, that explain it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from math import prod

from gd_tutor.learning.rule import Rule
from gd_tutor.learning.rules import pairs_of, rules_of
from gd_tutor.learning.targets import Target, experiment_of
from gd_tutor.lessons import Lesson, Mistake, NumberQuestion, Prediction
from gd_tutor.lessons.mistakes import backward_of, with_formulas
from gd_tutor.notation.formulas import Notation
from gd_tutor.program import Name, Program
from gd_tutor.program.bugs import ORDER
from gd_tutor.program.shapes import ShapeError
from gd_tutor.training import Phase, Training

MOST_SAID = 3
"""So many slips are named: where more give one number by chance, the first are the likely ones."""


class Outcome(Enum):
    """What a typed number was: right, wrong in a way that rules explain, or simply wrong."""

    RIGHT = "right"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Diagnosis:
    """What a typed number means: all the rules that give it, if it is wrong."""

    outcome: Outcome
    typed: float
    rules: tuple[Rule, ...] = ()

    def sentences(self, notation: Notation) -> list[str]:
        """What to say; a wrong number is named, the right one is not."""
        match self.outcome:
            case Outcome.RIGHT:
                return ["Right."]
            case Outcome.EXPLAINED:
                return [rule.sentence(notation) for rule in self.rules[:MOST_SAID]]
        return ["Not yet. How you got that is not known here; h gives a hint."]


def diagnose(
    target: Target, typed: float, training: Training, lesson: Lesson | None = None
) -> Diagnosis:
    """What a typed number means.

    Rules that give the right number here are passed over. Two slips at once are only thought of
    where no single one explains the number.
    """
    if target.tolerance.accepts(target.value, typed):
        return Diagnosis(Outcome.RIGHT, typed)
    single = own_rules(target, training, lesson) + rules_of(target, training)
    for rules in single, pairs_of(target, training):
        found = tuple(_explaining(rules, target, typed, training))
        if found:
            return Diagnosis(Outcome.EXPLAINED, typed, found)
    return Diagnosis(Outcome.UNEXPLAINED, typed)


def wrong_numbers(
    target: Target, training: Training, lesson: Lesson | None = None
) -> list[tuple[Rule, float]]:
    """Every single rule for a target with the wrong number that it gives here."""
    rules = own_rules(target, training, lesson) + rules_of(target, training)
    return [*_wrong(rules, target, training)]


def _wrong(
    rules: Iterable[Rule], target: Target, training: Training
) -> Iterator[tuple[Rule, float]]:
    for rule in rules:
        number = rule.number(target, training)
        if number is not None and not target.tolerance.accepts(target.value, number):
            yield rule, number


def _explaining(
    rules: Iterable[Rule], target: Target, typed: float, training: Training
) -> Iterator[Rule]:
    said = set()
    for rule, number in _wrong(rules, target, training):
        words = rule.says, rule.about
        if target.tolerance.accepts(number, typed) and words not in said:
            said.add(words)
            yield rule


# A lesson's own


def own_rules(target: Target, training: Training, lesson: Lesson | None) -> tuple[Rule, ...]:
    """The lesson's own mistakes in answering this, as rules."""
    if lesson is None:
        return ()
    program, experiment = training.program, experiment_of(training, lesson)
    if program.order != ORDER:
        return ()  # where an iteration is upside down, no mistake has its usual meaning
    asked: list[Prediction | NumberQuestion] = [*lesson.predictions]
    asked += (each for each in lesson.questions if isinstance(each, NumberQuestion))
    found = []
    for prediction in asked:
        if prediction.experiment != experiment:
            continue
        same = prediction == target.prediction or prediction.answer == target.answer
        for mistake in prediction.mistakes:
            if not _fits(mistake, program):
                continue
            if mistake.gradient and (same or target.phase > Phase.FORWARD):
                found.append(_rule_of_gradient(program, mistake))
            elif same:
                found.append(_rule_of_answer(program, prediction, mistake, target.phase))
    return tuple(found)


def _fits(mistake: Mistake, program: Program) -> bool:
    """Whether a mistake can be made here: a batch has fewer samples than it was written for."""
    formulas = [*mistake.gradient.values(), *([mistake.answer] if mistake.answer else [])]
    try:
        shapes = [program.shape_of(formula) for formula in formulas]
    except ShapeError:
        return False
    return bool(mistake.gradient) or all(prod(shape) == 1 for shape in shapes)


def _rule_of_gradient(program: Program, mistake: Mistake) -> Rule:
    wrong = {Phase.BACKWARD: backward_of(program, mistake)}
    return Rule("own", mistake.say, program, wrong=wrong)


def _rule_of_answer(
    program: Program, prediction: Prediction | NumberQuestion, mistake: Mistake, phase: Phase
) -> Rule:
    """A rule that can be followed on where the answer is a line of the phase, else one number."""
    assert mistake.answer is not None
    lines = program.lines_of(phase)
    match prediction.answer:
        case Name(name) if name in {line.name for line in lines} and not program.shapes[name]:
            wrong = with_formulas(program, lines, {name: mistake.answer})
            return Rule("own", mistake.say, program, wrong={phase: wrong})
    return Rule("own", mistake.say, program, answer=mistake.answer)
