"""A run: its numbers, its phases, the way back, the line it fits on, and its minimum."""

import tracemalloc
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gd_tutor.engine.experiment import Change, Experiment, tensor_of
from gd_tutor.engine.expression import Tensor
from gd_tutor.engine.minimum import Landscape, flatten, quadratic_of
from gd_tutor.engine.state import (
    BEGINNING,
    Phase,
    Position,
    State,
    StateError,
    parse_state,
    parse_tensor,
)
from gd_tutor.engine.training import OutOfTurn, RunEnded, Training
from gd_tutor.engine.trajectory import MOST_BYTES
from tutor import one_in

COLUMN: Tensor = ((5.0,), (3.0,), (4.0,))
GUESSES: Tensor = ((8.0,), (2.0,), (5.0,))
LINE: dict[str, Tensor] = {"X": ((1.0,), (2.0,), (3.0,)), "Y": COLUMN}

LESSONS = {
    "residual": Experiment(
        "residual = y - guess\nloss = mean(residual ** 2)", {"guess": (8.0, 3.0)}, 0.1, {"y": 5.0}
    ),
    "loss": Experiment(
        "residual = y - guess\nsquared = residual ** 2\nloss = mean(squared)",
        {"guess": (8.0, 3.0)},
        0.1,
        {"y": 5.0},
    ),
    "derivative": Experiment("residual = y - x\nloss = residual ** 2", {"x": 8.0}, 0.1, {"y": 5.0}),
    "partial-derivative": Experiment(
        "prediction = w * distance + b\nresidual = fare - prediction\nloss = residual ** 2",
        {"w": 0.0, "b": 0.0},
        0.01,
        {"distance": 3.0, "fare": 15.0},
    ),
    "gradient": Experiment("loss = (x - 3) ** 2 + (y - 4) ** 2", {"x": 1.0, "y": 1.0}, 0.1),
    "residual-matrix": Experiment(
        "E = Y - Y_hat\nloss = mean(E ** 2)", {"Y_hat": GUESSES}, 0.3, {"Y": COLUMN}
    ),
    "loss-matrix": Experiment(
        "E = Y - Y_hat\nL = E * E\nloss = mean(L)", {"Y_hat": GUESSES}, 0.3, {"Y": COLUMN}
    ),
    "gradient-matrix": Experiment(
        "Y_hat = X * w + b\nE = Y - Y_hat\nL = E * E\nloss = mean(L)",
        {"w": 0.0, "b": 0.0},
        0.1,
        LINE,
    ),
}

NETWORK = Experiment(
    "H = tanh(X @ W + b)\nP = H @ V\nE = Y - P\nloss = mean(E ** 2)",
    {
        "W": ((0.1, -0.2, 0.3), (0.4, 0.5, -0.6)),
        "b": (0.1, 0.2, 0.3),
        "V": ((0.7,), (-0.8,), (0.9,)),
    },
    0.1,
    {
        "X": ((1.0, 2.0), (0.5, -1.0), (-2.0, 0.3), (0.0, 1.0)),
        "Y": ((1.0,), (2.0,), (0.0,), (1.5,)),
    },
)
RUNS = {**LESSONS, "network": NETWORK}

BEYOND = Experiment(LESSONS["derivative"].forward, {"x": 8.0}, 1.5, {"y": 5.0})
"""A learning rate at which every step is twice as far from the minimum as the one before."""


# The exact state of a run, to be compared byte by byte

State_ = tuple[Any, ...]


def exact(training: Training) -> State_:
    values = {name: np.asarray(value, float).tobytes() for name, value in training.values.items()}
    trails = {name: training.trail(name).tobytes() for name in training.program.parameters}
    return (
        training.position,
        training.furthest,
        training.changes,
        values,
        trails,
        training.losses.tobytes(),
    )


def step(training: Training, times: int = 1) -> None:
    for _ in range(times):
        training.forward()
        training.backward()
        training.update()


def value(training: Training, name: str) -> Any:
    return np.asarray(training.values[name]).tolist()


# The lessons' numbers


@dataclass(frozen=True)
class First:
    """What a lesson's first iteration shows, and its losses after that."""

    values: dict[str, Any]
    losses: tuple[float, ...]


