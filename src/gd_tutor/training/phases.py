"""The three phases of an iteration, and positions between them."""

from enum import IntEnum
from typing import NamedTuple


class Phase(IntEnum):
    """The last phase done in an iteration; START before the first."""

    START = 0
    FORWARD = 1
    BACKWARD = 2
    UPDATE = 3

    def __str__(self) -> str:
        return self.name.lower()


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
