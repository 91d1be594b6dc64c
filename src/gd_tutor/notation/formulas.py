"""Formulas as text, as they stand in the program or with their numbers put in.

In Unicode a formula is written as on paper (`2ε`, `(x − 3)²`, `∂l/∂x`), in ASCII as in the program
(`2*residual`, `(x - 3)**2`, `dloss/dx`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np

from gd_tutor.notation.numbers import MINUS, aligned, number
from gd_tutor.notation.rounding import holds
from gd_tutor.notation.spans import to_ascii
from gd_tutor.notation.tensors import tensor
from gd_tutor.program import (
    LEARNING_RATE,
    LOSS,
    Apply,
    Expression,
    Name,
    Number,
    Shape,
    names,
    shape_of,
)
from gd_tutor.program.operations import OPERATIONS

SPELLED_OUT = 4
"""A sum or mean of at most so many numbers is written out with all of them."""


class Binds(IntEnum):
    """How tightly a text holds together; a looser one stands in brackets."""

    SUM = 0
    MINUS = 1
    MATRICES = 2
    PRODUCT = 3
    POWER = 4
    ATOM = 5


Text = tuple[str, Binds]
Write = Callable[[str], Text]
"""How a name is written: as its symbol, or as its value."""

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_UNICODE_FUNCTIONS = {
    "sqrt": "√({0})",
    "abs": "|{0}|",
    "sigmoid": "σ({0})",
    "maximum": "max({0}, {1})",
    "minimum": "min({0}, {1})",
    "sum": "Σ({0})",
    "collapse": "Σ({0})",
    "positive": "[{0} > 0]",
    "share": "[{0} > {1}]",
}
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

_ASCII_FUNCTIONS = {"collapse": "sum({0})", "positive": "({0} > 0)", "share": "({0} > {1})"}


@dataclass(frozen=True)
class Notation:
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
        """Numbers to stand one below the other, of equal widths."""
        return aligned([self.number(value) for value in values])

    def constant(self, value: float) -> str:
        """A number that the program itself holds: the lesson's digits are for computed ones."""
        return self._plain(number(value))

    def value(self, value: Any, few: int = SPELLED_OUT) -> str:
        """A number, vector or matrix on one line, shortened where it is long."""
        return self._plain(tensor(value, self.digits, few))

    def formula(self, expression: Expression) -> str:
        """The formula with its symbols."""
        return _Writer(self, self._symbol, {}).write(expression)[0]

    def substituted(self, expression: Expression, values: Mapping[str, Any]) -> str:
        """The formula with the numbers put in; short sums and means are written out."""

        def put_in(name: str) -> Text:
            return self.put_in(values[name])

        return _Writer(self, put_in, values).write(expression)[0]

    def cell(
        self, expression: Expression, values: Mapping[str, Any], index: tuple[int, ...]
    ) -> str:
        """One element of the formula's value, with the numbers that make it."""
        return _CellWriter(self, values, index).write(expression)[0]

    def sign(
        self,
        expression: Expression,
        values: Mapping[str, Any],
        result: Any,
        index: tuple[int, ...] = (),
    ) -> str:
        """The sign before a result, or one element of it, that follows the numbers put in."""
        true = holds(expression, values, result, self.digits, index)
        return self.equals if true else self.about

    def _symbol(self, name: str) -> Text:
        text = self.name(name)
        return text, Binds.PRODUCT if "/" in text else Binds.ATOM

    def put_in(self, value: Any) -> Text:
        """A value in the place of its name."""
        return _number_text(self.value(value))

    def _plain(self, text: str) -> str:
        if not self.ascii:
            return text
        for character, words in (("]ᵀ", "].T"), ("∞", "inf"), ("…", "...")):
            text = text.replace(character, words)
        return to_ascii(text)


def _number_text(text: str) -> Text:
    """A number among signs: it needs brackets in `2·(−3)` and in `(2e9)²`."""
    if text.startswith(("-", MINUS)):
        return text, Binds.MINUS
    return text, Binds.POWER if "e" in text and text[0] != "[" else Binds.ATOM


