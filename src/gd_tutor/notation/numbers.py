"""Numbers and tensors as text: one rule for every number on every screen."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gd_tutor.notation.printer import UNICODE, Dialect

MINUS = "−"
NO_NUMBER = {"nan": "NaN", "inf": "∞", "-inf": "−∞"}


def number(value: float, digits: int | None = None) -> str:
    """A number as the tutor shows it: exact if that is short, else with 5 significant digits.

    The value is rounded to 12 significant digits, which hides the rounding of binary fractions. If
    at most 8 digits remain, all are shown, otherwise `digits` (default 5). Scientific notation is
    used only below 0.0001 and from 1e7.
    """
    value = float(value)
    if not math.isfinite(value):
        return NO_NUMBER[str(value)]
    significand, exponent = _shown(value, digits)
    sign = MINUS if value < 0 and significand != "0" else ""
    return sign + _place_point(significand, exponent)


def written(value: float, digits: int | None = None) -> float:
    """The value of what `number` writes."""
    if not math.isfinite(value):
        return value
    significand, exponent = _shown(value, digits)
    return math.copysign(float(f"{significand[0]}.{significand[1:]}e{exponent}"), value)


def half_unit(value: float, digits: int | None = None) -> float:
    """Half a unit of the last significant digit of a number as written, at least the fifth.

    A number written with fewer digits is exact: 7.4 stands for 7.4000.
    """
    significand, exponent = _shown(value, digits)
    places = max(len(significand), digits or 5)
    return 0.5 * 10.0 ** (exponent - places + 1)


def _shown(value: float, digits: int | None) -> tuple[str, int]:
    """The significant digits that are shown, and the power of ten of the first one."""
    significand, exponent = _decimal(value, 12)
    if len(significand) > 8 or (digits is not None and len(significand) > digits):
        return _decimal(value, digits or 5)
    return significand, exponent


def _decimal(value: float, significant: int) -> tuple[str, int]:
    """The significant digits without trailing zeros, and the power of ten of the first one."""
    digits, exponent = f"{abs(value):.{significant - 1}e}".split("e")
    return digits.replace(".", "").rstrip("0") or "0", int(exponent)


def _place_point(significand: str, exponent: int) -> str:
    if significand == "0":
        return "0"
    if not -4 <= exponent < 7:
        fraction = f".{significand[1:]}" if len(significand) > 1 else ""
        power = f"{MINUS}{-exponent}" if exponent < 0 else str(exponent)
        return f"{significand[0]}{fraction}e{power}"
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + significand
    whole = significand[: exponent + 1].ljust(exponent + 1, "0")
    fraction = significand[exponent + 1 :]
    return f"{whole}.{fraction}" if fraction else whole


def column(values: Sequence[float], digits: int | None = None) -> list[str]:
    """Numbers for a column: with equal decimals and widths.

    The decimals make all numbers exact or, if one is rounded, give the largest its 5 digits. If
    that leaves too few digits of a small number, each has 5 digits. An exact 0 has no decimals.
    """
    decimals = _decimals([value for value in values if value and math.isfinite(value)], digits)
    if decimals is None:
        return aligned([_rounded(value, digits or 5) for value in values])
    return aligned([_fixed(value, decimals) for value in values])


def _decimals(values: Sequence[float], digits: int | None) -> int | None:
    """The decimals of the numbers in a column; None if they are too few for a small number."""
    shown = [_shown(value, digits) for value in values]
    top = max((exponent for _, exponent in shown), default=0)
    lowest = min((exponent for _, exponent in shown), default=0)
    if not -4 <= lowest <= top < 7:
        return None
    needed = max((len(figures) - 1 - exponent for figures, exponent in shown), default=0)
    is_exact = shown == [_decimal(value, 12) for value in values]
    if is_exact and top + 1 + needed <= 8:
        return max(needed, 0)
    decimals = max(min(needed, (digits or 5) - 1 - top), 0)
    return decimals if lowest >= 1 - decimals else None


def _fixed(value: float, decimals: int) -> str:
    if not value or not math.isfinite(value):
        return number(value)
    return f"{value:.{decimals}f}".replace("-", MINUS)


def _rounded(value: float, digits: int) -> str:
    """A number with `digits` significant digits."""
    if not math.isfinite(value):
        return number(value)
    sign = MINUS if value < 0 else ""
    return sign + _place_point(*_decimal(value, digits))


def aligned(texts: list[str]) -> list[str]:
    """Written numbers, padded with blanks so that their decimal points align."""
    fractions = [len(text) - text.index(".") if "." in text else 0 for text in texts]
    texts = [
        text + " " * (max(fractions) - fraction)
        for text, fraction in zip(texts, fractions, strict=True)
    ]
    widest = max(map(len, texts), default=0)
    return [text.rjust(widest) for text in texts]


FEW = 4
"""Up to so many rows and entries are written in full; of more, the first ones and the last."""


def tensor(
    value: Any, digits: int | None = None, few: int = FEW, dialect: Dialect = UNICODE
) -> str:
    """A number, `[−3, 2]`, a column `[5 3 4]ᵀ`, or a matrix `[1 2; 3 4]`.

    Longer values are shortened: `[1, 2, …, 9]`.
    """

    def entries(array: Any) -> list[str]:
        texts = [dialect.number(number(float(entry), digits)) for entry in _ends(array, few)]
        return _with_gap(texts, len(array) > few, dialect.more)

    array = np.asarray(value, dtype=float)
    if array.ndim == 0:
        return dialect.number(number(float(array), digits))
    if array.ndim == 1:
        return dialect.list.of(entries(array))
    if array.shape[1] == 1:
        return dialect.column.of(entries(array[:, 0]))
    rows = [dialect.row.of(entries(row)) for row in _ends(array, few)]
    return dialect.table.of(_with_gap(rows, len(array) > few, dialect.more))


def _with_gap(texts: list[str], is_cut: bool, more: str) -> list[str]:
    """The texts, with a sign before the last if others are left out."""
    return [*texts[:-1], more, texts[-1]] if is_cut else texts


def shown(array: Any, few: int = FEW) -> Any:
    """The part of an array that its text shows."""
    for axis, size in enumerate(array.shape):
        if size > few:
            array = np.take(array, [*range(few - 2), -1], axis)
    return array


def _ends(array: Any, few: int) -> list[Any]:
    return list(array) if len(array) <= few else [*array[: few - 2], array[-1]]
