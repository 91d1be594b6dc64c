"""The loss over the iterations, on a linear or a logarithmic axis."""

import numpy as np

from gd_tutor.notation.spans import Row
from gd_tutor.plots import Axis, Figure, Layer, limits, log_limits
from gd_tutor.training import Training
from gd_tutor.views.base import View, message

SHORTEST = 10
"""The iteration axis begins with room for so many, so that the first steps do not rescale it."""
FEW = 25
"""So many points are still drawn one by one."""


class LossView(View):
    kind = "loss"
    log = False

    def title(self, training: Training) -> str:
        scale = ", log" if self.log else ""
        return f"{self.notation.name('loss')} over iterations{scale}"

    def rows(self, training: Training, width: int, height: int) -> list[Row]:
        run = training.experiment, training.changes, training.position.forwards
        key = (*run, self.log, width, height)
        return self.remembered(key, lambda: self._draw(training, width, height))

    def _draw(self, training: Training, width: int, height: int) -> list[Row]:
        losses = training.losses
        if not len(losses):
            return message("The loss curve begins with f.", width, height)
        iterations = np.arange(len(losses), dtype=float)
        layers = [Layer(iterations, losses.copy(), "curve")]
        if len(losses) <= FEW:
            layers.append(Layer(iterations, losses.copy(), "path", "o", joined=False))
        layers.append(Layer(iterations[-1:], losses[-1:].copy(), "current", "@", joined=False))
        figure = Figure(tuple(layers), iteration_axis(len(losses)), self._axis(losses))
        return self.canvas.draw(figure, width, height)

    def _axis(self, losses: np.ndarray) -> Axis:
        finite = losses[np.isfinite(losses)]
        if not len(finite):
            return Axis(0, 1)
        if self.log:
            positive = finite[finite > 0]
            low, high = (positive.min(), positive.max()) if len(positive) else (1.0, 10.0)
            return Axis(*log_limits(float(low), float(high)), log=True)
        return Axis(*limits(min(0.0, float(finite.min())), float(finite.max())))

    def twin(self, training: Training) -> str:
        losses = training.losses
        name = self.notation.name("loss")
        if not len(losses):
            return f"{name}: not computed yet"
        first, last = (self.notation.value(value) for value in (losses[0], losses[-1]))
        if len(losses) == 1:
            return f"{name} is {first} at the start"
        verb = "fell" if losses[-1] < losses[0] else "rose" if losses[-1] > losses[0] else "stayed"
        steps = f"{len(losses) - 1} update" + ("s" if len(losses) > 2 else "")
        text = f"{name} {verb} from {first} to {last} in {steps}"
        if self.log and (losses <= 0).any():
            text += "; values of 0 have no place on a log axis"
        return text


def iteration_axis(count: int) -> Axis:
    """From 0 to a round number of iterations that rarely changes."""
    return Axis(0, limits(0, max(count - 1, SHORTEST))[1])
