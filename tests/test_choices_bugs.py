"""Deliberate bugs: what each does to a run, worked out by hand."""

import numpy as np
import pytest

from gd_tutor.engine.errors import ChoiceError
from gd_tutor.engine.experiment import Experiment, options
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import OutOfTurn, Training
from gd_tutor.export.transcript import trace_data, trace_text
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.sentences import happened
from gd_tutor.notation.worked import worked_phase
from tutor import experiment

LINE = Experiment(
    "prediction = w * x + b\nresidual = y - prediction\nloss = mean(residual ** 2)",
    {"w": 0.5, "b": 0.0},
    0.05,
    {"x": (1.0, 2.0, 3.0), "y": (3.0, 5.0, 7.0)},
)
LAYERS = Experiment(
    "h = w1 * x\nprediction = w2 * h\nresidual = t - prediction\nloss = residual ** 2",
    {"w1": 1.0, "w2": 2.0},
    0.05,
    {"x": 2.0, "t": 6.0},
)

BOWL = Experiment("loss = (x - 3) ** 2 + (y - 4) ** 2", {"x": 1.0, "y": 1.0}, 0.1)

LOSSES = {
    "none": [17.5, 3.48, 0.7],
    "not-cleared": [17.5, 3.5, 2.2, 16.1, 18.6, 4.9, 1.2, 14.6],
    "wrong-sign": [17.5, 42.3, 102],
    "one-after-another": [17.5, 4.16],
    "update-first": [17.5, 17.5, 3.48],
    "sum-for-mean": [17.5, 7.7],
}


@pytest.mark.parametrize("bug", LOSSES)
def test_the_losses_of_a_bug(bug: str) -> None:
    training = Training(LINE, choices={"bug": bug})
    training.run(len(LOSSES[bug]))
    np.testing.assert_allclose(training.losses, LOSSES[bug], rtol=6e-3, atol=0.05)


def test_slopes_that_are_not_cleared_add_up() -> None:
    right, wrong = Training(LINE), Training(LINE, choices={"bug": "not-cleared"})
    wrong.go_to(Position(3, Phase.BACKWARD))
    total = 0.0
    for k in range(4):
        start = {name: wrong.trail(name)[k] for name in ("w", "b")}
        right = Training(LINE)
        for name, value in start.items():
            right.change(name, float(value))
        total += right.values_at(Position(0, Phase.BACKWARD))["grad.w"]
    assert wrong.values["grad.w"] == pytest.approx(total)
    assert wrong.values["accumulated.w"] != 0


def test_backward_shows_the_old_slope_and_the_new() -> None:
    training = Training(LINE, choices={"bug": "not-cleared"}, position=Position(1, Phase.BACKWARD))
    notation = Notation({"loss": "l"}, training.program.shapes)
    *_, line = worked_phase(training, Phase.BACKWARD)
    assert line.sentence(notation) == (
        "∂l/∂b = g_b + Σ(∂l/∂prediction) = −8 + ((−0.8) + (−1.2) + (−1.6)) = −11.6"
    )
    assert "added" in happened(training, notation)


def test_a_parameter_moved_within_backward_spoils_the_slope_before_it() -> None:
    training = Training(LAYERS, choices={"bug": "moved-in-backward"})
    training.run(2)
    values = training.values_at(Position(0, Phase.UPDATE))
    assert values["grad.w1"] == pytest.approx(-16)
    assert values["again1.grad.w1"] == pytest.approx(-19.2)
    assert values["next.w1"] == pytest.approx(1.96)
    assert training.losses[1] == pytest.approx(11.6, abs=0.02)
    right = Training(LAYERS)
    right.run(2)
    assert right.losses[1] == pytest.approx(6.97, abs=0.005)


def test_one_after_another_works_forward_anew() -> None:
    training = Training(LINE, choices={"bug": "one-after-another"}, position=Position(0, Phase(3)))
    assert training.values["next.w"] == pytest.approx(1.4)
    assert training.values["again1.grad.b"] == pytest.approx(-4.4)
    assert training.values["next.b"] == pytest.approx(0.22)
    notation = Notation({}, training.program.shapes)
    names = [line.parts(notation)[0] for line in worked_phase(training, Phase.UPDATE)]
    assert names == ["w", "prediction", "residual", "∂loss/∂residual", "∂loss/∂prediction",
                     "∂loss/∂b", "b"]  # fmt: skip


def test_one_after_another_holds_for_every_optimizer() -> None:
    choices = {"bug": "one-after-another", "optimizer": "momentum"}
    training = Training(LINE, choices=choices, position=Position(0, Phase.UPDATE))
    assert training.values["next.velocity.b"] == pytest.approx(-4.4)


def test_the_wrong_sign_climbs_with_every_optimizer() -> None:
    for option in Training(LINE).options("optimizer"):
        training = Training(LINE, choices={"bug": "wrong-sign", "optimizer": option.value})
        training.run(3)
        assert training.losses[-1] > training.losses[0]


# Update before backward


