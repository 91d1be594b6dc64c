"""One experiment of a lesson file: data, parameters, learning rate and forward program."""

from gd_tutor.lessons.choices import note_choice, read_choices
from gd_tutor.lessons.data import Files, read_data
from gd_tutor.lessons.parameters import read_parameters
from gd_tutor.lessons.source import Excerpt
from gd_tutor.lessons.toml import Table
from gd_tutor.program import ChoiceError, ProgramError, Tensor, parse, shape_of_tensor, suggestion
from gd_tutor.training import Experiment

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
"""The keys that an experiment has as well where it is one of several."""


def read_experiment(table: Table, files: Files) -> Experiment | None:
    """The experiment, its program checked; None, with faults noted, where it is not sound."""
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
    # What else was refused is no reason not to check the program.
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
    """The names of data whose columns are brought to mean 0 and variance 1."""
    key = "standardise"
    names = table.texts(key) or ()
    for name in names if data is not None else ():
        assert data is not None
        if name not in data:
            hint = suggestion(name, data) or f" There are {', '.join(data) or 'none'}."
            table.refuse(key, f"There is no data '{name}' in this experiment.{hint}")
        elif len(_rows(data[name])) < 2:
            table.refuse(key, f"'{name}' has one row; there is nothing to standardise.")
        elif constant := _constant_column(data[name]):
            message = f"{constant} of '{name}' is the same in all rows, and would become 0."
            table.refuse(key, f"{message} Leave it out.")
    return names


def _rows(value: Tensor) -> tuple[Tensor, ...]:
    return value if isinstance(value, tuple) else ()


def _constant_column(value: Tensor) -> str:
    """A column that cannot get variance 1, in words; nothing where there is none."""
    rows = _rows(value)
    if len(shape_of_tensor(value)) == 1:
        return "Every number" if len(set(rows)) == 1 else ""
    columns = zip(*map(_rows, rows), strict=True)
    constant = [place for place, column in enumerate(columns, start=1) if len(set(column)) == 1]
    return f"Column {constant[0]}" if constant else ""
