"""Exported scripts compute what the engine computes: NumPy's to the last bit."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from exported import near, numbers_in, numbers_of, printed_by, script_of
from gd_tutor.engine.bugs import BUGS
from gd_tutor.engine.experiment import Change, Experiment, Random, tensor_of
from gd_tutor.engine.expression import Expression, names
from gd_tutor.engine.operations import ShapeError, shape_of
from gd_tutor.engine.optimizers import OPTIMIZERS
from gd_tutor.engine.training import Training
from gd_tutor.export.exported_run import ExportError
from gd_tutor.export.formats import export
from random_formulas import SHAPES, formulas
from tutor import COURSE, FEW, slow
from written import written

LESSONS = [entry.id for entry in COURSE.entries]

torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed"
)

NET = """
hidden = tanh(X @ W + c)
prediction = hidden @ v + b
loss = mean((prediction - y) ** 2)
"""


def net(samples: int = 10, learning_rate: float = 0.1, **choices: str) -> Experiment:
    """A network with one hidden layer on random data."""
    rng = np.random.default_rng(3)
    return Experiment(
        forward=NET,
        data={
            "X": tensor_of(rng.normal(size=(samples, 3)).tolist()),
            "y": tensor_of(rng.normal(size=samples).tolist()),
        },
        parameters={
            "W": tensor_of(rng.normal(size=(3, 4)).tolist()),
            "c": tensor_of(rng.normal(size=4).tolist()),
            "v": tensor_of(rng.normal(size=4).tolist()),
            "b": 0.0,
        },
        learning_rate=learning_rate,
        choices=choices,
    )


def training_of(id: str) -> Training:
    experiment = COURSE.load(COURSE.find(id)).experiment
    assert experiment is not None
    return Training(experiment)


@cache
def runs() -> dict[str, Training]:
    """Runs of all kinds, by what is special about them."""
    derivative = training_of("derivative").experiment
    changed = [Change("learning_rate", 0.2, 2), Change("learning_rate", 0.05, 3)]
    return {
        **{optimizer: Training(net(optimizer=optimizer)) for optimizer in OPTIMIZERS},
        **{bug: Training(net(bug=bug)) for bug in BUGS},
        "learning rates": Training(derivative, changed),
        "adam with learning rates": Training(net(optimizer="adam"), changed),
        "many learning rates": Training(
            derivative, [Change("learning_rate", 1 / (k + 3), k) for k in range(1, 20)]
        ),
        "batches": Training(net(batch="3", seed="7")),
        "batches, adamw": Training(net(batch="4", optimizer="adamw")),
        "not cleared, momentum": Training(net(optimizer="momentum", bug="not-cleared")),
        "half": Training(net(average="half")),
        "standardised": Training(replace(net(batch="4"), standardised=("X",))),
        "drawn": Training(replace(net(seed="3"), random={"W": Random(-1.0, 1.0)})),
        "a long sum": Training(net(samples=300)),
    }


RUNS = list(runs())


# NumPy, bit for bit


@pytest.mark.parametrize("id", ["derivative", "optimizers"])
def test_a_numpy_script_by_itself_prints_the_numbers_of_the_trace(id: str, tmp_path: Path) -> None:
    training = training_of(id)
    file = tmp_path / "script.py"
    file.write_text(export(training, COURSE.load(COURSE.find(id)), "numpy", 20), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-I", file], capture_output=True, text=True, check=True, timeout=60
    )
    assert not run.stderr
    assert numbers_in(run.stdout) == numbers_of(training, 20)


@pytest.mark.parametrize("ids", [FEW, slow(LESSONS)], ids=["some", "all"])
def test_numpy_scripts_of_all_kinds_print_the_numbers_of_the_trace(ids: list[str]) -> None:
    found = {id: training_of(id) for id in ids} | runs()
    for what, printed in zip(
        found, printed_by([script_of(t, "numpy", 20) for t in found.values()]), strict=True
    ):
        assert repr(numbers_in(printed)) == repr(numbers_of(found[what], 20)), what


@cache
def random_runs(count: int = 60) -> list[Training]:
    """Runs of random programs, the same ones every time."""
    found: list[Training] = []

    @seed(5)
    @settings(
        max_examples=3 * count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(formulas(tuple(name for name in SHAPES if name != "learning_rate")), st.data())
    def collect(formula: Expression, data: st.DataObject) -> None:
        training = random_run(formula, len(found))
        if training is not None:
            found.append(training)

    collect()
    return found[:count]


def random_run(formula: Expression, number: int) -> Training | None:
    """The mean of a formula's square as a loss; None where its shapes do not fit."""
    used = names(formula)
    try:
        shape_of(formula, SHAPES)
    except ShapeError:
        return None
    if not used:
        return None
    rng = np.random.default_rng(number)
    values = {name: tensor_of((rng.integers(-30, 31, SHAPES[name]) / 10).tolist()) for name in used}
    parameters = [name for name in used if name in ("a", "u", "A", "C")] or used[:1]
    return Training(
        Experiment(
            forward=f"m = {written(formula)}\nloss = mean(m * m)",
            parameters={name: values[name] for name in parameters},
            data={name: values[name] for name in used if name not in parameters},
            learning_rate=0.01,
            choices={"optimizer": list(OPTIMIZERS)[number % len(OPTIMIZERS)]},
        )
    )


