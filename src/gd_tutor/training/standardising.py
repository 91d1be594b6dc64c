"""Standardising: the columns of a table brought to mean 0 and variance 1."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Standardisation:
    """Mean and deviation of every column, shape (columns,); single numbers for one row of data.

    The deviation is that of the population (divided by n). Columns that are all the same have
    none, and are divided by 1: they become 0.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    def __call__(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """The table with this mean taken away, divided by this deviation."""
        return (table - self.mean) / self.deviation


def standardisation_of(table: NDArray[np.float64]) -> Standardisation:
    """What brings the columns of a table to mean 0 and variance 1."""
    mean, deviation = table.mean(axis=0), table.std(axis=0)
    same = (table == table[:1]).all(axis=0)
    return Standardisation(mean, np.where(same, 1.0, deviation))
