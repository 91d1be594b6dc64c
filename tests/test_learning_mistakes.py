"""A wrong number is information: which rule gives it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.numbers import number
from gd_tutor.questions.asked_number import AskedNumber
from gd_tutor.questions.diagnosis import AnswerKey, Diagnosis, Outcome
from gd_tutor.questions.predictions import asked_numbers
from learning_runs import (
    BY_NAMES,
    EIGHT,
    LINE,
    ON_ONE_LINE,
    asking,
    diagnose,
    line,
    notation_of,
    opened,
    said,
    target,
    wrong_numbers,
)
from tutor import slow

AFTER_FORWARD = Position(0, Phase.FORWARD)
AFTER_BACKWARD = Position(0, Phase.BACKWARD)
FORMS = pytest.mark.parametrize("forward", [LINE, slow(BY_NAMES), slow(ON_ONE_LINE)])


def names(diagnosis: Diagnosis) -> list[str]:
    return [rule.id for rule in diagnosis.rules]


def single(forward: str, learning_rate: float = 0.1, **parameters: float) -> Training:
    return Training(Experiment(forward, parameters, learning_rate))


# The slope of a straight line's loss


@FORMS
@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (-9, "factor-lost"),
        (18, "sign-lost"),
        (-54, "sum-for-mean"),
        (-27, "factor-lost + sum-for-mean"),
        (-8, "factor-left-out"),
        (-44, "another-value"),
        (86, "kept-squared + sign-lost"),
        (-86, "kept-squared"),
        (-24, "outside-sum-last"),
        (-16, "outside-sum-mean"),
        (-33, "last-sample"),
        (-0.9, "step-for-gradient"),
        (-6, "divided-twice"),
        (17.5, "loss-for-slope"),
        (0.5, "value-for-slope"),
    ],
)
def test_each_wrong_slope_is_named(forward: str, typed: float, name: str) -> None:
    training = line(forward)
    asked = target(training, "grad.w", at=AFTER_FORWARD)
    assert asked.value == pytest.approx(-18)
    found = diagnose(asked, typed, training)
    assert found.outcome is Outcome.EXPLAINED
    assert name in names(found)


@FORMS
def test_the_right_slope_is_right(forward: str) -> None:
    training = line(forward)
    for name, value in (("grad.w", -18.0), ("grad.b", -8.0)):
        asked = target(training, name, at=AFTER_FORWARD)
        assert diagnose(asked, value, training).outcome is Outcome.RIGHT


def test_the_words_of_a_diagnosis() -> None:
    training = line()
    asked, notation = target(training, "grad.w", at=AFTER_FORWARD), notation_of(training)
    assert said(asked, -8, training, notation) == ["The factor x is left out."]
    assert said(asked, -44, training, notation) == ["That has y in the place of x."]
    assert said(asked, -18, training, notation) == ["Right."]


def test_a_rule_that_gives_the_right_number_is_passed_over() -> None:
    training = line(x=(1.0, 1.0, 1.0))  # where forgetting x changes nothing
    asked = target(training, "grad.w", at=AFTER_FORWARD)
    numbers = dict.fromkeys(rule.id for rule, _ in wrong_numbers(asked, training))
    assert "sign-lost" in numbers
    assert not any(name.startswith("outside-sum") for name in numbers)
    assert all(
        not asked.tolerance.accepts(asked.value, n) for _, n in wrong_numbers(asked, training)
    )


def test_a_slope_from_before_the_update() -> None:
    training = line()
    asked = target(training, "grad.b", at=Position(1, Phase.FORWARD))
    assert "old-value" in names(diagnose(asked, -8, training))


def test_slopes_of_parameters_that_have_already_moved() -> None:
    chain = "h = first * x\np = second * h\nloss = (p - t) ** 2"
    parameters = {"first": 1.0, "second": 2.0}
    training = Training(Experiment(chain, parameters, 0.05, {"x": 2.0, "t": 6.0}))
    asked = target(training, "grad.first", at=AFTER_FORWARD)
    assert asked.value == pytest.approx(-16)
    assert names(diagnose(asked, -19.2, training)) == ["new-value"]


def test_matrices() -> None:
    program = "P = X @ W\nE = Y - P\nloss = mean(E * E)"
    settings = {"X": ((1.0, 2.0), (3.0, 1.0)), "Y": ((2.0, 1.0), (0.0, 3.0))}
    training = Training(Experiment(program, {"W": ((1.0, 1.0), (0.0, 2.0))}, 0.05, settings))
    asked = target(training, "P", (0, 1))
    assert "place-by-place" in names(diagnose(asked, 2, training))  # instead of 5
    training.go_to(AFTER_FORWARD)
    asked = target(training, "grad.W", (0, 0))
    x, y, w = (np.array(value) for value in (*settings.values(), ((1, 1), (0, 2))))
    slopes = -2 / 4 * (y - x @ w)
    assert asked.value == pytest.approx((x.T @ slopes)[0, 0])
    assert "not-transposed" in names(diagnose(asked, (x @ slopes)[0, 0], training))
    assert "factor-left-out" in names(diagnose(asked, slopes.sum(axis=0)[0], training))
    asked = target(training, "P", (1, 0), at=Position(0, Phase.START))
    assert names(diagnose(asked, (x @ w)[0, 1], training)) == ["other-cell"]


# Forward and update


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("residual", 3, ["turned-round"]),
        ("residual", 13, ["added"]),
        ("loss", -9, ["sign-kept"]),
        ("loss", -6, ["doubled"]),
        ("loss", -3, ["not-squared"]),
    ],
)
def test_slips_in_forward(name: str, typed: float, expected: list[str]) -> None:
    training = single("residual = 5 - x\nloss = residual ** 2", x=8.0)
    assert names(diagnose(target(training, name), typed, training)) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (52.5, "sum-for-mean"),
        (17.5 / 3, "divided-twice"),
        (16.0, "power-later"),
        (30.25, "last-only"),
        (8.0, "doubled"),
    ],
)
def test_slips_in_a_mean_of_squares(typed: float, expected: str) -> None:
    training = line()
    assert expected in names(diagnose(target(training, "loss"), typed, training))


def test_the_loss_from_before_the_update() -> None:
    training = line()
    asked = target(training, "loss", at=Position(0, Phase.UPDATE))
    assert asked.value == pytest.approx(3.48)
    found = diagnose(asked, 17.5, training)
    assert names(found) == ["old-value"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (18.5, "learning-rate-forgotten"),
        (-0.4, "added"),
        (-0.9, "step-alone"),
        (0.9, "step-alone"),
        (-18, "slope-alone"),
        (0.5, "not-moved"),
        (-17.5, "added + learning-rate-forgotten"),
        (0.45, "slope-forgotten"),
        (-8.1, "minus-first"),
    ],
)
def test_slips_in_the_update(typed: float, expected: str) -> None:
    training = line()
    asked = target(training, "next.w", at=AFTER_BACKWARD)
    assert asked.value == pytest.approx(1.4)
    assert expected in names(diagnose(asked, typed, training))


def test_parameters_updated_one_after_another() -> None:
    training = line()
    asked, notation = target(training, "next.b", at=AFTER_BACKWARD), notation_of(training)
    x, y = np.array([1, 2, 3]), np.array([3, 5, 7])
    later = 0 + 0.05 * 2 * (y - 1.4 * x).mean()
    assert asked.value == pytest.approx(0.4)
    found = diagnose(asked, later, training)
    assert names(found) == ["new-value"]
    assert said(asked, later, training, notation) == [
        "That uses the new w; all move at once, from slopes at the same point."
    ]
    first = target(training, "next.w", at=AFTER_BACKWARD)
    later = 0.5 + 0.05 * 2 * ((y - 0.5 * x - 0.4) * x).mean()
    assert names(diagnose(first, later, training)) == ["new-value"]


# A lesson's own


QUESTION = '''id = "q"
phase = "{phase}"
ask = "?"
answer = "{answer}"
[[mistake]]
{wrong}
say = "Braces {{0}} and all."'''


def own(
    folder: Path, phase: str, answer: str, wrong: str
) -> tuple[AskedNumber, Training, Diagnosis]:
    """A question with one mistake of its own, and the diagnosis of that mistake's number."""
    question = QUESTION.format(phase=phase, answer=answer, wrong=wrong)
    lesson, training = asking(folder, question)
    while str(training.position.next.phase) != phase:
        training.advance()
    asked = asked_numbers(training, lesson)[0]
    assert asked.authored is not None
    (given,) = [n for rule, n in wrong_numbers(asked, training, lesson) if rule.id == "q-1"]
    return asked, training, diagnose(asked, given, training, lesson)


