"""Limits and ticks of axes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gd_tutor.notation.numbers import number
from gd_tutor.pictures.axes import Axis, limits, log_limits, ticks, to_unit

any_float = st.floats(width=64)
some_float = st.floats(-1e290, 1e290)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ((0, 9.7), (0, 10)),
        ((-0.3, 7.4), (-2, 8)),
        ((0.1, 0.3), (0.1, 0.3)),
        ((0, 0), (-1, 1)),
        ((5, 5), (2, 8)),
        ((-5, -5), (-8, -2)),
        ((1e-9, 1e-9), (4e-10, 1.6e-9)),
        ((1e16, 1e16 + 10), (4e15, 1.6e16)),
        ((math.nan, 3), (1.5, 4.5)),
        ((-math.inf, 3), (1.5, 4.5)),
        ((math.nan, math.nan), (-1, 1)),
        ((9, 1), (0, 10)),
        ((0, 5e-324), (-1, 1)),
    ],
)
def test_limits(data: tuple[float, float], expected: tuple[float, float]) -> None:
    assert limits(*data) == expected


@given(any_float, any_float)
def test_limits_are_always_a_proper_range(low: float, high: float) -> None:
    for bottom, top in (limits(low, high), log_limits(low, high)):
        assert math.isfinite(bottom)
        assert math.isfinite(top)
        assert bottom < top
    assert log_limits(low, high)[0] > 0


@given(some_float, some_float)
def test_limits_hold_the_data(first: float, second: float) -> None:
    low, high = sorted((first, second))
    bottom, top = limits(low, high)
    slack = 1e-8 * (top - bottom)
    assert bottom - slack <= low
    assert high <= top + slack


def test_limits_move_rarely_while_data_grow() -> None:
    sizes = np.geomspace(1, 1000, 2000)
    assert len({limits(0, size) for size in sizes}) <= 31
    assert len({log_limits(1, size) for size in sizes}) <= 9


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ((0.02, 700), (0.01, 1000)),
        ((1, 1000), (1, 1000)),
        ((3, 7), (2, 10)),
        ((0.9, 12), (0.5, 20)),
        ((2, 2), (1, 5)),
        ((0, 100), (0.1, 100)),
        ((-1, -1), (1, 10)),
        ((math.nan, 50), (20, 100)),
    ],
)
def test_log_limits(data: tuple[float, float], expected: tuple[float, float]) -> None:
    assert log_limits(*data) == expected


@pytest.mark.parametrize(
    ("axis", "count", "labels"),
    [
        (Axis(0, 10), 6, "0 2 4 6 8 10"),
        (Axis(0, 10), 5, "0 5 10"),
        (Axis(0, 10000), 6, "0 2000 4000 6000 8000 10000"),
        (Axis(0, 0.001), 3, "0 0.0005 0.001"),
        (Axis(-0.3, 0.3), 7, "−0.3 −0.2 −0.1 0 0.1 0.2 0.3"),
        (Axis(-1e300, 1e300), 3, "−1e300 0 1e300"),
        (Axis(1.00000001, 1.00000003), 3, "1.00000001 1.00000002 1.00000003"),
        (Axis(1e16, 1e16 + 8), 5, ""),
        (Axis(0, 1), 0, ""),
        (Axis(0.01, 1e6, log=True), 5, "0.01 1 100 10000 1000000"),
        (Axis(0.01, 1e7, log=True), 10, "0.01 0.1 1 10 100 1000 10000 100000 1000000 1e7"),
        (Axis(1, 100, log=True), 8, "1 2 5 10 20 50 100"),
        (Axis(2, 50, log=True), 3, "2 10 50"),
        (Axis(1.2, 1.5, log=True), 4, "1.2 1.3 1.4 1.5"),
        (Axis(1e-300, 1e300, log=True), 2, "1e−300 10"),
    ],
)
def test_ticks(axis: Axis, count: int, labels: str) -> None:
    assert [label for _, label in ticks(axis, count)] == labels.split()


@given(any_float, any_float, st.booleans(), st.integers(-1, 20))
def test_ticks_are_few_ascending_and_exactly_labelled(
    low: float, high: float, log: bool, count: int
) -> None:
    marks = ticks(Axis(low, high, log), count)
    values = [value for value, _ in marks]
    assert len(marks) <= max(count, 0)
    assert values == sorted(set(values))
    for value, label in marks:
        assert label == number(value, 12)
        assert float(label.replace("−", "-")) == pytest.approx(value, rel=1e-11, abs=1e-300)


@given(any_float, any_float, st.booleans(), st.lists(any_float, max_size=5))
def test_places_are_between_the_edges_far_outside_or_missing(
    low: float, high: float, log: bool, values: list[float]
) -> None:
    shares = to_unit(Axis(low, high, log), np.array(values))
    assert not np.isinf(shares).any()
    assert np.isnan(shares[~np.isfinite(values)]).all()


def test_places_on_linear_and_log_axes() -> None:
    values = np.array([-1, 0, 1, 10, 100, np.nan, np.inf, 1e301])
    linear = to_unit(Axis(0, 100), values)
    np.testing.assert_allclose(linear[:5], [-0.01, 0, 0.01, 0.1, 1])
    assert np.isnan(linear[5:]).all()
    log = to_unit(Axis(1, 100, log=True), values)
    np.testing.assert_allclose(log[2:5], [0, 0.5, 1])
    assert np.isnan(log[[0, 1, 5, 6]]).all()