class _Writer:
    def __init__(self, notation: Notation, write_name: Write, values: Mapping[str, Any]) -> None:
        self.notation = notation
        self.ascii = notation.ascii
        self.write_name = write_name
        self.values = values
        self.minus = "-" if self.ascii else MINUS

    def write(self, node: Expression) -> Text:
        match node:
            case Number(value):
                return _number_text(self.notation.constant(value))
            case Name(name):
                return self.write_name(name)
        method = getattr(self, node.operation, None)
        text: Text = method(node, *node.arguments) if method else self.function(node)
        return text

    def shape(self, node: Expression) -> Shape:
        """The shape of a part among the values put in."""
        return shape_of(node, {name: np.shape(self.values[name]) for name in names(node)})

    def held(self, node: Expression, least: Binds) -> str:
        """The text of a part, in brackets where it would fall apart in its place."""
        text, binds = self.write(node)
        return text if binds >= least else f"({text})"

    def add(self, node: Apply, left: Expression, right: Expression) -> Text:
        return f"{self.held(left, Binds.SUM)} + {self.held(right, Binds.MATRICES)}", Binds.SUM

    def subtract(self, node: Apply, left: Expression, right: Expression) -> Text:
        text = f"{self.held(left, Binds.SUM)} {self.minus} {self.held(right, Binds.MATRICES)}"
        return text, Binds.SUM

    def negate(self, node: Apply, operand: Expression) -> Text:
        return self.minus + self.held(operand, Binds.MATRICES), Binds.MINUS

    def multiply(self, node: Apply, left: Expression, right: Expression) -> Text:
        factors = self.held(left, Binds.PRODUCT), self.held(right, Binds.PRODUCT)
        return self.product_sign(left, right, factors[1]).join(factors), Binds.PRODUCT

    def product_sign(self, left: Expression, right: Expression, factor: str) -> str:
        if self.ascii:
            return "*"
        if self.is_tensor(left) and self.is_tensor(right):
            return " ⊙ "
        symbol = isinstance(right, Name) and len(factor) <= 2
        # As on paper, `2ε` and `2(x − 3)`; with numbers put in the dot has to stay.
        if isinstance(left, Number) and not self.values and (symbol or factor[0] == "("):
            return ""
        if isinstance(left, Number) and not self.values and self.is_short_power(right):
            return ""
        return "·"

    @staticmethod
    def is_short_power(node: Expression) -> bool:
        return isinstance(node, Apply) and node.operation == "power"

    def is_tensor(self, node: Expression) -> bool:
        shapes = self.notation.shapes
        known = all(name in shapes for name in names(node))
        return known and shape_of(node, shapes) != ()

    def divide(self, node: Apply, left: Expression, right: Expression) -> Text:
        return f"{self.held(left, Binds.PRODUCT)}/{self.held(right, Binds.POWER)}", Binds.PRODUCT

    def matmul(self, node: Apply, left: Expression, right: Expression) -> Text:
        return f"{self.held(left, Binds.POWER)} @ {self.held(right, Binds.POWER)}", Binds.MATRICES

    def power(self, node: Apply, base: Expression, exponent: Expression) -> Text:
        assert isinstance(exponent, Number)
        whole = exponent.value.is_integer() and abs(exponent.value) < 1000
        text = self.held(base, Binds.ATOM)
        if self.ascii:
            return f"{text}**{self.notation.constant(exponent.value)}", Binds.POWER
        if whole:
            return text + str(int(exponent.value)).translate(_SUPERSCRIPTS), Binds.POWER
        return f"{text}^{self.notation.constant(exponent.value)}", Binds.POWER

    def transpose(self, node: Apply, operand: Expression) -> Text:
        if self.values and isinstance(operand, Name):
            return self.notation.put_in(np.transpose(self.values[operand.id]))
        return self.held(operand, Binds.ATOM) + (".T" if self.ascii else "ᵀ"), Binds.ATOM

    def stretch(self, node: Apply, operand: Expression) -> Text:
        return self.write(operand)

    def as_column(self, node: Apply, operand: Expression) -> Text:
        if not self.values or not _elementwise(operand):
            return self.write(operand)
        upright = {name: _upright(self.values[name]) for name in names(operand)}
        return _Writer(
            self.notation, lambda name: self.notation.put_in(upright[name]), upright
        ).write(operand)

    def element(self, node: Apply, operand: Expression) -> Text:
        index = ", ".join(map(str, node.index or ()))
        return f"{self.held(operand, Binds.ATOM)}[{index}]", Binds.ATOM

    def count(self, node: Apply, operand: Expression) -> Text:
        if not self.values:
            return "n", Binds.ATOM
        shape = self.shape(operand)
        size = np.prod(shape) if node.axis is None else shape[node.axis]
        return self.notation.constant(float(size)), Binds.ATOM

    def sum(self, node: Apply, operand: Expression) -> Text:
        terms = self.terms(node, operand)
        return (terms, Binds.SUM) if terms else self.function(node)

    def mean(self, node: Apply, operand: Expression) -> Text:
        terms = self.terms(node, operand)
        if not terms:
            return self.function(node)
        count = self.count(node, operand)[0]
        return f"({terms})/{count}", Binds.PRODUCT

    def terms(self, node: Apply, operand: Expression) -> str:
        """The terms of a short sum, each with its own numbers; nothing where it is long."""
        if not self.values or node.axis is not None:
            return ""
        shape = self.shape(operand)
        size = int(np.prod(shape))
        if not 1 < size <= SPELLED_OUT or not _elementwise(operand):
            return ""
        cells = (
            _CellWriter(self.notation, self.values, tuple(map(int, index)))
            for index in np.ndindex(*shape)
        )
        return " + ".join(cell.held(operand, Binds.PRODUCT) for cell in cells)

    def function(self, node: Apply) -> Text:
        patterns = _ASCII_FUNCTIONS if self.ascii else _UNICODE_FUNCTIONS
        arguments = [self.write(argument)[0] for argument in node.arguments]
        pattern = patterns.get(node.operation)
        if pattern is None or (node.operation == "sum" and node.axis is not None):
            axis = [] if node.axis is None else [f"axis={node.axis}"]
            return f"{node.operation}({', '.join(arguments + axis)})", Binds.ATOM
        return pattern.format(*arguments), Binds.ATOM