FIRSTS = {
    "residual": First(
        {"residual": [-3, 2], "loss": 6.5, "grad.residual": [-3, 2], "grad.guess": [3, -2],
         "next.guess": [7.7, 3.2]},
        (6.5, 5.265),
    ),
    "loss": First({"squared": [9, 4], "loss": 6.5, "next.guess": [7.7, 3.2]}, (6.5, 5.265)),
    "derivative": First(
        {"residual": -3, "loss": 9, "grad.residual": -6, "grad.x": 6, "next.x": 7.4}, (9, 5.76)
    ),
    "partial-derivative": First(
        {"prediction": 0, "residual": 15, "loss": 225, "grad.w": -90, "grad.b": -30,
         "next.w": 0.9, "next.b": 0.3},
        (225, 144),
    ),
    "gradient": First(
        {"loss": 13, "grad.x": -4, "grad.y": -6, "next.x": 1.4, "next.y": 1.6},
        (13, 8.32, 5.3248),
    ),
    "residual-matrix": First({"E": [[-3], [1], [-1]], "loss": 11 / 3}, (11 / 3,)),
    "loss-matrix": First(
        {"E": [[-3], [1], [-1]], "L": [[9], [1], [1]], "loss": 11 / 3}, (11 / 3,)
    ),
    "gradient-matrix": First(
        {"Y_hat": [[0], [0], [0]], "loss": 50 / 3, "grad.w": -46 / 3, "grad.b": -8,
         "next.w": 4.6 / 3, "next.b": 0.8},
        (16.666666666666668, 3.2740740740740737),
    ),
}  # fmt: skip


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_lessons_first_numbers(lesson: str) -> None:
    training = Training(LESSONS[lesson])
    step(training)
    for name, expected in FIRSTS[lesson].values.items():
        np.testing.assert_allclose(training.values[name], expected, rtol=1e-14, err_msg=name)
        assert np.shape(training.values[name]) == training.program.shapes[name]
    step(training, len(FIRSTS[lesson].losses) - 1)
    np.testing.assert_allclose(training.losses, FIRSTS[lesson].losses, rtol=1e-12)


def test_the_derivative_lessons_second_step() -> None:
    training = Training(LESSONS["derivative"])
    step(training, 2)
    assert value(training, "loss") == pytest.approx(5.76)
    assert value(training, "grad.x") == pytest.approx(4.8)
    assert value(training, "next.x") == pytest.approx(6.92)
    assert training.trail("x") == pytest.approx([8, 7.4, 6.92])


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_lesson_comes_down_to_its_minimum(lesson: str) -> None:
    training = Training(LESSONS[lesson])
    assert training.run(2_000) == 2_000
    assert (np.diff(training.losses) <= 1e-12).all()
    quadratic = quadratic_of(training)
    assert quadratic is not None
    assert training.losses[-1] == pytest.approx(quadratic.loss, abs=1e-9)
    np.testing.assert_allclose(
        flatten(training.parameters, training.program.parameters), quadratic.point, atol=1e-6
    )


# Phases


def test_the_position_says_which_phase_was_done_last() -> None:
    training = Training(LESSONS["derivative"])
    assert training.position == BEGINNING
    seen = []
    for _ in range(4):
        training.advance()
        seen.append((training.iteration, str(training.phase)))
    assert seen == [(0, "forward"), (0, "backward"), (0, "update"), (1, "forward")]


OUT_OF_TURN = [
    (0, "backward"), (0, "update"),
    (1, "forward"), (1, "update"),
    (2, "forward"), (2, "backward"),
    (3, "backward"), (3, "update"),
    (4, "forward"), (4, "update"),
]  # fmt: skip


@pytest.mark.parametrize(("done", "phase"), OUT_OF_TURN)
def test_a_phase_out_of_turn_changes_nothing_and_says_why(done: int, phase: str) -> None:
    training = Training(LESSONS["gradient-matrix"])
    for _ in range(done):
        training.advance()
    before = exact(training)
    with pytest.raises(OutOfTurn) as caught:
        getattr(training, phase)()
    assert exact(training) == before
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("name", RUNS)
def test_each_phase_computes_its_own_and_nothing_else(name: str) -> None:
    training = Training(RUNS[name])
    step(training, 3)
    for phase in ("forward", "backward"):
        before = {k: np.asarray(v).tobytes() for k, v in training.parameters.items()}
        known = set(training.values)
        getattr(training, phase)()
        after = {k: np.asarray(v).tobytes() for k, v in training.parameters.items()}
        assert after == before
        new = set(training.values) - (known if phase == "backward" else set())
        assert all(k.startswith("grad.") for k in new) is (phase == "backward")
        assert not any(k.startswith("next.") for k in training.values)
    known = {k: np.asarray(v).tobytes() for k, v in training.values.items()}
    training.update()
    assert {k: np.asarray(training.values[k]).tobytes() for k in known} == known
    for parameter in training.program.parameters:
        moved = training.values[f"next.{parameter}"]
        step_taken = training.learning_rate * training.values[f"grad.{parameter}"]
        np.testing.assert_array_equal(moved, training.values[parameter] - step_taken)
        np.testing.assert_array_equal(moved, training.parameters[parameter])


