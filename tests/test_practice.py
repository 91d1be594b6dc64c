"""Being asked: predictions, blanks, hints, wrong rules, explanations, choices, kept runs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gd_tutor.course.lesson import ChoiceQuestion, FindQuestion
from gd_tutor.engine.finite_differences import nudges
from gd_tutor.engine.state import Phase, Position, StateError
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import SPEECH, on_screen
from gd_tutor.notation.spans import plain, row_width
from gd_tutor.progress.event import Kind
from gd_tutor.progress.place import Progress
from gd_tutor.questions.question import ChoiceAnswer, Question
from gd_tutor.questions.typed_numbers import AnswerError
from gd_tutor.session.choices import BUGS, CONVENTIONS, OPTIMIZERS
from gd_tutor.session.explain_page import ExplainedNumber, Several, nudge_rows, of_view, present
from gd_tutor.session.field_keys import press
from gd_tutor.session.lesson_session import Session
from gd_tutor.session.notices import RIGHT
from gd_tutor.session.pages import QuestionPage
from gd_tutor.session.session_questions import Level
from gd_tutor.session.worked_lines import entries
from tutor import FEW, LESSONS, SOME, lesson, lessons, session, slow, training_of


def asked(learner: Session) -> str:
    """The open question as it is shown."""
    asking = learner.questions.open
    assert asking is not None
    return plain(asking.rows(learner.notation, 200))


def answer(learner: Session, typed: str) -> None:
    asking = learner.questions.open
    assert asking is not None
    asking.type(typed)
    learner.answer()


def predicting(name: str, state: str | None = None) -> Session:
    learner = session(name, state)
    learner.toggle_predicting()
    return learner


# Predictions


def test_nothing_is_asked_until_it_is_wanted() -> None:
    learner = session("derivative")
    learner.step(Phase.FORWARD)
    assert learner.questions.open is None
    assert learner.training is not None
    assert learner.training.phase is Phase.FORWARD


def test_a_right_answer_does_the_phase_and_stands_beside_the_truth() -> None:
    learner = predicting("derivative")
    learner.step(Phase.FORWARD)
    assert learner.training is not None
    assert learner.training.phase is Phase.START
    assert "What is l, the loss?" in asked(learner)
    assert "three digits" in asked(learner)
    answer(learner, "9")
    assert learner.training.phase is Phase.FORWARD
    assert learner.message.startswith("Right: l = 9.")
    shown = [plain(entry.rows(learner, 80)) for entry in entries(learner)]
    assert any("you said 9: right" in text for text in shown)


@pytest.mark.parametrize(
    ("name", "state", "phase", "values", "formulas"),
    [
        ("derivative", "0:start", Phase.FORWARD, "y = 5, x = 8", "ε = y − x|l = ε²"),
        ("derivative", "0:forward", Phase.BACKWARD, "ε = −3", "∂l/∂ε = 2ε|∂l/∂x = −∂l/∂ε"),
        (
            "derivative",
            "2:backward",
            Phase.UPDATE,
            "x = 6.92, η = 0.1, ∂l/∂x = 3.84",
            "x ← x − η·∂l/∂x",
        ),
        # What asks for a value that the phase leaves alone does not say it.
        ("gradient", "0:forward", Phase.BACKWARD, "y = 1", "∂l/∂x = 2(x − 3)|∂l/∂y = 2(y − 4)"),
    ],
)
def test_a_prediction_stands_below_its_formula_and_the_data(
    name: str, state: str, phase: Phase, values: str, formulas: str
) -> None:
    learner = predicting(name, f"{name}:{state}")
    learner.step(phase)
    given = learner.questions.given
    assert given is not None
    assert plain(given.rows(60, 20)).splitlines() == [values, *formulas.split("|")]
    assert formulas.split("|")[-1] in plain(given.rows(38, 1)).replace("\n", " ")
    learner.skip()
    assert learner.questions.given is None


def test_a_wrong_answer_is_named_and_the_right_one_kept() -> None:
    learner = predicting("derivative", "derivative:0:forward")
    learner.step(Phase.BACKWARD)
    answer(learner, "-6")
    said = asked(learner)
    assert "You said -6." in said
    assert "the sign is not" in said
    assert "x runs your rule" in said
    assert " 6" not in said.replace("-6", "")
    assert learner.training is not None
    assert learner.training.phase is Phase.FORWARD
    learner.step(Phase.BACKWARD)  # the phase's key skips
    assert learner.training.phase is Phase.BACKWARD
    shown = "".join(plain(entry.rows(learner, 80)) for entry in entries(learner))
    assert "you said -6: not so" in shown


@pytest.mark.parametrize("typed", ["", ".", "1/0", "e", "--", "1,2.3"])
def test_rubbish_is_refused_in_words_and_costs_no_try(typed: str) -> None:
    learner = predicting("derivative")
    learner.step(Phase.FORWARD)
    answer(learner, typed)
    asking = learner.questions.open
    assert asking is not None
    assert asking.tries == 0
    assert asking.said


def test_letters_never_become_part_of_an_answer() -> None:
    learner = predicting("derivative")
    learner.step(Phase.FORWARD)
    assert learner.questions.open is not None
    learner.questions.open.type("q9\x1b[f中x")
    assert learner.questions.open.typed == "9"


def test_hints_come_in_steps_and_only_the_last_gives_the_answer() -> None:
    learner = predicting("derivative", "derivative:0:forward")
    learner.step(Phase.BACKWARD)
    asking = learner.questions.open
    assert asking is not None
    steps = list(asking.question.answer.hints())
    assert len(steps) >= 2
    for place, step in enumerate(steps):
        learner.hint()
        assert asking.said == (step,)
        assert (asking.question.answer.truth in step) == (place == len(steps) - 1)
    learner.hint()
    assert asking.said == (steps[-1],)


def test_hints_rule_out_one_answer_at_a_time_before_the_last_gives_it() -> None:
    learner = choosing("gradient", 0)
    asking = learner.questions.open
    assert asking is not None
    item = asking.question
    assert isinstance(item.answer, ChoiceAnswer)
    assert len(item.options) >= 3
    wrong = [place for place in range(len(item.options)) if place != item.answer.right]
    learner.answer_with(str(wrong[0] + 1))
    said = []
    while asking.hints:
        learner.hint()
        said += asking.said
    assert said[-1].casefold().rstrip(".") == item.answer.truth.casefold()
    ruled_out = [text for text in said if text.startswith("It is not ")]
    assert [text.partition(",")[0] for text in ruled_out] == [
        f"It is not {place + 1}" for place in wrong[1:-1]
    ], "neither what was tried nor the last wrong one"


def test_an_answer_with_a_colon_is_told_apart_from_what_is_said_of_it() -> None:
    learner = session("loss")
    learner.turn(len(learner.lesson.sections) + 1)
    asking = learner.questions.open
    assert asking is not None
    last = asking.question.answer.hints()[-1]
    assert last == 'The answer is 3, "1 and 5: a big error counts more".'


def test_a_choice_that_comes_from_the_program_has_a_hint_and_is_refused_as_the_others() -> None:
    learner = predicting("derivative", "derivative:2:start")
    learner.step(Phase.FORWARD)
    asking = learner.questions.open
    assert asking is not None
    item = next(each for each in asking.questions if each.id == "way:loss")
    assert isinstance(item.answer, ChoiceAnswer)
    assert item.answer.hints()[0].startswith("Did the last step lead downhill")
    wrong = next(place for place in range(len(item.options)) if place != item.answer.right)
    assert item.judge(str(wrong + 1)).sentences == ("Not yet: it is another one.",)


def test_another_question_of_the_phase_can_be_chosen() -> None:
    learner = predicting("gradient", "gradient:0:forward")
    learner.step(Phase.BACKWARD)
    asking = learner.questions.open
    assert asking is not None
    seen = []
    for _ in asking.questions:
        seen.append(asking.question.id)
        asking.other(1)
    assert seen[0] == asking.question.id
    assert len(set(seen)) == len(seen)
    assert {"grad.x", "grad.y", "sign:grad.x"} <= set(seen)


@pytest.mark.parametrize("name", lessons(FEW))
def test_every_question_of_a_lesson_is_answered_by_its_truth(name: str) -> None:
    """By number or by choice: three iterations, each question of each phase."""
    learner = predicting(name)
    assert learner.training is not None
    for _ in range(9):
        learner.advance()
        asking = learner.questions.open
        if asking is None:  # of what a later lesson introduces nothing is asked
            assert str(training_of(learner).done) in learner.lesson.later
            continue
        for place, item in enumerate(asking.questions):
            if item.options:
                right = [o for o in item.options if item.judge(o).right]
                assert len(right) == 1
            else:
                target = item.answer.asked  # type: ignore[attr-defined]
                assert item.judge(repr(float(target.value))).right
                asking.place = place
        learner.skip()
    assert learner.training.position == Position(2, Phase.UPDATE)


# Choices


def choosing(name: str, place: int) -> Session:
    """A learner on one of a lesson's questions."""
    learner = session(name)
    texts = len(learner.lesson.sections)
    learner.turn(texts + place)
    return learner


