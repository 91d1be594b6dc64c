"""A learner in a lesson: what every key does and says, and the pages of prose."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gd_tutor.course.folder import Course
from gd_tutor.course.lesson import CodeBlock, Filled, Lesson, Section
from gd_tutor.engine.learning_rates import rates_of
from gd_tutor.engine.state import PHASES, Phase, Position, StateError, parse_state
from gd_tutor.engine.training import Training
from gd_tutor.engine.trajectory import MOST_BYTES
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import ASCII
from gd_tutor.notation.spans import NO_BREAK, plain, row_width
from gd_tutor.session.field_keys import press
from gd_tutor.session.lesson_session import Session
from gd_tutor.session.notices import ONLY_WORDS
from gd_tutor.session.number_fields import neighbour
from gd_tutor.session.prose_rows import ProseRows
from gd_tutor.session.worked_lines import entries
from tutor import COURSE, LESSONS, SOME, lesson, lessons, position, session, slow, training_of

WORDS_ONLY = '+++\ntitle = "A break"\n+++\n\nStand up and count to twenty.\n'


@pytest.fixture
def words_only(tmp_path: Path) -> Session:
    """A lesson without an experiment."""
    (tmp_path / "break.md").write_text(WORDS_ONLY)
    course = Course(tmp_path)
    return Session(course.load(course.find("break")), course)


# Phases


@pytest.mark.parametrize(
    ("done", "key", "said"),
    [
        ("", "backward", "Forward comes first: backward needs the values it computes."),
        ("", "update", "Forward comes first, then backward: update needs fresh slopes."),
        ("f", "forward", "Forward is done: the loss is known. Next is backward: the slopes."),
        ("f", "update", "Backward comes first: update needs the slopes it finds."),
        ("fb", "forward", "The slopes are known. Next is update, which uses them."),
        ("fb", "backward", "Backward is done: the slopes are known. Next is update."),
        ("fbu", "backward", "Forward comes first: backward needs the values it computes."),
        ("fbu", "update", "Forward comes first, then backward: update needs fresh slopes."),
    ],
)
@pytest.mark.parametrize("name", ["derivative", "gradient-matrix"])
def test_key_out_of_turn_changes_nothing_and_says_what_comes_first(
    name: str, done: str, key: str, said: str
) -> None:
    learner = session(name)
    for _ in done:
        learner.advance()
    before, values = learner.state, dict(training_of(learner).values)
    learner.step(Phase[key.upper()])
    assert learner.message == said
    assert learner.state == before
    after = training_of(learner).values
    assert values.keys() == after.keys()
    assert all((np.asarray(values[n]) == np.asarray(after[n])).all() for n in values)


@pytest.mark.parametrize("name", LESSONS)
def test_each_phase_says_what_happened(name: str) -> None:
    learner = session(name)
    assert learner.message.startswith("Nothing is computed yet: press `f`, and forward finds the ")
    learner.step(Phase.FORWARD)
    loss = learner.notation.value(training_of(learner).losses[0])
    assert f"the loss is {loss}." in learner.message
    learner.go_on()
    assert learner.message.startswith("Backward changed no parameter")
    learner.step(Phase.UPDATE)
    assert learner.message.startswith("Update moved")
    learner.step(Phase.FORWARD)
    before, after = map(learner.notation.value, training_of(learner).losses)
    assert learner.message == f"Forward: the loss fell from {before} to {after}."


def test_derivative_in_words() -> None:
    learner = session("derivative")
    said = []
    for phase in PHASES:
        learner.step(phase)
        said.append(learner.message)
    assert said == [
        "Forward put the numbers in: the loss is 9. It changed no parameter.",
        "Backward changed no parameter: it found which way is up, more x.",
        "Update moved x from 8 to 7.4, against its slope; the slope is used up.",
    ]


def test_space_goes_through_the_phases() -> None:
    learner = session("derivative")
    seen = []
    for _ in range(5):
        learner.advance()
        seen.append(str(learner.state))
    assert seen == [
        "derivative:0:forward",
        "derivative:0:backward",
        "derivative:0:update",
        "derivative:1:forward",
        "derivative:1:backward",
    ]


@pytest.mark.parametrize("begun", ["start", "forward", "backward"])
def test_run_goes_on_until_updates_are_done(begun: str) -> None:
    learner = session("derivative", f"derivative:0:{begun}")
    learner.run(1)
    assert str(learner.state) == "derivative:0:update"
    learner.run(10)
    assert str(learner.state) == "derivative:10:update"


def worked(learner: Session) -> list[str]:
    """The names of the lines that are shown, the newest phase's in brackets."""
    return [f"[{each.name}]" if each.newest else each.name for each in entries(learner)]


