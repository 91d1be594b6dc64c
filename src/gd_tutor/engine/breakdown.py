"""Where a formula leaves the finite numbers: the operation, and the numbers it was given."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gd_tutor.engine.compile import Value, evaluate
from gd_tutor.engine.expression import Apply, Expression, walk
from gd_tutor.engine.operations import OPERATIONS


@dataclass(frozen=True, slots=True)
class Breakdown:
    """An operation made something that is not finite of finite numbers, its `arguments`.

    There are none where it makes one number of many.
    """

    operation: str
    arguments: tuple[float, ...]

    @property
    def is_undefined(self) -> bool:
        """Whether the operation has no result for these numbers; else it is only too large."""
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
    """The first operation of a formula that leaves the finite numbers; None where none does."""
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
