"""Fields for numbers typed without a question: an iteration (`g`), a start value (`s`)."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from gd_tutor.engine.expression import Tensor
from gd_tutor.engine.learning_rates import series
from gd_tutor.engine.minimum import quadratic_of
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.pictures.components import Component, components
from gd_tutor.questions.typed_numbers import belongs_to_answer, read_answer

ARROW_SIGNS = ("←", "→", "↑", "↓")
ASCII_ARROWS = ("left", "right", "up", "down")


class NumberField(Protocol):
    """A field for a number that no question asks for.

    `done` begins the message shown when the field closes.
    """

    typed: str
    done: ClassVar[str]

    @property
    def goes_to(self) -> int | None:
        """The iteration to go to once the number is taken, if it is one."""
        ...

    def takes(self, character: str) -> bool:
        """Whether a character can follow the text typed so far."""
        ...

    def move(self, right: int, down: int) -> bool:
        """Change the number by an arrow key; False where arrow keys do nothing."""
        ...

    def take(self) -> None:
        """Take the typed number. Raises AnswerError and keeps the text."""
        ...

    def sentence(self, notation: Notation) -> str:
        """The text so far, and what the keys do."""
        ...

    def refusal(self, key: str) -> str:
        """Why a key does nothing."""
        ...


def as_key(key: str) -> str:
    """A key as written in a sentence."""
    return f"`{key}`" if key != "`" else "That"


@dataclass
class Destination:
    """The iteration to go to."""

    most: int
    typed: str = ""
    done: ClassVar[str] = ""

    @property
    def goes_to(self) -> int | None:
        return self.number() if self.typed else None

    def take(self) -> None:
        """Do nothing: the session goes there step by step."""

    def takes(self, character: str) -> bool:
        return character.isascii() and character.isdigit() and self.number(character) <= self.most

    def move(self, right: int, down: int) -> bool:
        del right, down
        return False

    def number(self, more: str = "") -> int:
        """The typed iteration with more digits after it; 0 where nothing is typed."""
        return int(f"0{self.typed}{more}")

    def sentence(self, notation: Notation) -> str:
        del notation
        return f"Go to iteration {self.typed}_  `enter` goes, `escape` leaves."

    def refusal(self, key: str) -> str:
        if key.isdigit():
            return f"Iteration {self.most} is the last that a run can reach."
        return f"{as_key(key)} is no key here: an iteration is a whole number."


@dataclass
class StartChoice:
    """A start value to choose."""

    training: Training
    chosen: int = 0
    typed: str = ""
    done: ClassVar[str] = "The run begins at the start you chose. "

    @property
    def goes_to(self) -> int | None:
        return None

    @property
    def component(self) -> Component:
        return components(self.training)[self.chosen]

    def move(self, right: int, down: int) -> bool:
        """Step the value (right), or select another one (down)."""
        self.chosen = (self.chosen + down) % len(components(self.training))
        self.typed = ""
        if right:
            value = self.component.of(self.training.setting(self.component.name, 0))
            step = right * start_step(self.training, self.component)
            # Rounded, so that 0.30000000000000004 is 0.3.
            start_at(self.training, self.component, float(f"{value + step:.12g}"))
        return True

    def takes(self, character: str) -> bool:
        """Whether a character can be part of the number; an e only after a digit, as in 2e-3."""
        if character in ("e", "E"):
            return self.typed[-1:].isdigit()
        return belongs_to_answer(character)

    def take(self) -> None:
        if self.typed:
            start_at(self.training, self.component, read_answer(self.typed))
            self.typed = ""

    def sentence(self, notation: Notation) -> str:
        label = self.component.label(notation)
        if self.typed:
            return f"Start: {label} = {self.typed}_  `enter` takes it."
        value = notation.number(float(self.component.trail(self.training)[0]))
        left, right, up, down = ASCII_ARROWS if notation.ascii else ARROW_SIGNS
        others = f", `{up}` `{down}` another" if len(components(self.training)) > 1 else ""
        return (
            f"Start: {label} = {value}. `{left}` `{right}` or digits change it{others}, "
            "`enter` is done."
        )

    def refusal(self, key: str) -> str:
        return f"{as_key(key)} is no key here."


def start_at(training: Training, component: Component, value: float) -> None:
    """Restart a run with another start value for one element of a parameter."""
    setting = training.setting(component.name, 0)
    training.change(component.name, _replaced(setting, component.index, value))


def start_step(training: Training, component: Component) -> float:
    """The step of a start value: about a tenth of its distance to the minimum."""
    setting = training.experiment.setting(component.name)
    start = component.of(setting)
    # The lesson's own start is used, so that the step stays the same.
    quadratic = quadratic_of(Training(training.experiment))
    minimum = quadratic.point[component.position(training)] if quadratic is not None else 0.0
    return neighbour(max(abs(start - minimum), 1.0) / 10 * 1.001, up=False)


def neighbour(value: float, up: bool) -> float:
    """The next larger or smaller number of 1, 2, 5, 10, 20, …"""
    near = series(value / 10, value * 10)
    if up:
        return min(number for number in near if number > value * (1 + 1e-9))
    return max(number for number in near if number < value * (1 - 1e-9))


def _replaced(value: Tensor, index: tuple[int, ...], number: float) -> Tensor:
    """The tensor with one element replaced."""
    if not isinstance(value, tuple):
        return number
    position, *rest = index
    return tuple(
        _replaced(entry, tuple(rest), number) if place == position else entry
        for place, entry in enumerate(value)
    )