def option_rows(learner: Session) -> list[str]:
    page = learner.pages.here
    assert isinstance(page, QuestionPage)
    return plain(learner.questions.rows(page, 60)).splitlines()[1:4]


def test_the_cursor_stays_at_a_wrong_answer_and_what_was_tried_is_noted() -> None:
    learner = choosing("residual", 1)
    asking = learner.questions.open
    assert asking is not None
    assert isinstance(asking.question.answer, ChoiceAnswer)
    first, second = (place for place in range(3) if place != asking.question.answer.right)
    for place in (first, first, second):
        while asking.typed != str(place + 1):
            asking.choose(1)
        learner.answer()
        assert asking.typed == str(place + 1)
        assert option_rows(learner)[place].strip().startswith(f"▸{place + 1}× ")
    assert asking.tries == 2  # the same again was no try
    asking.type(str(asking.question.answer.right + 1))
    learner.answer()
    rows = option_rows(learner)
    right = asking.question.answer.right
    assert ["×" in row for row in rows] == [place != right for place in range(3)]
    assert rows[right].endswith("(right)")
    assert learner.message == RIGHT


def choices_of(name: str) -> list[Question]:
    items = [page.question for page in session(name).pages.own if isinstance(page, QuestionPage)]
    return [item for item in items if isinstance(item.answer, ChoiceAnswer)]