@pytest.mark.parametrize("name", ["layers", "layers:0:start:experiment=net"])
@pytest.mark.parametrize("key", [lambda s: s.step(Phase.BACKWARD), lambda s: s.advance()])
def test_backward_shows_one_layer_at_a_time(name: str, key: Callable[[Session], None]) -> None:
    learner = session(name.partition(":")[0], name if ":" in name else None)
    lines = [line.name for line in training_of(learner).program.backward]
    learner.step(Phase.FORWARD)
    forward = [each.name for each in entries(learner)]
    place = learner.state
    key(learner)
    assert worked(learner) == [*forward, *(f"[{name}]" for name in lines[:3])]
    assert learner.message == "Backward is through 1 of 2 layers, the last one first; `b` goes on."
    assert learner.state == place
    said = [each.line.sentence(learner.notation) for each in entries(learner)]
    learner.message = ""
    learner.step(Phase.UPDATE)
    assert learner.message == "Backward is through 1 of 2 layers, the last one first; `b` goes on."
    assert len(worked(learner)) == len(said)
    key(learner)
    assert worked(learner) == [*forward, *(f"[{name}]" for name in lines)]
    after = [each.line.sentence(learner.notation) for each in entries(learner)]
    assert after[: len(said)] == said
    assert learner.state.position == position(0, "backward")
    learner.undo()
    assert worked(learner) == [f"[{name}]" for name in forward]
    key(learner)
    learner.undo()
    assert worked(learner) == [f"[{name}]" for name in forward]
    assert "the loss is" in learner.message


@pytest.mark.parametrize(
    "leave",
    [
        lambda s: s.run(1),
        lambda s: s.approach(Position(3, Phase.FORWARD)),
        lambda s: s.reset(),
        lambda s: s.redo(),
        lambda s: s.choose(
            next(o for o in s.lesson_run.options(("bug",)) if o.value == "wrong-sign")
        ),
        lambda s: s.choose(
            next(o for o in s.lesson_run.options(("experiment",)) if o.value == "net")
        ),
    ],
    ids=["run", "go to", "reset", "redo", "bug", "experiment"],
)
def test_a_layer_is_not_shown_when_its_backward_was_left(leave: Callable[[Session], None]) -> None:
    learner = session("layers")
    learner.go_on()
    learner.go_on()
    learner.undo()
    learner.step(Phase.BACKWARD)
    assert learner.layers.shown == 1
    leave(learner)
    assert learner.layers.shown == 0


def test_a_layer_that_was_taken_back_comes_again() -> None:
    learner = session("layers")
    learner.step(Phase.FORWARD)
    learner.step(Phase.BACKWARD)
    shown = worked(learner)
    learner.undo()
    assert worked(learner) != shown
    learner.redo()
    assert worked(learner) == shown
    learner.redo()
    assert worked(learner) == shown
    assert learner.message.startswith("There is nothing to redo")


def test_going_far_ends_the_choice_of_a_start() -> None:
    learner = session("derivative")
    learner.choose_start()
    assert learner.approach(Position(5, Phase.FORWARD))
    assert learner.field is None
    assert str(learner.state) == "derivative:5:forward"


