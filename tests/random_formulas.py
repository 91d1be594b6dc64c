"""Random formulas with values for their names, for tests that compare a formula with its text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from numpy.typing import NDArray

from gd_tutor.engine.compile import Value, compile_lines
from gd_tutor.engine.expression import Apply, Expression, Line, Name, Number, Shape, walk
from gd_tutor.engine.operations import ShapeError, shape_of

SHAPES: dict[str, Shape] = {
    "a": (),
    "learning_rate": (),
    "u": (3,),
    "v": (3,),
    "A": (3, 2),
    "B": (2, 3),
    "C": (3, 1),
    "R": (1, 3),
}
UNARY = ("exp", "log", "sqrt", "abs", "sin", "cos", "tanh", "sigmoid", "relu")
BINARY = ("maximum", "minimum")
SIGNS = ("add", "subtract", "multiply", "divide")
CONSTANTS = (0.5, 1.0, 2.0, 3.0, 10.0, 0.25, 0.00003, 20_000_000.0)
EXPONENTS = (2.0, 3.0, -1.0, 0.5, -0.5)

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A formula, values for the names in it, its own value, and the size of its largest part."""

    expression: Expression
    values: dict[str, Value]
    result: Value
    size: float


def formulas(
    names: tuple[str, ...] = tuple(SHAPES), elementwise: bool = False
) -> st.SearchStrategy[Expression]:
    """Formulas an author could write, some with shapes that do not fit."""
    twice = [Name(name) for name in (*names, *names)]
    numbers = [Number(value) for value in CONSTANTS]
    leaves: st.SearchStrategy[Expression] = st.sampled_from([*twice, *numbers])
    return st.recursive(leaves, lambda inner: _applied(inner, elementwise), max_leaves=8)


def _applied(
    inner: st.SearchStrategy[Expression], elementwise: bool
) -> st.SearchStrategy[Expression]:
    def apply(operation: str, *arguments: Expression, axis: int | None = None) -> Apply:
        return Apply(operation, arguments, axis=axis)

    exponents = st.sampled_from([Number(value) for value in EXPONENTS])
    kinds = [
        st.builds(apply, st.sampled_from((*SIGNS, *SIGNS, *BINARY)), inner, inner),
        st.builds(apply, st.sampled_from(("negate", *UNARY)), inner),
        st.builds(apply, st.just("power"), inner, exponents),
    ]
    if not elementwise:
        tables = inner.filter(lambda node: not isinstance(node, Number))
        axes = st.sampled_from((None, 0, 1))
        kinds += [
            st.builds(apply, st.just("matmul"), tables, tables),
            st.builds(apply, st.just("transpose"), tables),
            st.builds(apply, st.sampled_from(("sum", "mean")), tables, axis=axes),
        ]
    return st.one_of(kinds)


@st.composite
def cases(draw: st.DrawFn, expressions: st.SearchStrategy[Expression]) -> Case:
    """Formulas whose shapes fit and whose parts are all of a reasonable size."""
    expression = draw(expressions)
    try:
        shape_of(expression, SHAPES)
    except ShapeError:
        assume(False)
    generator = np.random.default_rng(draw(st.integers(0, 1000)))
    values = {name: _short(generator, shape) for name, shape in SHAPES.items()}
    lines = [Line(str(number), part) for number, part in enumerate(walk(expression))]
    parts = compile_lines(lines, SHAPES)(values)
    size = max(float(np.abs(part).max()) for part in parts.values())
    assume(size < 1e6)  # which no number is that is not finite
    return Case(expression, values, parts["0"], size)


def _short(generator: np.random.Generator, shape: Shape) -> Value:
    """Numbers with one decimal, negative ones among them."""
    value = generator.integers(-30, 31, shape) / 10
    return np.float64(value) if shape == () else value


def same(found: Value, expected: Value, case: Case) -> bool:
    """Equal up to the rounding that another order of the same steps brings."""
    if np.shape(found) != np.shape(expected):
        return False
    return np.allclose(found, expected, rtol=1e-9, atol=1e-9 * max(case.size, 1.0))
