"""Every gradient is right: checked against complex steps, differences and PyTorch.

The forward programs are evaluated here by Python itself with NumPy's complex functions, which
shares nothing with the engine but the text.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gd_tutor.engine.compile import Values
from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.expression import Tensor
from gd_tutor.engine.program import Program
from gd_tutor.engine.training import Training
from tutor import TIMES, one_in

Shape = tuple[int, ...]
Array = NDArray[Any]

STEP = 1e-30
"""A complex step has no cancellation, so it may be far below the rounding of any value."""

# The independent evaluator


class Kinks:
    """abs, relu, maximum and minimum for complex numbers; remembers how near a kink came."""

    def __init__(self) -> None:
        self.nearest = np.inf

    def positive(self, value: Array) -> Array:
        distance = np.real(value)
        self.nearest = min(self.nearest, float(np.abs(distance).min()))
        return np.asarray(distance > 0)

    def functions(self) -> dict[str, Callable[..., Array]]:
        positive = self.positive
        return {
            "abs": lambda a: np.where(positive(a), a, -a),
            "relu": lambda a: np.where(positive(a), a, 0 * a),
            "maximum": lambda a, b: np.where(positive(a - b), a, b),
            "minimum": lambda a, b: np.where(positive(a - b), b, a),
        }


SMOOTH: dict[str, Callable[..., Array]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "sum": np.sum,
    "mean": np.mean,
}


@dataclass
class Author:
    """A program as its author wrote it, run by Python."""

    lines: list[tuple[str, CodeType]] = field(default_factory=list)
    kinks: Kinks = field(default_factory=Kinks)

    def write(self, name: str, text: str) -> None:
        self.lines.append((name, compile(text, name, "eval")))

    def run(
        self, given: Mapping[str, Any], name: str = "", nudge: Array | float = 0.0
    ) -> dict[str, Any]:
        """All values; that of `name`, given or assigned, is nudged before others see it."""
        values = {**given}
        if name in values:
            values[name] = values[name] + nudge
        functions = SMOOTH | self.kinks.functions()
        for line, code in self.lines:
            values[line] = eval(code, {"__builtins__": {}}, functions | values)
            if line == name:
                values[line] = values[line] + nudge
        return values

    def slopes(self, given: Mapping[str, Any], name: str) -> Array:
        """The derivatives of the loss with respect to every element, by complex steps."""

        def slope(nudge: Array) -> float:
            return float(np.imag(self.run(given, name, 1j * STEP * nudge)["loss"]) / STEP)

        return each(np.shape(self.run(given)[name]), slope)

    def differences(self, given: Mapping[str, Any], name: str) -> tuple[Array, Array]:
        """The same by central differences, extrapolated to none, and how far they may be off."""

        def by(step: float) -> Array:
            def slope(nudge: Array) -> float:
                ahead, behind = (self.run(given, name, s * nudge)["loss"] for s in (step, -step))
                return float(ahead - behind) / (2 * step)

            return each(np.shape(self.run(given)[name]), slope)

        wide, narrow = by(1e-5), by(5e-6)
        # The error of a central difference is a multiple of the square of its step.
        return narrow + (narrow - wide) / 3, np.abs(narrow - wide)


def each(shape: Shape, slope: Callable[[Array], float]) -> Array:
    """A function of one-hot arrays, at every place of a shape."""
    found = np.empty(shape)
    for place in np.ndindex(shape):
        nudge = np.zeros(shape)
        nudge[place] = 1.0
        found[place] = slope(nudge)
    return found


# Programs at random


@dataclass
class Written:
    """A random program with its numbers."""

    text: str
    data: dict[str, Array]
    parameters: dict[str, Array]
    author: Author

    @property
    def given(self) -> dict[str, Array]:
        return self.data | self.parameters


def meet(left: Shape, right: Shape) -> bool:
    """Whether one value stretches to the other."""
    try:
        together = np.broadcast_shapes(left, right)
    except ValueError:
        return False
    padded = [(1,) * (len(together) - len(s)) + s for s in (left, right)]
    return together in padded


Part = tuple[str, Shape]
Draw = Callable[[st.SearchStrategy[Any]], Any]

WRAPPED = {
    "exp": "exp(sin({}))",
    "log": "log({} ** 2 + 0.5)",
    "sqrt": "sqrt({} ** 2 + 0.5)",
    "divide": "1 / ({} ** 2 + 0.7)",
    "power": "(sigmoid({}) + 0.5) ** -1.5",
    "square": "({}) ** 2",
    "cube": "({}) ** 3",
    "negate": "-({})",
    "scale": "3 * ({}) / 4",
    **{name: name + "({})" for name in ("sin", "cos", "tanh", "sigmoid", "abs", "relu")},
}

JOINED = [
    "({}) + ({})",
    "({}) - ({})",
    "({}) * ({})",
    "({}) / (1.5 + ({}) ** 2)",
    "maximum({}, {})",
    "minimum({}, {})",
]


class Writer:
    """Writes random formulas over the names that there are."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.pool: list[Part] = []

    def one_of(self, choices: list[Any]) -> Any:
        return self.draw(st.sampled_from(choices))

    def formula(self, depth: int) -> Part:
        if depth == 0:
            return self.one_of(self.pool)
        kind = self.one_of(["wrapped", "wrapped", "binary", "binary", "binary", "matmul", "shape"])
        if kind == "matmul" and (product := self.product()):
            return product
        if kind == "binary":
            return self.binary(depth)
        text, shape = self.formula(depth - 1)
        if kind == "shape" and shape:
            return self.reshaped(text, shape)
        return self.one_of(list(WRAPPED.values())).format(f"({text})"), shape

    def binary(self, depth: int) -> Part:
        left, shape = self.formula(depth - 1)
        right, other = self.formula(depth - 1)
        if not meet(shape, other):
            fitting = [part for part in self.pool if meet(shape, part[1])]
            right, other = self.one_of(fitting or [(left, shape)])
        if self.draw(st.booleans()):
            left, right = right, left
        form = self.one_of(JOINED)
        return form.format(left, right), np.broadcast_shapes(shape, other)

    def product(self) -> Part | None:
        sides = [*self.pool, *((f"{text}.T", shape[::-1]) for text, shape in self.pool)]
        pairs = [
            (f"{left} @ {right}", a[:-1] + b[1:])
            for left, a in sides
            for right, b in sides
            if a and b and a[-1] == b[0]
        ]
        return self.one_of(pairs) if pairs else None

    def reshaped(self, text: str, shape: Shape) -> Part:
        forms: list[Part] = [(f"({text}).T", shape[::-1]), (f"sum({text})", ())]
        for axis in range(len(shape)):
            rest = shape[:axis] + shape[axis + 1 :]
            forms += [(f"{name}({text}, axis={axis})", rest) for name in ("sum", "mean")]
        return self.one_of(forms)


