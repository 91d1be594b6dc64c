"""The `choose` of an experiment: what its training uses where there are several ways."""

from dataclasses import replace

from gd_tutor.lessons.toml import Table
from gd_tutor.program import ChoiceError, suggestion
from gd_tutor.training import Experiment
from gd_tutor.training.choices import KINDS, check_choice

KEY = "choose"
EXAMPLE = 'choose = { optimizer = "adam", batch = 16 }'

_NAMES = tuple(kind for kind in KINDS if kind != "experiment")


def read_choices(table: Table) -> dict[str, str]:
    """The lesson's own choices by name; the faults of the others are noted."""
    values = table.table(KEY, EXAMPLE)
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
        raise ChoiceError(f"A choice is a word in quotes or a whole number, as in {EXAMPLE}.")
    check_choice(name, str(value))
    return str(value)


def note_choice(error: ChoiceError, experiment: Experiment, table: Table) -> None:
    """Note what does not fit the program, at the choice itself where it alone is to blame."""
    values = table.table(KEY, EXAMPLE)
    assert values is not None
    for name, value in experiment.choices.items():
        try:
            _ = replace(experiment, choices={name: value}).program
        except ChoiceError as own:
            values.refuse(name, str(own))
            return
    values.refuse(None, str(error))