def test_answers_stand_in_an_order_that_says_nothing_and_stays() -> None:
    """In the files the right answer is often the second; lines to be searched stay in order."""
    places = []
    for name in LESSONS:
        asked = {f"question:{each.id}": each for each in lesson(name).questions}
        for item, again in zip(choices_of(name), choices_of(name), strict=True):
            question = asked[item.id]
            assert item.options == again.options
            if isinstance(question, FindQuestion):
                assert not item.answer.reasons[item.answer.right][0].startswith("Not that one")
                continue
            assert isinstance(question, ChoiceQuestion)
            own = {str(option.text): option for option in question.options}
            assert len(own) == len(item.options)
            assert item.judge(str(item.answer.right + 1)).right
            places.append(item.answer.right / (len(item.options) - 1))
    assert len(places) > 20
    assert 0.35 < sum(places) / len(places) < 0.65
    assert max(map(places.count, set(places))) < len(places) / 2


# Blanks


def test_levels_go_round() -> None:
    learner = session("derivative")
    levels = []
    for _ in range(4):
        levels.append(learner.questions.level)
        learner.next_level()
    assert levels == [*Level, Level.WORKED]


def test_all_blank_asks_line_after_line() -> None:
    learner = session("derivative")
    learner.next_level()
    learner.next_level()
    learner.step(Phase.FORWARD)
    shown = [plain(entry.rows(learner, 80)) for entry in entries(learner)]
    assert len(shown) == 2
    assert all("____" in text for text in shown)
    assert not any("9" in text for text in shown)
    answer(learner, "-3")
    shown = [plain(entry.rows(learner, 80)) for entry in entries(learner)]
    assert "= −3" in shown[0]
    assert "____" in shown[1]
    answer(learner, "9")
    assert learner.training is not None
    assert learner.training.phase is Phase.FORWARD


@pytest.mark.parametrize("name", lessons(FEW))
def test_what_gives_a_blank_away_stays_hidden_until_it_is_answered(name: str) -> None:
    """Below the blank stand formulas without a number that forward or backward found."""
    learner = session(name)
    learner.next_level()
    for _ in range(9):
        learner.advance()
        asking = learner.questions.open
        if asking is None:  # of what a later lesson introduces nothing is asked
            continue
        shown = [entry for entry in entries(learner) if entry.asked]
        blank = next(place for place, entry in enumerate(shown) if entry.blank)
        for entry in shown[blank + 1 :]:
            formula = learner.notation.formula(entry.line.expression)
            told = plain(entry.rows(learner, 1000)).replace("▸", "").strip()
            relation = entry.line.relation(learner.notation)
            assert told.startswith(f"{learner.notation.name(entry.name)} {relation} {formula}")
            assert told.count(relation) == 1
        learner.skip()
        assert not any(entry.hidden for entry in entries(learner))


