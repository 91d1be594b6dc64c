"""Lessons as a stranger would write them: they work, and their gradients are right.

The gradients are compared with PyTorch's where it is installed, and everywhere with what nudging
each parameter does to the loss.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gd_tutor.cli.main import main

Torch = Any
Named = dict[str, Any]

NET = '''+++
title = "A small net"
summary = "Two layers learn exclusive or."

[experiment]
data = { X = [[0, 0], [0, 1], [1, 0], [1, 1]], T = [[0], [1], [1], [0]] }
learning_rate = 0.5
forward = """
hidden = tanh(X @ W1 + b1)
Y = hidden @ W2 + b2
loss = mean((T - Y) ** 2)
"""

[experiment.parameters]
W1 = [[0.5, -0.4, 0.9], [-0.3, 0.8, 0.2]]
b1 = [0.1, 0, -0.2]
W2 = [[0.7], [-0.6], [0.4]]
b2 = 0.05

[[view]]
kind = "matrices"
of = ["hidden", "Y"]
+++

## {net} Two layers

The loss begins at {{loss}} and $hidden @ W2$ mixes what the first layer found.
'''


def net(torch: Torch, X: Any, T: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Named:
    hidden = torch.tanh(torch.addmm(b1, X, W1))
    Y = hidden.mm(W2) + b2
    samples = (T - Y).square()
    return {"hidden": hidden, "Y": Y, "samples": samples, "loss": samples.mean()}


LOGISTIC = '''+++
title = "Yes or no"
[experiment]
data = { X = [[1, 2], [2, 1], [3, 3], [-1, -2], [-2, 0], [0, -3]], t = [1, 1, 1, 0, 0, 1] }
parameters = { w = [0.1, -0.2], b = 0.3 }
learning_rate = 0.2
forward = """
score = X @ w + b
p = sigmoid(score)
loss = mean(-(t * log(p) + (1 - t) * log(1 - p)))
"""
+++
The first sample is a yes with probability {{p[0]}}.
'''


def logistic(torch: Torch, X: Any, t: Any, w: Any, b: Any) -> Named:
    score = X.mv(w) + b
    p = torch.sigmoid(score)
    samples = torch.nn.functional.binary_cross_entropy(p, t, reduction="none")
    return {"score": score, "p": p, "samples": samples, "loss": samples.mean()}


ROSENBROCK = '''+++
title = "A bent valley"
[experiment]
parameters = { x = -1.2, y = 1 }
learning_rate = 0.001
forward = """
loss = (1 - x) ** 2 + 100 * (y - x ** 2) ** 2
"""
+++
Nobody likes this valley: it begins at {{loss}} and after a thousand rounds is at {{loss@1000}}.
'''


def rosenbrock(torch: Torch, x: Any, y: Any) -> Named:
    return {"loss": torch.square(1 - x) + 100 * torch.square(y - x * x)}


HOUSES = '''+++
title = "Thirteen features"
[experiment]
learning_rate = 0.05
forward = """
guess = X @ w + b
error = y - guess
penalty = 0.01 * sum(abs(w)) + 0.1 * sum(w * w)
loss = mean(sqrt(1 + error ** 2)) + penalty
"""
[experiment.data]
y = [24, 21.6, 34.7]
X = [
  [0.1, 18, 2.3, 0, 0.5, 6.6, 65.2, 4.1, 1, 2.9, 15.3, 3.9, 4.9],
  [0.3, 0, 7.1, 0, 0.4, 6.4, 78.9, 4.9, 2, 2.4, 17.8, 3.9, 9.1],
  [0.2, 1, 7.0, 1, 0.4, 7.2, 61.1, 4.9, 2, 2.4, 17.8, 3.9, 4.0],
]
[experiment.parameters]
w = [0.1, -0.2, 0.3, 0.1, 0.2, 0.1, 0.1, -0.1, 0.4, 0.2, 0.1, 0.3, -0.5]
b = 1
[[view]]
kind = "contours"
over = ["w[0]", "w[12]"]
+++
The first guess is {{guess[0]}}.
'''


def houses(torch: Torch, X: Any, y: Any, w: Any, b: Any) -> Named:
    guess = torch.einsum("ij,j->i", X, w) + b
    error = y - guess
    penalty = 0.01 * torch.linalg.vector_norm(w, 1) + 0.1 * w.dot(w)
    loss = torch.hypot(torch.ones_like(error), error).mean() + penalty
    return {"guess": guess, "error": error, "penalty": penalty, "loss": loss}


CLASSES = '''+++
title = "Three classes"
[experiment]
data.X = [[1, 0.5], [-1, 2], [0.3, -1]]
data.T = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
data.ones = [[1], [1], [1]]
parameters = { W = [[0.1, 0.2], [-0.3, 0.4], [0.5, -0.1]], c = [[0.1, 0, -0.1]] }
learning_rate = 1
forward = """
Z = X @ W.T + c
P = exp(Z) / (exp(Z) @ ones)  # softmax, row by row
entropy = -sum(T * log(P), axis=1)
worst = maximum(entropy, 0.9)
loss = sum(worst) / 3 + mean(relu(minimum(Z, 2)), axis=0) @ mean(T, axis=1)
"""
+++
Three classes, three rows.
'''


def classes(torch: Torch, X: Any, T: Any, ones: Any, W: Any, c: Any) -> Named:
    Z = torch.nn.functional.linear(X, W) + c
    P = torch.softmax(Z, dim=1)
    entropy = -(T * torch.log(P)).sum(1)
    worst = torch.clamp(entropy, min=0.9)
    loss = worst.mean() + torch.relu(torch.clamp(Z, max=2)).mean(0) @ T.mean(1)
    return {"Z": Z, "P": P, "entropy": entropy, "worst": worst, "loss": loss}


@dataclass(frozen=True)
class Foreign:
    """A lesson's text, and the same model in PyTorch: from data and parameters to its values."""

    id: str
    text: str
    model: Callable[..., Named]


