"""The pictures: their size, their words, and what stands in them, on lessons and on odd runs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache
from itertools import islice, pairwise

import numpy as np
import pytest

from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.spans import Row, plain, row_width, to_ascii
from gd_tutor.pictures.kinds import KINDS, make_view
from gd_tutor.pictures.loss import LossView, outline
from gd_tutor.pictures.matrices import MatricesView
from gd_tutor.pictures.view import View
from tutor import LESSONS, experiment, lesson, notation_for, one_in, session, slow, training_of

SIZES = (
    *((1, 1), (3, 3), (11, 4), (12, 5), (10, 30)),
    *((39, 10), (120, 6), (123, 57)),
)
DRAWN = re.compile("[\u2190-\u21ff\u2500-\u25ff\u2800-\u28ff]")
"""Arrows, boxes, blocks, shapes and braille: what words are not made of."""

HUNDRED = [(i % 17) / 4 for i in range(100)]
EXPERIMENTS = {
    "hundred samples": experiment(
        "E = Y - (X * w + b)\nL = E * E\nloss = mean(L)",
        {"w": 0, "b": 0},
        {"X": HUNDRED, "Y": [2 * x + 1 - (i % 3) for i, x in enumerate(HUNDRED)]},
        0.01,
    ),
    "many components": experiment(
        "E = target - theta\nloss = sum(E ** 2)",
        {"theta": [0.0] * 40},
        {"target": [(-1.0) ** i * i for i in range(40)]},
    ),
    "two matrices": experiment(
        "H = tanh(X @ W)\nE = Y - H @ V\nloss = mean(E ** 2)",
        {"W": [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]], "V": [[1], [2], [3]]},
        {"X": [[1, 0], [0, 1], [1, 1], [0, 0]], "Y": [[0], [1], [1], [0]]},
    ),
    "constant loss": experiment("loss = x * 0 + 3", {"x": 2}),
    "zero loss": experiment("E = x - y\nloss = E ** 2", {"x": 2, "y": 2}),
    "one number": experiment("loss = x", {"x": 1}),
    "huge numbers": experiment("E = x - y\nloss = E ** 2", {"x": 1e9, "y": -3e12}, None, 1e-9),
    "tiny numbers": experiment("E = x - y\nloss = E ** 2", {"x": 1e-9, "y": -3e-12}),
    "no number at the start": experiment("E = log(x)\nloss = E ** 2", {"x": -1}),
    "infinite at the start": experiment("E = 1 / x\nloss = E ** 2", {"x": 0}),
}
DIVERGED = {
    "derivative": 5.0,
    "loss": 5.0,
    "loss-matrix": 50.0,
    "partial-derivative": 1.0,
    "gradient": 5.0,
    "residual-matrix": 50.0,
    "gradient-matrix": 3.0,
}


def views_for(experiment: Experiment, notation: Notation) -> list[View]:
    """Every kind of view, on everything in the experiment that it can show."""
    program = experiment.program
    values = [line.name for line in program.forward]
    over = [
        f"{name}[{','.join(map(str, index))}]" if index else name
        for name in program.parameters
        for index in np.ndindex(program.shapes[name])
    ]
    views = [make_view("parameters", notation), make_view("loss", notation)]
    for name in (*values[-3:], *program.parameters):
        views += [make_view(kind, notation, of=[name]) for kind in ("bars", "squares")]
    views.append(make_view("matrices", notation, of=[*program.data, *program.parameters, *values]))
    views += [make_view("curve", notation, over=[name]) for name in over[:2]]
    if len(over) > 1:
        views += [make_view(kind, notation, over=over[:2]) for kind in ("slices", "contours")]
    log = make_view("loss", notation)
    assert isinstance(log, LossView)
    log.log = True
    return [*views, log]


def experiment_of(name: str) -> Experiment:
    found = lesson(name).experiment
    assert found is not None
    return found


PLACES = {
    "start": Position(0, Phase.START),
    "backward": Position(0, Phase.BACKWARD),
    "far": Position(100, Phase.FORWARD),
}
RUNS = [
    *(
        f"{name}, {place}"
        for number, name in enumerate((*LESSONS, *EXPERIMENTS))
        for turn, place in enumerate(PLACES)
        if name in EXPERIMENTS or (number + turn) % 2
    ),
    *(f"{name}, diverged" for name in DIVERGED),
]
"""Runs of every sort, at some of their positions."""


@cache
def run(name: str) -> Training:
    name, place = name.split(", ")
    experiment = EXPERIMENTS.get(name) or experiment_of(name)
    if place in PLACES:
        return Training(experiment, (), PLACES[place])
    training = Training(experiment)
    training.change("learning_rate", DIVERGED[name])
    training.run(100_000)
    assert training.divergence is not None, name
    return training


LABS = LESSONS[8:]


def assert_size(rows: Sequence[Row], width: int, height: int) -> None:
    assert len(rows) == height
    assert [row_width(row) for row in rows] == [width] * height


SOME_RUNS = [name for name in RUNS if name.split(",")[0] not in LABS][::2]
# Runs that follow each other take all of the sizes.
SOME_SIZES = [(name, [SIZES[number % len(SIZES)]]) for number, name in enumerate(SOME_RUNS)]
ALL_SIZES = [slow(name, SIZES) for name in RUNS]


@pytest.mark.parametrize(("name", "sizes"), [*SOME_SIZES, *ALL_SIZES])
def test_every_view_fills_exactly_its_room_and_speaks_in_words(
    name: str, sizes: Sequence[tuple[int, int]]
) -> None:
    training = run(name)
    for view in views_for(training.experiment, notation_for(training)):
        for width, height in sizes:
            assert_size(view.rows(training, width, height), width, height)
        said = view.text_alternative(training)
        assert re.search("[A-Za-z]{2,}", said)
        assert not DRAWN.search(said.replace("→", "")), said
        assert "\n" not in said
        assert view.title(training).strip()


@pytest.mark.parametrize("name", [name if name in SOME_RUNS else slow(name) for name in RUNS])
def test_every_view_is_ascii_in_ascii(name: str) -> None:
    training = run(name)
    for view in views_for(training.experiment, notation_for(training, ascii=True)):
        assert view.text_alternative(training).isascii()
        assert view.title(training).isascii()
        rows = view.rows(training, 44, 11)
        assert_size(rows, 44, 11)
        for row in rows:
            text = "".join(text for _, text in row)
            assert len(to_ascii(text)) == 44
            assert to_ascii(text).isascii()
            assert "?" not in to_ascii(text), text


def test_the_kinds_are_those_of_the_lesson_files() -> None:
    kinds = "bars squares curve slices contours matrices parameters loss"
    assert list(KINDS) == kinds.split()


@pytest.mark.parametrize("kind", ["curve", "slices", "contours", "parameters", "loss"])
def test_a_picture_of_a_run_is_drawn_once_for_each_point(kind: str) -> None:
    learner = session("partial-derivative", "partial-derivative:1:forward")
    training = training_of(learner)
    view = make_view(kind, learner.notation, over=["w", "b"])
    seen = view.rows(training, 39, 10)
    assert view.rows(training, 39, 10) is seen
    assert view.rows(training, 40, 10) is not seen
    training.go_to(Position(3, Phase.FORWARD))
    assert view.rows(training, 39, 10) != seen


# Axes


def frame_of(rows: Sequence[Row]) -> list[str]:
    """Where axes, ticks and their labels stand, and nothing else."""
    return ["".join(t if role == "axis" else " " * len(t) for role, t in row) for row in rows]


@pytest.mark.parametrize(
    ("name", "number", "kind"),
    one_in(
        4,
        (
            (name, number, view.kind)
            for name in LESSONS
            for number, view in enumerate(lesson(name).experiments[0].views)
            if view.kind not in ("matrices", "squares")  # they have no axes
        ),
    ),
)
def test_axes_stay_where_they_are_during_the_first_ten_updates(
    name: str, number: int, kind: str
) -> None:
    learner = session(name)
    view, training = learner.pictures.views[number], training_of(learner)
    assert view.kind == kind
    frames = []
    for place in range(11):
        training.go_to(Position(place, Phase.FORWARD))
        frame = "\n".join(frame_of(view.rows(training, 39, 10)))
        if frame not in frames:
            frames.append(frame)
    assert re.search(r"\d", frames[0])
    assert len(frames) == 1, "\n\n".join(frames)


def cells(rows: Sequence[Row], role: str) -> list[tuple[int, int]]:
    """The cells of a role, as columns and rows."""
    found = []
    for y, row in enumerate(rows):
        x = 0
        for its_role, text in row:
            found += [(x + i, y) for i in range(len(text)) if its_role == role and text[i] != " "]
            x += row_width(((its_role, text),))
    return found


def drawn(name: str, kind: str, place: str, cells: tuple[int, int] = (60, 20)) -> list[Row]:
    learner = session(name, f"{name}:{place}")
    view = next(view for view in learner.pictures.views if view.kind == kind)
    return view.rows(training_of(learner), *cells)


def test_minimum_is_a_line_where_one_point_has_two_parameters() -> None:
    marks = cells(drawn("partial-derivative", "contours", "0:backward"), "minimum")
    columns, rows = ({mark[side] for mark in marks} for side in (0, 1))
    assert len(rows) >= 15
    assert len(columns) >= 4
    learner = session("partial-derivative", "partial-derivative:0:backward")
    view = next(view for view in learner.pictures.views if view.kind == "contours")
    assert "the minimum is a whole line" in view.text_alternative(training_of(learner))


@pytest.mark.parametrize("name", ["gradient", "gradient-matrix"])
def test_minimum_is_one_point_elsewhere(name: str) -> None:
    assert len(cells(drawn(name, "contours", "0:backward"), "minimum")) == 1


@pytest.mark.parametrize("size", [(40, 12), (39, 9), (60, 20), (100, 30), (38, 11)])
def test_a_run_that_has_arrived_is_on_the_minimum(size: tuple[int, int]) -> None:
    rows = drawn("kitchen", "contours", "100:forward", size)
    assert len(cells(rows, "current")) == 1
    assert not cells(rows, "minimum")


def test_a_cell_that_the_numbers_do_not_give_is_only_about_it() -> None:
    view, training = matrices("residual-matrix", "60:forward")
    said = list(view.cells(training))
    assert "E[0,0] = Y − Ŷ = 5 − 5 ≈ −" in "\n".join(said)
    view.move(training, 9, 0)
    view.move(training, 9, 0)
    assert "≈" in explanation(view, training)


def test_gradient_points_away_from_the_minimum_and_descent_towards_it() -> None:
    rows = drawn("gradient", "contours", "0:backward")
    (here,) = cells(rows, "current")
    (goal,) = cells(rows, "minimum")
    way = np.subtract(goal, here)
    for role, sign in (("descent", 1), ("gradient", -1)):
        tips = np.mean(cells(rows, role), axis=0) - here
        assert math.copysign(1, float(tips @ way)) == sign
    assert not cells(drawn("gradient", "contours", "0:forward"), "gradient")


def test_path_of_contours_marks_the_points_visited() -> None:
    rows = drawn("gradient", "contours", "2:update")
    assert len(cells(rows, "path")) == 3
    assert len(cells(rows, "current")) == 1


def test_contours_say_where_the_gradient_points() -> None:
    learner = session("gradient", "gradient:0:backward")
    said = learner.pictures.views[0].text_alternative(training_of(learner))
    assert said == (
        "(x, y) is at (1, 1); uphill is (−4, −6), downhill (4, 6); the minimum is at (3, 4)"
    )


def test_curve_has_a_tangent_only_while_the_slope_is_fresh() -> None:
    for place, has in (("0:forward", False), ("0:backward", True), ("0:update", False)):
        assert bool(cells(drawn("derivative", "curve", place), "tangent")) == has


def test_curve_says_where_it_is_and_how_steep() -> None:
    learner = session("derivative", "derivative:1:backward")
    said = learner.pictures.views[0].text_alternative(training_of(learner))
    assert said == "x moved 8 → 7.4; l there is 5.76, its slope 4.8"


def test_slices_freeze_the_other_parameter() -> None:
    rows = plain(drawn("partial-derivative", "slices", "1:backward", (39, 21)))
    assert "slope −72" in rows
    assert "slope −24" in rows
    assert "b = 0.3" in rows
    assert "w = 0.9" in rows


def test_loss_curve_has_a_point_for_every_forward() -> None:
    for forwards in (1, 2, 5):
        rows = drawn("derivative", "loss", f"{forwards - 1}:forward")
        assert len(cells(rows, "path")) + len(cells(rows, "current")) == forwards


def test_loss_says_how_it_went() -> None:
    learner = session("derivative", "derivative:2:forward")
    view = next(view for view in learner.pictures.views if view.kind == "loss")
    assert view.text_alternative(training_of(learner)) == "l fell from 9 to 3.6864 in 2 updates"


def test_log_axis_has_decades_and_a_straight_line() -> None:
    learner = session("derivative", "derivative:40:forward")
    learner.toggle_log()
    view = next(view for view in learner.pictures.views if view.kind == "loss")
    rows = view.rows(training_of(learner), 60, 20)
    assert {"10", "0.1"} <= set(re.findall(r"[\d.e−]+", "\n".join(frame_of(rows))))
    heights: dict[int, list[int]] = {}
    for x, y in cells(rows, "curve"):
        heights.setdefault(x, []).append(y)
    ways = [np.mean(heights[x]) for x in sorted(heights)]
    steps = {round(float(b - a)) for a, b in pairwise(ways)}
    assert steps <= {0, 1}
    assert ", log" in view.title(training_of(learner))


def test_parameters_name_every_line_with_its_value() -> None:
    learner = session("residual", "residual:0:update")
    view = next(view for view in learner.pictures.views if view.kind == "parameters")
    top = plain(view.rows(training_of(learner), 39, 10)).split("\n")[0]
    assert "ŷ[0] = 7.7" in top
    assert "ŷ[1] = 3.2" in top
    assert view.text_alternative(training_of(learner)) == "ŷ[0] moved 8 → 7.7; ŷ[1] moved 3 → 3.2"


# Bars and squares


def test_bars_stand_on_both_sides_of_zero() -> None:
    rows = drawn("residual", "bars", "0:forward", (39, 10))
    negative, positive = cells(rows, "negative"), cells(rows, "positive")
    zero = {x for x, y in cells(rows, "axis") if y < 8 and plain([rows[y]])[x] == "│"}
    assert len(zero) == 1
    assert max(x for x, _ in negative) < min(zero) < min(x for x, _ in positive)
    long, short = (len({x for x, _ in found}) for found in (negative, positive))
    assert long / short == pytest.approx(3 / 2, abs=0.2)
    assert "−3" in plain(rows)
    assert "ε[1]" in plain(rows)


def test_bars_say_how_many_are_above_and_below() -> None:
    learner = session("residual", "residual:0:forward")
    said = learner.pictures.views[0].text_alternative(training_of(learner))
    assert said == "ε = [−3, 2]: 1 above zero, 1 below"


def test_squares_have_areas_and_their_mean() -> None:
    rows = drawn("loss", "squares", "0:forward", (39, 10))
    text = plain(rows)
    assert "(−3)² = 9" in text
    assert "2² = 4" in text
    assert "mean = (9 + 4)/2 = 6.5" in text
    area = cells(rows, "area")
    left = [(x, y) for x, y in area if x < 20]
    right = [(x, y) for x, y in area if x >= 20]
    assert len(left) / len(right) == pytest.approx(9 / 4, rel=0.35)
    for square in (left, right):
        wide, high = len({x for x, _ in square}), len({y for _, y in square})
        assert wide == 2 * high
        assert len(square) == wide * high


@pytest.mark.parametrize("choice", ["experiment=sum", "average=sum"])
def test_squares_add_up_where_the_loss_does(choice: str) -> None:
    learner = session("loss", f"loss:0:forward:{choice}")
    [view] = [view for view in learner.pictures.views if view.kind == "squares"]
    training = training_of(learner)
    text = plain(view.rows(training, 39, 10))
    total = learner.notation.number(float(training.losses[0]))
    assert re.search(rf"sum = .* = {re.escape(total)}", text)
    assert "mean" not in text
    assert view.text_alternative(training).endswith(f"the sum of the areas is {total}")


@pytest.mark.parametrize("kind", ["bars", "squares", "loss"])
def test_before_forward_a_picture_says_that_f_makes_it(kind: str) -> None:
    for name in LESSONS:
        learner = session(name)
        for view in learner.pictures.views:
            if view.kind == kind:
                assert re.search(r"\bf\b", plain(view.rows(training_of(learner), 39, 10)))


# Matrices


def matrices(name: str, place: str) -> tuple[MatricesView, Training]:
    learner = session(name, f"{name}:{place}")
    view = next(view for view in learner.pictures.views if view.kind == "matrices")
    assert isinstance(view, MatricesView)
    return view, training_of(learner)


def explanation(view: MatricesView, training: Training) -> str:
    """What is said below the matrices of the cell that the cursor is on."""
    rows = plain(view.rows(training, 100, 12)).split("\n")
    return " ".join(row.strip() for row in rows[-3:]).strip()


def by_python(text: str) -> float:
    """The value of arithmetic as it is written on the screen."""
    for shown, python in (("−", "-"), ("·", "*"), ("⊙", "*"), ("²", "**2")):
        text = text.replace(shown, python)
    assert re.fullmatch(r"[-+*/(). \de]+", text), text
    return float(eval(text))


@pytest.mark.parametrize("name", ["residual-matrix", "loss-matrix", "gradient-matrix"])
def test_cursor_reaches_every_cell_and_explains_it(name: str) -> None:
    view, training = matrices(name, "1:forward")
    for across, value in enumerate(view.of):
        for row in range(3):
            cells_shown = plain(view.rows(training, 100, 12))
            number = view.notation.number(float(np.asarray(training.values[value])[row, 0]))
            column = view.notation.column(np.asarray(training.values[value])[:, 0].tolist())
            assert f"▸{column[row]}◂" in cells_shown, (value, row)
            said = explanation(view, training)
            label, *parts = re.split(" [=≈] ", said)
            assert label == f"{view.notation.name(value)}[{row},0]"
            if value in training.program.data:
                assert parts == [f"{number}, data"]
            elif value in training.program.parameters:
                assert parts == [f"{number}, a parameter"]
            else:
                assert parts[-1] == number
                assert by_python(parts[-2]) == pytest.approx(by_python(number), rel=1e-4)
            view.move(training, 0, 1)
        view.move(training, 0, -5)
        view.move(training, 1, 0)
        assert view.block == min(across + 1, len(view.of) - 1)
    view.move(training, -9, 0)
    view.move(training, -9, 0)
    assert view.block == 0


def test_reading_some_of_the_cells_leaves_the_cursor_where_it_is() -> None:
    view, training = matrices("gradient-matrix", "0:backward")
    view.move(training, 1, 2)
    before = view.rows(training, 78, 12)
    for most in range(1, 16):
        read = list(islice(view.cells(training), most))
        assert len({text.partition(" = ")[0] for text in read}) == most  # each is of another cell
        assert view.rows(training, 78, 12) == before
    assert len(list(view.cells(training))) == 15


def test_per_sample_partials_stand_beside_and_their_mean_below() -> None:
    view, training = matrices("gradient-matrix", "0:backward")
    E, X = (np.ravel(training.values[name]) for name in ("E", "X"))
    text = plain(view.rows(training, 78, 12))
    lines = text.split("\n")
    for row in range(3):
        numbers = [float(n.replace("−", "-")) for n in re.findall(r"−?\d+\.?\d*", lines[row + 1])]
        assert numbers == [X[row], E[row], E[row] ** 2, -2 * E[row] * X[row], -2 * E[row]]
    assert "mean" in lines[4]
    assert re.findall(r"−?\d+\.?\d*", lines[5]) == ["−15.333", "−8"]
    assert "mean −15.333" in view.text_alternative(training)


def test_cells_of_a_sample_explain_its_own_partial() -> None:
    view, training = matrices("gradient-matrix", "0:backward")
    E, X = (np.ravel(training.values[name]) for name in ("E", "X"))
    for _ in range(3):
        view.move(training, 1, 0)
    for row in range(3):
        said = explanation(view, training)
        assert said.startswith(f"sample {row + 1}: ∂/∂w = ")
        *_, arithmetic, number = said.split(" = ")
        assert by_python(number) == -2 * E[row] * X[row]
        assert by_python(arithmetic) == -2 * E[row] * X[row]
        view.move(training, 0, 1)


@pytest.mark.parametrize("place", ["0:start", "0:forward", "2:update"])
def test_partials_of_samples_wait_for_backward(place: str) -> None:
    view, training = matrices("gradient-matrix", place)
    assert ("∂/∂w" in plain(view.rows(training, 78, 12))) == (place == "2:update")


def test_long_matrices_scroll_with_the_cursor() -> None:
    training = Training(EXPERIMENTS["hundred samples"], (), Position(0, Phase.BACKWARD))
    view = MatricesView(notation_for(training), of=["X", "E", "L"])
    for step in (0, 30, 30, 39):
        view.move(training, 0, step)
        number = float(np.ravel(training.values["X"])[view.row])
        (shown,) = re.findall(r"▸ *(\S+) *◂", plain(view.rows(training, 60, 12)))
        assert float(shown.replace("−", "-")) == number
    assert view.row == 99


def test_wide_matrices_stay_whole_or_say_that_there_is_more() -> None:
    training = Training(EXPERIMENTS["two matrices"], (), Position(0, Phase.BACKWARD))
    view = MatricesView(notation_for(training), of=["X", "W", "H", "V", "E", "Y"])
    for _ in range(12):
        rows = plain(view.rows(training, 39, 12)).split("\n")
        assert "▸" in "".join(rows)
        assert ("‹" in rows[0]) or ("›" in rows[0])
        view.move(training, 1, 0)
    assert view.block > 3


def test_long_loss_curves_keep_every_peak_and_the_last_value() -> None:
    values = np.cos(np.arange(100_003.0))
    values[70_123], values[99_990] = 5.0, -5.0
    iterations, shown = outline(values)
    assert len(shown) < 10_000
    assert (np.diff(iterations) > 0).all()
    assert (shown.max(), shown.min(), shown[-1]) == (5.0, -5.0, values[-1])
    assert iterations[-1] == 100_002
    assert abs(iterations[shown.argmax()] - 70_123) < 50
    short = outline(values[:100])
    assert (short[0] == np.arange(100)).all()
    assert (short[1] == values[:100]).all()


# What a picture shows of a loss that is no parabola, or of a run that diverges


def x_labels(rows: Sequence[Row]) -> list[float]:
    """The numbers below the horizontal axis."""
    last = plain(rows).split("\n")[-1].replace("−", "-")
    return [float(label) for label in re.findall(r"-?[\d.]+(?:e-?\d+)?", last)]


def y_labels(rows: Sequence[Row]) -> list[float]:
    """The numbers beside the upright axis."""
    return [float(label.replace("−", "-")) for label in re.findall(r"(\S+)┤", plain(rows))]


def curve(text: str, start: float, learning_rate: float = 0.01) -> list[Row]:
    training = Training(experiment(text, {"x": start}, None, learning_rate))
    view = make_view("curve", notation_for(training), over=["x"])
    return view.rows(training, 60, 16)


TWO_VALLEYS = "loss = 3.75 * x ** 4 + x ** 3 - 6 * x ** 2 + 3.25"


@pytest.mark.parametrize("start", [-0.7, 0.0, 0.2, 0.8, 1.3])
def test_a_curve_shows_both_valleys_and_the_hill(start: float) -> None:
    rows = curve(TWO_VALLEYS, start)
    across, up = x_labels(rows), y_labels(rows)
    assert min(across) <= -1
    assert max(across) >= 0.8
    assert 3 <= max(up) <= 10


def test_a_curve_shows_the_way_off_a_plateau() -> None:
    across = x_labels(curve("p = sigmoid(x)\nloss = (1 - p) ** 2", -6))
    assert min(across) <= -6
    assert max(across) >= 2


def test_a_curve_shows_the_range_that_its_start_is_drawn_from() -> None:
    learner = session("valleys", "valleys:0:start:experiment=many")
    rows = learner.pictures.views[0].rows(training_of(learner), 60, 16)
    assert min(x_labels(rows)) <= -1.5
    assert max(x_labels(rows)) >= 1.5


def test_contours_show_the_valleys_on_both_sides_of_a_pass() -> None:
    learner = session("kitchen", "kitchen:0:backward:experiment=pass")
    rows = learner.pictures.views[0].rows(training_of(learner), 39, 10)
    assert min(y_labels(rows)) <= -2
    assert max(y_labels(rows)) >= 2


@pytest.mark.parametrize("kind", ["contours", "parameters"])
def test_a_run_that_will_diverge_begins_in_a_readable_picture(kind: str) -> None:
    training = Training(experiment("loss = (x - 3) ** 2 + (y - 4) ** 2", {"x": 1, "y": 1}, None, 5))
    rows = make_view(kind, notation_for(training), over=["x", "y"]).rows(training, 60, 16)
    assert max(map(abs, y_labels(rows))) <= 20


def test_many_parameters_have_one_name_for_the_letters_of_each() -> None:
    learner = session("regression", "regression:0:start:experiment=features")
    view = next(view for view in learner.pictures.views if view.kind == "parameters")
    assert plain(view.rows(training_of(learner), 39, 10)).split("\n")[0].split() == [
        *("a-m", "w"),
        *("n", "b"),
    ]


def test_a_long_slope_above_a_slice_is_shortened_not_cut() -> None:
    learner = session("valleys", "valleys:0:backward:experiment=saddle")
    view = next(view for view in learner.pictures.views if view.kind == "slices")
    head = plain(view.rows(training_of(learner), 39, 9)).split("\n")[0]
    assert head.split() == ["x", "slope", "4", "y", "slope", "−0.004"]


@pytest.mark.parametrize(
    ("name", "kind", "iteration"),
    [
        ("gradient", "contours", 5),
        ("gradient", "contours", 100),
        ("derivative", "curve", 5),
        ("kitchen", "loss", 5),
    ],
)
def test_where_the_run_has_been_is_drawn_as_its_path(name: str, kind: str, iteration: int) -> None:
    """Neither as the curve that it walks on nor as the point where it is, be it dots or a line."""
    training = Training(experiment_of(name), (), Position(iteration, Phase.FORWARD))
    over = training.program.parameters[: {"contours": 2, "curve": 1}.get(kind, 0)]
    drawn = make_view(kind, notation_for(training), over=list(over)).rows(training, 60, 20)
    assert "path" in {role for row in drawn for role, text in row if text.strip()}
