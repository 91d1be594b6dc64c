"""Whether a loss is a quadratic function of its parameters, read off the program."""

import math
from collections.abc import Mapping

from gd_tutor.program.expression import Expression, Name, Number
from gd_tutor.program.program import LOSS, Program

_LINEAR = frozenset({"negate", "transpose", "sum", "mean", "add", "subtract"})


def is_quadratic(program: Program) -> bool:
    """True where the loss is a polynomial of degree 2 at most, so that its Hessian is constant."""
    degrees: dict[str, float] = dict.fromkeys(program.data, 0.0)
    degrees |= dict.fromkeys(program.parameters, 1.0)
    for line in program.forward:
        degrees[line.name] = _degree(line.expression, degrees)
    return degrees[LOSS] <= 2


def _degree(node: Expression, degrees: Mapping[str, float]) -> float:
    """The degree of a polynomial in the parameters; infinity for everything else."""
    match node:
        case Number():
            return 0.0
        case Name(name):
            return degrees[name]
    parts = [_degree(argument, degrees) for argument in node.arguments]
    if not any(parts):
        return 0.0
    match node.operation:
        case operation if operation in _LINEAR:
            return max(parts)
        case "multiply" | "matmul":
            return sum(parts)
        case "divide" if parts[1] == 0:
            return parts[0]
        case "power":
            exponent = node.arguments[1]
            assert isinstance(exponent, Number)
            if exponent.value >= 0 and exponent.value.is_integer():
                return parts[0] * exponent.value
    return math.inf
