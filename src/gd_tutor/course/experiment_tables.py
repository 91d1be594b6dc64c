"""The [experiment] tables of a lesson file: data, start, learning rate, choices, program."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod

from gd_tutor.course.experiment_data import Files, read_data
from gd_tutor.course.lesson_file import Excerpt
from gd_tutor.course.toml import Table, name_problem, read_tensor
from gd_tutor.engine.errors import ChoiceError, ProgramError, suggestion
from gd_tutor.engine.experiment import KINDS, Experiment, Random, check_choice
from gd_tutor.engine.expression import Shape, Tensor, shape_of_tensor
from gd_tutor.engine.parser import parse

PARAMETERS_EXAMPLE = "w = { random = [-1, 1] }"
MOST_NUMBERS = 100_000
LARGEST = 1e9


def read_parameters(
    table: Table, data: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], dict[str, Random]] | None:
    """The start values, and the ranges of random ones; None if any has faults.

    A random start has zeros of its shape among the start values.
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
        table = values.table(name, PARAMETERS_EXAMPLE)
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
    example = f"two numbers, the lower one first, as in {PARAMETERS_EXAMPLE}"
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


KEY = "choose"
CHOICES_EXAMPLE = 'choose = { optimizer = "adam", batch = 16 }'

_NAMES = tuple(kind for kind in KINDS if kind != "experiment")


def read_choices(table: Table) -> dict[str, str]:
    """The lesson's choices by name; faults are noted."""
    values = table.table(KEY, CHOICES_EXAMPLE)
    if values is None:
        return {}
    found: dict[str, str] = {}
    for name, value in values.values.items():
        try:
            found[name] = _read_choice(name, value)
        except ChoiceError as error:
            values.refuse(name, str(error))
    return found


def _read_choice(name: str, value: object) -> str:
    if name not in _NAMES:
        hint = suggestion(name, _NAMES) or f" There are {', '.join(_NAMES)}."
        raise ChoiceError(f"There is nothing to choose by the name '{name}'.{hint}")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ChoiceError(
            f"A choice is a word in quotes or a whole number, as in {CHOICES_EXAMPLE}."
        )
    check_choice(name, str(value))
    return str(value)


def note_choice(error: ChoiceError, experiment: Experiment, table: Table) -> None:
    """Note a choice that does not fit the program, at its own place if it alone is at fault."""
    values = table.table(KEY, CHOICES_EXAMPLE)
    assert values is not None
    for name, value in experiment.choices.items():
        try:
            _ = replace(experiment, choices={name: value}).program
        except ChoiceError as own:
            values.refuse(name, str(own))
            return
    values.refuse(None, str(error))


KEYS = (
    "data",
    "standardise",
    "parameters",
    "learning_rate",
    "choose",
    "diverges",
    "forward",
    "symbols",
    "digits",
    "view",
)
SEVERAL = ("id", "title")
"""The additional keys of an experiment that is one of several."""


def read_experiment(table: Table, files: Files) -> Experiment | None:
    """The experiment, its program checked; None, with faults noted, if it has any."""
    _check_keys(table)
    data = read_data(table, files)
    standardised = _read_standardised(table, data)
    parameters = read_parameters(table, data or {})
    learning_rate = _read_learning_rate(table)
    choices = read_choices(table)
    forward = _read_forward(table)
    if forward is None:
        return None
    if data is None or parameters is None:
        _check_syntax(forward, table)
        return None
    starts, drawn = parameters
    # The program is checked even if other keys have faults.
    experiment = Experiment(
        forward=forward.text,
        data=data,
        parameters=starts,
        learning_rate=learning_rate or 1.0,
        choices=choices,
        random=drawn,
        standardised=standardised,
    )
    return experiment if _is_sound(experiment, forward, table) else None


def _check_keys(table: Table) -> None:
    above = dict.fromkeys(("summary", "later", "invite", "lab"), f"above the line {table.name}")
    if isinstance(table.path[-1], int):
        table.allow((*SEVERAL, *KEYS), above)
    else:
        above["title"] = above["summary"]
        table.allow(KEYS, {**above, "id": "below a line [[experiment]], with double brackets"})


def _is_sound(experiment: Experiment, forward: Excerpt, table: Table) -> bool:
    try:
        _ = experiment.program
    except ProgramError as error:
        _note(error, forward, table)
        return False
    except ChoiceError as error:
        note_choice(error, experiment, table)
        return False
    return True


def _check_syntax(forward: Excerpt, table: Table) -> None:
    try:
        parse(forward.text)
    except ProgramError as error:
        _note(error, forward, table)


def _note(error: ProgramError, forward: Excerpt, table: Table) -> None:
    for fault in error.faults:
        table.report.add(forward.at(fault.place), fault.message)


def _read_forward(table: Table) -> Excerpt | None:
    example = 'forward = """…""" with one assignment a line, the last one `loss = …`'
    if table.text("forward", required=example) is None:
        return None
    return table.excerpt("forward")


def _read_learning_rate(table: Table) -> float | None:
    key = "learning_rate"
    if key not in table:
        table.refuse(None, f"'{key}' is missing in {table.name}; add {key} = 0.1.")
    rate = table.number(key)
    if rate is None or rate > 0:
        return rate
    table.refuse(key, "The learning rate has to be greater than 0.")
    return None


def _read_standardised(table: Table, data: dict[str, Tensor] | None) -> tuple[str, ...]:
    """The names of data whose columns get mean 0 and variance 1."""
    key = "standardise"
    names = table.texts(key) or ()
    for name in names if data is not None else ():
        assert data is not None
        if name not in data:
            hint = suggestion(name, data) or f" There are {', '.join(data) or 'none'}."
            table.refuse(key, f"There is no data '{name}' in this experiment.{hint}")
        elif len(_sample_count(data[name])) < 2:
            table.refuse(key, f"'{name}' has one row; there is nothing to standardise.")
        elif constant := _constant_column(data[name]):
            message = f"{constant} of '{name}' is the same in all rows, and would become 0."
            table.refuse(key, f"{message} Leave it out.")
    return names


def _sample_count(value: Tensor) -> tuple[Tensor, ...]:
    return value if isinstance(value, tuple) else ()


def _constant_column(value: Tensor) -> str:
    """A column that cannot get variance 1, in words; empty if there is none."""
    rows = _sample_count(value)
    if len(shape_of_tensor(value)) == 1:
        return "Every number" if len(set(rows)) == 1 else ""
    columns = zip(*map(_sample_count, rows), strict=True)
    constant = [place for place, column in enumerate(columns, start=1) if len(set(column)) == 1]
    return f"Column {constant[0]}" if constant else ""