# Back and forth


@pytest.mark.parametrize("name", one_in(4, zip(RUNS)))
def test_undo_and_redo_restore_every_byte(name: str) -> None:
    training = Training(RUNS[name])
    rates = iter([0.05, 0.02])
    states = []
    for phase in range(1_000):
        if phase in (99, 501):  # between iterations: the values shown stay as they were
            training.change("learning_rate", next(rates))
        training.advance()
        states.append(exact(training))

    def undone(state: State_) -> State_:
        return (state[0], states[-1][1], states[-1][2], *state[3:])

    for state in reversed(states):
        assert exact(training) == undone(state)
        assert training.undo()
    assert training.position == BEGINNING
    assert not training.undo()
    for state in states:
        assert training.redo()
        assert exact(training) == undone(state)
    assert not training.redo()


@pytest.mark.parametrize(
    ("phases", "name"), one_in(4, ((phases, name) for phases in (0, 1, 2, 3, 5) for name in RUNS))
)
def test_run_is_forward_backward_update_many_times(name: str, phases: int) -> None:
    ran, stepped = Training(RUNS[name]), Training(RUNS[name])
    for training in (ran, stepped):
        for _ in range(phases):
            training.advance()
    assert ran.run(60) == 60
    target = stepped.position.updates + 60
    while stepped.position.updates < target:
        stepped.advance()
    assert exact(ran) == exact(stepped)


@pytest.mark.parametrize("name", RUNS)
def test_long_runs_equal_short_ones(name: str) -> None:
    at_once, in_pieces = Training(RUNS[name]), Training(RUNS[name])
    at_once.run(2_500)
    for size in (1, 7, 992, 1_000, 17, 483):
        in_pieces.run(size)
    assert exact(at_once) == exact(in_pieces)


def test_transposed_updates_run_and_step_alike() -> None:
    rng = np.random.default_rng(0)

    def tensor(*shape: int) -> Tensor:
        return tensor_of(rng.normal(size=shape).tolist())

    experiment = Experiment(
        "P = (W.T @ X).T\nQ = P @ V.T\nloss = mean((Q - Y) ** 2)",
        {"W": tensor(7, 5), "V": tensor(3, 5)},
        0.01,
        {"X": tensor(7, 9), "Y": tensor(9, 3)},
    )
    ran, stepped = Training(experiment), Training(experiment)
    ran.run(50)
    step(stepped, 50)
    assert exact(ran) == exact(stepped)


def test_run_of_none_changes_nothing() -> None:
    training = Training(LESSONS["derivative"])
    training.forward()
    before = exact(training)
    assert training.run(0) == 0
    assert exact(training) == before


