"""Names, numbers and signs as a lesson writes them in its dialect."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gd_tutor.engine.expression import Shape, gradient_of
from gd_tutor.engine.noise import Shown
from gd_tutor.engine.program import LEARNING_RATE, LOSS
from gd_tutor.notation.numbers import MINUS, column, number, tensor
from gd_tutor.notation.printer import ATOM, POWER, UNICODE, Dialect, Text

SPELLED_OUT = 4
"""A sum or mean of up to four numbers is written out."""

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_OPTIMIZER_STATE = {
    "velocity": "v_{0}",
    "average": "m_{0}",
    "square": "s_{0}",
    "accumulated": "g_{0}",
    "corrected": "{0}'",
    "decayed": "{0}'",
    "power": "β{0}^t",
}
"""The symbols of optimizer state: the average of w is `m_w`, corrected `m_w'`."""


@dataclass(frozen=True)
class Symbols:
    """A lesson's symbols, digits and dialect."""

    symbols: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    digits: int | None = None
    dialect: Dialect = UNICODE

    @property
    def ascii(self) -> bool:
        """Whether only characters below 128 are written."""
        return self.dialect is not UNICODE

    def name(self, name: str) -> str:
        """A name as it is shown: its symbol, `∂l/∂x` for `grad.x`, `v_x` for `velocity.x`."""
        space, dot, bare = name.partition(".")
        if dot and space == "grad":
            return self.dialect.derivative.format(self.name(LOSS), self.name(bare))
        if space in _OPTIMIZER_STATE:
            return self._state(space, bare)
        if dot:
            return self.name(bare)
        if self.ascii:
            return name.replace("_", self.dialect.underscore)
        return self.symbols.get(name, "η" if name == LEARNING_RATE else name)

    def _state(self, space: str, bare: str) -> str:
        """The symbol of optimizer state, of its updated value, or of a bug's state."""
        if self.ascii:
            name = f"beta{bare}_power" if space == "power" else f"{space}_{self.name(bare)}"
            return name.replace("_", self.dialect.underscore)
        symbol = bare.translate(_SUBSCRIPTS) if bare.isdecimal() else self.name(bare)
        return _OPTIMIZER_STATE[space].format(symbol)

    def partial(self, name: str) -> str:
        """The partial derivative of the loss with respect to a name."""
        return self.dialect.partial.format(self.name(name))

    def place(self, index: tuple[int, ...]) -> str:
        """The index of a number, as written after the value's name."""
        return self.dialect.place.of(map(str, index)) if index else ""

    @property
    def equals(self) -> str:
        return self.dialect.equals

    @property
    def about(self) -> str:
        """The sign before a result that the printed numbers give only approximately."""
        return self.dialect.about

    @property
    def nudge(self) -> str:
        """The symbol of a finite-difference check's step; no lesson's value has it."""
        return self.dialect.nudge

    @property
    def becomes(self) -> str:
        """The sign of an update."""
        return self.dialect.becomes

    def moved(self, before: str, after: str) -> str:
        """The change from one value to another."""
        return self.dialect.moved.format(before, after)

    def number(self, value: float) -> str:
        return self.dialect.number(number(value, self.digits))

    def column(self, values: Iterable[float]) -> list[str]:
        """Numbers for a column, with equal decimals and widths.

        In speech they are not aligned.
        """
        if not self.dialect.is_aligned:
            return [self.number(value) for value in values]
        return [self.dialect.number(text) for text in column(list(values), self.digits)]

    def row(self, values: Iterable[float]) -> list[str]:
        """Numbers for a row, with equal decimals."""
        return [text.strip() for text in self.column(values)]

    def constant(self, value: float) -> str:
        """A constant of the program; the lesson's digits are for computed numbers only."""
        return self.dialect.number(number(value))

    def value(self, value: Any, few: int = SPELLED_OUT) -> str:
        """A number, vector or matrix on one line, shortened if it is long."""
        return tensor(value, self.digits, few, self.dialect)

    def shown(self, shown: Shown, few: int = SPELLED_OUT) -> str:
        """A value in a sentence; `≈ 0` for rounding noise."""
        text = self.value(shown.value, few)
        return self.dialect.nearly.format(text) if shown.is_noise else text

    def equation(self, name: str, shown: Shown, few: int = SPELLED_OUT) -> str:
        """A written name and its value, without rounding noise."""
        sign = self.about if shown.is_noise else self.equals
        return f"{name} {sign} {self.value(shown.value, few)}"

    def symbol(self, name: str) -> Text:
        """A name in a formula."""
        text, is_derivative = self.name(name), name.startswith(gradient_of(""))
        return text, self.dialect.fraction if is_derivative or "/" in text else ATOM

    def put_in(self, value: Any) -> Text:
        """A value substituted for its name; brackets as in `2·(−3)` and `(2e9)²`."""
        text = self.value(value)
        return (text, ATOM) if np.ndim(value) else self._bound(text, number(value, self.digits))

    def put_in_constant(self, value: float) -> Text:
        """A constant of the program in a formula."""
        return self._bound(self.constant(value), number(value))

    def _bound(self, text: str, on_paper: str) -> Text:
        if on_paper.startswith(MINUS):
            return text, self.dialect.negative
        return text, POWER if "e" in on_paper else ATOM
