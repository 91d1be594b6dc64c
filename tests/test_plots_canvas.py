"""Figures drawn as rows of text."""

import re
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from gd_tutor.notation.spans import Row, plain, row_width, to_ascii
from gd_tutor.pictures import canvas
from gd_tutor.pictures.axes import Axis, Figure, Layer, limits, log_limits, ticks
from gd_tutor.pictures.canvas import Canvas
from tutor import slow

XS = np.linspace(-3, 3, 200)
PARABOLA = Layer(XS, XS**2)
WEIGHT, LOSS = Axis(-3, 3, label="w"), Axis(0, 10, label="loss")


def draw(figure: Figure, width: int, height: int) -> list[str]:
    return ["".join(text for _, text in row) for row in Canvas().draw(figure, width, height)]


def points(xs: list[float], ys: list[float], role: str, marker: str) -> Layer:
    return Layer(np.array(xs), np.array(ys), role, marker, joined=False)


def descent() -> Figure:
    weights = [-2.7 * 0.7**step for step in range(8)]
    losses = [weight**2 for weight in weights]
    path = points(weights, losses, "path", "o")
    current = points(weights[-1:], losses[-1:], "current", "@")
    return Figure((PARABOLA, path, current), WEIGHT, LOSS)


PICTURE = """\
loss
10┤⡀                                   ⢀
  │⠱⡀                                 ⢀⠎
  │ o⡄                               ⢠⠊
  │  ⠈⢢                             ⡠⠃
 5┤    ⠑⡄                         ⢀⠜
  │     ⠈o⡀                     ⢀⠔⠁
  │       ⠈⠢⡀                 ⢀⠔⠁
  │         ⠈o⣀             ⡠⠔⠁
 0┤            o⠢ooo@⣀⣀⣀⡠⠤⠒⠉
  └┬─────┬─────┬─────┬─────┬─────┬─────┬
  −3    −2    −1     0     1     2     w"""

IN_ASCII = """\
loss
10+.                                   .
  |\\.                                 ./
  | o.                               .'
  |  '\\                             _'
 5+    '.                         ./
  |     'o.                     .-'
  |       '-.                 .-'
  |         'o_             _-'
 0+            o-ooo@____--"
  ++-----+-----+-----+-----+-----+-----+
  -3    -2    -1     0     1     2     w"""

LOG_PICTURE = """\
     1┤⠑⠢⠤⣀
      │    ⠉⠢⢄⡀
  0.01┤       ⠈⠑⠂
      │             ⠠⢄⡀
      │               ⠈⠑⠢⣀
0.0001┤                   ⠉⠒⠢⢄
      └┬──────────┬──────────┬
       0          5  iteration"""


def test_a_picture() -> None:
    rows = Canvas().draw(descent(), 40, 12)
    assert plain(rows) == PICTURE
    assert to_ascii(plain(rows)) == IN_ASCII


def test_a_picture_on_a_log_axis_with_a_gap() -> None:
    steps = np.arange(11)
    losses = 0.1 ** (steps / 2.5)
    losses[5] = 0
    figure = Figure(
        (Layer(steps, losses),), Axis(0, 10, label="iteration"), Axis(1e-4, 1, log=True)
    )
    assert "\n".join(line.rstrip() for line in draw(figure, 30, 8)) == LOG_PICTURE


def test_spans_carry_the_roles_and_neighbours_of_one_role_are_joined() -> None:
    rows = Canvas().draw(descent(), 40, 12)
    assert rows[0] == (("label", "loss"), ("", " " * 36))
    assert rows[1][0] == ("axis", "10┤")
    assert rows[3] == (
        ("axis", "  │"),
        ("", " "),
        ("path", "o"),
        ("curve", "⡄"),
        ("", " " * 31),
        ("curve", "⢠⠊"),
        ("", " "),
    )
    assert ("current", "@") in rows[9]
    assert rows[-1][-1] == ("label", "w")
    for row in rows:
        assert all(left[0] != right[0] for left, right in pairwise(row))


def test_later_layers_are_drawn_over_earlier_ones() -> None:
    below, above = points([0.5], [0.5], "path", "o"), points([0.5], [0.5], "current", "@")
    unit = Axis(0, 1)
    assert "@" in plain(Canvas().draw(Figure((below, above), unit, unit), 20, 8))
    text = plain(Canvas().draw(Figure((above, below), unit, unit), 20, 8))
    assert "o" in text
    assert "@" not in text


