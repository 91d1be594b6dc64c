"""Formulas compiled to NumPy functions, and the operation at which a value stops being finite.

Source is generated from checked formulas, never from an author's text: names are replaced, and
only the table of operations supplies source. A formula that occurs twice is computed once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.expression import Apply, Expression, Line, Name, Number, Shape, names, walk
from gd_tutor.engine.operations import OPERATIONS, shape_of

Value = np.float64 | NDArray[np.float64]
Values = dict[str, Value]
"""An environment: every name with its value; a single number is a NumPy scalar."""

Function = Callable[[Mapping[str, Value]], Values]


def compile_lines(lines: Sequence[Line], shapes: Mapping[str, Shape]) -> Function:
    """A function from an environment to the lines' values, by name."""
    writer = SourceWriter(shapes)
    for line in lines:
        writer.assign(line)
    inputs = inputs_of(lines)
    body = [f"{python_name(name)} = values[{name!r}]" for name in inputs]
    body += [*writer.constants, *writer.statements]
    results = ", ".join(f"{line.name!r}: {python_name(line.name)}" for line in lines)
    function: Function = build_function("compute", "values", [*body, f"return {{{results}}}"])
    return function


def evaluate(expression: Expression, values: Mapping[str, Value]) -> Value:
    """The value of one formula; the environment holds all its names."""
    shapes = {name: np.shape(values[name]) for name in names(expression)}
    return compile_lines([Line("answer", expression)], shapes)(values)["answer"]


def python_name(name: str) -> str:
    """The Python variable for a name; its prefix rules out Python's own names."""
    # No author's name contains a middle dot, so `next.v_w` and `next.v.w` stay distinct.
    return name.replace(".", "·") if "." in name else f"value_{name}"


def build_function(name: str, arguments: str, body: Iterable[str]) -> Any:
    """A Python function whose arithmetic never warns: infinity and NaN are ordinary values."""
    lines = [f"def {name}({arguments}):", "    with errstate(all='ignore'):"]
    lines += [f"        {statement}" for statement in body]
    namespace: dict[str, Any] = {
        "np": np,
        "errstate": np.errstate,
        "total": total,
        "sum_to": sum_to,
    }
    exec(compile("\n".join(lines), "<formulas>", "exec"), namespace)
    return namespace[name]


class SourceWriter:
    """Writes assignments as Python statements, each repeated formula computed once.

    `constants` are the formulas without names; they come before the statements, outside any loop.
    They are NumPy numbers: Python's raise at 1 / 0 and turn complex at (-8) ** 0.5.
    """

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.shapes = dict(shapes)
        self.constants: list[str] = []
        self.statements: list[str] = []
        self.found: dict[Expression, Shape] = {}
        self.written: dict[Expression, str] = {}

    def assign(self, line: Line) -> None:
        self.shapes[line.name] = self.shape(line.expression)
        source = self.source(line.expression)
        if is_literal(line.expression):
            source = self.constant(f"np.float64({source})")
        name = python_name(line.name)
        self.statements.append(f"{name} = {source}")
        if not is_constant(line.expression):  # constants come before any name is assigned
            self.written[line.expression] = name

    def shape(self, node: Expression) -> Shape:
        return shape_of(node, self.shapes, self.found)

    def constant(self, source: str) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(f"{name} = {source}")
        return name

    def source(self, node: Expression) -> str:
        match node:
            case Number(value):
                return repr(value)
            case Name(name):
                return python_name(name)
        if node in self.written:
            return self.written[node]
        if is_literal(node):
            return f"(-{self.source(node.arguments[0])})"
        source = self.applied(node)
        if is_constant(node):
            result = self.constant(source)
        else:
            result = f"t{len(self.statements)}"
            self.statements.append(f"{result} = {source}")
        self.written[node] = result
        return result

    def applied(self, node: Apply) -> str:
        operation = OPERATIONS[node.operation]
        if node.operation == "count":
            return repr(np.float64(self.count(node)))
        arguments = [self.source(argument) for argument in node.arguments]
        if all(map(is_literal, node.arguments)):
            arguments[0] = f"np.float64({arguments[0]})"
        rank = len(self.shape(node.arguments[0]))
        if (node.operation in ("sum", "mean") and rank == 0) or (
            node.operation == "transpose" and rank < 2
        ):
            return arguments[0]
        if node.operation == "power":
            exponent = node.arguments[1]
            assert isinstance(exponent, Number)
            # NumPy is faster with an integer exponent: a square is one multiplication.
            whole = exponent.value.is_integer() and abs(exponent.value) < 2**31
            arguments[1] = repr(int(exponent.value)) if whole else repr(exponent.value)
        return operation.source.format(
            *arguments,
            axis=node.axis,
            count=float(self.count(node)),
            shape=node.shape,
            index=", ".join(map(str, node.index or ())),
        )

    def count(self, node: Apply) -> int:
        shape = self.shape(node.arguments[0])
        return prod(shape) if node.axis is None else shape[node.axis]


def is_literal(node: Expression) -> bool:
    """Whether a formula is a number, perhaps with a minus sign."""
    match node:
        case Number() | Apply("negate", (Number(),)):
            return True
    return False


def is_constant(node: Expression) -> bool:
    """Whether a formula contains no names."""
    match node:
        case Number() | Apply("count"):
            return True
        case Apply(arguments=arguments):
            return all(map(is_constant, arguments))
    return False


def total(value: Value, axis: int | None) -> Value:
    """The sum of all numbers, or along an axis; faster than np.sum."""
    result: Value = np.add.reduce(value, axis=axis)
    return result


def sum_to(value: Value, shape: Shape) -> Value:
    """Sum over the axes along which a value of `shape` was broadcast."""
    extra = np.ndim(value) - len(shape)
    ones = (extra + axis for axis, size in enumerate(shape) if size == 1)
    result: Value = np.add.reduce(value, axis=(*range(extra), *ones)).reshape(shape)
    return result


def inputs_of(lines: Sequence[Line]) -> list[str]:
    """The names that the lines use before assigning them, each once."""
    assigned: set[str] = set()
    inputs: dict[str, None] = {}
    for line in lines:
        inputs.update(dict.fromkeys(n for n in names(line.expression) if n not in assigned))
        assigned.add(line.name)
    return list(inputs)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """An operation whose result is not finite although its `arguments` are.

    `arguments` is empty for an operation that reduces many numbers to one.
    """

    operation: str
    arguments: tuple[float, ...]

    @property
    def is_undefined(self) -> bool:
        """Whether the result is undefined; otherwise it is too large."""
        match self.operation, self.arguments:
            case "log", (number,):
                return number <= 0
            case "sqrt", (number,):
                return number < 0
            case "divide", (_, divisor):
                return divisor == 0
            case "power", (base, exponent):
                return exponent < 0 if base == 0 else base < 0 and not exponent.is_integer()
        return False


def breakdown_of(formula: Expression, values: Mapping[str, Value]) -> Breakdown | None:
    """The first operation of a formula with a result that is not finite, or None."""
    for node in reversed(list(walk(formula))):
        if not isinstance(node, Apply):
            continue
        given = [np.asarray(evaluate(argument, values)) for argument in node.arguments]
        result = np.asarray(evaluate(node, values))
        if np.isfinite(result).all() or not all(np.isfinite(value).all() for value in given):
            continue
        if not OPERATIONS[node.operation].elementwise:
            return Breakdown(node.operation, ())
        place = np.unravel_index(np.argmin(np.isfinite(result)), result.shape)
        numbers = (float(np.broadcast_to(value, result.shape)[place]) for value in given)
        return Breakdown(node.operation, tuple(numbers))
    return None
