"""The table of the formula language: every operation with its NumPy source, derivative and shape.

At kinks the derivatives are those of PyTorch: 0 for abs and relu, ½ for each side of a tie. Sums,
transposes and matrix products are differentiated in `backward` (Petersen & Pedersen, The Matrix
Cookbook, section 2.5). Shapes are checked before any number is computed.
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
    """An operation: its NumPy `source`, with `{0}` and `{1}` for its arguments, and its chain rule.

    `gradient` takes the arguments, the value and the partial derivative g of the loss with respect
    to the value, and returns the partial derivatives with respect to the arguments.
    """

    source: str
    arity: int
    gradient: Gradient | None = None
    elementwise: bool = True


def _power(arguments: Arguments, value: Expression, seed: Expression) -> Arguments:
    # (aⁿ)′ = n·aⁿ⁻¹
    base, exponent = arguments
    assert isinstance(exponent, Number)
    factor = multiply(exponent, power(base, exponent.value - 1.0))
    return (multiply(seed, factor),)


def _larger(winner: Expression, loser: Expression) -> Expression:
    return apply("share", winner, loser)


FUNCTIONS: dict[str, Operation] = {
    # (exp a)′ = exp a
    "exp": Operation("np.exp({0})", 1, lambda a, value, g: (multiply(g, value),)),
    # (log a)′ = 1/a
    "log": Operation("np.log({0})", 1, lambda a, value, g: (divide(g, a[0]),)),
    # (√a)′ = 1/(2√a)
    "sqrt": Operation(
        "np.sqrt({0})", 1, lambda a, value, g: (divide(g, multiply(Number(2.0), value)),)
    ),
    # |a|′ = sign a
    "abs": Operation("np.abs({0})", 1, lambda a, value, g: (multiply(g, apply("sign", a[0])),)),
    # (sin a)′ = cos a
    "sin": Operation("np.sin({0})", 1, lambda a, value, g: (multiply(g, apply("cos", a[0])),)),
    # (cos a)′ = -sin a
    "cos": Operation(
        "np.cos({0})", 1, lambda a, value, g: (negate(multiply(g, apply("sin", a[0]))),)
    ),
    # (tanh a)′ = 1 - tanh² a
    "tanh": Operation(
        "np.tanh({0})",
        1,
        lambda a, value, g: (multiply(g, apply("subtract", ONE, power(value, 2.0))),),
    ),
    # σ(a)′ = σ(a)·(1 - σ(a))
    "sigmoid": Operation(
        "(1.0 / (1.0 + np.exp(-{0})))",
        1,
        lambda a, value, g: (multiply(multiply(g, value), apply("subtract", ONE, value)),),
    ),
    # relu(a)′ = 1 if a > 0, else 0
    "relu": Operation(
        "np.maximum({0}, 0.0)", 1, lambda a, value, g: (multiply(g, apply("positive", a[0])),)
    ),
    # ∂max(a, b)/∂a = 1 if a > b, ½ if a = b, else 0
    "maximum": Operation(
        "np.maximum({0}, {1})",
        2,
        lambda a, value, g: (
            multiply(g, _larger(a[0], a[1])),
            multiply(g, _larger(a[1], a[0])),
        ),
    ),
    # ∂min(a, b)/∂a = 1 if a < b, ½ if a = b, else 0
    "minimum": Operation(
        "np.minimum({0}, {1})",
        2,
        lambda a, value, g: (
            multiply(g, _larger(a[1], a[0])),
            multiply(g, _larger(a[0], a[1])),
        ),
    ),
    # ∂sum(a)/∂aᵢ = 1; g is broadcast along the axis
    "sum": Operation("total({0}, {axis})", 1, elementwise=False),
    # ∂mean(a)/∂aᵢ = 1/n; g is broadcast along the axis
    "mean": Operation("(total({0}, {axis}) / {count})", 1, elementwise=False),
}
"""The functions that an author may call."""

OPERATORS: dict[str, Operation] = {
    # ∂(a + b)/∂a = 1, ∂(a + b)/∂b = 1
    "add": Operation("({0} + {1})", 2, lambda a, value, g: (g, g)),
    # ∂(a - b)/∂a = 1, ∂(a - b)/∂b = -1
    "subtract": Operation("({0} - {1})", 2, lambda a, value, g: (g, negate(g))),
    # ∂(a·b)/∂a = b, ∂(a·b)/∂b = a
    "multiply": Operation(
        "({0} * {1})", 2, lambda a, value, g: (multiply(g, a[1]), multiply(g, a[0]))
    ),
    # ∂(a/b)/∂a = 1/b, ∂(a/b)/∂b = -a/b²
    "divide": Operation(
        "({0} / {1})",
        2,
        lambda a, value, g: (
            divide(g, a[1]),
            negate(divide(multiply(g, a[0]), power(a[1], 2.0))),
        ),
    ),
    "power": Operation("({0} ** {1})", 2, _power),
    # (-a)′ = -1
    "negate": Operation("(-{0})", 1, lambda a, value, g: (negate(g),)),
    # C = A @ B with G = ∂loss/∂C: ∂loss/∂A = G @ Bᵀ, ∂loss/∂B = Aᵀ @ G
    "matmul": Operation("({0} @ {1})", 2, elementwise=False),
    # C = Aᵀ with G = ∂loss/∂C: ∂loss/∂A = Gᵀ
    "transpose": Operation("{0}.T", 1, elementwise=False),
}
"""The operations that an author writes as signs."""

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
"""The operations of derivatives and answers only; a forward program cannot use them."""

ANSWER_FUNCTIONS: dict[str, Operation] = {**FUNCTIONS, "count": INTERNAL["count"]}
"""The functions that prose and answers may call."""

OPERATIONS: dict[str, Operation] = FUNCTIONS | OPERATORS | INTERNAL


MOST_NUMBERS = 4_000_000
MOST_PRODUCTS = 200_000_000


class ShapeError(ValueError):
    """Shapes do not fit together; `place` is that of the operation."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


def shape_of(
    expression: Expression,
    shapes: Mapping[str, Shape],
    found: dict[Expression, Shape] | None = None,
) -> Shape:
    """The shape of an expression's value, given the shapes of the names in it.

    `found` caches the shapes of all parts.
    Raises ShapeError if shapes do not fit or a value is too large.
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
    """How many numbers a formula computes, and how many products its matrix products take."""
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
    """A shape in words: '3×1', '4 values' or 'a single number'."""
    if not shape:
        return "a single number"
    if len(shape) == 1:
        return f"{shape[0]} value" + ("s" if shape[0] != 1 else "")
    return "×".join(map(str, shape))


def broadcast_shape(left: Shape, right: Shape) -> Shape | None:
    """The common shape of two values in an elementwise operation, or None.

    Single numbers and sizes of 1 are broadcast, but not both values at once.
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
    """What to do about two values that do not fit."""
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
