"""The names that an author gives to values."""

from keyword import iskeyword

from gd_tutor.engine.expression import Tensor
from gd_tutor.engine.parser import RESERVED
from gd_tutor.engine.program import LOSS, Program


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


def values_of(program: Program) -> tuple[str, ...]:
    """The names of data, parameters and forward values."""
    return (*program.data, *program.parameters, *(line.name for line in program.forward))


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
