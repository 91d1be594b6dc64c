"""Choosing a start value: one number of the parameters at a time, by arrows or typed."""

from dataclasses import dataclass

from gd_tutor.engine.expression import Tensor
from gd_tutor.engine.learning_rates import series
from gd_tutor.engine.minimum import quadratic_of
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.pictures.components import Component, components
from gd_tutor.questions.answers import read_answer
from gd_tutor.questions.digits import belongs_to_answer
from gd_tutor.session.number_field import as_key

ARROWS = ("←", "→", "↑", "↓")
ASCII_ARROWS = ("left", "right", "up", "down")


@dataclass
class StartChoice:
    """The start value being chosen."""

    training: Training
    chosen: int = 0
    typed: str = ""

    @property
    def component(self) -> Component:
        return components(self.training)[self.chosen]

    def move(self, right: int, down: int) -> bool:
        """Change the value by some steps (right), or choose another one (down)."""
        self.chosen = (self.chosen + down) % len(components(self.training))
        self.typed = ""
        if right:
            value = self.component.of(self.training.setting(self.component.name, 0))
            step = right * start_step(self.training, self.component)
            # Kept short: 0.30000000000000004 is 0.3.
            start_at(self.training, self.component, float(f"{value + step:.12g}"))
        return True

    def takes(self, character: str) -> bool:
        """Whether a character can be part of the number; an e only behind a digit, as in 2e-3."""
        if character in ("e", "E"):
            return self.typed[-1:].isdigit()
        return belongs_to_answer(character)

    def take(self) -> None:
        """Take the number that was typed. Raises AnswerError, with the text as it was."""
        if self.typed:
            start_at(self.training, self.component, read_answer(self.typed))
            self.typed = ""

    def sentence(self, notation: Notation) -> str:
        label = self.component.label(notation)
        if self.typed:
            return f"Start: {label} = {self.typed}_  `enter` takes it."
        value = notation.number(float(self.component.trail(self.training)[0]))
        left, right, up, down = ASCII_ARROWS if notation.ascii else ARROWS
        others = f", `{up}` `{down}` another" if len(components(self.training)) > 1 else ""
        return (
            f"Start: {label} = {value}. `{left}` `{right}` or digits change it{others}, "
            "`enter` is done."
        )

    def refusal(self, key: str) -> str:
        return f"{as_key(key)} is no key here."


def start_at(training: Training, component: Component, value: float) -> None:
    """Begin a run anew with another value for one number of its parameters."""
    setting = training.setting(component.name, 0)
    training.change(component.name, _replaced(setting, component.index, value))


def start_step(training: Training, component: Component) -> float:
    """How far one key moves a start value: about a tenth of its way to the minimum."""
    setting = training.experiment.setting(component.name)
    start = component.of(setting)
    # That of the lesson's own start: a step must not change on the way.
    quadratic = quadratic_of(Training(training.experiment))
    minimum = quadratic.point[component.position(training)] if quadratic is not None else 0.0
    return neighbour(max(abs(start - minimum), 1.0) / 10 * 1.001, up=False)


def neighbour(value: float, up: bool) -> float:
    """The next larger or smaller number of the series 1, 2, 5, 10, 20, …"""
    near = series(value / 10, value * 10)
    if up:
        return min(number for number in near if number > value * (1 + 1e-9))
    return max(number for number in near if number < value * (1 - 1e-9))


def _replaced(value: Tensor, index: tuple[int, ...], number: float) -> Tensor:
    """The value with one of its numbers replaced."""
    if not isinstance(value, tuple):
        return number
    position, *rest = index
    return tuple(
        _replaced(entry, tuple(rest), number) if place == position else entry
        for place, entry in enumerate(value)
    )
