"""One sentence of what just happened, for every position of a run."""

import numpy as np

from gd_tutor.notation.formulas import Notation
from gd_tutor.program import LEARNING_RATE, LOSS, gradient_of
from gd_tutor.program.compile import Value
from gd_tutor.training import Phase, Training
from gd_tutor.training.minimum import quadratic_of
from gd_tutor.worked.lines import moved


def happened(training: Training, notation: Notation) -> str:
    """What the last phase did, and what that means."""
    if training.divergence is not None:
        return diverged(training, notation)
    match training.phase:
        case Phase.START:
            return "Nothing is computed yet: press f, and forward finds the loss."
        case Phase.FORWARD:
            return _forward(training, notation)
        case Phase.BACKWARD:
            return _backward(training, notation)
        case Phase.UPDATE:
            return _update(training, notation)


def _forward(training: Training, notation: Notation) -> str:
    loss = notation.value(training.values[LOSS])
    if training.iteration == 0:
        return f"Forward put the numbers in: the loss is {loss}. It changed no parameter."
    before, now = training.losses[-2:]
    if now == before:
        return f"Forward put the new parameters in: the loss is still {loss}."
    verb = "fell" if now < before else "rose"
    return f"Forward: the loss {verb} from {notation.value(before)} to {loss}."


def _backward(training: Training, notation: Notation) -> str:
    slopes = {name: training.values[gradient_of(name)] for name in training.program.parameters}
    if all((np.asarray(slope) == 0).all() for slope in slopes.values()):
        return "Backward changed no parameter: every slope is 0, so here is nothing to gain."
    scalars = {name: slope for name, slope in slopes.items() if np.ndim(slope) == 0}
    if len(slopes) == len(scalars) == 1:
        [(name, slope)] = scalars.items()
        way = "more" if slope > 0 else "less"
        return (
            f"Backward changed no parameter: it found which way is up, {way} {notation.name(name)}."
        )
    return "Backward changed no parameter: it found which way is up."


def _update(training: Training, notation: Notation) -> str:
    steps = moved(training)
    if len(steps) == 1 and np.ndim(steps[0][1]) == 0:
        step = _step(*steps[0], notation)
        return f"Update moved {step}, against its slope; the slope is used up."
    return "Update moved all parameters at once, against their slopes; the slopes are used up."


def _step(name: str, before: Value, after: Value, notation: Notation) -> str:
    return f"{notation.name(name)} from {notation.value(before)} to {notation.value(after)}"


def diverged(training: Training, notation: Notation) -> str:
    """Which step left the numbers, and why."""
    divergence = training.divergence
    assert divergence is not None
    name = notation.name(divergence.name)
    text = f"Diverged: at iteration {training.iteration} {name} is no longer a number."
    quadratic = quadratic_of(training)
    rate = training.setting(LEARNING_RATE, training.iteration)
    assert isinstance(rate, float)
    if quadratic is not None and rate > quadratic.largest_learning_rate:
        limit = notation.value(quadratic.largest_learning_rate)
        eta = f"{notation.name(LEARNING_RATE)} {notation.equals} {notation.value(rate)}"
        return (
            f"{text} {eta} is beyond 2/curvature {notation.equals} {limit}. Go back with a comma."
        )
    return f"{text} A smaller learning rate takes smaller steps. Go back with a comma."
