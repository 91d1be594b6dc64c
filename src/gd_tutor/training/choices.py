"""The kinds of choices, and what they are called: `optimizer=adam`, `bug=wrong-sign`."""

from collections.abc import Mapping

from gd_tutor.program import ChoiceError, suggestion
from gd_tutor.program.bugs import BUGS
from gd_tutor.program.conventions import AVERAGES, RESIDUALS
from gd_tutor.program.optimizers import OPTIMIZERS

KINDS = ("experiment", "optimizer", "batch", "seed", "average", "residual", "scale", "bug")
"""All kinds of choices, in the order of a state line. An `experiment` is only carried along."""

SCALES = ("standardised", "as-given")
ALL = "all"
"""The batch of all samples."""

LARGEST = 999_999

_VALUES: Mapping[str, tuple[str, ...]] = {
    "optimizer": tuple(OPTIMIZERS),
    "bug": tuple(BUGS),
    "average": AVERAGES,
    "residual": RESIDUALS,
    "scale": SCALES,
}


def check_choice(kind: str, value: str) -> None:
    """Raise ChoiceError for a kind or a value that no program knows."""
    if kind not in KINDS:
        known = f" Choices are {', '.join(KINDS)}."
        raise ChoiceError(f"There is no choice '{kind}'.{suggestion(kind, KINDS) or known}")
    values = _VALUES.get(kind, ())
    if values and value not in values:
        hint = suggestion(value, values) or f" There are {', '.join(values)}."
        raise ChoiceError(f"'{value}' is not a choice for {kind}.{hint}")
    if kind == "seed" and not _is_whole(value, least=0):
        raise ChoiceError(f"A seed is a whole number from 0 to {LARGEST}, not '{value}'.")
    if kind == "batch" and value != ALL and not _is_whole(value, least=1):
        raise ChoiceError(f"A batch is a whole number of samples, or '{ALL}', not '{value}'.")


def _is_whole(text: str, least: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 6 and int(text) >= least
