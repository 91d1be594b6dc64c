"""What is said to an answer: right, nearly, one misconception or a nudge, and nothing unrelated.

`diagnoses.txt` lists each question of the course, its right answer, each number that is named, and
the very words. It was read by a person. Where a lesson or a rule changes, write it anew with

    python tests/golden_diagnoses.py

and read what has changed in it, as a learner would, before you commit it.
"""

from __future__ import annotations

import itertools
import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.expression import Number
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import SPEECH
from gd_tutor.progress.event import Event, Kind, Record, read_line, to_line
from gd_tutor.questions.diagnosis import AnswerKey, Meaning, Outcome, reply
from gd_tutor.questions.predictions import asked_numbers
from gd_tutor.questions.question import NumberAnswer, Question, number_question, question_of
from gd_tutor.questions.typed_numbers import AnswerError
from gd_tutor.questions.what_if import Trail, WhatIfRun, run_rule
from gd_tutor.session.shown_pictures import what_if_sentence
from golden_diagnoses import GOLDEN, written, written_of
from learning_runs import COURSE, asking, diagnose, lesson, line, notation_of, said, target
from tutor import FEW

AFTER_FORWARD = Position(0, Phase.FORWARD)
AFTER_BACKWARD = Position(0, Phase.BACKWARD)


def question(id: str, name: str) -> Question:
    of = lesson(id)
    asked = next(each for each in of.questions if each.id == name)
    item = question_of(asked, of.training_of(asked.experiment), of, Notation())
    assert isinstance(item.answer, NumberAnswer)
    return item


@pytest.mark.parametrize("id", FEW)
def test_the_list_that_was_read_is_what_is_said_in_a_lesson(id: str) -> None:
    parts = re.split(r"\n(?=# )", GOLDEN.read_text(encoding="utf-8"))
    assert written_of(id) in parts, "see how to write the list, above"


@pytest.mark.slow
def test_the_list_that_was_read_is_what_is_said() -> None:
    assert written() == GOLDEN.read_text(encoding="utf-8"), "see how to write the list, above"


# Right is right


def plateau() -> Training:
    """A place so flat that a step changes the third digit but one."""
    return Training(Experiment("loss = (x + 5) ** 2", {"x": -6.0}, 0.00246))


@pytest.mark.parametrize("typed", [-6.0, -6.00492])
def test_what_has_not_moved_or_has_gone_uphill_is_not_right(typed: float) -> None:
    training = plateau()
    asked = target(training, "next.x", at=AFTER_BACKWARD)
    assert asked.value == pytest.approx(-5.99508)
    assert asked.tolerance.accepts(asked.value, typed)
    found = diagnose(asked, typed, training)
    assert found.outcome is Outcome.NEARLY
    [rule] = found.rules
    assert rule.id in ("not-moved", "added")


def test_so_many_digits_are_asked_for_as_tell_the_truth_from_the_rest() -> None:
    training = plateau()
    key = AnswerKey(target(training, "next.x", at=AFTER_BACKWARD), training)
    assert key.digits == 4
    assert key.diagnose(-5.995).outcome is Outcome.RIGHT
    assert said(key.asked, -6.0, training, notation_of(training)) == [
        "That is x before the update; it has not moved yet.",
        "If you rounded: four digits have to be right.",
    ]


@pytest.mark.parametrize(("fitting", "named"), [(3, 3), (4, 0)])
def test_what_more_than_three_slips_give_alike_tells_nothing(fitting: int, named: int) -> None:
    training = plateau()
    key = AnswerKey(target(training, "next.x", at=AFTER_BACKWARD), training)
    step = key.meanings[0].rule
    alike = [replace(step, about=(Number(float(count)),)) for count in range(fitting)]
    key.meanings = tuple(Meaning(rule, 77.0) for rule in alike)  # type: ignore[misc]
    assert len(key.diagnose(77.0).rules) == named


