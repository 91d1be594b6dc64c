"""The three phases of an iteration, and positions between them."""

from enum import IntEnum
from typing import NamedTuple

MOST_ITERATIONS = 1_000_000
"""A run may go so far."""


class Phase(IntEnum):
    """The last phase done in an iteration; START before the first."""

    START = 0
    FORWARD = 1
    BACKWARD = 2
    UPDATE = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> "Phase":
        """The phase that calls itself so. Raises KeyError."""
        return cls[name.upper()]


PHASES = (Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE)


class Position(NamedTuple):
    """Where a run stands: the iteration (from 0) and the last phase done in it.

    The start of a later iteration and the end of the one before it are the same moment; the
    position is then the update of the earlier one.
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
        """The position one phase earlier; the very start is its own predecessor."""
        if self.phase is Phase.START:
            return self
        if self.phase is Phase.FORWARD and self.iteration > 0:
            return Position(self.iteration - 1, Phase.UPDATE)
        return Position(self.iteration, Phase(self.phase - 1))

    @property
    def updates(self) -> int:
        """How many updates are done: the parameters are θ with this index."""
        return self.iteration + (self.phase is Phase.UPDATE)

    @property
    def forwards(self) -> int:
        """How many losses are known."""
        return self.iteration + (self.phase is not Phase.START)


BEGINNING = Position(0, Phase.START)


def loss_of(iteration: int) -> Position:
    """Where the loss of an iteration is known; the very start for the first one."""
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
    """Why a phase is not the next one, where another was done last, and what is to come first."""
    if done is Phase.START:
        done = order[-1]
    if order == PHASES:
        return _OUT_OF_TURN[asked, done]
    said = f"{str(asked).capitalize()} is done. " if asked is done else ""
    return said + _NEXT_OTHERWISE[done]
