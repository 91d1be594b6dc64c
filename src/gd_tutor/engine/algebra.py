"""Building formulas, kept as short as a person would write them.

The derivative rules speak in these functions; a product with 1 or a sum with 0 never reaches the
learner. Only rewrites that leave the numbers the same (up to rounding) are made.
"""

import math

from gd_tutor.engine.expression import Apply, Expression, Number, Shape

ZERO = Number(0.0)
ONE = Number(1.0)


def apply(operation: str, *arguments: Expression) -> Apply:
    return Apply(operation, arguments)


def add(left: Expression, right: Expression) -> Expression:
    if left == ZERO:
        return right
    if right == ZERO:
        return left
    if left == right:
        return multiply(Number(2.0), left)
    match right:
        case Apply("negate", (operand,)):
            return apply("subtract", left, operand)
        case Number(value) if value < 0:
            return apply("subtract", left, Number(-value))
        case Apply("multiply", (Number(value), factor)) if value < 0:
            return apply("subtract", left, multiply(Number(-value), factor))
    return apply("add", left, right)


def negate(operand: Expression) -> Expression:
    match operand:
        case Number(value):
            return Number(-value)
        case Apply("negate", (inner,)):
            return inner
        case Apply("multiply", (Number(value), factor)):
            return multiply(Number(-value), factor)
        case Apply("divide", (numerator, denominator)):
            return divide(negate(numerator), denominator)
    return apply("negate", operand)


def multiply(left: Expression, right: Expression) -> Expression:
    match left, right:
        case (Number(0.0), _) | (_, Number(0.0)):
            return ZERO
        case (Number(1.0), other) | (other, Number(1.0)):
            return other
        case (Number(-1.0), other) | (other, Number(-1.0)):
            return negate(other)
        case Number(a), Number(b) if _kept(a * b):
            return Number(a * b)
        case Number(), Number():
            return apply("multiply", left, right)
        case Number(a), Apply("divide", (Number(b), Number(d))) if _kept(a * b):
            return fraction(a * b, d)
        case Number(), Apply("multiply", (Apply("divide", (Number(), Number())) as part, factor)):
            return multiply(multiply(left, part), factor)
        case _, Number():
            return multiply(right, left)
        case Number(a), Apply("multiply", (Number(b), factor)) if _kept(a * b):
            return multiply(Number(a * b), factor)
        case Number(), Apply("multiply", (Number(), _)):
            return apply("multiply", left, right)
        case _, Apply("multiply", (Number(), factor)):
            return multiply(right.arguments[0], multiply(left, factor))
        case Apply("multiply", (Number(), factor)), _:
            return multiply(left.arguments[0], multiply(factor, right))
        case Apply("multiply", (Apply("divide", (Number(), Number())) as part, factor)), _:
            return multiply(part, multiply(factor, right))
        case Apply("negate", (inner,)), other:
            return negate(multiply(inner, other))
        case other, Apply("negate", (inner,)):
            return negate(multiply(other, inner))
        case Apply("divide", (numerator, Apply("count") as count)), other:
            return divide(multiply(numerator, other), count)
        case other, Apply("divide", (numerator, Apply("count") as count)):
            return divide(multiply(other, numerator), count)
    return apply("multiply", left, right)


def _kept(product: float) -> bool:
    """Whether a product of numbers has neither overflowed nor vanished."""
    return product != 0 and math.isfinite(product)


def divide(numerator: Expression, denominator: Expression) -> Expression:
    if numerator == ZERO or denominator == ONE:
        return numerator
    return apply("divide", numerator, denominator)


def fraction(numerator: float, denominator: float) -> Expression:
    """One number through another; reduced where one of them is a multiple of the other."""
    if denominator and _kept(numerator / denominator) and numerator % denominator == 0:
        return Number(numerator / denominator)
    if numerator and _kept(denominator / numerator) and denominator % numerator == 0:
        return Apply("divide", (ONE, Number(denominator / numerator)))
    return Apply("divide", (Number(numerator), Number(denominator)))


def power(base: Expression, exponent: float) -> Expression:
    if exponent == 0.0:
        return ONE
    if exponent == 1.0:
        return base
    return apply("power", base, Number(exponent))


def stretch(operand: Expression, shape: Shape) -> Apply:
    """The operand repeated until it has the shape."""
    return Apply("stretch", (operand,), shape=shape)


def collapse(operand: Expression, shape: Shape) -> Apply:
    """The operand summed over whatever it was stretched by, down to the shape."""
    if shape == ():
        return apply("sum", operand)
    return Apply("collapse", (operand,), shape=shape)
