"""What a step costs: here, written by hand in NumPy, and in PyTorch where it is installed.

All are measured in one run of `pytest -n 0 -m benchmark -s tests/benchmark_engine.py`, best of
several; only their ratios mean something elsewhere. Nothing timed is asserted.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from gd_tutor.engine.experiment import Experiment, tensor_of
from gd_tutor.engine.expression import Tensor
from gd_tutor.engine.training import Training

Values = dict[str, Any]
Loop = Callable[[Values, int], Values]
"""A lesson by hand: data and parameters, a number of steps; the parameters after them."""

ROUNDS = 7

try:
    import torch
except ImportError:
    PyTorch: ModuleType | None = None
else:
    PyTorch = torch


def derivative(v: Values, steps: int) -> Values:
    y, x, losses, xs = v["y"], v["x"], np.empty(steps), np.empty(steps + 1)
    for k in range(steps):
        residual = y - x
        losses[k] = residual**2
        x = xs[k + 1] = x - 0.01 * (-2 * residual)
    return {"x": x}


def gradient_matrix(v: Values, steps: int) -> Values:
    X, Y, w, b, losses = v["X"], v["Y"], v["w"], v["b"], np.empty(steps)
    ws, bs = np.empty(steps + 1), np.empty(steps + 1)
    for k in range(steps):
        E = Y - (X * w + b)
        losses[k] = (E * E).mean()
        slope = -2 * E / len(E)
        w, b = w - 0.01 * (slope * X).sum(), b - 0.01 * slope.sum()
        ws[k + 1], bs[k + 1] = w, b
    return {"w": w, "b": b}


def network(v: Values, steps: int) -> Values:
    X, Y, W, b, V, c = (v[name] for name in ("X", "Y", "W", "b", "V", "c"))
    losses = np.empty(steps)
    trails = [np.empty((steps + 1, *p.shape)) for p in (W, b, V, c)]
    for k in range(steps):
        H = np.tanh(X @ W + b)
        E = Y - (H @ V + c)
        losses[k] = (E**2).mean()
        G = -2 * E / E.size
        D = (G @ V.T) * (1 - H**2)
        V, c, W, b = (
            V - 0.01 * (H.T @ G),
            c - 0.01 * G.sum(axis=0),
            W - 0.01 * (X.T @ D),
            b - 0.01 * D.sum(axis=0),
        )
        for trail, p in zip(trails, (W, b, V, c), strict=True):
            trail[k + 1] = p
    return {"W": W, "b": b, "V": V, "c": c}


@dataclass(frozen=True)
class Case:
    forward: str
    parameters: dict[str, Tensor]
    data: dict[str, Tensor]
    by_hand: Loop
    loss: Callable[[Values], Any]


def random(*shape: int) -> Tensor:
    return tensor_of(np.random.default_rng(sum(shape)).normal(size=shape).tolist())


CASES = {
    "derivative": Case(
        "residual = y - x\nloss = residual ** 2",
        {"x": 8.0},
        {"y": 5.0},
        derivative,
        lambda v: (v["y"] - v["x"]) ** 2,
    ),
    "gradient-matrix": Case(
        "Y_hat = X * w + b\nE = Y - Y_hat\nL = E * E\nloss = mean(L)",
        {"w": 0.0, "b": 0.0},
        {"X": ((1.0,), (2.0,), (3.0,)), "Y": ((5.0,), (3.0,), (4.0,))},
        gradient_matrix,
        lambda v: ((v["Y"] - (v["X"] * v["w"] + v["b"])) ** 2).mean(),
    ),
    "two-layer net": Case(
        "H = tanh(X @ W + b)\nP = H @ V + c\nE = Y - P\nloss = mean(E ** 2)",
        {"W": random(3, 8), "b": random(8), "V": random(8, 2), "c": random(2)},
        {"X": random(32, 3), "Y": random(32, 2)},
        network,
        lambda v: ((v["Y"] - ((v["X"] @ v["W"] + v["b"]).tanh() @ v["V"] + v["c"])) ** 2).mean(),
    ),
}


def by_torch(case: Case, steps: int) -> Values:
    """Eager PyTorch with autograd, its values kept as the engine keeps them."""
    assert PyTorch is not None
    given = {k: PyTorch.tensor(v, dtype=PyTorch.float64) for k, v in case.data.items()}
    parameters = {
        k: PyTorch.tensor(v, dtype=PyTorch.float64, requires_grad=True)
        for k, v in case.parameters.items()
    }
    for _ in range(steps):
        loss = case.loss(given | parameters)
        loss.backward()
        with PyTorch.no_grad():
            for parameter in parameters.values():
                parameter -= 0.01 * parameter.grad
                parameter.grad = None
    return {k: v.detach().numpy() for k, v in parameters.items()}


def best(runs: Sequence[Callable[[], Any]]) -> list[float]:
    """The quickest round of each in seconds; they take turns, so that all meet the same machine."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(ROUNDS):
        for run, taken in zip(runs, times, strict=True):
            begun = time.perf_counter()
            run()
            taken.append(time.perf_counter() - begun)
    return list(map(min, times))


@pytest.mark.benchmark
@pytest.mark.parametrize("name", CASES)
def test_cost_of_a_step(name: str) -> None:
    case, steps = CASES[name], 2_000
    experiment = Experiment(case.forward, case.parameters, 0.01, case.data)
    values = {
        k: np.array(v) if isinstance(v, tuple) else np.float64(v)
        for k, v in (case.data | case.parameters).items()
    }
    trained = Training(experiment)
    trained.run(steps)
    expected = case.by_hand(values, steps)
    for parameter, value in expected.items():
        np.testing.assert_allclose(trained.parameters[parameter], value, rtol=1e-7)

    runs: dict[str, Callable[[], Any]] = {
        "engine": lambda: Training(experiment).run(steps),
        "by hand": lambda: case.by_hand(values, steps),
    }
    if PyTorch is not None:
        runs["PyTorch eager"] = lambda: by_torch(case, steps)
    costs = dict(zip(runs, best(list(runs.values())), strict=True))
    print(f"\n{name}")
    for kind, seconds in costs.items():
        ratio = costs["engine"] / seconds
        print(f"  {kind:14} {seconds / steps * 1e6:8.2f} µs a step   engine/{kind} {ratio:6.3f}")
