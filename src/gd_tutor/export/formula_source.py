"""Formulas as Python source that computes the same operations as the engine.

The engine's NumPy numbers become infinity or NaN where Python's raise an error (1 / 0) or turn
complex ((-8) ** 0.5). So in an operation on Python numbers alone, one becomes the library's.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod

from gd_tutor.engine.compile import is_constant, is_literal
from gd_tutor.engine.expression import Apply, Expression, Name, Number, Shape, names
from gd_tutor.engine.operations import OPERATIONS, shape_of
from gd_tutor.engine.program import LEARNING_RATE
from gd_tutor.notation.printer import (
    ATOM,
    NUMPY,
    PYTHON_MINUS,
    TORCH,
    Dialect,
    Printer,
    Text,
)

ROOM = 84
"""A longer formula is written in parts, each with its own name."""

WIDEST = 100
_WHOLE = 1e7
_SIMPLE = re.compile(r"[A-Za-z_][\w.]*|\d[\d.]*|\(-[A-Za-z_][\w.]*\)(\.T)+")
_ARITHMETIC = frozenset({"add", "subtract", "multiply", "divide", "power", "negate", "count"})
_NOTHING_TO_DO = frozenset({"sum", "mean", "transpose"})
"""The operations that do not change a single number."""


@dataclass(frozen=True)
class Library:
    """What a library needs besides the spellings of its dialect.

    `item` turns a value with one number into one that prints in full. `helpers` are functions that
    a script defines if it needs them. `strict`: the library's functions refuse Python numbers.
    """

    dialect: Dialect
    module: str
    number: str
    array: str
    keep: str
    size: str
    item: str
    helpers: Mapping[str, str]
    strict: bool


SHARE = '''def share(a, b):
    """Whose gradient it is in max(a, b): 1 where a is larger, 0 where b is, 0.5 where they tie."""
    return 0.5 + 0.5 * {module}.sign(a - b)'''

SIGMOID = """def sigmoid(z):
    return 1 / (1 + np.exp(-z))"""

WITH_NUMPY = Library(
    dialect=NUMPY,
    module="np",
    number="np.float64",
    array="np.array",
    keep="keepdims",
    size=".size",
    item="",
    helpers={"sigmoid": SIGMOID, "share": SHARE.format(module="np")},
    strict=False,
)

WITH_TORCH = Library(
    dialect=TORCH,
    module="torch",
    number="torch.tensor",
    array="torch.tensor",
    keep="keepdim",
    size=".numel()",
    item=".item()",
    helpers={"share": SHARE.format(module="torch")},
    strict=True,
)


class FormulaWriter(Printer):
    """Writes formulas in Python; `name` gives a name's variable, `numbered` makes new variables.

    `helpers` are the library's helpers used so far.
    """

    def __init__(
        self,
        library: Library,
        shapes: Mapping[str, Shape],
        name: Callable[[str], str],
        numbered: Callable[[str], str],
    ) -> None:
        super().__init__(library.dialect)
        self.library = library
        self.shapes = shapes
        self.name = name
        self.numbered = numbered
        self.helpers: dict[str, None] = {}
        self.parts: list[str] = []
        self.like = ""
        self.written: dict[Expression, Text] = {}
        self.found: dict[Expression, Shape] = {}

    def statements(
        self, pattern: str, formula: Expression, indent: int, like: str = ""
    ) -> list[str]:
        """The pattern with the formula for `{}`, after the parts it needs.

        `like` names a value that may have the same shape.
        """
        self.parts, self.like = [], like
        room = WIDEST - indent - len(pattern) + 2
        text = self.line(formula)
        while len(text) > room and self.take_apart(formula):
            text = self.line(formula)
        return [*self.parts, pattern.replace("{}", text, 1)]

    def line(self, formula: Expression) -> str:
        """The right side of an assignment; never a Python number."""
        if is_plain(formula):
            return f"{self.library.number}({self.argument(formula, floating=True)[0]})"
        return self.write(formula)[0]

    def write(self, node: Expression) -> Text:
        if not isinstance(node, Apply):
            return super().write(node)
        if node not in self.written:
            text = super().write(node)
            while len(text[0]) > ROOM and self.take_apart(node):
                text = super().write(node)
            self.written[node] = text
        return self.written[node]

    def write_number(self, value: float) -> Text:
        return literal(value, floating=False)

    def write_name(self, name: str) -> Text:
        return self.name(name), ATOM

    def take_apart(self, node: Expression) -> bool:
        """Give the longest part of a formula a name; False if all parts are short."""
        arguments = node.arguments if isinstance(node, Apply) else ()
        parts = [part for part in arguments if isinstance(part, Apply) and not is_literal(part)]
        longest = max(parts, key=lambda part: len(self.write(part)[0]), default=None)
        if longest is None or len(self.write(longest)[0]) < ROOM / 4:
            return False
        name = self.numbered("part")
        self.parts.append(f"{name} = {self.line(longest)}")
        self.written[longest] = name, ATOM
        self.written.pop(node, None)
        return True

    def shape(self, node: Expression) -> Shape:
        return shape_of(node, self.shapes, self.found)

    def argument(self, node: Expression, floating: bool) -> Text:
        """A part of a formula; if `floating`, a number is written 2.0, not 2."""
        if is_literal(node):
            return literal(_value(node), floating)
        return self.write(node)

    def arguments(self, node: Apply) -> list[Text]:
        """The arguments of an operation; if all are Python numbers, some are wrapped."""
        constant = all(map(is_constant, node.arguments)) and not _divides_by_count(node)
        parts = [self.argument(argument, floating=constant) for argument in node.arguments]
        if node.operation in ("divide", "power") and _is_risky(node):
            parts[0] = f"{self.library.number}({parts[0][0]})", ATOM
        if self.library.strict and _is_function(node):
            return [
                (self.line(argument), ATOM) if is_plain(argument) else part
                for argument, part in zip(node.arguments, parts, strict=True)
            ]
        return parts

    def plainly(self, node: Apply) -> Text:
        if node.operation in self.library.helpers:
            self.helpers[node.operation] = None
        return super().plainly(node)

    def multiply(self, node: Apply, left: Expression, right: Expression) -> Text:
        """A product; a truth value in it counts as 1 or 0."""
        parts = self.arguments(node)
        if _is_positive(right) and not _is_positive(left) and parts[1][1] < ATOM:
            parts = [self.argument(left, floating=True), self.truth(right)]
        return self.spell("multiply", parts)

    def truth(self, node: Expression) -> Text:
        assert isinstance(node, Apply)
        return f"({self.write(node.arguments[0])[0]} > 0)", ATOM

    def divide(self, node: Apply, left: Expression, right: Expression) -> Text:
        parts = self.arguments(node)
        return parts[0] if _is_one(parts[1]) and not is_plain(left) else self.spell("divide", parts)

    def power(self, node: Apply, base: Expression, exponent: Expression) -> Text:
        """A power, formatted without blanks if its base is a name or a number."""
        assert isinstance(exponent, Number)
        value = exponent.value
        whole = value.is_integer() and abs(value) < 2**31
        base_text = self.arguments(node)[0]
        text, binds = self.spell(
            "power", [base_text, (str(int(value)) if whole else number(value), ATOM)]
        )
        is_simple = _SIMPLE.fullmatch(self.dialect.held(base_text, ATOM))
        return text.replace(" ** ", "**") if is_simple else text, binds

    def sum(self, node: Apply, operand: Expression) -> Text:
        part = self.arguments(node)[0]
        if self.shape(operand) == ():
            return part
        along = "" if node.axis is None else self.dialect.along(node.axis)
        return self.spell(node.operation, [part], along=along)

    mean = sum

    def transpose(self, node: Apply, operand: Expression) -> Text:
        is_list = len(self.shape(operand)) < 2
        return self.arguments(node)[0] if is_list else self.plainly(node)

    def count(self, node: Apply, operand: Expression) -> Text:
        """The number of elements, of a name with the value's shape if there is one."""
        shape = self.shape(operand)
        for name in names(node):
            if self.shapes[name] == shape and shape:
                size = self.library.size if node.axis is None else f".shape[{node.axis}]"
                return self.spell("count", [self.write_name(name)], size=size)
        return str(prod(shape) if node.axis is None else shape[node.axis]), ATOM

    def broadcast(self, node: Apply, operand: Expression) -> Text:
        """The argument broadcast, to the shape of a named value if there is one."""
        part = self.argument(operand, floating=True)
        if self.library.strict and is_plain(operand):
            part = self.line(operand), ATOM
        known = self.like and self.shapes[self.like] == node.shape
        shape = f"{self.name(self.like)}.shape" if known else node.shape
        return self.spell("broadcast", [part], shape=shape)

    def sum_to(self, node: Apply, operand: Expression) -> Text:
        """The sum over the broadcast axes."""
        assert node.shape is not None
        extra = len(self.shape(operand)) - len(node.shape)
        ones = [extra + axis for axis, size in enumerate(node.shape) if size == 1]
        axes = (*range(extra), *ones)
        along = self.dialect.along(axes[0] if len(axes) == 1 else axes)
        keep = "" if extra else f", {self.library.keep}=True"
        text = self.spell("sum_to", self.arguments(node), along=along + keep)
        return (f"{text[0]}.reshape({node.shape})", ATOM) if extra and ones else text


