"""Values as text on one line: numbers, vectors, columns and matrices."""

from typing import Any

import numpy as np

from gd_tutor.notation.numbers import number

FEW = 4
"""Rows and entries written out in full; of longer ones the first and the last are shown."""


def tensor(value: Any, digits: int | None = None, few: int = FEW) -> str:
    """A number, `[−3, 2]`, a column `[5 3 4]ᵀ`, or a matrix `[1 2; 3 4]`.

    Longer values are shortened: `[1, 2, …, 9]`.
    """
    array = np.asarray(value, dtype=float)
    if array.ndim == 0:
        return number(float(array), digits)
    if array.ndim == 1:
        return "[" + ", ".join(_entries(array, digits, few)) + "]"
    if array.shape[1] == 1:
        return "[" + " ".join(_entries(array[:, 0], digits, few)) + "]ᵀ"
    rows = [" ".join(_entries(row, digits, few)) for row in _ends(array, few)]
    if len(array) > few:
        rows.insert(-1, "…")
    return "[" + "; ".join(rows) + "]"


def shown(array: Any, few: int = FEW) -> Any:
    """The numbers of an array that its text shows."""
    for axis, size in enumerate(array.shape):
        if size > few:
            array = np.take(array, [*range(few - 2), -1], axis)
    return array


def _entries(array: Any, digits: int | None, few: int) -> list[str]:
    texts = [number(float(entry), digits) for entry in _ends(array, few)]
    if len(array) > few:
        texts.insert(-1, "…")
    return texts


def _ends(array: Any, few: int) -> list[Any]:
    return list(array) if len(array) <= few else [*array[: few - 2], array[-1]]
