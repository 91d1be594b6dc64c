"""The partial derivatives of single samples, found when they are looked at."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gd_tutor.training import Training


class Samples:
    """The samples of one iteration. Each costs a backward run, so that none is run unasked."""

    def __init__(self, training: Training) -> None:
        self.training = training
        self.iteration = training.iteration
        self.count = int(np.prod(training.program.sample_shape))
        self._known: dict[int, Mapping[str, NDArray[np.float64]]] = {}

    def partials(self, name: str, sample: int) -> NDArray[np.float64]:
        """The partial derivatives of one sample's loss along a parameter, in one row."""
        if sample not in self._known:
            found = self.training.per_sample(self.iteration, [sample])
            assert found is not None
            self._known[sample] = {key: np.ravel(value) for key, value in found.items()}
        return self._known[sample][name]


class Partials:
    """A parameter's partial derivatives, a row for each sample: read it in slices of rows."""

    def __init__(self, samples: Samples, name: str) -> None:
        self.samples = samples
        self.name = name
        size = int(np.prod(samples.training.program.shapes[name]))
        self.shape = samples.count, size

    def __getitem__(self, rows: slice) -> NDArray[np.float64]:
        places = range(self.shape[0])[rows]
        found = [self.samples.partials(self.name, place) for place in places]
        return np.array(found).reshape(-1, self.shape[1])
