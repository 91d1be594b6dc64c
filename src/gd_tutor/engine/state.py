"""Phases, the positions between them, and the state line: a run in one line of text."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from gd_tutor.engine.errors import ChoiceError
from gd_tutor.engine.experiment import KINDS, Change, Experiment, check_choice, tensor_of
from gd_tutor.engine.expression import Tensor
from gd_tutor.engine.program import LEARNING_RATE

MOST_ITERATIONS = 1_000_000
"""The last iteration of any run."""


class Phase(IntEnum):
    """The last phase done in an iteration; START if none."""

    START = 0
    FORWARD = 1
    BACKWARD = 2
    UPDATE = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> "Phase":
        """The phase of this name. Raises KeyError."""
        return cls[name.upper()]


PHASES = (Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE)


class Position(NamedTuple):
    """A position in a run: the iteration (from 0) and the last phase done in it.

    The end of an iteration is also the start of the next; the position is then the update of the
    earlier one.
    """

    iteration: int
    phase: Phase

    @property
    def next(self) -> "Position":
        if self.phase is Phase.UPDATE:
            return Position(self.iteration + 1, Phase.FORWARD)
        return Position(self.iteration, Phase(self.phase + 1))

    @property
    def previous(self) -> "Position":
        """The position one phase earlier; the start's is the start itself."""
        if self.phase is Phase.START:
            return self
        if self.phase is Phase.FORWARD and self.iteration > 0:
            return Position(self.iteration - 1, Phase.UPDATE)
        return Position(self.iteration, Phase(self.phase - 1))

    @property
    def updates(self) -> int:
        """The number of updates done: the index k of the parameters θ(k)."""
        return self.iteration + (self.phase is Phase.UPDATE)

    @property
    def forwards(self) -> int:
        """The number of losses known."""
        return self.iteration + (self.phase is not Phase.START)


BEGINNING = Position(0, Phase.START)


def loss_of(iteration: int) -> Position:
    """The position at which the loss of an iteration is known; the start for the first one."""
    return Position(iteration, Phase.FORWARD) if iteration else BEGINNING


_OUT_OF_TURN = {
    (Phase.FORWARD, Phase.FORWARD): (
        "Forward is done: the loss is known. Next is backward: the slopes."
    ),
    (Phase.FORWARD, Phase.BACKWARD): "The slopes are known. Next is update, which uses them.",
    (Phase.BACKWARD, Phase.BACKWARD): ("Backward is done: the slopes are known. Next is update."),
    (Phase.BACKWARD, Phase.UPDATE): "Forward comes first: backward needs the values it computes.",
    (Phase.UPDATE, Phase.FORWARD): "Backward comes first: update needs the slopes it finds.",
    (Phase.UPDATE, Phase.UPDATE): (
        "Forward comes first, then backward: update needs fresh slopes."
    ),
}
_NEXT_OTHERWISE = {
    Phase.FORWARD: "Next is update: this bug puts it before backward.",
    Phase.BACKWARD: "Next is forward.",
    Phase.UPDATE: "Next is backward, with parameters that have already moved.",
}


def out_of_turn(asked: Phase, done: Phase, order: tuple[Phase, ...]) -> str:
    """Why the asked phase cannot follow the one done, and which comes first."""
    if done is Phase.START:
        done = order[-1]
    if order == PHASES:
        return _OUT_OF_TURN[asked, done]
    said = f"{str(asked).capitalize()} is done. " if asked is done else ""
    return said + _NEXT_OTHERWISE[done]


_ITERATION = re.compile(r"[0-9]{1,7}")
_CHOICE = re.compile(r"(?P<kind>[a-z]+)=(?P<value>[A-Za-z0-9_-]{1,60})")
_CHANGE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>[^@]+)@(?P<iteration>[0-9]{1,7})")


class StateError(ValueError):
    """A text is not a state line; the message says why."""


@dataclass(frozen=True, slots=True)
class State:
    """A lesson, a position in its run, the changes made during it, and the choices.

    `choices` are pairs of kind and value, in the order of `KINDS`.
    """

    lesson: str
    position: Position = BEGINNING
    changes: tuple[Change, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        choices = [f"{kind}={value}" for kind, value in self.choices]
        changes = [f"{c.name}={_json(c.value)}@{c.iteration}" for c in self.changes]
        iteration, phase = self.position
        return ":".join([self.lesson, str(iteration), str(phase), *choices, *changes])


def parse_state(text: str) -> State:
    """Read a state line; a lesson's name alone means its start. Raises StateError."""
    lesson, *rest = text.strip().split(":")
    if not lesson:
        raise StateError("A state line begins with a lesson, as in derivative:3:backward.")
    if not rest:
        return State(lesson)
    if len(rest) == 1:
        raise StateError(f"'{text}' lacks the phase, as in {lesson}:{rest[0]}:forward.")
    position, words = _position(*rest[:2]), rest[2:]
    choices = dict(_choice(word) for word in words if "@" not in word)
    changes = tuple(_change(word) for word in words if "@" in word)
    if len(choices) + len(changes) < len(words):
        raise StateError(f"'{text}' chooses the same twice; keep one of them.")
    in_order = tuple((kind, choices[kind]) for kind in KINDS if kind in choices)
    return State(lesson, position, changes, in_order)


def _position(iteration: str, phase: str) -> Position:
    if not _ITERATION.fullmatch(iteration) or int(iteration) > MOST_ITERATIONS:
        raise StateError(f"'{iteration}' is not an iteration from 0 to {MOST_ITERATIONS}.")
    if phase not in map(str, Phase):
        raise StateError(f"'{phase}' is not a phase; there are {', '.join(map(str, Phase))}.")
    position = Position(int(iteration), Phase.named(phase))
    if position.phase is Phase.START and position.iteration > 0:
        return Position(position.iteration - 1, Phase.UPDATE)
    return position


def _choice(text: str) -> tuple[str, str]:
    match = _CHOICE.fullmatch(text)
    if match is None:
        raise StateError(
            f"'{text}' is neither a change, as in learning_rate=0.2@2, "
            "nor a choice, as in optimizer=adam."
        )
    try:
        check_choice(match["kind"], match["value"])
    except ChoiceError as error:
        raise StateError(str(error)) from None
    return match["kind"], match["value"]


def _change(text: str) -> Change:
    match = _CHANGE.fullmatch(text)
    if match is None:
        raise StateError(f"'{text}' is not a change, as in learning_rate=0.2@2.")
    return Change(match["name"], parse_tensor(match["value"]), int(match["iteration"]))


def parse_tensor(text: str) -> Tensor:
    """A number or nested lists of numbers in JSON. Raises StateError."""
    try:
        return tensor_of(json.loads(text, parse_constant=_refuse_constant))
    except (ValueError, RecursionError):
        raise StateError(f"'{text}' is not a number or a list of numbers.") from None


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def check_changes(changes: Iterable[Change], experiment: Experiment) -> None:
    """Raise StateError for a change that no run of the experiment accepts."""
    for change in changes:
        if change.name not in experiment.settings:
            known = ", ".join(experiment.settings)
            raise StateError(f"'{change.name}' is not a setting here; there are {known}.")
        if change.name != LEARNING_RATE:
            if change.iteration:
                raise StateError(
                    f"Only {LEARNING_RATE} changes on the way; "
                    f"write {change.name}=…@0 for another start."
                )
        elif not isinstance(change.value, float) or change.value <= 0:
            raise StateError(f"{LEARNING_RATE} is a single number, and more than 0.")


def _json(value: Tensor) -> str:
    return json.dumps(value, separators=(",", ":"))
