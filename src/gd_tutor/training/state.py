"""A run on one line: `derivative:3:backward:learning_rate=0.2@2`.

The lesson, the iteration, the last phase done, then every change with the iteration before which
it was made. The line opens from the command line, and is what is kept when the tutor is left.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gd_tutor.program import Tensor, shape_of_tensor
from gd_tutor.training.experiment import Change
from gd_tutor.training.phases import BEGINNING, Phase, Position

MOST_ITERATIONS = 1_000_000

_ITERATION = re.compile(r"[0-9]{1,7}")
_CHANGE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>[^@]+)@(?P<iteration>[0-9]{1,7})")


class StateError(ValueError):
    """A text is not a state line; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a learner is: a lesson, a position in its run, and what was changed on the way."""

    lesson: str
    position: Position = BEGINNING
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        changes = [f"{c.name}={_json(c.value)}@{c.iteration}" for c in self.changes]
        iteration, phase = self.position
        return ":".join([self.lesson, str(iteration), str(phase), *changes])


def parse_state(text: str) -> State:
    """Read a state line; a lesson's name alone means its start. Raises StateError."""
    lesson, *rest = text.strip().split(":")
    if not lesson:
        raise StateError("A state line begins with a lesson, as in derivative:3:backward.")
    if not rest:
        return State(lesson)
    if len(rest) == 1:
        raise StateError(f"'{text}' lacks the phase, as in {lesson}:{rest[0]}:forward.")
    return State(lesson, _position(*rest[:2]), tuple(map(_change, rest[2:])))


def _position(iteration: str, phase: str) -> Position:
    if not _ITERATION.fullmatch(iteration) or int(iteration) > MOST_ITERATIONS:
        raise StateError(f"'{iteration}' is not an iteration from 0 to {MOST_ITERATIONS}.")
    if phase not in map(str, Phase):
        raise StateError(f"'{phase}' is not a phase; there are {', '.join(map(str, Phase))}.")
    position = Position(int(iteration), Phase[phase.upper()])
    if position.phase is Phase.START and position.iteration > 0:
        return Position(position.iteration - 1, Phase.UPDATE)
    return position


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


def tensor_of(value: object) -> Tensor:
    """Plain lists and numbers as a tensor; ValueError for anything else or for uneven rows."""
    if isinstance(value, bool):
        raise ValueError("not a number")
    if isinstance(value, int | float):
        return _finite(value)
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        items = tuple(map(tensor_of, value))
        shapes = {shape_of_tensor(item) for item in items}
        if len(shapes) == 1 and len(shapes.pop()) < 2:
            return items
    raise ValueError("not a number, a list of numbers or a list of equally long lists")


def _finite(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if number - number != 0:
        raise ValueError("not a finite number")
    return number


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _json(value: Tensor) -> str:
    return json.dumps(value, separators=(",", ":"))
