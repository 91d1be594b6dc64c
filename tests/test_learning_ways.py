"""Hints, a wrong rule followed on, nudges, and where a number comes from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gd_tutor.engine.finite_differences import nudges
from gd_tutor.engine.state import PHASES, Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.questions.asked_number import hints
from gd_tutor.questions.explanation import Origin, explain
from gd_tutor.questions.predictions import asked_numbers
from gd_tutor.questions.what_if import run_rule
from gd_tutor.questions.wrong_rule import Rule
from learning_runs import EIGHT, LINE, diagnose, line, notation_of, opened, target, wrong_numbers

AFTER_FORWARD = Position(0, Phase.FORWARD)
AFTER_BACKWARD = Position(0, Phase.BACKWARD)


def rule_for(training: Training, name: str, typed: float) -> Rule:
    return diagnose(target(training, name), typed, training).rules[0]


# Hints


def test_hints_come_in_steps() -> None:
    lesson, training = opened("derivative")
    notation = notation_of(training, lesson)
    asked = target(training, "grad.x", at=AFTER_FORWARD)
    assert hints(asked, training, notation) == (
        "It is the chain rule for ∂l/∂x: it uses ∂l/∂ε.",
        "∂l/∂x = −∂l/∂ε",
        "∂l/∂x = −(−6)",
        "∂l/∂x = 6",
    )
    asked = target(training, "next.x", at=AFTER_BACKWARD)
    assert hints(asked, training, notation)[1:] == (
        "x ← x − η·∂l/∂x",
        "x ← 8 − 0.1·6",
        "x = 7.4",
    )


@pytest.mark.parametrize("id", EIGHT)
def test_only_the_last_hint_gives_the_answer(id: str) -> None:
    lesson, training = opened(id)
    notation = notation_of(training, lesson)
    for _ in range(3):
        for asked in asked_numbers(training):
            *steps, answer = hints(asked, training, notation)
            assert len(steps) >= 2
            shown = f"{notation.equals} {notation.number(asked.value)}"
            assert answer.endswith(shown)
            assert not any(step.endswith(shown) for step in steps)
        training.advance()


def test_an_authors_hints_stand_in_the_place_of_the_first_step_alone() -> None:
    found = 0
    for id in EIGHT:
        lesson, training = opened(id)
        notation = notation_of(training, lesson)
        for _ in range(3):
            for asked in asked_numbers(training, lesson):
                if asked.authored is None or not asked.authored.hints:
                    continue
                own = asked.authored.hints
                _, *steps = hints(replace(asked, authored=None), training, notation)
                expected = dict.fromkeys([*own, *steps])
                assert hints(asked, training, notation) == tuple(expected)
                found += len(steps) > 1
            training.advance()
    assert found


# A wrong rule followed on


def test_adding_instead_of_subtracting_walks_uphill() -> None:
    training = line()
    training.forward()
    what_if = run_rule(rule_for(training, "grad.w", 18), training, 2)
    assert what_if.updates == 0
    assert what_if.wrong.losses == pytest.approx([17.5, 42.28, 102.171], rel=1e-4)
    assert what_if.right.losses == pytest.approx([17.5, 3.48, 0.69907], rel=1e-4)
    assert what_if.wrong.parameters["w"] == pytest.approx([0.5, -0.4, -1.8])
    assert what_if.right.parameters["b"] == pytest.approx([0, 0.4, 0.58], rel=1e-4)


def test_parameters_updated_one_after_another_go_another_way() -> None:
    training = line()
    training.go_to(AFTER_BACKWARD)
    (rule,) = (
        rule
        for rule, _ in wrong_numbers(target(training, "next.b"), training)
        if rule.id == "new-value"
    )
    what_if = run_rule(rule, training, 1)
    assert what_if.wrong.losses[1] == pytest.approx(4.16, rel=1e-3)
    assert what_if.right.losses[1] == pytest.approx(3.48)


def test_the_right_way_is_that_of_the_run() -> None:
    training = line()
    training.go_to(Position(2, Phase.FORWARD))
    rule = rule_for(training, "grad.b", -target(training, "grad.b").value)
    what_if = run_rule(rule, training, 5)
    assert what_if.updates == 2
    training.go_to(Position(7, Phase.FORWARD))
    np.testing.assert_array_equal(what_if.right.losses, training.losses[2:])
    np.testing.assert_array_equal(what_if.right.parameters["w"], training.trail("w")[2:])


def test_after_an_update_a_rule_begins_with_the_new_parameters() -> None:
    training = line()
    training.go_to(AFTER_FORWARD)
    rule = rule_for(training, "grad.w", 18)
    training.go_to(Position(0, Phase.UPDATE))
    what_if = run_rule(rule, training, 1)
    assert (what_if.updates, what_if.wrong.parameters["w"][0]) == (1, pytest.approx(1.4))


def test_a_way_ends_before_it_leaves_the_numbers() -> None:
    training = line(learning_rate=1e60)
    training.forward()
    what_if = run_rule(rule_for(training, "grad.w", 18), training, 50)
    assert what_if.wrong.diverged
    assert what_if.right.diverged
    assert 1 < len(what_if.wrong.losses) < 10
    assert np.isfinite(what_if.wrong.losses).all()
    assert len(what_if.wrong.parameters["w"]) == len(what_if.wrong.losses)


def test_a_rule_about_values_cannot_be_followed_on() -> None:
    training = line()
    rule = rule_for(training, "loss", 52.5)
    assert not rule.can_run
    with pytest.raises(ValueError, match="followed on"):
        run_rule(rule, training, 3)


@pytest.mark.parametrize("id", EIGHT)
def test_every_rule_about_slopes_and_updates_can_be_followed_on(id: str) -> None:
    _, training = opened(id)
    training.forward()
    shapes = training.program.shapes
    for _ in range(2):
        for asked in asked_numbers(training)[-1:]:
            for rule, _ in wrong_numbers(asked, training):
                if not rule.can_run:
                    continue
                what_if = run_rule(rule, training, 2)
                assert len(what_if.right.losses) == 3
                for name, trail in what_if.wrong.parameters.items():
                    assert trail.shape[1:] == shapes[name]
        training.advance()


# Nudges


def test_smaller_nudges_come_closer_to_the_slope() -> None:
    training = line()
    training.go_to(AFTER_BACKWARD)
    table = nudges(training, "w")
    assert (table.slope, table.loss) == (pytest.approx(-18), pytest.approx(17.5))
    assert [row.size for row in table.rows] == [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6]
    # A parabola: each quotient misses the slope by the nudge times half the curvature.
    for row in table.rows:
        assert row.quotient == pytest.approx(-18 + 14 / 3 * row.size, abs=1e-6)
        assert row.rise == pytest.approx(row.size * row.quotient)


@pytest.mark.parametrize("id", EIGHT)
def test_every_slope_can_be_nudged(id: str) -> None:
    _, training = opened(id)
    training.go_to(Position(1, Phase.FORWARD))
    for asked in asked_numbers(training):
        assert asked.line is not None
        name = asked.line.name.removeprefix("grad.")
        table = nudges(training, name, asked.index)
        assert table.slope == asked.value
        assert table.rows[4].quotient == pytest.approx(table.slope, abs=1e-3)


def test_data_has_no_slope_to_nudge() -> None:
    with pytest.raises(KeyError):
        nudges(line(), "x", (0,))


# Where a number comes from


def test_from_the_update_back_to_the_data() -> None:
    training = line()
    training.go_to(Position(1, Phase.START))
    notation = notation_of(training)
    w = explain(training, "w", iteration=1)
    assert w.kind is Origin.WORKED
    assert w.text(notation) == [
        "w ← w − learning_rate·∂loss/∂w".replace("learning_rate", "η") + " = 0.5 − 0.05·(−18) = 1.4"
    ]
    assert [(s.name, s.iteration) for s in w.sources] == [
        ("w", 0),
        ("learning_rate", 0),
        ("grad.w", 0),
    ]
    slope = explain(training, "grad.w", iteration=0)
    assert [(s.name, s.index) for s in slope.sources] == [("grad.prediction", ()), ("x", ())]
    assert slope.nudges is not None
    assert slope.nudges.slope == pytest.approx(-18)
    residual = explain(training, "residual", (2,), iteration=0)
    assert residual.text(notation) == ["residual[2] = y − prediction = 7 − 1.5 = 5.5"]
    assert [(s.name, s.index, s.value) for s in residual.sources] == [
        ("y", (2,), 7),
        ("prediction", (2,), 1.5),
    ]
    assert residual.nudges is None


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("x", Origin.DATA, "it is data"),
        ("w", Origin.START, "starts with it"),
        ("learning_rate", Origin.SETTING, "was chosen"),
    ],
)
def test_what_was_given(name: str, kind: Origin, words: str) -> None:
    found = explain(line(), name)
    assert (found.kind, found.line, found.sources) == (kind, None, ())
    assert words in found.text(notation_of(line()))[0]


@pytest.mark.parametrize("id", EIGHT)
def test_every_number_is_explained_down_to_what_was_given(id: str) -> None:
    lesson, training = opened(id)
    notation = notation_of(training, lesson)
    training.go_to(Position(1, Phase.UPDATE))
    names = [each.name for phase in PHASES for each in training.program.lines_of(phase)]
    waiting = [(name, (), 1) for name in names]
    seen = set(waiting)
    while waiting:
        name, index, iteration = waiting.pop()
        found = explain(training, name, index, iteration)
        assert (found.line is None) == (found.kind is not Origin.WORKED)
        assert found.text(notation)
        for source in found.sources:
            place = source.name, source.index, source.iteration
            if place not in seen:
                seen.add(place)
                waiting.append(place)
    assert {name for name, _, _ in seen} >= {"learning_rate", *training.program.parameters}


def test_what_has_no_value_is_not_explained() -> None:
    with pytest.raises(KeyError):
        explain(line(LINE), "nothing")