class _CellWriter(_Writer):
    """Writes how one element of a value comes about."""

    def __init__(
        self, notation: Notation, values: Mapping[str, Any], index: tuple[int, ...]
    ) -> None:
        super().__init__(notation, self.entry, values)
        self.index = index

    def entry(self, name: str) -> Text:
        """The number of a value that meets this element."""
        value = np.asarray(self.values[name], dtype=float)
        return self.notation.put_in(value[self.place(value.shape)])

    def place(self, shape: Shape) -> tuple[int, ...]:
        """Where a value of that shape meets this element, as stretching has it."""
        index = self.index[len(self.index) - len(shape) :]
        return tuple(0 if size == 1 else i for i, size in zip(index, shape, strict=True))

    def write(self, node: Expression) -> Text:
        if not isinstance(node, Apply) or OPERATIONS[node.operation].elementwise:
            return super().write(node)
        first = node.arguments[0]
        place = self.place(self.shape(node))
        match node.operation:
            case "matmul":
                return self.products(place, *node.arguments)
            case "transpose":
                return self.at(place[::-1], first)
            case "as_column":
                return self.at(place[:-1], first)
            case "stretch":
                return self.at(self.index, first)
        return _Writer(self.notation, self.whole, self.values).write(node)

    def whole(self, name: str) -> Text:
        return self.notation.put_in(self.values[name])

    def at(self, index: tuple[int, ...], node: Expression) -> Text:
        return _CellWriter(self.notation, self.values, index).write(node)

    def products(self, place: tuple[int, ...], left: Expression, right: Expression) -> Text:
        """A row times a column, each product written out; long ones only begun."""
        shape = self.shape(left)
        row, column = place[: len(shape) - 1], place[len(shape) - 1 :]
        sign = "*" if self.ascii else "·"
        terms = []
        for k in range(min(shape[-1], SPELLED_OUT)):
            parts = self.at((*row, k), left), self.at((k, *column), right)
            terms.append(sign.join(t if b >= Binds.PRODUCT else f"({t})" for t, b in parts))
        if shape[-1] > SPELLED_OUT:
            terms.append("..." if self.ascii else "…")
        return " + ".join(terms), Binds.SUM

    def product_sign(self, left: Expression, right: Expression, factor: str) -> str:
        return "*" if self.ascii else "·"


def _upright(value: Any) -> Any:
    """A vector as a column."""
    return np.reshape(value, (-1, 1)) if np.ndim(value) == 1 else value


def _elementwise(node: Expression) -> bool:
    """Whether each number of the value comes from one number of each name."""
    if not isinstance(node, Apply):
        return True
    return OPERATIONS[node.operation].elementwise and all(map(_elementwise, node.arguments))