@st.composite
def programs(draw: Draw) -> Written:
    """Programs over scalars, vectors, rows, columns and matrices, with bounded values."""
    writer = Writer(draw)
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    shapes = [(), (rows,), (columns,), (rows, columns), (columns, rows), (rows, 1), (1, columns)]
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    parameters: dict[str, Array] = {}
    data: dict[str, Array] = {}
    for index in range(draw(st.integers(2, 5))):
        owner, name = (data, f"d{index}") if index == 1 else (parameters, f"p{index}")
        shape = writer.one_of(shapes)
        owner[name] = numbers.uniform(-1.5, 1.5, shape)
        writer.pool.append((name, shape))
    author = Author()
    lines: list[str] = []

    def write(name: str, text: str) -> None:
        lines.append(f"{name} = {text}")
        author.write(name, text)

    for index in range(draw(st.integers(1, 4))):
        text, shape = writer.formula(draw(st.integers(1, 3)))
        name = f"v{index}"
        write(name, text)
        if np.abs(author.run(data | parameters)[name]).max() > 6:
            author.lines.pop()
            lines.pop()
            write(name, f"tanh({text})")
        writer.pool.append((name, shape))
    reached = set(re.findall(r"\w+", lines[-1]))
    for line in reversed(lines):
        if line.split(" = ")[0] in reached:
            reached |= set(re.findall(r"\w+", line))
    last = f"v{len(lines) - 1}"
    missing = [name for name in parameters if name not in reached]
    if missing:
        write("rest", " + ".join(f"mean(sin({name}))" for name in missing))
        last = f"rest * {last}" if draw(st.booleans()) else f"rest + {last}"
    write("loss", f"{writer.one_of(['mean', 'sum'])}({last})")
    return Written("\n".join(lines), data, parameters, author)


