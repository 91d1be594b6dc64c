"""What a learner types: read as a number, and held against the truth."""

import re
import unicodedata

from gd_tutor.course.question_blocks import Tolerance
from gd_tutor.notation.formulas import Notation
from gd_tutor.questions.digits import USUAL_DIGITS

LONGEST = 40
DIGITS = {3: "three", 4: "four", 5: "five"}

_DECIMAL = r"(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?"
_ANSWER = re.compile(rf"(?P<sign>[-+]?)(?P<number>{_DECIMAL})(?:/(?P<below>[-+]?{_DECIMAL}))?")
_SPACE_AROUND_SIGN = re.compile(r"\s*([-+/])\s*")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")
_KEPT_FORMS = {"<wide>", "<narrow>", "<small>", "<noBreak>"}
"""Ways of writing a character that leave its meaning as it is; a raised 2 is not a 2."""

_SIGNS = str.maketrans("−–‒﹣⁄∕÷،٫。", "----///,..")


class AnswerError(ValueError):
    """A text is not a number; the message says in one sentence what can be typed."""


def read_answer(text: str) -> float:
    """The number that a learner typed: `-2.5`, `.5`, `0,5`, `2e-3`, `1/3`. Raises AnswerError.

    Full-width digits and signs are read as their plain forms, a true minus as a minus.
    """
    text = text.strip()
    if not text:
        raise AnswerError("Type a number first, such as −2.5 or 1/3.")
    if len(text) > LONGEST:
        raise AnswerError(f"That is long for a number; {LONGEST} characters are the most.")
    match = _ANSWER.fullmatch(_with_points(_plain(text)))
    if match is None:
        raise AnswerError("That could not be read; type one number, such as −2.5, 2e-3 or 1/3.")
    number = float(match["sign"] + match["number"])
    below = float(match["below"]) if match["below"] else 1.0
    if below == 0:
        raise AnswerError("Nothing can be divided by 0; type another fraction or a decimal.")
    value = number / below
    if not abs(value) < float("inf"):  # which is true of NaN, too
        raise AnswerError("That number is too large to be read; type a smaller one.")
    return value


def in_thousands(text: str) -> float | None:
    """What `982,802` means to those who write commas between thousands; None for other texts."""
    plain = _plain(text)
    return float(plain.replace(",", "")) if _THOUSANDS.fullmatch(plain) else None


def stated(tolerance: Tolerance, digits: int, notation: Notation) -> str:
    """How close an answer has to be, in a few words, to be shown before anything is typed."""
    within = tolerance.within
    if digits > USUAL_DIGITS:
        return f"{DIGITS[digits]} digits, please"
    if within is None:
        return "three digits are enough"
    return f"within {notation.number(within)}" if within else "exactly"


def _plain(text: str) -> str:
    """The text in plain characters, without the blanks that surround it and its signs."""
    text = "".join(map(_plain_character, text)).translate(_SIGNS).lower().strip()
    text = re.sub(r"(?<=\d)\s*e\s*(?=[-+]?\s*\d)", "e", text)
    return _SPACE_AROUND_SIGN.sub(r"\1", text)


def _plain_character(character: str) -> str:
    form = unicodedata.decomposition(character).split(" ")[0]
    if form in _KEPT_FORMS:
        character = unicodedata.normalize("NFKC", character)
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _with_points(text: str) -> str:
    """Decimal commas as points; a text that has both, or several, is no number."""
    if any(part.count(",") > 1 or {",", "."} <= set(part) for part in text.split("/")):
        message = "Commas and points cannot both be read; type a number as 1234.5 or 1234,5."
        raise AnswerError(message)
    return text.replace(",", ".")
