"""The formula language's one table: every operation with its NumPy form, derivative and shape.

`source` is the operation as NumPy source, with `{0}` and `{1}` for its arguments. `gradient` is
the chain rule: given the operation's arguments, its own value and the partial derivative of the
loss with respect to that value, the partial derivatives with respect to each argument. Derivatives
of elementwise operations are found in any table of derivatives; those of matrix products in
Petersen & Pedersen, The Matrix Cookbook, section 2.5. At kinks they are what PyTorch uses: 0 for
abs and relu, ½ for each side of a tie. Every shape is known before a single number is computed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod

from gd_tutor.engine.expression import (
    ONE,
    Apply,
    Expression,
    Name,
    Number,
    Place,
    Shape,
    apply,
    divide,
    multiply,
    negate,
    power,
    walk,
)

Arguments = tuple[Expression, ...]
Gradient = Callable[[Arguments, Expression, Expression], Arguments]


@dataclass(frozen=True, slots=True)
class Operation:
    source: str
    arity: int
    gradient: Gradient | None = None
    elementwise: bool = True


def _power(arguments: Arguments, value: Expression, seed: Expression) -> Arguments:
    base, exponent = arguments
    assert isinstance(exponent, Number)
    factor = multiply(exponent, power(base, exponent.value - 1.0))
    return (multiply(seed, factor),)


def _larger(winner: Expression, loser: Expression) -> Expression:
    return apply("share", winner, loser)


FUNCTIONS: dict[str, Operation] = {
    "exp": Operation("np.exp({0})", 1, lambda a, value, g: (multiply(g, value),)),
    "log": Operation("np.log({0})", 1, lambda a, value, g: (divide(g, a[0]),)),
    "sqrt": Operation(
        "np.sqrt({0})", 1, lambda a, value, g: (divide(g, multiply(Number(2.0), value)),)
    ),
    "abs": Operation("np.abs({0})", 1, lambda a, value, g: (multiply(g, apply("sign", a[0])),)),
    "sin": Operation("np.sin({0})", 1, lambda a, value, g: (multiply(g, apply("cos", a[0])),)),
    "cos": Operation(
        "np.cos({0})", 1, lambda a, value, g: (negate(multiply(g, apply("sin", a[0]))),)
    ),
    "tanh": Operation(
        "np.tanh({0})",
        1,
        lambda a, value, g: (multiply(g, apply("subtract", ONE, power(value, 2.0))),),
    ),
    "sigmoid": Operation(
        "(1.0 / (1.0 + np.exp(-{0})))",
        1,
        lambda a, value, g: (multiply(multiply(g, value), apply("subtract", ONE, value)),),
    ),
    "relu": Operation(
        "np.maximum({0}, 0.0)", 1, lambda a, value, g: (multiply(g, apply("positive", a[0])),)
    ),
    "maximum": Operation(
        "np.maximum({0}, {1})",
        2,
        lambda a, value, g: (
            multiply(g, _larger(a[0], a[1])),
            multiply(g, _larger(a[1], a[0])),
        ),
    ),
    "minimum": Operation(
        "np.minimum({0}, {1})",
        2,
        lambda a, value, g: (
            multiply(g, _larger(a[1], a[0])),
            multiply(g, _larger(a[0], a[1])),
        ),
    ),
    "sum": Operation("total({0}, {axis})", 1, elementwise=False),
    "mean": Operation("(total({0}, {axis}) / {count})", 1, elementwise=False),
}
"""The functions an author may call, by the name they are called with."""

OPERATORS: dict[str, Operation] = {
    "add": Operation("({0} + {1})", 2, lambda a, value, g: (g, g)),
    "subtract": Operation("({0} - {1})", 2, lambda a, value, g: (g, negate(g))),
    "multiply": Operation(
        "({0} * {1})", 2, lambda a, value, g: (multiply(g, a[1]), multiply(g, a[0]))
    ),
    "divide": Operation(
        "({0} / {1})",
        2,
        lambda a, value, g: (
            divide(g, a[1]),
            negate(divide(multiply(g, a[0]), power(a[1], 2.0))),
        ),
    ),
    "power": Operation("({0} ** {1})", 2, _power),
    "negate": Operation("(-{0})", 1, lambda a, value, g: (negate(g),)),
    "matmul": Operation("({0} @ {1})", 2, elementwise=False),
    "transpose": Operation("{0}.T", 1, elementwise=False),
}
"""What an author writes with signs."""

INTERNAL: dict[str, Operation] = {
    "sign": Operation("np.sign({0})", 1),
    "positive": Operation("np.where({0} > 0.0, 1.0, 0.0)[()]", 1),
    "share": Operation("(0.5 + 0.5 * np.sign({0} - {1}))", 2),
    "count": Operation("{count}", 1, elementwise=False),
    "broadcast": Operation("np.broadcast_to({0}, {shape})", 1, elementwise=False),
    "sum_to": Operation("sum_to({0}, {shape})", 1, elementwise=False),
    "as_column": Operation("{0}[..., None]", 1, elementwise=False),
    "element": Operation("{0}[{index}]", 1, elementwise=False),
}
"""What only derivatives and answers need; no program can have these."""

ANSWER_FUNCTIONS: dict[str, Operation] = {**FUNCTIONS, "count": INTERNAL["count"]}
"""The functions that text and answers may call."""

OPERATIONS: dict[str, Operation] = FUNCTIONS | OPERATORS | INTERNAL


MOST_NUMBERS = 4_000_000
MOST_PRODUCTS = 200_000_000


class ShapeError(ValueError):
    """Values do not fit together; `place` is where they meet."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


