"""Other runs in the pictures of the present one: what-if runs, and runs kept to compare.

An axis grows for them at each end by at most its own span, so that a diverging run leaves the
picture instead of flattening the present one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from gd_tutor.engine.program import Program
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.spans import Row, Span, pad, width
from gd_tutor.pictures.axes import Axis, Layer, limits, log_limits
from gd_tutor.pictures.components import Component, Points

MOST = 7
"""Only the first seven other runs are drawn."""
ROLES = 3
"""Three styles take turns: other1, other2, other3."""
MARKED = 6
"""The number of points marked on another run's line."""
MOST_VISITED = 60
"""At most 60 single points are drawn: the first 30 and the last 30."""
PICTURE = 8
"""A legend leaves the picture at least so many rows."""
SHORTEST = 6
"""The least cells of a label in a legend, mark included."""
SAID = 3
"""The number of another run's losses named in words, if there are few other runs."""


@dataclass(frozen=True, eq=False)
class OtherRun:
    """A run shown with the present one; its first point comes after `first` updates.

    The parameters have shape (points, *shape), the losses (points,), or one less if the last is not
    computed yet. The arrays must not change afterwards.
    """

    label: str
    first: int
    parameters: Mapping[str, Points]
    losses: Points
    diverged: bool = False

    @classmethod
    def of(cls, label: str, training: Training) -> "OtherRun":
        """A copy of a run so far."""
        trails = {name: training.trail(name).copy() for name in training.program.parameters}
        diverged = training.divergence is not None
        return cls(label, 0, trails, training.whole_losses().copy(), diverged)

    @property
    def grows(self) -> bool:
        """Whether its loss ends above where it began."""
        return self.diverged or (len(self.losses) > 1 and self.losses[-1] > self.losses[0])

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(points.nbytes for points in (self.losses, *self.parameters.values()))

    def fits(self, program: Program) -> bool:
        """Whether its parameters are those of a program."""
        return all(
            name in self.parameters
            and np.shape(self.parameters[name])[1:] == tuple(program.shapes[name])
            for name in program.parameters
        )


class MarkedRun(NamedTuple):
    """Another run with its character and style."""

    mark: str
    role: str
    run: OtherRun

    def places(self, axis: Component) -> Points:
        """A component at each of the run's points, shape (points,)."""
        return axis.of_trail(self.run.parameters[axis.name])

    def iterations(self, values: Points) -> Points:
        """The iterations of the run's losses or parameters."""
        return self.run.first + np.arange(len(values), dtype=float)

    def points(self, axis: Component) -> tuple[Points, Points]:
        """A component and the loss at each point where both are known."""
        places = self.places(axis)
        count = min(len(places), len(self.run.losses))
        return places[:count], self.run.losses[:count]

    def spots(self, xs: Points, ys: Points) -> Layer:
        """Single points, each with the mark."""
        half = MOST_VISITED // 2
        kept = np.arange(len(xs))
        kept = kept[(kept < half) | (kept >= len(xs) - half)]
        return Layer(xs[kept], ys[kept], self.role, self.mark, joined=False)

    def line(self, xs: Points, ys: Points, x: Axis, y: Axis) -> tuple[Layer, Layer]:
        """A line, and the mark on some of its points, the last one within the axes included.

        If the run's loss grows, the line ends at the edge: growing oscillations would fill the
        picture.
        """
        held = (xs >= x.low) & (xs <= x.high) & (ys >= y.low) & (ys <= y.high)
        leaves = np.flatnonzero(held[:-1] & ~held[1:])
        if self.run.grows and len(leaves):
            end = leaves[0] + 2
            xs, ys = (values[:end].copy() for values in (xs, ys))
            xs[-1], ys[-1] = _edge((xs[-2], ys[-2]), (xs[-1], ys[-1]), x, y)
            held = np.append(held[: end - 1], True)
        inside = np.flatnonzero(held)
        chosen = np.linspace(len(inside) - 1, 0, min(MARKED, len(inside)), endpoint=False)
        # Runs on the same path get their marks, except the last, at different points.
        chosen[1:] += len(inside) / MARKED * int(self.mark) / (MOST + 1)
        kept = inside[chosen.astype(int)]
        marks = Layer(xs[kept], ys[kept], self.role, self.mark, joined=False)
        return Layer(xs, ys, self.role), marks


