"""Formulas as text, with symbols or with numbers substituted.

Unicode is as on paper (`2ε`, `(x − 3)²`, `∂l/∂x`), ASCII as in the program (`2*residual`,
`(x - 3)**2`, `dloss/dx`), speech as spoken (`2 times residual`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import numpy as np

from gd_tutor.engine.compile import evaluate
from gd_tutor.engine.expression import Apply, Expression, Name, Number, Shape, names
from gd_tutor.engine.operations import OPERATIONS, ShapeError, broadcast_shape, shape_of
from gd_tutor.notation.equals_sign import holds, tie
from gd_tutor.notation.printer import ASCII, ATOM, POWER, PRODUCT, SUM, Printer, Text
from gd_tutor.notation.symbols import SPELLED_OUT, Symbols


class FormulaPrinter(Printer):
    """Writes a formula with its symbols, or with values substituted if there are any."""

    def __init__(
        self, notation: Symbols, write_name: Callable[[str], Text], values: Mapping[str, Any]
    ) -> None:
        super().__init__(notation.dialect)
        self.notation = notation
        self.name_text = write_name
        self.values = values

    def write_number(self, value: float) -> Text:
        return self.notation.put_in_constant(value)

    def write_name(self, name: str) -> Text:
        return self.name_text(name)

    def shape(self, node: Expression) -> Shape | None:
        """The shape of a part; None if the notation does not know it."""
        shapes = self.notation.shapes
        if self.values:
            shapes = {name: np.shape(self.values[name]) for name in names(node)}
        try:
            return shape_of(node, shapes)
        except (KeyError, ShapeError):
            return None

    def part(self, node: Expression) -> Text:
        """A part in a place where its shape matters: a broadcast value is written repeatedly."""
        shape, seen = self.shape(node), self.seen(node)
        if shape is None or seen is None or shape == seen:
            return self.write(node)
        match node:
            case Apply("broadcast", (Name(name),)) if self.values:
                return self.notation.put_in(np.broadcast_to(self.values[name], shape))
        return self.repeated(self.write(node), seen, shape), ATOM

    def repeated(self, text: Text, seen: Shape, shape: Shape) -> str:
        """A broadcast value as a list or table: `[g, g, g]`, `[g g]ᵀ`."""
        dialect, (rows, *columns) = self.dialect, shape
        apart = " " not in text[0] or dialect.row.between != " "
        entry = text[0] if apart else dialect.brackets.format(text[0])

        def times(size: int, entry: str) -> list[str]:
            return [entry] * size if size <= SPELLED_OUT else [entry, dialect.more, entry]

        if not columns:
            return dialect.list.of(times(rows, entry))
        [width] = columns
        if seen in ((), (1,), (1, 1)):
            if width == 1:
                return dialect.column.of(times(rows, entry))
            return dialect.table.of(times(rows, dialect.row.of(times(width, entry))))
        below = len(seen) == 1 or seen[0] == 1
        return dialect.table.of(
            times(rows, entry) if below else [dialect.row.of(times(width, entry))]
        )

    def seen(self, node: Expression) -> Shape | None:
        """The shape that the text of a part shows."""
        match node:
            case Apply("broadcast", (operand,)):
                return self.seen(operand)
            case Apply("sum" | "mean" | "sum_to", (operand,)) if self.adds_all(node, operand):
                return ()
            case Apply("sum_to", (operand,)) if self.axes(node, operand) == (0,):
                return (self.shape(node) or ())[-1:]
            case Apply(operation, arguments) if OPERATIONS[operation].elementwise:
                shapes = [self.seen(argument) for argument in arguments]
                known = [shape for shape in shapes if shape is not None]
                if len(known) < len(shapes):
                    return None
                return known[0] if len(known) == 1 else broadcast_shape(*known)
        return self.shape(node)

    def multiply(self, node: Apply, left: Expression, right: Expression) -> Text:
        factors = self.arguments(node)
        times = self.product_sign(left, right, self.dialect.held(factors[1], PRODUCT))
        return self.spell("multiply", factors, times=times)

    def product_sign(self, left: Expression, right: Expression, factor: str) -> str:
        if self.is_tensor(left) and self.is_tensor(right):
            return " ⊙ "
        symbol = isinstance(right, Name) and len(factor) <= 2
        # As on paper, `2ε` and `2(x − 3)`; between numbers the dot is needed.
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

    def matmul(self, node: Apply, left: Expression, right: Expression) -> Text:
        match left, right:
            case Apply("as_column", (column,)), Apply("transpose", (Apply("as_column", (row,)),)):
                return self.dialect.outer.of(self.part(side)[0] for side in (column, row)), ATOM
        return self.spell("matmul", map(self.part, (left, right)))

    def power(self, node: Apply, base: Expression, exponent: Expression) -> Text:
        assert isinstance(exponent, Number)
        text, raised = self.write(base), self.dialect.raised(exponent.value)
        if raised:
            return self.dialect.held(text, ATOM) + raised, POWER
        return self.spell("power", [text, (self.notation.constant(exponent.value), ATOM)])

    def transpose(self, node: Apply, operand: Expression) -> Text:
        if isinstance(operand, Name) and self.values:
            return self.notation.put_in(np.transpose(self.values[operand.id]))
        shape = self.shape(operand)
        is_list = shape is not None and len(shape) < 2
        text = self.part(operand)
        return text if is_list else self.spell("transpose", [text])

    def broadcast(self, node: Apply, operand: Expression) -> Text:
        return self.write(operand)

    def as_column(self, node: Apply, operand: Expression) -> Text:
        if not self.values or not _elementwise(operand):
            return self.spell("as_column", [self.part(operand)])
        upright = {name: _upright(self.values[name]) for name in names(operand)}
        put_in = self.notation.put_in
        return FormulaPrinter(self.notation, lambda name: put_in(upright[name]), upright).write(
            operand
        )

    def share(self, node: Apply, left: Expression, right: Expression) -> Text:
        """Which of two values is larger; for a tie in the printed numbers, each one's share."""
        if self.values and np.any(tie(left, right, self.values, self.notation.digits)):
            return self.notation.put_in(evaluate(node, self.values))
        return self.plainly(node)

    def element(self, node: Apply, operand: Expression) -> Text:
        if self.values and isinstance(operand, Name):
            return self.notation.put_in(evaluate(node, self.values))
        return self.plainly(node)

    def count(self, node: Apply, operand: Expression) -> Text:
        if not self.values:
            return self.plainly(node)
        shape = self.shape(operand)
        assert shape is not None
        size = np.prod(shape) if node.axis is None else shape[node.axis]
        return self.notation.constant(float(size)), ATOM

    def sum(self, node: Apply, operand: Expression) -> Text:
        terms = self.terms(node, operand)
        return (terms, SUM) if terms else self.summed(node, operand)

    sum_to = sum

    def mean(self, node: Apply, operand: Expression) -> Text:
        terms = self.terms(node, operand)
        if not terms:
            return self.summed(node, operand)
        return self.spell("divide", [(terms, SUM), self.count(node, operand)])

    def terms(self, node: Apply, operand: Expression) -> str:
        """The terms of a short sum of all numbers; empty for other sums."""
        if not self.values or not _elementwise(operand):
            return ""
        shape = self.shape(operand)
        assert shape is not None
        if not 1 < np.prod(shape) <= SPELLED_OUT or not self.adds_all(node, operand):
            return ""
        return self.added_elements(operand, np.ndindex(*shape))

    def added_elements(self, operand: Expression, places: Iterable[tuple[int, ...]]) -> str:
        """The sum of a value's elements, each with its own numbers; of many only the first."""
        cells = [
            CellPrinter(self.notation, self.values, tuple(map(int, place)))
            for place in islice(places, SPELLED_OUT + 1)
        ]
        terms = [self.dialect.held(cell.write(operand), PRODUCT) for cell in cells[:SPELLED_OUT]]
        if len(cells) > SPELLED_OUT:
            terms.append(self.dialect.more)
        return self.added(terms)

    def axes(self, node: Apply, operand: Expression) -> tuple[int, ...]:
        """The axes along which a sum or a mean adds; empty if unknown."""
        shape = self.shape(operand)
        if node.operation != "sum_to" and node.axis is not None:
            return (node.axis,)
        if shape is None:
            return ()
        wanted = node.shape or ()
        wanted = (1,) * (len(shape) - len(wanted)) + wanted
        return tuple(axis for axis, size in enumerate(shape) if wanted[axis] == 1 != size)

    def adds_all(self, node: Apply, operand: Expression) -> bool:
        """Whether a sum or a mean is over all axes, so that its text names none."""
        if self.dialect is ASCII and node.axis is not None:  # as in the program
            return False
        shape, axes = self.shape(operand), self.axes(node, operand)
        if shape is None:
            return len(axes) != 1
        return all(axis in axes or size == 1 for axis, size in enumerate(shape))

    def summed(self, node: Apply, operand: Expression) -> Text:
        """A sum or a mean with its sign, which names its axis."""
        shape, axes, text = self.shape(operand), self.axes(node, operand), self.part(operand)
        if node.operation == "sum_to" and shape and not axes:
            return text
        whole = self.adds_all(node, operand)
        along = "" if whole else self.dialect.along(axes[0])
        written = self.spell(node.operation, [text], along=along)
        # A sum along rows is a list; `is_column` says that it is used as a column.
        is_column = node.operation == "sum_to" and axes == (1,) and not whole
        return self.spell("transpose", [written]) if is_column else written


