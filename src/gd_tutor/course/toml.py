"""TOML in lesson files: tables whose every fault is noted at the key it belongs to.

Names and numbers in them become those of the engine.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from keyword import iskeyword
from typing import Any

from gd_tutor.course.lesson_file import Excerpt, Report, find_control, without_control
from gd_tutor.course.toml_places import Path, Places, toml_fault
from gd_tutor.engine.errors import suggestion
from gd_tutor.engine.expression import Place, Tensor
from gd_tutor.engine.parser import RESERVED
from gd_tutor.engine.program import LOSS

_DEEP_KEY = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*"|'[^'\n]*')[ \t]*+\.[ \t]*+){16}""", re.ASCII
)
NOWHERE: Mapping[str, str] = {}


def read_toml(excerpt: Excerpt, report: Report, name: str) -> Table | None:
    """The excerpt as a table; None, with the fault noted, where it is not TOML.

    `name` says in messages where keys are missing or unknown: 'the front matter'.
    """
    deep = _DEEP_KEY.search(excerpt.text)
    if deep:  # reading a key of many parts takes time and memory that grow with their square
        report.add(excerpt.offsets[deep.start()], "This has too many dots; keys have few parts.")
        return None
    try:
        values = tomllib.loads(excerpt.text)
        return Table(values, (), name, Places(excerpt), report)
    except tomllib.TOMLDecodeError as error:
        offset, message = toml_fault(excerpt.text, str(error))
        report.add(excerpt.offsets[offset], message)
    except RecursionError:
        report.add(excerpt.start, f"The lists in {name} are too deeply nested.")
    except ValueError:
        report.add(excerpt.start, f"A number in {name} has too many digits.")
    return None