@pytest.mark.parametrize(
    ("phase", "answer", "wrong", "runs"),
    [
        ("update", "next.w", 'answer = "w + learning_rate * grad.w * 3"', True),
        ("update", "next.w", 'gradient = { w = "sum(residual * y)" }', True),
        ("update", "next.w", 'gradient = { w = "grad.b * 7", b = "grad.w" }', True),
        ("backward", "grad.w", 'gradient = { w = "3 * grad.w" }', True),
        ("backward", "grad.w", 'gradient = { residual = "residual / 7" }', True),
        ("backward", "grad.w", 'answer = "grad.w * 3"', True),
        ("backward", "grad.v[1]", 'answer = "grad.v[1] * 3"', False),
        ("backward", "grad.v[1]", 'gradient = { v = "17" }', True),
        ("forward", "loss", 'answer = "loss * 3 + residual[0]"', False),
        ("forward", "2 * loss", 'answer = "loss * 3 + residual[0]"', False),
    ],
)
def test_a_lesson_has_mistakes_of_its_own(
    tmp_path: Path, phase: str, answer: str, wrong: str, runs: bool
) -> None:
    asked, training, found = own(tmp_path, phase, answer, wrong)
    assert found.rules[0].sentence(notation_of(training)) == "Braces {0} and all."
    assert names(found) == ["q-1"]
    assert found.rules[0].can_run is runs
    assert diagnose(asked, asked.value, training).outcome is Outcome.RIGHT


