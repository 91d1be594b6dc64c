"""One sentence of what just happened, for every position of a run."""

from collections.abc import Iterable

import numpy as np

from gd_tutor.notation.formulas import Notation
from gd_tutor.program import LEARNING_RATE, LOSS, gradient_of
from gd_tutor.program.breakdown import breakdown_of
from gd_tutor.program.compile import Value
from gd_tutor.program.rewriting import leading_to
from gd_tutor.training import Phase, Training
from gd_tutor.training.minimum import quadratic_of
from gd_tutor.worked.lines import moved


def happened(training: Training, notation: Notation) -> str:
    """What the last phase did, and what that means."""
    if training.divergence is not None:
        return diverged(training, notation)
    if training.is_full:
        return training.fullness
    match training.done:
        case Phase.START:
            return "Nothing is computed yet: press `f`, and forward finds the loss."
        case Phase.FORWARD:
            return _forward(training, notation)
        case Phase.BACKWARD:
            return _backward(training, notation)
        case Phase.UPDATE:
            return _update(training, notation)


def _forward(training: Training, notation: Notation) -> str:
    loss = notation.value(training.shown[LOSS])
    if training.batch(training.iteration) is not None:
        return f"Forward put this batch in: its loss is {loss}. The next batch has its own."
    if training.iteration == 0:
        return f"Forward put the numbers in: the loss is {loss}. It changed no parameter."
    before, now = training.losses[-2:]
    if notation.value(before) == loss:
        if now != before:
            return f"Forward: the loss hardly changed; it is still {loss}."
        return f"Forward put the new parameters in: the loss is still {loss}."
    verb = "fell" if now < before else "rose"
    return f"Forward: the loss {verb} from {notation.value(before)} to {loss}."


def _backward(training: Training, notation: Notation) -> str:
    found = training.program.slopes
    slopes = {name: training.values[found[name]] for name in training.program.parameters}
    if training.experiment.choice("bug") == "not-cleared":
        return "Backward changed no parameter: it added the new slopes to all the old ones."
    if _all_zero(slopes.values()):
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
    slopes = (training.values[gradient_of(name)] for name, _, _ in steps)
    still = _all_zero(slopes) and _all_zero(after - before for _, before, after in steps)
    bug = training.experiment.choice("bug")
    if still and bug != "update-first":
        return "Update moved nothing: every slope is 0."
    single = len(steps) == 1 and np.ndim(steps[0][1]) == 0
    step = _step(*steps[0], notation) if single else "all parameters at once"
    step = "nothing" if still else step
    if bug in _BUGGY_UPDATES:
        return _BUGGY_UPDATES[bug].format(step)
    if training.experiment.choice("optimizer") != "gradient-descent":
        return f"Update moved {step}, by the optimizer's rule; the slopes are used up."
    if single:
        return f"Update moved {step}, against its slope; the slope is used up."
    return f"Update moved {step}, against their slopes; the slopes are used up."


_BUGGY_UPDATES = {
    "not-cleared": "Update moved {0}, against the slopes, and did not clear them.",
    "one-after-another": "Update moved the parameters one after another, not at once.",
    "moved-in-backward": "Update moved the parameters one after another, not at once.",
    "update-first": "Update moved {0}, by slopes from the iteration before; next is backward.",
    "wrong-sign": "Update moved {0}, up along the slopes: its sign is wrong.",
}


def _all_zero(values: Iterable[Value]) -> bool:
    return not any(np.any(value) for value in values)


def _step(name: str, before: Value, after: Value, notation: Notation) -> str:
    old, new = notation.value(before), notation.value(after)
    if old == new:
        return f"{notation.name(name)} by too little to be seen"
    return f"{notation.name(name)} from {old} to {new}"


def diverged(training: Training, notation: Notation) -> str:
    """Which step left the numbers, and why."""
    divergence = training.divergence
    assert divergence is not None
    said = _undefined(training, notation)
    if said:
        return f"{said} Go back with `,`, or begin elsewhere: `s`."
    name = notation.name(divergence.name)
    text = f"Diverged: at iteration {training.iteration} {name} is no longer a number."
    if not training.position.updates:
        return f"{text} No step was taken yet: begin elsewhere with `s`."
    if not training.experiment.is_plain:
        return f"{text} Go back with `,`."
    quadratic = quadratic_of(training)
    rate = training.setting(LEARNING_RATE, training.iteration)
    assert isinstance(rate, float)
    if quadratic is not None and rate > quadratic.largest_learning_rate:
        limit = notation.value(quadratic.largest_learning_rate)
        eta = f"{notation.name(LEARNING_RATE)} {notation.equals} {notation.value(rate)}"
        return f"{text} {eta} is beyond 2/curvature {notation.equals} {limit}. Go back with `,`."
    return f"{text} A smaller learning rate takes smaller steps. Go back with `,`."


def _undefined(training: Training, notation: Notation) -> str:
    """The line that takes a function where it has no value, if that is what went wrong."""
    values = training.values
    assert training.divergence is not None
    lines = training.program.lines_of(training.done)
    for line in leading_to(lines, [training.divergence.name]):
        if np.isfinite(values[line.name]).all():
            continue
        found = breakdown_of(line.expression, values)
        if found is None or not found.is_undefined:
            return ""
        numbers = [notation.number(number) for number in found.arguments]
        what = _UNDEFINED[found.operation].format(*numbers)
        where = f"At iteration {training.iteration} {notation.name(line.name)} is not a number"
        return f"{where}: {notation.formula(line.expression)} {what}."
    return ""


_UNDEFINED = {
    "log": "takes log of {0}, and log is only of numbers above 0",
    "sqrt": "takes sqrt of {0}, and no number below 0 has one",
    "divide": "divides {0} by 0",
    "power": "raises {0} to the power {1}, which is no number",
}
"""What a line does with a number that the operation has no value for."""