@given(st.lists(st.integers(0, 6), max_size=25), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_any_way_to_a_position_leads_to_the_same_state(moves: list[int], iteration: int) -> None:
    training, straight = Training(NETWORK), Training(NETWORK)
    for move in moves:
        if move < 3:
            training.undo()
        elif move == 3:
            training.redo()
        elif move == 4:
            training.run(5)
        else:
            training.advance()
    position = Position(iteration, Phase.BACKWARD)
    training.go_to(position)
    straight.go_to(position)
    training.furthest = straight.furthest
    assert exact(training) == exact(straight)


# Changes


def test_the_learning_rate_changes_from_the_next_update_on() -> None:
    training = Training(LESSONS["derivative"])
    step(training)
    training.forward()
    training.backward()
    training.change("learning_rate", 0.2)
    assert training.changes == (Change("learning_rate", 0.2, 1),)
    training.update()
    assert training.trail("x") == pytest.approx([8, 7.4, 7.4 - 0.2 * 4.8])
    assert training.setting("learning_rate", 0) == 0.1


def test_undo_leaves_changes_where_they_are() -> None:
    training = Training(LESSONS["derivative"])
    step(training, 2)
    training.change("learning_rate", 0.2)
    step(training, 2)
    after = exact(training)
    for _ in range(12):
        training.undo()
    assert training.learning_rate == 0.1
    assert training.changes == (Change("learning_rate", 0.2, 2),)
    while training.redo():
        pass
    assert exact(training) == after
    for _ in range(12):
        training.undo()
    step(training, 4)
    assert exact(training) == after


def test_a_change_in_the_past_begins_another_future() -> None:
    training = Training(LESSONS["derivative"])
    step(training, 5)
    training.change("learning_rate", 0.5)
    step(training, 5)
    training.go_to(Position(2, Phase.UPDATE))
    training.change("learning_rate", 0.01)
    assert training.changes == (Change("learning_rate", 0.01, 3),)
    assert not training.redo()
    step(training, 4)
    fresh = Training(LESSONS["derivative"], [Change("learning_rate", 0.01, 3)])
    fresh.run(7)
    assert exact(training) == exact(fresh)


def test_changing_back_leaves_no_change() -> None:
    training = Training(LESSONS["derivative"])
    step(training)
    training.change("learning_rate", 0.2)
    training.change("learning_rate", 0.1)
    assert training.changes == ()
    assert training.learning_rate == 0.1


def test_another_start_or_other_data_begin_anew() -> None:
    training = Training(LESSONS["derivative"])
    step(training, 3)
    training.change("learning_rate", 0.2)
    training.change("x", 1.0)
    assert training.position == BEGINNING
    assert set(training.changes) == {Change("learning_rate", 0.2), Change("x", 1.0)}
    training.change("y", 2.0)
    step(training)
    assert value(training, "next.x") == pytest.approx(1 + 0.2 * 2)
    training.reset()
    assert training.position == BEGINNING
    assert training.parameters["x"] == 1.0


@pytest.mark.parametrize(
    ("name", "new", "error"),
    [
        ("z", 1.0, KeyError),
        ("loss", 1.0, KeyError),
        ("x", (1.0, 2.0), ValueError),
        ("learning_rate", (0.1,), ValueError),
    ],
)
def test_changes_that_do_not_fit_are_refused(name: str, new: Tensor, error: type) -> None:
    training = Training(LESSONS["derivative"])
    step(training)
    before = exact(training)
    with pytest.raises(error):
        training.change(name, new)
    assert exact(training) == before
    with pytest.raises(error):
        Training(LESSONS["derivative"], [Change(name, new)])


def test_whole_numbers_are_learning_rates_too() -> None:
    training = Training(Experiment("loss = x ** 2", {"x": 3}, 1))
    step(training)
    assert training.learning_rate == 1.0
    assert training.parameters["x"] == -3.0


def test_a_run_restored_from_its_state_is_the_same_run() -> None:
    training = Training(NETWORK)
    training.change("b", (0.5, -0.5, 0.25))
    training.run(7)
    training.change("learning_rate", 0.3)
    training.run(4)
    training.forward()
    training.backward()
    line = str(State("network", training.position, training.changes))
    state = parse_state(line)
    assert exact(Training(NETWORK, state.changes, state.position)) == exact(training)


# The state line

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VECTORS = st.lists(NUMBERS, min_size=1, max_size=4).map(tuple)
MATRICES = st.integers(1, 3).flatmap(
    lambda n: st.lists(
        st.lists(NUMBERS, min_size=n, max_size=n).map(tuple), min_size=1, max_size=3
    ).map(tuple)
)
CHANGES = st.builds(
    Change,
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True),
    st.one_of(NUMBERS, VECTORS, MATRICES),
    st.integers(0, 1_000_000),
)
POSITIONS = st.builds(
    Position, st.integers(0, 1_000_000), st.sampled_from([p for p in Phase if p is not Phase.START])
) | st.just(BEGINNING)


@given(
    st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True),
    POSITIONS,
    st.lists(CHANGES, max_size=4).map(tuple),
)
def test_a_state_line_says_everything(
    lesson: str, position: Position, changes: tuple[Change, ...]
) -> None:
    state = State(lesson, position, changes)
    assert parse_state(str(state)) == state
    assert "\n" not in str(state)