def shape_of(
    expression: Expression,
    shapes: Mapping[str, Shape],
    found: dict[Expression, Shape] | None = None,
) -> Shape:
    """The shape of an expression's value, given the shapes of the names in it.

    `found` keeps the shapes of all parts, so that none is worked out twice.
    Raises ShapeError where shapes do not fit or a value would be too large to be kept.
    """
    found = {} if found is None else found
    match expression:
        case Number():
            return ()
        case Name(name):
            return shapes[name]
    if expression in found:
        return found[expression]
    arguments = [shape_of(argument, shapes, found) for argument in expression.arguments]
    shape = found[expression] = _applied(expression, arguments)
    if prod(shape) > MOST_NUMBERS:
        raise ShapeError(
            f"This would make {prod(shape):,} numbers ({describe(shape)}); "
            f"at most {MOST_NUMBERS:,} are allowed.",
            expression.place,
        )
    return shape


def work_of(expression: Expression, shapes: Mapping[str, Shape]) -> tuple[int, int]:
    """How many numbers a formula makes on its way, and how many products its matrices take."""
    found: dict[Expression, Shape] = {}
    shape_of(expression, shapes, found)
    numbers = products = 0
    for part in walk(expression):
        if isinstance(part, Apply):
            numbers += prod(found[part])
            if part.operation == "matmul":
                left, right = (shape_of(side, shapes, found) for side in part.arguments)
                products += _products(left, right)
    return numbers, products


def describe(shape: Shape) -> str:
    """A shape in words, as '3×1', '4 values' or 'a single number'."""
    if not shape:
        return "a single number"
    if len(shape) == 1:
        return f"{shape[0]} value" + ("s" if shape[0] != 1 else "")
    return "×".join(map(str, shape))


def broadcast_shape(left: Shape, right: Shape) -> Shape | None:
    """The shape in which two values meet elementwise, or None where they do not.

    Single numbers and sizes of 1 are broadcast, unless each value would have to be.
    """
    rank = max(len(left), len(right))
    a = (1,) * (rank - len(left)) + left
    b = (1,) * (rank - len(right)) + right
    if any(m != n and 1 not in (m, n) for m, n in zip(a, b, strict=True)):
        return None
    together = tuple(n if m == 1 else m for m, n in zip(a, b, strict=True))
    return None if together not in (a, b) else together


def _applied(node: Apply, arguments: list[Shape]) -> Shape:
    match node.operation:
        case "matmul":
            return _matmul(node, *arguments)
        case "transpose":
            return arguments[0][::-1]
        case "sum" | "mean":
            return _reduced(node, arguments[0])
        case "count":
            return ()
        case "broadcast" | "sum_to":
            assert node.shape is not None
            return node.shape
        case "as_column":
            return (*arguments[0], 1)
        case "element":
            return _element(node, arguments[0])
    assert OPERATIONS[node.operation].elementwise
    if len(arguments) == 1:
        return arguments[0]
    shape = broadcast_shape(*arguments)
    if shape is None:
        left, right = map(describe, arguments)
        raise ShapeError(
            f"Shapes do not fit: the left side is {left}, the right side {right}. "
            f"{_instead(node, *arguments)}",
            node.place,
        )
    return shape


def _instead(node: Apply, left: Shape, right: Shape) -> str:
    """What to do where two values do not fit: perhaps a matrix product was meant."""
    if node.operation == "multiply" and left and right and left[-1] == right[0]:
        return "Write @ for a matrix product; * multiplies cell by cell."
    return "Give both the same shape; only single numbers and sizes of 1 are stretched."


def _reduced(node: Apply, shape: Shape) -> Shape:
    if node.axis is None:
        return ()
    if node.axis >= len(shape):
        raise ShapeError(
            f"There is no axis {node.axis} in {describe(shape)}; leave `axis` out.", node.place
        )
    return shape[: node.axis] + shape[node.axis + 1 :]


def _matmul(node: Apply, left: Shape, right: Shape) -> Shape:
    if not left or not right:
        raise ShapeError(
            "`@` multiplies matrices, and one side here is a single number; write * instead.",
            node.place,
        )
    if left[-1] != right[0]:
        raise ShapeError(
            f"`@` needs as many columns on the left as rows on the right, "
            f"but {describe(left)} meets {describe(right)}.",
            node.place,
        )
    shape = left[:-1] + right[1:]
    if _products(left, right) > MOST_PRODUCTS:
        raise ShapeError("This product of matrices is too large to be worked here.", node.place)
    return shape


def _products(left: Shape, right: Shape) -> int:
    return prod(left) * prod(right[1:])


def _element(node: Apply, shape: Shape) -> Shape:
    assert node.index is not None
    if len(node.index) > len(shape):
        raise ShapeError(f"{describe(shape).capitalize()} cannot be indexed so.", node.place)
    for position, size in zip(node.index, shape, strict=False):
        if not -size <= position < size:
            raise ShapeError(
                f"There is no element {position}: indices run from 0 to {size - 1}.", node.place
            )
    return shape[len(node.index) :]
