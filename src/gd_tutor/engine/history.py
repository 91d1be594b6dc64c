"""What a run has passed through: losses and parameters of every iteration, in arrays."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.compile import Value
from gd_tutor.engine.state import MOST_ITERATIONS

MOST_BYTES = 256 * 2**20
"""A run ends where its history would need more."""
_FIRST_ROOM = 16


class History:
    """Losses and parameters by iteration; arrays grow by doubling, so long runs stay small.

    There is one row more than there are updates: row k holds the parameters before the update of
    iteration k. `whole_known` of the whole losses, those over all samples, are computed. No more
    than `most` updates fit.
    """

    def __init__(self, start: Mapping[str, Value]) -> None:
        self.updates = self.whole_known = 0
        numbers = 2 + sum(np.size(value) for value in start.values())
        self.most = min(MOST_ITERATIONS, max(MOST_BYTES // (8 * numbers) - 1, 1))
        rows = min(_FIRST_ROOM, self.most + 1)
        self._losses, self._whole = np.empty(rows), np.empty(rows)
        self._parameters = {
            name: np.empty((rows, *np.shape(value))) for name, value in start.items()
        }
        for name, value in start.items():
            self._parameters[name][0] = value

    def reserve(self, updates: int) -> None:
        """Make room for that many updates, of which there are `most` at most."""
        rows = len(self._losses)
        if updates < rows:
            return
        rows = min(max(updates + 1, 2 * rows), self.most + 1)
        known = self.updates + 1
        self._losses = _grown(self._losses, rows, known)
        self._whole = _grown(self._whole, rows, self.whole_known)
        self._parameters = {
            name: _grown(trail, rows, known) for name, trail in self._parameters.items()
        }

    def cut(self, updates: int) -> None:
        """Forget what comes after that many updates."""
        self.updates = min(self.updates, updates)
        self.whole_known = min(self.whole_known, updates)

    def buffers(self) -> tuple[NDArray[np.float64], Mapping[str, NDArray[np.float64]]]:
        """The arrays themselves, for the loop that fills them."""
        return self._losses, self._parameters

    def losses(self, count: int) -> NDArray[np.float64]:
        """The first losses, shape (count,)."""
        return self._losses[:count]

    def whole_losses(self, count: int) -> NDArray[np.float64]:
        """The first losses over all samples, shape (count,), for whoever finds them to fill in."""
        return self._whole[:count]

    def trail(self, name: str, updates: int) -> NDArray[np.float64]:
        """A parameter before every update and after the last: shape (updates + 1, *shape)."""
        return self._parameters[name][: updates + 1]

    def parameters(self, iteration: int, names: Sequence[str]) -> dict[str, Value]:
        """The parameters from which an iteration starts."""
        return {name: self._scalar(self._parameters[name][iteration]) for name in names}

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(a.nbytes for a in (self._losses, self._whole, *self._parameters.values()))

    @staticmethod
    def _scalar(value: NDArray[np.float64]) -> Value:
        return np.float64(value) if np.ndim(value) == 0 else value


def _grown(array: NDArray[np.float64], rows: int, known: int) -> NDArray[np.float64]:
    larger = np.empty((rows, *array.shape[1:]))
    larger[:known] = array[:known]
    return larger