@pytest.mark.parametrize("optimizer", ["momentum", "adam", "rmsprop", "nesterov"])
def test_a_step_of_any_optimizer_can_be_left_out_or_go_the_other_way(optimizer: str) -> None:
    settings = Experiment("loss = x ** 2", {"x": 8.0}, 0.1, choices={"optimizer": optimizer})
    training = Training(settings)
    asked = target(training, "next.x", at=AFTER_BACKWARD)
    assert [r.id for r in diagnose(asked, 8.0, training).rules] == ["not-moved"]
    assert [r.id for r in diagnose(asked, 16 - asked.value, training).rules] == ["other-way"]


@pytest.mark.parametrize("typed", [0.0, -3e-7])
def test_near_zero_only_the_truth_is_right(typed: float) -> None:
    training = Training(Experiment("loss = 0.0000003 * x", {"x": 1.0}, 0.1))
    asked = target(training, "loss")
    assert diagnose(asked, 3e-7, training).outcome is Outcome.RIGHT
    assert diagnose(asked, typed, training).outcome is not Outcome.RIGHT


def test_what_rounding_leaves_of_zero_is_zero() -> None:
    training = Training(Experiment("e = 15 - (-0.8 * 3 * x)\nloss = e ** 2", {"x": -6.25}, 0.1))
    asked = target(training, "e")
    assert asked.value == 0.0
    assert diagnose(asked, 0.0, training).outcome is Outcome.RIGHT


def test_nothing_is_asked_that_cannot_be_told_from_what_was_there_before() -> None:
    training = Training(Experiment("loss = (x - 5) ** 2", {"x": 5.0000001}, 0.1))
    training.go_to(AFTER_BACKWARD)
    assert not asked_numbers(training)


# Nearly


@pytest.mark.parametrize("typed", [0.17, 0.16])
def test_a_right_number_with_too_few_digits_is_nearly_right(typed: float) -> None:
    item = question("derivative", "one-round")
    assert item.judge(str(typed)).sentences == ("Nearly: three digits have to be right.",)
    assert item.judge("0.167").right
    assert item.judge("1/6").right


@pytest.mark.parametrize(
    ("typed", "nearly"), [(-23, True), (-23.3, False), (-24, False), (-20, False)]
)
def test_digits_that_are_wrong_are_not_nearly_right(typed: float, nearly: bool) -> None:
    training = Training(Experiment("loss = x / 3", {"x": -70.0}, 0.1))
    found = diagnose(target(training, "loss"), typed, training)
    assert (found.outcome is Outcome.NEARLY) is nearly
    assert (found.outcome is Outcome.RIGHT) is (typed == -23.3)


# One misconception, and only of the question itself


@pytest.mark.parametrize(
    ("id", "name", "typed", "says"),
    [
        ("partial-derivative", "ten-km", "45", "That leaves out the base fare."),
        ("partial-derivative", "ten-km", "15", None),
        ("partial-derivative", "ten-km", "16.5", None),
        ("gradient", "step-and-way", "1", None),
        ("gradient", "step-and-way", "0.481", None),
    ],
)
def test_no_rule_of_another_question_is_applied(
    id: str, name: str, typed: str, says: str | None
) -> None:
    verdict = question(id, name).judge(typed)
    if says is None:
        assert not verdict.rules
        assert verdict.sentences[0].startswith("Not yet")
    else:
        assert verdict.sentences == (says,)
    assert not any(rule.can_run for rule in verdict.rules)


def test_an_author_silences_the_built_in_words(tmp_path: Path) -> None:
    block = (
        'id = "q"\nphase = "backward"\nask = "?"\nanswer = "grad.w"\n'
        '[[mistake]]\nid = "lost-two"\nanswer = "grad.w / 2"\nsay = "Mine."'
    )
    of, training = asking(tmp_path, block)
    training.forward()
    asked = asked_numbers(training, of)[0]
    assert said(asked, asked.value / 2, training, notation_of(training), of) == ["Mine."]
    assert [rule.id for rule in diagnose(asked, asked.value / 2, training, of).rules] == [
        "lost-two"
    ]