def test_another_start_leaves_a_backward_under_way() -> None:
    learner = session("layers")
    learner.go_on()
    learner.step(Phase.BACKWARD)
    learner.choose_start()
    press(learner, "right", "")
    assert worked(learner) == []
    learner.choose_start()
    learner.step(Phase.FORWARD)
    assert learner.layers.shown == 0


def test_questions_about_backward_are_followed_by_all_of_it() -> None:
    learner = session("layers")
    learner.go_on()
    learner.toggle_predicting()
    learner.step(Phase.BACKWARD)
    assert learner.questions.open is not None
    learner.step(Phase.BACKWARD)
    assert learner.state.position == position(0, "backward")


def test_own_settings_are_without_what_was_chosen() -> None:
    learner = session("layers", "layers:0:forward:experiment=early:optimizer=adam:w1=3@0")
    learner.reset()
    assert learner.message == "Back at the start. Press `r` again for the lesson's own settings."
    learner.reset()
    assert learner.message == "Back at the start, with the lesson's own settings."
    assert str(learner.state) == "layers:0:start:experiment=early"
    learner.reset()
    assert learner.message == "Back at the start."


def test_a_question_on_the_page_stays_open_while_the_run_goes_on() -> None:
    learner = session("layers")
    while learner.questions.open is None:
        assert learner.turn(1)
    asked = learner.questions.open
    assert asked is not None
    asked.type("1")
    learner.go_on()
    learner.reset()
    assert learner.questions.open is asked
    assert asked.typed == "1"
    learner.turn(-1)
    assert learner.questions.open is None


def test_what_is_said_of_a_field_or_a_layer_stays_while_pages_turn() -> None:
    learner = session("layers")
    learner.step(Phase.FORWARD)
    learner.step(Phase.BACKWARD)
    layers = learner.message
    learner.turn(1)
    assert learner.message == layers
    learner.choose_start()
    learner.turn(1)
    assert learner.message.startswith("Start: ")


def test_what_was_said_of_an_answer_goes_with_its_page() -> None:
    learner = session("derivative")
    while learner.questions.open is None:
        assert learner.turn(1)
    learner.skip()
    assert learner.message.startswith("Left open")
    learner.turn(1)
    assert learner.message.startswith("Nothing is computed yet")
    learner.skip()
    learner.hint()
    assert learner.message.startswith("Hints belong to a question")
    learner.turn(1)
    assert learner.message.startswith("Nothing is computed yet")


# Back and forth


@pytest.mark.parametrize("name", LESSONS)
def test_undo_goes_back_to_the_very_start_and_redo_forth_again(name: str) -> None:
    learner = session(name)
    places = [str(learner.state)]
    for _ in range(7):
        learner.go_on()
        places.append(str(learner.state))
    end = dict(training_of(learner).values)
    for place in reversed(places[:-1]):
        learner.undo()
        assert str(learner.state) == place
    learner.undo()
    assert str(learner.state) == places[0]
    assert learner.message == "This is the very start: there is nothing to undo."
    for place in places[1:]:
        learner.redo()
        assert str(learner.state) == place
    learner.redo()
    assert learner.message == "There is nothing to redo: go on with `f`, `b` or `u`."
    assert str(learner.state) == places[-1]
    again = training_of(learner).values
    assert all((np.asarray(end[n]) == np.asarray(again[n])).all() for n in end)


def test_three_undos_after_a_round_are_the_beginning() -> None:
    learner = session("derivative")
    learner.run(1)
    for _ in range(3):
        learner.undo()
    assert learner.state == session("derivative").state
    assert learner.message == session("derivative").message


