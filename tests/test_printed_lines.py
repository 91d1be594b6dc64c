"""Every printed line is true: worked from its text alone, each sign in it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gd_tutor.engine.errors import ChoiceError, ProgramError
from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.expression import Apply, Expression, Name, Number, walk
from gd_tutor.engine.operations import ShapeError, shape_of
from gd_tutor.engine.state import PHASES, Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import ASCII
from gd_tutor.notation.worked import WorkedLine, worked_phase
from printed import (
    DIGITS_SHOWN,
    Elided,
    NoNumber,
    Reader,
    array,
    each,
    exact,
    faults,
    fitted,
    is_numeric,
    sides,
)
from random_formulas import SHAPES, formulas
from tutor import CONCEPTS, COURSE, FEW, TIMES, slow

LESSONS = [entry.id for entry in COURSE.entries]
TINY = 1e-12
FEW_CELLS = 3


def experiments(id: str) -> Iterator[tuple[Experiment, Notation]]:
    lesson = COURSE.load(COURSE.find(id))
    for each_one in lesson.experiments:
        yield each_one.experiment, each_one.notation(Notation())


def dust(values: Mapping[str, Any]) -> float:
    """What counts as nothing beside the largest number of a pass."""
    sizes = (float(np.abs(value).max(initial=0)) for value in values.values())
    return TINY * max((size for size in sizes if np.isfinite(size)), default=0.0)


def untrue(training: Training, notation: Notation, iteration: int) -> list[str]:
    """What is not true of the lines of an iteration, in Unicode and in ASCII."""
    return unread_and_untrue(training, notation, iteration, set())


def unread_and_untrue(
    training: Training, notation: Notation, iteration: int, read: set[object]
) -> list[str]:
    """The same of lines that have not been `read`, with the very same numbers, before.

    A formula that has been read in ASCII is read in Unicode from then on.
    """
    training.go_to(Position(iteration, Phase.UPDATE))
    found: list[str] = []
    nothing = dust(training.values)
    for phase in PHASES:
        if training.after(phase) > training.position:
            continue
        for line in worked_phase(training, phase):
            formula = (line.name, line.expression, *map(np.shape, line.sources.values()))
            if (whole := (nothing, *formula, *numbers(line))) in read:
                continue
            ascii = () if formula in read else (replace(notation, dialect=ASCII),)
            read |= {whole, formula}
            for style in (notation, *ascii):
                text = line.sentence(style)
                found += faults(text, nothing, style.digits)
                found += misread(text, line, style, nothing)
                found += of_cells(line, style, nothing)
    return found


def numbers(line: WorkedLine) -> Iterator[bytes]:
    """All the numbers that a line is written from, to the last bit."""
    for value in (*line.sources.values(), line.result, line.exact):
        yield np.asarray(value, dtype=float).tobytes()


def of_cells(line: WorkedLine, notation: Notation, nothing: float) -> list[str]:
    """What is not true of the arithmetic of a line's single numbers."""
    found: list[str] = []
    places = np.ndindex(np.shape(line.result)) if np.ndim(line.result) else ()
    for place in islice(places, FEW_CELLS):
        index = tuple(map(int, place))
        cell = notation.cell(line.expression, line.sources, index)
        sign = line.sign(notation, index)
        text = f"it = {cell} {sign} {notation.value(np.asarray(line.result)[index])}"
        found += faults(text, nothing, notation.digits)
    return found