def environment(written: Written) -> tuple[Program, Values]:
    """The program and everything its forward and backward passes compute."""
    program = Program(
        written.text,
        {name: value.shape for name, value in written.data.items()},
        {name: value.shape for name, value in written.parameters.items()},
    )
    values: Values = {name: value[()] for name, value in written.given.items()}
    values |= program.compute_forward(values)
    values |= program.compute_backward(values)
    return program, values


BENT = 1e-3
"""Central differences that are farther off, as a part of the largest slope, say nothing."""
NEAR = 1e-3
"""Programs that come nearer to a kink are not differentiated numerically."""


def check(written: Written, seen: Counter[str]) -> None:
    """Compare the gradient of every parameter and of every value on the way."""
    author = written.author
    author.kinks.nearest = np.inf
    expected = author.run(written.given)
    nearest = author.kinks.nearest
    program, values = environment(written)
    for line in program.forward:
        np.testing.assert_allclose(values[line.name], expected[line.name], rtol=1e-12, atol=1e-12)
    if nearest < NEAR:
        seen["too near a kink"] += 1
        return
    for line in program.backward:
        name = line.name.removeprefix("grad.")
        found = values[line.name]
        exact = author.slopes(written.given, name)
        assert np.shape(found) == exact.shape == program.shapes[name]
        scale = max(1.0, np.abs(exact).max())
        np.testing.assert_allclose(found, exact, rtol=0, atol=1e-10 * scale, err_msg=name)
        if nearest < np.inf:
            differences, error = author.differences(written.given, name)
            if (error < BENT * scale).all():
                assert (np.abs(found - differences) <= 2e-7 * scale + error).all(), name
                seen["gradients by differences"] += 1
            else:
                seen["too wavy for differences"] += 1
        seen["gradients"] += 1
    check_samples(written, values)
    seen["programs"] += 1
    for line, code in author.lines:
        seen.update(code.co_names)
        seen["lines"] += line is not None


def check_samples(written: Written, values: Values) -> None:
    """The partials sample by sample have the gradient as their mean or sum."""
    training = Training(
        Experiment(written.text, tensors(written.parameters), 0.1, tensors(written.data))
    )
    samples = training.per_sample()
    combine = np.mean if training.program.loss.expression.operation == "mean" else np.sum
    for name, partials in (samples or {}).items():
        np.testing.assert_allclose(
            combine(partials, axis=0), values[f"grad.{name}"], rtol=1e-10, atol=1e-10
        )


def tensors(values: Mapping[str, Array]) -> dict[str, Tensor]:
    def tensor(value: Any) -> Tensor:
        return tuple(map(tensor, value)) if isinstance(value, list) else value

    return {name: tensor(value.tolist()) for name, value in values.items()}


RANDOM = settings(deadline=None, suppress_health_check=list(HealthCheck))


def check_programs(count: int) -> Counter[str]:
    seen: Counter[str] = Counter()

    @settings(RANDOM, max_examples=count)
    @given(programs())
    def every(written: Written) -> None:
        check(written, seen)

    every()
    return seen


def test_gradients_of_random_programs() -> None:
    seen = check_programs(50)
    assert seen["programs"] > 25


@pytest.mark.slow
def test_gradients_of_many_random_programs() -> None:
    seen = check_programs(1_500 * TIMES)
    assert seen["programs"] > 1_000 * TIMES
    assert 50 * seen["too wavy for differences"] < seen["gradients by differences"]
    assert seen["gradients by differences"] > 1_000 * TIMES
    assert all(seen[name] > 20 * TIMES for name in (*SMOOTH, *Kinks().functions(), "T"))


