"""The loss as a function of one or two parameter components, the others held fixed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np

from gd_tutor.engine.minimum import Landscape, Quadratic, flatten, quadratic_of
from gd_tutor.engine.training import Training
from gd_tutor.pictures.components import Component, Points

AHEAD = 30
"""Updates looked ahead for the limits of axes."""
RISE = 4.0
"""A run is not followed above four times the size of its first loss."""
FAR = 4.0
"""Valleys are searched for within four times the size of the start, at least 1, around it."""
FINE = 200
"""Steps of that search."""
FLAT = 0.02
"""The ends of a range are left out where the loss changes by less than this part."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an axis, and how high the loss is in it where it matters."""

    low: float
    high: float
    top: float


class Surface:
    """The loss of a run's experiment at any point; exact and fast where it is quadratic."""

    def __init__(self, training: Training) -> None:
        self.landscape = Landscape(training)
        self.quadratic: Quadratic | None = quadratic_of(training)
        self.ahead = Training(training.experiment, (c for c in training.changes if not c.iteration))
        self.start = position(self.ahead)
        self.ahead.run(AHEAD)
        self._points = _low_enough(self.ahead.whole_losses(), self.ahead.position.updates + 1)
        self._stretches: dict[Component, Stretch] = {}

    def reach(self, training: Training, axis: Component) -> tuple[float, float]:
        """How far a component goes: so far, and in the first steps with the lesson's own settings.

        Looking ahead keeps axes from jumping at every step; a run that diverges is not followed.
        """
        ahead, so_far = axis.trail(self.ahead)[: self._points], axis.trail(training)
        lows, highs = zip(ends(ahead), ends(so_far), strict=True)
        return min(lows), max(highs)

    def stretch(self, training: Training, axis: Component) -> Stretch:
        """Where along a component, seen from the start, the loss has its valleys and hills.

        It is the experiment's own range where the start is drawn from one, else as wide as the loss
        is no higher than at the start or on a hill near it.
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


def _low_enough(losses: Points, count: int) -> int:
    """How many of a run's points come before its loss has risen far."""
    if not len(losses):
        return 1
    low = losses <= losses[0] + RISE * abs(losses[0])
    return count if low.all() else max(int(np.argmin(low)), 1)


def _stretch(places: Points, losses: Points, start: float) -> Stretch:
    """The part of the places that holds all valleys no higher than the start and the hills."""
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
    """All parameters now, in one row."""
    return flatten(training.parameters, training.program.parameters)


def off_axes(training: Training, axes: Sequence[Component]) -> bytes:
    """Where the components that are held fixed are now, to be compared."""
    return np.delete(position(training), [axis.position(training) for axis in axes]).tobytes()


_surfaces: WeakKeyDictionary[Training, tuple[object, Surface]] = WeakKeyDictionary()


def surface_of(training: Training) -> Surface:
    """The surface of a run, made again only when its data or its start change."""
    fixed = id(training.experiment), tuple(c for c in training.changes if not c.iteration)
    known = _surfaces.get(training)
    if known is None or known[0] != fixed:
        known = (fixed, Surface(training))
        _surfaces[training] = known
    return known[1]


def ends(values: Points) -> tuple[float, float]:
    """The least and the largest finite value; a long history is not copied for that."""
    low, high = float(values.min()), float(values.max())
    if np.isfinite(low) and np.isfinite(high):
        return low, high
    finite = values[np.isfinite(values)]
    return float(finite.min()), float(finite.max())
