"""Many starts: where they lead, which ends are one, their page and their lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot

from gd_tutor.course.folder import Course
from gd_tutor.engine.experiment import Experiment, Random
from gd_tutor.engine.starts import Start, Starts, find_starts, starts_of
from gd_tutor.engine.training import Training
from gd_tutor.notation.sentences import point_words, points_words, starts_sentence
from gd_tutor.tui.app import TutorApp
from gd_tutor.tui.search_pages import StartsPage
from test_plain import talk
from test_tui import running, state_of
from tutor import (
    app,
    app_of,
    experiment,
    notation_for,
    screen_text,
    session,
    settle,
    training_of,
)

TWO_VALLEYS = "loss = (x ** 2 - 4) ** 2 + x"
"""Minima near -2 and 2, and only the left one is the lowest."""

LESSON = f'''+++
title = "Two valleys"
[experiment]
parameters = {{ x = 1 }}
learning_rate = 0.01
forward = """
{TWO_VALLEYS}
"""
+++

Where you begin decides where you end.
'''


def valleys(x: float = 1.0, rate: float = 0.01) -> Training:
    return Training(experiment(TWO_VALLEYS, {"x": x}, {}, rate))


# The engine


def test_starts_are_told_apart_by_where_they_end() -> None:
    starts = starts_of(valleys())
    minima = np.roots([4, 0, -16, 1])  # where the derivative is 0
    left, right = float(minima.min()), float(minima.max())
    best, other = starts.groups
    for group, minimum in ((best, left), (other, right)):
        for place in group:
            one = starts.tried[place]
            assert one.end[0] == pytest.approx(minimum, abs=1e-6)
            assert one.loss == pytest.approx((minimum**2 - 4) ** 2 + minimum, abs=1e-9)
    assert sorted([*best, *other]) == list(range(12))
    assert [starts.group_of(place) for place in (best[0], other[0])] == [0, 1]


def test_the_first_start_is_the_runs_own_with_its_changes() -> None:
    training = valleys()
    training.change("x", 1.5)
    training.run(3)
    before = training.position, training.changes
    starts = starts_of(training, updates=5)
    assert starts.tried[0].begin.tolist() == [1.5]
    assert (training.position, training.changes) == before


def test_each_end_is_that_of_a_run_from_there() -> None:
    starts = starts_of(valleys(), count=4, updates=7)
    assert starts.updates == 7
    for one in starts.tried:
        run = valleys(float(one.begin[0]))
        run.run(7)
        assert run.parameters["x"] == one.end[0]


def test_starts_are_the_same_for_the_same_seed() -> None:
    def begins(seed: str) -> list[list[float]]:
        given = Experiment(
            "loss = sum(w ** 4) + k",
            {"w": (0.0, 0.0), "k": 0.0},
            0.01,
            choices={"seed": seed},
            random={"w": Random(-1, 1), "k": Random(3, 9, whole=True)},
        )
        return [one.begin.tolist() for one in starts_of(Training(given), updates=1).tried]

    drawn = begins("0")
    assert drawn == begins("0") != begins("1")
    for *weights, whole in drawn:
        assert all(-1 <= weight <= 1 for weight in weights)
        assert whole in range(3, 9)


def test_no_start_is_tried_twice() -> None:
    training = training_of(session("valleys", "valleys:0:start:experiment=many"))
    starts = starts_of(training, updates=1)
    written = [f"{float(one.begin[0]):.3g}" for one in starts.tried]
    assert len(written) == len(set(written)) == 12


def test_where_few_starts_differ_fewer_are_tried() -> None:
    random = {"k": Random(0, 3, whole=True)}
    given = Experiment("loss = k ** 2", {"k": 0.0}, 0.01, random=random)
    starts = starts_of(Training(given), updates=1)
    assert sorted(float(one.begin[0]) for one in starts.tried) == [0, 1, 2]


def test_ends_that_differ_by_rounding_have_one_loss() -> None:
    for id, losses in (("many", {"0", "1.458"}), ("saddle", {"0"})):
        learner = session("valleys", f"valleys:0:start:experiment={id}")
        starts = starts_of(training_of(learner))
        for group in starts.groups:
            assert len({learner.notation.number(starts.tried[p].loss) for p in group}) == 1
        assert {learner.notation.number(one.loss) for one in starts.tried} == losses


def test_a_bowl_has_one_end_and_a_valley_one_floor() -> None:
    for name, shape in (("gradient-matrix", "bowl"), ("partial-derivative", "valley")):
        training = training_of(session(name))
        starts = starts_of(training)
        assert len(starts.groups) == 1
        assert f"The loss is a {shape}" in starts_sentence(starts, notation_for(training))


@pytest.mark.parametrize(("apart", "ends"), [(0.018, 1), (0.022, 2)])
def test_ends_within_a_hundredth_of_the_range_are_the_same(apart: float, ends: int) -> None:
    tried = tuple(Start(np.zeros(1), np.array([end]), 0.0) for end in (0.0, apart))
    assert len(Starts(1, (), np.array([2.0]), tried=tried).groups) == ends


def test_starts_that_diverge_stand_together_at_the_end() -> None:
    starts = starts_of(valleys(3.0, rate=0.05), updates=100)
    *others, last = starts.groups
    assert others
    assert all(starts.tried[place].diverged for place in last)
    said = starts_sentence(starts, notation_for(valleys()))
    assert f"{len(last)} starts diverge." in said or "1 start diverges." in said


def test_what_is_known_grows_in_slices() -> None:
    found = list(find_starts(valleys(), count=5))
    assert [len(known.tried) for known in found][:: max(len(found) - 1, 1)] == [0, 5]
    assert starts_sentence(found[0], notation_for(valleys())).startswith("No start")


def test_a_point_in_words() -> None:
    training = training_of(session("gradient-matrix"))
    words = point_words(training, np.array([1.5, -2.0]), session("gradient-matrix").notation)
    assert words == "w = 1.5, b = −2"


# The page


def two_valleys(folder: Path) -> TutorApp:
    (folder / "valleys.md").write_text(LESSON, encoding="utf-8")
    return app_of(Course(folder), folder, "valleys")


async def searched(app: TutorApp, pilot: Pilot[None]) -> StartsPage:
    """The page when all is known."""
    page = app.screen
    assert isinstance(page, StartsPage)
    while not page.is_done:
        await pilot.pause(0.01)
    await settle(pilot)
    return page


async def test_the_page_draws_the_ends_and_takes_a_start(tmp_path: Path) -> None:
    tutor = two_valleys(tmp_path)
    async with running(tutor) as pilot:
        await pilot.press("n", "S")
        page = await searched(tutor, pilot)
        text = screen_text(tutor)
        assert {"A", "B"} <= {row[3:4] for row in text.splitlines()}
        assert "starts end together with loss" in text
        assert "│" in text
        await pilot.press("down", "down")
        begin = float(page.known.tried[2].begin[0])
        await pilot.press("enter")
        await settle(pilot, 2)
        assert state_of(tutor) == f"valleys:0:start:x={begin}@0"


async def test_every_start_can_be_reached_in_a_small_terminal(tmp_path: Path) -> None:
    tutor = app(tmp_path, "gradient-matrix", ascii=True)
    async with running(tutor, 40, 12) as pilot:
        await pilot.press("S")
        page = await searched(tutor, pilot)
        begins = points_words(page.training, [one.begin for one in page.known.tried], page.notation)
        for place in range(12):
            told = " ".join(begins[place].split())
            while page.cursor != place or told not in " ".join(screen_text(tutor).split()):
                await pilot.pause(0.01)
            text = screen_text(tutor)
            assert " > A" in text
            assert text.isascii()
            await pilot.press("down")
        await pilot.press("escape")
        await settle(pilot, 2)
        assert state_of(tutor) == "gradient-matrix:0:start"


# Lines


def test_the_plain_tutor_lists_the_starts_and_takes_one(tmp_path: Path) -> None:
    heard = talk(tmp_path, "derivative", "starts 3", "starts", "starts 3", "starts 99", "q")
    assert "There is no start 3; starts alone lists them." in heard
    assert "1 (now): from x = 8 to x = 5: loss" in heard
    assert "12 starts end together" in heard
    assert "The run begins anew: x = " in heard
    assert "There is no start 99" in heard
