"""The finite-difference check: right slopes pass, wrong ones are noticed, kinks are named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gd_tutor.engine.expression import gradient_of
from gd_tutor.engine.finite_differences import Nudges, nudges
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.session.explain_page import present
from tutor import TIMES, experiment, lesson, lessons, session

SOON = (0, 1, 2, 5)
LATER = (3, 8, 13, 30, 50, 100, 200)
"""Iterations at which slopes are checked, soon by default."""
NUMBERS = 5
"""So many numbers of a value are checked."""
SMALL = 1e-3
"""Slopes below are those of a run that has arrived: what is left of them is rounding."""
SEEN = 1e-6
"""A slope that is spoiled by such a part of the largest of its kind has to be noticed."""


def runs(name: str, iterations: tuple[int, ...]) -> Iterator[Training]:
    """Every experiment of a lesson after backward in some iterations."""
    for part in lesson(name).experiments:
        training = lesson(name).training_of(part.id)
        assert training is not None
        for iteration in iterations:
            training.go_to(training.after(Phase.BACKWARD, iteration))
            if training.divergence is None:
                yield training


def checked(training: Training) -> Iterator[Nudges]:
    """The check of every value's slope, of large values that of some numbers."""
    rng = np.random.default_rng(training.iteration)
    for name in training.program.slopes:
        places = list(np.ndindex(training.program.shapes[name]))
        chosen = rng.permutation(len(places))[:NUMBERS]
        yield from (nudges(training, name, places[place]) for place in chosen)


def sound_slope(training: Training, table: Nudges) -> float:
    """What the slope is without the experiment's bug."""
    sound = Training(training.experiment.with_choices({"bug": "none"}), training.changes)
    values = training.settings_at(training.iteration)
    values |= training.history.parameters(training.iteration, sound.program.parameters)
    values |= sound.program.compute_forward(values)
    values |= sound.program.compute_backward(values)
    return float(np.asarray(values[gradient_of(table.name)])[table.index])


def check(training: Training) -> None:
    for table in checked(training):
        where = (training.experiment.forward, training.iteration, table)
        assert table.estimate is not None, where
        right = sound_slope(training, table)
        if table.slope == right:
            assert table.agree, where
        elif abs(table.slope - right) > SEEN * abs(right):
            assert not table.agree, where
        for factor in (-1.0, 0.0, 0.5, 2.0, 1.001):
            if abs(right) > SEEN:
                assert not replace(table, slope=factor * right).agree, (factor, where)
    if (partials := training.per_sample()) is None:
        return
    for name, parts in partials.items():
        table = nudges(training, name, (0,) * (parts.ndim - 1))
        parts = parts.reshape(len(parts), -1)[:, 0]
        right = table.slope
        for left_out in (0, len(parts) // 2, len(parts) - 1):
            without = right - right * parts[left_out] / parts.sum() if parts.sum() else right
            if abs(without - right) > SEEN * max(np.abs(parts).max(), SMALL):
                assert not replace(table, slope=float(without)).agree, (left_out, table)


@pytest.mark.parametrize("name", lessons(["gradient-matrix", "valleys"]))
def test_no_word_about_a_slope_is_false(name: str) -> None:
    for training in runs(name, SOON):
        check(training)


@pytest.mark.slow
@pytest.mark.parametrize("name", lessons([]))
def test_no_word_about_a_slope_is_false_later(name: str) -> None:
    for training in runs(name, LATER):
        check(training)


def after_backward(forward: str, parameters: dict[str, object], **data: object) -> Training:
    training = Training(experiment(forward, parameters, data))
    training.go_to(Position(0, Phase.BACKWARD))
    return training


HARD = [
    ("loss = exp(x)", 30.0),
    ("loss = sin(1000 * x)", 3.0),
    ("loss = (x * 1000000 - 2) ** 2", 3.0),
    ("loss = 1 / x ** 2", 1e-3),
    ("loss = log(x)", 1e-9),
    ("loss = exp(sin(x ** 3))", 4.0),
    ("loss = (x - 3) ** 2 + 1000000", 3.0001),
    ("loss = tanh(x) ** 2", 5.0),
    ("loss = abs(x)", 1e-3),
    ("loss = sqrt(x ** 2 + 0.000001)", 1e-4),
    ("loss = x ** 0.3", 1e-6),
]


@pytest.mark.parametrize(("forward", "x"), HARD)
def test_steep_wavy_and_distant_losses_are_checked(forward: str, x: float) -> None:
    table = nudges(after_backward(forward, {"x": x}), "x")
    assert table.estimate is not None
    assert table.agree
    for factor in (-1, 0.99, 1.01, 2):
        assert not replace(table, slope=factor * table.slope).agree


KINKS = [
    ("loss = abs(x)", 0.0, 0.0, ("abs",)),
    ("loss = relu(x) + x", 0.0, 1.0, ("relu",)),
    ("loss = relu(x) - relu(-x) + x", 0.0, 1.0, ("relu",)),
    ("loss = maximum(x, 2) + 3 * x", 2.0, 3.5, ("maximum",)),
    ("loss = minimum(x, maximum(x, 2))", 2.0, 0.75, ("maximum", "minimum")),
    ("loss = mean(abs(d - x))", 1.0, 0.0, ("abs",)),
    ("loss = abs(x)", 1e-9, 1.0, ("abs",)),
    ("loss = relu(x)", -1e-9, 0.0, ("relu",)),
    ("loss = relu(0 * x) + x", 1.0, 1.0, ()),
    ("loss = abs(x)", 0.01, 1.0, ()),
]


@pytest.mark.parametrize(("forward", "x", "slope", "kinks"), KINKS)
def test_at_a_kink_the_convention_is_checked(
    forward: str, x: float, slope: float, kinks: tuple[str, ...]
) -> None:
    table = nudges(after_backward(forward, {"x": x}, d=[0.0, 1.0, 2.0]), "x")
    assert (table.slope, table.kinks) == (slope, kinks)
    assert table.agree
    for wrong in (slope + 0.5, slope - 1, slope * 1.01 + 0.01):
        assert not replace(table, slope=wrong).agree


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_slopes_of_random_nets_are_checked(seed: int) -> None:
    check_random_net(seed)


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1))
@settings(max_examples=150 * TIMES)
def test_slopes_of_many_random_nets_are_checked(seed: int) -> None:
    check_random_net(seed)