def test_the_state_line_looks_as_documented() -> None:
    state = State("derivative", Position(3, Phase.BACKWARD), (Change("learning_rate", 0.2, 2),))
    assert str(state) == "derivative:3:backward:learning_rate=0.2@2"
    assert parse_state("derivative") == State("derivative")
    assert parse_state("derivative:0:start") == State("derivative")
    assert parse_state("derivative:4:start").position == Position(3, Phase.UPDATE)


@pytest.mark.parametrize(
    "text",
    [
        "", ":", ":3:forward", "derivative:3", "derivative:x:forward", "derivative:-1:forward",
        "derivative:1.5:forward", "derivative:3:sideways", "derivative:3:", "derivative::forward",
        "derivative:1000001:forward", "derivative:9999999999999:forward",
        "derivative:0000000000999999999:forward", "derivative:" + "9" * 5_000 + ":forward",
        "derivative:٣:forward", "derivative:3:FORWARD",
        "derivative:3:forward:", "derivative:3:forward:x", "derivative:3:forward:x=1",
        "derivative:3:forward:x=@1", "derivative:3:forward:x=1@", "derivative:3:forward:=1@1",
        "derivative:3:forward:x=nan@1", "derivative:3:forward:x=Infinity@1",
        "derivative:3:forward:x=1e999@1", "derivative:3:forward:x=true@1",
        'derivative:3:forward:x="1"@1', "derivative:3:forward:x=null@1",
        "derivative:3:forward:x=[]@1", "derivative:3:forward:x=[1,[2]]@1",
        "derivative:3:forward:x=[[1,2],[3]]@1", "derivative:3:forward:x=[[[1]]]@1",
        "derivative:3:forward:x=1@" + "9" * 5_000, "derivative:3:forward:x=1@٣",
        "derivative:3:forward:x=" + "[" * 100_000 + "@1",
        "derivative:3:forward:x=" + "9" * 5_000 + "@1",
        "derivative:3:forward:x=__import__('os')@1", "derivative:3:forward:grad.x=1@1",
    ],
)  # fmt: skip
def test_what_is_no_state_line_is_refused(text: str) -> None:
    with pytest.raises(StateError) as caught:
        parse_state(text)
    assert str(caught.value).endswith(".")


@given(st.text(max_size=40) | st.text("derivative:0123forwardx=@[],.eE-", max_size=40))
@settings(max_examples=300)
def test_any_text_is_a_state_line_or_is_refused(text: str) -> None:
    try:
        state = parse_state(text)
    except StateError:
        return
    assert parse_state(str(state)) == state


def test_settings_are_read_as_json() -> None:
    assert parse_tensor("[[1, 2], [3, 4.5]]") == ((1.0, 2.0), (3.0, 4.5))
    assert parse_tensor(" -1e3 ") == -1000.0


# Divergence


def test_a_run_that_diverges_stops_where_it_does_and_says_what() -> None:
    training = Training(BEYOND)
    done = training.run(100_000)
    divergence = training.divergence
    assert divergence is not None
    # The distance to the minimum doubles; its square, the loss, overflows first.
    assert (divergence.name, divergence.position.phase) == ("loss", Phase.FORWARD)
    assert divergence.position == training.position == Position(done, Phase.FORWARD)
    assert np.isfinite(training.losses[:-1]).all()
    assert training.losses[-1] == np.inf
    assert np.isfinite(training.trail("x")).all()
    assert (np.log2(np.finfo(float).max) / 2) == pytest.approx(done + np.log2(3), abs=1.5)


def test_a_diverged_run_goes_no_further_but_back() -> None:
    training = Training(BEYOND)
    training.run(100_000)
    at_the_end = exact(training)
    for move in (training.advance, training.backward):
        with pytest.raises(RunEnded):
            move()
    assert training.run(10) == 0
    assert exact(training) == at_the_end
    assert training.undo()
    assert training.divergence is None
    for _ in range(29):
        training.undo()
    assert training.run(1_000) == 10
    assert exact(training) == at_the_end
    training.go_to(Position(0, Phase.UPDATE))
    training.change("learning_rate", 0.1)
    assert training.run(100) == 100


ENDS = {
    "loss": (Experiment("loss = x ** 2", {"x": 1e100}, 1e100), Phase.FORWARD),
    "grad.x": (Experiment("loss = sqrt(x ** 2)", {"x": 0.0}, 0.1), Phase.BACKWARD),
    "next.x": (Experiment("loss = 1e200 * x", {"x": 1.0}, 1e200), Phase.UPDATE),
}


