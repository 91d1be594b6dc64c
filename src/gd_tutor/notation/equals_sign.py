"""Whether a formula gives the printed result when computed with its numbers as printed."""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.compile import Function, compile_lines
from gd_tutor.engine.expression import Apply, Expression, Line, Number, Shape, names
from gd_tutor.notation.numbers import half_unit, shown, written

DUST = 1e-12
"""A smaller relative difference is rounding of binary fractions."""

MANY = 10_000
"""Larger values are not recomputed: few of their numbers are shown."""

Numbers = NDArray[np.float64] | np.float64


def holds(
    expression: Expression,
    values: Mapping[str, Any],
    result: Any,
    digits: int | None = None,
    index: tuple[int, ...] = (),
) -> bool:
    """Whether the numbers as printed give the result, or one element of it, as printed.

    Printed numbers are rounded, constants of the program too. The comparison uses the digits of
    the result, and at least those that any number is rounded to.
    """
    if any(np.size(values[name]) > MANY for name in names(expression)):
        return False
    found = np.asarray(as_printed(expression, values, digits))[index]
    found = np.asarray(shown(np.broadcast_to(found, np.shape(result))), dtype=float)
    wanted = shown(np.asarray(result, dtype=float))
    dust = DUST * _largest(expression, values)
    close = [
        _agree(float(one), float(other), dust, digits)
        for one, other in zip(found.flat, wanted.flat, strict=True)
    ]
    return all(close)


def _agree(found: float, result: float, dust: float, digits: int | None) -> bool:
    """Whether a number, rounded as the result is printed, is the result as printed."""
    if not (math.isfinite(found) and math.isfinite(result)):
        return found == result or (math.isnan(found) and math.isnan(result))
    printed = written(result, digits)
    if printed == 0:
        return abs(found) <= dust
    return abs(found - printed) <= half_unit(result, digits) * (1 + 1e-6)


def tie(
    left: Expression, right: Expression, values: Mapping[str, Any], digits: int | None
) -> NDArray[np.bool_]:
    """Where two formulas, computed with their numbers as printed, are equal up to rounding."""
    one, other = (as_printed(side, values, digits) for side in (left, right))
    dust = DUST * max(_largest(left, values), _largest(right, values))
    return np.asarray(np.isclose(one, other, rtol=DUST, atol=dust))


def _largest(expression: Expression, values: Mapping[str, Any]) -> float:
    sizes = (float(np.abs(values[name]).max(initial=0)) for name in names(expression))
    return max(sizes, default=0.0)


def as_printed(expression: Expression, values: Mapping[str, Any], digits: int | None) -> Any:
    """A formula's value with all its numbers as printed."""
    given = {name: np.asarray(values[name], dtype=float)[()] for name in names(expression)}
    rounded = {name: as_written(value, digits) for name, value in given.items()}
    shapes = tuple((name, value.shape) for name, value in given.items())
    return _function(_with_printed_constants(expression), shapes)(rounded)["answer"]


def _with_printed_constants(node: Expression) -> Expression:
    """The formula with its constants as printed."""
    match node:
        case Number(value):
            return Number(written(value))
        case Apply(operation, arguments, axis, shape, index):
            parts = tuple(map(_with_printed_constants, arguments))
            return Apply(operation, parts, axis, shape, index)
    return node


def as_written(value: Numbers, digits: int | None = None) -> Numbers:
    """The value of what `number` writes, for each element of an array."""
    if not isinstance(value, np.ndarray) or not value.ndim:
        return np.float64(written(float(value), digits))
    exact, short = _rounded(value, 12), _rounded(value, min(digits or 8, 8))
    same = np.isclose(short, exact, rtol=DUST / 10, atol=0)
    return np.where(same, exact, _rounded(value, digits or 5))


def _rounded(array: NDArray[np.float64], digits: int) -> NDArray[np.float64]:
    """Each number rounded to `digits` significant digits."""
    with np.errstate(all="ignore"):
        power = 10.0 ** (digits - 1 - np.floor(np.log10(np.abs(array))))
        scaled = array * power
        rounded = np.round(scaled) / power
        # Scaling rounds too: the float 0.35 is less than 7/20, but 10 times it is exactly 3.5.
        halves = np.abs(scaled - np.floor(scaled) - 0.5) <= 1e-15 * np.abs(scaled)
    rounded[halves] = [float(f"{number:.{digits - 1}e}") for number in array[halves]]
    return np.where(np.isfinite(rounded), rounded, array)


@lru_cache(maxsize=256)
def _function(expression: Expression, shapes: tuple[tuple[str, Shape], ...]) -> Function:
    return compile_lines([Line("answer", expression)], dict(shapes))