# Chosen programs

RANKS: list[tuple[Shape, Shape]] = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)),
    ((1, 3), (3, 1)), ((3, 1), (1, 3)), ((1,), (1,)), ((1, 1), (1,)), ((1,), (1, 3)),
]  # fmt: skip


def written(text: str, **parameters: Array) -> Written:
    author = Author()
    for line in text.splitlines():
        name, _, right = line.partition(" = ")
        author.write(name, right)
    return Written(text, {}, {k: np.asarray(v, float) for k, v in parameters.items()}, author)


def test_differences_of_a_wavy_loss_know_how_far_they_are_off() -> None:
    p = np.array([1.2, 1.571, 5.9])
    given = written("v = abs(p)\nloss = mean(exp(sin(v ** 3)))", p=p)
    exact = given.author.slopes(given.given, "p")
    found, error = given.author.differences(given.given, "p")
    assert (np.abs(found - exact) <= 2e-7 * np.abs(exact).max() + error).all()
    assert (error > 1e-6).any()  # a fixed tolerance would have to be as wide everywhere
    assert (error < 1e-3 * np.abs(exact).max()).all()
    check(given, Counter())


def test_a_gradient_that_is_a_little_wrong_is_found_by_differences() -> None:
    given = written("v = abs(p)\nloss = mean(exp(sin(v ** 3)))", p=np.array([1.2, 5.9]))
    exact = given.author.slopes(given.given, "p")
    found, error = given.author.differences(given.given, "p")
    assert not (np.abs(1.0001 * exact - found) <= 2e-7 * np.abs(exact).max() + error).all()


@pytest.mark.parametrize(("left", "right"), RANKS)
def test_matrix_products_of_all_ranks(left: Shape, right: Shape) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=left), rng.normal(size=right)
    check(written("P = a @ b\nloss = sum(sin(P))", a=a, b=b), Counter())
    check(written("P = b.T @ a.T\nQ = P.T * (a @ b)\nloss = mean(Q)", a=a, b=b), Counter())


STRETCHED: list[tuple[Shape, Shape]] = [
    ((), (3,)), ((3,), ()), ((1,), (3,)), ((3,), (2, 3)), ((2, 3), (2, 1)), ((1, 3), (2, 3)),
    ((3,), (1, 3)), ((1, 1), (2, 3)), ((1,), (1, 1)), ((), (1, 1)), ((2, 3), ()),
]  # fmt: skip
OPERATIONS = ["a + b", "a - b", "a * b", "a / (b + 3)", "maximum(a, b)"]


# The few at once have every operation, and every pair of shapes.
@pytest.mark.parametrize(
    ("operation", "left", "right"),
    one_in(4, ((each, *shapes) for each in OPERATIONS for shapes in STRETCHED)),
)
def test_stretching(operation: str, left: Shape, right: Shape) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=left), rng.normal(size=right)
    check(written(f"v = {operation}\nloss = sum(sin(v))", a=a, b=b), Counter())
    check(written(f"loss = mean(({operation}) ** 2)", a=a, b=b), Counter())


def test_sums_along_rows_and_columns_meet_rows_and_columns() -> None:
    rng = np.random.default_rng(2)
    A, c, r = rng.normal(size=(2, 3)), rng.normal(size=(2, 1)), rng.normal(size=3)
    for text in (
        "m = sum(A * c, axis=0)\nloss = sum(m * r)",
        "m = mean(A / (c + 5), axis=0)\nloss = sum(m * r)",
        "m = sum(A * r, axis=1)\nloss = sum(m ** 2) + sum(c)",
        "m = sum(A, axis=0)\nn = mean(A, axis=1)\nloss = sum(m * r) + sum(n ** 2) + sum(c)",
        "m = sum(maximum(c, A), axis=0)\nloss = sum(m * r)",
        "m = sum((A + c).T, axis=1)\nloss = sum(m * r)",
    ):
        check(written(text, A=A, c=c, r=r), Counter())


def test_an_author_may_name_a_value_samples() -> None:
    text = "samples = sum(w)\nE = w * samples\nloss = mean(exp(E))"
    check(written(text, w=np.array([0.3, -0.2, 0.1])), Counter())


