"""The labs kitchen, bowl, batches and optimizers: every number by formula or by plain NumPy."""

from __future__ import annotations

import re
from functools import cache
from math import acos, cos, log, sin, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from as_shown import shown
from gd_tutor.course.check import check
from gd_tutor.course.lesson import (
    ChoiceQuestion,
    FindQuestion,
    NumberQuestion,
)
from gd_tutor.engine.compile import evaluate
from gd_tutor.engine.experiment import Change
from gd_tutor.engine.finite_differences import nudges
from gd_tutor.engine.minimum import quadratic_of
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import on_screen
from gd_tutor.notation.spans import plain, width
from gd_tutor.session.choices import EXPERIMENTS
from gd_tutor.session.prose_rows import ProseRows
from tutor import COURSE, LESSONS, lesson, one_in, position, session

Vector = NDArray[np.float64]

LABS = ("kitchen", "bowl", "batches", "optimizers")
PANE = 38, 10
"""Columns and rows of the text on a terminal of 80 by 24."""
TITLE = 34
"""Columns there for the number and the title of a page."""
SEED_0 = (701.0, 273.0, 22.0)
"""What NumPy draws from seed 0: three whole numbers from -1000 up to 999."""


def run(lab: str, experiment: str, updates: int = 0, **choices: str) -> Training:
    part = lesson(lab).experiment_of(experiment)
    assert part is not None
    return Training(part.experiment, position=Position(updates, Phase.FORWARD), choices=choices)


def point(training: Training) -> list[float]:
    return [float(value) for value in training.parameters.values()]


@cache
def prose(lab: str, ascii: bool = False) -> ProseRows:
    the_lesson = lesson(lab)
    notation = the_lesson.experiments[0].notation(Notation(dialect=on_screen(ascii)))
    return ProseRows(the_lesson, notation)


def page(lab: str, id: str) -> str:
    """A page's words on one line."""
    [section] = [section for section in lesson(lab).sections if section.id == id]
    return " ".join(plain(prose(lab).rows(section, 10_000, None)).split()).replace("\u00a0", " ")


def shows(lab: str, id: str, *numbers: float) -> None:
    """A page has these numbers, rounded as they are on the screen."""
    notation, text = Notation(), page(lab, id)
    for number in map(notation.number, numbers):
        alone = rf"(?<![0-9.−]){re.escape(number)}(?!e|\.?[0-9])"
        assert re.search(alone, text), (number, text)


# The four files


@pytest.mark.parametrize("lab", LABS)
def test_nothing_is_wrong_with_the_file(lab: str) -> None:
    entry = COURSE.find(lab)
    assert not check([entry.path])
    assert len(entry.summary) <= 60


def test_their_places_follow_the_eight_concepts() -> None:
    assert [lesson(lab).number for lab in LABS] == [9, 10, 11, 12]


@pytest.mark.parametrize(
    ("id", "ascii"), one_in(3, ((id, ascii) for id in LESSONS for ascii in (False, True)))
)
def test_every_page_of_every_lesson_fits_the_smallest_pane(id: str, ascii: bool) -> None:
    cells, height = PANE
    sections = lesson(id).sections
    for place, section in enumerate(sections, 1):
        rows = prose(id, ascii).rows(section, cells, None)
        assert len(rows) <= height, section.id
        assert max(width(plain([row])) for row in rows) <= cells, section.id
        assert width(f"{place}/{len(sections)} {section.title}") <= TITLE, section.id


@pytest.mark.parametrize("lab", LABS)
def test_every_experiment_shows_its_loss_and_where_it_goes(lab: str) -> None:
    for part in lesson(lab).experiments:
        kinds = [view.kind for view in part.views[:3]]
        assert "loss" in kinds
        assert {"curve", "contours", "parameters"} & set(kinds)


@pytest.mark.parametrize("lab", LABS)
def test_questions_are_of_different_kinds(lab: str) -> None:
    kinds = {type(question) for question in lesson(lab).questions}
    assert kinds == {NumberQuestion, ChoiceQuestion, FindQuestion}


# What they ask, answered by other means


def keeps(rate: float) -> float:
    return 1 - 2 * rate


