"""What is said to a learner: hints step by step, and at most one reason for a wrong number."""

from collections.abc import Collection, Sequence

from gd_tutor.engine.expression import names
from gd_tutor.engine.optimizers import descent
from gd_tutor.engine.program import LEARNING_RATE
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.questions.answers import DIGITS
from gd_tutor.questions.diagnosis import AnswerKey, Diagnosis, Outcome
from gd_tutor.questions.digits import USUAL_DIGITS
from gd_tutor.questions.misconceptions import Specificity
from gd_tutor.questions.targets import Target, listed
from gd_tutor.questions.what_if import Rule


def hints(target: Target, training: Training, notation: Notation) -> tuple[str, ...]:
    """The steps towards a target's number, the lesson's own first; only the last one gives it."""
    answer = notation.number(target.value)
    own = target.prediction.hints if target.prediction else ()
    # An author's hints say which formula it is better than its name does.
    steps = [*own, *_steps(target, training, notation, answer)[bool(own) :]]
    return (*dict.fromkeys(steps), f"{target.label(notation)} {notation.equals} {answer}")


def _steps(target: Target, training: Training, notation: Notation, answer: str) -> list[str]:
    iteration = target.position.iteration
    values = training.shown_at(Position(iteration, Phase.UPDATE))
    label = target.label(notation)
    if target.line is None:
        formula = notation.formula(target.answer)
        put_in = notation.substituted(target.answer, values)
        known = (answer, formula)  # a formula of numbers alone has them in it already
        first = [] if target.is_of_both else [f"Work out {formula}."]
        return [*first, *_unless(put_in, known, f"{label} {notation.equals}")]
    line = target.line
    sign = notation.becomes if target.phase is Phase.UPDATE else notation.equals
    name = notation.name(line.name)
    if target.index:
        put_in = notation.cell(line.expression, values, target.index)
    else:
        put_in = notation.substituted(line.expression, values)
    formula = f"{name} {sign} {notation.formula(line.expression)}"
    return [
        f"It is {which_line(target, notation)}.",
        formula,
        *_unless(put_in, (answer,), f"{label} {sign}"),
    ]


def _unless(put_in: str, known: Collection[str], begin: str) -> list[str]:
    """The formula with its numbers, unless that is said anyway."""
    return [] if put_in in known else [f"{begin} {put_in}"]


def which_line(target: Target, notation: Notation) -> str:
    """Which formula it is, in words."""
    assert target.line is not None
    sources = listed(map(notation.name, names(target.line.expression)))
    name = notation.name(target.line.name)
    match target.phase:
        case Phase.BACKWARD:
            if not sources:
                return f"the chain rule for {name}"
            return f"the chain rule for {name}: it uses {sources}"
        case Phase.UPDATE if target.line in descent(target.line.name.removeprefix("next.")):
            eta = notation.name(LEARNING_RATE)
            return f"the update: the old {name}, minus {eta} times its slope"
    if not sources:
        return f"the line for {name}"
    return f"the line for {name}: it is made from {sources}"


READ_AGAIN = "Not yet. Read the question once more: what is given, and what is asked for?"
TAKE_A_HINT = "Not yet. `h` gives a hint, one small step at a time."


def reply(found: Diagnosis, key: AnswerKey, notation: Notation, tries: int = 0) -> list[str]:
    """What to say; the right number is never named. `tries` counts the wrong answers before."""
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
    return [_nudge(found.typed, key.target, notation, tries)]


def explained(rules: Sequence[Rule], notation: Notation) -> str:
    """What went wrong; where several rules fit alike, that they do."""
    if len(rules) == 1:
        return rules[0].sentence(notation)
    *first, last = [rule.briefly(notation) for rule in rules]
    if rules[0].misconception.specificity is Specificity.PAIR:
        count = "two slips at once give"
    else:
        count = f"{'either of two' if len(rules) == 2 else 'any of several'} slips gives"
    return f"That is what {count} here: {', '.join(first)}, or {last}."


def _needed(key: AnswerKey, notation: Notation) -> str:
    """How close an answer has to be."""
    within = key.target.tolerance.within
    if within is None or key.digits > USUAL_DIGITS:
        return f"{DIGITS[key.digits]} digits have to be right"
    if within == 0:
        return "it has to be exact"
    return f"it has to be right within {notation.number(within)}"


def _nudge(typed: float, target: Target, notation: Notation, tries: int) -> str:
    """Help for a number that nothing explains, another each time: the line, the size, a hint."""
    compared = f"Not yet: {_compared(typed, target.value, notation)}."
    if typed == 0 and tries % 2:  # there is nothing to compare
        where = which_line(target, notation) if target.line else "what is given"
        return f"{compared} Look at {where}."
    match tries:
        case 0 if target.line is None:
            return READ_AGAIN
        case 0:
            return f"Not yet. Look at {which_line(target, notation)}."
        case 1:
            return compared
    return f"{compared} `h` shows a step." if tries % 2 else TAKE_A_HINT


def _compared(typed: float, truth: float, notation: Notation) -> str:
    """How the right number differs from the one that was typed, in its sign or in its size."""
    said = notation.number(typed)
    if typed == 0:
        return "it is not 0"
    if typed * truth < 0:
        return "its sign is the other one; begin with that"
    if typed > 0:
        return f"it is {'larger' if truth > typed else 'smaller'} than {said}"
    return f"it is {'farther below' if truth < typed else 'nearer to'} 0 than {said}"