def check_random_net(seed: int) -> None:
    rng = np.random.default_rng(seed)
    act, out = rng.choice(["relu", "tanh", "sigmoid", "abs", "sin"], 2)
    size = 10 ** rng.uniform(-3, 3)
    training = after_backward(
        f"h = {act}(X @ W)\np = {out}(h @ V)\nloss = mean((y - p) ** 2)",
        {"W": rng.normal(0, 1 / size, (2, 3)).tolist(), "V": rng.normal(0, 1, (3, 1)).tolist()},
        X=rng.normal(0, size, (5, 2)).tolist(),
        y=rng.normal(0, 1, (5, 1)).tolist(),
    )
    for name in ("W", "V", "h"):
        table = nudges(training, name, (1, 0))
        assert table.agree
        assert not table.estimate or table.estimate.bound < 1e-5 * (1 + abs(table.slope))


def said(training: Training, name: str, cells: int = 60) -> str:
    rows = present(training, gradient_of(name)).rows(Notation(), cells)
    return " ".join("".join(text for _, text in row) for row, _ in rows)


def test_the_verdict_stands_below_the_table() -> None:
    training = after_backward("loss = (x - 3) ** 2", {"x": 1.0})
    assert said(training, "x").endswith("They agree.")
    kinked = said(after_backward("loss = abs(x) + relu(x)", {"x": 0.0}), "x")
    assert "is a kink: up and down the loss rises differently. At a kink the" in kinked
    assert kinked.endswith("is a convention: that of abs is 0 at 0, that of relu is 0 at 0.")
    assert said(after_backward("loss = x ** 1.5", {"x": 0.0}), "x").endswith(
        "No nudge is small enough here to check this slope."
    )


def test_near_a_minimum_nudges_to_both_sides_decide() -> None:
    """One of 1e-6 rises by its square alone more than by a slope of -2e-7."""
    training = after_backward("loss = (x - 3) ** 2", {"x": 3.0 - 1e-7})
    table = nudges(training, "x")
    assert table.slope < 0 < table.rows[-1].quotient
    assert said(training, "x").endswith(
        "Nudges to both sides, in which the bend of the loss cancels out, give −2e−7: they agree."
    )
    assert not replace(table, slope=-table.slope).agree
    at_the_minimum = after_backward("loss = (x - 3) ** 2", {"x": 3.0})
    assert said(at_the_minimum, "x").endswith("They agree.")


def test_a_slope_below_the_rounding_error_is_not_said_to_agree() -> None:
    training = after_backward("loss = (1 - sigmoid(w)) ** 2", {"w": -60.0})
    table = nudges(training, "w")
    assert 0 < abs(table.slope) < 1e-20
    assert table.is_rounding
    words = said(training, "w")
    assert "within the rounding error of this check" in words
    assert words.endswith("so it can say no more.")
    assert not replace(table, slope=1.0).agree


def test_a_wrong_slope_is_warned_of() -> None:
    learner = session("derivative", "derivative:2:backward:bug=not-cleared")
    assert learner.training is not None
    assert said(learner.training, "x").endswith(
        "They do not agree: something is wrong with this slope."
    )
