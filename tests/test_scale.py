"""Ten thousand samples: no part of the tutor looks at each of them more often than it must.

Times belong to a machine; what is counted here is work. `pytest -n 0 -m benchmark -s` prints times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gd_tutor.course.folder import Course
from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.learning_rates import find_rates, stride
from gd_tutor.engine.starts import AHEAD, find_starts
from gd_tutor.engine.state import Phase, Position, loss_of
from gd_tutor.engine.training import Training
from gd_tutor.export.transcript import trace_data
from gd_tutor.notation.spans import row_width
from gd_tutor.pictures.bars import BarsView, stems
from gd_tutor.pictures.matrices import MatricesView
from gd_tutor.questions.predictions import asked_numbers
from gd_tutor.session.explain_page import present
from gd_tutor.session.lesson_session import Session
from gd_tutor.session.worked_lines import entries
from scaled import ID, course_of, session_of
from test_tui import running, state_of
from tutor import app_of, screen_text, settle, training_of

MANY, FEATURES = 10_000, 13
SIZE = 60, 20


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return course_of(tmp_path_factory.mktemp("many"), MANY, FEATURES)


@pytest.fixture
def many(course: Course) -> Session:
    return session_of(course)


@pytest.fixture
def backward_runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The samples whose backward run was asked for."""
    found: list[int] = []
    run = Training.per_sample

    def counted(training: Training, iteration: int | None, samples: list[int]) -> Any:
        found.extend(samples)
        return run(training, iteration, samples)

    monkeypatch.setattr(Training, "per_sample", counted)
    return found


def test_the_run_is_the_closed_form(many: Session) -> None:
    training = training_of(many)
    many.run(1_000)
    X, y = (training.values[name] for name in ("X", "y"))
    best, *_ = np.linalg.lstsq(X, y, rcond=None)
    assert np.shape(X) == (MANY, FEATURES)
    np.testing.assert_allclose(training.parameters["theta"], best, rtol=1e-9)


def test_partials_are_worked_for_the_samples_that_are_seen(
    many: Session, backward_runs: list[int]
) -> None:
    training = training_of(many)
    view = next(view for view in many.pictures.views if isinstance(view, MatricesView))
    many.step(Phase.FORWARD)
    many.step(Phase.BACKWARD)
    view.rows(training, *SIZE)
    view.text_alternative(training)
    assert 0 < len(backward_runs) <= 2 * SIZE[1]
    seen = len(backward_runs)
    view.rows(training, *SIZE)
    assert len(backward_runs) == seen  # they are remembered


def test_every_sample_can_be_walked_to(many: Session) -> None:
    training = training_of(many)
    view = next(view for view in many.pictures.views if isinstance(view, MatricesView))
    many.step(Phase.FORWARD)
    many.step(Phase.BACKWARD)
    for _ in range(FEATURES + 2):  # across X, prediction and residual, to the partials
        view.move(training, 1, 0)
    view.move(training, 0, MANY)
    last = " ".join("".join(text for _, text in row) for row in view.rows(training, *SIZE))
    assert f"sample {MANY}" in last
    residual, X = training.values["residual"], training.values["X"]
    partial = many.notation.number(float(-2 * residual[-1] * X[-1, 0]))
    assert partial in last
    named = training.per_sample(samples=[MANY - 1])
    assert named is not None
    np.testing.assert_allclose(named["theta"], [-2 * residual[-1] * X[-1]])


def test_partials_of_all_samples_have_the_gradient_as_their_mean(tmp_path: Path) -> None:
    few = session_of(course_of(tmp_path, 50, 2))
    training = training_of(few)
    few.step(Phase.FORWARD)
    few.step(Phase.BACKWARD)
    every = training.per_sample()
    assert every is not None
    np.testing.assert_allclose(every["theta"].mean(axis=0), training.values["grad.theta"])


def test_every_picture_keeps_its_size_and_says_little(many: Session) -> None:
    training = training_of(many)
    for _ in range(5):
        many.advance()
        for view in many.pictures.views:
            rows = view.rows(training, *SIZE)
            assert [row_width(row) for row in rows] == [SIZE[0]] * SIZE[1]
            assert len(view.text_alternative(training)) < 500


def test_many_bars_share_lines_that_reach_as_far() -> None:
    numbers = np.sin(np.arange(MANY))
    numbers[77], numbers[5_000], numbers[3] = 9.0, -8.0, np.nan
    places, lows, highs = stems(numbers, 120)
    assert len(places) <= 120
    assert (lows <= 0).all()
    assert (highs >= 0).all()
    assert (lows.min(), highs.max()) == (-8.0, 9.0)
    assert (np.diff(places) > 0).all()
    few, lows, highs = stems(np.array([2.0, -1.0, np.inf]), 120)
    assert few.tolist() == [0, 1, 2]
    assert lows.tolist() == [0, -1, 0]
    assert highs.tolist() == [2, 0, 0]