ANSWERS: dict[str, float] = {
    "from-change-to-slope": 2 * (1 - 3),
    "distance-left": 0.8 * sqrt(13),
    "left-after-five": 0.8**5 * sqrt(13),
    "slope-of-bowl": 4 * 701,
    "ten-times-faster": 0.6,
    "piled-up": 4 * 701 + 4 * 0.96 * 701,
    "keeps-in-three": 0.98 * 22,
    "steps-in-epochs": 10,
    "across-the-ravine": 2 - 0.02 * 150,
    "steeper-walls": 0.01,
    "second-roll": 0.01 * (0.9 * 8 + 7.92),
    "tiny-slope": 0.1 * 0.001 / sqrt(0.01 * 0.001**2),
    "first-adam": 8 - 0.5,
}
"""All numbers that are asked for, but the one that hangs on a sample."""

FALSE_LINES = {
    "wrong-move": (1.6 - 0.1 * 2 * (1.4 - 3), 1.6 - 0.1 * 2 * (1.6 - 4)),
    "wrong-partial": (2 * 273 + 2 * 701, 2 * 273),
    "wrong-roll": (7.92 - 0.01 * 7.92, 7.92 - 0.01 * (0.9 * 8 + 7.92)),
}
"""The false result of a line, and the true one."""


def asked_numbers() -> dict[str, float]:
    """What the lessons themselves take for right."""
    found = {}
    for lab in LABS:
        the_lesson = lesson(lab)
        every = (*the_lesson.predictions, *the_lesson.questions)
        for asked in (each for each in every if isinstance(each, NumberQuestion)):
            training = run(lab, asked.experiment)
            values = training.values_at(position(asked.at or 0))
            found[asked.id] = float(evaluate(asked.answer, values).item())
    return found


def test_every_number_asked_for_is_right() -> None:
    sample = -2 * first_batch(1)[1].item()
    assert asked_numbers() == pytest.approx({**ANSWERS, "one-sample-slope": sample})


def test_every_false_line_is_false_as_meant() -> None:
    sums, mean = -2 * first_batch(32)[1].sum(), -2 * first_batch(32)[1].mean()
    meant = {**FALSE_LINES, "wrong-mean": (sums, mean)}
    found = {}
    for lab in LABS:
        for question in lesson(lab).questions:
            if isinstance(question, FindQuestion):
                values = run(lab, question.experiment).values_at(position(question.at))
                false = float(evaluate(question.by, values).item())
                found[question.id] = (false, float(values[question.wrong]))
    assert found.keys() == meant.keys()
    for id, pair in found.items():
        assert pair == pytest.approx(meant[id])


RIGHT = {
    "next-step": "shorter",
    "why-never": "Each step is a part of what is left, so a rest remains.",
    "flat-what": "The floor is flat here. It may be a minimum or a pass.",
    "half-way": "about 17",
    "why-clear": "Round 1 is right; from round 2 on the steps are too long.",
    "what-varies": "Of the parameters, w and b.",
    "one-or-all": "Mostly it falls, but it may rise.",
    "why-hover": "Single slopes are not 0 there; only their mean is.",
    "undo-and-again": "The same one.",
    "race": "Adam",
    "why-faster": "Slopes of one direction add up, up to ten times.",
    "scaled-steps": "just as long",
    "same-rate": "That 0.5 does not suit gradient descent here.",
}
"""Each of these is computed in a test below."""


def test_the_options_that_are_right() -> None:
    found = {}
    for lab in LABS:
        the_lesson = lesson(lab)
        every = (*the_lesson.predictions, *the_lesson.questions)
        for asked in (each for each in every if isinstance(each, ChoiceQuestion)):
            options = shown(the_lesson, asked).options
            [right] = [option.text for option in options if option.right]
            found[asked.id] = right
    assert found == RIGHT


# As a learner goes through them


def asked_at(lab: str, state: str, phase: Phase) -> str:
    """What is asked before a phase of a learner who predicts."""
    learner = session(lab, state)
    if not learner.questions.predicting:
        learner.toggle_predicting()
    learner.step(phase)
    assert learner.questions.open is not None
    return learner.questions.open.question.id


