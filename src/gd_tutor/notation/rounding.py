"""Whether a formula with its numbers put in, as they are written, gives the result beside it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gd_tutor.notation.numbers import written
from gd_tutor.notation.tensors import shown
from gd_tutor.program import Expression, Line, Shape, names
from gd_tutor.program.compile import Function, compile_lines

SHARE = 1e-3
"""A result holds that is off by so much of itself, or by 100 times what its digits hide."""
DUST = 1e-12
"""What the arithmetic of binary fractions leaves where there should be nothing."""

MANY = 10_000
"""Values of more numbers, of which hardly one is shown, are not worked once more."""

Numbers = NDArray[np.float64] | np.float64


def holds(
    expression: Expression,
    values: Mapping[str, Any],
    result: Any,
    digits: int | None = None,
    index: tuple[int, ...] = (),
) -> bool:
    """Whether the numbers as written give the result, or one element of it, where it is shown."""
    given = {name: np.asarray(values[name], dtype=float)[()] for name in names(expression)}
    if any(value.size > MANY for value in given.values()):
        return True
    rounded = {name: as_written(value, digits) for name, value in given.items()}
    if all(np.all(rounded[name] == value) for name, value in given.items()):
        return True
    shapes = tuple((name, value.shape) for name, value in given.items())
    answer = np.asarray(_function(expression, shapes)(rounded)["answer"])
    found, wanted = shown(answer[index]), shown(np.asarray(result, dtype=float))
    share = min(max(SHARE, 100 * 10.0 ** -(digits or 5)), 0.5)
    largest = max(float(np.abs(value).max(initial=0)) for value in given.values())
    with np.errstate(invalid="ignore"):
        off = np.abs(found - wanted) > np.where(wanted == 0, DUST * largest, share * np.abs(wanted))
    return not np.any(off)


def as_written(value: Numbers, digits: int | None = None) -> Numbers:
    """What `number` writes of each number, for whole arrays at once."""
    if not value.ndim:
        return np.float64(written(float(value), digits))
    exact, short = _rounded(value, 12), _rounded(value, min(digits or 8, 8))
    same = np.isclose(short, exact, rtol=DUST / 10, atol=0)
    return np.where(same, exact, _rounded(value, digits or 5))


def _rounded(array: Numbers, digits: int) -> Numbers:
    """Each number to so many significant digits."""
    with np.errstate(all="ignore"):
        power = 10.0 ** (digits - 1 - np.floor(np.log10(np.abs(array))))
        rounded = np.round(array * power) / power
    return np.where(np.isfinite(rounded), rounded, array)


@lru_cache(maxsize=256)
def _function(expression: Expression, shapes: tuple[tuple[str, Shape], ...]) -> Function:
    return compile_lines([Line("answer", expression)], dict(shapes))