def test_the_blank_comes_back_where_the_learner_erred() -> None:
    learner = session("derivative", "derivative:0:forward")
    learner.next_level()
    learner.step(Phase.BACKWARD)
    asking = learner.questions.open
    assert asking is not None
    assert asking.question.name == "grad.residual"
    learner.skip()
    learner.run(1)
    learner.step(Phase.FORWARD)
    learner.skip()
    learner.step(Phase.BACKWARD)  # in turns it would be the other line's
    assert learner.questions.open is not None
    erred = learner.questions.open.question.name
    answer(learner, "77")
    for _ in range(3):
        learner.step(Phase.BACKWARD)
        learner.skip()
        learner.run(1)
        learner.step(Phase.FORWARD)
        learner.skip()
        learner.step(Phase.BACKWARD)
        assert learner.questions.open is not None
        assert learner.questions.open.question.name == erred


def asked_in_turns(learner: Session) -> list[str]:
    """What is asked first before backward in four iterations, one after another."""
    asked = []
    for _ in range(4):
        while learner.questions.phase is not Phase.BACKWARD:
            learner.skip() if learner.questions.phase is not None else learner.advance()
        assert learner.questions.open is not None
        asked.append(learner.questions.open.question.id)
        learner.skip()
        learner.run(1)
    return asked


def test_each_iteration_asks_about_another_slope() -> None:
    first, *others = asked_in_turns(predicting("gradient"))
    assert first == "predict:still-x"
    assert len(set(others)) == 3


def test_each_iteration_leaves_another_line_blank() -> None:
    learner = session("derivative")
    learner.next_level()
    assert asked_in_turns(learner) == ["grad.residual", "grad.x"] * 2


def test_each_iteration_leaves_another_number_of_a_line_blank() -> None:
    learner = session("gradient-matrix")
    learner.next_level()
    learner.next_level()
    asked = asked_in_turns(learner)
    assert len(set(asked)) == 3
    assert asked[3] == asked[0]


def test_what_was_said_before_a_number_leaves_with_its_run() -> None:
    """A guess, and what was wrong, belong to the experiment in which they were said."""
    learner = session("derivative")
    learner.next_level()
    learner.step(Phase.FORWARD)
    answer(learner, "77")
    learner.skip()
    assert any(entry.guesses for entry in entries(learner))
    learner.next_level()
    learner.next_level()
    other = next(each for each in learner.lesson_run.options(("experiment",)) if each.value != "1")
    learner.choose(other)
    learner.step(Phase.FORWARD)
    assert entries(learner)
    assert not any(entry.guesses for entry in entries(learner))


# Wrong rules


def test_a_wrong_rule_runs_beside_the_right_one() -> None:
    learner = predicting("derivative", "derivative:0:forward")
    learner.step(Phase.BACKWARD)
    answer(learner, "-6")
    learner.run_rule()
    labels = [run.label for run in learner.pictures.views[0].others]
    assert labels == ["your rule", "the right rule"]
    wrong, right = learner.pictures.views[0].others
    assert wrong.losses[1] == pytest.approx((5 - 8.6) ** 2)
    assert right.losses[1] == pytest.approx(5.76)
    learner.run_rule()
    assert not learner.pictures.views[0].others


@pytest.mark.parametrize("leave", ["x", "r", "u", "start", "rate", "go"])
def test_a_wrong_rules_run_leaves_with_its_round(leave: str) -> None:
    learner = predicting("derivative", "derivative:0:forward")
    learner.step(Phase.BACKWARD)
    answer(learner, "-6")
    learner.run_rule()
    views = learner.pictures.views
    assert [run.label for run in views[0].others] == ["your rule", "the right rule"]
    learner.toggle_predicting()
    learner.step(Phase.BACKWARD)
    assert views[0].others  # the round they belong to goes on
    match leave:
        case "x":
            learner.run_rule()
        case "r":
            learner.reset()
        case "u":
            learner.step(Phase.UPDATE)
        case "start":
            learner.choose_start()
            press(learner, "right", "")
        case "rate":
            learner.change_learning_rate(up=True)
        case "go":
            learner.approach(Position(3, Phase.FORWARD))
    assert not any(view.others for view in learner.pictures.views)