@pytest.mark.parametrize(
    ("state", "phase", "id"),
    [
        ("kitchen:0:forward", Phase.BACKWARD, "from-change-to-slope"),
        ("kitchen:1:backward", Phase.UPDATE, "next-step"),
        ("bowl:1:forward:experiment=not-cleared", Phase.BACKWARD, "piled-up"),
        ("bowl:0:backward:experiment=three", Phase.UPDATE, "keeps-in-three"),
        ("batches:0:backward:experiment=one", Phase.UPDATE, "one-or-all"),
        ("optimizers:0:start", Phase.FORWARD, "race"),
        ("optimizers:0:backward:experiment=adam", Phase.UPDATE, "first-adam"),
    ],
)
def test_predictions_are_asked_where_they_belong(state: str, phase: Phase, id: str) -> None:
    assert id in asked_at(state.partition(":")[0], state, phase)


@pytest.mark.parametrize("lab", LABS)
def test_one_key_walks_through_the_experiments(lab: str) -> None:
    learner = session(lab)
    offered = learner.lesson_run.options(EXPERIMENTS)
    assert [option.value for option in offered] == [p.id for p in lesson(lab).experiments]
    for option in offered:
        learner.choose(option)
        assert learner.lesson_run.is_chosen(option)
        learner.run(3)
        assert learner.training is not None
        assert learner.training.position.updates == 3
        assert learner.training.divergence is None
        for view in learner.pictures.views:
            assert len(view.rows(learner.training, 38, 9)) == 9
            assert view.text_alternative(learner.training)


# Kitchen


def test_the_first_two_steps_to_the_kitchen() -> None:
    places = [(1.0, 1.0), (1.4, 1.6), (1.72, 2.08)]
    losses = [13.0, 8.32, 5.3248]
    for updates, (place, loss) in enumerate(zip(places, losses, strict=True)):
        training = run("kitchen", "walk", updates)
        training.backward()
        assert point(training) == pytest.approx(place)
        assert training.losses[-1] == pytest.approx(loss)
        slopes = [2 * (place[0] - 3), 2 * (place[1] - 4)]
        assert [training.values[f"grad.{name}"] for name in "xy"] == pytest.approx(slopes)
    shows("kitchen", "step", -4, -6, 1.4, 1.6, 8.32)
    shows("kitchen", "second", -3.2, -4.8, 1.72, 2.08, 13, 5.3248)


def test_nudging_gives_the_numbers_of_the_floor() -> None:
    training = run("kitchen", "walk")
    training.backward()
    for name, loss, change in (("x", 12.996001, -0.003999), ("y", 12.994001, -0.005999)):
        found = nudges(training, name)
        [row] = [row for row in found.rows if row.size == 0.001]
        assert found.loss + row.rise == pytest.approx(loss, abs=1e-12)
        assert row.quotient == pytest.approx(change / 0.001)
    shows("kitchen", "nudge", 12.996001, 12.994001)
    shows("kitchen", "table", -3.999, -5.999, -4, -6)


def test_every_step_leaves_four_fifths_and_never_arrives() -> None:
    training = run("kitchen", "walk", 100)
    x, y = training.trail("x"), training.trail("y")
    distance = np.hypot(x - 3, y - 4)
    assert distance == pytest.approx(sqrt(13) * keeps(0.1) ** np.arange(101))
    assert (distance > 0).all()
    assert (np.diff(distance, 2) > 0).all()  # each step is shorter than the one before
    shows("kitchen", "far", sqrt(13), 0.64 * sqrt(13), 64)
    shows("kitchen", "factor", 0.8, 0.64, *(sqrt(13) * 0.8**k for k in range(4)))
    shows("kitchen", "never", *(sqrt(13) * 0.8**k for k in (20, 50, 100)))


def test_the_pass_is_flat_and_no_minimum() -> None:
    training = run("kitchen", "pass", 60)
    training.backward()
    assert point(training) == pytest.approx([3 - 2 * 0.8**60, 0])
    assert training.losses[-1] == pytest.approx(2)
    assert [training.values[f"grad.{name}"] for name in "xy"] == pytest.approx([0, 0], abs=1e-5)
    for kitchen in (2, -2):
        training.change("x", 3)
        training.change("y", kitchen)
        training.forward()
        assert training.losses[0] == 0
    shows("kitchen", "pass", 3, 0, 2)


