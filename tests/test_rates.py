"""The learning-rate finder: where rates lead, the edge, its page and its lines."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from textual.pilot import Pilot

from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.learning_rates import Rates, Tried, affordable, find_rates, rates_of
from gd_tutor.engine.minimum import quadratic_of
from gd_tutor.engine.training import Training
from gd_tutor.notation.sentences import edge_sentence, rates_sentence, tried_sentence
from gd_tutor.tui.app import TutorApp
from gd_tutor.tui.search_pages import RatesPage
from test_plain import talk
from test_tui import running, state_of
from tutor import (
    LESSONS,
    app,
    experiment,
    lesson,
    notation_for,
    one_in,
    screen_text,
    session,
    settle,
    training_of,
)


@pytest.mark.parametrize(("loss", "is_raised"), [(4.0, False), (4 + 1e-9, False), (4.001, True)])
def test_a_loss_that_stays_but_for_rounding_is_not_raised(loss: float, is_raised: bool) -> None:
    assert Rates(0.1, 10, 4.0).is_raised_by(Tried(0.2, loss, False, True)) is is_raised


def bowl(curvature: float, x: float = 3.0, rate: float = 0.1) -> Training:
    """The loss c x² / 2, whose gradient descent diverges from 2/c on."""
    return Training(experiment(f"loss = {curvature / 2} * x ** 2", {"x": x}, {}, rate))


def training_of_experiment(name: str, part: str) -> Training:
    training = lesson(name).training_of(part)
    assert training is not None
    return training


# The engine


@pytest.mark.parametrize("curvature", [2.0, 0.003, 71.0, 4e5])
@pytest.mark.parametrize("rate", [1e-3, 0.1, 40.0])
def test_the_edge_of_a_bowl_is_two_over_its_curvature(curvature: float, rate: float) -> None:
    known = rates_of(bowl(curvature, rate=rate))
    if known.edge is None:
        away = max(rate * curvature / 2, 2 / (rate * curvature))
        assert away > 1e5  # farther than is looked
        return
    assert known.edge.converges <= 2 / curvature * (1 + 1e-9)
    assert known.edge.diverges > 2 / curvature
    assert known.edge.diverges <= known.edge.converges * 1.01
    assert known.limit == pytest.approx(2 / curvature)


def test_a_bowl_of_x_squared_has_its_edge_at_exactly_one() -> None:
    edge = rates_of(bowl(2.0)).edge
    assert edge is not None
    assert edge.converges == 1.0 < edge.diverges <= 1.01


def test_final_losses_are_those_of_the_closed_form() -> None:
    known = rates_of(bowl(2.0), updates=20)
    assert known.updates == 20
    assert known.start == 9.0
    for one in known.tried:
        assert one.loss == pytest.approx((3 * (1 - 2 * one.rate) ** 20) ** 2, rel=1e-9)
        assert one.diverged == (one.rate > 1)


@pytest.mark.parametrize("name", LESSONS[:8])
def test_every_lesson_has_its_edge_where_its_curvature_says(name: str) -> None:
    training = training_of(session(name))
    quadratic = quadratic_of(training)
    known = rates_of(training)
    assert quadratic is not None
    assert known.edge is not None
    assert known.limit == quadratic.largest_learning_rate
    assert known.edge.rate == pytest.approx(known.limit, rel=0.01)
    assert known.planned == tuple(one.rate for one in known.tried)
    assert all(low < high for low, high in pairwise(known.planned))
    assert training.learning_rate in known.planned


def test_the_gradient_matrix_diverges_from_two_over_its_largest_eigenvalue_on() -> None:
    known = rates_of(training_of(session("gradient-matrix")))
    assert known.edge is not None
    assert known.edge.converges < 0.18029485 < known.edge.diverges
    assert known.updates == 100


def test_a_steep_direction_that_hardly_matters_at_first_is_found_all_the_same() -> None:
    forward = "loss = u ** 2 + 50 * v ** 2"
    known = rates_of(Training(experiment(forward, {"u": 3.0, "v": 1e-4}, {}, 0.001)))
    assert known.edge is not None
    assert known.edge.rate == pytest.approx(0.02, rel=0.015)


def test_changes_count_and_the_run_itself_is_left_alone() -> None:
    training = training_of(session("derivative"))
    training.change("x", 2.0)
    training.run(3)
    training.change("learning_rate", 0.2)
    before = training.position, training.changes
    known = rates_of(training)
    assert (training.position, training.changes) == before
    assert known.start == 9.0  # (5 - 2)²
    assert known.present == 0.2


def test_choices_count() -> None:
    training = training_of(session("gradient-matrix"))
    plain = rates_of(training)
    training.choose("average", "sum")
    summed = rates_of(training)
    assert plain.edge is not None
    assert summed.edge is not None
    assert summed.edge.rate == pytest.approx(plain.edge.rate / 3, rel=0.02)
    training.choose("optimizer", "adam")
    assert rates_of(training).limit is None  # 2/λmax is the gradient's own


def test_a_wrong_sign_diverges_at_every_rate() -> None:
    training = training_of(session("derivative"))
    training.choose("bug", "wrong-sign")
    known = rates_of(training)
    assert known.edge is None
    assert known.best is None
    assert all(one.diverged for one in known.tried)
    assert "all diverge" in rates_sentence(known, notation_for(training))


def test_a_loss_that_is_no_number_at_the_start_ends_in_peace() -> None:
    training = Training(experiment("loss = log(x)", {"x": -1.0}))
    known = rates_of(training)
    assert known.edge is None
    assert all(one.diverged for one in known.tried)


def test_a_start_at_the_minimum_has_no_edge() -> None:
    assert rates_of(bowl(2.0, x=0.0)).edge is None


def test_fewer_updates_where_a_step_is_slow() -> None:
    def updates(samples: int) -> int:
        data = {"X": (0.0,) * samples}
        return affordable(Training(Experiment("loss = mean(X * w)", {"w": 1.0}, 0.1, data)), 100)

    assert [updates(count) for count in (10, 600_000, 1_000_000)] == [100, 50, 20]


def test_what_is_known_grows_in_slices() -> None:
    found = list(find_rates(bowl(2.0)))
    counts = [len(known.tried) for known in found]
    assert counts == sorted(counts)
    assert len(found) > len(found[-1].planned)
    assert len(found[-1].tried) == len(found[-1].planned)


# In words


def test_the_words_name_the_numbers() -> None:
    training = bowl(2.0)
    known, notation = rates_of(training), notation_for(training)
    said = rates_sentence(known, notation)
    assert said == (
        "From 9 the loss falls furthest in 100 updates with η = 0.5, to 0; "
        "η = 0.1 now leads to 3.7346e−19. The edge is found to 1 %: 1 does not diverge, "
        f"{notation.number(known.edge.diverges) if known.edge else ''} does; 2/curvature = 1."
    )
    first, last = known.tried[0], known.tried[-1]
    assert ": after 100 updates the loss is" in tried_sentence(first, known, notation)
    assert "above its start" in tried_sentence(last, known, notation)
    far = Training(experiment("loss = x ** 4", {"x": 3.0}))
    lost = rates_of(far)
    assert "no finite number is left" in tried_sentence(lost.tried[-1], lost, notation)


def test_a_rate_too_small_to_move_the_loss_does_not_diverge() -> None:
    training = training_of_experiment("valleys", "one")
    known, notation = rates_of(training), notation_for(training)
    tiny = known.tried[0]
    assert tiny.loss > known.start
    assert not tiny.diverged
    assert "η = 5e−5 hardly moves the loss: after 100 updates it is 27." in tried_sentence(
        tiny, known, notation
    )


def test_where_no_rate_moves_the_loss_none_is_said_to_lower_it() -> None:
    training = training_of_experiment("layers", "zeros")
    said = rates_sentence(rates_of(training), notation_for(training))
    assert said == "The loss stays at 0.5: no rate that was tried moves it."


@pytest.mark.parametrize(
    ("name", "part"), [("valleys", "one"), ("layers", "chain"), ("bowl", "not-cleared")]
)
def test_no_edge_is_claimed_where_rates_that_diverge_and_others_alternate(
    name: str, part: str
) -> None:
    training = training_of_experiment(name, part)
    known, notation = rates_of(training), notation_for(training)
    assert known.mixed is not None
    low, high = known.mixed
    for one in known.tried:
        assert one.rate >= low or not one.diverged
        assert one.rate <= high or one.diverged
    said = edge_sentence(known, notation)
    between = f"Between {notation.number(low)} and {notation.number(high)} "
    assert said == f"{between}some rates diverge and some do not."
    assert rates_of(bowl(2.0)).mixed is None


# The page


async def searched(app: TutorApp, pilot: Pilot[None]) -> RatesPage:
    """The page when all is known."""
    page = app.screen
    assert isinstance(page, RatesPage)
    while not page.is_done:
        await pilot.pause(0.01)
    await settle(pilot)
    return page


async def test_the_page_shows_the_edge_and_takes_a_rate(tmp_path: Path) -> None:
    tutor = app(tmp_path, "gradient-matrix")
    async with running(tutor) as pilot:
        await pilot.press("n", "L")
        page = await searched(tutor, pilot)
        text = screen_text(tutor)
        assert "▸ η = 0.1: after 100 updates the loss is 0.52113." in text
        assert "2/curvature = 0.18029" in text
        assert "⋮" in text
        assert text.count("×") > 3
        await pilot.press(*["right"] * 20)
        await settle(pilot)
        assert "diverges: after 100 updates" in screen_text(tutor)
        assert page.cursor == len(page.known.tried) - 1
        await pilot.press(*["left"] * 20)
        chosen = page.known.tried[page.cursor].rate
        await pilot.press("enter")
        await settle(pilot, 2)
        assert state_of(tutor) == f"gradient-matrix:0:update:learning_rate={chosen}@1"


async def test_any_key_stops_the_search_and_its_own_key_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tutor = app(tmp_path)
    monkeypatch.setattr("gd_tutor.tui.search_pages.SLICE", 0.0)  # nothing found between two keys
    async with running(tutor) as pilot:
        await pilot.press("L")
        await settle(pilot)
        page = tutor.screen
        assert isinstance(page, RatesPage)
        assert "any key stops" in " ".join(screen_text(tutor).split())
        await pilot.press("x")
        await settle(pilot)
        assert not page.is_searching
        assert "Stopped" in screen_text(tutor)
        await pilot.press("L")
        assert page.is_searching
        await pilot.press("escape")
        await settle(pilot, 2)
        assert tutor.screen is tutor.lesson_screen
        assert state_of(tutor) == "derivative:0:start"


@pytest.mark.parametrize(
    ("size", "ascii"),
    one_in(
        5, ((size, ascii) for size in ((40, 12), (80, 24), (200, 60)) for ascii in (False, True))
    ),
)
async def test_the_page_fits_every_terminal(
    tmp_path: Path, size: tuple[int, int], ascii: bool
) -> None:
    tutor = app(tmp_path, "partial-derivative", ascii=ascii)
    async with running(tutor, *size) as pilot:
        await pilot.press("L")
        await searched(tutor, pilot)
        text = screen_text(tutor)
        assert "after 100 updates" in " ".join(text.split())
        assert not ascii or text.isascii()


def test_losses_below_zero_get_a_linear_axis() -> None:
    run = Training(experiment("loss = sin(x)", {"x": 1.0}))
    assert isinstance(rates_of(run), Rates)
    assert min(one.loss for one in rates_of(run).tried) < 0


# Lines


def test_the_plain_tutor_lists_the_rates_and_takes_one(tmp_path: Path) -> None:
    heard = talk(tmp_path, "derivative", "rates", "rates 0.5", "rates x", "n", "q")
    assert "0.1 (now): 3.7346e-19" in heard
    assert "2: diverges" in heard
    assert "2/curvature = 1" in heard
    assert "Type rates and one of them to take it." in heard
    assert "0.5 from the next update on" in heard
    assert "x is no learning rate" in heard
    assert "next.x" not in heard
