"""The labs on layers, regression and valleys: their numbers against loops written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from as_shown import shown
from gd_tutor.course.check import check, one_number
from gd_tutor.course.lesson import (
    ChoiceQuestion,
    CodeBlock,
    FindQuestion,
    NumberQuestion,
)
from gd_tutor.engine.compile import evaluate
from gd_tutor.engine.experiment import Change, tensor_of
from gd_tutor.engine.expression import gradient_of
from gd_tutor.engine.starts import starts_of
from gd_tutor.engine.training import Training
from tutor import COURSE, lesson, position, session

Array = NDArray[np.float64]

LABS = ("layers", "regression", "valleys")
FOLDER = COURSE.directory
CLOSE: dict[str, Any] = {"rel": 1e-10, "abs": 1e-12}


def run(
    lab: str, experiment: str, settings: Mapping[str, object] | None = None, **choices: str
) -> Training:
    """A run of one experiment of a lab, with other settings from its start."""
    part = lesson(lab).experiment_of(experiment)
    assert part is not None
    changes = [Change(name, tensor_of(value)) for name, value in (settings or {}).items()]
    return Training(part.experiment, changes, choices=choices)


def after(updates: int, training: Training) -> dict[str, Any]:
    """All values of the iteration with that many updates before it."""
    training.go_to(position(updates))
    return dict(training.values)


def words(lab: str, page: str) -> str:
    """A page as the learner reads it, on one line."""
    learner = session(lab)
    section = next(section for section in learner.lesson.sections if section.id == page)
    rows = learner.pages.prose.rows(section, 1000, None)
    return " ".join("".join(text for _, text in row) for row in rows)


@cache
def points() -> tuple[Array, Array]:
    """The 100 points of the lesson on regression, made anew."""
    random = np.random.RandomState(0)
    x = random.rand(100, 1)
    return x[:, 0], (2 * x + 0.1 * random.randn(100, 1))[:, 0]


def standardised(x: Array) -> Array:
    return np.asarray((x - x.mean(axis=0)) / x.std(axis=0))


def with_ones(X: Array) -> Array:
    return np.column_stack([np.ones(len(X)), X])


def largest_rate(table: Array) -> float:
    """Above this rate no run of half the mean square settles."""
    return float(2 / np.linalg.eigvalsh(table.T @ table / len(table))[-1])


# The lessons are sound


@pytest.mark.parametrize("lab", LABS)
def test_labs_have_no_faults(lab: str) -> None:
    assert check([FOLDER / COURSE.find(lab).path.name]) == ()


# Layers


def two_layers(
    x: float, t: float, w1: float, w2: float, rate: float, updates: int, early: bool = False
) -> tuple[float, float, float]:
    """Weights and loss after some updates; `early` goes back through a weight moved already."""
    for _ in range(updates):
        slope = -2 * (t - w2 * w1 * x)
        moved = w2 - rate * slope * w1 * x
        w1 -= rate * slope * (moved if early else w2) * x
        w2 = moved
    return w1, w2, (t - w2 * w1 * x) ** 2


def test_two_layers_by_hand() -> None:
    values = after(0, run("layers", "chain"))
    assert [values[name] for name in ("hidden", "prediction", "residual", "loss")] == [1.5, 3, 2, 4]
    slopes = [values[f"grad.{name}"] for name in ("prediction", "hidden", "w2", "w1")]
    assert slopes == [-4, -8, -6, -24]
    for updates in (1, 2, 100):
        values = after(updates, run("layers", "chain"))
        found = [values[name] for name in ("w1", "w2", "loss")]
        assert found == pytest.approx(two_layers(3, 5, 0.5, 2, 0.01, updates), **CLOSE)


def test_backward_works_from_the_last_layer_to_the_first() -> None:
    order = [line.name for line in run("layers", "chain").program.backward]
    assert order == [gradient_of(name) for name in ("residual", "prediction", "w2", "hidden", "w1")]
    order = [line.name for line in run("layers", "net").program.backward]
    assert order == [gradient_of(name) for name in ("E", "Y", "W2", "H", "W1")]


def test_moving_within_backward_spoils_the_slope_of_the_first_layer() -> None:
    values = after(0, run("layers", "early"))
    assert (values["grad.w1"], values["grad.w2"]) == (-16, -8)
    right = after(1, run("layers", "early"))
    assert [right["w1"], right["w2"], right["loss"]] == pytest.approx([1.8, 2.4, 6.9696], **CLOSE)
    wrong = after(1, run("layers", "early", bug="moved-in-backward"))
    w1, w2, loss = two_layers(2, 6, 1, 2, 0.05, 1, early=True)
    assert [wrong["w1"], wrong["w2"], wrong["loss"]] == pytest.approx([w1, w2, loss], **CLOSE)
    assert (1 - w1) / 0.05 == pytest.approx(-19.2)
    shown = run("layers", "early", bug="moved-in-backward")
    shown.go_to(position(0, "backward"))
    assert shown.values["grad.w1"] == -16  # b shows the right slope; u finds the other one
    page = words("layers", "early")
    assert "−19.2 instead of −16" in page
    assert "[b] still shows −16." in page
    assert page.endswith("the slope that follows: −19.2.")
    assert f"from 4 to 6.9696. Moved too early, it is {loss:.6f}" in words("layers", "worse")


SWITCHES = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
LAMP = np.array([[0], [1], [1], [0]], dtype=float)
W1, W2 = np.array([[0, 1, 1], [1, -1, -0.5]]), np.array([[1], [1], [-1]], dtype=float)


def lamp_net(W1: Array, W2: Array, updates: int) -> tuple[Array, Array, float]:
    """The net with three hidden numbers, learned with the slopes of each sample in turn."""
    W1, W2 = W1.astype(float), W2.astype(float)

    def outputs() -> list[tuple[Array, Array, float, float]]:
        found = []
        for x, t in zip(SWITCHES, LAMP[:, 0], strict=True):
            hidden = np.tanh(x @ W1)
            found.append((x, hidden, float(hidden @ W2[:, 0]), float(t)))
        return found

    for _ in range(updates):
        slopes1, slopes2 = np.zeros_like(W1), np.zeros_like(W2)
        for x, hidden, y, t in outputs():
            back = 2 * (y - t) / 4
            slopes2[:, 0] += back * hidden
            slopes1 += np.outer(x, back * W2[:, 0] * (1 - hidden**2))
        W1, W2 = W1 - 0.5 * slopes1, W2 - 0.5 * slopes2
    return W1, W2, float(np.mean([(y - t) ** 2 for _, _, y, t in outputs()]))


@pytest.mark.parametrize("updates", [0, 1, 2, 20, 100])
def test_net_of_two_layers(updates: int) -> None:
    values = after(updates, run("layers", "net"))
    first, second, loss = lamp_net(W1, W2, updates)
    np.testing.assert_allclose(values["W1"], first, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(values["W2"], second, rtol=1e-9, atol=1e-12)
    assert values["loss"] == pytest.approx(loss, rel=1e-8, abs=1e-14)


def test_shapes_are_those_the_page_names() -> None:
    values = after(0, run("layers", "net"))
    shapes = {name: values[name].shape for name in ("X", "W1", "H", "W2", "Y", "grad.W1")}
    assert shapes == {
        "X": (4, 2), "W1": (2, 3), "H": (4, 3), "W2": (3, 1), "Y": (4, 1), "grad.W1": (2, 3),
    }  # fmt: skip
    assert values["W1"].size + values["W2"].size == 9


def test_slope_through_tanh_is_one_minus_the_square() -> None:
    h, z = 1e-6, np.arctanh(0.8)
    assert (np.tanh(z + h) - np.tanh(z - h)) / (2 * h) == pytest.approx(0.36, rel=1e-6)
    values = after(3, run("layers", "net"))
    before = values["grad.H"] * (1 - values["H"] ** 2)
    np.testing.assert_allclose(values["grad.W1"], SWITCHES.T @ before, rtol=1e-12)


def test_zeros_do_not_learn() -> None:
    values = after(50, run("layers", "zeros"))
    assert not any(values[name].any() for name in ("grad.W1", "grad.W2", "W1", "W2"))
    assert (values["loss"], np.count_nonzero(values["E"])) == (0.5, 2)


def test_equal_weights_stay_equal_and_learn_less() -> None:
    alike = run("layers", "net", {"W1": [[0.5] * 3] * 2, "W2": [[0.5]] * 3})
    values = after(500, alike)
    assert np.ptp(values["W1"], axis=1) == pytest.approx(0, abs=1e-12)
    assert np.ptp(values["W2"]) == pytest.approx(0, abs=1e-12)
    assert np.abs(values["W1"] - 0.5).min() > 0.01
    assert values["loss"] > 0.1 > 1e-10 > after(500, run("layers", "net"))["loss"]


HOURS, PASSED = np.array([1.0, 2, 3, 4, 5, 6]), np.array([0.0, 0, 1, 0, 1, 1])


def cross_entropy(w: float, b: float, updates: int) -> tuple[float, float, float]:
    def chance(hours: float) -> float:
        return float(1 / (1 + np.exp(-(w * hours + b))))

    for _ in range(updates):
        wrong = [chance(x) - t for x, t in zip(HOURS, PASSED, strict=True)]
        w -= 0.3 * sum(e * x for e, x in zip(wrong, HOURS, strict=True)) / 6
        b -= 0.3 * sum(wrong) / 6
    costs = [-np.log(chance(x) if t else 1 - chance(x)) for x, t in zip(HOURS, PASSED, strict=True)]
    return w, b, float(np.mean(costs))


@pytest.mark.parametrize("updates", [0, 1, 2, 10, 1000])
def test_cross_entropy(updates: int) -> None:
    values = after(updates, run("layers", "yes-no"))
    found = [values[name] for name in ("w", "b", "loss")]
    assert found == pytest.approx(cross_entropy(0, 0, updates), rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(values["grad.score"], (values["p"] - PASSED) / 6, atol=1e-14)


def test_cross_entropy_at_its_start_and_its_half_way() -> None:
    values = after(0, run("layers", "yes-no"))
    assert values["loss"] == pytest.approx(np.log(2))
    assert values["grad.w"] == pytest.approx(-3.5 / 6)
    w, b, _ = cross_entropy(0, 0, 1000)
    assert f"one half at {-b / w:.5g} hours" in words("layers", "slope")
    page = words("layers", "cross-entropy")
    assert all(f"{-np.log(p):.5g}" in page for p in (0.5, 0.9, 0.01))


# The same with PyTorch


def torch_runs(torch: Any) -> dict[str, tuple[dict[str, Any], float, Callable[..., Any]]]:
    def tensor(value: object) -> Any:
        return torch.tensor(np.array(value, dtype=float), requires_grad=True)

    def chain(w1: Any, w2: Any) -> Any:
        return (5 - w2 * (w1 * 3)) ** 2

    def early(w1: Any, w2: Any) -> Any:
        return (6 - w2 * (w1 * 2)) ** 2

    X, T = torch.tensor(SWITCHES), torch.tensor(LAMP)

    def net(W1: Any, W2: Any) -> Any:
        return torch.nn.functional.mse_loss(torch.tanh(X @ W1) @ W2, T)

    hours, passed = torch.tensor(HOURS), torch.tensor(PASSED)

    def yes_no(w: Any, b: Any) -> Any:
        return torch.nn.functional.binary_cross_entropy_with_logits(w * hours + b, passed)

    return {
        "chain": ({"w1": tensor(0.5), "w2": tensor(2)}, 0.01, chain),
        "early": ({"w1": tensor(1), "w2": tensor(2)}, 0.05, early),
        "net": ({"W1": tensor(W1), "W2": tensor(W2)}, 0.5, net),
        "yes-no": ({"w": tensor(0), "b": tensor(0)}, 0.3, yes_no),
    }


@pytest.mark.parametrize("experiment", ["chain", "early", "net", "yes-no"])
def test_layers_agree_with_pytorch(experiment: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    parameters, rate, loss_of = torch_runs(torch)[experiment]
    optimizer = torch.optim.SGD(parameters.values(), lr=rate)
    training = run("layers", experiment)
    for iteration in range(20):
        values = after(iteration, training)
        optimizer.zero_grad()
        loss = loss_of(**parameters)
        loss.backward()
        assert values["loss"] == pytest.approx(loss.item(), rel=1e-9)
        for name, parameter in parameters.items():
            slope = parameter.grad.numpy()
            np.testing.assert_allclose(values[f"grad.{name}"], slope, rtol=1e-9, atol=1e-12)
        optimizer.step()


# Regression


def columns(file: str) -> dict[str, Array]:
    head, *rows = (FOLDER / file).read_text(encoding="utf-8").splitlines()
    table = np.array([[float(cell) for cell in row.split(",")] for row in rows])
    return dict(zip(head.split(","), table.T, strict=True))


def test_the_hundred_points_are_those_of_seed_0_with_every_digit() -> None:
    x, y = points()
    found = columns("regression.csv")
    assert (found["x"] == x).all()
    assert (found["y"] == y).all()
    assert len(x) == 100


def descent(table: Array, y: Array, rate: float, updates: int) -> tuple[Array, float]:
    """Parameters and half the mean square, with a column of the table for each parameter."""
    theta = np.zeros(table.shape[1])
    for _ in range(updates):
        slopes = np.zeros_like(theta)
        for row, truth in zip(table, y, strict=True):
            slopes += (row @ theta - truth) * row
        theta = theta - rate * slopes / len(y)
    return theta, float(np.mean((y - table @ theta) ** 2) / 2)


def test_1500_rounds_of_regression() -> None:
    x, y = points()
    values = after(1500, run("regression", "line"))
    found = [float(values["theta0"]), float(values["theta1"])]
    assert [round(number, 8) for number in found] == [0.96482084, 0.57478487]
    square = float(np.mean(values["residual"] ** 2))
    assert (round(square, 8), float(values["loss"])) == (0.00992439, pytest.approx(square / 2))
    theta, loss = descent(with_ones(standardised(x)), y, 0.01, 1500)
    assert [*found, values["loss"]] == pytest.approx([*theta, loss], rel=1e-9)
    page = words("regression", "far")
    assert f"θ₀ is {found[0]:.8f}, θ₁ is {found[1]:.8f}." in page
    assert f"is {square:.10f}." in page


def test_best_line_of_the_standardised_points() -> None:
    x, y = points()
    best, *_ = np.linalg.lstsq(with_ones(standardised(x)), y)
    assert [round(number, 8) for number in best] == [0.96482111, 0.57478504]
    page = words("regression", "exact")
    assert f"{best[0]:.8f}" in page
    assert f"{best[1]:.8f}" in page
    values = after(1500, run("regression", "line"))
    assert np.abs([values["theta0"], values["theta1"]] - best).max() < 1e-6


def test_each_round_leaves_the_same_part_of_the_way() -> None:
    training = run("regression", "line")
    first, second = (after(updates, training)["theta1"] for updates in (1, 2))
    x, y = points()
    best = float(np.mean(standardised(x) * y))
    assert (best - second) / (best - first) == pytest.approx(0.99)


def test_without_the_half_slopes_double_and_half_the_rate_is_the_same_path() -> None:
    half, mean = run("regression", "line"), run("regression", "line", average="mean")
    for name in ("grad.theta0", "grad.theta1"):
        assert after(0, mean)[name] == pytest.approx(2 * after(0, half)[name])
    slower = run("regression", "line", {"learning_rate": 0.005}, average="mean")
    for name in ("theta0", "theta1"):
        np.testing.assert_allclose(
            [after(n, slower)[name] for n in (1, 2, 50)],
            [after(n, half)[name] for n in (1, 2, 50)],
            rtol=1e-12,
        )


def test_standardising_is_a_step_that_can_be_undone() -> None:
    x, y = points()
    values = after(0, run("regression", "line"))
    np.testing.assert_allclose(values["x"], standardised(x), atol=1e-12)
    page = words("regression", "standardise")
    for number in (x.mean(), x.std(), x[0], standardised(x)[0]):
        assert f"{number:.8g}" in page
    (at_0, rise), *_ = np.linalg.lstsq(with_ones(x), y)
    assert f"deviation: {rise:.8g}. At 0 it stands at {at_0:.8g}." in words("regression", "undo")


def test_rate_limit_standardised_and_as_given() -> None:
    x, y = points()
    given = largest_rate(with_ones(x))
    assert largest_rate(with_ones(standardised(x))) == pytest.approx(2)
    page = words("regression", "as-given")
    assert f"Above {given:.5g} no run settles. Standardised, the limit is 2" in page
    for name, limit, choices in [
        ("line", 2.0, {}),
        ("line", given, {"scale": "as-given"}),
        ("as-given", given, {}),
    ]:
        settles = run("regression", name, {"learning_rate": 0.99 * limit}, **choices)
        parts = run("regression", name, {"learning_rate": 1.01 * limit}, **choices)
        assert after(3000, settles)["loss"] == pytest.approx(0.0049621932, rel=1e-6)
        parts.go_to(position(3000))
        assert parts.divergence is not None or parts.values["loss"] > 1e3
    # Steps of exactly 1 land at once where every ring is a circle of the same steepness.
    at_once = after(1, run("regression", "line", {"learning_rate": 1}))
    assert at_once["loss"] == pytest.approx(0.0049621932, rel=1e-6)
    for updates in (1, 10, 1000):
        _, loss = descent(with_ones(x), y, 1, updates)
        assert f"{loss:.5g}" in page
        assert after(updates, run("regression", "as-given"))["loss"] == pytest.approx(loss)


def fences(page: str) -> list[str]:
    section = next(s for s in lesson("regression").sections if s.id == page)
    return ["\n".join(b.lines) for b in section.blocks if isinstance(b, CodeBlock)]


def test_printed_program_is_refused_with_the_message_that_the_page_shows(tmp_path: Path) -> None:
    (printed,), (shown,) = fences("refused"), fences("message")
    (tmp_path / "regression.csv").write_bytes((FOLDER / "regression.csv").read_bytes())
    path = tmp_path / "09-printed.md"
    head = (
        '+++\ntitle = "Printed"\n[experiment]\n'
        'data = { file = "regression.csv", X = ["x"], y = ["y"] }\n'
        'standardise = ["X"]\nparameters = { theta = [[0], [0]] }\nlearning_rate = 0.01\n'
    )
    path.write_text(f'{head}forward = """\n{printed}\n"""\n+++\nText.\n', encoding="utf-8")
    (fault,) = check([path])
    assert fault.message == shown.replace("\n", " ")
    with pytest.raises(ValueError, match="shapes"):
        np.dot(points()[0][:, None], np.zeros((2, 1)))


def test_column_of_ones_is_the_same_line() -> None:
    x, y = points()
    table = with_ones(standardised(x))
    by_table = run("regression", "line").experiment
    mended = Training(
        type(by_table)(
            "h = X @ theta\nresidual = y - h\nloss = mean(residual ** 2) / 2",
            {"theta": tensor_of([[0.0], [0.0]])},
            0.01,
            {"X": tensor_of(table.tolist()), "y": tensor_of(y[:, None].tolist())},
        )
    )
    values, apart = after(100, mended), after(100, run("regression", "line"))
    assert values["theta"][:, 0] == pytest.approx([apart["theta0"], apart["theta1"]])
    assert values["X"].shape == (100, 2)


FEATURES: dict[str, tuple[float, float, float, int]] = {
    "area": (30, 160, 2.0, 0),
    "rooms": (1, 6, 8, 0),
    "floor": (0, 9, 1.5, 0),
    "year": (1950, 2020, 0.4, 0),
    "baths": (1, 3, 10, 0),
    "balcony": (0, 20, 0.6, 1),
    "garden": (0, 400, 0.05, 0),
    "garage": (0, 2, 12, 0),
    "centre": (0.5, 20, -3, 1),
    "school": (0.1, 5, -4, 1),
    "shop": (0.1, 3, -2, 1),
    "noise": (30, 75, -0.5, 0),
    "heating": (50, 250, -0.1, 0),
}
"""Of each column the lowest and the highest, what one unit adds to the price, and the decimals."""


@cache
def flats() -> tuple[Array, Array]:
    random = np.random.RandomState(13)
    drawn, price = [], np.full(80, -700.0)
    for low, high, worth, decimals in FEATURES.values():
        drawn.append(np.round(random.uniform(low, high, 80), decimals))
        price += worth * drawn[-1]
    return np.column_stack(drawn), np.round(price + random.normal(0, 5, 80), 1)


def test_thirteen_columns_are_made_as_the_lesson_says() -> None:
    X, price = flats()
    found = columns("features.csv")
    assert list(found) == [*FEATURES, "price"]
    np.testing.assert_allclose(np.column_stack(list(found.values())), np.column_stack([X, price]))
    assert X.shape == (80, 13)


@pytest.mark.parametrize("updates", [0, 1, 10, 200])
def test_regression_on_thirteen_columns(updates: int) -> None:
    X, price = flats()
    theta, loss = descent(with_ones(standardised(X)), price, 0.1, updates)
    values = after(updates, run("regression", "features"))
    assert values["loss"] == pytest.approx(loss, rel=1e-9)
    assert [values["b"], *values["w"]] == pytest.approx(theta, rel=1e-7, abs=1e-9)
    assert len(values["grad.w"]) + 1 == 14


def test_weights_in_the_units_of_the_file() -> None:
    X, price = flats()
    values = after(200, run("regression", "features"))
    exact, *_ = np.linalg.lstsq(with_ones(standardised(X)), price)
    assert [values["b"], *values["w"]] == pytest.approx(exact, rel=1e-3)
    for one, other in zip(values["w"] / X.std(axis=0), FEATURES.values(), strict=True):
        assert one == pytest.approx(other[2], rel=0.4)
    page = words("regression", "meaning")
    assert f"metre, divide: {values['w'][0] / X[:, 0].std():.5g}." in page
    assert values["b"] == pytest.approx(price.mean())


def test_without_one_scale_the_thirteen_columns_need_a_tiny_rate() -> None:
    X, _ = flats()
    limit = largest_rate(with_ones(X))
    assert 0.99 * 5e-7 < limit < 5e-7
    assert "below 0.0000005" in words("regression", "limit")
    assert largest_rate(with_ones(standardised(X))) > 1.1
    given = run("regression", "features", scale="as-given")
    losses = [after(updates, given)["loss"] for updates in (0, 1, 2, 3)]
    assert losses[3] > 1e4 * losses[2] > 1e8 * losses[1] > 1e12 * losses[0]
    slow = run("regression", "features", {"learning_rate": 0.98 * limit}, scale="as-given")
    assert after(2000, slow)["loss"] > 20 * after(200, run("regression", "features"))["loss"]
    fast = run("regression", "features", {"learning_rate": 1.1})
    assert after(500, fast)["loss"] == pytest.approx(
        after(900, run("regression", "features"))["loss"], rel=1e-6
    )


# Valleys


def slope_of_two(x: float) -> float:
    return 3 * x * (5 * x - 4) * (x + 1)


def loss_of_two(x: float) -> float:
    return 3.75 * x**4 + x**3 - 6 * x**2 + 3.25


def down(x: float, updates: int, slope: Callable[[float], float], rate: float) -> float:
    for _ in range(updates):
        x -= rate * slope(x)
    return x


@pytest.mark.parametrize(
    ("start", "end"), [(0.2, 0.8), (-0.2, -1), (-0.5, -1), (1.5, 0.8), (2, -1), (0, 0)]
)
def test_the_start_decides_the_valley(start: float, end: float) -> None:
    training = run("valleys", "two", {"x": start})
    values = after(0, training)
    assert values["loss"] == pytest.approx(loss_of_two(start), **CLOSE)
    assert values["grad.x"] == pytest.approx(slope_of_two(start), **CLOSE)
    assert after(7, training)["x"] == pytest.approx(down(start, 7, slope_of_two, 0.02), **CLOSE)
    assert after(200, training)["x"] == pytest.approx(end, abs=1e-9)


def test_two_valleys_and_the_hill_between() -> None:
    assert [slope_of_two(x) for x in (-1, 0, 0.8)] == pytest.approx([0, 0, 0], abs=1e-12)
    assert [loss_of_two(x) for x in (-1, 0, 0.8)] == pytest.approx([0, 3.25, 1.458], abs=1e-12)
    assert "the slope is 0, the loss 1.458." in words("valleys", "local")
    assert "The slope there is 2.4:" in words("valleys", "start")
    assert "another, by 0.4." in words("valleys", "start")
    page = words("valleys", "jump")
    assert "The slope is 108, the step 2.16. It lands at −0.16" in page
    off = run("valleys", "two", {"x": 3})
    off.go_to(position(30))
    assert off.divergence is not None


def test_many_starts_end_in_two_places() -> None:
    starts = starts_of(run("valleys", "many"))
    assert len(starts.tried) == len(starts.planned)
    ends = [round(float(starts.tried[group[0]].end[0]), 6) for group in starts.groups]
    assert ends == [-1, 0.8]
    for start in starts.tried:
        side = -1 if start.begin[0] < 0 else 0.8
        assert float(start.end[0]) == pytest.approx(side, abs=1e-6)
    assert "50 rounds later x is 0.8." in words("valleys", "many")


def test_saddle_is_left_late_or_never() -> None:
    def slopes(x: float, y: float) -> tuple[float, float]:
        return 2 * x, 4 * y * (y**2 - 1)

    x, y = 2.0, 0.001
    training = run("valleys", "saddle")
    for updates in range(41):
        values = after(updates, training)
        assert [values["x"], values["y"]] == pytest.approx([x, y], rel=1e-9)
        assert [values["grad.x"], values["grad.y"]] == pytest.approx(slopes(x, y), abs=1e-12)
        along, across = slopes(x, y)
        x, y = x - 0.1 * along, y - 0.1 * across
    losses = [after(n, training)["loss"] for n in range(41)]
    slowest = min(range(20), key=lambda n: losses[n] - losses[n + 1])
    assert slowest in range(10, 15)  # where the page says that it looks finished
    assert after(40, training)["y"] == pytest.approx(1, abs=1e-6)
    exact = after(500, run("valleys", "saddle", {"y": 0}))
    assert (exact["y"], exact["loss"]) == (0, pytest.approx(1))


def test_plateau() -> None:
    def p(w: float) -> float:
        return float(1 / (1 + np.exp(-w)))

    def slope(w: float) -> float:
        return -2 * (1 - p(w)) * p(w) * (1 - p(w))

    training = run("valleys", "plateau")
    assert after(0, training)["grad.w"] == pytest.approx(slope(-6), rel=1e-10)
    for updates in (1, 50, 300):
        found = after(updates, training)["w"]
        assert found == pytest.approx(down(-6, updates, slope, 1), rel=1e-9)
    assert after(50, training)["w"] < -5.5
    assert after(300, training)["p"] > 0.9
    adam = after(100, run("valleys", "plateau", optimizer="adam"))
    assert adam["p"] > 0.9 > 0.1 > after(100, training)["p"]
    h = 1e-6
    steep = (-np.log(p(-6 + h)) + np.log(p(-6 - h))) / (2 * h)
    assert f"has the slope −{-steep:.5f} at" in words("valleys", "way-out")


PULLS = (-40.0, -20.0, 20.0, 40.0)


def one_at_a_time(seed: int, updates: int, rate: float = 0.015) -> list[float]:
    """The path of x from 1, each update with one sample: every epoch in a new order."""
    path = [1.0]
    for update in range(updates):
        epoch, turn = divmod(update, len(PULLS))
        pull = PULLS[np.random.default_rng([seed, epoch]).permutation(len(PULLS))[turn]]
        x = path[-1]
        path.append(x - rate * (12 * x * (x - 1) * (x + 2) + pull))
    return path


def test_one_sample_at_a_time_leaves_the_local_minimum() -> None:
    training = run("valleys", "one")
    training.go_to(position(200))
    trail = np.asarray(training.trail("x"))
    assert trail[:201] == pytest.approx(one_at_a_time(9, 200), abs=1e-6)
    assert (trail[:13] > 0).all()
    assert (trail[13:201] < 0).all()
    assert trail[200] == pytest.approx(-2, abs=0.01)
    assert np.abs(np.diff(trail[150:201])).min() > 0.01  # it never comes to rest
    page = words("valleys", "leave")
    assert "After 13 rounds x is −0.012" in page
    assert "After 200 it is −1.99" in page


def test_all_samples_stay_in_the_local_minimum() -> None:
    training = run("valleys", "one", batch="all")
    training.go_to(position(200))
    assert (np.asarray(training.trail("x")) == 1).all()
    values = after(0, training)
    assert (values["loss"], values["grad.x"]) == (27, 0)


def test_other_seeds_leave_too_some_fall_back_and_small_rates_stay() -> None:
    paths = [np.array(one_at_a_time(seed, 200)) for seed in range(12)]
    left = [int(np.argmax(path < 0)) for path in paths]
    assert all(left)
    assert len(set(left)) > 5
    assert any((path[first:] > 0).any() for path, first in zip(paths, left, strict=True))
    small = [np.array(one_at_a_time(seed, 1000, rate=0.01)) for seed in range(12)]
    assert all((path > 0).all() for path in small)
    for seed in (0, 7):
        training = run("valleys", "one", seed=str(seed))
        training.go_to(position(100))
        np.testing.assert_allclose(training.trail("x")[:101], paths[seed][:101], atol=1e-6)


# Predictions and questions


def numbers() -> dict[str, float]:
    """The answers of all questions for a number, worked out without the engine."""
    _, y = points()
    w1, w2, _ = two_layers(3, 5, 0.5, 2, 0.01, 1)
    assert (w1, w2) == pytest.approx((0.74, 2.06))
    return {
        "through-w2": -4 * 2,
        "both-from-one-point": 1 + 0.05 * 16,
        "half-sure": float(np.log(2)),
        "flat-ends": 0.36,
        "sure-and-wrong": float(np.log(5)),
        "slope-of-theta0": -float(y.mean()),
        "one-deviation": 1.6,
        "left-of-the-hill": down(-0.5, 1, slope_of_two, 0.02),
        "saddle-slope": 4 * 0.001 * (0.001**2 - 1),
        "one-pull": 1 - 0.015 * 40,
    }


RIGHT = {
    "slopes-of-zeros": "none",
    "all-alike": "The three hidden numbers stay equal to each other, for ever.",
    "why-backward": "Each slope is made from the slopes of what comes after it.",
    "half-the-mean": "Nothing: every step is the same as before.",
    "why-long-rings": "The bowl is steep one way and flat another: one rate has to suit both.",
    "shapes-that-meet": "14×1",
    "which-valley": "at 0.8",
    "why-many-starts": "The start decides in which valley a run ends; then they keep the best.",
    "flat-curve": "The slopes are small. It may be a minimum, a saddle or a plateau.",
    "slope-on-plateau": "almost flat",
}
WRONG = {"wrong-link": (-12.0, -24.0), "wrong-update": (0.01 * 0.96482111, 0.01 * 0.57478504)}
"""Of the wrong lines what they say, and what they should say."""


def test_predictions_and_questions_have_the_answers_worked_out_here() -> None:
    found: set[str] = set()
    expected = numbers()
    for lab in LABS:
        told = lesson(lab)
        for asked in (*told.predictions, *told.questions):
            found.add(asked.id)
            values = after(getattr(asked, "at", None) or 0, run(lab, asked.experiment))
            match asked:
                case NumberQuestion():
                    answer = one_number(asked.answer, values)
                    assert answer == pytest.approx(expected[asked.id], rel=1e-9), asked.id
                case ChoiceQuestion():
                    options = shown(told, asked).options
                    (right,) = (option.text for option in options if option.right)
                    assert right == RIGHT[asked.id]
                case FindQuestion():
                    said = float(evaluate(asked.by, values)), float(values[asked.wrong])
                    assert said == pytest.approx(WRONG[asked.id], rel=1e-7)
    assert found == {*expected, *RIGHT, *WRONG}


def test_numbers_in_what_the_questions_say() -> None:
    chain = after(0, run("layers", "chain"))
    assert (chain["grad.w1"], chain["grad.w2"]) == (-24, -6)  # why-backward
    assert np.tanh(np.arctanh(0.8)) == pytest.approx(0.8)
    assert run("valleys", "one").batch(0) == [3]  # one-pull: the first sample adds 40 x
    _, y = points()
    assert round(float(y.mean()), 5) == 0.96482  # slope-of-theta0
