"""Sentences about runs: what a phase has done, where rates and starts lead."""

from collections.abc import Iterable, Sequence
from math import isfinite

import numpy as np

from gd_tutor.engine.compile import Value, breakdown_of
from gd_tutor.engine.expression import gradient_of, leading_to
from gd_tutor.engine.learning_rates import Rates, Tried
from gd_tutor.engine.minimum import quadratic_of
from gd_tutor.engine.noise import Shown
from gd_tutor.engine.program import LEARNING_RATE, LOSS
from gd_tutor.engine.starts import MOST_NAMED, Point, Start, Starts, parameters_at
from gd_tutor.engine.state import Phase
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.worked import moved


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
    loss = notation.shown(training.shown_now(LOSS))
    if training.batch(training.iteration) is not None:
        return f"Forward put this batch in: its loss is {loss}. The next batch has its own."
    if training.iteration == 0:
        return f"Forward put the numbers in: the loss is {loss}. It changed no parameter."
    before, now = training.losses[-2:]
    last = notation.shown(training.shown_loss(training.iteration - 1, before))
    if last == loss:
        if now != before:
            return f"Forward: the loss hardly changed; it is still {loss}."
        return f"Forward put the new parameters in: the loss is still {loss}."
    verb = "fell" if now < before else "rose"
    return f"Forward: the loss {verb} from {last} to {loss}."


def _backward(training: Training, notation: Notation) -> str:
    found = training.program.slopes
    slopes = {name: training.shown[found[name]] for name in training.program.parameters}
    bug = training.experiment.bug
    if bug.after_backward:
        return bug.after_backward
    if _all_zero(slopes.values()):
        exact = _all_zero(training.values[found[name]] for name in slopes)
        zero = notation.shown(Shown(np.float64(0), is_noise=not exact))
        return f"Backward changed no parameter: every slope is {zero}, so here is nothing to gain."
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
    bug = training.experiment.bug
    if still and not bug.moves_late:
        return "Update moved nothing: every slope is 0."
    single = len(steps) == 1 and np.ndim(steps[0][1]) == 0
    step = _step(*steps[0], notation) if single else "all parameters at once"
    step = "nothing" if still else step
    if bug.after_update:
        return bug.after_update.format(step)
    if training.experiment.choice("optimizer") != "gradient-descent":
        return f"Update moved {step}, by the optimizer's rule; the slopes are used up."
    if single:
        return f"Update moved {step}, against its slope; the slope is used up."
    return f"Update moved {step}, against their slopes; the slopes are used up."


def _all_zero(values: Iterable[Value]) -> bool:
    return not any(np.any(value) for value in values)


def _step(name: str, before: Value, after: Value, notation: Notation) -> str:
    old, new = notation.value(before), notation.value(after)
    if old == new:
        return f"{notation.name(name)} by too little to be seen"
    return f"{notation.name(name)} from {old} to {new}"


def diverged(training: Training, notation: Notation) -> str:
    """Which value is not finite, and why."""
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
    """The sentence on a function without a value at its argument, if that is the cause."""
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
"""What a line does to a number for which the operation has no value, by operation."""


def tried_sentence(one: Tried, rates: Rates, notation: Notation) -> str:
    """Where one rate leads."""
    rate = _rate(one.rate, notation)
    after = f"after {rates.updates} updates"
    if not isfinite(one.loss):
        return f"{rate} diverges: {after} no finite number is left."
    loss = notation.number(one.loss)
    if one.diverged:
        return f"{rate} diverges: {after} the loss is {loss}, above its start."
    if one.stayed:
        return f"{rate} hardly moves the loss: {after} it is {loss}."
    return f"{rate}: {after} the loss is {loss}."


def rates_sentence(rates: Rates, notation: Notation) -> str:
    """What the picture of all rates shows."""
    begun = f"From {notation.number(rates.start)}"
    best = rates.best
    if best is None:
        return f"{begun} the loss falls with no rate that was tried; all diverge."
    if all(one.stayed for one in rates.tried):
        return f"The loss stays at {notation.number(rates.start)}: no rate that was tried moves it."
    if not rates.lowers:
        return f"{begun} the loss falls with no rate that was tried; some diverge."
    now = rates.tried[rates.nearest(rates.present)]
    text = (
        f"{begun} the loss falls furthest in {rates.updates} updates with "
        f"{_rate(best.rate, notation)}, to {notation.number(best.loss)}; "
        f"{_rate(now.rate, notation)} now "
        f"{'diverges' if now.diverged else f'leads to {notation.number(now.loss)}'}."
    )
    return f"{text} {edge_sentence(rates, notation)}"


def edge_sentence(rates: Rates, notation: Notation) -> str:
    """Where the diverging rates begin, or that no edge separates them."""
    curvature = ""
    if rates.limit is not None:
        curvature = f"; 2/curvature {notation.equals} {notation.number(rates.limit)}"
    if rates.mixed is not None:
        low, high = map(notation.number, rates.mixed)
        return f"Between {low} and {high} some rates diverge and some do not{curvature}."
    if rates.edge is None:
        return f"Between the rates that were tried there is no edge{curvature}."
    last, first = map(notation.number, (rates.edge.converges, rates.edge.diverges))
    return f"The edge is found to 1 %: {last} does not diverge, {first} does{curvature}."


def _rate(rate: float, notation: Notation) -> str:
    return f"{notation.name(LEARNING_RATE)} {notation.equals} {notation.number(rate)}"


def point_words(run: Training, point: Point, notation: Notation) -> str:
    """A point as the values of its parameters."""
    return ", ".join(
        f"{notation.name(name)} {notation.equals} {notation.value(value, few=3)}"
        for name, value in parameters_at(run, point).items()
    )


def points_words(run: Training, points: Sequence[Point], notation: Notation) -> list[str]:
    """Points as the values of their parameters, aligned in columns."""
    if any(run.program.shapes[name] for name in run.program.parameters):
        return [point_words(run, point, notation) for point in points]
    labels = [f"{notation.name(name)} {notation.equals} " for name in run.program.parameters]
    columns = [notation.column(numbers) for numbers in zip(*points, strict=True)]
    return [
        ", ".join(label + text for label, text in zip(labels, texts, strict=True))
        for texts in zip(*columns, strict=True)
    ]


def starts_sentence(starts: Starts, notation: Notation) -> str:
    """How many starts lead where."""
    if not starts.tried:
        return "No start has been followed yet."
    groups = starts.groups
    ends = [
        f"{_starts(len(group))} {_end(starts.tried[group[0]], len(group), notation)}"
        for group in groups
    ]
    if len(groups) > MOST_NAMED:
        lost = sum(one.diverged for one in starts.tried)
        places = len(groups) - bool(lost)
        ends = [f"{_starts(len(starts.tried) - lost)} end at {places} places, a letter for each"]
        ends += [f"{_starts(lost)} {'diverges' if lost == 1 else 'diverge'}"] if lost else []
    text = f"After {starts.updates} updates {'; '.join(ends)}."
    if starts.flat is None:
        return text
    if starts.flat.size:
        return f"{text} The loss is a valley: on its floor, the ends of all starts have one loss."
    return f"{text} The loss is a bowl: no start can lead to another minimum."


def _starts(count: int) -> str:
    return "1 start" if count == 1 else f"{count} starts"


def _end(start: Start, count: int, notation: Notation) -> str:
    if start.diverged:
        return "diverges" if count == 1 else "diverge"
    ends = "ends" if count == 1 else "end together"
    return f"{ends} with loss {notation.number(start.loss)}"
