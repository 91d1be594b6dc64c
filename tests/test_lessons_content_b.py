"""Lessons 5 to 8: what they ask and claim, against the same numbers worked out in NumPy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from as_shown import numbers_of, shown
from gd_tutor.course.check import one_number
from gd_tutor.course.lesson import (
    ChoiceQuestion,
    FindQuestion,
    Lesson,
    NumberQuestion,
)
from gd_tutor.engine.state import PHASES, Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.numbers import number
from gd_tutor.questions.asked_number import AskedNumber, number_of
from gd_tutor.questions.diagnosis import Outcome
from gd_tutor.questions.predictions import asked_numbers, belongs
from learning_runs import diagnose, lesson, said, wrong_numbers

Array = NDArray[np.float64]

HERE = ("gradient", "residual-matrix", "loss-matrix", "gradient-matrix")

# By hand: the line through three trips

TRIPS = np.array([1.0, 2.0, 3.0])
FARES = np.array([3.0, 5.0, 7.0])
START = (0.5, 0.0)
BEST = np.array([2.0, 1.0])


def loss_at(w: float, b: float) -> float:
    return float(np.mean((FARES - w * TRIPS - b) ** 2))


def gradient_at(w: float, b: float) -> Array:
    error = FARES - w * TRIPS - b
    return np.array([-2 * np.mean(error * TRIPS), -2 * np.mean(error)])


def walk(rate: float, steps: int, sign: float = -1.0) -> list[Array]:
    """Where w and b go; with another sign the gradient is added."""
    points = [np.array(START)]
    for _ in range(steps):
        points.append(points[-1] + sign * rate * gradient_at(*points[-1]))
    return points


def losses(rate: float, steps: int, sign: float = -1.0) -> list[float]:
    return [loss_at(*point) for point in walk(rate, steps, sign)]


def cosine(point: Array) -> float:
    """How straight the step from there goes to the minimum: 1 is straight."""
    step, way = -gradient_at(*point), BEST - point
    return float(step @ way / np.linalg.norm(step) / np.linalg.norm(way))


def one_after_another() -> tuple[float, float]:
    """The new w, and the b that follows from it."""
    w = START[0] - 0.05 * gradient_at(*START)[0]
    return w, START[1] - 0.05 * gradient_at(w, START[1])[1]


# By hand: matrices

STALLS = np.array([[5, 6], [3, 2], [4, 5]]) - np.array([[8, 4], [2, 4], [5, 1]])
FRUITS = np.array([[5.0], [3.0], [4.0]]) - np.array([[8.0], [2.0], [5.0]])
BAGS = np.array([[1.0, 2.0], [3.0, 1.0]])
COSTS = np.array([[5.0, 3.0], [10.0, 2.0]])
PRICES = np.array([[2.0, 1.0], [2.0, 1.0]])
OFF = COSTS - BAGS @ PRICES


# The lessons as shipped


def run_of(of: Lesson, experiment: str) -> Training:
    """A run of one experiment, as the key e begins it."""
    part = of.experiment_of(experiment)
    assert part is not None
    first = part is of.experiments[0]
    return Training(part.experiment, choices={} if first else {"experiment": experiment})


def notation_of(of: Lesson, experiment: str) -> Notation:
    part = of.experiment_of(experiment)
    assert part is not None
    return Notation(part.symbols, part.experiment.program.shapes)


def before(training: Training, iteration: int, phase: str) -> None:
    """Take a run to the point where a phase comes next."""
    training.go_to(Position(iteration, Phase.START))
    while str(training.upcoming) != phase:
        training.advance()


def asked_number(id: str, name: str) -> tuple[Lesson, Training, AskedNumber]:
    """A number that a lesson asks for, by prediction or question."""
    of = lesson(id)
    for question in of.questions:
        if question.id == name:
            assert isinstance(question, NumberQuestion)
            training = run_of(of, question.experiment)
            return of, training, number_of(question, training)
    [prediction] = (each for each in of.predictions if each.id == name)
    training = run_of(of, prediction.experiment)
    before(training, prediction.at or 0, prediction.before)
    [found] = (each for each in asked_numbers(training, of) if each.authored == prediction)
    return of, training, found


NUMBERS: dict[tuple[str, str], tuple[float, list[float]]] = {
    ("gradient", "still-x"): (1, [1 - 0.1 * 2 * (1 - 3), 2 * (1 - 3)]),
    ("gradient", "slope-of-w"): (
        gradient_at(*START)[0],
        [
            2 * np.mean((FARES - 0.5 * TRIPS) ** 2 * TRIPS),
            -np.sum((FARES - 0.5 * TRIPS) * TRIPS),
        ],
    ),
    ("gradient", "step-and-way"): (
        gradient_at(*walk(0.05, 3)[3])[1] / gradient_at(*walk(0.05, 3)[3])[0],
        [
            (BEST - walk(0.05, 3)[3])[1] / (BEST - walk(0.05, 3)[3])[0],
            gradient_at(*walk(0.05, 3)[3])[0] / gradient_at(*walk(0.05, 3)[3])[1],
            0.05 * gradient_at(*walk(0.05, 3)[3])[1] / gradient_at(*walk(0.05, 3)[3])[0],
            gradient_at(*START)[1] / gradient_at(*START)[0],
            (BEST - START)[1] / (BEST - START)[0],
        ],
    ),
    ("residual-matrix", "banana"): (3 - 2, [3 - 8, 3 - 5]),
    ("residual-matrix", "second-stall"): (2 - 4, [2 - 2, 3 - 4]),
    ("residual-matrix", "sum-of-stall"): (
        STALLS[:, 1].sum(),
        [np.abs(STALLS[:, 1]).sum(), STALLS[:, 0].sum(), STALLS.sum(), STALLS[1].sum()],
    ),
    ("loss-matrix", "first-of-second-row"): (OFF[1, 0] ** 2, [(OFF @ OFF)[1, 0], OFF[1, 0]]),
    ("loss-matrix", "mean-of-four"): (np.mean(OFF**2), [np.sum(OFF**2) / 2, np.sum(OFF**2) / 3]),
    ("loss-matrix", "twice-the-residual"): (4 * FRUITS[2, 0] ** 2 - 1, [1, 4]),
    ("gradient-matrix", "slope-of-w"): (
        gradient_at(*START)[0],
        [
            2 * np.mean((FARES - 0.5 * TRIPS) ** 2 * TRIPS),
            -np.sum((FARES - 0.5 * TRIPS) * TRIPS),
        ],
    ),
    ("gradient-matrix", "loss-of-both"): (losses(0.05, 1)[1], [loss_at(*one_after_another())]),
    ("gradient-matrix", "apple-at-a"): (
        (-2 * BAGS.T @ OFF / 4)[0, 0],
        [(-2 * BAGS @ OFF / 4)[0, 0], (-2 * BAGS.T @ OFF / 2)[0, 0]],
    ),
    ("gradient-matrix", "apple-at-b"): (
        (BAGS.T @ OFF)[0, 1],
        [(BAGS @ OFF)[0, 1], (BAGS * OFF)[0, 1], (BAGS.T @ OFF)[0, 0]],
    ),
}


@pytest.mark.parametrize(("id", "name"), NUMBERS)
def test_every_number_asked_for_and_every_mistake(id: str, name: str) -> None:
    right, wrong = NUMBERS[id, name]
    of, training, asked = asked_number(id, name)
    notation = notation_of(of, asked.authored.experiment if asked.authored else "")
    assert asked.authored is not None
    assert asked.value == pytest.approx(right)
    assert diagnose(asked, right, training, of).outcome is Outcome.RIGHT
    given = {
        rule.misconception.says: value
        for rule, value in wrong_numbers(asked, training, of)
        if rule.id in [each.id for each in asked.authored.mistakes]
    }
    assert list(given.values()) == pytest.approx(wrong)
    for says, value in zip(given, wrong, strict=True):
        assert said(asked, value, training, notation, of) == [says]


def test_no_number_goes_unchecked() -> None:
    found = [
        (id, each.id)
        for id in HERE
        for each in (*lesson(id).predictions, *lesson(id).questions)
        if isinstance(each, NumberQuestion)
    ]
    assert sorted(found) == sorted(NUMBERS)


@pytest.mark.parametrize("id", HERE)
def test_every_lesson_asks_in_several_ways_and_for_reasons(id: str) -> None:
    of = lesson(id)
    assert 1 <= len(of.predictions) <= 5
    assert 3 <= len(of.questions) <= 5
    assert len(set(map(type, of.questions))) >= 2
    assert all(asked.hints for asked in (*of.predictions, *of.questions))
    for option in (
        option
        for asked in (*of.predictions, *of.questions)
        if isinstance(asked, ChoiceQuestion)
        for option in asked.options
    ):
        assert len(option.say) > 30
        assert option.say.startswith("Yes") is option.right


@pytest.mark.parametrize("id", HERE)
def test_every_choice_before_a_phase_is_met(id: str) -> None:
    of = lesson(id)
    for asked in (each for each in of.predictions if isinstance(each, ChoiceQuestion)):
        training = run_of(of, asked.experiment)
        assert asked.at is not None
        before(training, asked.at, asked.before)
        assert belongs(asked, training, of)


def right_option(id: str, name: str) -> str:
    of = lesson(id)
    asked = [*of.predictions, *of.questions]
    [found] = (shown(of, each) for each in asked if each.id == name)
    [option] = (option for option in found.options if option.right)
    return str(option.text)


def test_the_right_choices() -> None:
    assert (gradient_at(*START) < 0).all()
    assert right_option("gradient", "which-way") == "both up"
    assert losses(0.05, 1, sign=1)[1] > 2 * losses(0.05, 0)[0]
    assert right_option("gradient", "loss-when-added") == "far above 17.5"
    place = walk(0.05, 5)
    assert place[5][0] > place[4][0] > BEST[0]
    assert right_option("gradient", "past-two") == "up, farther from 2"
    assert losses(0.05, 1)[1] < losses(0.17, 1)[1] < 17.5
    assert right_option("gradient-matrix", "loss-of-a-large-rate") == "between 3.48 and 17.5"
    assert losses(0.19, 1)[1] > losses(0.19, 0)[0]
    assert right_option("gradient-matrix", "rate-too-large") == "higher"


FALSE_LINES = {
    ("gradient", "x-forgotten"): ("grad.w", -18, -8),
    ("loss-matrix", "not-divided"): ("loss", 11 / 3, 11),
    ("gradient-matrix", "divided-again"): ("grad.b", -8, -8 / 3),
}


def test_the_lines_to_be_found_are_false() -> None:
    found = {(id, each.id): each for id in HERE for each in lesson(id).questions}
    finds = {key: each for key, each in found.items() if isinstance(each, FindQuestion)}
    assert finds.keys() == FALSE_LINES.keys()
    for key, asked in finds.items():
        training = run_of(lesson(key[0]), asked.experiment)
        values = training.values_at(Position(asked.at, Phase.UPDATE))
        name, truth, false = FALSE_LINES[key]
        assert asked.wrong == name
        assert float(values[name]) == pytest.approx(truth)
        assert one_number(asked.by, values) == pytest.approx(false)


# The thirteen wrong rules for a slope

THIRTEEN = {
    -9: ["A constant factor was lost on the way: the 2."],
    -27: ["Two things got lost on the way: the 2", "and the division by the three"],
    -44: ["in the place of"],
    -24: ["stands outside the sum, its last number for all"],
    -33: ["the last sample's slope alone"],
    -6: ["divided by n twice"],
    18: ["the sign is not"],
    -54: ["Dividing by n is forgotten", "slope of the sum"],
    -8: ["is left out."],
    86: ["the residual is still squared"],
    -16: ["stands outside the sum, its mean for all"],
    -0.9: ["That is the step"],
}


def by_each_rule() -> dict[str, float]:
    """The right slope, and what each wrong rule makes of it, in the residual ŷ − y."""
    x, y = TRIPS, FARES
    e = START[0] * x + START[1] - y
    right = 2 / 3 * np.sum(e * x)
    return {
        "right": right,
        "factor 2 lost": right / 2,
        "sum and no 2": np.sum(e * x),
        "times y": 2 / 3 * np.sum(e * y),
        "x outside, last": 2 / 3 * np.sum(e) * x[-1],
        "last sample": 2 * e[-1] * x[-1],
        "divided twice": right / 3,
        "sign lost": -right,
        "sum": 2 * np.sum(e * x),
        "x forgotten": 2 / 3 * np.sum(e),
        "squared kept": 2 / 3 * np.sum(e**2 * x),
        "x outside, mean": 2 / 3 * np.sum(e) * x.mean(),
        "step": 0.05 * right,
    }


def test_the_thirteen_numbers() -> None:
    found = sorted(by_each_rule().values())
    assert found == pytest.approx(sorted([-18, *THIRTEEN]))


@pytest.mark.parametrize("typed", by_each_rule().values(), ids=by_each_rule())
@pytest.mark.parametrize("id", ["gradient", "gradient-matrix"])
def test_each_of_the_thirteen_is_named_in_the_lesson(id: str, typed: float) -> None:
    of, training, asked = asked_number(id, "slope-of-w")
    assert training.position == Position(0, Phase.FORWARD)
    assert asked.authored is not None
    assert asked.authored.experiment == "trips"
    found = diagnose(asked, typed, training, of)
    sentences = said(asked, typed, training, notation_of(of, "trips"), of)
    if typed == pytest.approx(-18):
        assert sentences == ["Right."]
        return
    assert found.outcome is Outcome.EXPLAINED
    [words] = (words for wrong, words in THIRTEEN.items() if typed == pytest.approx(wrong))
    [sentence] = sentences
    for part in words:
        assert part in sentence
    assert "Two slips at once" not in sentence
    if typed == pytest.approx(-44):
        place = {"gradient": "y in the place of x", "gradient-matrix": "Y in the place of X"}
        assert place[id] in sentence


# Beliefs that the lessons let fail


def page(id: str, name: str) -> list[float]:
    """The numbers that the engine puts into a page, in their order."""
    of = lesson(id)
    [section] = (section for section in of.sections if section.id == name)
    return numbers_of(of, section)


def options_of(id: str, name: str) -> str:
    of = lesson(id)
    asked = [*of.predictions, *of.questions]
    [found] = (shown(of, each) for each in asked if each.id == name)
    return " ".join([found.ask, *(f"{option.text} {option.say}" for option in found.options)])


def says(text: str, *numbers: float) -> bool:
    """Whether a text has these numbers, written as the screen writes them."""
    return all(number(float(each)) in text for each in numbers)


def test_backward_moves_no_parameter_and_update_finds_no_slope() -> None:
    training = run_of(lesson("gradient"), "1")
    before(training, 0, "backward")
    start = dict(training.parameters)
    training.backward()
    assert training.parameters == start
    slopes = {name: value for name, value in training.values.items() if name.startswith("grad.")}
    training.update()
    assert training.parameters != start
    assert {name: training.values[name] for name in slopes} == slopes
    assert page("gradient", "keys") == [1]


def test_the_gradient_does_not_point_to_the_minimum() -> None:
    points = walk(0.05, 5)
    angles = [np.degrees(np.arccos(cosine(points[k]))) for k in (0, 1, 2, 3, 5)]
    assert angles == pytest.approx([9.7, 20.8, 39.7, 60.0, 72.4], abs=0.05)
    assert page("gradient", "angle") == pytest.approx([cosine(points[k]) for k in (0, 1, 3, 5)])
    slope = gradient_at(*START)
    assert page("gradient", "bend") == pytest.approx([2, 1, 1.5, 1, 1 / 1.5, slope[1] / slope[0]])
    assert says(options_of("gradient", "past-two"), *points[4])


def test_the_gradient_points_uphill() -> None:
    up = losses(0.05, 2, sign=1)
    assert up == pytest.approx([17.5, 42.3, 102], rel=3e-3)
    assert page("gradient", "against") == pytest.approx([-18, -8, *up])
    assert says(options_of("gradient", "why-against"), 17.5, up[1], round(up[2], 2))
    of = lesson("gradient")
    training = Training(run_of(of, "trips").experiment, choices={"bug": "wrong-sign"})
    training.run(3)
    assert list(training.losses[:3]) == pytest.approx(up)


def test_a_large_rate_is_not_faster() -> None:
    w = [point[0] for point in walk(0.17, 3)]
    assert all((one - 2) * (other - 2) < 0 for one, other in pairwise(w))  # to and fro across 2
    first = {rate: losses(rate, 1)[1] for rate in (0.05, 0.17, 0.18, 0.19)}
    assert page("gradient-matrix", "zigzag") == pytest.approx([0.05, 17.5, first[0.05]])
    large = options_of("gradient-matrix", "loss-of-a-large-rate")
    assert says(large, 17.5, first[0.05], *w[:2])
    assert page("gradient-matrix", "edge") == [17.5, 0.18]
    assert losses(0.19, 20)[20] > 1000
    assert all(one > other for one, other in pairwise(losses(0.17, 20)))
    assert 17 < first[0.18] < 17.5 < first[0.19]
    text = options_of("gradient-matrix", "falls-so-fine")
    assert says(text, first[0.05], round(first[0.17], 1))
    assert says(options_of("gradient-matrix", "rate-too-large"), walk(0.19, 1)[1][0], 0.5)
    for rate, id in ((0.17, "rate-17"), (0.18, "rate-18"), (0.19, "rate-19")):
        training = run_of(lesson("gradient-matrix"), id)
        training.run(21)
        assert list(training.losses[:21]) == pytest.approx(losses(rate, 20))


def test_all_parameters_move_at_once() -> None:
    w, b = one_after_another()
    later, at_once = loss_at(w, b), losses(0.05, 1)[1]
    assert later == pytest.approx(4.16, abs=0.005)
    assert page("gradient-matrix", "together") == pytest.approx([at_once, later])
    text = options_of("gradient-matrix", "why-at-once")
    assert says(text, later, at_once, b, walk(0.05, 1)[1][1])
    of = lesson("gradient-matrix")
    training = Training(run_of(of, "trips").experiment, choices={"bug": "one-after-another"})
    training.run(2)
    assert training.losses[1] == pytest.approx(later)


def test_two_ways_to_count() -> None:
    assert page("loss-matrix", "count") == [9, 4.5, 2.25]
    assert says(options_of("loss-matrix", "rows-or-cells"), 2.25, 4.5)


def test_the_hadamard_product_is_not_the_matrix_product() -> None:
    expected = [[-1, 0], [2, -2]]
    assert expected == OFF.tolist()
    assert (OFF * OFF).tolist() == [[1, 0], [4, 4]]
    assert (OFF @ OFF).tolist() == [[1, 0], [-6, 4]]
    for id in ("loss-matrix", "gradient-matrix"):
        values = run_of(lesson(id), "bags").values_at(Position(0, Phase.FORWARD))
        assert np.asarray(values["E"]).tolist() == expected
    assert page("loss-matrix", "trap") == [-6, 2, 4]
    assert says(options_of("loss-matrix", "which-product"), -6, 4)


def test_a_right_shape_is_no_right_answer() -> None:
    assert (BAGS.T @ OFF).tolist() == [[5, -6], [0, -2]]
    assert (BAGS @ OFF).tolist() == [[3, -4], [-1, -2]]
    assert page("gradient-matrix", "turned") == [1, -1, 3, 2, 5, 3]
    assert page("gradient-matrix", "table") == [1, 2, -2.5]
    swapped = np.array([5, 4, 3]) - np.array([8, 2, 5])
    assert page("residual-matrix", "order") == swapped[1:].tolist()
    of, training, asked = asked_number("gradient-matrix", "apple-at-a")
    found = diagnose(asked, (-2 * BAGS @ OFF / 4)[0, 0], training, of)
    assert any(rule.can_run for rule in found.rules)
    [sentence] = said(asked, found.typed, training, notation_of(of, "bags"), of)
    assert "right shape" in sentence


def test_the_other_pages_of_matrices() -> None:
    assert page("residual-matrix", "stalls") == STALLS[:, 1].tolist()
    assert page("residual-matrix", "not-loss") == [STALLS.sum(), np.abs(STALLS).sum()]
    each = -2 * (FARES - 0.5 * TRIPS) * TRIPS
    assert page("gradient-matrix", "trips") == pytest.approx([*each, each.mean()])
    assert page("gradient", "trips") == pytest.approx([*TRIPS, *FARES, -18, -8])


@pytest.mark.parametrize("id", HERE)
def test_every_experiment_can_be_walked_and_learns(id: str) -> None:
    of = lesson(id)
    for part in of.experiments:
        training = run_of(of, part.id)
        for _ in range(3 * len(PHASES)):
            training.advance()
        grows = part.id in ("added", "rate-19")
        assert bool(training.losses[2] > training.losses[0]) is grows


def test_the_last_page_says_what_the_eight_are_for_and_leads_on() -> None:
    last = lesson("gradient-matrix").sections[-1]
    texts = [getattr(x, "text", "") for b in last.blocks for x in getattr(b, "inlines", ())]
    words = "".join(texts)
    assert "sense the error" in words
    assert "reduce it" in words
    assert "]" in texts
    assert "labs" in words
