"""The learning-rate finder, and following a run to its end."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from math import floor, inf, isfinite, log, log10, sqrt

from gd_tutor.engine.minimum import quadratic_of
from gd_tutor.engine.program import LEARNING_RATE, Program
from gd_tutor.engine.state import BEGINNING, loss_of
from gd_tutor.engine.training import Training

MANY = 100_000_000
"""One run computes at most so many numbers: large programs get fewer updates."""
FEWEST = 10
SLICE = 5_000_000
"""Numbers computed between two checks of the keyboard: some hundredths of a second."""


def affordable(run: Training, updates: int) -> int:
    """This many updates, or a smaller round number if a step is slow or a run is large."""
    most = MANY // run.program.size
    round_numbers = [n for n in (500, 200, 100, 50, 20) if n <= min(most, updates)]
    count = updates if most >= updates else max([*round_numbers, FEWEST])
    return min(count, run.last.iteration)


def stride(program: Program) -> int:
    """The number of updates between two checks of the keyboard."""
    return max(SLICE // program.size, 1)


def afresh(training: Training) -> Training:
    """A run of the same experiment, with its choices and changes, from its start."""
    changes = [change for change in training.changes if change.name != LEARNING_RATE]
    run = Training(training.experiment, changes)
    run.change(LEARNING_RATE, training.learning_rate)
    return run


def follow(run: Training, updates: int) -> Iterator[None]:
    """Take a run to its loss after so many updates, or until it diverges; yields in between."""
    some = stride(run.program)
    for done in (*range(some, updates, some), updates):
        run.go_to(loss_of(done))
        if run.position != loss_of(done):
            return
        yield


UPDATES = 100
"""Updates made with each rate, unless they are slow."""
PATIENCE = 10
"""Rates near the edge get ten times as many updates: growth is slow there."""
CLOSE = 1.01
"""The edge is found when the rates on both sides of it are within 1 %."""
DECADES = 6
"""The edge is searched within so many decades of the present rate."""
BELOW, ABOVE = 3, 1
"""Decades tried below the edge and above it."""
NEAR = (0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.02, 1.05, 1.1, 1.3, 1.6)
"""Rates tried near the edge, relative to it."""
HARDLY = 0.01
"""A loss that ends within 1 % of its start has hardly moved."""
_DUST = 1e-9
"""A smaller relative change of the loss is rounding."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A learning rate and the full-batch loss after the updates; infinite if it is not finite.

    It `diverged` if a number was not finite on the way or the loss ended well above its start; it
    `stayed` if the loss ended about where it began.
    """

    rate: float
    loss: float
    diverged: bool
    stayed: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """The largest rate that does not diverge, and the smallest that does."""

    converges: float
    diverges: float

    @property
    def rate(self) -> float:
        return sqrt(self.converges * self.diverges)

    @property
    def is_found(self) -> bool:
        return self.diverges <= self.converges * CLOSE


@dataclass(frozen=True)
class Rates:
    """What is known so far of the learning rates for a run; `tried` is in ascending order.

    `start` is the full-batch loss before the first update. `limit` is 2/λmax if the loss is
    quadratic and the run is plain gradient descent, else None. `planned`, the rates to try, is
    empty until the edge is found.
    """

    present: float
    updates: int
    start: float
    limit: float | None = None
    edge: Edge | None = None
    planned: tuple[float, ...] = ()
    tried: tuple[Tried, ...] = ()

    @property
    def best(self) -> Tried | None:
        """The rate that leads to the smallest loss."""
        converged = (one for one in self.tried if not one.diverged)
        return min(converged, key=lambda one: one.loss, default=None)

    def is_raised_by(self, one: Tried) -> bool:
        """Whether a rate makes the loss larger, by more than rounding."""
        return not one.loss <= self.start + _DUST * abs(self.start)

    @property
    def lowers(self) -> bool:
        """Whether some rate makes the loss smaller."""
        return self.best is not None and self.best.loss < self.start - _DUST * abs(self.start)

    @property
    def mixed(self) -> tuple[float, float] | None:
        """The smallest rate that diverges and the largest that does not, if in this order.

        None if an edge separates the two kinds.
        """
        diverge = [one.rate for one in self.tried if one.diverged]
        converge = [one.rate for one in self.tried if not one.diverged]
        if self.edge is not None:
            diverge.append(self.edge.diverges)
            converge.append(self.edge.converges)
        low, high = min(diverge, default=inf), max(converge, default=0.0)
        return (low, high) if low < high else None

    def nearest(self, rate: float) -> int:
        """The index of the tried rate nearest to this one."""
        places = range(len(self.tried))
        return min(places, key=lambda place: abs(log(self.tried[place].rate / rate)), default=0)


Search = Generator[Rates, None, Edge | None]


def find_rates(training: Training, updates: int | None = None) -> Iterator[Rates]:
    """Try learning rates for a run's experiment from its start, with its choices and changes.

    Yields what is known so far, often enough to be interrupted; the last result is complete.
    """
    run = afresh(training)
    count = affordable(run, UPDATES) if updates is None else updates
    run.go_to(loss_of(1))
    losses = run.whole_losses()
    known = Rates(training.learning_rate, count, float(losses[0]), _limit(training))
    yield known
    edge = (yield from _edge(run, known)) if isfinite(known.start) else None
    known = replace(known, edge=edge, planned=_planned(known.present, edge))
    for rate in known.planned:
        yield from _follow(run, rate, count, known)
        known = replace(known, tried=(*known.tried, _outcome(run, known.start, count)))
    yield known


def rates_of(training: Training, updates: int | None = None) -> Rates:
    """The complete result of `find_rates`."""
    *_, known = find_rates(training, updates)
    return known


def _limit(training: Training) -> float | None:
    quadratic = quadratic_of(training) if training.experiment.is_plain else None
    return None if quadratic is None else quadratic.largest_learning_rate


def _follow(run: Training, rate: float, updates: int, known: Rates) -> Iterator[Rates]:
    """Follow the run with another rate."""
    run.go_to(BEGINNING)
    run.change(LEARNING_RATE, rate)
    for _ in follow(run, updates):
        yield known


def _outcome(run: Training, start: float, updates: int) -> Tried:
    arrived = run.position == loss_of(updates)
    loss = float(run.whole_losses()[-1]) if arrived else inf
    about = abs(start) * HARDLY
    diverged = not loss <= start + about  # also where it is not a number
    return Tried(run.learning_rate, loss, diverged, abs(loss - start) <= about)


def _edge(run: Training, known: Rates) -> Search:
    """Narrow down the edge; None if all rates behave alike.

    A rate that hardly raises the loss may be on either side, and is skipped.
    """
    one = yield from _patiently(run, known.present, known)
    up = not one.diverged
    below: float | None = None
    converges: float | None = None
    rates = iter(_away(known.present, up))
    while True:
        if one.diverged:
            below = one.rate
        elif not known.is_raised_by(one):
            converges = one.rate
        rate = next(rates, None)
        if rate is None or (below if up else converges) is not None:
            break
        one = yield from _patiently(run, rate, known)
    if below is None or converges is None:
        return None
    edge = Edge(converges, below)
    while not edge.is_found:
        middle = _short(edge.rate)
        one = yield from _patiently(run, middle, known)
        edge = Edge(edge.converges, middle) if one.diverged else Edge(middle, edge.diverges)
    return edge


def _patiently(run: Training, rate: float, known: Rates) -> Generator[Rates, None, Tried]:
    """The outcome of a rate after ten times as many updates."""
    patient = min(known.updates * PATIENCE, run.last.iteration)
    yield from _follow(run, rate, patient, known)
    return _outcome(run, known.start, patient)


def _away(rate: float, up: bool) -> list[float]:
    """The series 1, 2, 5, … from a rate up or down, over some decades."""
    if up:
        return [step for step in series(rate, rate * 10**DECADES) if step > rate]
    return [step for step in series(rate / 10**DECADES, rate) if step < rate][::-1]


def _planned(present: float, edge: Edge | None) -> tuple[float, ...]:
    """The rates to try: 1, 2 and 5 in each decade, closer together near the edge."""
    centre = present if edge is None else edge.rate
    above = BELOW if edge is None else ABOVE
    low, high = min(centre / 10**BELOW, present), max(centre * 10**above, present)
    near = [] if edge is None else [_short(edge.rate * part) for part in NEAR]
    return tuple(sorted({*series(low, high), *near, present}))


def series(low: float, high: float) -> list[float]:
    """The numbers 1, 2, 5, 10, 20, … within a range."""
    powers = range(floor(log10(low)), floor(log10(high)) + 1)
    numbers = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]
    return [number for number in numbers if low * (1 - _DUST) <= number <= high * (1 + _DUST)]


def _short(rate: float) -> float:
    """A rate rounded to few digits, and precise enough for the edge."""
    return float(f"{rate:.4g}")