def test_update_first_lets_the_turns_begin_with_the_update() -> None:
    training = Training(LAYERS, choices={"bug": "update-first"})
    assert training.phases == (Phase.FORWARD, Phase.UPDATE, Phase.BACKWARD)
    training.forward()
    with pytest.raises(OutOfTurn, match="Next is update"):
        training.backward()
    with pytest.raises(OutOfTurn, match=r"Forward is done\. Next is update"):
        training.forward()
    training.update()
    assert training.done is Phase.UPDATE
    assert training.values["grad.w1"] == 0
    assert training.values["next.w1"] == training.values["w1"]
    assert "next.grad.w1" not in training.values
    with pytest.raises(OutOfTurn, match="Next is backward"):
        training.forward()
    training.backward()
    assert training.position == Position(0, Phase.UPDATE)
    assert training.done is Phase.BACKWARD
    assert training.values["next.grad.w1"] == pytest.approx(-16)
    with pytest.raises(OutOfTurn, match="Next is forward"):
        training.update()
    training.forward()
    training.update()
    training.backward()
    # forward's values with parameters that have moved since
    assert training.values["next.grad.w1"] == pytest.approx(-19.2)
    assert training.parameters == {"w1": pytest.approx(1.8), "w2": pytest.approx(2.4)}


def test_update_first_is_told_in_its_order() -> None:
    training = Training(LAYERS, choices={"bug": "update-first"})
    notation = Notation({"loss": "l"}, training.program.shapes)
    text = list(trace_text(training, notation, 2))
    assert [line.strip() for line in text if line.startswith("  ") and line[2] != " "] == [
        "forward", "update", "backward",
    ] * 2  # fmt: skip
    assert "    w2 ← w2 − η·∂l/∂w2 = 2 − 0.05·(−8) = 2.4" in text
    assert "    ∂l/∂h = ∂l/∂prediction·w2 = (−4)·2.4 = −9.6" in text
    first = trace_data(training, "layers", 1)["iterations"][0]
    assert first["backward"]["w1"] == pytest.approx(-16)
    assert first["backward"]["loss"] == 1
    training.reset()
    for _ in range(6):
        training.advance()
        assert happened(training, notation).endswith(".")


def test_without_a_bug_the_order_is_the_usual_one() -> None:
    training = Training(LINE)
    for phase in training.phases:
        training.advance()
        assert training.done is phase
        assert training.after(phase) == training.position


def test_only_what_comes_behind_a_slope_knows_that_its_parameter_has_moved() -> None:
    text = "a = v * x\nh = w * a\ny = w * h\nloss = (y - t) ** 2"
    shared = experiment(text, {"v": 1, "w": 2}, {"x": 1, "t": 1}, learning_rate=0.01)
    run = Training(shared, choices={"bug": "moved-in-backward"})
    run.go_to(Position(0, Phase.UPDATE))
    # y = 4, so the slope along y is 6, along h 12, along w 6 * 2 + 12 * 1 = 24; w moves to 1.76,
    # and only a's slope, 12 * 1.76 = 21.12, knows it.
    assert run.values["next.w"] == pytest.approx(1.76)
    assert run.values["next.v"] == pytest.approx(1 - 0.01 * 21.12)


# Where a bug has nothing to spoil


@pytest.mark.parametrize(
    ("experiment", "missing"),
    [
        (LINE, {"moved-in-backward"}),
        (LAYERS, {"sum-for-mean"}),
        (BOWL, {"one-after-another", "moved-in-backward", "sum-for-mean"}),
    ],
)
def test_bugs_are_offered_where_they_spoil_something(
    experiment: Experiment, missing: set[str]
) -> None:
    known = {*LOSSES, "moved-in-backward"}
    assert {o.value for o in options(experiment) if o.kind == "bug"} == known - missing
    for bug in missing:
        with pytest.raises(ChoiceError):
            Training(experiment, choices={"bug": bug})


def test_a_forgotten_mean_is_not_offered_with_the_sum() -> None:
    summed = LINE.with_choices({"average": "sum"})
    assert "sum-for-mean" not in {o.value for o in options(summed)}
    halved = Training(LINE, choices={"average": "half", "bug": "sum-for-mean"})
    halved.go_to(Position(0, Phase.BACKWARD))
    assert halved.values["grad.b"] == pytest.approx(-12)


@pytest.mark.parametrize(("samples", "offered"), [([5.0], False), ([5.0, 7.0], True)])
def test_nothing_is_offered_that_changes_nothing_of_a_single_sample(
    samples: list[float], offered: bool
) -> None:
    one = experiment("loss = mean((y - x) ** 2)", {"x": 8.0}, {"y": samples})
    found = {(option.kind, option.value) for option in options(one)}
    assert (("average", "sum") in found) is offered
    assert (("bug", "sum-for-mean") in found) is offered
    assert ("average", "half") in found


# Divergence


@pytest.mark.parametrize(
    "choices",
    [
        {"bug": "wrong-sign"},
        {"bug": "update-first"},
        {"bug": "not-cleared"},
        {"bug": "update-first", "optimizer": "momentum"},
        {"bug": "one-after-another"},
        {"optimizer": "momentum", "batch": "1"},
        {"bug": "wrong-sign", "average": "sum", "batch": "1"},
    ],
    ids=str,
)
def test_every_way_ends_at_the_same_divergence(choices: dict[str, str]) -> None:
    def far() -> Training:
        training = Training(LINE, choices=choices)
        training.change("learning_rate", 3.0)
        return training

    ran, went, stepped = far(), far(), far()
    ran.run(5_000)
    went.go_to(Position(5_000, Phase.BACKWARD))
    while stepped.divergence is None:
        stepped.advance()
    assert ran.divergence == went.divergence == stepped.divergence
    assert ran.divergence is not None
    assert ran.position == stepped.position
    assert ran.run(10) == 0
    notation = Notation({}, ran.program.shapes)
    assert happened(ran, notation).startswith("Diverged")
    assert np.isfinite(ran.losses[:-1]).all()
