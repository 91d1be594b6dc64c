"""Ink: the characters that a layer puts on the canvas, and how layers lie over one another."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gd_tutor.notation.spans import Row, Span

Ink = NDArray[np.uint32]
"""Code points of shape (rows, columns), the top row first; 0 where nothing is drawn."""

BLANK = ord(" ")
BRAILLE_PAGE = 0x28
"""Braille cells are U+2800 to U+28FF: their last eight bits are their dots."""
UTF_32 = "utf-32-le"


def inked(text: str, columns: int, rows: int) -> Ink:
    """The ink of lines of text; they have as many characters as the canvas has cells."""
    codes = np.frombuffer(text.encode(UTF_32), dtype="<u4").reshape(rows, columns)
    return np.where(codes == BLANK, 0, codes)


def stamped(
    marker: str, across: NDArray[np.intp], down: NDArray[np.intp], columns: int, rows: int
) -> Ink:
    """The ink of one character in the cells given by their columns and rows."""
    ink = np.zeros((rows, columns), dtype=np.uint32)
    ink[down, across] = ord(marker)
    return ink


def overlay(layers: Iterable[tuple[str, Ink]], columns: int, rows: int) -> list[Row]:
    """Layers (role, ink) as rows: later ones over earlier ones, dots of one cell together."""
    codes = np.full((rows, columns), BLANK, dtype=np.uint32)
    roles = np.zeros((rows, columns), dtype=np.intp)
    names = [""]
    for role, ink in layers:
        if role not in names:
            names.append(role)
        drawn = ink > 0
        together = (codes >> 8 == BRAILLE_PAGE) & (ink >> 8 == BRAILLE_PAGE)
        codes = np.where(together, codes | ink, np.where(drawn, ink, codes))
        roles[drawn] = names.index(role)
    return _rows(codes, roles, names)


def _rows(codes: Ink, roles: NDArray[np.intp], names: list[str]) -> list[Row]:
    """The characters in spans of one role each."""
    text = codes.astype("<u4").tobytes().decode(UTF_32)
    turns = np.ones(roles.shape, dtype=np.bool_)
    turns[:, 1:] = roles[:, 1:] != roles[:, :-1]
    starts = np.flatnonzero(turns)
    numbers = roles.ravel()[starts].tolist()
    rows: list[list[Span]] = [[] for _ in range(len(codes))]
    for number, (start, end) in zip(numbers, pairwise([*starts.tolist(), len(text)]), strict=True):
        rows[start // codes.shape[1]].append((names[number], text[start:end]))
    return [tuple(row) for row in rows]