@pytest.mark.parametrize(
    ("text", "x", "slope"),
    [
        ("loss = x * (2).T", 3.0, 2.0),
        ("c = 3\nloss = x * c.T", 3.0, 3.0),
        ("loss = x ** 0 + x", 3.0, 1.0),
        ("loss = x ** 1", 3.0, 1.0),
        ("loss = x + (-8) ** 2 * x", 1.0, 65.0),
        ("loss = sum(x) + mean(x) + x.T", 1.0, 3.0),
        ("loss = 1e-200 * (1e-200 * (1e300 * (1e100 * x)))", 1.0, 1.0),
        ("loss = 1e200 * (1e200 * (1e-300 * (1e-100 * x)))", 1.0, 1.0),
        ("loss = x - x", 1.0, 0.0),
        ("loss = x + 0 * 7", 1.0, 1.0),
        ("loss = -(-x) * -2", 1.0, -2.0),
    ],
)
def test_numbers_alone_are_values_too(text: str, x: float, slope: float) -> None:
    _, values = environment(written(text, x=np.array(x)))
    assert values["grad.x"] == pytest.approx(slope)


@pytest.mark.parametrize(
    ("text", "loss"),
    [
        ("loss = x + 1 / 0", np.inf),
        ("c = 0\nd = 1 / c\nloss = x - d", -np.inf),
        ("loss = x + sum(1) / sum(0)", np.inf),
        ("loss = x + 10 ** 400", np.inf),
        ("loss = x + (-8) ** 0.5", np.nan),
        ("loss = x + log(-1)", np.nan),
        ("loss = x + 0 ** -1", np.inf),
        ("loss = (1e200 * (1e200 * x)) ** 2", np.inf),
        ("loss = exp(1000 * x)", np.inf),
        ("loss = sigmoid(-1000 * x)", 0.0),
    ],
)
def test_overflow_and_undefined_are_values_and_no_warnings(text: str, loss: float) -> None:
    _, values = environment(written(text, x=np.array(2.0)))
    assert values["loss"] == pytest.approx(loss, nan_ok=True)


# Kinks

KINKS = [
    ("loss = abs(x)", {"x": 0.0}, {"x": 0.0}),
    ("loss = abs(-x)", {"x": -2.0}, {"x": -1.0}),
    ("loss = relu(x)", {"x": 0.0}, {"x": 0.0}),
    ("loss = relu(-x)", {"x": 0.0}, {"x": 0.0}),
    ("loss = maximum(x, y)", {"x": 1.0, "y": 1.0}, {"x": 0.5, "y": 0.5}),
    ("loss = minimum(x, y)", {"x": 1.0, "y": 1.0}, {"x": 0.5, "y": 0.5}),
    ("loss = maximum(x, 2 * x)", {"x": 0.0}, {"x": 1.5}),
    ("loss = maximum(x, x)", {"x": 4.0}, {"x": 1.0}),
    ("loss = maximum(x, 0)", {"x": 0.0}, {"x": 0.5}),
    ("loss = sum(abs(x))", {"x": [-1.0, 0.0, 2.0]}, {"x": [-1.0, 0.0, 1.0]}),
    ("loss = sum(maximum(x, y))", {"x": [1.0, 2.0], "y": 1.0}, {"x": [0.5, 1.0], "y": 0.5}),
    ("loss = x ** 2", {"x": 0.0}, {"x": 0.0}),
    ("loss = sqrt(x)", {"x": 0.0}, {"x": np.inf}),
    ("loss = x ** 0.5", {"x": 0.0}, {"x": np.inf}),
    ("loss = x ** 0", {"x": 0.0}, {"x": 0.0}),
]


@pytest.mark.parametrize(("text", "at", "slopes"), KINKS)
def test_kinks(text: str, at: dict[str, Any], slopes: dict[str, Any]) -> None:
    _, values = environment(written(text, **at))
    for name, slope in slopes.items():
        np.testing.assert_array_equal(values[f"grad.{name}"], slope)


# PyTorch