def test_reset_keeps_the_changes_and_a_second_one_drops_them() -> None:
    learner = session("derivative")
    learner.change_learning_rate(True)
    learner.run(3)
    learner.reset()
    assert str(learner.state) == "derivative:0:start:learning_rate=0.2@0"
    said = "Back at the start. Press `r` again for the lesson's own settings."
    assert learner.message == said
    learner.reset()
    assert str(learner.state) == "derivative:0:start"
    assert learner.message == "Back at the start, with the lesson's own settings."
    learner.reset()
    assert str(learner.state) == "derivative:0:start"
    assert learner.message == "Back at the start."


# The learning rate


def test_learning_rate_climbs_in_steps_of_1_2_5() -> None:
    learner = session("derivative")
    learner.run(2)
    rates = []
    for _ in range(5):
        learner.change_learning_rate(True)
        rates.append(training_of(learner).learning_rate)
    assert rates == [0.2, 0.5, 1.0, 2.0, 5.0]
    for _ in range(7):
        learner.change_learning_rate(False)
        rates.append(training_of(learner).learning_rate)
    assert rates[5:] == [2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02]
    assert training_of(learner).position == Position(1, Phase.UPDATE)
    assert learner.message == "η is 0.02 from the next update on; the run is kept."


def test_changed_learning_rate_leaves_the_past_as_it_was() -> None:
    learner = session("derivative")
    learner.run(2)
    trail = training_of(learner).trail("x").copy()
    learner.change_learning_rate(True)
    assert (training_of(learner).trail("x") == trail).all()
    learner.run(1)
    assert training_of(learner).trail("x")[-1] == pytest.approx(trail[-1] - 0.2 * 2 * 1.92)


@pytest.mark.parametrize("up", [True, False])
def test_learning_rate_has_an_end(up: bool) -> None:
    learner = session("derivative")
    for _ in range(60):
        learner.change_learning_rate(up)
    assert learner.message == "The learning rate goes no further."
    assert training_of(learner).learning_rate == (1e9 if up else 1e-9)


@pytest.mark.parametrize("rate", [0.003, 0.1, 0.15, 0.7, 1, 3, 99999.0])
def test_any_learning_rate_leads_to_the_series(rate: float) -> None:
    up, down = neighbour(rate, up=True), neighbour(rate, up=False)
    assert down < rate < up
    for found in (up, down):
        assert f"{found:e}"[0] in "125"
        assert float(f"{found:e}".split("e")[0]) in (1, 2, 5)
    assert up / down <= 6.25


# The start


def test_choosing_a_start_begins_the_run_anew() -> None:
    learner = session("derivative")
    learner.run(2)
    learner.choose_start()
    assert learner.message == "Start: x = 8. `←` `→` or digits change it, `enter` is done."
    press(learner, "left", "")
    assert str(learner.state).startswith("derivative:0:start:x=")
    assert training_of(learner).parameters["x"] < 8
    value = learner.notation.number(float(training_of(learner).parameters["x"]))
    assert learner.message == f"Start: x = {value}. `←` `→` or digits change it, `enter` is done."
    press(learner, "enter", "")
    assert learner.field is None
    assert learner.message.startswith("The run begins at the start you chose.")
    learner.step(Phase.FORWARD)
    x = float(training_of(learner).parameters["x"])
    assert training_of(learner).losses[0] == pytest.approx((5 - x) ** 2)


def test_every_component_of_every_parameter_can_be_chosen() -> None:
    learner = session("residual-matrix")
    learner.choose_start()
    labels = []
    for _ in range(4):
        labels.append(learner.message.partition(" = ")[0])
        press(learner, "down", "")
    names = [f"Start: Ŷ[{row},0]" for row in range(3)]
    assert labels == [*names, names[0]]
    press(learner, "right", "")
    start = np.ravel(training_of(learner).parameters["Y_hat"])
    assert start[1] > 2
    assert start[[0, 2]].tolist() == [8, 5]
    press(learner, "up", "")
    press(learner, "left", "")
    start = np.ravel(training_of(learner).parameters["Y_hat"])
    assert start[0] < 8


