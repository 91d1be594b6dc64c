"""The loss as a function of one or two parameter components, the others held fixed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np

from gd_tutor.engine.minimum import Landscape, Quadratic, flatten, quadratic_of
from gd_tutor.engine.training import Training
from gd_tutor.pictures.components import Component, Points

AHEAD = 30
"""Limits of axes include the first 30 updates."""
RISE = 4.0
"""Limits of axes ignore a run from four times its first loss on."""
FAR = 4.0
"""Valleys are searched within four times the start's absolute value (at least 1) around it."""
FINE = 200
"""The number of steps in that search."""
FLAT = 0.02
"""The ends of a range are cut off where the loss changes by less than this fraction."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A range of an axis, and the highest loss to show in it."""

    low: float
    high: float
    top: float


class Surface:
    """The loss of a run's experiment at any point; exact and fast if it is quadratic."""

    def __init__(self, training: Training) -> None:
        self.landscape = Landscape(training)
        self.quadratic: Quadratic | None = quadratic_of(training)
        self.ahead = Training(training.experiment, (c for c in training.changes if not c.iteration))
        self.start = position(self.ahead)
        self.ahead.run(AHEAD)
        self._points = _low_enough(self.ahead.whole_losses(), self.ahead.position.updates + 1)
        self._stretches: dict[Component, Stretch] = {}

    def reach(self, training: Training, axis: Component) -> tuple[float, float]:
        """The range of a component so far and in the first updates with the lesson's settings.

        Looking ahead keeps axes from jumping at every step; diverging runs are cut off.
        """
        ahead, so_far = axis.trail(self.ahead)[: self._points], axis.trail(training)
        lows, highs = zip(ends(ahead), ends(so_far), strict=True)
        return min(lows), max(highs)

    def stretch(self, training: Training, axis: Component) -> Stretch:
        """The range of a component, around the start, with the valleys and hills of the loss.

        A start drawn from a range gives that range; otherwise the loss in it is at most that at
        the start or on a hill nearby.
        """
        if axis not in self._stretches:
            start = float(self.start[axis.position(training)])
            random = training.experiment.random.get(axis.name)
            far = FAR * max(abs(start), 1.0)
            low, high = (random.low, random.high) if random else (start - far, start + far)
            places = np.union1d(np.linspace(low, high, FINE), start)
            losses = self.along_from_start(training, axis, places)
            found = _stretch(places, losses, start)
            ends = {"low": low, "high": high} if random else {}
            self._stretches[axis] = replace(found, **ends)
        return self._stretches[axis]

    def losses(self, points: Points) -> Points:
        """The losses at points (m, n), shape (m,)."""
        if self.quadratic is None:
            return np.array([self.landscape.loss(point) for point in points])
        away = points - self.quadratic.point
        rises: Points = np.einsum("mi,ij,mj->m", away, self.quadratic.hessian, away) / 2
        return self.quadratic.loss + rises

    def along(self, training: Training, axis: Component, values: Points) -> Points:
        """The losses with one component at these values and the others as they are."""
        return self.over(training, [axis], [values])

    def along_from_start(self, training: Training, axis: Component, values: Points) -> Points:
        """The losses with one component at these values and the others at the run's start."""
        points = np.tile(self.start, (len(values), 1))
        points[:, axis.position(training)] = values
        return self.losses(points)

    def over(
        self, training: Training, axes: Sequence[Component], values: Sequence[Points]
    ) -> Points:
        """The losses with some components at these values, one row of values each."""
        here = position(training)
        points = np.tile(here, (len(values[0]), 1))
        for axis, row in zip(axes, values, strict=True):
            points[:, axis.position(training)] = row
        return self.losses(points)


def _low_enough(losses: Points, count: int) -> int:
    """The number of a run's points before its loss is far above the first."""
    if not len(losses):
        return 1
    low = losses <= losses[0] + RISE * abs(losses[0])
    return count if low.all() else max(int(np.argmin(low)), 1)


def _stretch(places: Points, losses: Points, start: float) -> Stretch:
    """The range of places with the valleys, up to the loss at the start or on a hill."""
    losses = np.where(np.isfinite(losses), losses, np.inf)
    here = int(np.searchsorted(places, start))
    if losses[here] == np.inf:
        return Stretch(start, start, 0.0)
    inner = losses[1:-1]
    hills = inner[(inner > losses[:-2]) & (inner >= losses[2:]) & np.isfinite(inner)]
    top = float(hills.max(initial=losses[here]))
    held = np.flatnonzero(losses <= top)
    first, last = int(held[0]), int(held[-1])
    still = FLAT * (top - losses[held].min())
    first += int(np.argmax(np.abs(losses[first:] - losses[first]) > still))
    last -= int(np.argmax(np.abs(losses[last::-1] - losses[last]) > still))
    return Stretch(float(places[min(first, here)]), float(places[max(last, here)]), top)


def position(training: Training) -> Points:
    """The present parameters in one array, shape (n,)."""
    return flatten(training.parameters, training.program.parameters)


def off_axes(training: Training, axes: Sequence[Component]) -> bytes:
    """The values of the fixed components, as a key for comparison."""
    return np.delete(position(training), [axis.position(training) for axis in axes]).tobytes()


_surfaces: WeakKeyDictionary[Training, tuple[object, Surface]] = WeakKeyDictionary()


def surface_of(training: Training) -> Surface:
    """The surface of a run, cached until its data or its start change."""
    fixed = id(training.experiment), tuple(c for c in training.changes if not c.iteration)
    known = _surfaces.get(training)
    if known is None or known[0] != fixed:
        known = (fixed, Surface(training))
        _surfaces[training] = known
    return known[1]


def ends(values: Points) -> tuple[float, float]:
    """The smallest and the largest finite value, found without copying."""
    low, high = float(values.min()), float(values.max())
    if np.isfinite(low) and np.isfinite(high):
        return low, high
    finite = values[np.isfinite(values)]
    return float(finite.min()), float(finite.max())