def torch_gradients(program: Written) -> dict[str, Array]:
    """The same text run by PyTorch, and its gradients of the parameters and of the lines."""
    torch = pytest.importorskip("torch")

    def pair(function: Any) -> Any:
        return lambda a, b: function(*(torch.as_tensor(v, dtype=torch.float64) for v in (a, b)))

    names = ("exp", "log", "sqrt", "abs", "sin", "cos", "tanh", "sigmoid", "relu", "sum", "mean")
    functions = {name: getattr(torch, name) for name in names}
    functions |= {name: pair(getattr(torch, name)) for name in ("maximum", "minimum")}
    values = {
        name: torch.tensor(value, dtype=torch.float64, requires_grad=name in program.parameters)
        for name, value in program.given.items()
    }
    for name, code in program.author.lines:
        values[name] = eval(code, {"__builtins__": {}}, functions | values)
        if values[name].requires_grad:
            values[name].retain_grad()
    values["loss"].backward()
    return {k: v.grad.numpy() for k, v in values.items() if v.grad is not None and k != "loss"}


def network(rng: np.random.Generator) -> Written:
    text = (
        "H = tanh(X @ W1 + b1)\nY_hat = H @ W2 + b2\nE = Y - Y_hat\nloss = mean(E ** 2)"
    )  # fmt: skip
    net = written(
        text,
        W1=rng.normal(size=(3, 5)),
        b1=rng.normal(size=5),
        W2=rng.normal(size=(5, 2)),
        b2=rng.normal(size=2),
    )
    net.data |= {"X": rng.normal(size=(20, 3)), "Y": rng.normal(size=(20, 2))}
    return net


def logistic(rng: np.random.Generator) -> Written:
    text = (
        "p = sigmoid(X @ w + b)\n"
        "cross_entropy = -(y * log(p) + (1 - y) * log(1 - p))\n"
        "loss = mean(cross_entropy)"
    )
    lesson = written(text, w=rng.normal(size=4), b=np.array(0.2))
    lesson.data |= {"X": rng.normal(size=(30, 4)), "y": (rng.random(30) > 0.5).astype(float)}
    return lesson


def rosenbrock(rng: np.random.Generator) -> Written:
    text = "loss = (1 - x) ** 2 + 100 * (y - x ** 2) ** 2"
    return written(text, x=np.array(-1.2), y=np.array(1.0))


def thirteen_features(rng: np.random.Generator) -> Written:
    text = "Y_hat = X @ w + b\nE = Y - Y_hat\nL = E * E\nloss = mean(L)"
    lesson = written(text, w=rng.normal(size=(13, 1)), b=np.array(0.0))
    lesson.data |= {"X": rng.normal(size=(50, 13)), "Y": rng.normal(size=(50, 1))}
    return lesson


@pytest.mark.parametrize("make", [network, logistic, rosenbrock, thirteen_features])
def test_pytorch_finds_the_same_gradients_and_takes_the_same_steps(
    make: Callable[[np.random.Generator], Written],
) -> None:
    pytest.importorskip("torch")
    lesson = make(np.random.default_rng(3))
    rate = 0.001
    training = Training(
        Experiment(lesson.text, tensors(lesson.parameters), rate, tensors(lesson.data))
    )
    for _ in range(50):
        training.forward()
        training.backward()
        expected = torch_gradients(lesson)
        for name, gradient in expected.items():
            np.testing.assert_allclose(
                training.values[f"grad.{name}"], gradient, rtol=1e-9, atol=1e-9
            )
        training.update()
        for name, value in lesson.parameters.items():
            lesson.parameters[name] = value - rate * expected[name]
            np.testing.assert_allclose(
                training.parameters[name], lesson.parameters[name], rtol=1e-9, atol=1e-9
            )


@pytest.mark.parametrize(("text", "at", "slopes"), KINKS)
def test_pytorch_agrees_at_kinks(text: str, at: dict[str, Any], slopes: dict[str, Any]) -> None:
    for name, gradient in torch_gradients(written(text, **at)).items():
        np.testing.assert_array_equal(gradient, slopes.get(name, gradient))