def test_points_on_the_edges_are_seen_and_points_outside_are_not() -> None:
    corners = points([0, 0, 1, 1], [0, 1, 0, 1], "path", "o")
    outside = points([-0.1, 0.5, 1.1, np.nan], [0.5, 1.1, 0.5, 0.5], "path", "x")
    lines = draw(Figure((corners, outside), Axis(0, 1), Axis(0, 1)), 20, 8)
    first = lines[-2].index("└") + 1
    assert [line[first] + line[-1] for line in (lines[0], lines[5])] == ["oo", "oo"]
    assert "".join(lines).count("o") == 4
    assert "x" not in "".join(lines)


def test_a_line_of_characters() -> None:
    layer = Layer(np.array([0.0, 1.0]), np.array([0.0, 1.0]), marker="*")
    lines = draw(Figure((layer,), Axis(0, 1), Axis(0, 1)), 8, 4)
    assert sum(line.count("*") for line in lines) >= 8


@pytest.mark.parametrize("width", range(12, 101, 8))
def test_values_are_drawn_where_their_ticks_stand(width: int) -> None:
    axis = Axis(-2.5, 7.5)
    seen = 0
    for value, label in ticks(axis, 25):
        lines = draw(Figure((points([value], [value], "path", "o"),), axis, axis), width, 20)
        row = next(row for row, line in enumerate(lines) if "o" in line)
        column = lines[row].index("o")
        below = {match.group(): match.span() for match in re.finditer(r"\S+", lines[-1])}
        if label in below:
            assert lines[-2][column] == "┬"
            assert below[label][0] <= column < below[label][1]
            seen += 1
        left = [line.partition("┤")[0].strip() for line in lines]
        if label in left:
            assert left.index(label) == row
            seen += 1
    assert seen >= 7


def random_axes() -> list[Axis]:
    rng = np.random.default_rng(5)
    axes = []
    for _ in range(150):
        low, high = np.sort(rng.uniform(-1, 1, 2) * 10.0 ** rng.integers(-8, 9, 2))
        axes.append(Axis(*limits(low, high), label=str(rng.choice(["", "w", "iteration"]))))
        low, high = np.sort(10.0 ** rng.uniform(-9, 9, 2))
        axes.append(Axis(*log_limits(low, high), log=True))
    return axes


@pytest.mark.parametrize(
    ("size", "step"),
    [((12, 5), 4), ((40, 12), 4), *(slow(s, 1) for s in ((12, 5), (30, 8), (40, 12), (100, 40)))],
)
def test_tick_labels_are_whole_and_apart(size: tuple[int, int], step: int) -> None:
    # Axes follow each other in pairs of a linear and a logarithmic one.
    for axis in (axis for n, axis in enumerate(random_axes()) if n // 2 % step == 0):
        lines = draw(Figure((), axis, axis), *size)
        known = {label for count in range(1, 30) for _, label in ticks(axis, count)}
        below = re.split(r" {2,}", lines[-1].strip())
        left = [line[: line.index("┤")].strip() for line in lines if "┤" in line]
        assert set(below) - {axis.label, ""} <= known
        assert set(left) <= known
        assert len(set(left)) == len(left)
        axis_line = {line.index("│") for line in lines if "│" in line}
        assert axis_line == {max(map(len, left), default=0)}


def test_a_wide_axis_has_no_more_ticks_than_can_be_taken_in() -> None:
    axis = draw(Figure((PARABOLA,), WEIGHT, LOSS), 250, 12)[-2]
    assert 7 <= axis.count("┬") <= 16


def test_a_name_without_room_leaves_the_ticks() -> None:
    lines = draw(Figure((), Axis(0, 10, label="a long name of many words"), LOSS), 30, 8)
    assert lines[-1].split() == ["0", "2", "4", "6", "8", "10"]


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (11, 40), (100, 4), (12, 5), (0, 3), (5, 0)])
def test_every_size_is_exact(size: tuple[int, int]) -> None:
    rows: list[Row] = Canvas().draw(descent(), *size)
    assert [row_width(row) for row in rows] == [size[0]] * size[1]


