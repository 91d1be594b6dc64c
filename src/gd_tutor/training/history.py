"""What a run has passed through: losses and parameters of every iteration, in arrays."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gd_tutor.program.compile import Value


class History:
    """Losses and parameters by iteration; arrays grow by doubling, so long runs stay small.

    `parameters[name]` has one row more than there are updates: row k is the parameter before the
    update of iteration k.
    """

    def __init__(self, start: Mapping[str, Value]) -> None:
        self.updates = 0
        self._losses = np.empty(16)
        self._parameters = {name: np.empty((16, *np.shape(value))) for name, value in start.items()}
        for name, value in start.items():
            self._parameters[name][0] = value

    def reserve(self, updates: int) -> None:
        """Make room for that many updates."""
        size = len(self._losses)
        if updates < size:
            return
        size = max(updates + 1, 2 * size)
        self._losses = _grown(self._losses, size)
        self._parameters = {name: _grown(a, size) for name, a in self._parameters.items()}

    def buffers(self) -> tuple[NDArray[np.float64], Mapping[str, NDArray[np.float64]]]:
        """The arrays themselves, for the loop that fills them."""
        return self._losses, self._parameters

    def losses(self, count: int) -> NDArray[np.float64]:
        """The first losses, shape (count,)."""
        return self._losses[:count]

    def trail(self, name: str, updates: int) -> NDArray[np.float64]:
        """A parameter before every update and after the last: shape (updates + 1, *shape)."""
        return self._parameters[name][: updates + 1]

    def parameters(self, iteration: int, names: Sequence[str]) -> dict[str, Value]:
        """The parameters from which an iteration starts."""
        return {name: self._scalar(self._parameters[name][iteration]) for name in names}

    @staticmethod
    def _scalar(value: NDArray[np.float64]) -> Value:
        return np.float64(value) if np.ndim(value) == 0 else value

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._losses.nbytes + sum(a.nbytes for a in self._parameters.values())


def _grown(array: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    larger = np.empty((size, *array.shape[1:]))
    larger[: len(array)] = array
    return larger