@pytest.mark.parametrize("name", ENDS)
@pytest.mark.parametrize("by", ["steps", "run", "go_to", "state", "again"])
def test_every_way_ends_at_the_same_divergence(name: str, by: str) -> None:
    experiment, phase = ENDS[name]
    training = Training(experiment)
    beyond = Position(5_000, Phase.BACKWARD)
    match by:
        case "steps":
            with pytest.raises(RunEnded):
                step(training, 50)
        case "run":
            training.run(5_000)
        case "go_to":
            training.go_to(beyond)
        case "state":
            training = Training(experiment, position=beyond)
        case "again":
            training.run(5_000)
            while training.undo():
                pass
            training.go_to(beyond)
            training.undo()
            training.run(10)
    assert training.divergence is not None
    assert training.divergence.name == name
    assert training.position == Position(training.iteration, phase)
    assert training.furthest == training.position
    assert training.run(10) == 0


def test_a_position_behind_a_divergence_in_the_same_iteration_is_not_reached() -> None:
    experiment = Experiment("loss = x ** 2", {"x": 1e200}, 0.1)
    training = Training(experiment, position=Position(0, Phase.BACKWARD))
    assert training.position == Position(0, Phase.FORWARD)
    assert training.divergence is not None


def test_values_elsewhere_are_those_of_the_way_there() -> None:
    training = Training(LESSONS["derivative"])
    step(training, 5)
    position = training.position
    values = training.values_at(Position(1, Phase.BACKWARD))
    assert values["grad.x"] == pytest.approx(4.8)
    assert training.position == position


# Sample by sample


def test_partials_of_samples_have_the_gradient_as_their_mean() -> None:
    training = Training(LESSONS["gradient-matrix"])
    training.forward()
    training.backward()
    samples = training.per_sample()
    assert samples is not None
    np.testing.assert_array_equal(samples["w"], [-10, -12, -24])
    np.testing.assert_array_equal(samples["b"], [-10, -6, -8])
    assert samples["w"].mean() == pytest.approx(value(training, "grad.w"), rel=1e-15)


@pytest.mark.parametrize("name", ["residual", "loss", "gradient-matrix", "loss-matrix", "network"])
def test_means_of_partials_are_the_gradient(name: str) -> None:
    training = Training(RUNS[name])
    step(training, 3)
    samples = training.per_sample()
    assert samples is not None
    for parameter, partials in samples.items():
        assert partials.shape[1:] == training.program.shapes[parameter]
        gradient = training.values[f"grad.{parameter}"]
        np.testing.assert_allclose(partials.mean(axis=0), gradient, rtol=1e-12, atol=1e-15)


def test_partials_of_a_sum_add_up() -> None:
    experiment = Experiment("loss = sum(exp(X * w))", {"w": 0.5}, 0.1, {"X": (1.0, 2.0, 3.0)})
    samples = Training(experiment).per_sample()
    assert samples is not None
    X = np.array([1, 2, 3])
    np.testing.assert_allclose(samples["w"], X * np.exp(X / 2))


def test_a_loss_that_is_no_mean_has_no_samples() -> None:
    assert Training(LESSONS["gradient"]).per_sample() is None


# The minimum


def quadratic(forward: str, parameters: dict[str, Tensor], **data: Tensor) -> Any:
    return quadratic_of(Training(Experiment(forward, parameters, 0.1, data)))


def test_the_minimum_of_least_squares() -> None:
    found = quadratic_of(Training(LESSONS["gradient-matrix"]))
    assert found is not None
    np.testing.assert_allclose(found.point, [-0.5, 5], atol=1e-9)
    assert found.loss == pytest.approx(0.5)
    assert found.flat.shape == (2, 0)
    assert found.largest_learning_rate == pytest.approx(0.1803, abs=5e-5)


@pytest.mark.parametrize(("factor", "converges"), [(0.99, True), (1.01, False)])
def test_the_largest_learning_rate_divides_convergence_from_divergence(
    factor: float, converges: bool
) -> None:
    training = Training(LESSONS["gradient-matrix"])
    found = quadratic_of(training)
    assert found is not None
    training.change("learning_rate", factor * found.largest_learning_rate)
    training.run(3_000)
    assert bool(training.losses[-1] < 1) is converges