class Table:
    """One table: its values by key, of the type asked for, or a fault and None."""

    def __init__(
        self, values: dict[str, Any], path: Path, name: str, places: Places, report: Report
    ) -> None:
        self.values = values
        self.path = path
        self.name = name
        self.places = places
        self.report = report

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def offset(self, key: str | None = None) -> int:
        """Where a key stands in the file; without one, where the table does."""
        return self.places.key(self.path if key is None else (*self.path, key))

    def place(self, key: str) -> Place:
        """Line and column of a key in the file."""
        return self.report.source.place(self.offset(key))

    def refuse(self, key: str | None, message: str) -> None:
        """Note a fault at a key, or at the table itself."""
        self.report.add(self.offset(key), message)

    def allow(self, keys: Sequence[str], elsewhere: Mapping[str, str] = NOWHERE) -> None:
        """Note every other key as unknown; `elsewhere` says where some of them belong."""
        for key in self.values:
            if key in elsewhere:
                self.refuse(
                    key, f"'{key}' does not belong in {self.name}; write it {elsewhere[key]}."
                )
            elif key not in keys:
                hint = suggestion(key, keys) or f" There are {', '.join(keys)}."
                self.refuse(key, f"There is no key '{key}' in {self.name}.{hint}")

    def text(self, key: str, required: str = "") -> str | None:
        """A string that is not blank. `required` is an example of what a missing one would be."""
        if key not in self.values:
            if required:
                self.refuse(None, f"'{key}' is missing in {self.name}; add {required}.")
            return None
        value = self.values[key]
        if not isinstance(value, str):
            self.refuse(key, f"'{key}' has to be words in quotes, as in {key} = \"…\".")
        elif not value.strip():
            self.refuse(key, f"'{key}' is empty.")
        elif find_control(value):
            self.refuse(key, f"'{key}' has a control character in it; delete it.")
        else:
            return value
        return None

    def excerpt(self, key: str) -> Excerpt:
        """The string of a key, as an excerpt of the file."""
        return self.places.string((*self.path, key))

    def excerpts(self, key: str) -> Sequence[Excerpt]:
        """The string of a key, or each one of a list, as excerpts of the file."""
        texts = self.texts(key) or ()
        if isinstance(self.values.get(key), str):
            return [self.excerpt(key)]
        return [self.places.string((*self.path, key, place)) for place in range(len(texts))]

    def number(self, key: str) -> float | None:
        """A finite number."""
        if key not in self.values:
            return None
        value = self.values[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(key, f"'{key}' has to be a number, as in {key} = 0.1.")
        elif abs(value) <= LARGEST_NUMBER:
            return float(value)
        else:
            self.refuse(key, f"'{key}' is too large or not finite; at most 1e300 can be.")
        return None

    def whole(self, key: str, low: int, high: int) -> int | None:
        """A whole number within limits, both included."""
        if key not in self.values:
            return None
        value = self.values[key]
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.refuse(key, f"'{key}' has to be a whole number from {low} to {high}.")
        return None

    def flag(self, key: str) -> bool | None:
        """true or false, which a missing key is; None, with a fault noted, for anything else."""
        value = self.values.get(key, False)
        if isinstance(value, bool):
            return value
        self.refuse(key, f"'{key}' is true or false, without quotes, as in {key} = true.")
        return None

    def table(self, key: str, example: str, name: str = "") -> Table | None:
        """A table; `name` says in messages what it is, where its key does not."""
        if key not in self.values:
            return None
        value = self.values[key]
        if isinstance(value, dict):
            return Table(value, (*self.path, key), name or f"'{key}'", self.places, self.report)
        self.refuse(key, f"'{key}' has to be named values, as in {example}.")
        return None

    def tables(self, key: str) -> list[Table]:
        """An array of tables: [[key]], any number of times."""
        values = self.values.get(key, [])
        path = (*self.path, key)
        name = ".".join(part for part in path if isinstance(part, str))
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            self.refuse(key, f"Write [[{name}]] with double brackets, then its keys below it.")
            return []
        return [
            Table(value, (*path, index), f"[[{name}]]", self.places, self.report)
            for index, value in enumerate(values)
        ]

    def line(self, key: str, required: str = "") -> str:
        """A text on one line; empty where there is none."""
        return " ".join(without_control(self.text(key, required) or "").split())

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A string, or a list of strings, as a tuple; empty where the key is missing."""
        value = self.values.get(key, [])
        values: Sequence[object] = [value] if isinstance(value, str) else value
        if isinstance(values, list) and all(isinstance(item, str) for item in values):
            if not any(map(find_control, values)):
                return tuple(values)
            self.refuse(key, f"'{key}' has a control character in it; delete it.")
            return None
        self.refuse(key, f'\'{key}\' has to be words in quotes, or a list of them: ["…", "…"].')
        return None


def name_problem(name: str) -> str:
    """What is wrong with a name of a value; nothing where it may be one."""
    if not (name.isascii() and name.isidentifier()):
        return (
            f"'{name}' cannot be a name; use letters a to z and A to Z, digits and _, "
            "no digit first."
        )
    if name == LOSS:
        return f"'{LOSS}' is the name of the program's last line; choose another name."
    if name in RESERVED or iskeyword(name):
        return f"'{name}' has a meaning of its own here; choose another name."
    return ""


LARGEST_NUMBER = 1e300
"""The largest number that a lesson or a table may hold."""


def read_tensor(value: object) -> Tensor:
    """A TOML value as a tensor; ValueError, with a message to show, where it is none."""
    if not isinstance(value, list):
        return _number(value)
    if not value:
        raise ValueError("is an empty list; give at least one number.")
    if not any(isinstance(item, list) for item in value):
        return tuple(map(_number, value))
    if not all(isinstance(item, list) for item in value):
        raise ValueError("mixes numbers and lists; write all rows as lists, as in [[1], [2]].")
    return _rows(value)


def _rows(rows: list[list[object]]) -> Tensor:
    lengths = sorted({len(row) for row in rows})
    if len(lengths) > 1:
        raise ValueError(
            f"has rows of different lengths ({lengths[0]} and {lengths[-1]}); make them equal."
        )
    if lengths == [0]:
        raise ValueError("has empty rows; give at least one number in each.")
    if any(isinstance(item, list) for row in rows for item in row):
        raise ValueError("has three dimensions; two, a list of lists, are the most.")
    return tuple(tuple(map(_number, row)) for row in rows)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"has to be made of numbers, and {_shown(value)} is not a number.")
    if not abs(value) <= LARGEST_NUMBER:
        raise ValueError("has a number that is too large or not finite; at most 1e300 can be.")
    return float(value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value[:20]}"' if isinstance(value, str) else "a value in it"