def test_start_values_stay_short_numbers() -> None:
    learner = session("partial-derivative")
    learner.choose_start()
    for _ in range(30):
        press(learner, "right", "")
    for _ in range(30):
        press(learner, "left", "")
    assert training_of(learner).parameters["w"] == 0
    assert str(learner.state) == "partial-derivative:0:start"


def test_any_other_key_ends_the_choice() -> None:
    learner = session("derivative")
    learner.choose_start()
    learner.step(Phase.FORWARD)
    assert learner.field is None


# Going far


def test_approach_goes_on_in_parts_until_it_is_there() -> None:
    learner = session("gradient-matrix")
    target = Position(1_000, Phase.FORWARD)
    calls = 1
    while not learner.approach(target, most=300):
        calls += 1
    assert training_of(learner).position == target
    assert calls == 4
    assert learner.approach(Position(3, Phase.FORWARD))
    assert training_of(learner).position == Position(3, Phase.FORWARD)


def test_approach_ends_where_the_run_diverges() -> None:
    learner = session("derivative", "derivative:0:start:learning_rate=5@0")
    for _ in range(10):
        if learner.approach(Position(1_000_000, Phase.FORWARD)):
            break
    assert training_of(learner).divergence is not None
    assert learner.message.startswith("Diverged: at iteration ")


def test_divergence_is_told_and_can_be_undone() -> None:
    learner = session("derivative", "derivative:0:start:learning_rate=5@0")
    learner.run(100_000)
    assert "η = 5 is beyond 2/curvature = 1. Go back with `,`." in learner.message
    end = learner.state
    for act in (learner.advance, lambda: learner.run(1), lambda: learner.run(10)):
        act()
        assert learner.state == end
        assert learner.message.startswith("The run diverged at iteration ")
        assert "undone" in learner.message
    learner.undo()
    assert training_of(learner).divergence is None
    assert np.isfinite(training_of(learner).losses).all()


def test_stopping_says_where() -> None:
    learner = session("derivative", "derivative:0:backward")
    learner.stopped()
    assert learner.message.startswith("Stopped. Backward")


# Pictures


@pytest.mark.parametrize("name", LESSONS)
def test_pictures_go_round(name: str) -> None:
    learner = session(name)
    firsts = []
    for _ in learner.pictures.views:
        firsts.append(learner.pictures.views[learner.pictures.first])
        learner.pictures.next()
    assert len({id(view) for view in firsts}) == len(learner.pictures.views)
    assert learner.pictures.first == 0


@pytest.mark.parametrize("name", LESSONS)
def test_loss_axis_goes_to_and_fro(name: str) -> None:
    learner = session(name)
    learner.toggle_log()
    assert learner.message == "The loss axis is logarithmic."
    learner.toggle_log()
    assert learner.message == "The loss axis is linear."


# State lines


@pytest.mark.parametrize("name", LESSONS)
def test_state_comes_back_with_the_same_numbers(name: str) -> None:
    learner = session(name)
    learner.choose_start()
    press(learner, "right", "")
    learner.run(2)
    learner.change_learning_rate(False)
    learner.run(3)
    for _ in range(5):
        again = session(name, str(learner.state))
        assert again.state == learner.state
        assert again.message == learner.message
        mine, other = training_of(learner).values, training_of(again).values
        assert mine.keys() == other.keys()
        assert all((np.asarray(mine[n]) == np.asarray(other[n])).all() for n in mine)
        learner.undo()
        learner.message = session(name, str(learner.state)).message


def test_state_that_does_not_fit_the_lesson_is_refused_in_words() -> None:
    with pytest.raises(StateError, match="'speed' is not a setting here"):
        session("derivative", "derivative:0:start:speed=1@0")
    with pytest.raises(StateError, match="do not fit derivative"):
        session("derivative", "derivative:0:start:x=[1,2]@0")
    for rate in ("0", "-0.1", "[0.1]"):
        with pytest.raises(StateError, match="more than 0"):
            session("derivative", f"derivative:0:start:learning_rate={rate}@0")


