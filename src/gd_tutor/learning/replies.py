"""What is said to a typed number: at most one reason for it, and kindly where it is wrong."""

from collections.abc import Sequence

from gd_tutor.learning.answers import DIGITS
from gd_tutor.learning.diagnosis import AnswerKey, Diagnosis, Outcome
from gd_tutor.learning.digits import USUAL_DIGITS
from gd_tutor.learning.hints import which_line
from gd_tutor.learning.rule import Rule
from gd_tutor.learning.targets import Target
from gd_tutor.notation.formulas import Notation

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
    count = "either of two slips" if len(rules) == 2 else "any of several slips"
    return f"That is what {count} gives here: {', '.join(first)}, or {last}."


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
