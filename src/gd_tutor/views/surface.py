"""The loss as a function of one or two parameter components, the others held fixed."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from gd_tutor.training import Training
from gd_tutor.training.minimum import Landscape, Quadratic, flatten, quadratic_of
from gd_tutor.views.components import Component

Points = NDArray[np.float64]

AHEAD = 30
"""Updates looked ahead for the limits of axes."""


class Surface:
    """The loss of a run's experiment at any point; exact and fast where it is quadratic."""

    def __init__(self, training: Training) -> None:
        self.landscape = Landscape(training)
        self.quadratic: Quadratic | None = quadratic_of(training)
        self.ahead = Training(training.experiment, (c for c in training.changes if not c.iteration))
        self.start = position(self.ahead)
        self.ahead.run(AHEAD)

    def reach(self, training: Training, axis: Component) -> tuple[float, float]:
        """How far a component goes: so far, and in the first steps with the lesson's own settings.

        Looking ahead keeps axes from jumping at every step.
        """
        seen = np.concatenate([axis.trail(self.ahead), axis.trail(training)])
        seen = seen[np.isfinite(seen)]
        return float(seen.min()), float(seen.max())

    def losses(self, points: Points) -> Points:
        """The losses at points (m, n), shape (m,)."""
        if self.quadratic is None:
            return np.array([self.landscape.loss(point) for point in points])
        away = points - self.quadratic.point
        rises: Points = np.einsum("mi,ij,mj->m", away, self.quadratic.hessian, away) / 2
        return self.quadratic.loss + rises

    def along(self, training: Training, axis: Component, values: Points) -> Points:
        """The losses where one component takes the values and the others stay where they are."""
        return self.over(training, [axis], [values])

    def along_from_start(self, training: Training, axis: Component, values: Points) -> Points:
        """The same with the others where the run began."""
        points = np.tile(self.start, (len(values), 1))
        points[:, axis.position(training)] = values
        return self.losses(points)

    def over(
        self, training: Training, axes: Sequence[Component], values: Sequence[Points]
    ) -> Points:
        """The losses where some components take the values, given row by row."""
        here = position(training)
        points = np.tile(here, (len(values[0]), 1))
        for axis, row in zip(axes, values, strict=True):
            points[:, axis.position(training)] = row
        return self.losses(points)


def position(training: Training) -> Points:
    """All parameters now, in one row."""
    return flatten(training.parameters, training.program.parameters)


_surfaces: WeakKeyDictionary[Training, tuple[object, Surface]] = WeakKeyDictionary()


def surface_of(training: Training) -> Surface:
    """The surface of a run, made again only when its data or its start change."""
    fixed = id(training.experiment), tuple(c for c in training.changes if not c.iteration)
    known = _surfaces.get(training)
    if known is None or known[0] != fixed:
        known = (fixed, Surface(training))
        _surfaces[training] = known
    return known[1]