def test_names_in_a_wrong_gradient_stand_for_the_right_values(tmp_path: Path) -> None:
    wrong = 'gradient = { w = "grad.b", b = "grad.w" }'
    asked, _, found = own(tmp_path, "backward", "grad.b", wrong)
    assert asked.value == pytest.approx(-8)
    assert found.typed == pytest.approx(-18)


def test_a_wrong_gradient_is_known_by_every_number_it_leads_to(tmp_path: Path) -> None:
    question = QUESTION.format(
        phase="update", answer="next.w", wrong='gradient = { w = "3 * b + 7" }'
    )
    lesson, training = asking(tmp_path, question)
    asked = target(training, "grad.w", at=AFTER_FORWARD, lesson=lesson)
    assert diagnose(asked, 7, training, lesson).rules[0].misconception.says == "Braces {0} and all."


# All together


@pytest.mark.parametrize("id", EIGHT)
def test_every_target_of_a_lesson_can_be_missed(id: str) -> None:
    lesson, training = opened(id)
    notation = notation_of(training, lesson)
    for _ in range(6):
        for asked in asked_numbers(training, lesson):
            wrong = wrong_numbers(asked, training, lesson)
            assert wrong, asked.label(notation)
            for rule, _ in wrong:
                sentence = rule.sentence(notation)
                assert sentence.endswith(".")
                assert "{" not in sentence
                assert f" {number(asked.value)} " not in sentence
        training.advance()


def test_of_a_long_program_only_so_many_rules_are_tried() -> None:
    lines = ["a0 = w", *(f"a{i} = tanh(a{i - 1}) * 2 - {i} * w" for i in range(1, 30))]
    training = single("\n".join([*lines, "loss = a29 ** 2"]), w=0.5)
    asked = target(training, "grad.w", at=AFTER_FORWARD)
    wrong = wrong_numbers(asked, training)
    assert {"sign-lost", "left-out"} <= {rule.id for rule, _ in wrong}
    assert len(wrong) < 120
    assert diagnose(asked, 123.456, training).outcome is Outcome.UNEXPLAINED


decimals = st.integers(-50, 50).map(lambda value: value / 10)


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from([LINE, BY_NAMES, ON_ONE_LINE]),
    st.tuples(decimals, decimals, decimals),
    st.tuples(decimals, decimals, decimals),
    decimals,
    decimals,
    st.integers(0, 5),
)
def test_a_number_is_explained_by_what_gives_it(
    forward: str,
    x: tuple[float, ...],
    y: tuple[float, ...],
    w: float,
    b: float,
    phases: int,
) -> None:
    training = line(forward, x, y, w, b)
    for _ in range(phases):
        training.advance()
    for asked in asked_numbers(training):
        key = AnswerKey(asked, training)
        assert key.diagnose(asked.value).outcome is Outcome.RIGHT
        shown = float(f"{asked.value:.{key.digits - 1}e}")
        assert key.diagnose(shown).outcome is Outcome.RIGHT
        for meaning in key.meanings[::3]:
            found = key.diagnose(meaning.number)
            assert found.outcome is not Outcome.RIGHT
            for rule in found.rules:
                number = rule.number(asked, training)
                assert number == pytest.approx(meaning.number, rel=0.005)
