"""Formulas in words, to be listened to: `residual equals y minus x equals minus 3`.

The words are made from the ASCII notation, sign by sign. Brackets are said wherever they are
needed, so that a sentence has only one meaning.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gd_tutor.engine.expression import Expression
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.symbols import SPELLED_OUT

_NUMBER = r"\d+(?:\.\d+)?(?:e-?\d+)?"


@dataclass(frozen=True)
class Spoken(Notation):
    """How one lesson is said: with the program's own names."""

    ascii: bool = True

    def name(self, name: str) -> str:
        return say(self.written.name(name))

    def partial(self, name: str) -> str:
        return f"d by d {self.name(name)}"

    def place(self, index: tuple[int, ...]) -> str:
        return f" element {', '.join(map(str, index))}" if index else ""

    @property
    def equals(self) -> str:
        return "equals"

    @property
    def about(self) -> str:
        return "is about"

    @property
    def becomes(self) -> str:
        return "becomes"

    def moved(self, before: str, after: str) -> str:
        return f"from {before} to {after}"

    def number(self, value: float) -> str:
        return say(self.written.number(value))

    def column(self, values: Iterable[float]) -> list[str]:
        return [self.number(value) for value in values]  # what is heard stands in no column

    def constant(self, value: float) -> str:
        return say(self.written.constant(value))

    def value(self, value: Any, few: int = SPELLED_OUT) -> str:
        return say(self.written.value(value, few))

    def formula(self, expression: Expression) -> str:
        return say(self.written.formula(expression))

    def substituted(self, expression: Expression, values: Mapping[str, Any]) -> str:
        return say(self.written.substituted(expression, values))

    def cell(
        self, expression: Expression, values: Mapping[str, Any], index: tuple[int, ...]
    ) -> str:
        return say(self.written.cell(expression, values, index))

    @property
    def written(self) -> Notation:
        """The same notation to be read, in ASCII."""
        return Notation(self.symbols, self.shapes, self.digits, ascii=True)


_SIGNS = {
    "+": "plus",
    "-": "minus",
    "*": "times",
    "/": "divided by",
    "@": "times as matrices",
    ">": "is greater than",
    "(": "open bracket",
    ")": "close bracket",
    ".T": "transposed",
    "~": "and so on",
    "...": "and so on",
}
_WORDS = {"inf": "infinity", "NaN": "not a number"}
_POWERS = {"2": "squared", "3": "cubed"}


def _value(found: re.Match[str]) -> str:
    """`[8, 3]` is a list, `[5 3 4].T` a column, `[1 2; 3 4]` a matrix of rows."""
    text, kind = found["value"], "list"
    if found["column"]:
        kind = "column"
    elif "," not in text and " " in text:
        kind = "matrix"
    rows = [", ".join(map(say, row.replace(",", " ").split())) for row in text.split(";")]
    said = ", ".join(f"row {row}" for row in rows) if kind == "matrix" else rows[0]
    return f"{kind} {said} end {kind}"


def _number(found: re.Match[str]) -> str:
    digits, _, exponent = found["number"].partition("e")
    return f"{digits} times 10 to the power {say(exponent)}" if exponent else digits


def _power(found: re.Match[str]) -> str:
    exponent = found["power"]
    return _POWERS.get(exponent) or f"to the power {say(exponent)}"


def _name(found: re.Match[str]) -> str:
    name = found["name"]
    return _WORDS.get(name, name.replace("_", " "))


_TOKENS: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"dloss/d(?P<slope>[A-Za-z]\w*)", lambda m: f"d loss by d {say(m['slope'])}"),
    # Without brackets where one number or name stands in them, and no power follows.
    (
        rf"(?P<simple>[A-Za-z_]\w*)\((?P<argument>\w+|dloss/d\w+|-?{_NUMBER})\)(?!\*\*)",
        lambda m: f"{say(m['simple'])} of {say(m['argument'])}",
    ),
    (rf"\((?P<negative>-{_NUMBER})\)(?!\*\*)", lambda m: say(m["negative"])),
    (r"(?P<function>[A-Za-z_]\w*)(?=\()", lambda m: f"{say(m['function'])} of"),
    (r"axis=(?P<axis>\d)", lambda m: ("down each column", "along each row")[int(m["axis"])]),
    (r"(?<=[\w)\]])\[(?P<place>[\d, ]+)\]", lambda m: f"element {m['place']}"),
    (r"\[(?P<value>[^][]*)\](?P<column>\.T)?", _value),
    (rf"\*\*(?P<power>-?{_NUMBER})", _power),
    (r"(?P<name>[A-Za-z_]\w*)", _name),
    (rf"(?P<number>{_NUMBER})", _number),
    (r"(?P<sign>\.\.\.|\.T|\S)", lambda m: _SIGNS.get(m["sign"], m["sign"])),
)
"""What an ASCII formula is made of, and how each part is said; the first that fits counts."""

_TOKEN = re.compile(
    "|".join(f"(?P<token{place}>{token})" for place, (token, _) in enumerate(_TOKENS))
)


def say(text: str) -> str:
    """A formula of the ASCII notation in words."""
    words = []
    for found in _TOKEN.finditer(text):
        place = next(p for p in range(len(_TOKENS)) if found[f"token{p}"] is not None)
        words.append(_TOKENS[place][1](found))
    return " ".join(words).replace(" ,", ",")
