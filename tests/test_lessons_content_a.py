"""Lessons 1 to 4: what they ask and claim, against the same numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest

from as_shown import numbers_of, shown
from gd_tutor.course.lesson import (
    AnswerOption,
    ChoiceQuestion,
    FindQuestion,
    NumberQuestion,
)
from gd_tutor.engine.compile import evaluate
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import wrap
from gd_tutor.questions.asked_number import AskedNumber, number_of
from gd_tutor.questions.diagnosis import Outcome
from gd_tutor.questions.predictions import asked_numbers, belongs
from learning_runs import diagnose, lesson, said, wrong_numbers
from tutor import LESSONS

HERE = ("residual", "loss", "derivative", "partial-derivative")
PANE = 38, 10
"""Columns and rows of the text on a terminal of 80 by 24."""

# By hand


def squares(*residuals: float) -> float:
    return sum(each * each for each in residuals)


def mean_of_squares(*residuals: float) -> float:
    return squares(*residuals) / len(residuals)


def toward(price: float, start: float, rate: float, rounds: int = 1, factor: float = 2) -> float:
    """Where a guess is after some rounds, where its slope is `factor` times the way it is off."""
    return price + (start - price) * (1 - rate * factor) ** rounds


def steepness(loss: Callable[[float], float], x: float) -> float:
    """A slope by nudging to both sides."""
    return (loss(x + 1e-5) - loss(x - 1e-5)) / 2e-5


def one_price(x: float) -> float:
    return (5 - x) ** 2


def two_prices(x: float) -> float:
    return mean_of_squares(6 - x, 4 - x)


def taxi(w: float, b: float) -> float:
    return (15 - (3 * w + b)) ** 2


def piled_up(rounds: int) -> tuple[list[float], list[float]]:
    """Guesses and slopes where no slope is thrown away."""
    guesses, held = [8.0], [0.0]
    for _ in range(rounds):
        held.append(held[-1] + 2 * (guesses[-1] - 5))
        guesses.append(guesses[-1] - 0.1 * held[-1])
    return guesses, held[1:]


def in_a_row(rate: float, rounds: int, too_soon: bool = False) -> list[float]:
    """Losses of two layers, x = 2 and t = 6; w2 may move before the slope of w1 is found."""
    w1, w2, losses = 1.0, 2.0, []
    for _ in range(rounds):
        hidden = 2 * w1
        residual = 6 - w2 * hidden
        losses.append(residual**2)
        later = w2 + rate * 2 * residual * hidden
        w1 += rate * 2 * residual * (later if too_soon else w2) * 2
        w2 = later
    return losses


NUMBERS: dict[tuple[str, str], tuple[float, list[float]]] = {
    ("residual", "first-residual"): (5 - 8, [8 / 5, 8]),
    ("residual", "whose-guess"): (6.5, [-1.5, 3.5, -3.5]),
    ("residual", "sum-of-three"): ((5 - 9) + (5 - 4) + (5 - 2), [4 + 1 + 3, 5 - (9 + 4 + 2)]),
    ("loss", "first-loss"): (mean_of_squares(3, 2), [2.5, mean_of_squares(3, 2) ** 0.5]),
    ("loss", "three-residuals"): (6, [18, (1 - 1 + 16) / 3, 16, 9, 18**0.5, 2, 4 / 3]),
    ("loss", "next-loss"): (mean_of_squares(2.7, 1.8), [0.9 * 6.5]),
    ("derivative", "second-loss"): (one_price(7.4), [2.4, 2 * 2.4]),
    ("derivative", "first-slope"): (steepness(one_price, 8), [16 - 9, 9 - 4]),
    ("derivative", "next-x"): (8 - 0.1 * 6, [8 - 0.1 * 9, 8 - 0.1 * 3, 5]),
    ("derivative", "one-round"): (3 / 18, [3 * 0.5, 3 / 6, 3, 18 / 3, 0.1 / 3]),
    ("derivative", "slope-at-the-bottom"): (steepness(two_prices, 5), [-2, 0.5]),
    ("derivative", "slope-on-slope"): (piled_up(2)[1][1], [4.8]),
    ("partial-derivative", "new-prediction"): (0.9 * 3 + 0.3, [(0.9 + 0.3) * 3]),
    ("partial-derivative", "seven-km"): (-84, [-36, -12 / 7, -12, 84]),
    ("partial-derivative", "ten-km"): (10 * 4.5 + 1.5, [45, 60, 50]),
    ("partial-derivative", "slope-with-base-fare"): (
        steepness(lambda w: taxi(w, 6), 0),
        [steepness(lambda w: taxi(w, 0), 0), -54 + 6],
    ),
}


# The lessons as shipped


def run_of(id: str, experiment: str = "1", **choices: str) -> Training:
    """A run of one experiment, as the key e begins it."""
    part = lesson(id).experiment_of(experiment)
    assert part is not None
    own = {} if experiment == "1" else {"experiment": experiment}
    return Training(part.experiment, choices={**own, **choices})


def notation_of(id: str, experiment: str) -> Notation:
    part = lesson(id).experiment_of(experiment)
    assert part is not None
    return Notation(part.symbols, part.experiment.program.shapes)


def before(training: Training, iteration: int, phase: str) -> None:
    """Take a run to the point where a phase comes next."""
    training.go_to(Position(iteration, Phase.START))
    while str(training.upcoming) != phase:
        training.advance()


def asked_number(id: str, name: str) -> tuple[Training, AskedNumber]:
    """A number that a lesson asks for, by prediction or question."""
    for question in lesson(id).questions:
        if question.id == name:
            assert isinstance(question, NumberQuestion)
            training = run_of(id, question.experiment)
            return training, number_of(question, training)
    [prediction] = (each for each in lesson(id).predictions if each.id == name)
    training = run_of(id, prediction.experiment)
    before(training, prediction.at or 0, prediction.before)
    [found] = (each for each in asked_numbers(training, lesson(id)) if each.authored == prediction)
    return training, found


def choices_in(id: str) -> Iterator[ChoiceQuestion]:
    of = lesson(id)
    for asked in (*of.predictions, *of.questions):
        if isinstance(asked, ChoiceQuestion):
            yield shown(of, asked)


def choosing(id: str, name: str) -> ChoiceQuestion:
    [found] = (asked for asked in choices_in(id) if asked.id == name)
    return found


def right(asked: ChoiceQuestion) -> AnswerOption:
    [option] = (option for option in asked.options if option.right)
    return option


def words(asked: ChoiceQuestion) -> str:
    return " ".join([asked.ask, *(f"{option.text} {option.say}" for option in asked.options)])


def page(id: str, name: str) -> list[float]:
    """The numbers that the engine puts into a page, in their order."""
    [section] = (section for section in lesson(id).sections if section.id == name)
    return numbers_of(lesson(id), section)


def says(text: str, *numbers: str) -> bool:
    return all(number in text for number in numbers)


# What is asked


@pytest.mark.parametrize(("id", "name"), NUMBERS)
def test_every_number_asked_for_and_every_mistake(id: str, name: str) -> None:
    truth, wrong = NUMBERS[id, name]
    training, asked = asked_number(id, name)
    assert asked.authored is not None
    assert asked.value == pytest.approx(truth, abs=1e-8)
    assert diagnose(asked, truth, training, lesson(id)).outcome is Outcome.RIGHT
    own = [mistake.say for mistake in asked.authored.mistakes]
    given = {
        rule.misconception.says: number
        for rule, number in wrong_numbers(asked, training, lesson(id))
        if rule.misconception.says in own
    }
    assert list(given) == own
    assert list(given.values()) == pytest.approx(wrong)
    notation = notation_of(id, asked.authored.experiment)
    for sentence, number in zip(own, wrong, strict=True):
        assert said(asked, number, training, notation, lesson(id)) == [sentence]


def test_no_number_goes_unchecked() -> None:
    found = [
        (id, asked.id)
        for id in HERE
        for asked in (*lesson(id).predictions, *lesson(id).questions)
        if isinstance(asked, NumberQuestion)
    ]
    assert sorted(found) == sorted(NUMBERS)


@pytest.mark.parametrize("id", HERE)
def test_every_choice_has_reasons_and_its_right_answer_no_fixed_place(id: str) -> None:
    places = set()
    for asked in choices_in(id):
        places.add(asked.options.index(right(asked)))
        for option in asked.options:
            assert len(option.say) > 30
            assert option.say.startswith("Yes") is option.right
    assert len(places) > 1


@pytest.mark.parametrize("id", LESSONS)
def test_everything_asked_has_a_hint(id: str) -> None:
    of = lesson(id)
    assert all(asked.hints for asked in (*of.predictions, *of.questions))


@pytest.mark.parametrize("id", HERE)
def test_every_choice_before_a_phase_is_met(id: str) -> None:
    choices = (asked for asked in lesson(id).predictions if isinstance(asked, ChoiceQuestion))
    for asked in choices:
        training = run_of(id, asked.experiment)
        assert asked.at is not None
        before(training, asked.at, asked.before)
        assert belongs(asked, training, lesson(id))


def test_the_lines_to_be_found_are_false() -> None:
    expected = {
        ("loss", "wrong-square"): ("squared", [7.29, 3.24], [-5.4, 3.6]),
        ("derivative", "wrong-sign"): ("grad.x", [4.8], [-4.8]),
        ("partial-derivative", "wrong-branch"): ("grad.b", [-18], [6 * -18]),
    }
    found = {
        (id, asked.id): asked
        for id in HERE
        for asked in lesson(id).questions
        if isinstance(asked, FindQuestion)
    }
    assert found.keys() == expected.keys()
    for (id, name), asked in found.items():
        values = run_of(id, asked.experiment).values_at(Position(asked.at, Phase.UPDATE))
        wrong, truth, false = expected[id, name]
        assert asked.wrong == wrong
        assert np.ravel(values[wrong]) == pytest.approx(truth)
        assert np.ravel(evaluate(asked.by, values)) == pytest.approx(false)


def test_only_forward_is_asked_for_in_numbers_before_slopes_are_explained() -> None:
    for id in ("residual", "loss"):
        asked = lesson(id).predictions
        assert {x.before for x in asked if isinstance(x, NumberQuestion)} == {"forward"}
        training = run_of(id)
        slopes = {line.name for line in (*training.program.backward, *training.program.update)}
        for asked in lesson(id).questions:
            if isinstance(asked, NumberQuestion):
                assert slopes.isdisjoint(number_of(asked, training).lines)


def test_the_lesson_of_slopes_invites_to_predict() -> None:
    assert [lesson(id).invite for id in HERE] == [False, False, True, False]


# Room on the screen


@pytest.mark.parametrize("id", HERE)
def test_every_question_fits_with_what_is_said_to_a_wrong_answer(id: str) -> None:
    cells, height = PANE

    def rows(text: str, cells: int = cells) -> int:
        return len(wrap([("text", text)], cells))

    for asked in choices_in(id):
        above = rows(asked.ask) + sum(rows(option.text, cells - 5) for option in asked.options)
        for option in asked.options:
            if not option.right:
                assert above + 1 + rows(option.say) <= height, asked.id
    for each in (*lesson(id).predictions, *lesson(id).questions):
        if isinstance(each, NumberQuestion):
            number = shown(lesson(id), each)
            for mistake in number.mistakes:
                assert rows(number.ask) + 2 + rows(mistake.say) <= height, number.id


# Beliefs that the lessons let fail


def test_a_residual_turned_round_moves_no_guess_another_way() -> None:
    there = toward(5, 8, 0.1, factor=1), toward(5, 3, 0.1, factor=1)
    assert page("residual", "turned") == [3, -2]
    assert page("residual", "same") == pytest.approx(there)
    usual, turned = run_of("residual"), run_of("residual", residual="reversed")
    usual.run(5)
    turned.run(5)
    assert turned.values_at(Position(0, Phase.FORWARD))["residual"] == pytest.approx([3, -2])
    assert list(turned.losses) == list(usual.losses)
    assert turned.parameters["guess"] == pytest.approx(usual.parameters["guess"])
    asked = choosing("residual", "turned-round")
    assert says(right(asked).text, f"{there[0]:.3g}")
    assert says(words(asked), f"{8 + 8 - there[0]:.3g}")


def test_the_sum_of_residuals_hides_them() -> None:
    assert page("residual", "three") == pytest.approx([9, 4, 2, 0, 8])
    moves = [abs(toward(5, start, 0.1, factor=1) - start) for start in (8, 3)]
    assert moves[0] > moves[1]
    assert right(choosing("residual", "which-moves-more")).text == "the one that is farther off"


def test_the_sum_is_not_the_mean() -> None:
    by_sum = toward(5, 8, 0.1, factor=2)
    assert page("loss", "mean") == pytest.approx([13, by_sum, toward(5, 8, 0.1, factor=1)])
    assert right(choosing("loss", "step-of-the-sum")).text.startswith("twice")
    chosen, own = run_of("loss", average="sum"), run_of("loss", "sum")
    chosen.run(3)
    own.run(3)
    assert list(chosen.losses) == pytest.approx(list(own.losses))
    assert own.losses[0] == squares(3, 2)
    same = [squares(*[3] * count) / squares(*[3] * 10) for count in (10, 1000)]
    assert same == [1, 100]
    assert says(words(choosing("loss", "more-guesses")), "100 times")


def test_half_with_twice_the_rate_takes_the_same_path() -> None:
    there = toward(5, 8, 0.1, factor=1), toward(5, 3, 0.1, factor=1)
    assert page("loss", "half") == pytest.approx([0.2, 6.5 / 2, *there])
    mean, half = run_of("loss"), run_of("loss", "half")
    for rounds in range(1, 30):
        mean.run(1)
        half.run(1)
        path = [toward(5, start, 0.1, rounds, factor=1) for start in (8, 3)]
        assert mean.parameters["guess"] == pytest.approx(path)
        assert half.parameters["guess"] == pytest.approx(path)
    assert run_of("loss", average="half").program.forward == half.program.forward


def test_squares_weigh_large_errors() -> None:
    assert (mean_of_squares(3, 3), mean_of_squares(1, 5)) == (9, 13)
    assert says(words(choosing("loss", "which-pair")), "mean 9", "mean 13")


def test_a_loss_need_not_reach_0() -> None:
    assert page("loss", "zero") == pytest.approx([6, 4, two_prices(8), two_prices(5), 5, 1])
    assert min(two_prices(x / 100) for x in range(1000)) == two_prices(5) == 1
    training = run_of("loss", "shops")
    training.run(200)
    assert training.losses[-1] == pytest.approx(1)


def test_a_slope_is_neither_the_loss_nor_the_way() -> None:
    assert page("derivative", "bottom") == pytest.approx([6, 4, 5, two_prices(5), 0], abs=1e-8)
    assert two_prices(6) == 2
    assert says(words(choosing("derivative", "zero-slope")), "at 6 it is 2")
    slope, way = steepness(one_price, 8), 8 - 5
    assert page("derivative", "rate") == pytest.approx([8, slope, 5, way, 0.5, 5, 1])
    assert toward(5, 8, 0.5) == 5
    assert toward(5, 8, 1, rounds=2) == 8
    assert abs(toward(5, 8, 1.01, rounds=9) - 5) > way


def test_a_step_is_not_the_way() -> None:
    first, second = (0.1 * steepness(one_price, x) for x in (8, 7.4))
    assert second < first < 7.4 - 5
    asked = choosing("derivative", "how-far")
    assert right(asked).text == "not as far as the first time"
    assert says(words(asked), f"{first:.2g}", f"{second:.2g}", f"{second / 0.1:.2g}")


def test_a_falling_loss_does_not_tell_the_path() -> None:
    jumps, steps = ([toward(5, 8, rate, k) for k in range(4)] for rate in (0.9, 0.1))
    assert list(map(one_price, jumps)) == pytest.approx(list(map(one_price, steps)))
    assert all((one - 5) * (other - 5) < 0 for one, other in pairwise(jumps))
    asked = choosing("derivative", "same-losses")
    assert says(words(asked), *(f"{one_price(x):.5g}" for x in jumps[:3]))
    assert says(right(asked).say, *(f"{x:.4g}" for x in jumps[:3]))
    training = run_of("derivative", "jumps")
    training.run(4)
    assert list(training.losses[:4]) == pytest.approx(list(map(one_price, jumps)))


def test_slopes_that_are_not_cleared_pile_up_and_never_settle() -> None:
    guesses, held = piled_up(400)
    assert page("derivative", "cleared") == pytest.approx([*held[:3], 5, guesses[4]])
    assert max(map(one_price, guesses[300:])) > 5
    training = run_of("derivative", "not-cleared")
    training.run(400)
    assert list(training.losses[:400]) == pytest.approx(list(map(one_price, guesses[:400])))


def test_held_still_is_not_gone() -> None:
    slope = steepness(lambda w: taxi(w, 6), 0)
    without = steepness(lambda w: taxi(w, 0), 0)
    assert page("partial-derivative", "held") == pytest.approx([6, 9, 15, slope, without])


def test_a_loss_of_0_on_one_trip_settles_nothing() -> None:
    assert taxi(4.5, 1.5) == taxi(3, 6) == 0
    tens = [f"{10 * w + b:g}" for w, b in ((4.5, 1.5), (3, 6))]
    assert says(words(choosing("partial-derivative", "is-it-right")), *tens)
    training = run_of("partial-derivative")
    training.change("learning_rate", 0.05)
    training.run(1)
    assert training.parameters == pytest.approx({"w": 4.5, "b": 1.5})


def test_moving_within_backward_spoils_the_other_slope() -> None:
    sound, spoiled = in_a_row(0.05, 12), in_a_row(0.05, 8, too_soon=True)
    assert (sound[1], spoiled[1]) == pytest.approx((6.97, 11.61), abs=0.005)
    assert page("partial-derivative", "row") == pytest.approx([-8, 2, -16])
    expected = [2.4, -2 * 2 * 2.4 * 2, -16, spoiled[1], sound[1]]
    assert page("partial-derivative", "moved") == pytest.approx(expected)
    for choice, losses in (("none", sound), ("moved-in-backward", spoiled)):
        training = run_of("partial-derivative", "row", bug=choice)
        training.run(len(losses))
        assert list(training.losses[: len(losses)]) == pytest.approx(losses)
    assert max(sound) < 20 < 1e6 < spoiled[-1]  # one only swings, the other runs away
    falling = in_a_row(0.02, 5)
    assert all(one > other for one, other in pairwise(falling))
