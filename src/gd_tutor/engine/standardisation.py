"""Standardising: the columns of a table brought to mean 0 and variance 1."""

import numpy as np
from numpy.typing import NDArray


def standardised(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """The table, or the one row of data, with every column at mean 0 and variance 1.

    The variance is that of the population (divided by n). Columns that are all the same have none,
    and become 0.
    """
    # Scaled by a power of 2, which rounds nothing, no column is too large or too small to square.
    _, exponent = np.frexp(np.abs(table).max(axis=0))
    scaled = np.ldexp(table, -exponent)
    same = (table == table[:1]).all(axis=0)
    deviation = np.where(same, 1.0, scaled.std(axis=0))
    return np.where(same, 0.0, (scaled - scaled.mean(axis=0)) / deviation)