def literal(value: float, floating: bool) -> Text:
    """A number as a person writes it: 2, not 2.0, unless `floating`."""
    negative = math.copysign(1.0, value) < 0
    whole = value.is_integer() and abs(value) < _WHOLE and not (negative and value == 0)
    text = repr(int(value)) if whole and not floating else number(value)
    return text, PYTHON_MINUS if negative else ATOM


def number(value: float) -> str:
    """A number with all its digits; its exponent has no leading zero."""
    return re.sub(r"e-0(\d)", r"e-\1", repr(float(value)))


def is_plain(node: Expression) -> bool:
    """Whether a formula is made of Python numbers alone."""
    match node:
        case Number():
            return True
        case Name(name):
            return name == LEARNING_RATE
        case Apply(operation, arguments) if operation in _ARITHMETIC | _NOTHING_TO_DO:
            return operation == "count" or all(map(is_plain, arguments))
    return False


def _is_function(node: Apply) -> bool:
    """Whether an operation is a call of a library function or of a helper."""
    own = _ARITHMETIC | {"positive"}
    return OPERATIONS[node.operation].elementwise and node.operation not in own


def _is_risky(node: Apply) -> bool:
    """Whether an operation is a quotient or power of Python numbers, which may raise an error."""
    _, second = node.arguments
    if node.operation == "divide" and (_is_count(second) or _divides_by_number(node)):
        return False
    return is_plain(node)


def _is_one(text: Text) -> bool:
    """Whether a text is the count of a single number: nobody divides by that."""
    return text[0] == "1"


def _divides_by_number(node: Apply) -> bool:
    return isinstance(node.arguments[1], Number) and node.arguments[1].value != 0


def _divides_by_count(node: Apply) -> bool:
    return node.operation == "divide" and _is_count(node.arguments[1])


def _is_count(node: Expression) -> bool:
    return isinstance(node, Apply) and node.operation == "count"


def _is_positive(node: Expression) -> bool:
    return isinstance(node, Apply) and node.operation == "positive"


def _value(node: Expression) -> float:
    """The number of a literal."""
    match node:
        case Number(value):
            return value
        case Apply("negate", (Number(value),)):
            return -value
    raise AssertionError(node)
