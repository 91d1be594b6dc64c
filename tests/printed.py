"""An independent reader of printed arithmetic: what a line says, worked from its text alone.

Every number of a line is an interval. Worked exactly, a number is what is printed; worked as
rounded, it is all that may hide behind what is printed. Nothing here knows the engine.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException, localcontext
from itertools import pairwise
from typing import Any

import numpy as np

DIGITS = 60
DIGITS_SHOWN = 5
INFINITE = Decimal("Infinity")


class Elided(Exception):
    """The text leaves numbers out."""


class NoNumber(Exception):
    """The arithmetic leaves the numbers: infinity, NaN, a logarithm of nothing."""


@dataclass(frozen=True)
class Interval:
    low: Decimal
    high: Decimal

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return around(*ends)

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            raise NoNumber
        return self * Interval(1 / other.high, 1 / other.low)

    def __pow__(self, exponent: Decimal) -> Interval:
        if exponent < 0:
            return Interval(Decimal(1), Decimal(1)) / self**-exponent
        if exponent == exponent.to_integral_value():
            ends = [self.low**exponent, self.high**exponent]
            if exponent % 2 == 0 and self.low <= 0 <= self.high:
                ends.append(Decimal(0))
            return around(*ends)
        if self.low < 0:
            raise NoNumber
        return around(self.low**exponent, self.high**exponent)

    def by(self, function: Callable[[Decimal], Decimal]) -> Interval:
        """A function that only rises."""
        return Interval(function(self.low), function(self.high))

    def waved(self, function: Callable[[Decimal], Decimal]) -> Interval:
        """A sine or a cosine, which changes no faster than what it is of."""
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        value = function(middle)
        return Interval(max(value - half, Decimal(-1)), min(value + half, Decimal(1)))


def around(*ends: Decimal) -> Interval:
    if any(end.is_nan() for end in ends):
        raise NoNumber
    return Interval(min(ends), max(ends))


def exact(value: Decimal | int | float) -> Interval:
    number = Decimal(value)
    if not number.is_finite():
        raise NoNumber
    return Interval(number, number)


def _absolute(a: Interval) -> Interval:
    if a.low <= 0 <= a.high:
        return Interval(Decimal(0), max(-a.low, a.high))
    return around(abs(a.low), abs(a.high))


def _log(value: Decimal) -> Decimal:
    if value <= 0:
        raise NoNumber
    return value.ln()


def _root(value: Decimal) -> Decimal:
    if value < 0:
        raise NoNumber
    return value.sqrt()


def _sine(value: Decimal) -> Decimal:
    value = value.remainder_near(4 * _HALF_TURN)  # of a large one, the series loses all digits
    total, term, k = Decimal(0), value, 1
    while abs(term) > Decimal(10) ** -(DIGITS - 5):
        total += term
        term *= -value * value / ((k + 1) * (k + 2))
        k += 2
    return total


_HALF_TURN = Decimal(
    "1.570796326794896619231321691639751442098584699687552910487472296153908203143"
)


def _exponential(value: Decimal) -> Decimal:
    if value > 800:
        raise NoNumber
    return value.exp()


def _sigmoid(value: Decimal) -> Decimal:
    return 1 / (1 + _exponential(-value))


def _tanh(value: Decimal) -> Decimal:
    return 2 * _sigmoid(2 * value) - 1


def _sign(value: Decimal) -> Decimal:
    return Decimal((value > 0) - (value < 0))


FUNCTIONS: dict[str, Callable[[Interval], Interval]] = {
    "exp": lambda a: a.by(_exponential),
    "log": lambda a: a.by(_log),
    "sqrt": lambda a: a.by(_root),
    "√": lambda a: a.by(_root),
    "sigmoid": lambda a: a.by(_sigmoid),
    "σ": lambda a: a.by(_sigmoid),
    "tanh": lambda a: a.by(_tanh),
    "relu": lambda a: a.by(lambda v: max(v, Decimal(0))),
    "abs": _absolute,
    "sign": lambda a: a.by(_sign),
    "sin": lambda a: a.waved(_sine),
    "cos": lambda a: a.waved(lambda v: _sine(v + _HALF_TURN)),
}


def _larger(a: Interval, b: Interval) -> Interval:
    return Interval(max(a.low, b.low), max(a.high, b.high))


def _smaller(a: Interval, b: Interval) -> Interval:
    return Interval(min(a.low, b.low), min(a.high, b.high))


def _exceeds(a: Interval, b: Interval) -> Interval:
    """1 where the first is the larger, 0 where not; where either may be, anything between."""
    return Interval(Decimal(int(a.low > b.high)), Decimal(int(a.high > b.low)))


def _share(a: Interval, b: Interval) -> Interval:
    """The same, with a half where they are equal."""
    return exact(Decimal("0.5")) if a == b and a.low == a.high else _exceeds(a, b)


PAIRS = {"max": _larger, "maximum": _larger, "min": _smaller, "minimum": _smaller}


def each(function: Callable[..., Interval], *values: Any) -> Any:
    return array(np.frompyfunc(function, len(values), 1)(*values))


def raised(value: Any, exponent: Decimal) -> Any:
    return each(lambda base: base**exponent, value)


def array(value: Any) -> Any:
    """NumPy takes single numbers out of their arrays; here everything is an array."""
    return value if isinstance(value, np.ndarray) else np.array(value, dtype=object)


_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
_NUMBER = r"\d+(?:\.\d+)?(?:e[-−]?\d+)?"
_TOKEN = re.compile(
    rf"(?P<number>{_NUMBER})|(?P<super>[{_SUPERSCRIPTS}]+)|(?P<word>Σ[↓→]?|mean[↓→]?|√|σ|[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|\.T(?!\w)|\.\.\.|[-+−·*/@⊙^()\[\],;|>ᵀ…=∞])|(?P<blank> +)"
)


class Reader:
    """Reads one side of a line. `known` are values of names; `rounded` has numbers be intervals.

    A printed 0 may stand for anything up to `dust`.
    """

    def __init__(
        self,
        text: str,
        known: Mapping[str, Any] | None = None,
        rounded: bool = False,
        dust: float = 0.0,
        digits: int = DIGITS_SHOWN,
    ) -> None:
        self.known = known or {}
        self.rounded = rounded
        self.dust = Decimal(dust)
        self.digits = digits
        self.tokens: list[tuple[str, str]] = []
        names = sorted(self.known, key=len, reverse=True)
        at = 0
        while at < len(text):
            name = next((n for n in names if text.startswith(n, at) and _ends(text, at, n)), None)
            if name is not None:
                self.tokens.append(("name", name))
                at += len(name)
                continue
            found = _TOKEN.match(text, at)
            assert found is not None, f"what is {text[at:]!r} in {text!r}?"
            self.tokens.append((found.lastgroup or "", found[0]))
            at = found.end()
        self.at = 0

    def read(self) -> Any:
        with localcontext() as context:
            context.prec = DIGITS
            context.Emax, context.Emin = 999999, -999999
            try:
                value = self.sum()
            except DecimalException:
                raise NoNumber from None
        assert self.at == len(self.tokens), f"{self.tokens[self.at :]} is left over"
        return value

    # The grammar, loosest first

    def peek(self, skip: bool = True) -> str:
        if skip:
            while self.at < len(self.tokens) and self.tokens[self.at][0] == "blank":
                self.at += 1
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        found = self.peek()
        if found not in wanted or not found:
            return ""
        self.at += 1
        return found

    def expect(self, wanted: str) -> None:
        assert self.take(wanted), f"{wanted} is missing before {self.tokens[self.at :]}"

    def sum(self) -> Any:
        value = self.signed()
        while sign := self.take("+", "-", "−"):
            value = each(operator.add if sign == "+" else operator.sub, value, self.signed())
        return value

    def signed(self) -> Any:
        return each(operator.neg, self.signed()) if self.take("-", "−") else self.matrices()

    def matrices(self) -> Any:
        value = self.product()
        while self.take("@"):
            value = array(value @ self.product())
        return value

    def product(self) -> Any:
        value = self.power()
        while True:
            if sign := self.take("·", "*", "⊙", "/"):
                other = self.power()
                value = each(operator.truediv if sign == "/" else operator.mul, value, other)
            elif self.kind() in ("name", "word") or self.peek(skip=False) == "(":
                value = each(operator.mul, value, self.power())  # as on paper: 2ε, 2(x − 3)
            else:
                return value

    def power(self) -> Any:
        value = self.atom()
        while True:
            if self.kind() == "super":
                value = raised(value, _superscript(self.tokens[self.at][1]))
                self.at += 1
            elif self.peek(skip=False) in ("**", "^"):
                self.at += 1
                minus = "-" if self.take("-", "−") else ""
                text = minus + self.tokens[self.at][1].replace("−", "-")
                self.at += 1
                value = raised(value, Decimal(text))
            elif self.peek(skip=False) in ("ᵀ", ".T"):
                self.at += 1
                value = value[:, None] if value.ndim == 1 else value.T
            else:
                return value

    def atom(self) -> Any:
        text, kind = self.peek(), self.kind()
        if text in ("…", "..."):
            raise Elided
        if text in ("∞", "inf", "NaN"):
            raise NoNumber
        if kind == "number":
            self.at += 1
            return array(self.number(text))
        if kind == "name":
            self.at += 1
            return self.known[text]
        if kind == "word":
            self.at += 1
            return self.call(text)
        if self.take("("):
            value = self.compared()
            self.expect(")")
            return value
        if self.take("|"):
            value = self.sum()
            self.expect("|")
            return each(_absolute, value)
        if self.take("["):
            return self.list()
        raise AssertionError(f"{text!r} begins nothing")

    def number(self, text: str) -> Interval:
        value = Decimal(text.replace("−", "-"))
        return Interval(value - self.width(value), value + self.width(value))

    def width(self, value: Decimal) -> Decimal:
        if not self.rounded:
            return Decimal(0)
        return self.dust if value == 0 else hidden(value, self.digits)

    def compared(self) -> Any:
        value = self.sum()
        return each(_exceeds, value, self.sum()) if self.take(">") else value

    def list(self) -> Any:
        """`[1, 2]`, `[1 2; 3 4]`, or the truth value `[a > b]`; entries may be formulas."""
        rows: list[list[Any]] = [[]]
        commas = False
        while True:
            if self.peek() in ("…", "..."):
                raise Elided
            rows[-1].append(self.entry())
            if self.take("]"):
                break
            if self.take(","):
                commas = True
            elif self.take(";"):
                rows.append([])
            elif self.take(">"):
                value = each(_exceeds, rows[0][0], self.sum())
                self.expect("]")
                return value
        if commas:
            return np.array([entry.item() for entry in rows[0]], dtype=object)
        if len(rows) == len(rows[0]) == rows[0][0].size == 1:
            return rows[0][0].reshape(1)
        blocks = [np.concatenate([_table(entry) for entry in row], axis=1) for row in rows]
        return np.concatenate(blocks, axis=0)

    def entry(self) -> Any:
        """An entry ends at a blank, unless a sign with blanks on both sides follows it."""
        start = self.at
        depth = end = 0
        for end in range(start, len(self.tokens)):
            text = self.tokens[end][1]
            depth += (text in ("(", "[")) - (text in (")", "]"))
            if depth < 0 or (depth == 0 and text in (",", ";", ">")):
                break
            if depth == 0 and self.tokens[end][0] == "blank" and end > start:
                following = self.tokens[end + 1][1]
                spaced = self.tokens[end + 2][0] == "blank" if end + 2 < len(self.tokens) else False
                if following in ("+", "-", "−", "⊙", "@") and spaced:
                    continue
                if self.tokens[end - 1][1] in ("+", "-", "−", "⊙", "@"):
                    continue
                break
        inner = Reader("", self.known, self.rounded)
        inner.dust, inner.digits, inner.tokens = self.dust, self.digits, self.tokens[start:end]
        self.at = end
        return inner.read()

    def call(self, word: str) -> Any:
        if word == "n":
            raise Elided  # it counts, nobody says what
        self.expect("(")
        value = self.sum()
        if word == "share":
            self.expect(">")
            value = each(_share, value, self.sum())
        elif word in PAIRS:
            self.expect(",")
            value = each(PAIRS[word], value, self.sum())
        elif word == "outer":
            self.expect(",")
            value = each(operator.mul, value[:, None], self.sum())
        elif word[:1] == "Σ" or word[:4] == "mean" or word == "sum":
            axis = {"↓": 0, "→": 1}.get(word[-1])
            if self.take(","):
                assert self.take("axis")
                self.expect("=")
                axis = int(self.take("0", "1"))
            value = _total(value, axis, mean=word.startswith("mean"))
        else:
            value = each(FUNCTIONS[word], value)
        self.expect(")")
        return value


def _ends(text: str, at: int, name: str) -> bool:
    """Whether a name is no part of a longer word: `x` in `2x²`, not in `exp` or `x₂`."""
    before, after = text[at - 1 : at] if at else "", text[at + len(name) : at + len(name) + 1]
    longer = after and (after.isalnum() or after in "_'") and after not in _SUPERSCRIPTS + "ᵀ"
    return not (longer and _is_word(name[-1])) and not (
        (before.isalpha() or before == "_") and _is_word(name[0])
    )


def _is_word(char: str) -> bool:
    return char.isalnum() or char in "_'"


def _table(entry: Any) -> Any:
    return entry.reshape(1, -1) if entry.ndim < 2 else entry


def _superscript(text: str) -> Decimal:
    return Decimal("".join("0123456789-"[_SUPERSCRIPTS.index(char)] for char in text))


def _total(value: Any, axis: int | None, mean: bool) -> Any:
    total = array(np.sum(value, axis=axis))
    if not mean:
        return total
    count = value.size if axis is None else value.shape[axis]
    return each(operator.truediv, total, array(exact(count)))


def _unit(value: Decimal, least: int = 0) -> Decimal:
    """A unit of the last digit, of at least so many, of a number as printed."""
    digits = value.normalize()
    places = max(len(digits.as_tuple().digits), least)
    return Decimal(10) ** (digits.adjusted() - places + 1)


def hidden(value: Decimal, digits: int) -> Decimal:
    """How much may hide behind a printed number: it is rounded to 5 digits, or exact to 12."""
    if len(value.normalize().as_tuple().digits) > digits:
        return _unit(value, 12) / 2
    return _unit(value, digits) / 2


SIGNS = {" = ": "=", " ≈ ": "≈", " ~= ": "≈", " ← ": "=", " <- ": "="}


def sides(line: str) -> list[tuple[str, str]]:
    """The sides of a line, each with the sign before it ("" before the first)."""
    pieces = re.split("(" + "|".join(map(re.escape, SIGNS)) + ")", line)
    signs = ["", *(SIGNS[sign] for sign in pieces[1::2])]
    return list(zip(signs, pieces[::2], strict=True))


def is_numeric(text: str) -> bool:
    """Whether a side has numbers only: no name but that of a function."""
    words = re.findall(r"[^\W\d]\w*(?!\w*\()", re.sub(rf"{_NUMBER}|[ᵀ{_SUPERSCRIPTS}]", " ", text))
    return "∂" not in text and not set(words) - _NO_NAMES


_NO_NAMES = {"T", "Σ", "mean", "axis", "inf", "NaN", "outer", "share", *FUNCTIONS, *PAIRS}


def fitted(value: Any, shape: tuple[int, ...]) -> Any:
    """A single number in every place; a list stood up, or a column laid down."""
    if value.size == int(np.prod(shape)):
        return value.reshape(shape)
    return np.broadcast_to(value, shape)


def fault(left: str, sign: str, right: str, dust: float, digits: int) -> str:
    """What is wrong with two sides of printed numbers; nothing where nothing is.

    `=`: the left side, rounded to as many digits as the right side prints, is the right side.
    `≈`: it is not, or is 0 for `dust`, but numbers that print as the left side's do give it.
    """
    try:
        result = Reader(right).read()
        given = Reader(left).read()
    except (Elided, NoNumber):
        return ""
    given = fitted(given, result.shape)
    pairs = list(zip(given.flat, result.flat, strict=True))
    holds = all(_same(one, other.low, digits, dust) for one, other in pairs)
    if sign == "=":
        return "" if holds else f"{left} = {right} does not hold"
    if holds and not any(other.low == 0 for _, other in pairs):
        return f"{left} ≈ {right} holds exactly"
    try:
        wide = fitted(Reader(left, rounded=True, dust=dust, digits=digits).read(), result.shape)
    except NoNumber:
        return ""
    for one, (_, other) in zip(wide.flat, pairs, strict=True):
        value = other.low
        room = Decimal(dust) if value == 0 else hidden(value, digits)
        if one.high < value - room or one.low > value + room:
            return f"{left} ≈ {right} is not even nearly so"
    return ""


def _same(given: Interval, printed: Decimal, digits: int, dust: float) -> bool:
    # OtherRuns 1, binary fractions have no number as small as 1 − tanh(36)².
    nothing = max(Decimal("1e-40"), Decimal(dust) * Decimal("1e-8"))
    room = nothing if printed == 0 else _unit(printed, digits) / 2
    slack = Decimal("1e-30") * (abs(printed) + 1)
    return bool(abs(given.low - printed) <= room + min(slack, room / 1000))


def faults(line: str, dust: float = 0.0, digits: int | None = None) -> list[str]:
    """What is wrong with a printed line: each sign between two sides of numbers is true."""
    found = []
    parts = sides(line)
    for (_, left), (sign, right) in pairwise(parts):
        if is_numeric(left) and is_numeric(right):
            found.append(fault(left, sign, right, dust, digits or DIGITS_SHOWN))
    return [each for each in found if each]
