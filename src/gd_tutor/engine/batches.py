"""Which samples each iteration is worked with: shuffled epoch by epoch, from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Batches:
    """Batches of equal size: in every epoch all samples in another order, cut in pieces.

    `names` are the data that hold a row for every sample. Where the size does not divide the
    samples, an epoch's last batch is filled up with the samples of its first.
    """

    names: tuple[str, ...]
    samples: int
    size: int
    seed: int

    @property
    def in_epoch(self) -> int:
        """How many batches, and so iterations, an epoch has."""
        return -(-self.samples // self.size)

    def indices(self, iteration: int) -> NDArray[np.intp]:
        """The samples of an iteration, shape (size,); they follow from the seed alone."""
        return next(self.following(iteration))

    def following(self, iteration: int) -> Iterator[NDArray[np.intp]]:
        """The samples of an iteration and of all after it."""
        import numpy as np

        epoch, done = divmod(iteration, self.in_epoch)
        missing = self.in_epoch * self.size - self.samples
        while True:
            order = np.random.default_rng([self.seed, epoch]).permutation(self.samples)
            filled = np.concatenate((order, order[:missing]))
            yield from filled.reshape(self.in_epoch, self.size)[done:]
            epoch, done = epoch + 1, 0
