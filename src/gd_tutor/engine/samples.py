"""The samples of a run: standardised, and in batches shuffled from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Batches:
    """Batches of equal size; every epoch takes all samples in another order.

    `names` are the data with one row per sample. If the size does not divide the samples, an
    epoch's last batch is filled up with the epoch's first samples.
    """

    names: tuple[str, ...]
    samples: int
    size: int
    seed: int

    @property
    def in_epoch(self) -> int:
        """The number of batches, and so iterations, in an epoch."""
        return -(-self.samples // self.size)

    def indices(self, iteration: int) -> NDArray[np.intp]:
        """The samples' rows in an iteration, shape (size,), determined by the seed."""
        return next(self.following(iteration))

    def following(self, iteration: int) -> Iterator[NDArray[np.intp]]:
        """The samples of an iteration and of all later ones."""
        import numpy as np

        epoch, done = divmod(iteration, self.in_epoch)
        missing = self.in_epoch * self.size - self.samples
        while True:
            order = np.random.default_rng([self.seed, epoch]).permutation(self.samples)
            filled = np.concatenate((order, order[:missing]))
            yield from filled.reshape(self.in_epoch, self.size)[done:]
            epoch, done = epoch + 1, 0


def standardised(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """The table, or the one row of data, with mean 0 and variance 1 in every column.

    The variance is that of the population (divided by n). Constant columns become 0.
    """
    import numpy as np

    # Scaling by a power of 2 is exact, and keeps squares from overflow and underflow.
    _, exponent = np.frexp(np.abs(table).max(axis=0))
    scaled = np.ldexp(table, -exponent)
    same = (table == table[:1]).all(axis=0)
    deviation = np.where(same, 1.0, scaled.std(axis=0))
    return np.where(same, 0.0, (scaled - scaled.mean(axis=0)) / deviation)
