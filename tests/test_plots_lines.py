"""Lines on their way to the canvas: thinning, clipping, strokes, contours, arrows."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gd_tutor.pictures.axes import Axis, Figure, Layer, to_dots
from gd_tutor.pictures.canvas import Canvas
from gd_tutor.pictures.contours import arrow, contour_lines, polylines
from gd_tutor.pictures.pen import clip, cut_corners, distinct, pen_way, segments, thin

Floats = NDArray[np.float64]
UNIT = Axis(0, 1)


def noisy_line(seed: int, size: int = 5000) -> tuple[Floats, Floats]:
    """A line that advances in x, with gaps and peaks."""
    rng = np.random.default_rng(seed)
    xs, ys = np.sort(rng.uniform(-0.2, 1.2, size)), rng.standard_normal(size) * 0.2 + 0.5
    ys[rng.integers(0, size, 5)] = np.nan
    xs[[17, -1]] = np.nan
    return xs, ys


@pytest.mark.parametrize("seed", range(5))
def test_thinning_keeps_the_extremes_and_the_ends_of_every_column(seed: int) -> None:
    xs, ys = noisy_line(seed)
    kept = thin(xs, ys, 40)
    assert (np.diff(kept) > 0).all()
    assert len(kept) < 5 * 42
    columns = to_dots(xs, 40)
    for column in range(40):
        among = np.flatnonzero((columns == column) & np.isfinite(ys))
        assert {among[0], among[-1], among[ys[among].argmin()], among[ys[among].argmax()]} <= set(
            kept
        )


def test_thinning_keeps_the_gaps() -> None:
    nan = np.nan
    xs = np.array([0.1, 0.1, nan, 0.1, 0.1, 0.1, 0.1, nan])
    ys = np.array([0.1, 0.1, 0.1, 0.1, nan, 0.1, 0.2, nan])
    assert thin(xs, ys, 10).tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert thin(np.array([]), np.array([]), 10).tolist() == []


@pytest.mark.parametrize("seed", range(3))
def test_thinning_changes_no_dot(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Figure((Layer(*noisy_line(seed)),), UNIT, UNIT)
    monkeypatch.setattr("gd_tutor.pictures.pen.cut_corners", lambda strokes: strokes)
    thinned = Canvas().draw(figure, 40, 12)
    monkeypatch.setattr("gd_tutor.pictures.pen.thin", lambda xs, ys, columns: np.arange(len(xs)))
    assert Canvas().draw(figure, 40, 12) == thinned


def test_a_long_line_becomes_few_strokes() -> None:
    xs, ys = noisy_line(0, 100_000)
    assert len(pen_way(Layer(xs, ys), UNIT, UNIT, 40, 12).xs) < 5 * 82


def test_a_path_that_swings_for_ever_becomes_few_strokes() -> None:
    steps = np.arange(100_000)
    layer = Layer(0.5 + 0.4 * (-0.99) ** steps, 0.9 * 0.99**steps)
    assert len(pen_way(layer, UNIT, UNIT, 40, 12).xs) < 500


def test_strokes_drawn_before_are_left_out() -> None:
    strokes = np.array([[0, 0, 5, 5], [5, 5, 0, 0], [5, 5, 6, 6], [0, 0, 5, 5], [6, 6, 6, 6]])
    assert distinct(strokes).tolist() == [[0, 0, 5, 5], [5, 5, 6, 6], [6, 6, 6, 6]]


def test_corners_of_single_steps_are_cut() -> None:
    stairs = [[0, 0, 1, 0], [1, 0, 1, 1], [1, 1, 1, 1], [1, 1, 2, 1], [2, 1, 2, 2], [2, 2, 3, 2]]
    assert cut_corners(np.array(stairs)).tolist() == [[0, 0, 1, 1], [1, 1, 2, 2], [2, 2, 3, 2]]
    others = [[0, 0, 1, 0], [1, 0, 2, 0], [2, 0, 2, 3], [5, 5, 5, 5], [7, 7, 7, 8], [8, 8, 9, 8]]
    assert cut_corners(np.array(others)).tolist() == others
    assert cut_corners(np.empty((0, 4), dtype=np.intp)).shape == (0, 4)


def test_segments_stop_at_gaps_and_keep_lone_points() -> None:
    nan, inf = np.nan, np.inf
    xs = np.array([0.0, 1.0, nan, 2.0, 3.0, 4.0, 5.0])
    ys = np.array([0.0, 1.0, 1.0, 2.0, inf, 4.0, 5.0])
    expected = [[0, 0, 1, 1], [4, 4, 5, 5], [2, 2, 2, 2]]
    assert segments(xs, ys).tolist() == expected
    assert segments(xs[:0], ys[:0]).shape == (0, 4)


def random_pieces() -> Floats:
    """Pieces of all directions, many of them level, upright, on an edge or of no length."""
    rng = np.random.default_rng(7)
    pieces = rng.uniform(-1, 2, (600, 4))
    pieces[:100, 3] = pieces[:100, 1]
    pieces[100:200, 2] = pieces[100:200, 0]
    pieces[200:250, 2:] = pieces[200:250, :2]
    return np.concatenate((pieces, rng.integers(-1, 3, (300, 4)).astype(float)))


def test_clipping_against_brute_force() -> None:
    shares = np.linspace(0, 1, 2001)[:, None]
    for piece in random_pieces():
        points = piece[:2] + shares * (piece[2:] - piece[:2])
        visible = points[((points >= 0) & (points <= 1)).all(axis=1)]
        clipped = clip(piece[None])
        if len(visible):
            assert len(clipped) == 1
            np.testing.assert_allclose(
                clipped[0], [*visible[0], *visible[-1]], atol=np.ptp(points, axis=0).max() / 1000
            )
        elif len(clipped):
            assert np.abs(clipped[0, 2:] - clipped[0, :2]).max() < 0.01


def test_clipping_keeps_the_direction_of_lines_that_end_far_away() -> None:
    far = np.array([[0.5, 0.5, 1e9, 5e8], [-1e9, 0.25, 1e9, 0.25]])
    np.testing.assert_allclose(clip(far), [[0.5, 0.5, 1, 0.75], [0, 0.25, 1, 0.25]], atol=1e-5)


def test_every_place_is_on_the_canvas() -> None:
    rng = np.random.default_rng(3)
    values = rng.standard_normal((2, 3000)) * 10.0 ** rng.integers(-300, 300, (2, 3000))
    values[:, ::7] = np.nan
    for joined in (True, False):
        strokes = pen_way(Layer(*values, joined=joined), UNIT, UNIT, 30, 9)
        assert strokes.xs
        assert all(0 < place < 1 for place in strokes.xs + strokes.ys)


def test_the_contour_of_a_round_bowl_is_a_circle() -> None:
    xs, ys = np.linspace(-2, 2, 81), np.linspace(-2, 2, 61)
    zs = xs**2 + ys[:, None] ** 2
    lines = contour_lines(xs, ys, zs, [1.0, 100.0])
    assert len(lines) == 1
    assert lines[0].shape[1] == 2
    np.testing.assert_allclose(np.hypot(*lines[0].T), 1, atol=0.01)
    np.testing.assert_allclose(lines[0][0], lines[0][-1])


def test_contours_avoid_what_is_not_finite() -> None:
    xs = ys = np.linspace(-2, 2, 41)
    zs = xs**2 + ys[:, None] ** 2
    zs[ys > 0.5] = np.inf
    zs[ys < -0.5] = np.nan
    lines = contour_lines(xs, ys, zs, [1.0])
    assert len(lines) == 2
    assert all(np.abs(line[:, 1]).max() < 0.6 for line in lines)
    assert contour_lines(xs[:1], ys, zs[:, :1], [1.0]) == []


def test_polylines_have_gaps_between_them() -> None:
    layer = polylines([np.array([[0.0, 1], [2, 3]]), np.array([[4.0, 5]])], "contour")
    np.testing.assert_array_equal(layer.xs, [0, 2, np.nan, 4, np.nan])
    np.testing.assert_array_equal(layer.ys, [1, 3, np.nan, 5, np.nan])
    assert layer.role == "contour"
    assert np.isnan(polylines([]).xs).all()


@pytest.mark.parametrize(
    ("dx", "dy", "head"), [(1, 0, "▶"), (-1, 2, "◀"), (0.1, 20, "▲"), (0, -1e-3, "▼")]
)
def test_the_head_points_where_the_axes_make_the_arrow_point(
    dx: float, dy: float, head: str
) -> None:
    line, tip = arrow(0, 0, dx, dy, Axis(-1, 1), Axis(-100, 100), "descent")
    assert line.xs.tolist() == [0, dx]
    assert line.ys.tolist() == [0, dy]
    assert (tip.marker, tip.joined, tip.xs.tolist()) == (head, False, [dx])
    assert {line.role, tip.role} == {"descent"}


@pytest.mark.parametrize("vector", [(0, 0), (np.nan, 1), (1, np.inf)])
def test_no_arrow_without_a_direction(vector: tuple[float, float]) -> None:
    assert arrow(0, 0, *vector, UNIT, UNIT) == ()
