"""The [experiment] of a lesson file: data, parameters, learning rate and forward program."""

from collections.abc import Mapping
from keyword import iskeyword

from gd_tutor.lessons.source import Excerpt
from gd_tutor.lessons.tensors import read_tensor
from gd_tutor.lessons.toml import Table
from gd_tutor.program import LOSS, ProgramError, Tensor, parse
from gd_tutor.program.parser import RESERVED
from gd_tutor.training import Experiment

KEYS = ("data", "parameters", "learning_rate", "forward", "symbols", "digits")


def read_experiment(table: Table) -> Experiment | None:
    """The experiment, its program checked; None, with faults noted, where it is not sound."""
    table.allow(KEYS, dict.fromkeys(("title", "summary", "later"), "above the line [experiment]"))
    data = _read_tensors(table, "data", {})
    parameters = _read_tensors(table, "parameters", data or {})
    if "parameters" not in table:
        example = "parameters = { x = 8 }"
        table.refuse(None, f"'parameters' is missing in [experiment]; add {example}.")
    learning_rate = _read_learning_rate(table)
    forward = _read_forward(table)
    if forward is None:
        return None
    if data is None or not parameters:
        _check_syntax(forward, table)
        return None
    # A learning rate that was refused is no reason not to check the program.
    experiment = Experiment(
        forward=forward.text,
        data=data,
        parameters=parameters,
        learning_rate=learning_rate or 1.0,
    )
    return experiment if _is_sound(experiment, forward, table) else None


def _is_sound(experiment: Experiment, forward: Excerpt, table: Table) -> bool:
    try:
        _ = experiment.program
    except ProgramError as error:
        _note(error, forward, table)
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
    return table.formula("forward")


def _read_learning_rate(table: Table) -> float | None:
    key = "learning_rate"
    if key not in table:
        table.refuse(None, f"'{key}' is missing in [experiment]; add {key} = 0.1.")
    rate = table.number(key)
    if rate is None or rate > 0:
        return rate
    table.refuse(key, "The learning rate has to be greater than 0.")
    return None


def _read_tensors(table: Table, key: str, taken: Mapping[str, Tensor]) -> dict[str, Tensor] | None:
    """Named numbers; None where there is a fault in them. `taken` are names given before."""
    if key not in table:
        return {}
    values = table.table(key, f"{key} = {{ x = 8 }}")
    if values is None:
        return None
    tensors: dict[str, Tensor] = {}
    for name, value in values.values.items():
        problem = _name_problem(name)
        if name in taken:
            problem = f"'{name}' is given as data and as parameter; keep one of them."
        try:
            tensors[name] = read_tensor(value)
        except ValueError as error:
            problem = problem or f"'{name}' {error}"
        if problem:
            values.refuse(name, problem)
            tensors.pop(name, None)
    return tensors if len(tensors) == len(values.values) else None


def _name_problem(name: str) -> str:
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