FOREIGN = [
    Foreign("small-net", NET, net),
    Foreign("yes-or-no", LOGISTIC, logistic),
    Foreign("valley", ROSENBROCK, rosenbrock),
    Foreign("houses", HOUSES, houses),
    Foreign("classes", CLASSES, classes),
]


@pytest.fixture(params=FOREIGN, ids=lambda foreign: foreign.id)
def foreign(request: pytest.FixtureRequest, tmp_path: Path) -> Foreign:
    found: Foreign = request.param
    (tmp_path / f"{found.id}.md").write_text(found.text, encoding="utf-8")
    return found


Trace = Callable[..., list[Named]]


@pytest.fixture
def trace(foreign: Foreign, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Trace:
    """The iterations of the lesson as `gd-tutor trace --json` prints them."""

    def run(steps: int = 1, **settings: object) -> list[Named]:
        words = ["trace", foreign.id, "--lessons", str(tmp_path), "--json", "--steps", str(steps)]
        for name, value in settings.items():
            words += ["--set", f"{name}={json.dumps(value)}"]
        assert main(words) == 0
        data = json.loads(capsys.readouterr().out)
        assert "diverged" not in data
        iterations: list[Named] = data["iterations"]
        return iterations

    return run


def test_a_foreign_lesson_is_sound(
    foreign: Foreign, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "No faults found.\n"


@pytest.mark.parametrize("option", [[], ["--ascii"]])
def test_a_foreign_lesson_is_worked_in_text(
    foreign: Foreign, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    assert main(["trace", foreign.id, "--lessons", str(tmp_path), "--steps", "3", *option]) == 0
    text = capsys.readouterr().out
    heads = [line.split(",")[0] for line in text.splitlines() if not line.startswith("    ")]
    phases = ["  forward", "  backward", "  update"]
    assert heads == [head for number in range(3) for head in (f"iteration {number}", *phases)]
    assert text.isascii() == bool(option)


def places(value: Any, *index: int) -> Iterator[tuple[int, ...]]:
    """The index of every number of a number or of nested lists."""
    if not isinstance(value, list):
        yield index
        return
    for position, entry in enumerate(value):
        yield from places(entry, *index, position)


def at(value: Any, index: tuple[int, ...]) -> float:
    for position in index:
        value = value[position]
    return float(value)


def nudged(value: Any, index: tuple[int, ...], by: float) -> Any:
    """The value with one of its numbers a little larger."""
    if not index:
        return value + by
    position, *rest = index
    return [
        nudged(entry, tuple(rest), by) if place == position else entry
        for place, entry in enumerate(value)
    ]


def test_every_gradient_is_what_nudging_finds(trace: Trace) -> None:
    (start,) = trace()
    step = 1e-5
    for name, value in start["parameters"].items():
        for index in places(value):
            above, below = (
                trace(**{name: nudged(value, index, by)})[0]["forward"]["loss"]
                for by in (step, -step)
            )
            slope = (above - below) / (2 * step)
            assert at(start["backward"][name], index) == pytest.approx(slope, rel=1e-6, abs=1e-6)


def test_an_update_is_a_step_against_the_gradient(trace: Trace) -> None:
    start, after = trace(2, learning_rate=0.01)
    assert start["update"] == after["parameters"]
    for name, value in start["parameters"].items():
        for index in places(value):
            moved = at(value, index) - 0.01 * at(start["backward"][name], index)
            assert at(start["update"][name], index) == pytest.approx(moved, rel=1e-14)


def test_every_gradient_is_that_of_pytorch(foreign: Foreign, trace: Trace, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from gd_tutor.course.lesson_reader import load

    experiment = load(tmp_path / f"{foreign.id}.md").experiment
    assert experiment is not None

    def tensor(value: Any, **options: bool) -> Any:
        return torch.tensor(value, dtype=torch.float64, **options)

    data = {name: tensor(value) for name, value in experiment.data.items()}
    for iteration in trace(5):
        parameters = {
            name: tensor(value, requires_grad=True)
            for name, value in iteration["parameters"].items()
        }
        values = foreign.model(torch, **data, **parameters)
        samples = values.pop("samples", None)
        for value in values.values():
            value.retain_grad()
        values["loss"].backward(retain_graph=True)
        assert set(iteration["forward"]) == set(values)
        for name, value in values.items():
            torch.testing.assert_close(
                tensor(iteration["forward"][name]), value.detach(), rtol=1e-12, atol=1e-12
            )
        assert set(iteration["backward"]) == {*values, *parameters}
        for name, value in {**values, **parameters}.items():
            torch.testing.assert_close(
                tensor(iteration["backward"][name]), value.grad, rtol=1e-9, atol=1e-9
            )
        assert ("per_sample" in iteration) == (samples is not None)
        if samples is not None:
            check_samples(torch, samples, parameters, iteration["per_sample"])


def check_samples(torch: Torch, samples: Any, parameters: Named, partials: Named) -> None:
    """Each sample's own gradient, and that their mean is the gradient."""
    for number, sample in enumerate(samples.reshape(-1)):
        found = torch.autograd.grad(sample, list(parameters.values()), retain_graph=True)
        for name, gradient in zip(parameters, found, strict=True):
            ours = torch.tensor(partials[name][number], dtype=torch.float64)
            torch.testing.assert_close(ours, gradient, rtol=1e-9, atol=1e-9)
    for name, parameter in parameters.items():
        mean = torch.tensor(partials[name], dtype=torch.float64).mean(0)
        torch.testing.assert_close(mean, parameter.grad, rtol=1e-9, atol=1e-9)
