"""An author's errors: faults with their places, and what to write instead of other notations."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from unicodedata import normalize

from gd_tutor.engine.expression import Place


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend, and where it stands."""

    message: str
    place: Place


class ProgramError(ValueError):
    """A text is not a program of the formula language; `faults` holds every reason."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.message for fault in self.faults))


class ChoiceError(ValueError):
    """A choice is unknown or does not fit the program; the message says why."""


def suggestion(word: str, known: Iterable[str]) -> str:
    """A hint naming the known word that was probably meant, or an empty text."""
    names = list(known)
    cased = [name for name in names if name.lower() == word.lower()]
    close = cased or get_close_matches(word, names, n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


_SIGNS = {
    "-": "−–—‐‑﹣－",
    "*": "×·⋅∙∗✕✖＊",
    "/": "÷∕⁄／",
    "+": "＋",
    "=": "＝",
    "(": "（",
    ")": "）",
    ",": "，、",
    "@": "＠",
    ".": "．。",
    " ": "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{IDEOGRAPHIC SPACE}",
}
_INSTEAD = {sign: plain for plain, signs in _SIGNS.items() for sign in signs}
_POWERS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
_SPELLED = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l"}
_WRITTEN = {
    "√": "write sqrt(…) for a square root",
    "∑": "write sum(…) for a sum",
    "Σ": "write sum(…) for a sum",
    "½": "write 0.5",
    "¼": "write 0.25",
    "¾": "write 0.75",
    "ᵀ": "write .T for the transpose",
    "⊙": "write * for a product cell by cell",
    "∂": "write grad.NAME for a slope, in texts and answers",
    "≤": "formulas have no comparisons",
    "≥": "formulas have no comparisons",
    "≠": "formulas have no comparisons",
}
FUNCTIONS_ELSEWHERE = {
    "ln": "The natural logarithm is log here.",
    "log10": "Write log(x) / log(10); log is the natural logarithm.",
    "log2": "Write log(x) / log(2); log is the natural logarithm.",
    "max": "Write maximum(a, b) for the larger of two values.",
    "min": "Write minimum(a, b) for the smaller of two values.",
    "pow": "Write a power as x ** 2.",
    "power": "Write a power as x ** 2.",
    "square": "Write x ** 2 for the square of x.",
    "dot": "Write X @ w for a matrix product.",
    "matmul": "Write X @ w for a matrix product.",
    "transpose": "Write X.T for the transpose.",
    "average": "Write mean(x).",
    "avg": "Write mean(x).",
    "norm": "Write sqrt(sum(x ** 2)).",
    "fabs": "Write abs(x).",
    "logistic": "Write sigmoid(x).",
}
"""Functions of other languages, with their replacements in the formula language."""

_CONSTANTS = {"pi": "3.141592653589793", "e": "2.718281828459045", "tau": "6.283185307179586"}
_DECIMAL_COMMA = re.compile(r"(?<![\w.,])\d+,\d+(?![\w.,])")
_NUMBER_AND_NAME = r"(?<![\w.])[\d.]+(?![eE][-+]?\d)\s*[A-Za-z_(]"
_PRODUCT_LEFT_OUT = re.compile(rf"{_NUMBER_AND_NAME}|\)\s*[A-Za-z_(\d]|[A-Za-z_]\w*\s+[A-Za-z_\d(]")

_TWO_POINTS = re.compile(r"\d+\.\d*\.\d[\d.]*|\d+\.\.\d*")


def instead_of_sign(char: str) -> str:
    """What is wrong with a character that formulas never contain, and what to write."""
    if char in _POWERS:
        return f"'{char}' is not a power here; write ** {_POWERS[char]} (as in x ** 2)."
    if char in _INSTEAD:
        plain = _INSTEAD[char]
        written = "a plain blank" if plain == " " else plain
        return f"{char!r} is not allowed in a formula; write {written} instead."
    if char in _WRITTEN:
        return f"'{char}' is not allowed in a formula; {_WRITTEN[char]}."
    if char.isalpha():
        bare = normalize("NFD", char)[0]
        plain = _SPELLED.get(char.lower(), bare if bare.isascii() else "")
        hint = f"write {plain} instead" if plain else "symbols say how a name is drawn"
        return f"'{char}' is not allowed in a name, which has A-Z, a-z, 0-9 and _; {hint}."
    return f"{char!r} is not allowed in a formula; names are made of A-Z, a-z, 0-9, _."


def wrong_number(text: str) -> str:
    """What to do about a number with a comma or two points; empty if there is none."""
    points = _TWO_POINTS.search(text)
    return f"{points[0]} is not a number: it has one point." if points else decimal_comma(text)


def decimal_comma(text: str) -> str:
    """What to do about a number with a comma; empty if there is none."""
    match = _DECIMAL_COMMA.search(text)
    return f"A number has a point: {match[0].replace(',', '.')}, not {match[0]}." if match else ""


def product_left_out(text: str) -> bool:
    """Whether two values are adjacent with no operator between them."""
    return bool(_PRODUCT_LEFT_OUT.search(text))


def constant(name: str) -> str:
    """What to write for a constant of other languages; empty for any other name."""
    return f"Write the number itself: {_CONSTANTS[name]}." if name in _CONSTANTS else ""