class CellPrinter(FormulaPrinter):
    """Writes the arithmetic of one element of a value."""

    def __init__(
        self, notation: Symbols, values: Mapping[str, Any], index: tuple[int, ...]
    ) -> None:
        super().__init__(notation, self.entry, values)
        self.index = index

    def entry(self, name: str) -> Text:
        """The number of a value that this element depends on."""
        value = np.asarray(self.values[name], dtype=float)
        return self.notation.put_in(value[self.place(value.shape)])

    def place(self, shape: Shape | None) -> tuple[int, ...]:
        """The index, by broadcasting, into a value of that shape for this element."""
        assert shape is not None
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
            case "broadcast":
                return self.at(self.index, first)
            case "sum" | "mean" | "sum_to" if self.shape(node):
                return self.column_or_row(node, place, first)
        return FormulaPrinter(self.notation, self.whole, self.values).write(node)

    def column_or_row(self, node: Apply, place: tuple[int, ...], operand: Expression) -> Text:
        """The numbers that a sum or a mean along an axis adds for this element."""
        axes, shape = self.axes(node, operand), self.shape(operand)
        assert shape is not None
        if node.operation == "sum_to":
            fixed = [*[0] * (len(shape) - len(place)), *place]
        else:
            fixed = [*place[: axes[0]], 0, *place[axes[0] :]]
        ranges = [range(n) if a in axes else (fixed[a],) for a, n in enumerate(shape)]
        terms = self.added_elements(operand, product(*ranges))
        if node.operation == "mean":
            return self.spell("divide", [(terms, SUM), self.count(node, operand)])
        return terms, SUM

    def share(self, node: Apply, left: Expression, right: Expression) -> Text:
        ties = tie(left, right, self.values, self.notation.digits)
        if ties[self.place(ties.shape)]:
            whole = np.asarray(evaluate(node, self.values))
            return self.notation.put_in(whole[self.place(whole.shape)])
        return self.plainly(node)

    def whole(self, name: str) -> Text:
        return self.notation.put_in(self.values[name])

    def at(self, index: tuple[int, ...], node: Expression) -> Text:
        return CellPrinter(self.notation, self.values, index).write(node)

    def products(self, place: tuple[int, ...], left: Expression, right: Expression) -> Text:
        """A row times a column, with each product written out; long ones are cut short."""
        shape = self.shape(left)
        assert shape is not None
        row, column = place[: len(shape) - 1], place[len(shape) - 1 :]
        terms = []
        for k in range(min(shape[-1], SPELLED_OUT)):
            parts = self.at((*row, k), left), self.at((k, *column), right)
            terms.append(self.spell("multiply", parts, times="·")[0])
        if shape[-1] > SPELLED_OUT:
            terms.append(self.dialect.more)
        return self.added(terms), SUM

    def product_sign(self, left: Expression, right: Expression, factor: str) -> str:
        return "·"