def test_without_a_mistake_x_says_what_it_is_for() -> None:
    learner = session("derivative")
    learner.run_rule()
    assert "where a wrong rule leads" in learner.message


def test_a_wrong_rule_is_that_of_the_open_question() -> None:
    learner = predicting("derivative", "derivative:0:forward")
    learner.step(Phase.BACKWARD)
    answer(learner, "-6")
    assert learner.questions.rule is not None
    answer(learner, "6")
    learner.step(Phase.UPDATE)
    assert learner.questions.open is not None
    assert learner.questions.rule is None
    learner.run_rule()
    assert not learner.pictures.views[0].others


def test_a_wrong_rule_of_another_experiment_is_not_run() -> None:
    learner = session("valleys")
    page = learner.pages.own[-2]
    assert isinstance(page, QuestionPage)
    learner.turn(len(learner.pages.own) - 2)
    learner.answer_with("1")
    asking = learner.questions.open
    assert asking is not None
    assert [rule.can_run for rule in page.question.judge("1").rules] == [True]
    assert learner.questions.rule is None
    learner.run_rule()
    assert "`x` does nothing here" in asking.said[0]
    learner.go_elsewhere()
    learner.answer_with("1")
    assert learner.questions.rule is not None


def test_of_two_slips_that_fit_alike_none_is_run() -> None:
    learner = predicting("layers", "layers:0:forward")
    learner.step(Phase.BACKWARD)
    answer(learner, "-12")
    asking = learner.questions.open
    assert asking is not None
    assert "either of two slips" in asking.said[0]
    assert learner.questions.rule is None
    assert "runs your rule" not in asking.keys(learner.notation)


# Events


def test_what_was_done_is_handed_to_the_log() -> None:
    learner = predicting("derivative")
    learner.step(Phase.FORWARD)
    answer(learner, "-9")
    learner.hint()
    answer(learner, "9")
    kinds = [(event.kind, event.item, event.outcome) for _, event in learner.journal.events]
    assert kinds == [
        (Kind.OPENED, "", ""),
        (Kind.ANSWERED, "loss", "wrong"),
        (Kind.HINTED, "loss", ""),
        (Kind.ANSWERED, "loss", "right"),
    ]
    wrong, right = (e for _, e in learner.journal.events if e.kind == Kind.ANSWERED)
    assert wrong.rules == ("sign-kept",)
    assert (wrong.typed, right.typed) == ("-9", "9")
    assert right.aided
    assert right.tries == 2


# Explanations


@pytest.mark.parametrize("name", lessons(["gradient-matrix"]))
def test_every_number_can_be_explained_down_to_what_was_given(name: str) -> None:
    learner = session(name, f"{name}:2:update")
    assert learner.training is not None
    todo = [present(learner.training, each) for each in learner.training.values]
    seen: set[tuple[str, tuple[int, ...], int]] = set()
    while todo:
        number = todo.pop()
        key = number.source.name, number.source.index, number.source.iteration
        if key in seen:
            continue
        seen.add(key)
        rows = number.rows(learner.notation, 60)
        assert rows
        todo += [link for _, link in rows if isinstance(link, ExplainedNumber)]
    starts = {name for name, _, iteration in seen if iteration == 0}
    assert set(learner.training.program.parameters) <= starts


def test_a_slope_is_explained_with_its_nudges() -> None:
    learner = session("derivative", "derivative:0:backward")
    assert learner.training is not None
    rows = present(learner.training, "grad.x").rows(learner.notation, 60)
    text = plain(row for row, _ in rows)
    assert "∂l/∂x = −∂l/∂ε = −(−6) = 6" in text
    assert "6.001" in text
    assert [" ".join(row.split()) for row in text.split("\n")].count("0.001 0.006001 6.0010") == 1
    assert "δ" in text
    assert "by h" not in text


@pytest.mark.parametrize("ascii", [False, True])
def test_nudges_fit_in_the_narrowest_terminal(ascii: bool) -> None:
    for name in SOME:
        training = training_of(session(name, f"{name}:1:backward"))
        for parameter, shape in training.program.shapes.items():
            if parameter in training.program.parameters:
                table = nudges(training, parameter, (0,) * len(shape))
                rows = nudge_rows(
                    table, replace(session(name).notation, dialect=on_screen(ascii)), 38
                )
                assert max(map(row_width, rows)) <= 38, name