def test_bars_of_many_numbers_show_both_ends(many: Session) -> None:
    view = next(view for view in many.pictures.views if isinstance(view, BarsView))
    many.step(Phase.FORWARD)
    drawn = "".join(text for row in view.rows(training_of(many), *SIZE) for _, text in row)
    assert sum("\u2800" < char <= "\u28ff" for char in drawn) > 100


def test_worked_lines_and_explanations_are_short(many: Session) -> None:
    training = training_of(many)
    for _ in range(3):
        many.advance()
        rows = [row for entry in entries(many) for row in entry.rows(many, 40)]
        assert len(rows) < 60
    many.undo()
    for name in ("prediction", "residual", "loss", "grad.prediction", "grad.theta"):
        assert len(present(training, name, ()).rows(many.notation, 60)) < 100


def test_questions_are_about_a_few_cells_and_answered_in_few_programs(many: Session) -> None:
    many.toggle_predicting()
    for phase in (Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE):
        many.step(phase)
        assert many.questions.open is not None
        assert len(asked_numbers(training_of(many))) < 60
        many.answer_with("123.25")
        many.hint()
        many.skip()
        assert training_of(many).phase is phase


def test_searches_leave_room_for_keys(many: Session) -> None:
    training = training_of(many)
    most = stride(training.program)
    assert most < 100
    updates: list[int] = []
    run = type(training).go_to

    def counted(self: Any, position: Position) -> None:
        before = self.position.updates
        run(self, position)
        updates.append(self.position.updates - before)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(training), "go_to", counted)
        searches: tuple[Iterator[Any], ...] = (find_rates(training), find_starts(training))
        for search in searches:
            for _ in range(40):
                next(search)
    assert max(updates) <= max(most, AHEAD)


async def test_a_key_is_answered_while_a_long_run_goes_on(course: Course, tmp_path: Path) -> None:
    tutor = app_of(course, tmp_path, ID)
    async with running(tutor) as pilot:
        screen = tutor.lesson_screen
        screen.running.go_to(screen.session, 50_000)
        while "any key stops" not in " ".join(screen_text(tutor).split()):
            await pilot.pause(0.01)
        await pilot.press("v")
        await settle(pilot)
        assert not screen.running.stop()
        came = training_of(screen.session).iteration
        assert 0 < came < 50_000
        assert "Stopped" in screen.session.message
        screen.running.go_to(screen.session, came + 100)
        while state_of(tutor) != f"{ID}:{came + 100}:forward":
            await pilot.pause(0.01)


# Times


def parts(session: Session) -> dict[str, Callable[[], object]]:
    """What is done between two frames, by name."""
    training = training_of(session)
    wide, high = SIZE
    found: dict[str, Callable[[], object]] = {
        f"picture: {view.kind}": lambda view=view: (  # type: ignore[misc]
            view.rows(training, wide, high),
            view.text_alternative(training),
        )
        for view in session.pictures.views
    }

    def step() -> None:
        session.run(1)

    def answer() -> None:
        session.toggle_predicting()
        session.advance()
        session.answer_with("123.25")
        session.toggle_predicting()

    return {
        "1 update": step,
        "10 updates": lambda: session.run(10),
        "worked lines": lambda: [entry.rows(session, 40) for entry in entries(session)],
        "a wrong answer": answer,
        "prose": lambda: [
            session.pages.prose.parts(page, 40, 10) for page in session.pages.prose.sections
        ],
        **found,
    }


@pytest.mark.benchmark
def test_times_with_many_samples_beside_three(tmp_path: Path) -> None:
    """Each part after a fresh update, the median of several; the many and the few take turns."""
    sessions = [session_of(course_of(tmp_path / str(n), n, FEATURES)) for n in (3, MANY)]
    tables = [parts(session) for session in sessions]
    print(f"\n{'':24}{'3 samples':>12}{MANY:>12,}   ratio")
    for name in tables[0]:
        times: list[list[float]] = [[], []]
        for turn in range(7):
            for session, table, taken in zip(sessions, tables, times, strict=True):
                training_of(session).reset()
                training_of(session).go_to(loss_of(5 + turn))
                session.advance()
                begun = time.perf_counter()
                table[name]()
                taken.append(time.perf_counter() - begun)
        few, many = (1000 * float(np.median(taken)) for taken in times)
        print(f"{name:24}{few:9.2f} ms{many:9.2f} ms{many / few:8.1f}")


def test_the_slopes_of_very_many_samples_are_left_out_of_the_data() -> None:
    """A trace of them would take minutes and all the memory."""
    square = ((0.5,) * 300,) * 300
    wide = Experiment("loss = mean(A @ B)", {"A": square, "B": square}, 0.1)
    [iteration] = trace_data(Training(wide), "wide", 1)["iterations"]
    assert "per_sample" not in iteration
    assert "backward" in iteration
