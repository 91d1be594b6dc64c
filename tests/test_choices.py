"""Choices: conventions, batches, seeds, standardising; and how a run carries them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gd_tutor.engine.errors import ChoiceError
from gd_tutor.engine.experiment import Change, Experiment, Random, options, tensor_of
from gd_tutor.engine.expression import Tensor
from gd_tutor.engine.minimum import Landscape, quadratic_of
from gd_tutor.engine.state import BEGINNING, Phase, Position, State, StateError, parse_state
from gd_tutor.engine.training import Training
from tutor import slow

LINE = Experiment(
    "prediction = w * x + b\nresidual = y - prediction\nloss = mean(residual ** 2)",
    {"w": 0.5, "b": 0.0},
    0.05,
    {"x": (1.0, 2.0, 3.0), "y": (3.0, 5.0, 7.0)},
)
SQUARE = Experiment("residual = y - x\nloss = residual ** 2", {"x": 8.0}, 0.1, {"y": 5.0})
BOWL = Experiment("loss = (x - 3) ** 2 + (y - 4) ** 2", {"x": 1.0, "y": 1.0}, 0.1)
GUESSES = Experiment(
    "E = Y - Y_hat\nloss = mean(E ** 2)",
    {"Y_hat": ((8.0,), (2.0,), (5.0,))},
    0.3,
    {"Y": ((5.0,), (3.0,), (4.0,))},
)


def table(samples: int, columns: int, rate: float = 0.05, **more: object) -> Experiment:
    """Many samples of a linear relation, with noise."""
    rng = np.random.default_rng(samples)
    X = rng.normal(3, 2, size=(samples, columns))
    y = X @ np.arange(1, columns + 1) + rng.normal(size=samples)
    return Experiment(
        "prediction = X @ theta + b\nresidual = y - prediction\nloss = mean(residual ** 2)",
        {"theta": (0.0,) * columns, "b": 0.0},
        rate,
        {"X": tensor_of(X.tolist()), "y": tensor_of(y.tolist())},
        **more,  # type: ignore[arg-type]
    )


MANY = table(40, 3, 0.01)

ALL_CHOICES = [
    {},
    {"optimizer": "adam"},
    {"optimizer": "nesterov", "batch": "16", "seed": "3"},
    {"batch": "1", "bug": "not-cleared"},
    {"batch": "32", "optimizer": "rmsprop", "bug": "wrong-sign"},
    {"bug": "update-first", "optimizer": "momentum"},
    {"bug": "one-after-another", "optimizer": "adamw", "average": "half"},
    {"bug": "sum-for-mean", "residual": "reversed"},
]
each_way = pytest.mark.parametrize("choices", ALL_CHOICES, ids=str)


def exact(training: Training) -> tuple[object, ...]:
    """The whole state, byte by byte."""
    return (
        training.position,
        training.choices,
        {name: np.asarray(value, float).tobytes() for name, value in training.values.items()},
        {name: training.trail(name).tobytes() for name in training.program.carried},
        training.losses.tobytes(),
        training.whole_losses().tobytes(),
    )


def offered(experiment: Experiment, kind: str) -> list[str]:
    return [option.value for option in options(experiment) if option.kind == kind]


# A run under choices


@each_way
def test_undo_and_redo_restore_every_byte(choices: dict[str, str]) -> None:
    training = Training(MANY, choices=choices)
    states = [exact(training)]
    for phase in range(60):
        if phase == 30:
            training.change("learning_rate", 0.002)
        training.advance()
        states.append(exact(training))
    for state in reversed(states[31:]):
        assert exact(training) == state
        training.undo()
    for state in states[31:]:
        training.redo()
        assert exact(training) == state


@each_way
def test_any_way_to_a_position_leads_to_the_same_state(choices: dict[str, str]) -> None:
    position = Position(1_100, Phase.BACKWARD)
    straight = Training(MANY, position=position, choices=choices)
    in_pieces = Training(MANY, choices=choices)
    for size in (1, 7, 991, 100):
        in_pieces.run(size)
    in_pieces.go_to(position)
    back = Training(MANY, choices=choices)
    back.run(1_300)
    back.go_to(position)
    assert exact(in_pieces) == exact(straight) == exact(back)


@each_way
def test_the_values_shown_are_those_of_the_run(choices: dict[str, str]) -> None:
    training = Training(MANY, choices=choices)
    training.run(9)
    for k in range(9):
        values = training.values_at(Position(k, Phase.UPDATE))
        assert values["loss"] == training.losses[k]
        for name in training.program.carried:
            np.testing.assert_array_equal(values[name], training.trail(name)[k])
            np.testing.assert_array_equal(values[f"next.{name}"], training.trail(name)[k + 1])


def test_a_choice_holds_from_the_very_start_and_keeps_the_position() -> None:
    training = Training(LINE)
    training.run(5)
    training.change("learning_rate", 0.02)
    training.go_to(Position(7, Phase.BACKWARD))
    training.choose("optimizer", "adam")
    assert training.position == Position(7, Phase.BACKWARD)
    assert training.changes == (Change("learning_rate", 0.02, 5),)
    straight = Training(LINE, training.changes, training.position, {"optimizer": "adam"})
    assert exact(training) == exact(straight)


def test_choosing_back_leaves_no_choice() -> None:
    training = Training(LINE)
    training.run(5)
    before = exact(training)
    training.choose("average", "sum")
    training.choose("average", "mean")
    assert training.choices == {}
    assert training.experiment is LINE
    assert exact(training) == before


def test_a_run_under_a_choice_ends_where_it_diverges() -> None:
    training = Training(LINE)
    training.run(5_000)
    training.choose("bug", "wrong-sign")
    assert training.divergence is not None
    assert training.iteration < 5_000
    training.choose("bug", "none")
    assert training.divergence is None


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("optimizer", "adm", "Did you mean 'adam'"),
        ("optimzer", "adam", "Did you mean 'optimizer'"),
        ("batch", "3", "needs more samples than 3"),
        ("batch", "0", "whole number"),
        ("seed", "x", "whole number"),
        ("average", "whole", "no form"),
        ("scale", "standardised", "No data"),
    ],
)
def test_a_choice_that_does_not_fit_is_refused_and_changes_nothing(
    kind: str, value: str, says: str
) -> None:
    training = Training(LINE)
    training.run(3)
    before = exact(training)
    with pytest.raises(ChoiceError, match=says):
        training.choose(kind, value)
    assert exact(training) == before
    with pytest.raises(ChoiceError):
        Training(LINE, choices={kind: value})


def test_a_lesson_may_have_choices_of_its_own() -> None:
    own = Experiment(LINE.forward, LINE.parameters, 0.05, LINE.data, {"optimizer": "momentum"})
    training = Training(own)
    assert training.choices == {}
    assert "velocity.w" in training.values
    training.choose("optimizer", "gradient-descent")
    assert training.choices == {"optimizer": "gradient-descent"}
    assert training.program.state == {}


@pytest.mark.parametrize("experiment", [LINE, *map(slow, (SQUARE, BOWL, GUESSES, MANY))])
def test_options_contain_what_is_in_force_and_can_all_be_chosen(experiment: Experiment) -> None:
    training = Training(experiment)
    found = training.options()
    assert {option.kind for option in found} >= {"optimizer", "bug"}
    for option in found:
        assert option.title
        assert option.says.endswith(".")
        training.choose(option.kind, option.value)
        training.run(2)
        assert training.experiment.choice(option.kind) == option.value
        assert option in training.options(option.kind)
        training.choose(option.kind, experiment.choice(option.kind) or "")


# The state line


def test_choices_stand_in_the_state_line_without_an_iteration() -> None:
    changes = (Change("learning_rate", 0.2, 2),)
    state = State("gradient", Position(3, Phase.UPDATE), changes, (("optimizer", "adam"),))
    assert str(state) == "gradient:3:update:optimizer=adam:learning_rate=0.2@2"
    assert parse_state(str(state)) == state
    line = "gradient:3:update:learning_rate=0.2@2:seed=3:experiment=noisy:batch=16:batch=[1,2]@0"
    found = parse_state(line)
    assert found.choices == (("experiment", "noisy"), ("batch", "16"), ("seed", "3"))
    assert [change.name for change in found.changes] == ["learning_rate", "batch"]
    assert parse_state(str(found)) == found


def test_a_run_is_restored_from_its_state_line() -> None:
    training = Training(MANY, choices={"batch": "16", "optimizer": "adam", "seed": "4"})
    training.run(11)
    training.change("learning_rate", 0.1)
    training.go_to(Position(30, Phase.FORWARD))
    state = State("x", training.position, training.changes, tuple(training.choices.items()))
    found = parse_state(str(state))
    again = Training(MANY, found.changes, found.position, dict(found.choices))
    assert exact(again) == exact(training)


@pytest.mark.parametrize(
    "word",
    ["optimizer=", "optimizer=adm", "=adam", "speed=3", "learning_rate=0.2", "bug=none:bug=none",
     "seed=-1", "seed=1.5", "seed=9999999", "batch=none", "batch=0", "optimizer=adam@3"],
)  # fmt: skip
def test_what_is_no_choice_is_refused(word: str) -> None:
    with pytest.raises(StateError) as caught:
        parse_state(f"gradient:3:update:{word}")
    assert str(caught.value).endswith((".", "?"))


# Conventions


def test_twice_the_learning_rate_takes_the_same_way_with_half_the_mean() -> None:
    mean, half = Training(LINE), Training(LINE, choices={"average": "half"})
    half.change("learning_rate", 0.1)
    for training in (mean, half):
        training.run(500)
    np.testing.assert_allclose(half.trail("w"), mean.trail("w"), rtol=1e-12)
    np.testing.assert_allclose(half.losses, mean.losses / 2, rtol=1e-9, atol=1e-15)


def test_an_nth_of_the_learning_rate_takes_the_same_way_with_the_sum() -> None:
    mean, total = Training(LINE), Training(LINE, choices={"average": "sum"})
    total.change("learning_rate", 0.05 / 3)
    for training in (mean, total):
        training.run(500)
    np.testing.assert_allclose(total.trail("w"), mean.trail("w"), rtol=1e-12)
    np.testing.assert_allclose(total.losses, mean.losses * 3, rtol=1e-9, atol=1e-15)


def test_a_reversed_residual_leaves_loss_and_slopes_alone() -> None:
    usual, turned = Training(LINE), Training(LINE, choices={"residual": "reversed"})
    position = Position(3, Phase.BACKWARD)
    a, b = usual.values_at(position), turned.values_at(position)
    np.testing.assert_array_equal(a["residual"], -np.asarray(b["residual"]))
    np.testing.assert_array_equal(a["grad.residual"], -np.asarray(b["grad.residual"]))
    for name in ("loss", "grad.w", "grad.b", "grad.prediction"):
        np.testing.assert_allclose(a[name], b[name], rtol=1e-13)


@pytest.mark.parametrize(
    ("forward", "averages", "residuals"),
    [
        ("loss = mean((y - x) ** 2)", ["mean", "half", "sum"], []),
        ("E = y - x\nL = E * E\nloss = sum(L)", ["mean", "half", "sum"], ["usual", "reversed"]),
        ("E = y - x\nloss = 0.5 * mean(E ** 2)", ["mean", "half", "sum"], ["usual", "reversed"]),
        ("E = y - x\nloss = mean(E ** 2) / 2", ["mean", "half", "sum"], ["usual", "reversed"]),
        ("E = y - x\nloss = mean(abs(E))", ["mean", "sum"], ["usual", "reversed"]),
        ("E = y - x\nloss = mean(E ** 2 + E)", ["mean", "sum"], []),
        ("E = y - x\nloss = mean(E * x * E)", ["mean", "sum"], []),
        ("E = y - x\nloss = mean(E ** 3)", ["mean", "sum"], []),
        ("loss = mean(exp(x * y))", ["mean", "sum"], []),
        ("loss = mean((x - y) ** 2) + sum(x ** 2)", [], []),
    ],
)
def test_conventions_are_offered_where_they_fit(
    forward: str, averages: list[str], residuals: list[str]
) -> None:
    experiment = Experiment(forward, {"x": (1.0, 2.0)}, 0.1, {"y": (3.0, 5.0)})
    assert offered(experiment, "average") == averages
    assert offered(experiment, "residual") == residuals


def test_a_single_square_is_whole_or_half() -> None:
    assert offered(SQUARE, "average") == offered(BOWL, "average") == ["half", "whole"]
    halved = Training(SQUARE, choices={"average": "half"})
    halved.run(1)
    assert halved.losses[0] == 4.5
    assert halved.parameters["x"] == pytest.approx(7.7)


def test_the_mean_of_all_partials_is_the_gradient_of_a_half_mean_too() -> None:
    training = Training(LINE, choices={"average": "half"}, position=Position(0, Phase.BACKWARD))
    partials = training.per_sample()
    assert partials is not None
    assert partials["w"].mean() == pytest.approx(training.values["grad.w"])


# Batches


def test_every_epoch_takes_every_sample_once() -> None:
    training = Training(table(12, 2), choices={"batch": "1"})
    for epoch in range(2):
        found = [training.batch(epoch * 12 + k) for k in range(12)]
        rows = np.concatenate([row for row in found if row is not None]).tolist()
        assert sorted(rows) == list(range(12))
        assert rows != list(range(12))


def test_the_last_batch_of_an_epoch_is_filled_up() -> None:
    training = Training(MANY, choices={"batch": "16"})
    epoch = [training.batch(k) for k in range(3)]
    assert all(rows is not None and rows.shape == (16,) for rows in epoch)
    first, _, last = epoch
    assert first is not None
    assert last is not None
    np.testing.assert_array_equal(last[8:], first[:8])


def test_an_iteration_sees_its_batch_alone() -> None:
    training = Training(MANY, choices={"batch": "16"}, position=Position(5, Phase.BACKWARD))
    rows = training.batch(5)
    X, y = (np.asarray(MANY.data[name])[rows] for name in "Xy")
    theta, b = training.values["theta"], training.values["b"]
    np.testing.assert_array_equal(training.values["X"], X)
    residual = y - (X @ theta + b)
    np.testing.assert_allclose(training.values["loss"], (residual**2).mean())
    np.testing.assert_allclose(training.values["grad.theta"], -2 * X.T @ residual / 16)
    partials = training.per_sample()
    assert partials is not None
    assert partials["theta"].shape == (16, 3)


@given(st.integers(0, 999_999), st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_batches_follow_from_seed_and_iteration(seed: int, iteration: int) -> None:
    choices = {"batch": "16", "seed": str(seed)}
    found = [Training(MANY, choices=choices).batch(iteration) for _ in range(2)]
    np.testing.assert_array_equal(found[0], found[1])


def test_another_seed_draws_other_batches() -> None:
    training = Training(MANY, choices={"batch": "16"})
    first = training.batch(0)
    training.choose("seed", "1")
    assert not np.array_equal(first, training.batch(0))


def test_the_loss_over_all_samples_along_a_run_of_batches() -> None:
    training = Training(MANY, choices={"batch": "1"})
    training.run(70)
    training.forward()
    X, y = (np.asarray(MANY.data[name]) for name in "Xy")
    ways = zip(training.trail("theta"), training.trail("b"), strict=True)
    expected = [((y - (X @ theta + b)) ** 2).mean() for theta, b in ways]
    np.testing.assert_allclose(training.whole_losses(), expected)
    training.go_to(Position(9, Phase.UPDATE))
    training.change("learning_rate", 0.001)
    training.run(20)
    fresh = Training(MANY, training.changes, training.position, training.choices)
    np.testing.assert_array_equal(training.whole_losses(), fresh.whole_losses())
    assert len(training.whole_losses()) == 30


def test_without_batches_the_losses_are_the_whole_ones() -> None:
    training = Training(MANY)
    training.run(5)
    assert training.batch(0) is None
    np.testing.assert_array_equal(training.whole_losses(), training.losses)


def test_the_landscape_is_that_of_all_samples_whatever_is_chosen() -> None:
    plain = quadratic_of(Training(MANY))
    assert plain is not None
    for choices in ({"batch": "16"}, {"bug": "not-cleared"}, {"bug": "update-first"}):
        training = Training(MANY, choices=choices)
        found = quadratic_of(training)
        assert found is not None
        np.testing.assert_allclose(found.point, plain.point)
        np.testing.assert_allclose(Landscape(training).gradient(found.point), 0, atol=1e-8)


@pytest.mark.parametrize(
    ("experiment", "sizes"),
    [
        (MANY, ["all", "1", "16", "32"]),
        (table(16, 2), ["all", "1"]),
        (table(16, 2, choices={"batch": "4"}), ["all", "1", "4"]),
        (table(2, 2), ["all", "1"]),
        (LINE, ["all", "1"]),
        (table(3, 3), ["all", "1"]),  # as many columns as samples
        (SQUARE, []),
        (BOWL, []),
        (GUESSES, []),  # a parameter for every sample
        (
            Experiment("loss = mean((M @ x - y) ** 2)", {"x": (1.0, 1.0)}, 0.1,
                       {"M": ((1.0, 2.0), (3.0, 4.0)), "y": (1.0, 2.0)}),
            ["all", "1"],
        ),
        (
            Experiment("loss = mean((x * M) @ y)", {"x": 1.0}, 0.1,
                       {"M": ((1.0, 2.0), (3.0, 4.0)), "y": (1.0, 2.0)}),
            [],  # the samples meet each other in a product
        ),
    ],
)  # fmt: skip
def test_batches_are_offered_where_the_loss_is_over_samples(
    experiment: Experiment, sizes: list[str]
) -> None:
    assert offered(experiment, "batch") == sizes


def test_a_batch_keeps_to_the_choices_of_conventions_and_bugs() -> None:
    choices = {"batch": "1", "average": "sum", "residual": "reversed", "bug": "wrong-sign"}
    training = Training(MANY, choices=choices)
    assert training.run(3) == 3
    assert training.choices == {**choices}


# Seeds and standardising


def test_a_random_start_is_drawn_from_the_seed_in_order() -> None:
    parameters: dict[str, Tensor] = {"W": ((0.0, 0.0), (0.0, 0.0)), "c": 0.0, "k": (0.0, 0.0)}
    experiment = Experiment(
        "loss = sum(W ** 2) + c ** 2 + sum(k ** 2)",
        parameters,
        0.1,
        random={"W": Random(-1, 1), "k": Random(0, 10, whole=True)},
    )
    training = Training(experiment, choices={"seed": "5"})
    rng = np.random.default_rng(5)
    np.testing.assert_array_equal(training.parameters["W"], rng.uniform(-1, 1, (2, 2)))
    np.testing.assert_array_equal(training.parameters["k"], rng.integers(0, 10, 2))
    assert training.parameters["c"] == 0
    assert offered(experiment, "seed")[:2] == ["0", "1"]
    training.change("k", (1.0, 2.0))
    training.choose("seed", "6")
    np.testing.assert_array_equal(training.parameters["k"], [1, 2])
    given_start = experiment.with_settings([Change("k", (3.0, 4.0))])
    np.testing.assert_array_equal(Training(given_start).parameters["k"], [3, 4])


def test_nothing_random_means_no_seed_to_choose() -> None:
    assert offered(MANY, "seed") == []
    assert offered(MANY.with_choices({"batch": "16"}), "seed")[0] == "0"


def test_columns_are_standardised_or_taken_as_given() -> None:
    training = Training(table(40, 3, standardised=("X",)))
    X = np.asarray(MANY.data["X"])
    used = training.values["X"]
    np.testing.assert_allclose(np.mean(used, axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.var(used, axis=0), 1)
    np.testing.assert_array_equal(used, (X - X.mean(axis=0)) / X.std(axis=0))
    np.testing.assert_array_equal(training.values["y"], MANY.data["y"])
    training.choose("scale", "as-given")
    np.testing.assert_array_equal(training.values["X"], X)
    assert training.choices == {"scale": "as-given"}


def test_a_column_of_equal_numbers_becomes_0() -> None:
    experiment = Experiment(
        "loss = mean((y - x * w) ** 2)", {"w": 1.0}, 0.1,
        {"x": (0.1, 0.1, 0.1), "y": (1.0, 2.0, 3.0)}, standardised=("x",),
    )  # fmt: skip
    np.testing.assert_allclose(Training(experiment).values["x"], 0, atol=1e-12)


def test_a_batch_is_taken_of_what_all_samples_were_standardised_to() -> None:
    experiment = table(40, 3, standardised=("X",))
    whole = Training(experiment).values["X"]
    training = Training(experiment, choices={"batch": "16"})
    np.testing.assert_array_equal(training.values["X"], np.asarray(whole)[training.batch(0)])


def test_ten_thousand_samples_take_a_moment_and_little_memory() -> None:
    training = Training(table(10_000, 13, 0.001, standardised=("X",)))
    training.run(1_000)
    assert training.losses[-1] < training.losses[0]
    assert training.history.size < 1_000_000
    assert training.position != BEGINNING
