"""The loss over the iterations, on a linear or a logarithmic axis."""

from collections.abc import Hashable

import numpy as np

from gd_tutor.engine.training import Training
from gd_tutor.notation.spans import Row
from gd_tutor.pictures.axes import Axis, Figure, Layer, limits, log_limits
from gd_tutor.pictures.components import Points
from gd_tutor.pictures.other_runs import MarkedRun, widened
from gd_tutor.pictures.view import RunView, message

SHORTEST = 10
"""The iteration axis has at least ten iterations, so that the first steps do not rescale it."""
MOST = 4_096
"""Longer runs are downsampled to min/max."""
FEW = 25
"""Up to 25 losses are drawn as points."""


class LossView(RunView):
    kind = "loss"
    log = False

    def title(self, training: Training) -> str:
        scale = ", log" if self.log else ""
        return f"{self.notation.name('loss')} over iterations{scale}"

    def key(self, training: Training) -> Hashable:
        return training.experiment, training.changes, training.position.forwards, self.log

    def draw(self, training: Training, width: int, height: int) -> list[Row]:
        losses = training.losses
        if not len(losses):
            return message("The loss curve begins with `f`.", width, height)
        line, dots = outline(training.whole_losses()), _dots(losses)
        runs = self.beside(training)
        ends = [(run, run.iterations(run.run.losses), run.run.losses) for run in runs]
        x_axis = widened(iteration_axis(len(losses)), [at for _, at, _ in ends])
        y_axis = self._axis(np.concatenate([line[1], dots[1]]))
        y_axis = widened(y_axis, [there[at <= x_axis.high] for _, at, there in ends])
        beside = self.lines(map(_way, runs), x_axis, y_axis)
        layers = [*beside, Layer(*line, "curve")]
        if len(losses) <= FEW:
            layers.append(Layer(*dots, "path", "o", joined=False))
        elif training.batch(0) is not None:
            layers.insert(len(beside), Layer(*dots, "path", joined=False))
        layers.append(Layer(dots[0][-1:], dots[1][-1:], "current", "@", joined=False))
        return self.canvas.draw(Figure(tuple(layers), x_axis, y_axis), width, height)

    def _axis(self, losses: Points) -> Axis:
        finite = losses[np.isfinite(losses)]
        if not len(finite):
            return Axis(0, 1)
        if self.log:
            positive = finite[finite > 0]
            low, high = (positive.min(), positive.max()) if len(positive) else (1.0, 10.0)
            return Axis(*log_limits(float(low), float(high)), log=True)
        return Axis(*limits(min(0.0, float(finite.min())), float(finite.max())))

    def text_alternative(self, training: Training) -> str:
        losses = training.whole_losses()
        name = self.notation.name("loss")
        if not len(losses):
            return f"{name}: not computed yet"
        if training.batch(0) is not None:
            name = f"{name} over all samples"
        first, last = (
            self.notation.shown(training.shown_loss(at, losses[at])) for at in (0, len(losses) - 1)
        )
        others = self.others_in_words(training)
        if len(losses) == 1:
            return f"{name} is {first} at the start{others}"
        verb = "fell" if losses[-1] < losses[0] else "rose" if losses[-1] > losses[0] else "stayed"
        steps = f"{len(losses) - 1} update" + ("s" if len(losses) > 2 else "")
        text = f"{name} {verb} from {first} to {last} in {steps}"
        if self.log and (losses <= 0).any():
            text += "; values of 0 have no place on a log axis"
        if training.batch(0) is not None:
            text += f"; over the last batch it was {self.notation.number(training.losses[-1])}"
        return text + others


def _way(one: MarkedRun) -> tuple[MarkedRun, Points, Points]:
    """The line of another run's losses."""
    iterations, values = outline(one.run.losses)
    return one, one.run.first + iterations, values


def _dots(losses: Points) -> tuple[Points, Points]:
    """Iterations and losses to draw as points: all, or in a long run some and the last."""
    picked = np.arange(0, len(losses), -(-len(losses) // MOST))
    picked = np.append(picked[:-1], len(losses) - 1)
    return picked.astype(float), losses[picked]


def iteration_axis(count: int) -> Axis:
    """From 0 to a round number of iterations that rarely changes."""
    return Axis(0, limits(0, max(count - 1, SHORTEST))[1])


def outline(values: Points) -> tuple[Points, Points]:
    """Iterations and values to draw: all, or in a long run min and max of equal intervals.

    The last point is always the last value.
    """
    if len(values) <= MOST:
        return np.arange(len(values), dtype=float), values.copy()
    stretch = 2 * len(values) // MOST
    whole = (len(values) - 1) // stretch * stretch
    stretches = values[:whole].reshape(-1, stretch)
    begins = np.arange(0, whole, stretch, dtype=float)
    iterations = np.stack([begins, begins + stretch / 2], axis=1).ravel()
    extremes = np.stack([stretches.max(axis=1), stretches.min(axis=1)], axis=1).ravel()
    rest = np.arange(whole, len(values), dtype=float)
    return np.concatenate([iterations, rest]), np.concatenate([extremes, values[whole:]])