def test_the_minimum_may_be_a_line() -> None:
    found = quadratic_of(Training(LESSONS["partial-derivative"]))
    assert found is not None
    np.testing.assert_allclose(found.point, [4.5, 1.5])
    assert found.loss == pytest.approx(0)
    direction = found.flat[:, 0] / found.flat[0, 0]
    np.testing.assert_allclose(direction, [1, -3])


def test_the_minimum_of_many_parameters_is_that_of_least_squares() -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(40, 13)), rng.normal(size=(40, 1))
    start = tensor_of(np.zeros((13, 1)).tolist())
    found = quadratic(
        "E = Y - X @ w\nloss = mean(E * E)",
        {"w": start},
        X=tensor_of(X.tolist()),
        Y=tensor_of(Y.tolist()),
    )
    np.testing.assert_allclose(found.point, np.linalg.lstsq(X, Y, rcond=None)[0][:, 0])


@pytest.mark.parametrize(
    "forward",
    [
        "loss = x ** 4 + y ** 2",
        "loss = x * y * x + y ** 2",
        "loss = (1 - x) ** 2 + 100 * (y - x ** 2) ** 2",
        "loss = abs(x) + y ** 2",
        "loss = tanh(x) ** 2 + y ** 2",
        "loss = 1 / x + y ** 2",
        "loss = x ** 2 - y ** 2",  # negative curvature
        "loss = x * y",
        "loss = -(x ** 2) - y ** 2",
        "loss = x + y",  # falls for ever
        "loss = x ** 2 + y",
        "loss = 0 * x + 0 * y",  # the same everywhere
        "loss = 1e200 * (1e200 * x) ** 2 + y ** 2",  # beyond the numbers
    ],
)
def test_other_losses_have_no_known_minimum(forward: str) -> None:
    assert quadratic(forward, {"x": 1.0, "y": 2.0}) is None


@pytest.mark.parametrize(
    "forward",
    [
        "loss = x ** 2 / 3 + y * y",
        "loss = (x - y) ** 2 + (x + y - 2) ** 2 + exp(d)",
        "v = x - d\nloss = v * v + (y / exp(d)) ** 2 + tanh(d) * x",
    ],
)
def test_at_the_minimum_the_gradient_vanishes(forward: str) -> None:
    training = Training(Experiment(forward, {"x": 1.0, "y": 2.0}, 0.1, {"d": 0.7}))
    found = quadratic_of(training)
    assert found is not None
    np.testing.assert_allclose(Landscape(training).gradient(found.point), 0, atol=1e-12)


def regression(scales: tuple[float, ...], seed: int = 0) -> Training:
    """A linear regression on columns of very different size."""
    rng = np.random.default_rng(seed)
    X = rng.normal(2, 1, (40, len(scales))) * scales
    y = X @ (rng.normal(0, 1, len(scales)) / scales) + rng.normal(0, 0.1, 40)
    data = {"X": tensor_of(X.tolist()), "y": tensor_of(y.tolist())}
    parameters: dict[str, Tensor] = {"w": (0.0,) * len(scales), "b": 0.0}
    return Training(Experiment("loss = mean((y - X @ w - b) ** 2)", parameters, 1e-12, data))


@pytest.mark.parametrize("scales", [(1.0, 1.0), (1e-4, 1e5), (1e6, 1e-3, 1.0), (1e-6, 1e6)])
def test_raw_columns_of_any_size_have_their_minimum(scales: tuple[float, ...]) -> None:
    training = regression(scales)
    found = quadratic_of(training)
    assert found is not None
    assert found.flat.shape == (len(scales) + 1, 0)
    X, y = np.asarray(training.values["X"]), np.asarray(training.values["y"])
    table = np.column_stack([X / scales, np.ones(len(X))])
    best, [squares], _, _ = np.linalg.lstsq(table, y, rcond=None)
    np.testing.assert_allclose(found.point * [*scales, 1], best, rtol=1e-6)
    assert found.loss == pytest.approx(squares / len(X), rel=1e-9)


