"""A number as a learner types it: its characters, its value, its number of digits."""

import math
import re
import unicodedata
from decimal import Decimal

_NUMBER_SIGNS = frozenset("0123456789.,/+-eE")


def belongs_to_answer(text: str) -> bool:
    """Whether every character can be part of a number; full-width digits and signs count."""
    return bool(text) and all(
        char in _NUMBER_SIGNS or (not char.isascii() and not char.isalpha() and char.isprintable())
        for char in text
    )


LONGEST = 40

_DECIMAL = r"(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?"
_ANSWER = re.compile(rf"(?P<sign>[-+]?)(?P<number>{_DECIMAL})(?:/(?P<below>[-+]?{_DECIMAL}))?")
_SPACE_AROUND_SIGN = re.compile(r"\s*([-+/])\s*")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")
_KEPT_FORMS = {"<wide>", "<narrow>", "<small>", "<noBreak>"}
"""Unicode decompositions that keep a character's meaning; a superscript 2 is no 2."""

_SIGNS = str.maketrans("−–‒﹣⁄∕÷،٫。", "----///,..")


class AnswerError(ValueError):
    """A text is not a number; the message says in one sentence what can be typed."""


def read_answer(text: str) -> float:
    """The typed number: `-2.5`, `.5`, `0,5`, `2e-3`, `1/3`. Raises AnswerError.

    Full-width digits and signs are read as plain ones, a true minus sign as a hyphen.
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
    if not abs(value) < float("inf"):  # true of NaN, too
        raise AnswerError("That number is too large to be read; type a smaller one.")
    return value


def in_thousands(text: str) -> float | None:
    """What `982,802` means with commas between thousands; None for other texts."""
    plain = _plain(text)
    return float(plain.replace(",", "")) if _THOUSANDS.fullmatch(plain) else None


def _plain(text: str) -> str:
    """The text in plain characters, without surrounding blanks."""
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
    """Decimal commas as points; a text with both, or with several, is no number."""
    if any(part.count(",") > 1 or {",", "."} <= set(part) for part in text.split("/")):
        message = "Commas and points cannot both be read; type a number as 1234.5 or 1234,5."
        raise AnswerError(message)
    return text.replace(",", ".")


# How many digits

USUAL_DIGITS = 3
MOST_DIGITS = 5
"""The number of digits that the tutor writes, and so the most it asks for."""
PRINTED = 5e-5
"""The relative error of a number computed from printed ones."""
MOST_FALSE = 0.05
"""The largest relative error of a number that was rounded or cut off."""

_DUST = 1e-9


def unit(number: float, digits: int) -> float:
    """The worth of one unit in the last of so many significant digits."""
    if number == 0:
        return 0.0
    return 10.0 ** (math.floor(math.log10(abs(number))) - digits + 1)


def is_same(typed: float, number: float) -> bool:
    """Whether two numbers differ only by floating-point error."""
    return abs(typed - number) <= _DUST * abs(number)


def means(typed: float, number: float) -> bool:
    """Whether a number was typed exactly, or rounded to at least three digits.

    It may be computed from printed numbers and so differ in the last printed digit.
    """
    step = min(last_unit(typed), unit(typed, USUAL_DIGITS))
    return abs(typed - number) <= max(step / 2 + _DUST * abs(number), PRINTED * abs(number))


def too_short(typed: float, number: float) -> bool:
    """Whether a number was rounded or cut off to too few digits."""
    step, off = last_unit(typed), abs(typed - number)
    if off > MOST_FALSE * abs(number):
        return False
    cut = abs(typed) < abs(number) and off < step
    return cut or off <= step / 2 + _DUST * abs(number)


def last_unit(typed: float) -> float:
    """The worth of one unit in the last typed digit: 0.01 for 3.25, 1 for 40."""
    exponent = Decimal(repr(float(typed))).normalize().as_tuple().exponent
    assert isinstance(exponent, int)  # typed numbers are finite
    return 10.0 ** min(exponent, 0)
