"""Names, numbers and signs as one lesson writes them: what its formulas are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gd_tutor.engine.expression import Shape
from gd_tutor.engine.program import LEARNING_RATE, LOSS
from gd_tutor.notation.numbers import MINUS, column, number, tensor
from gd_tutor.notation.spans import to_ascii
from gd_tutor.notation.spellings import ASCII, UNICODE, Binds, Dialect, Text

SPELLED_OUT = 4
"""A sum or mean of at most so many numbers is written out with all of them."""

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_MEMORIES = {
    "velocity": "v_{0}",
    "average": "m_{0}",
    "square": "s_{0}",
    "accumulated": "g_{0}",
    "corrected": "{0}'",
    "decayed": "{0}'",
    "power": "β{0}^t",
}
"""How what an update carries on is written: the average of w is `m_w`, corrected it is `m_w'`."""


@dataclass(frozen=True)
class Symbols:
    """How one lesson writes: its symbols, its digits, in Unicode or in ASCII."""

    symbols: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    digits: int | None = None
    ascii: bool = False

    def name(self, name: str) -> str:
        """A name as it is shown: its symbol, `∂l/∂x` for `grad.x`, `v_x` for `velocity.x`."""
        space, dot, bare = name.partition(".")
        if dot and space == "grad":
            d = "d" if self.ascii else "∂"
            return f"{d}{self.name(LOSS)}/{d}{self.name(bare)}"
        if space in _MEMORIES:
            return self._memory(space, bare)
        if dot:
            return self.name(bare)
        if self.ascii:
            return name
        return self.symbols.get(name, "η" if name == LEARNING_RATE else name)

    def _memory(self, space: str, bare: str) -> str:
        """What an optimizer or a bug keeps of a parameter, or makes of what is kept."""
        if self.ascii:
            return f"beta{bare}_power" if space == "power" else f"{space}_{self.name(bare)}"
        symbol = bare.translate(_SUBSCRIPTS) if bare.isdecimal() else self.name(bare)
        return _MEMORIES[space].format(symbol)

    def partial(self, name: str) -> str:
        """The partial derivative with respect to a name, of whatever there is to derive."""
        d = "d" if self.ascii else "∂"
        return f"{d}/{d}{self.name(name)}"

    def place(self, index: tuple[int, ...]) -> str:
        """Where a number stands in a value, as it follows the value's name."""
        return f"[{','.join(map(str, index))}]" if index else ""

    @property
    def equals(self) -> str:
        return "="

    @property
    def about(self) -> str:
        """The sign before a result that numbers give only before they are rounded."""
        return "~=" if self.ascii else "≈"

    @property
    def nudge(self) -> str:
        """How far a number is moved to check a slope: no lesson has this symbol for a value."""
        return "nudge" if self.ascii else "δ"

    @property
    def becomes(self) -> str:
        """The sign of an update, which puts a new value in the place of the old."""
        return "<-" if self.ascii else "←"

    def moved(self, before: str, after: str) -> str:
        """The way from one value to another."""
        return f"{before} {'->' if self.ascii else '→'} {after}"

    def number(self, value: float) -> str:
        return self._plain(number(value, self.digits))

    def column(self, values: Iterable[float]) -> list[str]:
        """Numbers to stand one below the other, with one precision and of equal widths."""
        return [self._plain(text) for text in column(list(values), self.digits)]

    def row(self, values: Iterable[float]) -> list[str]:
        """Numbers to stand one after the other, with one precision."""
        return [text.strip() for text in self.column(values)]

    def constant(self, value: float) -> str:
        """A number that the program itself holds: the lesson's digits are for computed ones."""
        return self._plain(number(value))

    def value(self, value: Any, few: int = SPELLED_OUT) -> str:
        """A number, vector or matrix on one line, shortened where it is long."""
        return self._plain(tensor(value, self.digits, few))

    @property
    def dialect(self) -> Dialect:
        return ASCII if self.ascii else UNICODE

    def symbol(self, name: str) -> Text:
        """A name in a formula."""
        text = self.name(name)
        return text, Binds.PRODUCT if "/" in text else Binds.ATOM

    def put_in(self, value: Any) -> Text:
        """A value in the place of its name."""
        return number_text(self.value(value))

    def _plain(self, text: str) -> str:
        if not self.ascii:
            return text
        for character, words in (("]ᵀ", "].T"), ("∞", "inf"), ("…", "...")):
            text = text.replace(character, words)
        return to_ascii(text)


def number_text(text: str) -> Text:
    """A number among signs: it needs brackets in `2·(−3)` and in `(2e9)²`."""
    if text.startswith(("-", MINUS)):
        return text, Binds.MINUS
    return text, Binds.POWER if "e" in text and text[0] != "[" else Binds.ATOM