def test_a_valley_between_columns_of_different_size_is_a_valley() -> None:
    X = np.random.default_rng(1).normal(0, 1, (20, 1)) * [1e-3, 1e4]  # one column, twice
    data = {"X": tensor_of(X.tolist()), "y": tensor_of((X[:, 0] * 500 + 1).tolist())}
    start: dict[str, Tensor] = {"w": (3.0, 0.001)}
    training = Training(Experiment("loss = mean((y - X @ w) ** 2)", start, 1e-9, data))
    found = quadratic_of(training)
    assert found is not None
    assert found.flat.shape == (2, 1)
    np.testing.assert_allclose(X @ found.flat, 0, atol=1e-12 * 1e4)
    # The nearest minimum lies straight across the valley.
    assert abs((found.point - [3.0, 0.001]) @ found.flat[:, 0]) < 1e-9
    np.testing.assert_allclose(Landscape(training).gradient(found.point), 0, atol=1e-7)


def test_columns_of_every_size_are_standardised_without_a_warning() -> None:
    sizes = np.array([1.0, 1e160, 1e-170, 1e300, 1e-300, 5.0])
    column = np.array([1.0, 2.0, 4.0, 10.0])
    X = tensor_of((column[:, None] * sizes + [0, 0, 0, 0, 0, 1e3]).tolist())
    experiment = Experiment(
        "loss = mean((X @ w) ** 2)", {"w": (0.0,) * 6}, 0.1, {"X": X}, standardised=("X",)
    )
    expected = (column - column.mean()) / column.std()
    for standardised in np.asarray(Training(experiment).values["X"]).T:
        np.testing.assert_allclose(standardised, expected, rtol=1e-12)


# Long runs


def test_a_long_run_is_kept_in_little_memory() -> None:
    iterations = 100_000
    training = Training(LESSONS["gradient-matrix"])
    assert training.run(iterations) == iterations
    assert len(training.losses) == iterations
    assert training.history.size <= 2 * 8 * 4 * (iterations + 1) < 100e6


def test_nothing_but_the_history_grows() -> None:
    training = Training(LESSONS["gradient-matrix"])
    training.run(1)
    tracemalloc.start()
    training.run(5_000)
    now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert now <= training.history.size + 100_000
    assert most <= 2 * training.history.size + 100_000


def test_growing_step_by_step_is_as_small() -> None:
    training = Training(LESSONS["gradient-matrix"])
    for _ in range(300):
        training.run(37)
    assert training.history.size <= 2 * 8 * 4 * (300 * 37 + 1)


def test_losses_over_all_samples_are_found_once_and_kept_in_little_memory() -> None:
    """Round by round, with a way back and another rate now and then."""
    training = Training(LESSONS["gradient-matrix"], choices={"batch": "1"})
    for turn in range(300):
        training.advance()
        training.whole_losses()
        if turn % 7 == 0:
            training.undo()
        if turn % 50 == 0:
            training.change("learning_rate", 0.01 if turn % 100 else 0.02)
    straight = Training(training.experiment, training.changes, training.position)
    np.testing.assert_array_equal(training.whole_losses(), straight.whole_losses())
    assert training.history.size <= 2 * 8 * 4 * (training.iteration + 16)


def large(size: int = 200) -> Training:
    """A run of as many parameters as a square of that side has."""
    table = tuple((1.0,) * size for _ in range(size))
    return Training(Experiment("loss = mean((W - 3) ** 2)", {"W": table}, 10.0))


def test_a_run_ends_before_its_memory_does() -> None:
    training = large()
    training.go_to(Position(1_000_000, Phase.FORWARD))
    end = training.last
    assert training.position == training.furthest == end
    assert 500 < end.iteration < 1_000
    assert training.history.size <= MOST_BYTES
    assert (training.is_full, training.has_ended, training.divergence) == (True, True, None)
    for go_on in (training.advance, training.update):
        with pytest.raises(RunEnded, match=f"Iteration {end.iteration} is the last: the history"):
            go_on()
    assert training.run(3) == 0
    assert training.position == end
    assert set(training.values_at(Position(10_000, Phase.FORWARD))) >= {"W", "loss"}
    assert training.undo()
    assert not training.has_ended
    training.backward()
    assert training.position == end


def test_no_run_goes_farther_than_a_state_line_can_say() -> None:
    training = Training(Experiment("loss = (x - 3) ** 2", {"x": 0.0}, 0.1))
    training.go_to(Position(2_000_000, Phase.FORWARD))
    assert training.position == Position(1_000_000, Phase.BACKWARD)
    assert parse_state(str(State("short", training.position))).position == training.position
    with pytest.raises(RunEnded, match="Iteration 1,000,000 is the last of a run; it can be"):
        training.advance()
