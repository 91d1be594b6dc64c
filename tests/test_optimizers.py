"""Optimizers take the steps that their formulas say, and that PyTorch takes."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from exported import script_of
from gd_tutor.engine.experiment import Experiment, tensor_of
from gd_tutor.engine.optimizers import OPTIMIZERS
from gd_tutor.engine.state import Phase
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import ASCII, SPEECH, UNICODE, Dialect
from gd_tutor.notation.worked import worked_phase

Array = NDArray[np.float64]
Memory = dict[str, Any]
Step = Callable[[Array, Array, Memory, float], Array]

STEPS = 1_000

RNG = np.random.default_rng(7)
X, Y = RNG.normal(size=(12, 3)), RNG.normal(size=(12, 2))
START = {"W": RNG.normal(size=(3, 2)), "b": RNG.normal(size=2)}
NETWORK = Experiment(
    "P = tanh(X @ W + b)\nE = Y - P\nloss = mean(E ** 2)",
    {name: tensor_of(value.tolist()) for name, value in START.items()},
    0.1,
    {"X": tensor_of(X.tolist()), "Y": tensor_of(Y.tolist())},
)
SQUARE = Experiment("residual = y - x\nloss = residual ** 2", {"x": 8.0}, 0.1, {"y": 5.0})


# Written by hand


def descent(p: Array, g: Array, memory: Memory, rate: float) -> Array:
    return p - rate * g


def momentum(p: Array, g: Array, memory: Memory, rate: float) -> Array:
    memory["v"] = 0.9 * memory.get("v", 0.0) + g
    return p - rate * memory["v"]


def nesterov(p: Array, g: Array, memory: Memory, rate: float) -> Array:
    memory["v"] = 0.9 * memory.get("v", 0.0) + g
    return p - rate * (g + 0.9 * memory["v"])


def rmsprop(p: Array, g: Array, memory: Memory, rate: float) -> Array:
    memory["s"] = 0.99 * memory.get("s", 0.0) + 0.01 * g**2
    return p - rate * g / (np.sqrt(memory["s"]) + 1e-8)


def adam(p: Array, g: Array, memory: Memory, rate: float) -> Array:
    memory["t"] = memory.get("t", 0) + 1
    memory["m"] = 0.9 * memory.get("m", 0.0) + 0.1 * g
    memory["s"] = 0.999 * memory.get("s", 0.0) + 0.001 * g**2
    m, s = memory["m"] / (1 - 0.9 ** memory["t"]), memory["s"] / (1 - 0.999 ** memory["t"])
    return p - rate * m / (np.sqrt(s) + 1e-8)


def adamw(p: Array, g: Array, memory: Memory, rate: float) -> Array:
    return adam(p - rate * 0.01 * p, g, memory, rate)


BY_HAND: dict[str, Step] = {
    "gradient-descent": descent,
    "momentum": momentum,
    "nesterov": nesterov,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adamw,
}


def slopes(W: Array, b: Array) -> dict[str, Array]:
    P = np.tanh(X @ W + b)
    G = -2 * (Y - P) / Y.size * (1 - P**2)
    return {"W": X.T @ G, "b": G.sum(axis=0)}


def by_hand(step: Step) -> dict[str, list[Array]]:
    parameters, memory = dict(START), {name: Memory() for name in START}
    trails = {name: [value] for name, value in START.items()}
    for _ in range(STEPS):
        gradients = slopes(**parameters)
        for name, gradient in gradients.items():
            parameters[name] = step(parameters[name], gradient, memory[name], 0.1)
            trails[name].append(parameters[name])
    return trails


def test_every_optimizer_is_written_by_hand_here() -> None:
    assert set(BY_HAND) == set(OPTIMIZERS)


# What the documentation of `torch.optim` says of its classes, with the numbers they usually have


def sgd(momentum: float = 0.0, nesterov: bool = False) -> Step:
    def step(p: Array, g: Array, memory: Memory, rate: float) -> Array:
        memory["b"] = momentum * memory["b"] + g if "b" in memory else g
        return p - rate * (g + momentum * memory["b"] if nesterov else memory["b"])

    return step


def root_mean_square(alpha: float = 0.99, eps: float = 1e-8) -> Step:
    def step(p: Array, g: Array, memory: Memory, rate: float) -> Array:
        memory["v"] = alpha * memory.get("v", 0.0) + (1 - alpha) * g * g
        return p - rate * g / (np.sqrt(memory["v"]) + eps)

    return step


def adaptive_moments(
    betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.0
) -> Step:
    def step(p: Array, g: Array, memory: Memory, rate: float) -> Array:
        memory["t"] = memory.get("t", 0) + 1
        parts = []
        for power, beta in enumerate(betas, start=1):
            memory[beta] = beta * memory.get(beta, 0.0) + (1 - beta) * g**power
            parts.append(memory[beta] / (1 - beta ** memory["t"]))
        return p * (1 - rate * weight_decay) - rate * parts[0] / (np.sqrt(parts[1]) + eps)

    return step


DOCUMENTED: dict[str, Callable[..., Step]] = {
    "SGD": sgd,
    "RMSprop": root_mean_square,
    "Adam": adaptive_moments,
    "AdamW": partial(adaptive_moments, weight_decay=0.01),
}


@pytest.mark.parametrize("name", [name for name, known in OPTIMIZERS.items() if known.pytorch])
def test_the_call_in_an_exported_script_takes_the_same_steps(name: str) -> None:
    """Where PyTorch is not installed, too."""
    training = Training(NETWORK, choices={"optimizer": name})
    script = script_of(training, "pytorch")
    call = re.search(r"torch\.optim\.(\w+)\(\[W, b], lr=learning_rate(.*)\)", script)
    assert call is not None
    step = DOCUMENTED[call[1]](**eval(f"dict({call[2].removeprefix(', ')})"))
    training.run(STEPS)
    for parameter, trail in by_hand(step).items():
        np.testing.assert_allclose(training.trail(parameter), trail, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", BY_HAND)
def test_an_optimizer_takes_the_steps_of_its_formulas(name: str) -> None:
    training = Training(NETWORK, choices={"optimizer": name})
    assert training.run(STEPS) == STEPS
    for parameter, trail in by_hand(BY_HAND[name]).items():
        np.testing.assert_allclose(training.trail(parameter), trail, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", BY_HAND)
def test_an_optimizer_takes_the_steps_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    weights = {
        k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in START.items()
    }
    kinds: dict[str, Callable[[Any], Any]] = {
        "gradient-descent": lambda p: torch.optim.SGD(p, lr=0.1),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.1),
        "adam": lambda p: torch.optim.Adam(p, lr=0.1),
        "adamw": lambda p: torch.optim.AdamW(p, lr=0.1),
    }
    optimizer = kinds[name](list(weights.values()))
    given, wanted = torch.tensor(X), torch.tensor(Y)
    trails: dict[str, list[Array]] = {k: [v.detach().numpy().copy()] for k, v in weights.items()}
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = ((wanted - torch.tanh(given @ weights["W"] + weights["b"])) ** 2).mean()
        loss.backward()
        optimizer.step()
        for k, v in weights.items():
            trails[k].append(v.detach().numpy().copy())
    training = Training(NETWORK, choices={"optimizer": name})
    training.run(STEPS)
    for parameter, trail in trails.items():
        np.testing.assert_allclose(training.trail(parameter), trail, rtol=1e-9, atol=1e-12)


# What is carried on


def test_a_memory_starts_at_0_and_is_in_the_environment() -> None:
    training = Training(SQUARE, choices={"optimizer": "momentum"})
    assert training.program.state == {"velocity.x": ()}
    assert training.values["velocity.x"] == 0
    training.run(1)
    assert training.values["next.velocity.x"] == 6
    training.forward()
    assert training.values["velocity.x"] == 6
    assert training.carried == {"x": pytest.approx(7.4), "velocity.x": 6}
    np.testing.assert_array_equal(training.trail("velocity.x"), [0, 6])


def test_gradient_descent_carries_nothing_but_the_parameters() -> None:
    program = SQUARE.program
    assert (program.state, program.carried) == ({}, ("x",))


def test_a_long_run_with_memories_is_kept_in_little_memory() -> None:
    training = Training(SQUARE, choices={"optimizer": "adam"})
    assert training.run(100_000) == 100_000
    # the loss, that of all samples, x, its two averages, two powers; arrays grow by doubling
    assert training.history.size <= 2 * 8 * 7 * 100_001
    assert training.parameters["x"] == pytest.approx(5, abs=1e-3)


def test_the_learning_rate_changes_in_the_middle_and_the_memory_stays() -> None:
    training = Training(SQUARE, choices={"optimizer": "momentum"})
    training.run(2)
    velocity = training.carried["velocity.x"]
    training.change("learning_rate", 0.01)
    training.run(1)
    slope = training.values["grad.x"]
    assert training.values["next.velocity.x"] == pytest.approx(0.9 * velocity + slope)
    moved = training.values["x"] - 0.01 * training.values["next.velocity.x"]
    assert training.parameters["x"] == pytest.approx(moved)


# As text


def update_lines(optimizer: str, dialect: Dialect) -> list[str]:
    training = Training(SQUARE, choices={"optimizer": optimizer})
    training.run(1)
    written = Notation({"loss": "l"}, training.program.shapes, dialect=dialect)
    return [line.sentence(written) for line in worked_phase(training, Phase.UPDATE)]


def test_the_update_shows_the_optimizers_arithmetic() -> None:
    assert update_lines("momentum", UNICODE) == [
        "v_x ← 0.9·v_x + ∂l/∂x = 0.9·0 + 6 = 6",
        "x ← x − η·v_x = 8 − 0.1·6 = 7.4",
    ]
    assert update_lines("adamw", UNICODE) == [
        "β₁^t ← 0.9·β₁^t = 0.9·1 = 0.9",
        "β₂^t ← 0.999·β₂^t = 0.999·1 = 0.999",
        "m_x ← 0.9·m_x + 0.1·∂l/∂x = 0.9·0 + 0.1·6 = 0.6",
        "s_x ← 0.999·s_x + 0.001(∂l/∂x)² = 0.999·0 + 0.001·6² = 0.036",
        "m_x' = m_x/(1 − β₁^t) = 0.6/(1 − 0.9) = 6",
        "s_x' = s_x/(1 − β₂^t) = 0.036/(1 − 0.999) = 36",
        "x' = x − 0.01·η·x = 8 − 0.01·0.1·8 = 7.992",
        "x ← x' − η·m_x'/(√(s_x') + 1e−8) = 7.992 − 0.1·6/(√(36) + 1e−8) = 7.892",
    ]


def test_the_update_has_an_ascii_form_and_can_be_said() -> None:
    assert update_lines("rmsprop", ASCII) == [
        "square_x <- 0.99*square_x + 0.01*(dloss/dx)**2 = 0.99*0 + 0.01*6**2 = 0.36",
        "x <- x - learning_rate*dloss/dx/(sqrt(square_x) + 1e-8)"
        " = 8 - 0.1*6/(sqrt(0.36) + 1e-8) = 7",
    ]
    first, *_ = update_lines("adam", SPEECH)
    assert first.startswith("beta1 power becomes 0.9 times beta1 power")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_ascii_is_ascii_and_words_have_no_signs(optimizer: str) -> None:
    assert all(line.isascii() for line in update_lines(optimizer, ASCII))
    for line in update_lines(optimizer, SPEECH):
        assert not set(line) & set("*/^_@'"), line