def test_nudges_are_said_in_words() -> None:
    learner = session("kitchen", "kitchen:0:backward")
    rows = nudge_rows(nudges(training_of(learner), "x"), Notation(dialect=SPEECH), 200)
    said = plain(rows).splitlines()
    assert said[0].startswith("Move x by nudge: how much loss rises")
    assert said[3] == "nudge 0.001: rise minus 0.003999, for each unit minus 3.999"
    assert said[-1] == "slope minus 4"


@pytest.mark.parametrize("name", lessons(SOME))
def test_every_picture_leads_to_numbers(name: str) -> None:
    learner = session(name, f"{name}:1:backward")
    assert learner.training is not None
    for view in learner.pictures.views:
        subject = of_view(view, learner.training)
        assert subject is not None
        assert subject.rows(learner.notation, 60)


@pytest.mark.parametrize(
    ("name", "now"), [("derivative", ["x = 7.4"]), ("gradient", ["x = 1.4", "y = 1.6"])]
)
def test_after_an_update_a_picture_leads_to_the_numbers_that_it_shows(
    name: str, now: list[str]
) -> None:
    """They once were those from before the update, which stand nowhere in the picture."""
    learner = session(name, f"{name}:0:update")
    for view in learner.pictures.views:
        subject = of_view(view, training_of(learner))
        assert isinstance(subject, Several)
        linked = [(plain([row]), link) for row, link in subject.rows(learner.notation, 60)]
        assert [text for text, _ in linked if text in now] == now
        for text, link in linked:
            if text in now:
                assert isinstance(link, ExplainedNumber)
                assert " ← " in plain([link.rows(learner.notation, 60)[0][0]])


# Choices


@pytest.mark.parametrize("name", lessons(["partial-derivative"]))
def test_every_choice_can_be_made_and_taken_back(name: str) -> None:
    learner = session(name, f"{name}:3:backward")
    assert learner.training is not None
    before = {k: np.array(v) for k, v in learner.training.values.items()}
    for kinds in (CONVENTIONS, BUGS, OPTIMIZERS):
        options = learner.lesson_run.options(kinds)
        for option in options:
            own = next(
                o for o in options if o.kind == option.kind and learner.lesson_run.is_chosen(o)
            )
            learner.choose(option)
            assert learner.lesson_run.is_chosen(option)
            assert learner.message
            for view in learner.pictures.views:
                view.rows(learner.training, 40, 11)
            again = session(name, str(learner.state))
            assert again.state == learner.state
            learner.choose(own)
    for key, value in before.items():
        np.testing.assert_array_equal(learner.training.values[key], value)


def test_a_bug_is_seen_beside_the_run_without_it() -> None:
    learner = session("gradient", "gradient:3:update")
    wrong_sign = next(o for o in learner.lesson_run.options(BUGS) if o.value == "wrong-sign")
    learner.choose(wrong_sign)
    [beside] = learner.pictures.views[0].others
    assert beside.label == "without the bug"
    right = session("gradient", "gradient:3:update")
    assert right.training is not None
    np.testing.assert_array_equal(beside.losses, right.training.losses)


# Kept runs


def test_kept_runs_stay_in_the_pictures_until_forgotten() -> None:
    learner = session("derivative")
    learner.keep_run()
    assert "begins with `f`" in learner.message
    for turn in range(7):
        learner.run(2)
        learner.keep_run()
        assert len(learner.pictures.beside.kept) == min(turn + 1, 6)
        learner.change_learning_rate(up=False)
    assert "forget one" in learner.message or len(learner.pictures.beside.kept) == 6
    assert len(learner.pictures.views[0].others) == 6
    learner.pictures.forget(0, learner.training)
    assert len(learner.pictures.views[0].others) == 5
    first = learner.pictures.beside.kept[0]
    assert first.iterations_to(first.final_loss) is not None
    assert first.iterations_to(-1) is None


def test_a_rule_of_another_program_is_not_run() -> None:
    learner = predicting("gradient", "gradient:0:forward")
    learner.step(Phase.BACKWARD)
    asking = learner.questions.open
    assert asking is not None
    asking.other(1)
    answer(learner, "4")
    learner.run_rule()
    assert learner.pictures.views[0].others
    adam = next(
        option for option in learner.lesson_run.options(OPTIMIZERS) if option.value == "adam"
    )
    learner.choose(adam)
    assert not learner.pictures.views[0].others
    learner.run_rule()
    assert not learner.pictures.views[0].others