@pytest.mark.parametrize("count", [20, slow(60)])
def test_numpy_scripts_of_random_programs_print_the_numbers_of_the_trace(count: int) -> None:
    found = random_runs(count)
    assert len(found) > count * 2 / 3
    printed = printed_by([script_of(training, "numpy") for training in found])
    for training, text in zip(found, printed, strict=True):
        assert repr(numbers_in(text)) == repr(numbers_of(training, 4)), training.experiment.forward


def test_a_script_ends_where_the_run_diverges() -> None:
    training = Training(training_of("derivative").experiment, [Change("learning_rate", 1e40)])
    script = script_of(training, "numpy", 100)
    (printed,) = printed_by([script])
    assert numbers_in(printed)[-3:] == numbers_of(training, 100)[-3:]
    assert "# The run diverges" in script
    assert printed.count("iteration") < 10


def test_division_by_zero_and_roots_of_negative_numbers_are_values() -> None:
    forward = "k = (0 - 8) ** 0.5 + 1 / (1 - 1)\nloss = x * x + 0 * y / (y - y)"
    training = Training(Experiment(forward, {"x": 1.0}, 0.1, {"y": 2.0}))
    (printed,) = printed_by([script_of(training, "numpy", 2)])
    assert repr(numbers_in(printed)) == repr(numbers_of(training, 2))


# How they read


def test_the_whole_script_of_a_lesson() -> None:
    assert script_of(training_of("partial-derivative"), "numpy", 3, title="Partial derivative") == (
        '"""Gradient descent with NumPy: forward, backward, update."""\n'
        "\n"
        "# Lesson: Partial derivative\n"
        "\n"
        "import numpy as np\n"
        "\n"
        "# data\n"
        "distance = np.float64(3.0)\n"
        "fare = np.float64(15.0)\n"
        "\n"
        "# parameters\n"
        "w = np.float64(0.0)\n"
        "b = np.float64(0.0)\n"
        "\n"
        "learning_rate = 0.01\n"
        "\n"
        "for iteration in range(3):\n"
        "    # forward: from the parameters to the loss\n"
        "    prediction = w * distance + b\n"
        "    residual = fare - prediction\n"
        "    loss = residual**2\n"
        "\n"
        "    # backward: from the loss back to the gradient, by the chain rule\n"
        "    grad_residual = 2 * residual\n"
        "    grad_prediction = -grad_residual\n"
        "    grad_w = grad_prediction * distance\n"
        "    grad_b = grad_prediction\n"
        "\n"
        "    # update: a step against the gradient\n"
        "    w = w - learning_rate * grad_w\n"
        "    b = b - learning_rate * grad_b\n"
        "\n"
        "    # print, every digit\n"
        '    print(f"iteration {iteration}: loss = {loss}")\n'
        '    print(f"  grad_w = {grad_w}, w = {w}")\n'
        '    print(f"  grad_b = {grad_b}, b = {b}")\n'
    )


def test_autograd_and_the_optimizer_do_the_work_in_pytorch() -> None:
    plain = script_of(training_of("partial-derivative"), "pytorch")
    assert "    loss.backward()\n" in plain
    assert "    with torch.no_grad():\n        w -= learning_rate * w.grad\n" in plain
    assert "    w.grad = None\n" in plain
    adam = script_of(Training(net(optimizer="adam")), "pytorch")
    assert "optimizer = torch.optim.Adam([W, c, v, b], lr=learning_rate)\n" in adam
    assert "    optimizer.step()\n" in adam
    assert "    optimizer.zero_grad()\n" in adam
    assert "grad_" not in adam.replace("zero_grad", "").split("# print")[0]
    not_cleared = script_of(Training(net(bug="not-cleared")), "pytorch")
    assert "grad = None" not in not_cleared
    assert "accumulated" not in not_cleared


