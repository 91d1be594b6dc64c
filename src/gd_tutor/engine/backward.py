"""The backward program: the forward program's lines, last to first, by the chain rule.

Reverse-mode differentiation as source transformation (Griewank & Walther, Evaluating Derivatives,
chapter 6), at the level of the named lines: each line of the result is the partial derivative of
the loss with respect to one named value, written with those found before it.

An adjoint (the partial derivative of the loss with respect to a value) may have a smaller shape
than its value: it is then broadcast, as a person writes the derivative of a sum.
"""

from collections.abc import Mapping, Sequence

from gd_tutor.engine.expression import (
    ONE,
    ZERO,
    Apply,
    Expression,
    Line,
    Name,
    Number,
    Shape,
    add,
    apply,
    broadcast,
    divide,
    gradient_of,
    leading_to,
    multiply,
    names,
    sum_to,
)
from gd_tutor.engine.operations import OPERATIONS, broadcast_shape, shape_of


def derive(
    forward: Sequence[Line],
    parameters: Sequence[str],
    shapes: Mapping[str, Shape],
    seed: Expression = ONE,
) -> tuple[Line, ...]:
    """The lines `grad.NAME = …` for every value and parameter that reaches the last line.

    A parameter's line comes right after the last line it needs: the gradient of a network's last
    layer precedes everything of the layer below.

    `seed` is the derivative of the result with respect to the last line. The last line may have
    no name: no other line then refers to it.
    """
    return _Backward(forward, parameters, shapes).lines(seed)


class _Backward:
    def __init__(
        self, forward: Sequence[Line], parameters: Sequence[str], shapes: Mapping[str, Shape]
    ) -> None:
        self.forward = forward
        self.parameters = parameters
        self.shapes = {
            **shapes,
            **{gradient_of(name): shape for name, shape in shapes.items()},
        }
        self.differentiated = {*parameters, *(line.name for line in forward)}
        self.adjoints: dict[str, Expression] = {}
        self.found: dict[Expression, Shape] = {}
        needed = leading_to(forward, [forward[-1].name])
        self.first_use = {
            name: next((line for line in needed if name in names(line.expression)), forward[0])
            for name in parameters
        }

    def lines(self, seed: Expression) -> tuple[Line, ...]:
        last = self.forward[-1]
        derived = []
        for line in reversed(self.forward):
            if line is last:
                self.visit(line.expression, seed, line.name)
            elif line.name in self.adjoints:
                derived.append(self.derived(line.name))
                self.visit(line.expression, Name(gradient_of(line.name)), line.name)
            derived += [self.derived(name) for name in self.ends_in(line)]
        return tuple(derived)

    def ends_in(self, line: Line) -> list[str]:
        """The parameters that the loss depends on through no line before this one."""
        return [name for name in self.parameters if self.first_use[name] is line]

    def derived(self, name: str) -> Line:
        adjoint = self.adjoints.get(name, ZERO)
        return Line(gradient_of(name), self.full(adjoint, self.shapes[name]))

    def shape(self, expression: Expression) -> Shape:
        return shape_of(expression, self.shapes, self.found)

    def full(self, adjoint: Expression, shape: Shape) -> Expression:
        return adjoint if self.shape(adjoint) == shape else broadcast(adjoint, shape)

    def visit(self, node: Expression, adjoint: Expression, named: str = "") -> None:
        """Add a formula's contribution to the adjoints of the names in it.

        `named` is the name of the formula's value, if any: `1 - h ** 2` reads better with h than
        with the formula of h.
        """
        match node:
            case Number():
                return
            case Name(name):
                if name in self.differentiated:
                    self.adjoints[name] = self.sum(name, adjoint)
                return
        if not self.differentiated.intersection(names(node)):
            return
        if OPERATIONS[node.operation].elementwise:
            adjoint = self.meeting(node, adjoint)
        value: Expression = Name(named) if named else node
        for argument, part in zip(node.arguments, self.parts(node, value, adjoint), strict=False):
            self.visit(argument, self.fitted(part, node, argument))

    def sum(self, name: str, adjoint: Expression) -> Expression:
        """The adjoint of a name so far, plus one more term."""
        known = self.adjoints.get(name, ZERO)
        if broadcast_shape(self.shape(known), self.shape(adjoint)) is None:
            adjoint = self.full(adjoint, self.shapes[name])
        return add(known, adjoint)

    def meeting(self, node: Apply, adjoint: Expression) -> Expression:
        """The adjoint, broadcast to full shape if it does not broadcast with every argument."""
        shape = self.shape(adjoint)
        if all(
            broadcast_shape(shape, self.shape(argument)) is not None for argument in node.arguments
        ):
            return adjoint
        return self.full(adjoint, self.shape(node))

    def fitted(self, part: Expression, node: Apply, argument: Expression) -> Expression:
        """Sum a partial derivative over the axes along which the argument was broadcast."""
        if not OPERATIONS[node.operation].elementwise:
            return part
        whole, shape = self.shape(node), self.shape(argument)
        return part if shape == whole else sum_to(self.full(part, whole), shape)

    def parts(self, node: Apply, value: Expression, adjoint: Expression) -> tuple[Expression, ...]:
        """The adjoints of the arguments, in the shape of the node's value or of the argument."""
        first = node.arguments[0]
        match node.operation:
            case "sum":
                return (self.along(node, adjoint),)
            case "mean":
                count = Apply("count", (first,), axis=node.axis)
                return (multiply(divide(ONE, count), self.along(node, adjoint)),)
            case "transpose":
                return (apply("transpose", self.full(adjoint, self.shape(node))),)
            case "matmul":
                return self.matmul(node, self.full(adjoint, self.shape(node)))
        gradient = OPERATIONS[node.operation].gradient
        assert gradient is not None
        return gradient(node.arguments, value, adjoint)

    def along(self, node: Apply, adjoint: Expression) -> Expression:
        """The adjoint of a sum along rows becomes a column, which broadcasts along the rows."""
        down_columns = node.axis != 1 or self.shape(adjoint) == ()
        return adjoint if down_columns else apply("as_column", adjoint)

    def matmul(self, node: Apply, adjoint: Expression) -> tuple[Expression, ...]:
        left, right = node.arguments
        ranks = len(self.shape(left)), len(self.shape(right))
        if ranks == (1, 1):
            return multiply(adjoint, right), multiply(adjoint, left)
        if ranks == (2, 1):
            return outer(adjoint, right), apply("matmul", apply("transpose", left), adjoint)
        if ranks == (1, 2):
            return apply("matmul", right, adjoint), outer(left, adjoint)
        return (
            apply("matmul", adjoint, apply("transpose", right)),
            apply("matmul", apply("transpose", left), adjoint),
        )


def outer(left: Expression, right: Expression) -> Expression:
    """The outer product: a column times a row."""
    row = apply("transpose", apply("as_column", right))
    return apply("matmul", apply("as_column", left), row)
