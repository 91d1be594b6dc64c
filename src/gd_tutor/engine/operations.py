"""The formula language's one table: every operation with its NumPy form and its derivative.

`source` is the operation as NumPy source, with `{0}` and `{1}` for its arguments. `gradient` is
the chain rule: given the operation's arguments, its own value and the partial derivative of the
loss with respect to that value, the partial derivatives with respect to each argument. Derivatives
of elementwise operations are found in any table of derivatives; those of matrix products in
Petersen & Pedersen, The Matrix Cookbook, section 2.5. At kinks they are what PyTorch uses: 0 for
abs and relu, ½ for each side of a tie.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gd_tutor.engine.algebra import ONE, apply, divide, multiply, negate, power
from gd_tutor.engine.expression import Expression, Number

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
    "stretch": Operation("np.broadcast_to({0}, {shape})", 1, elementwise=False),
    "collapse": Operation("collapse({0}, {shape})", 1, elementwise=False),
    "as_column": Operation("{0}[..., None]", 1, elementwise=False),
    "element": Operation("{0}[{index}]", 1, elementwise=False),
}
"""What only derivatives and answers need; no program can have these."""

ANSWER_FUNCTIONS: dict[str, Operation] = {**FUNCTIONS, "count": INTERNAL["count"]}
"""The functions that text and answers may call."""

OPERATIONS: dict[str, Operation] = FUNCTIONS | OPERATORS | INTERNAL