def test_slips_that_fit_alike_are_named_in_one_sentence() -> None:
    training = Training(Experiment("loss = a * b * c", {"a": 3.0}, 0.1, {"b": 2.0, "c": 2.0}))
    asked = target(training, "loss")
    [sentence] = said(asked, 6.0, training, notation_of(training))
    two = "the factor c left out, or the factor b left out"
    assert sentence == f"That is what either of two slips gives here: {two}."


def test_every_diagnosis_is_one_sentence_of_one_cause() -> None:
    training = line()
    training.forward()
    for asked in asked_numbers(training):
        key = AnswerKey(asked, training)
        for meaning in key.meanings:
            found = key.diagnose(meaning.number)
            if found.outcome is Outcome.EXPLAINED:
                assert len({rule.rank for rule in found.rules}) == 1
                assert len(said(asked, meaning.number, training, notation_of(training))) == 1


def shipped(id: str, part: str, at: Position, name: str) -> tuple[AnswerKey, Notation]:
    """The answers to a number of a shipped lesson's experiment, after a phase of it."""
    of = lesson(id)
    training = of.training_of(part)
    assert training is not None
    asked = target(training, name, at=at, lesson=of)
    return AnswerKey(asked, training, of), notation_of(training, of)


def test_two_slips_are_only_named() -> None:
    training = line()
    asked = target(training, "grad.w", at=AFTER_FORWARD)
    assert said(asked, 9, training, notation_of(training)) == [
        "Two slips at once: the constant 2 lost, and the sign lost."
    ]


def test_pairs_that_fit_alike_are_called_two_slips_at_once() -> None:
    key, notation = shipped("partial-derivative", "row", AFTER_FORWARD, "grad.residual")
    assert reply(key.diagnose(-2), key, notation) == [
        "That is what two slips at once give here: the constant 2 lost and the sign lost, "
        "or the factor ε left out and the sign lost."
    ]


def test_a_minus_is_to_be_looked_at_only_where_there_is_one() -> None:
    training = Training(Experiment("loss = x ** 2", {"x": 8.0}, 0.1))
    asked = target(training, "grad.x", at=AFTER_FORWARD)
    assert said(asked, -16, training, notation_of(training)) == [
        "The size is right, the sign is not: think on which side of 0 it lies."
    ]
    training = line()
    asked = target(training, "grad.w", at=AFTER_FORWARD)
    [sentence] = said(asked, 18, training, notation_of(training))
    assert sentence.endswith("look at every minus once more.")


@pytest.mark.parametrize("optimizer", ["", "momentum", "nesterov", "rmsprop", "adam", "adamw"])
def test_rate_times_slope_is_the_step_of_descent_alone(optimizer: str) -> None:
    choices = {"optimizer": optimizer} if optimizer else {}
    training = Training(Experiment("loss = x ** 2", {"x": 8.0}, 0.1, choices=choices))
    asked = target(training, "grad.x", at=AFTER_FORWARD)
    named = [rule.id for rule in diagnose(asked, 1.6, training).rules]
    assert named == ([] if optimizer else ["step-for-gradient"])


def test_a_forgotten_decay_is_not_nearly_right() -> None:
    key, notation = shipped("optimizers", "adamw", AFTER_BACKWARD, "next.x")
    assert key.truth == pytest.approx(7.46)
    assert reply(key.diagnose(7.5), key, notation) == [
        "The decay is forgotten: that moves x by Adam's step alone."
    ]


@pytest.mark.parametrize("typed", ["0.001", "0.01", "0.002", "0.00001"])
def test_a_small_mistake_is_met_in_proportion_to_its_size(typed: str) -> None:
    item = question("optimizers", "tiny-slope")
    assert "gradient descent" in item.judge("0.0001").sentences[0]
    assert "gradient descent" not in item.judge(typed).sentences[0]
    assert item.judge("1.009").right


@pytest.mark.parametrize(
    ("id", "part", "at", "name", "typed", "named"),
    [
        ("bowl", "one", Position(2, Phase.BACKWARD), "next.x", 671.8832, "added"),
        ("regression", "features", Position(0, Phase.START), "loss", 82082, "not-divided"),
        ("regression", "features", Position(0, Phase.START), "loss", -41041, "sign-kept"),
    ],
)
def test_a_slip_may_be_made_of_printed_numbers(
    id: str, part: str, at: Position, name: str, typed: float, named: str
) -> None:
    key, _ = shipped(id, part, at, name)
    assert [rule.id for rule in key.diagnose(typed).rules] == [named]


