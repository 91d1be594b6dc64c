"""Other runs in the pictures: a wrong rule's way, and runs kept to compare."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest

from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.training import Training
from gd_tutor.notation.spans import Row, plain, row_width, to_ascii
from gd_tutor.pictures.axes import Axis
from gd_tutor.pictures.kinds import make_view
from gd_tutor.pictures.other_runs import OtherRun, widened
from gd_tutor.pictures.pen import Pen
from gd_tutor.pictures.view import View
from gd_tutor.session.lesson_session import Session
from tutor import experiment, lesson, notation_for, session, slow, training_of

SIZES = ((1, 1), (11, 4), (12, 5), (39, 8), (39, 9), (39, 10), (44, 30), (123, 57))
WITH_OTHERS = {"curve", "slices", "contours", "parameters", "loss"}


def experiment_of(name: str) -> Experiment:
    found = lesson(name).experiment
    assert found is not None
    return found


def kept(name: str, rate: float, updates: int) -> OtherRun:
    """A run of a lesson with another learning rate."""
    training = Training(experiment_of(name))
    training.change("learning_rate", rate)
    training.run(updates)
    if training.divergence is None:
        training.advance()
    return OtherRun.of(f"η = {rate}", training)


def sign_lost(name: str, updates: int) -> OtherRun:
    """Where it leads to add the gradient."""
    wrong = kept(name, -experiment_of(name).learning_rate, updates)
    return OtherRun("sign lost", 0, wrong.parameters, wrong.losses, wrong.diverged)


def picture(name: str, kind: str, place: str, others: Sequence[OtherRun]) -> tuple[View, Training]:
    learner = session(name, f"{name}:{place}")
    view = next(view for view in learner.pictures.views if view.kind == kind)
    view.others = others
    return view, training_of(learner)


def marks(rows: Sequence[Row]) -> set[str]:
    """The digits that stand for other runs in the picture itself."""
    return {
        char
        for row in rows
        for role, text in row
        if role.startswith("other") and not text.startswith(" ")
        for char in text
        if char.isdigit()
    }


CASES = [
    (name, view.kind)
    for name in ("derivative", "gradient", "gradient-matrix", "partial-derivative")
    for view in lesson(name).experiments[0].views
    if view.kind in WITH_OTHERS
]


EACH_KIND = {kind: name for name, kind in CASES}


@pytest.mark.parametrize(
    ("name", "kind", "count"),
    [
        *((name, kind, count) for kind, name in EACH_KIND.items() for count in (1, 9)),
        *(
            slow(name, kind, count)
            for name, kind in CASES
            for count in (1, 3, 7, 9)
            if count in (3, 7) or EACH_KIND[kind] != name
        ),
    ],
)
def test_pictures_with_others_fill_their_room_and_name_them(
    name: str, kind: str, count: int
) -> None:
    rate = experiment_of(name).learning_rate
    factors = (0.1, 0.25, 0.5, 1.2, 1.4, 1.6, 1.8, 1.9)[: count - 1]
    others = [kept(name, rate * factor, 12) for factor in factors] + [sign_lost(name, 2000)]
    view, training = picture(name, kind, "2:backward", others)
    for width, height in SIZES:
        rows = view.rows(training, width, height)
        assert len(rows) == height
        assert [row_width(row) for row in rows] == [width] * height
        assert to_ascii(plain(rows)).isascii()
    large = view.rows(training, 120, 50)
    everyone = {str(number + 1) for number in range(min(count, 7))}
    assert marks(large) <= everyone
    # Where runs have gone the same way, or have met, their marks may lie over one another.
    assert len(marks(large)) >= (len(everyone) - 1 if kind in ("loss", "parameters") else 1)
    assert count > 1 or marks(large) == everyone
    said = view.text_alternative(training)
    for other in others[:7]:
        assert other.label in plain(large)
        assert f"with '{other.label}' the loss" in said
    assert "\n" not in said


@pytest.mark.parametrize("kind", ["bars", "squares", "matrices"])
def test_pictures_of_values_do_without(kind: str) -> None:
    name = {"bars": "residual", "squares": "loss", "matrices": "gradient-matrix"}[kind]
    view, training = picture(name, kind, "1:forward", ())
    alone = view.rows(training, 39, 10), view.text_alternative(training)
    view.others = [sign_lost(name, 5)]
    assert (view.rows(training, 39, 10), view.text_alternative(training)) == alone


def test_others_come_and_go() -> None:
    view, training = picture("derivative", "curve", "2:backward", ())
    alone = view.rows(training, 39, 10)
    view.others = [sign_lost("derivative", 5)]
    assert view.rows(training, 39, 10) != alone
    view.others = ()
    assert view.rows(training, 39, 10) == alone


def test_the_present_run_is_on_top() -> None:
    same = kept("derivative", 0.1, 2)
    for kind in ("curve", "loss"):
        view, training = picture("derivative", kind, "2:forward", [same])
        text = plain(view.rows(training, 60, 20)[1:])
        assert text.count("@") == 1
        assert text.count("o") >= 2


def test_words_say_where_a_wrong_rule_leads() -> None:
    # The distance to the goal grows by a fifth each time: 9 · 1.44, 9 · 1.44², …
    view, training = picture("derivative", "curve", "0:forward", [sign_lost("derivative", 3)])
    said = "; with 'sign lost' the loss grows: 12.96, 18.6624, 26.873856, x comes to 10.184"
    assert view.text_alternative(training).endswith(said)
    view, training = picture("derivative", "loss", "0:forward", [sign_lost("derivative", 5)])
    assert view.text_alternative(training).endswith("26.873856, ... to 55.726 in 5 updates")


def test_words_say_that_a_run_left_the_numbers() -> None:
    view, training = picture("derivative", "loss", "0:forward", [sign_lost("derivative", 9000)])
    assert view.text_alternative(training).endswith("then beyond all numbers")


# Room


def test_labels_are_shortened_and_the_picture_stays_high_enough() -> None:
    words = "a rule with many words in its name"
    others = [
        OtherRun(words, 0, run.parameters, run.losses) for run in [kept("derivative", 0.05, 5)] * 3
    ]
    view, training = picture("derivative", "loss", "2:forward", others)
    heads = {}
    for height in (8, 9, 10, 20):
        rows = plain(view.rows(training, 39, height)).split("\n")
        heads[height] = [row for row in rows if re.match(" [1-7] a ", row)]
        assert len(rows) - len(heads[height]) >= 8
    assert [len(head) for head in heads.values()] == [0, 1, 2, 3]
    assert heads[9][0].count("…") == 3
    assert heads[20] == [f" {number} {words}" for number in (1, 2, 3)]
    assert view.text_alternative(training).count(words) == 3


# Axes


@pytest.mark.parametrize("log", [False, True])
def test_axes_hold_others_that_are_near(log: bool) -> None:
    axis = Axis(1, 10, log, "w")
    assert widened(axis, []) is axis
    assert widened(axis, [np.array([1.0, 5.0, np.nan]), np.array([10.0])]) is axis
    wider = widened(axis, [np.array([2.0]), np.array([12.0, np.inf])])
    assert wider.low <= 1
    assert wider.high >= 12
    assert (wider.log, wider.label) == (log, "w")


def test_axes_grow_by_their_own_span_at_most() -> None:
    far = [np.array([-1e300, 1e300]), np.array([1e9])]
    wider = widened(Axis(0, 10), far)
    assert (wider.low, wider.high) == (-10, 20)
    wider = widened(Axis(0.1, 10, log=True), [np.array([0.0, 1e-9, 1e300])])
    assert (wider.low, wider.high) == pytest.approx((1e-3, 1e3))


def test_a_run_that_diverges_leaves_the_present_one_to_be_seen() -> None:
    for kind in sorted(WITH_OTHERS - {"curve"}):
        view, training = picture("partial-derivative", kind, "6:backward", ())
        alone = _height(view.rows(training, 60, 30))
        view.others = [sign_lost("partial-derivative", 2000)]
        assert _height(view.rows(training, 60, 30)) >= alone / 4, kind


def _height(rows: Sequence[Row]) -> int:
    """In how many rows the present run is seen."""
    own = {"curve", "path", "current", "series0", "series1"}
    return sum(any(role in own and text.strip() for role, text in row) for row in rows)


def test_a_line_that_swings_ever_wider_ends_where_it_leaves_the_picture() -> None:
    view, training = picture("derivative", "parameters", "2:forward", [kept("derivative", 1.2, 60)])
    rows = view.rows(training, 60, 20)
    assert marks(rows) == {"1"}
    used = [row for row in rows if any(role == "other1" for role, _ in row)]
    columns = max(
        sum(len(text) for _, text in row[:place]) + len(row[place][1])
        for row in used[1:]
        for place in range(len(row))
        if row[place][0] == "other1"
    )
    assert columns < 30


# What is kept


def test_a_kept_run_stays_as_it_was() -> None:
    training = Training(experiment_of("gradient-matrix"))
    training.run(3)
    run = OtherRun.of("mine", training)
    losses = run.losses.copy()
    training.reset()
    training.change("learning_rate", 0.001)
    training.run(10)
    assert (run.losses == losses).all()
    assert len(run.parameters["w"]) == 4


def test_runs_of_another_program_are_left_out() -> None:
    alien = kept("gradient-matrix", 0.01, 5)
    view, training = picture("derivative", "loss", "2:forward", [alien, kept("derivative", 0.2, 5)])
    rows = view.rows(training, 60, 20)
    assert marks(rows) == {"2"}
    assert "0.01" not in view.text_alternative(training)


def test_others_are_drawn_once_for_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    draw = Pen.draw

    def counted(self: Pen, *way: object) -> object:
        drawn.append(1)
        return draw(self, *way)  # type: ignore[arg-type]

    monkeypatch.setattr(Pen, "draw", counted)
    others = [kept("gradient", rate, 20) for rate in (0.01, 0.02, 0.03, 0.05, 0.2, 0.3)]
    view, training = picture("gradient", "contours", "2:forward", others)
    view.rows(training, 39, 10)
    assert len(drawn) == 7  # the contours and each of the others
    for _ in range(3):
        training.advance()
        view.rows(training, 39, 10)
    assert len(drawn) == 9  # and the two arrows


# Batches


def in_batches(updates: int) -> Training:
    """A run that takes two of forty samples at a time."""
    rng = np.random.default_rng(3)
    across = rng.uniform(0, 4, 40)
    data = {"X": across.tolist(), "Y": (2 * across + 1 + rng.normal(0, 1, 40)).tolist()}
    lines = "E = Y - (X * w + b)\nL = E * E\nloss = mean(L)"
    training = Training(experiment(lines, {"w": 0, "b": 0}, data, 0.02))
    training.choose("batch", "2")
    training.run(updates)
    training.advance()
    return training


def test_losses_of_batches_are_dots_around_the_line_of_all_samples() -> None:
    training = in_batches(300)
    view = make_view("loss", notation_for(training))
    rows = view.rows(training, 60, 20)
    cells = {
        role: sum(len(text) for row in rows for its, text in row if its == role)
        for role in ("path", "curve", "current")
    }
    assert cells["current"] == 1
    assert cells["path"] > 20
    assert 40 < cells["curve"] < 160
    first, last = training.whole_losses()[[0, -1]]
    number = view.notation.number
    assert view.text_alternative(training) == (
        f"loss over all samples fell from {number(first)} to {number(last)} in 300 updates; "
        f"over the last batch it was {number(training.losses[-1])}"
    )


def test_a_kept_run_of_batches_is_the_line_of_all_samples() -> None:
    training = in_batches(300)
    run = OtherRun.of("batches of 2", training)
    assert (run.losses == training.whole_losses()).all()
    assert np.ptp(run.losses[50:]) < np.ptp(training.losses[50:]) / 4


# What kept runs are called


def choose(learner: Session, kind: str, value: str) -> None:
    learner.choose(
        next(found for found in learner.lesson_run.options([kind]) if found.value == value)
    )


def labels(learner: Session) -> list[str]:
    return [other.label for other in learner.pictures.views[0].others]


def test_the_name_of_a_kept_run_begins_with_what_is_special() -> None:
    for state, label in (
        ("optimizers:2:forward", "η 0.02"),
        ("optimizers:2:forward:optimizer=gradient-descent", "η 0.02"),
        ("optimizers:2:forward:experiment=momentum", "momentum 0.01"),
        ("optimizers:2:forward:experiment=adam:optimizer=gradient-descent", "η 0.5"),
        ("batches:2:forward:experiment=sixteen", "batch 16, η 0.1"),
        ("valleys:2:forward:experiment=one", "batch 1, seed 9, η 0.015"),
        ("derivative:2:forward:x=2@0", "x 2, η 0.1"),
        ("derivative:2:forward:x=2@0:learning_rate=0.2@0", "η 0.2, x 2"),
        ("derivative:2:forward:bug=wrong-sign", "wrong-sign, η 0.1"),
    ):
        learner = session(state.partition(":")[0], state)
        learner.keep_run()
        assert learner.pictures.beside.kept[0].settings == label, state
        assert label in learner.message


def test_experiments_are_named_where_there_are_several() -> None:
    learner = session("batches", "batches:2:forward")
    learner.keep_run()
    choose(learner, "batch", "16")
    learner.keep_run()
    assert labels(learner) == ["η 0.1", "batch 16, η 0.1"]
    choose(learner, "experiment", "small")
    learner.run(2)
    learner.keep_run()
    assert labels(learner) == ["η 0.1", "batch 16, η 0.1", "batch 1, η 0.01, small"]
    assert labels(learner) == [kept.settings for kept in learner.pictures.beside.kept]
    others = learner.pictures.views[0].others
    learner.pictures.forget(1, learner.training)
    assert learner.pictures.views[0].others[0] is others[0]
    learner.pictures.forget(0, learner.training)
    assert labels(learner) == ["batch 1, η 0.01"]


def test_an_experiment_that_is_called_like_its_optimizer_is_not_named_twice() -> None:
    learner = session("optimizers", "optimizers:2:forward")
    learner.keep_run()
    choose(learner, "experiment", "momentum")
    learner.run(2)
    learner.keep_run()
    assert labels(learner) == ["η 0.02", "momentum 0.01"]
