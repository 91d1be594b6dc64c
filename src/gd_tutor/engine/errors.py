"""What can be wrong with a program, said so that its author can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from gd_tutor.engine.expression import Place


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend, and where it stands."""

    message: str
    place: Place


class ProgramError(ValueError):
    """A text is not a program of the formula language; `faults` says why, all at once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.message for fault in self.faults))


class ChoiceError(ValueError):
    """A choice is unknown, or does not fit the program; the message says why."""


def suggestion(word: str, known: Iterable[str]) -> str:
    """A hint at the known word that was probably meant, or nothing."""
    names = list(known)
    cased = [name for name in names if name.lower() == word.lower()]
    close = cased or get_close_matches(word, names, n=1)
    return f" Did you mean '{close[0]}'?" if close else ""