def test_the_run_without_a_bug_has_the_same_optimizer() -> None:
    learner = session("gradient", "gradient:5:update:bug=wrong-sign")
    momentum = next(
        option for option in learner.lesson_run.options(OPTIMIZERS) if option.value == "momentum"
    )
    learner.choose(momentum)
    [beside] = learner.pictures.views[0].others
    right = session("gradient", "gradient:5:update:optimizer=momentum")
    np.testing.assert_array_equal(beside.losses, training_of(right).losses)


@pytest.mark.parametrize(
    "bug", ["not-cleared", *map(slow, ("one-after-another", "update-first", "wrong-sign"))]
)
def test_every_number_of_a_buggy_run_can_be_explained(bug: str) -> None:
    for position in ("0:forward", "0:backward", "1:backward", "1:update"):
        learner = session("gradient-matrix", f"gradient-matrix:{position}:bug={bug}")
        training = training_of(learner)
        for name in training.values:
            assert present(training, name).rows(learner.notation, 60)
        for view in learner.pictures.views:
            assert view.rows(training, 40, 11)
            assert view.text_alternative(training)


def test_slopes_left_over_are_not_taken_for_those_just_found() -> None:
    training = training_of(session("derivative", "derivative:0:update:bug=update-first"))
    assert training.done is Phase.BACKWARD
    assert training.slope("x") == 6
    assert training.values["grad.x"] == 0


@pytest.mark.parametrize("name", lessons(["batches"]))
def test_every_wrong_number_is_judged_in_every_experiment_and_batch(name: str) -> None:
    for experiment in session(name).lesson.experiments:
        state = f"{name}:0:start:experiment={experiment.id}"
        learner = session(name, state)
        batches = [o for o in learner.lesson_run.options(OPTIMIZERS) if o.kind == "batch"]
        for option in batches[-1:]:
            learner.choose(option)
        learner.toggle_predicting()
        for _ in range(3):
            learner.advance()
            while (asking := learner.questions.open) is not None:
                for item in asking.questions[:4]:
                    with suppress(AnswerError):
                        item.judge("99.5")
                learner.skip()
        assert training_of(learner).position == Position(0, Phase.UPDATE)


def test_playing_asks_nothing_and_logs_nothing() -> None:
    learner = predicting("derivative")
    for _ in range(6):
        learner.go_on()
    assert training_of(learner).position == Position(1, Phase.UPDATE)
    assert [event.kind for _, event in learner.journal.events] == [Kind.OPENED]


def test_leaving_with_an_open_question_is_told_to_the_log(tmp_path: Path) -> None:
    learner = predicting("derivative", "derivative:0:forward")
    learner.step(Phase.BACKWARD)
    answer(learner, "-6")
    progress = learner.journal.progress = Progress(tmp_path)
    learner.leave()
    kinds = [(record.event.kind, record.state) for record in progress.events()]
    place = "derivative:0:forward"
    assert kinds == [(Kind.OPENED, place), (Kind.ANSWERED, place), (Kind.SKIPPED, place)]


def test_only_the_learning_rate_changes_on_the_way() -> None:
    with pytest.raises(StateError, match="write x=…@0"):
        session("derivative", "derivative:3:update:x=3@2")


def test_a_hint_puts_in_the_numbers_of_cells() -> None:
    """It once put the whole matrix before each place: `[1 2; 3 1][0, 0]`."""
    learner = session("gradient-matrix")
    learner.turn(len(learner.lesson.sections) + 3)
    asking = learner.questions.open
    assert asking is not None
    hints = asking.question.answer.hints()
    hint = next(hint for hint in hints if hint.endswith("= 1·0 + 3·(−2)"))
    assert hint.startswith("X[0,0]·E[0,1] + "), "places are written as everywhere"


@pytest.mark.parametrize("high", [20, 1])
def test_no_number_of_what_is_given_is_broken_in_two(high: int) -> None:
    learner = predicting("regression", "regression:0:start:experiment=features")
    learner.step(Phase.FORWARD)
    given = learner.questions.given
    assert given is not None
    apart = str.maketrans(",;", "  ")
    whole = " ".join(given.values).translate(apart).split()
    shown = plain(given.rows(38, 99 if high > 1 else high + 5)).translate(apart).split()
    assert set(whole) <= set(shown)
