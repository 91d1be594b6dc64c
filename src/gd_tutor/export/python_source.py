"""Python's names for a program's names, and numbers as source, every digit of them."""

import keyword
import re
from collections.abc import Iterable
from itertools import count
from textwrap import indent, wrap
from typing import Any

import numpy as np

from gd_tutor.export.formula_source import WIDEST

TAKEN = frozenset(
    {
        *keyword.kwlist,
        *("np", "torch", "divmod", "print", "range", "batch", "rows", "share", "sigmoid"),
        *("iteration", "learning_rates", "optimizer"),
    }
)
"""What the scripts use themselves, and what Python does not let anybody assign."""


class PythonNames:
    """Gives every name of a program a Python variable of its own, as like it as can be.

    A program's own names go first, so that they stay as they are; `grad.w` becomes `grad_w`. A
    name that is taken gets an underscore at its end, as is the custom in Python.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._used = set(TAKEN)
        self._found: dict[str, str] = {}
        for name in sorted(names, key=lambda name: "." in name):
            self._found[name] = self.new(name)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def __getitem__(self, name: str) -> str:
        return self._found[name]

    def new(self, wish: str) -> str:
        """A variable that nothing else is called."""
        name = re.sub(r"\W", "_", wish, flags=re.ASCII)
        if name.startswith("__") or not name or name[0].isdigit():  # the first are Python's own
            name = f"value_{name.lstrip('_')}"
        while name in self._used:
            name += "_"
        self._used.add(name)
        return name

    def numbered(self, stem: str) -> str:
        """The next of several variables of a kind: `part_1`, `part_2`."""
        name = next(n for k in count(1) if (n := f"{stem}_{k}") not in self._used)
        self._used.add(name)
        return name


def comment(text: str) -> list[str]:
    """A text from outside as rows of a comment: nothing in it can end the comment."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return [f"# {row}" for row in wrap(printable, WIDEST - 2)]


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