def _edge(
    inside: tuple[float, float], outside: tuple[float, float], x: Axis, y: Axis
) -> tuple[float, float]:
    """Where the line from one point to another crosses the edge of the picture."""
    start, end, low, high = (
        np.array([across, np.log10(up) if y.log else up])
        for across, up in (inside, outside, (x.low, y.low), (x.high, y.high))
    )
    with np.errstate(all="ignore"):
        shares = (np.where(end > start, high, low) - start) / (end - start)
    across, up = start + np.nanmin(shares, initial=1.0) * (end - start)
    return float(across), float(10**up if y.log else up)


def marked(others: Sequence[OtherRun], program: Program) -> list[MarkedRun]:
    """The runs that can be drawn with those of a program, numbered from 1 in their order."""
    return [
        MarkedRun(str(number + 1), f"other{number % ROLES + 1}", run)
        for number, run in enumerate(others[:MOST])
        if run.fits(program)
    ]


def widened(axis: Axis, values: Iterable[Points]) -> Axis:
    """The axis with room for values of other runs, within the limit of its growth."""
    held = np.concatenate([np.zeros(0), *values])
    held = held[np.isfinite(held) & ((held > 0) | (not axis.log))]
    if not len(held):
        return axis
    ends = np.array([axis.low, axis.high, held.min(), held.max()])
    low, high, least, most = np.log10(ends) if axis.log else ends
    span = high - low
    if low <= least and most <= high:
        return axis
    low, high = min(low, max(least, low - span)), max(high, min(most, high + span))
    wider = log_limits(10.0**low, 10.0**high) if axis.log else limits(low, high)
    return replace(axis, low=wider[0], high=wider[1])


def legend(runs: Sequence[MarkedRun], cells: int, height: int) -> list[Row]:
    """The runs' marks and labels, cut to fit in columns; empty if there is no room."""
    most = min(height - PICTURE, len(runs))
    for rows in range(1, most + 1):
        columns = -(-len(runs) // rows)
        room = cells // columns
        whole = all(width(one.run.label) + 4 <= room for one in runs)
        if whole or (rows == most and room >= SHORTEST):
            items = [_item(one, room) for one in runs]
            lines = [items[start : start + columns] for start in range(0, len(items), columns)]
            return [pad((span for item in line for span in item), cells) for line in lines]
    return []


def _item(one: MarkedRun, room: int) -> Row:
    """` 1 label ` in `room` cells."""
    label, left = one.run.label, room - 4
    if width(label) > left:
        label = "".join(text for _, text in pad([("", label)], left - 1)).rstrip() + "…"
    item: list[Span] = [(one.role, f" {one.mark} "), ("muted", label)]
    return pad(item, room)


def in_words(runs: Sequence[MarkedRun], notation: Notation, axes: Sequence[Component]) -> str:
    """The other runs' losses and last parameters, as the end of a sentence."""
    return "".join(f"; {_run_in_words(one, notation, axes, len(runs) <= 2)}" for one in runs)


def _run_in_words(one: MarkedRun, notation: Notation, axes: Sequence[Component], full: bool) -> str:
    losses = one.run.losses
    text = f"with '{one.run.label}' the loss "
    if len(losses) < 2:
        return text + (f"is {notation.number(losses[0])}" if len(losses) else "is not known yet")
    first, last, updates = float(losses[0]), float(losses[-1]), len(losses) - 1
    text += "grows" if one.run.grows else "falls" if last < first else "stays"
    if full:
        text += f": {', '.join(notation.number(loss) for loss in losses[1 : SAID + 1])}"
    if updates > SAID or not full:
        text += f"{', ...' if full else ''} to {notation.number(last)} in {updates} updates"
    if one.run.diverged:
        text += ", then beyond all numbers"
    return text + _place_in_words(one, notation, axes)


def _place_in_words(one: MarkedRun, notation: Notation, axes: Sequence[Component]) -> str:
    if not axes:
        return ""
    ends = [notation.number(float(one.places(axis)[-1])) for axis in axes]
    names = [axis.label(notation) for axis in axes]
    if len(axes) == 1:
        return f", {names[0]} comes to {ends[0]}"
    return f", ({', '.join(names)}) comes to ({', '.join(ends)})"