def test_what_is_unchanged_is_called_so() -> None:
    key, _ = shipped("valleys", "saddle", Position(1, Phase.UPDATE), "loss")
    assert [rule.id for rule in key.diagnose(3.56).rules] == ["old-value"]


def test_a_lost_factor_is_named_before_a_step_of_the_same_length() -> None:
    of = lesson("layers")
    training = of.training_of("net")
    assert training is not None
    assert training.learning_rate == 0.5
    asked = target(training, "grad.W2", (0, 0), AFTER_FORWARD, of)
    assert [r.id for r in diagnose(asked, asked.value / 2, training).rules] == ["factor-lost"]


def test_a_number_is_right_only_where_its_printed_digits_are() -> None:
    key, notation = shipped("kitchen", "nudged", Position(0, Phase.START), "loss")
    assert (key.truth, key.digits) == (pytest.approx(5.9999), 5)
    assert key.diagnose(5.9999).outcome is Outcome.RIGHT
    assert reply(key.diagnose(6), key, notation) == [
        "The term y² is left out.",
        "If you rounded: five digits have to be right.",
    ]


def test_the_learning_rate_is_not_named_twice_where_it_is_spoken() -> None:
    training = line()
    asked = target(training, "next.w", at=AFTER_BACKWARD)
    for typed in (18.5, -17.5):
        [sentence] = said(asked, typed, training, Notation(dialect=SPEECH))
        assert "the learning rate is forgotten" in sentence.lower()


# What nothing explains


def test_what_no_rule_explains_is_answered_differently_each_time() -> None:
    training = line()
    asked, notation = target(training, "grad.w", at=AFTER_FORWARD), notation_of(training)
    answers = [said(asked, 123, training, notation, tries=tries)[0] for tries in range(6)]
    assert answers[:4] == [
        "Not yet. Look at the chain rule for ∂loss/∂w: it uses ∂loss/∂prediction and x.",
        "Not yet: its sign is the other one; begin with that.",
        "Not yet. `h` gives a hint, one small step at a time.",
        "Not yet: its sign is the other one; begin with that. `h` shows a step.",
    ]
    assert all(one != other for one, other in itertools.pairwise(answers))
    assert not any("18" in answer for answer in answers)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (-100, "it is nearer to 0 than −100"),
        (-11.5, "it is farther below 0 than −11.5"),
        (0, "it is not 0. Look at the chain rule for ∂loss/∂w: it uses ∂loss/∂prediction and x"),
    ],
)
def test_the_second_time_its_size_is_compared(typed: float, says: str) -> None:
    training = line()
    asked = target(training, "grad.w", at=AFTER_FORWARD)
    assert said(asked, typed, training, notation_of(training), tries=1) == [f"Not yet: {says}."]


def test_an_update_is_called_descent_only_where_it_is() -> None:
    for optimizer, words in (
        ("momentum", "the line for x: it is made from x"),
        ("", "minus η times"),
    ):
        choices = {"optimizer": optimizer} if optimizer else {}
        training = Training(Experiment("loss = x ** 2", {"x": 8.0}, 0.1, choices=choices))
        asked = target(training, "next.x", at=AFTER_BACKWARD)
        [sentence] = said(asked, 123, training, notation_of(training))
        assert words in sentence


# Commas


def test_a_comma_between_thousands_is_spoken_of() -> None:
    training = Training(Experiment("loss = 2 * x ** 2", {"x": 701.0}, 0.01))
    item = number_question(target(training, "loss"), training, lesson("bowl"), Notation())
    with pytest.raises(AnswerError, match=r"982,802 was read as 982.802: .* Type 982802"):
        item.judge("982,802")
    note, _ = item.judge("701,000").sentences
    assert note == "701,000 was read as 701: a comma is a decimal point here."
    assert item.judge("982802").right
    assert len(item.judge("1,5").sentences) == 1


