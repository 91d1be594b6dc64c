"""The parameters of an experiment: numbers to start from, or limits to draw them from."""

from collections.abc import Mapping
from math import prod

from gd_tutor.lessons.names import name_problem
from gd_tutor.lessons.tensors import read_tensor
from gd_tutor.lessons.toml import Table
from gd_tutor.program import Shape, Tensor
from gd_tutor.training.experiment import Random

EXAMPLE = "w = { random = [-1, 1] }"
MOST_NUMBERS = 100_000
LARGEST = 1e9


def read_parameters(
    table: Table, data: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], dict[str, Random]] | None:
    """The start values, and the limits of those drawn at random; None where some are not sound.

    What is drawn stands among the start values with zeros, for its shape.
    """
    values = table.table("parameters", "parameters = { x = 8 }")
    if values is None:
        if "parameters" not in table:
            example = "parameters = { x = 8 }"
            table.refuse(None, f"'parameters' is missing in {table.name}; add {example}.")
        return None
    starts: dict[str, Tensor] = {}
    drawn: dict[str, Random] = {}
    for name in values.values:
        start = _read_start(values, name, data, drawn)
        if start is not None:
            starts[name] = start
    return (starts, drawn) if starts and len(starts) == len(values.values) else None


def _read_start(
    values: Table, name: str, data: Mapping[str, Tensor], drawn: dict[str, Random]
) -> Tensor | None:
    problem = name_problem(name)
    if name in data:
        problem = f"'{name}' is given as data and as parameter; keep one of them."
    value = values.values[name]
    if isinstance(value, dict) and not problem:
        table = values.table(name, EXAMPLE)
        assert table is not None
        return _read_random(table, name, drawn)
    try:
        start = read_tensor(value)
    except ValueError as error:
        problem = problem or f"'{name}' {error}"
    if problem:
        values.refuse(name, problem)
        return None
    return start


def _read_random(table: Table, name: str, drawn: dict[str, Random]) -> Tensor | None:
    table.allow(("random", "whole", "shape"))
    limits = _read_limits(table)
    whole = table.flag("whole")
    shape = _read_shape(table)
    if limits is None or shape is None or whole is None:
        return None
    low, high = limits
    if whole and not (low.is_integer() and high.is_integer()):
        table.refuse("random", "With whole = true both limits have to be whole numbers.")
        return None
    drawn[name] = Random(low, high, whole)
    return zeros(shape)


def _read_limits(table: Table) -> tuple[float, float] | None:
    example = f"two numbers, the lower one first, as in {EXAMPLE}"
    if "random" not in table:
        table.refuse(None, f"'random' is missing in {table.name}; add {example}.")
        return None
    try:
        match read_tensor(table.values["random"]):
            case (float(low), float(high)) if -LARGEST <= low < high <= LARGEST:
                return low, high
    except ValueError:
        pass
    table.refuse("random", f"'random' has to be {example}.")
    return None


def _read_shape(table: Table) -> Shape | None:
    shape = table.values.get("shape", [])
    sound = (
        isinstance(shape, list)
        and len(shape) <= 2
        and all(type(size) is int and 1 <= size <= MOST_NUMBERS for size in shape)
    )
    if sound and prod(shape) <= MOST_NUMBERS:
        return tuple(shape)
    table.refuse("shape", "'shape' has to be one or two sizes, as in shape = [13] or [13, 1].")
    return None


def zeros(shape: Shape) -> Tensor:
    """Zeros of a shape."""
    value: Tensor = 0.0
    for size in reversed(shape):
        value = (value,) * size
    return value
