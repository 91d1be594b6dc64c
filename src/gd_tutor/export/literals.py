"""Numbers as Python source, every digit of them."""

from textwrap import indent, wrap
from typing import Any

import numpy as np

from gd_tutor.export.formulas import WIDEST

MARGIN = " " * 4


def assignment(start: str, value: Any, end: str) -> str:
    """`start` and `end` with a number, a list or a list of lists between them.

    Where that does not fit on a row, its numbers stand on many.
    """
    found = np.asarray(value, dtype=float).tolist()
    text = f"{start}{found!r}{end}"
    if len(text) <= WIDEST or not isinstance(found, list):
        return text
    width = WIDEST - len(MARGIN)
    rows = found if isinstance(found[0], list) else [found]
    packed = [_packed(row, width) for row in rows]
    body = packed[0] if rows[0] is found else "\n".join(f"[{row[:-1]}]," for row in packed)
    # A formatter would give every number a row of its own.
    return f"{start}[\n{indent(body, MARGIN)}\n]{end}  # fmt: skip"


def _packed(numbers: list[float], width: int) -> str:
    """Numbers on as few rows as they need, each followed by a comma."""
    text = "".join(f"{number!r}, " for number in numbers)
    # One cell is left for the bracket before them.
    rows = wrap(text, width - 1, break_long_words=False, break_on_hyphens=False)
    return "\n".join(rows)