# Where a wrong rule leads


def test_a_longer_step_that_wins_is_called_so() -> None:
    training = line(learning_rate=0.001)
    asked = target(training, "grad.w", at=AFTER_FORWARD)
    [rule] = diagnose(asked, -54, training).rules
    sentence = what_if_sentence(run_rule(rule, training, 20), notation_of(training))
    assert sentence.endswith(
        "Yours is ahead because its steps are 3 times longer, as with a larger η: "
        "give the right rule that η with `+`, and compare again."
    )


def test_the_losses_of_both_rules_are_written_with_one_precision() -> None:
    def trail(*losses: float) -> Trail:
        return Trail({"w": np.zeros(len(losses))}, np.array(losses), diverged=False)

    training = line()
    asked = target(training, "grad.w", at=AFTER_FORWARD)
    [rule] = diagnose(asked, 18, training).rules
    what_if = WhatIfRun(
        rule, 0, trail(982802.0, 981000.5, 980560.08), trail(982802.0, 2e5, 192010.25361)
    )
    assert what_if_sentence(what_if, Notation()) == (
        "With your rule the loss starts at 982802, and after 2 updates it is 980560; "
        "with the right one it is 192010."
    )


def test_one_update_is_not_updates() -> None:
    """Where both ways end soon, it once said "after 1 updates"."""
    training = line()
    [rule] = diagnose(target(training, "grad.w", at=AFTER_FORWARD), 18, training).rules
    sentence = what_if_sentence(run_rule(rule, training, 1), notation_of(training))
    assert "and after 1 update it is 42.28; with the right one it is 3.48." in sentence


def test_another_way_that_wins_proves_nothing() -> None:
    training = line()
    asked = target(training, "grad.w", at=AFTER_FORWARD)
    [rule] = diagnose(asked, -11, training).rules
    what_if = run_rule(rule, training, 20)
    assert what_if.wrong_is_ahead
    assert "proves nothing" in what_if_sentence(what_if, notation_of(training))


def test_nothing_more_is_said_of_a_wrong_rule_that_loses() -> None:
    training = line()
    asked = target(training, "grad.w", at=AFTER_FORWARD)
    [rule] = diagnose(asked, 18, training).rules
    assert "ours is ahead" not in what_if_sentence(run_rule(rule, training, 20), Notation())


# The log


def test_the_log_keeps_what_was_typed_and_chosen() -> None:
    event = Event(Kind.ANSWERED, "predict:a", "wrong", 1, False, ("a-1",), "−3,5", "both up")
    line_of_log = to_line(Record(read_line(OLD).time, "a:0:start", event))
    assert read_line(line_of_log).event == event


OLD = b"""{"time": "2026-01-02T03:04:05Z", "state": "a:0:start", "event": "answered",
 "item": "loss", "outcome": "wrong", "tries": 1, "rules": ["own"], "aided": false}"""


def test_old_logs_are_still_read() -> None:
    event = read_line(OLD).event
    assert (event.rules, event.typed, event.option) == (("own",), "", "")


# By chance


@pytest.mark.slow
def test_few_numbers_are_named_by_chance() -> None:
    """Of two-digit numbers between 0 and twice the truth at most 3 % are; 2,000 for each target."""
    chance, named = random.Random(7), []
    for entry in COURSE.entries:
        of = COURSE.load(entry)
        for part in of.experiments:
            training = of.training_of(part.id)
            assert training is not None
            for _ in range(3):
                named += [
                    _share_named(AnswerKey(t, training, of), chance)
                    for t in asked_numbers(training, of)
                ]
                training.advance()
    assert len(named) > 800
    assert sum(named) / len(named) < 0.03


def _share_named(key: AnswerKey, chance: random.Random) -> float:
    drawn = [float(f"{key.truth * chance.uniform(0, 2):.1e}") for _ in range(2_000)]
    known = {typed: bool(key.diagnose(typed).rules) for typed in set(drawn)}
    return sum(known[typed] for typed in drawn) / len(drawn)
