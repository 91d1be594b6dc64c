"""A run as text and as plain data, with every number."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from gd_tutor.engine.expression import next_of
from gd_tutor.engine.program import LEARNING_RATE, LOSS
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.worked import worked_phase

MOST_SLOPES, MOST_WORK = 20_000_000, 4_000_000_000
"""A trace has at most so many numbers in the samples' gradients, and computes at most so many."""


def trace_text(training: Training, notation: Notation, steps: int) -> Iterator[str]:
    """The worked arithmetic of the first iterations, line by line."""
    eta = notation.name(LEARNING_RATE)
    for iteration, end in _iterations(training, steps):
        rate = notation.value(training.setting(LEARNING_RATE, iteration))
        yield f"iteration {iteration}, {eta} = {rate}"
        for phase in training.phases:
            if end is not None and training.after(phase, iteration) > end:
                break
            yield f"  {phase}"
            for line in worked_phase(training, phase, iteration):
                yield "    " + line.text(notation)[0]
        if end is not None:
            yield f"  the run diverged here: {notation.name(_first_bad(training))} is not finite"


def trace_data(training: Training, lesson: str, steps: int) -> dict[str, Any]:
    """The first iterations as data for JSON; nothing is rounded."""
    data: dict[str, Any] = {
        "lesson": lesson,
        "learning_rate": training.setting(LEARNING_RATE, 0),
        "iterations": [],
    }
    for iteration, end in _iterations(training, steps):
        data["iterations"].append(_iteration_data(training, iteration))
        if end is not None:
            data["diverged"] = True
    return data


def _iterations(training: Training, steps: int) -> Iterator[tuple[int, Position | None]]:
    """The iterations from the start, each with the position where the run diverges, if it does."""
    for iteration in range(steps):
        training.go_to(Position(iteration, Phase.UPDATE))
        end = training.position if training.divergence is not None else None
        yield iteration, end
        if end is not None:
            return


def _first_bad(training: Training) -> str:
    divergence = training.divergence
    assert divergence is not None
    return divergence.name


def _iteration_data(training: Training, iteration: int) -> dict[str, Any]:
    program = training.program
    values = training.values_at(Position(iteration, Phase.UPDATE))
    slopes = {line.name.rpartition(".")[2]: values[line.name] for line in program.backward}
    data: dict[str, Any] = {
        "iteration": iteration,
        "parameters": {name: plain_data(values[name]) for name in program.parameters},
        "forward": {line.name: plain_data(values[line.name]) for line in program.forward},
        "backward": {LOSS: 1.0} | {name: plain_data(slope) for name, slope in slopes.items()},
        "update": {name: plain_data(values[next_of(name)]) for name in program.parameters},
    }
    partials = training.per_sample(iteration) if _is_quick(training) else None
    if partials is not None:
        data["per_sample"] = {name: plain_data(found) for name, found in partials.items()}
    return data


def _is_quick(training: Training) -> bool:
    """Whether the gradients of all samples are quick to compute."""
    program = training.program
    if program.samples is None:
        return False
    slopes = sum(prod(program.shapes[name]) for name in program.parameters)
    samples = prod(program.sample_shape)
    return samples * slopes <= MOST_SLOPES and samples * program.size <= MOST_WORK


def plain_data(value: Any) -> Any:
    """Nested lists of numbers; one that is not finite is the string "nan", "inf" or "-inf"."""
    array = np.asarray(value, dtype=float)
    if array.ndim:
        return [plain_data(entry) for entry in array]
    number = float(array)
    return number if np.isfinite(number) else str(number)