def test_a_hair_to_one_side_the_walk_slides_off_the_pass() -> None:
    y = 0.01
    for updates in range(61):
        if updates == 10:
            assert y < 0.07
            shows("kitchen", "aside", y)
        if updates < 60:
            y -= 0.1 * y * (y**2 - 4) / 2
    training = run("kitchen", "nudged", 60)
    assert point(training)[1] == pytest.approx(y)
    assert y == pytest.approx(2)
    assert training.losses[-1] < 1e-10


# Bowl


def test_starts_are_whole_numbers_drawn_from_the_seed() -> None:
    assert point(run("bowl", "one")) == [SEED_0[0]]
    assert point(run("bowl", "three")) == list(SEED_0)
    assert point(run("bowl", "one", seed="1")) == [np.random.default_rng(1).integers(-1000, 1000)]
    part = lesson("bowl").experiments[0].experiment
    assert (part.random["x"].low, part.random["x"].high, part.random["x"].whole) == (
        -1000,
        1000,
        True,
    )


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_a_thousand_epochs_bring_any_start_to_about_0(seed: str) -> None:
    for experiment, kept in (("one", 0.96), ("three", 0.98)):
        training = run("bowl", experiment, 1000, seed=seed)
        for name in training.program.parameters:
            trail = training.trail(name)
            assert trail == pytest.approx(trail[0] * kept ** np.arange(1001))
            assert abs(trail[-1]) < 1e-5


def test_the_numbers_of_the_bowl_in_words() -> None:
    x, y, z = SEED_0
    shows("bowl", "start", x, 2 * x**2)
    shows("bowl", "slope", x, 4 * x)
    shows("bowl", "factor", 0.96 * x, 0.96)
    assert x * 0.96**1000 < 1e-12 * x
    assert "x is ≈ 0" in page("bowl", "thousand")
    shows("bowl", "seed", 0.96**10)
    shows("bowl", "three", x, y, z, 2 * x, 2 * y, 2 * z)
    shows("bowl", "same", *(value * 0.98 for value in SEED_0))
    shows("bowl", "same", *(value * 0.98**1000 for value in SEED_0))
    assert 0.96**17 < 0.5 < 0.96**16
    assert round(log(0.5) / log(0.96)) == 17
    kept = [0.96**rounds for rounds in (5, 17, 50)]
    assert kept == pytest.approx([0.815, 0.4996, 0.13], abs=5e-4)


def test_slopes_that_are_not_cleared_swing_for_ever() -> None:
    """Stepping along the sum of slopes is x'' = -0.04 x in whole steps: a wave of one height."""
    angle = acos(1 - 0.04 / 2)
    assert 31 < 2 * np.pi / angle < 32

    def wave(k: float) -> float:
        return 701 * (cos(angle * k) - (0.02 / sin(angle)) * sin(angle * k))

    training = run("bowl", "not-cleared", 1000)
    trail = training.trail("x")
    assert trail == pytest.approx(np.array([wave(k) for k in range(1001)]), abs=1e-6)
    assert np.abs(trail[-32:]).max() > 690
    assert trail[1] == run("bowl", "one", 1).trail("x")[1]  # the first round is right
    steps = np.abs(np.diff(trail))
    sound = np.abs(np.diff(run("bowl", "one", 10).trail("x")))
    assert (steps[1:8] > 1.9 * sound[1:8]).all()  # and the next ones are too long
    shows("bowl", "forgot", 701, 0.96 * 701, 4 * 0.96 * 701, 4 * 1.96 * 701, wave(16), wave(31))
    assert run("bowl", "one", 60, bug="not-cleared").trail("x") == pytest.approx(trail[:61])


def test_what_varies_is_what_has_a_slope() -> None:
    training, swapped = run("bowl", "training", 1000), run("bowl", "swapped", 50)
    assert training.program.parameters == ("w", "b")
    assert set(training.program.data) == {"x", "y"}
    assert swapped.program.parameters == ("x",)
    assert {"w", "b"} <= set(swapped.program.data)
    assert point(training) == pytest.approx([3, 2])
    assert point(swapped) == pytest.approx([(20 - 2) / 3])
    shows("bowl", "constant", 3, 2)
    shows("bowl", "swap", 3, 2, 20, 6)


# Batches


@cache
def bags() -> tuple[Vector, Vector]:
    """Weights and prices by the recipe of the page "data"."""
    rng = np.random.default_rng(3)
    weight = rng.uniform(0, 2, 64).round(2)
    return weight, (1 + 2 * weight + 0.5 * rng.standard_normal(64)).round(2)


