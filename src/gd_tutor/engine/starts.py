"""Many starts: where runs from other start parameters end, and which end at the same place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.compile import Value
from gd_tutor.engine.experiment import tensor_of
from gd_tutor.engine.learning_rates import affordable, afresh, follow
from gd_tutor.engine.minimum import Landscape, flatten, quadratic_of, unflatten
from gd_tutor.engine.state import loss_of
from gd_tutor.engine.training import Training

COUNT = 12
"""The number of starts tried; the first is the run's own."""
DRAWS = 4
"""Four times as many starts are drawn, because some may repeat."""
DUST = 1e-12
"""A loss below this fraction of the largest loss at a start is rounding."""
UPDATES = 1_000
"""Updates from each start, unless they are slow."""
SAME = 0.01
"""Ends within 1 % of the range of the starts count as the same."""
AHEAD = 30
"""Updates made to see how far the parameters move."""
MOST_NAMED = 4
"""More ends than this are only counted, not named."""
LEAST, MOST = 2.0, 20.0
"""Bounds of the distance from the run's start at which others are drawn."""

Point = NDArray[np.float64]
"""All parameters in one array, shape (n,)."""


@dataclass(frozen=True, eq=False)
class Start:
    """Where a run began and ended, with the full-batch loss at the end.

    If the run diverged, the loss is infinite and `end` is its last point.
    """

    begin: Point
    end: Point
    loss: float

    @property
    def diverged(self) -> bool:
        return not isfinite(self.loss)


@dataclass(frozen=True, eq=False)
class Starts:
    """The starts tried so far, out of `planned`.

    `reach` (n,) is the range of the starts in each parameter component. If the loss is quadratic,
    the columns of `flat` (n, m) are the directions of constant loss: all starts then lead to the
    same minimum.
    """

    updates: int
    planned: tuple[Point, ...]
    reach: Point
    flat: Point | None = None
    tried: tuple[Start, ...] = ()

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The indices of starts that end together, the smallest loss first, diverged ones last."""
        groups: list[list[int]] = []
        for place, start in enumerate(self.tried):
            same = (group for group in groups if self._together(self.tried[group[0]], start))
            group = next(same, None)
            if group is None:
                groups.append([place])
            else:
                group.append(place)
        groups.sort(key=lambda group: self.tried[group[0]].loss)
        return tuple(map(tuple, groups))

    def group_of(self, place: int) -> int:
        """The index of a start's group."""
        return next(number for number, group in enumerate(self.groups) if place in group)

    def _together(self, one: Start, other: Start) -> bool:
        if one.diverged or other.diverged:
            return one.diverged and other.diverged
        apart = one.end - other.end
        if self.flat is not None:
            apart = apart - self.flat @ (self.flat.T @ apart)
        return bool((np.abs(apart) <= SAME * self.reach).all())


def find_starts(
    training: Training, count: int = COUNT, updates: int | None = None
) -> Iterator[Starts]:
    """Follow runs of the same experiment, with its choices and changes, from other starts.

    Starts are drawn with the experiment's seed: from its own ranges for random parameters, else
    from around the run's start. Yields the result so far; the last one is complete.
    """
    run = afresh(training)
    each = affordable(run, UPDATES) if updates is None else updates
    low, high = _ranges(run)
    rng = np.random.default_rng(run.experiment.seed)
    drawn = (_drawn(run, rng.uniform(low, high)) for _ in range(DRAWS * count))
    planned = _different(run, _start(run), drawn)[:count]
    landscape = Landscape(run)
    scale = max(filter(isfinite, (abs(landscape.loss(point)) for point in planned)), default=0.0)
    bowl = quadratic_of(run)
    known = Starts(each, planned, high - low, bowl.flat if bowl is not None else None)
    yield known
    for point in planned:
        begin_at(run, point)
        for _ in follow(run, each):
            yield known
        known = replace(known, tried=(*known.tried, _outcome(run, point, each, DUST * scale)))
    yield known


def starts_of(training: Training, count: int = COUNT, updates: int | None = None) -> Starts:
    """The complete result of `find_starts`."""
    *_, known = find_starts(training, count, updates)
    return known


def begin_at(run: Training, point: Point) -> None:
    """Reset a run to other start parameters."""
    for name, value in parameters_at(run, point).items():
        run.change(name, tensor_of(value.tolist()))


def parameters_at(run: Training, point: Point) -> dict[str, Value]:
    """The parameters of a point, by name."""
    return unflatten(point, run.program.parameters, run.program.shapes)


def _outcome(run: Training, begin: Point, updates: int, dust: float) -> Start:
    """Where a run ended; a loss below `dust` is 0."""
    end = flatten(run.parameters, run.program.parameters)
    loss = float(run.whole_losses()[-1]) if run.position == loss_of(updates) else inf
    return Start(begin, end, inf if not isfinite(loss) else 0.0 if abs(loss) < dust else loss)


def _start(run: Training) -> Point:
    return flatten(run.history.parameters(0, run.program.parameters), run.program.parameters)


def _different(run: Training, own: Point, drawn: Iterable[Point]) -> tuple[Point, ...]:
    """The run's own start and those drawn, without repeats."""
    seen, found = {_drawn(run, own).tobytes()}, [own]
    for point in drawn:
        if point.tobytes() not in seen:
            seen.add(point.tobytes())
            found.append(point)
    return tuple(found)


def _drawn(run: Training, point: Point) -> Point:
    """A drawn start, rounded to few digits, and to integers if it must be."""
    values = parameters_at(run, np.array([float(f"{number:.3g}") for number in point]))
    for name, random in run.experiment.random.items():
        values[name] = np.floor(values[name]) if random.whole else values[name]
    return flatten(values, run.program.parameters)


def _ranges(run: Training) -> tuple[Point, Point]:
    """The lowest and the highest start of every parameter component."""
    ahead = afresh(run)
    ahead.run(AHEAD)
    ranges = [_range(ahead, name) for name in run.program.parameters]
    lows, highs = zip(*ranges, strict=True)
    return np.concatenate(lows), np.concatenate(highs)


def _range(ahead: Training, name: str) -> tuple[Point, Point]:
    """The experiment's own range, or as far from the start as the first updates go."""
    trail = ahead.trail(name).reshape(ahead.position.updates + 1, -1)
    random = ahead.experiment.random.get(name)
    if random is not None:
        sides = np.full(trail.shape[1], 1.0)
        return sides * random.low, sides * random.high
    begin, size = trail[0], np.maximum(np.abs(trail[0]), 1)
    moved = np.nan_to_num(np.abs(trail - begin)).max(axis=0)
    far = np.clip(1.2 * moved, LEAST * size, MOST * size)
    return begin - far, begin + far