def misread(text: str, line: WorkedLine, notation: Notation, nothing: float) -> list[str]:
    """What the formulas of a line give, where that is not the line's value."""
    if not all(np.isfinite(value).all() for value in (*line.sources.values(), line.result)):
        return []
    known = {notation.name(name): intervals(value) for name, value in line.sources.items()}
    counts = {count_of(node, line.sources) for node in walk(line.expression) if is_count(node)}
    if len(counts) == 1:
        known.setdefault("n", array(exact(counts.pop())))
    wrong = []
    for _, side in sides(text)[1:]:
        if is_numeric(side):
            continue
        try:
            # A long number of the program is rounded in its formula, too.
            value = Reader(side, known, rounded=True, digits=DIGITS_SHOWN).read()
        except (Elided, NoNumber):
            continue
        value = fitted(value, np.shape(line.exact))
        low, high = (
            each(lambda one, end=end: float(getattr(one, end)), value).astype(float)
            for end in ("low", "high")
        )
        sizes = [1e-300, *(float(np.abs(v).max(initial=0)) for v in line.sources.values())]
        near = min(1e-9 * max(*sizes, float(np.abs(line.exact).max(initial=0))), 1e300)
        room = near + 100 * nothing + 1e-9 * np.abs(line.exact)
        if not np.all((low - room <= line.exact) & (line.exact <= high + room)):
            wrong.append(f"{side} is {low} to {high}, not {line.exact}")
    return wrong


def is_count(node: Expression) -> bool:
    return isinstance(node, Apply) and node.operation == "count"


def count_of(node: Expression, values: Mapping[str, Any]) -> int:
    from gd_tutor.engine.compile import evaluate

    return int(float(evaluate(node, values)))


def intervals(value: Any) -> Any:
    return each(lambda number: exact(float(number)), np.asarray(value, dtype=float))


def chosen(experiment: Experiment) -> Iterator[Training]:
    """A run with each optimizer, each bug and each convention that an experiment can have."""
    training = Training(experiment)
    yield training
    for option in training.options():
        try:
            yield Training(experiment, choices={option.kind: option.value})
        except ChoiceError:
            continue


@pytest.mark.parametrize(
    "id", [id if id in ("gradient", *FEW) else slow(id) for id in [*CONCEPTS, "batches"]]
)
def test_the_lines_of_a_lesson_are_true(id: str) -> None:
    for experiment, notation in experiments(id):
        if experiment.program.size > 5000:
            continue
        training = Training(experiment)
        for iteration in (1, 7):
            assert not untrue(training, notation, iteration)


@pytest.mark.slow
@pytest.mark.parametrize("id", LESSONS)
def test_the_lines_of_every_choice_are_true(id: str) -> None:
    for experiment, notation in experiments(id):
        read: set[object] = set()
        for training in chosen(experiment):
            style = replace(notation, shapes=notation.shapes | training.program.shapes)
            for iteration in (3, 200):
                found = unread_and_untrue(training, style, iteration, read)
                assert not found, (training.experiment.choices, iteration, found[:5])


def random_training(expression: Expression, seed: int) -> Training | None:
    generator = np.random.default_rng(seed)
    values = {
        name: np.round(generator.normal(size=shape), 1).tolist()
        for name, shape in SHAPES.items()
        if name != "learning_rate"
    }
    try:
        shape_of(expression, SHAPES)
    except ShapeError:
        return None
    text = Notation(dialect=ASCII).formula(expression)
    used = {node.id for node in walk(expression) if isinstance(node, Name)} - {"learning_rate"}
    if not used:
        return None
    forward = f"value = {text.replace('learning_rate', '0.1')}\nloss = mean(value ** 2)\n"
    frozen = {name: as_tensor(values[name]) for name in SHAPES if name in used}
    try:
        return Training(Experiment(forward, frozen, 0.01234567891))
    except ProgramError:
        return None


def as_tensor(value: Any) -> Any:
    return tuple(map(as_tensor, value)) if isinstance(value, list) else float(value)


def check_random(expression: Expression, seed: int) -> None:
    training = random_training(expression, seed)
    assume(training is not None)
    assert training is not None
    for iteration in (0, 1, 3):
        training.go_to(Position(iteration, Phase.UPDATE))
        if training.divergence is not None:
            return
        found = untrue(training, Notation(shapes=training.program.shapes), iteration)
        assert not found, found