# Lessons with only words, and what comes later


def test_page_of_words_says_that_there_is_nothing_to_compute(words_only: Session) -> None:
    acts: list[Callable[[], object]] = [
        words_only.advance,
        words_only.undo,
        words_only.redo,
        words_only.reset,
        words_only.choose_start,
        lambda: words_only.step(Phase.FORWARD),
        lambda: words_only.run(1),
        lambda: words_only.change_learning_rate(True),
        lambda: words_only.approach(Position(5, Phase.FORWARD)),
    ]
    for act in acts:
        words_only.message = ""
        act()
        assert words_only.message == ONLY_WORDS
    words_only.pictures.next()
    words_only.toggle_log()
    assert str(words_only.state) == "break:0:start"
    assert words_only.state == parse_state("break")


def test_what_comes_later_names_its_lesson() -> None:
    learner = session("residual")
    assert learner.lesson_run.comes_in("backward") == "lesson 3"
    assert learner.lesson_run.comes_in("loss") == "lesson 2"
    assert learner.lesson_run.comes_in("forward") == ""


# Prose


def sections() -> Iterator[tuple[str, Section]]:
    for name in LESSONS:
        for section in lesson(name).sections:
            yield name, section


def prose_of(name: str, ascii: bool = False) -> ProseRows:
    return session(name, ascii=ascii).pages.prose


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize(
    ("name", "step"),
    [("gradient-matrix", 8), *(slow(name, 1) for name in LESSONS)],
)
def test_no_row_of_prose_is_wider_than_asked(name: str, step: int, ascii: bool) -> None:
    prose = prose_of(name, ascii)
    for number, section in enumerate(prose.sections):
        # Code is not broken; it fits where the terminal has the least width that is allowed.
        code = any(isinstance(block, CodeBlock) for block in section.blocks)
        least = 38 if code else 16
        for cells in (least, *range(least + number % step, 44, step), *range(48, 120, 24), 120):
            (rows,) = prose.parts(section, cells, 1_000)
            assert all(row_width(row) <= cells for row in rows), (section.id, cells)


@pytest.mark.parametrize("name", lessons(SOME))
def test_pages_hold_every_word_in_order(name: str) -> None:
    prose = prose_of(name)
    for section in prose.sections:
        (whole,) = prose.parts(section, 38, 1_000)
        for height in (1, 2, 5, 8, 10):
            pages = prose.parts(section, 38, height)
            assert all(len(page) <= height for page in pages)
            words = plain(chain.from_iterable(pages)).split()
            assert words == plain(whole).split()


def inlines(section: Section) -> Iterator[object]:
    for block in section.blocks:
        if not isinstance(block, CodeBlock):
            yield from block.inlines


def by_python(filled: Filled, training: Training) -> object:
    """The value of an expression, worked out by Python itself from the run's numbers."""
    values = {k: np.asarray(v) for k, v in reference(training, filled.iteration or 0).items()}
    spaces: dict[str, SimpleNamespace] = {
        space: SimpleNamespace(
            **{
                name.partition(".")[2]: value
                for name, value in values.items()
                if name.startswith(f"{space}.")
            }
        )
        for space in ("grad", "next")
    }
    functions = {
        name: getattr(np, name) for name in ("abs", "sum", "mean", "sqrt", "tanh", "exp", "log")
    }
    known: dict[str, object] = {"__builtins__": {}, **functions, "count": np.size}
    formula = re.sub(r"@\s*(\d+|minimum)$", "", filled.source.partition(" with ")[0])
    found: object = eval(formula, known, {**values, **spaces})
    return found


def largest(training: Training) -> float:
    """The largest number that a run began with."""
    starts = training.values_at(Position(0, Phase.FORWARD)).values()
    return max(float(np.max(np.abs(value))) for value in starts)