def test_fixed_layers_are_inked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inked: list[Layer] = []

    def counted(layer: Layer, *ground: object) -> object:
        inked.append(layer)
        return pen_way(layer, *ground)

    pen_way = canvas.pen_way
    monkeypatch.setattr(canvas, "pen_way", counted)
    rising, falling = (Layer(np.array([0.0, 1.0]), np.array(ys)) for ys in ([0.0, 1], [1.0, 0]))
    board = Canvas()
    for path in (rising, falling, rising):
        board.draw(Figure((PARABOLA, path), WEIGHT, LOSS), 40, 12)
    assert inked == [PARABOLA, rising, falling, rising]
    board.draw(Figure((PARABOLA, rising), WEIGHT, LOSS), 41, 12)
    board.draw(Figure((PARABOLA, rising), WEIGHT, Axis(0, 20)), 41, 12)
    assert inked.count(PARABOLA) == 3


def test_lines_that_meet_in_a_cell_are_both_seen() -> None:
    ends = np.array([0.0, 1.0])
    low, high = (Layer(ends, np.full(2, height), "curve") for height in (0.1, 0.9))
    lines = draw(Figure((low, high), Axis(0, 1), Axis(0, 1)), 8, 1)
    assert lines == ["⣉" * 8]


def test_a_marker_hides_the_line_below_and_a_line_above_hides_the_marker() -> None:
    line = Layer(np.array([0.0, 1.0]), np.full(2, 0.1), "curve")
    marker = points([0.5], [0.5], "path", "o")
    unit = Axis(0, 1)
    assert draw(Figure((line, marker), unit, unit), 5, 1) == ["⣀⣀o⣀⣀"]
    assert draw(Figure((marker, line), unit, unit), 5, 1) == ["⣀⣀⣀⣀⣀"]


def test_a_used_canvas_draws_what_a_new_one_draws() -> None:
    used = Canvas()
    small = Figure((points([0.5], [0.5], "minimum", "×"),), Axis(0, 1), Axis(0.1, 1, log=True))
    for figure, width, height in ((descent(), 40, 12), (small, 20, 9), (descent(), 60, 18)) * 2:
        assert used.draw(figure, width, height) == Canvas().draw(figure, width, height)


@pytest.mark.parametrize("marker", ["", "ab", "損", "\n", "\x1b", "é" + "\u0301"])
def test_a_marker_takes_one_cell(marker: str) -> None:
    with pytest.raises(ValueError, match="one cell"):
        Layer(XS, XS, marker=marker)


def test_a_layer_has_as_many_xs_as_ys() -> None:
    with pytest.raises(ValueError, match="one length"):
        Layer(XS, XS[1:])
    with pytest.raises(ValueError, match="one length"):
        Layer(XS[None], XS[None])


def test_the_drawing_libraries_wait_for_the_first_line() -> None:
    code = """
import sys
import numpy as np
from gd_tutor.pictures.canvas import Canvas
from gd_tutor.pictures.axes import Axis, Figure, Layer
canvas = Canvas()
late = {"plotext", "contourpy", "textual"}
assert not late & set(sys.modules), late & set(sys.modules)
xs = np.array([0.0, 1.0])
canvas.draw(Figure((Layer(xs, xs, "path", "o", joined=False),), Axis(0, 1), Axis(0, 1)), 20, 10)
assert not late & set(sys.modules), late & set(sys.modules)
canvas.draw(Figure((Layer(xs, xs),), Axis(0, 1), Axis(0, 1)), 20, 10)
assert late & set(sys.modules) == {"plotext"}
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_plotext_still_has_the_private_names_in_use() -> None:
    import plotext

    advice = f"plotext {plotext.__version__} lacks a private name: see gd_tutor/pictures/pen.py"
    terminal = type(plotext.terminal)()
    assert hasattr(terminal, "_master"), advice
    assert terminal._master is not plotext.figure, advice
    assert callable(getattr(terminal._master._signals, "_add", None)), advice


@pytest.mark.parametrize("height", range(8, 20))
@pytest.mark.parametrize("axis", [Axis(-4, 4), Axis(-3, 3), Axis(0, 7), Axis(-40, 30)])
def test_an_upright_axis_has_a_scale(axis: Axis, height: int) -> None:
    lines = draw(Figure((), Axis(0, 1), axis), 40, height)
    assert sum("┤" in line for line in lines) >= 2
