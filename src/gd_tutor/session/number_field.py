"""A number that is typed without a question: the iteration to go to, or a start value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gd_tutor.notation.formulas import Notation


class NumberField(Protocol):
    """A number that is being typed where no question asks for it."""

    typed: str

    def takes(self, character: str) -> bool:
        """Whether a character can be part of the number, behind what is typed so far."""
        ...

    def move(self, right: int, down: int) -> bool:
        """Change the number by an arrow key; False where arrows mean nothing here."""
        ...

    def sentence(self, notation: Notation) -> str:
        """What is typed so far, and what the keys do."""
        ...

    def refusal(self, key: str) -> str:
        """Why a key does nothing."""
        ...


@dataclass
class Destination:
    """The iteration to go to."""

    most: int
    typed: str = ""

    def takes(self, character: str) -> bool:
        return character.isascii() and character.isdigit() and self.number(character) <= self.most

    def move(self, right: int, down: int) -> bool:
        del right, down
        return False

    def number(self, more: str = "") -> int:
        """The iteration that is typed, with more digits behind it; 0 where nothing is."""
        return int(f"0{self.typed}{more}")

    def sentence(self, notation: Notation) -> str:
        del notation
        return f"Go to iteration {self.typed}_  `enter` goes, `escape` leaves."

    def refusal(self, key: str) -> str:
        if key.isdigit():
            return f"Iteration {self.most} is the last that a run can reach."
        return f"{as_key(key)} is no key here: an iteration is a whole number."


def as_key(key: str) -> str:
    """A key in a sentence, whatever it prints."""
    return f"`{key}`" if key != "`" else "That"