@pytest.mark.parametrize("format", ["numpy", "pytorch"])
def test_scripts_are_formatted_as_is_the_custom(format: str, tmp_path: Path) -> None:
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    trainings = [*map(training_of, LESSONS), *runs().values(), *random_runs(20)]
    for number, training in enumerate(trainings):
        (tmp_path / f"{number}.py").write_text(script_of(training, format), encoding="utf-8")
    run = subprocess.run(
        [ruff, "format", "--diff", "--line-length", "100", "--isolated", "--no-cache", tmp_path],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stdout
    assert f"{len(trainings)} files already formatted" in run.stderr


def test_exporting_leaves_the_run_where_it_is() -> None:
    training = training_of("derivative")
    training.forward()
    before = training.position, training.furthest, training.values["loss"]
    script_of(training, "numpy", 20)
    assert (training.position, training.furthest, training.values["loss"]) == before


# What comes from outside stays what it is

EVIL = 'x\n"""\nimport os; os.abort()\r# coding: rot13 \u2028 \\ {x}'


def test_a_title_cannot_break_out_of_its_comment() -> None:
    for format in ("numpy", "pytorch"):
        script = script_of(training_of("derivative"), format, title=EVIL)
        plain = script_of(training_of("derivative"), format)
        assert ast.dump(ast.parse(script.encode())) == ast.dump(ast.parse(plain))


def test_names_that_python_or_the_script_needs_get_others() -> None:
    taken = ("np", "torch", "range", "print", "iteration", "sigmoid_", "share", "__debug__")
    forward = "\n".join(
        ["grad_x = x * x", "x_ = sigmoid(grad_x)"]
        + [f"{name} = x_ * {place + 2}" for place, name in enumerate(taken)]
        + [f"loss = mean(maximum({' + '.join(taken)}, x) ** 2)"]
    )
    training = Training(Experiment(forward, {"x": 0.5}, 0.1))
    (printed,) = printed_by([script_of(training, "numpy", 3)])
    values = [value for _, value in numbers_in(printed)]
    assert values == [value for _, value in numbers_of(training, 3)]


def test_data_without_use_may_be_called_anything() -> None:
    experiment = Experiment(
        "loss = x * x", {"x": 0.5}, 0.1, {"for": 1.0, "a b": 2.0, "1": 3.0, "": 4.0, "é": 5.0}
    )
    (printed,) = printed_by([script_of(Training(experiment), "numpy", 1)])
    assert numbers_in(printed) == numbers_of(Training(experiment), 1)


def test_long_data_are_packed_and_very_long_data_are_refused() -> None:
    script = script_of(Training(net(samples=300)), "numpy")
    assert max(map(len, script.splitlines())) <= 100
    assert len(script.splitlines()) < 500
    with pytest.raises(ExportError, match=r"too many for a script; export to csv"):
        script_of(Training(net(samples=7_000)), "numpy")


# PyTorch


@torch
def test_pytorch_scripts_agree_with_the_engine() -> None:
    found = {**{id: training_of(id) for id in LESSONS}, **runs()}
    for number, training in enumerate(random_runs()[:40]):
        found[f"random {number}: {training.experiment.forward}"] = training
    scripts = [script_of(training, "pytorch") for training in found.values()]
    for what, printed in zip(found, printed_by(scripts), strict=True):
        training = Training(found[what].experiment, found[what].changes)
        training.run(4)
        if training.divergence is None:
            assert near(numbers_in(printed), numbers_of(training, 4), 1e-9), what


def test_a_value_that_is_a_parameter_does_not_move_with_it_in_pytorch() -> None:
    copied = Experiment("same = w\nloss = sum(same * same)", {"w": (8.0, 1.0)}, 0.1)
    assert "same = w.clone()" in script_of(Training(copied), "pytorch", 1)


@pytest.mark.parametrize("format", ["numpy", "pytorch"])
def test_a_power_of_a_power_keeps_its_brackets(format: str) -> None:
    """Python takes the last of several powers first."""
    training = Training(Experiment("loss = (x ** 2) ** 3", {"x": 1.5}, 0.1))
    assert re.search(r"loss = \(x ?\*\* ?2(\.0)?\) ?\*\* ?3", script_of(training, format, 1))