def reference(training: Training, iteration: int) -> dict[str, object]:
    training.go_to(Position(iteration, Phase.UPDATE))
    return dict(training.values)


@pytest.mark.parametrize("name", lessons(SOME))
def test_numbers_in_prose_are_those_of_the_run(name: str) -> None:
    shown: Lesson = lesson(name)
    prose = prose_of(name)
    for section in shown.sections:
        of = shown.experiment_of(section.experiment)
        assert of is not None
        fills = [inline for inline in inlines(section) if isinstance(inline, Filled)]
        (rows,) = prose.parts(section, 10_000, 1_000)
        written = [text for row in rows for role, text in row if role == "number"]
        expected = []
        for fill, text in zip(fills, written, strict=True):
            training = shown.training_of(section.experiment, fill.settings)
            assert training is not None
            digits = fill.settings.digits if fill.settings else None
            notation = Notation(of.symbols, digits=digits or of.digits)
            value = by_python(fill, training)
            noise = text.startswith("≈") and np.max(np.abs(value)) < 1e-12 * largest(training)
            expected.append("≈ 0" if noise else notation.value(value, few=12))
        assert [text.replace(NO_BREAK, " ") for text in written] == expected, section.id


def test_numbers_in_prose_stay_those_of_the_lesson() -> None:
    learner = session("derivative")
    before = learner.pages.prose.parts(learner.pages.prose.sections[0], 38, 100)
    learner.change_learning_rate(True)
    learner.run(3)
    assert learner.pages.prose.parts(learner.pages.prose.sections[0], 38, 100) == before


def test_names_in_prose_are_symbols_on_paper_and_program_names_in_ascii() -> None:
    on_paper, in_ascii = (
        plain(prose.parts(prose.sections[2], 38, 100)[0])
        for prose in (prose_of("derivative"), prose_of("derivative", ascii=True))
    )
    assert "η·∂l/∂x" in on_paper
    assert "learning_rate*dloss/dx" in in_ascii
    assert Notation(dialect=ASCII).name("learning_rate") == "learning_rate"


def test_course_has_eight_concepts_and_then_labs() -> None:
    assert session("loss").course.concepts == 8
    assert [entry.number for entry in COURSE.entries] == list(range(1, len(LESSONS) + 1))
    assert [entry.lab for entry in COURSE.entries] == [False] * 8 + [True] * (len(LESSONS) - 8)


LARGE = """+++
title = "Large"
[experiment]
learning_rate = 10
forward = "loss = mean((W - 3) ** 2)"
[experiment.parameters]
W = { random = [0, 1], shape = [50, 50] }
+++

## {only} A page
Words.
"""


def test_a_jump_beyond_the_memory_ends_there_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    little = MOST_BYTES // 16
    monkeypatch.setattr("gd_tutor.engine.trajectory.MOST_BYTES", little)
    monkeypatch.setattr("gd_tutor.session.shown_pictures.MOST_BYTES", little)
    (tmp_path / "01-large.md").write_text(LARGE)
    course = Course(tmp_path)
    learner = Session(course.load(course.find("large")), course)
    while not learner.approach(Position(1_000_000, Phase.FORWARD)):
        pass
    end = training_of(learner).last
    said = (
        f"Iteration {end.iteration:,} is the last: the history of so many parameters is full; "
        "it can be undone."
    )
    assert (learner.state.position, learner.message) == (end, said)
    for key in (learner.advance, lambda: learner.step(Phase.UPDATE), lambda: learner.run(10)):
        key()
        assert (learner.state.position, learner.message) == (end, said)
    learner.keep_run()
    learner.keep_run()
    assert learner.message.startswith("There is no room for a run of this length")
    assert len(learner.pictures.beside.kept) == 1
    rates = rates_of(training_of(learner))
    assert rates.updates * 10 < 2 * end.iteration
    assert all(one.loss < rates.start for one in rates.tried if not one.diverged)
    learner.undo()
    assert learner.state.position < end