def order(epoch: int, seed: int = 0) -> NDArray[np.intp]:
    return np.random.default_rng([seed, epoch]).permutation(64)


def first_batch(size: int) -> tuple[Vector, Vector]:
    """Weights and residuals of the first batch; the line is 0 everywhere."""
    weight, price = bags()
    chosen = order(0)[:size]
    return weight[chosen], price[chosen]


def trained(size: int, rate: float, updates: int, seed: int = 0) -> Vector:
    """Mini-batch gradient descent by hand: shape (updates + 1, 2)."""
    weight, price = bags()
    line = np.zeros(2)
    lines = [line]
    for k in range(updates):
        epoch, batch = divmod(k, 64 // size)
        chosen = order(epoch, seed)[batch * size : (batch + 1) * size]
        chosen = np.arange(64) if size == 64 else chosen
        columns = np.column_stack([weight[chosen], np.ones(size)])
        line = line - rate * (2 / size) * columns.T @ (columns @ line - price[chosen])
        lines.append(line)
    return np.array(lines)


def best_line() -> Vector:
    weight, price = bags()
    return np.asarray(np.linalg.lstsq(np.column_stack([weight, np.ones(64)]), price)[0])


def loss_of(line: Vector) -> float:
    weight, price = bags()
    return float(np.mean((price - line[0] * weight - line[1]) ** 2))


BATCHES = {
    "all": (64, 0.1),
    "one": (1, 0.1),
    "sixteen": (16, 0.1),
    "thirty-two": (32, 0.1),
    "small": (1, 0.01),
}


def test_the_bags_are_those_of_the_recipe() -> None:
    values = run("batches", "all").values
    assert np.column_stack([values["weight"], values["price"]]) == pytest.approx(
        np.column_stack(bags()), abs=1e-12
    )


@pytest.mark.parametrize("experiment", BATCHES)
def test_each_way_of_taking_batches_is_that_of_plain_numpy(experiment: str) -> None:
    size, rate = BATCHES[experiment]
    training = run("batches", experiment, 200)
    path = np.column_stack([training.trail("w"), training.trail("b")])
    expected = trained(size, rate, 200)
    assert path == pytest.approx(expected)
    assert training.whole_losses() == pytest.approx([loss_of(line) for line in expected])


def test_all_samples_rest_at_the_minimum() -> None:
    training = run("batches", "all", 1000)
    best = best_line()
    assert point(training) == pytest.approx(best)
    quadratic = quadratic_of(training)
    assert quadratic is not None
    assert quadratic.loss == pytest.approx(loss_of(best))
    assert quadratic.largest_learning_rate > 0.1  # so what hovers does not diverge
    shows("batches", "minimum", *best, loss_of(best))
    shows("batches", "data", *best)


def test_smaller_batches_and_larger_rates_hover_wider() -> None:
    best = best_line()

    def spread(experiment: str) -> float:
        training = run("batches", experiment, 3000)
        path = np.column_stack([training.trail("w"), training.trail("b")])[1000:]
        return float(np.hypot(*(path - best).T).mean())

    one, small, sixteen, more, rest = map(spread, ("one", "small", "sixteen", "thirty-two", "all"))
    assert one > 4 * small > 0.05
    assert one > 4 * sixteen > 6 * more > 1e-3
    assert rest < 1e-9


def test_at_the_minimum_single_samples_have_slopes_and_their_mean_has_none() -> None:
    weight, price = bags()
    best = best_line()
    slopes = -2 * (price - best[0] * weight - best[1])
    assert np.abs(slopes).min() > 0.01
    assert slopes.mean() == pytest.approx(0, abs=1e-12)
    assert (slopes * weight).mean() == pytest.approx(0, abs=1e-12)


def test_a_step_for_one_sample_mostly_lowers_the_loss_of_all_but_not_always() -> None:
    losses = run("batches", "one", 60).whole_losses()
    rises = (np.diff(losses) > 0).mean()
    assert 0 < rises < 1
    assert losses[60] < losses[0] / 5
    early = [np.diff([loss_of(line) for line in trained(1, 0.1, 1, seed)]) for seed in range(40)]
    assert np.mean(np.array(early) < 0) > 0.8


def test_the_numbers_of_the_batches_in_words() -> None:
    weight, price = bags()
    shows("batches", "all", weight[0], price[0], *trained(64, 0.1, 1)[1])
    first_weight, first_price = first_batch(1)
    shows("batches", "one", -2 * (first_weight * first_price).item(), -2 * first_price.item())
    for id, experiment in (
        ("hover", "one"),
        ("rate", "small"),
        ("mini", "sixteen"),
        ("thirty-two", "thirty-two"),
    ):
        path = trained(*BATCHES[experiment], 900)
        shows("batches", id, *path[[700, 800, 900], 0])
    shows("batches", "epoch", 64 / 16, *trained(16, 0.1, 4)[4])
    shows("batches", "work", *trained(1, 0.1, 64)[64])


def test_for_the_same_work_smaller_batches_come_farther_at_first() -> None:
    best = loss_of(best_line())
    after = [loss_of(trained(size, 0.1, 64 // size)[-1]) for size in (64, 32, 16, 1)]
    assert sorted(after, reverse=True) == after
    late = [loss_of(trained(size, 0.1, 50 * 64 // size)[-1]) - best for size in (64, 1)]
    assert late[0] < late[1]


def test_undo_and_jumps_come_back_to_the_same_batch() -> None:
    training = run("batches", "one", 70)
    before = training.values["weight"], training.losses.copy()
    for _ in range(5):
        assert training.undo()
    training.go_to(Position(300, Phase.UPDATE))
    training.go_to(Position(70, Phase.FORWARD))
    assert training.values["weight"] == before[0]
    assert training.losses == pytest.approx(before[1], abs=0)
    seen = [run("batches", "one", k).values["weight"].item() for k in range(64)]
    assert sorted(seen) == sorted(bags()[0])  # every sample gets its turn
    other = run("batches", "one", 70, seed="1")
    assert other.trail("w") == pytest.approx(trained(1, 0.1, 70, seed=1)[:, 0])


# Optimizers

CURVATURES = np.array([1.0, 75.0])
RATES = {
    "descent": 0.02,
    "momentum": 0.01,
    "nesterov": 0.01,
    "rmsprop": 0.1,
    "adam": 0.5,
    "adamw": 0.5,
}


def descended(optimizer: str, updates: int, rate: float | None = None) -> Vector:
    """The way down the ravine, by the formulas of the pages: shape (updates + 1, 2)."""
    rate = RATES[optimizer] if rate is None else rate
    at = np.array([8.0, 2.0])
    v, m, s = np.zeros(2), np.zeros(2), np.zeros(2)
    path = [at]
    for k in range(1, updates + 1):
        slope = CURVATURES * at
        match optimizer:
            case "descent":
                at = at - rate * slope
            case "momentum":
                v = 0.9 * v + slope
                at = at - rate * v
            case "nesterov":
                v = 0.9 * v + slope
                at = at - rate * (slope + 0.9 * v)
            case "rmsprop":
                s = 0.99 * s + 0.01 * slope**2
                at = at - rate * slope / np.sqrt(s)
            case "adam" | "adamw":
                if optimizer == "adamw":
                    at = at - rate * 0.01 * at
                m = 0.9 * m + 0.1 * slope
                s = 0.999 * s + 0.001 * slope**2
                at = at - rate * (m / (1 - 0.9**k)) / np.sqrt(s / (1 - 0.999**k))
        path.append(at)
    return np.array(path)


def losses_of(path: Vector) -> Vector:
    return np.asarray((CURVATURES * path**2).sum(axis=1) / 2)


def first_below(losses: Vector, goal: float) -> int:
    return int(np.flatnonzero(losses <= goal)[0])


def test_the_experiments_are_the_six_optimizers() -> None:
    parts = lesson("optimizers").experiments
    assert {part.id: part.experiment.learning_rate for part in parts} == RATES
    chosen = [part.experiment.choice("optimizer") for part in parts]
    assert chosen == ["gradient-descent", *list(RATES)[1:]]
    assert len({part.experiment.forward for part in parts}) == 1


@pytest.mark.parametrize("optimizer", RATES)
def test_twenty_steps_of_each_optimizer_are_those_of_its_formulas(optimizer: str) -> None:
    training = run("optimizers", optimizer, 20)
    path = np.column_stack([training.trail("x"), training.trail("y")])
    expected = descended(optimizer, 20)
    assert path == pytest.approx(expected, rel=1e-6)
    assert training.losses == pytest.approx(losses_of(expected), rel=1e-6)


def test_the_race_is_as_told() -> None:
    first = {name: first_below(run("optimizers", name, 100).losses, 1) for name in RATES}
    told = {"descent": 86, "momentum": 22, "nesterov": 19, "rmsprop": 28, "adam": 15, "adamw": 15}
    assert first == told
    assert first == {name: first_below(losses_of(descended(name, 100)), 1) for name in RATES}
    adam, momentum = (run("optimizers", name, 200).losses for name in ("adam", "momentum"))
    assert np.flatnonzero(adam > 1)[-1] + 1 == 44
    assert (momentum[22:] > 1).any()
    close = {
        name: first_below(run("optimizers", name, 300).losses, 0.01)
        for name in RATES
        if name != "adamw"
    }
    assert min(close, key=close.__getitem__) == "nesterov"


def test_the_race_can_be_run_in_one_experiment_with_its_rates() -> None:
    part = lesson("optimizers").experiments[0].experiment
    for name, rate in RATES.items():
        optimizer = "gradient-descent" if name == "descent" else name
        changes = [Change("learning_rate", rate)]
        training = Training(part, changes, position(20), {"optimizer": optimizer})
        assert training.trail("x") == pytest.approx(run("optimizers", name, 21).trail("x"))


def test_gradient_descent_runs_away_above_two_over_the_curvature() -> None:
    quadratic = quadratic_of(run("optimizers", "descent"))
    assert quadratic is not None
    assert quadratic.largest_learning_rate == pytest.approx(2 / 75)
    for rate, grows in ((2 / 75 - 0.001, False), (2 / 75 + 0.001, True), (0.5, True)):
        losses = losses_of(descended("descent", 50, rate))
        assert (losses[-1] > losses[0]) == grows
    assert first_below(losses_of(descended("adam", 1000, 0.01)), 1) > 900  # it creeps


def test_velocities_along_the_floor_add_up_to_ten_slopes() -> None:
    assert sum(0.9**k for k in range(500)) == pytest.approx(10)
    path = descended("momentum", 40)
    along = np.diff(path[:, 0])
    assert (along[:10] < 0).all()
    assert along[9] < 4 * along[0]
    assert path[20, 0] > 0 > path[40, 0]
    shows("optimizers", "agree", *-along[:3], path[20, 0], path[40, 0])


def test_the_first_steps_of_those_that_scale() -> None:
    start = np.array([8.0, 2.0])
    slope = CURVATURES * start
    assert slope[1] / slope[0] == 18.75
    assert start - descended("rmsprop", 1)[1] == pytest.approx([1, 1])
    along = np.diff(descended("rmsprop", 40)[:, 0])
    assert (along < 0).all()
    assert (np.diff(along) > 0).all()  # shorter and shorter
    assert start - descended("adam", 1)[1] == pytest.approx([0.5, 0.5])
    without = 0.5 * 0.1 * slope / np.sqrt(0.001 * slope**2)
    assert without == pytest.approx(0.5 * 0.1 / 0.0316, rel=1e-2)


def test_the_numbers_of_the_optimizers_in_words() -> None:
    shows("optimizers", "ravine", 8, 2, *CURVATURES * [8, 2])
    descent = descended("descent", 20)
    assert descent[:4, 1] == pytest.approx([2, -1, 0.5, -0.25])
    shows("optimizers", "descent", *descent[:4, 1], 0.98, 8 * 0.98**20)
    shows("optimizers", "momentum", 7.92, 0.9 * 8 + 7.92)
    nesterov = descended("nesterov", 20)
    shows("optimizers", "nesterov", *nesterov[:4, 1], losses_of(nesterov)[20])
    assert np.abs(nesterov[:20, 1]).sum() < np.abs(descended("momentum", 20)[:20, 1]).sum()
    shows("optimizers", "rmsprop", 1)
    shows("optimizers", "correct", 7.5, 1.5, losses_of(descended("adam", 20))[20])
    shows("optimizers", "adamw", 8 * (1 - 0.5 * 0.01), descended("adamw", 1)[1, 0])