@dataclass(frozen=True)
class Notation(Symbols):
    """A lesson's notation: its symbols, digits and dialect."""

    def formula(self, expression: Expression) -> str:
        """The formula with its symbols."""
        return FormulaPrinter(self, self.symbol, {}).write(expression)[0]

    def substituted(self, expression: Expression, values: Mapping[str, Any]) -> str:
        """The formula with numbers substituted; short sums and means are written out."""

        def put_in(name: str) -> Text:
            return self.put_in(values[name])

        return FormulaPrinter(self, put_in, values).write(expression)[0]

    def cell(
        self, expression: Expression, values: Mapping[str, Any], index: tuple[int, ...]
    ) -> str:
        """The arithmetic of one element of the formula's value."""
        return CellPrinter(self, values, index).write(expression)[0]

    def sign(
        self,
        expression: Expression,
        values: Mapping[str, Any],
        result: Any,
        index: tuple[int, ...] = (),
    ) -> str:
        """The sign, `=` or `≈`, before a result or one element of it."""
        true = holds(expression, values, result, self.digits, index)
        return self.equals if true else self.about


def _upright(value: Any) -> Any:
    """A vector as a column."""
    return np.reshape(value, (-1, 1)) if np.ndim(value) == 1 else value


def _elementwise(node: Expression) -> bool:
    """Whether each number of the value depends on one number of each name."""
    if not isinstance(node, Apply):
        return True
    known = OPERATIONS[node.operation].elementwise or node.operation == "broadcast"
    return known and all(map(_elementwise, node.arguments))
