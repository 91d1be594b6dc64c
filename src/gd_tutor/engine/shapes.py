"""Which shape every formula has, known before a single number is computed."""

from collections.abc import Mapping
from math import prod

from gd_tutor.engine.expression import Apply, Expression, Name, Number, Place, Shape, walk
from gd_tutor.engine.operations import OPERATIONS

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


def stretched(left: Shape, right: Shape) -> Shape | None:
    """The shape in which two values meet elementwise, or None where they do not.

    Single numbers and sizes of 1 stretch; two values that would each stretch the other do not.
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
        case "stretch" | "collapse":
            assert node.shape is not None
            return node.shape
        case "as_column":
            return (*arguments[0], 1)
        case "element":
            return _element(node, arguments[0])
    assert OPERATIONS[node.operation].elementwise
    if len(arguments) == 1:
        return arguments[0]
    shape = stretched(*arguments)
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