INVERSE_TWICE = Apply("power", (Apply("power", (Name("u"), Number(-1.0))), Number(-1.0)))


@given(formulas(), st.integers(0, 1000))
@example(
    # A mean of −0.2 but for the last bit, and −0.2: they tie as written, not as computed.
    Apply("maximum", (Apply("mean", (Apply("transpose", (Name("R"),)),), axis=0), INVERSE_TWICE)),
    380,
)
@example(Apply("add", (Apply("exp", (Number(10.0),)), Apply("sin", (Name("a"),)))), 0)
@settings(max_examples=8, deadline=None)
def test_the_lines_of_random_programs_are_true(expression: Expression, seed: int) -> None:
    check_random(expression, seed)


@pytest.mark.slow
@given(formulas(), st.integers(0, 1_000_000))
@settings(max_examples=150 * TIMES, deadline=None)
def test_the_lines_of_many_random_programs_are_true(expression: Expression, seed: int) -> None:
    check_random(expression, seed)


TABLE = ((1.0, 2.0), (0.0, 1.0), (1.0, 1.5))


@pytest.mark.parametrize(
    ("forward", "parameters", "name", "text"),
    [
        (
            "E = X + b\nloss = sum(E ** 2)\n",
            {"b": (0.5, -1.0)},
            "grad.b",
            "∂loss/∂b = Σ↓(∂loss/∂E) = Σ↓([3 2; 1 0; 3 1]) = [7, 3]",
        ),
        (
            "E = X + b\nloss = sum(E ** 2)\n",
            {"b": ((0.5,), (-1.0,), (1.0,))},
            "grad.b",
            "∂loss/∂b = Σ→(∂loss/∂E)ᵀ = Σ→([3 5; −2 0; 4 5])ᵀ = [8 −2 9]ᵀ",
        ),
        (
            "loss = sum(X @ w)\n",
            {"w": (1.0, 1.0)},
            "grad.w",
            "∂loss/∂w = Xᵀ @ [1, 1, 1] = [1 0 1; 2 1 1.5] @ [1, 1, 1] = [2, 4.5]",
        ),
        (
            "h = W @ v\nloss = sum(h ** 2)\n",
            {"W": ((1.0, 2.0), (3.0, 4.0)), "v": (1.0, -1.0)},
            "grad.W",
            "∂loss/∂W = outer(∂loss/∂h, v) = outer([−2, −2], [1, −1]) = [−2 2; −2 2]",
        ),
        (
            "m = maximum(x, y)\nloss = 6 * m\n",
            {"x": 2.0, "y": 2.0},
            "grad.x",
            "∂loss/∂x = ∂loss/∂m·share(x > y) = 6·0.5 = 3",
        ),
        (
            "m = maximum(x, y)\nloss = 6 * m\n",
            {"x": 3.0, "y": 2.0},
            "grad.y",
            "∂loss/∂y = ∂loss/∂m·share(y > x) = 6·share(2 > 3) = 0",
        ),
        (
            "loss = (x * 1.23456789 - 1.2345) ** 2\n",
            {"x": 1.0},
            "loss",
            "(1·1.2346 − 1.2345)² ≈ 4.6091e−9",
        ),
        (
            "loss = 0.9 * v + g\n",
            {"v": 10.94344444444, "g": -10.61},
            "loss",
            " = 0.9·10.943 + (−10.61) ≈ −0.7609",
        ),
    ],
)
def test_what_is_hard_to_write_is_written_so(
    forward: str, parameters: dict[str, Any], name: str, text: str
) -> None:
    data = {"X": TABLE} if "X" in forward else {}
    training = Training(Experiment(forward, parameters, 0.1, data=data))
    notation = Notation(shapes=training.program.shapes)
    training.go_to(Position(0, Phase.BACKWARD))
    lines = {line.name: line for phase in PHASES[:2] for line in worked_phase(training, phase)}
    assert lines[name].sentence(notation).endswith(text)
    assert not untrue(training, notation, 0)
