"""The digits of a typed number: which characters they are, how many were given, and of what."""

import math
from decimal import Decimal

_NUMBER_SIGNS = frozenset("0123456789.,/+-eE")


def belongs_to_answer(text: str) -> bool:
    """Whether every character can be part of a number: digits and signs of any width."""
    return bool(text) and all(
        char in _NUMBER_SIGNS or (not char.isascii() and not char.isalpha() and char.isprintable())
        for char in text
    )


USUAL_DIGITS = 3
MOST_DIGITS = 5
"""The tutor writes five digits of a number: nobody can be asked for more."""
PRINTED = 5e-5
"""What a number may be off, in parts of it, that is made of numbers with so many digits."""
MOST_FALSE = 0.05
"""How far from a number its rounded or cut form may lie, in parts of it."""

_DUST = 1e-9


def unit(number: float, digits: int) -> float:
    """What one step of the last digit is worth, when a number is written with so many digits."""
    if number == 0:
        return 0.0
    return 10.0 ** (math.floor(math.log10(abs(number))) - digits + 1)


def is_same(typed: float, number: float) -> bool:
    """Whether two numbers differ by nothing but what binary fractions add."""
    return abs(typed - number) <= _DUST * abs(number)


def means(typed: float, number: float) -> bool:
    """Whether a number was typed as it is, or rounded to three digits or more.

    It may be made of numbers as they are printed, and so differ in the last digit that is.
    """
    step = min(last_unit(typed), unit(typed, USUAL_DIGITS))
    return abs(typed - number) <= max(step / 2 + _DUST * abs(number), PRINTED * abs(number))


def too_short(typed: float, number: float) -> bool:
    """Whether a number was rounded or cut, so that it has too few digits."""
    step, off = last_unit(typed), abs(typed - number)
    if off > MOST_FALSE * abs(number):
        return False
    cut = abs(typed) < abs(number) and off < step
    return cut or off <= step / 2 + _DUST * abs(number)


def last_unit(typed: float) -> float:
    """What one step of the last digit is worth that was typed: 0.01 for 3.25, 1 for 40."""
    exponent = Decimal(repr(float(typed))).normalize().as_tuple().exponent
    assert isinstance(exponent, int)  # what is typed is finite
    return 10.0 ** min(exponent, 0)
