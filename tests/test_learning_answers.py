"""Reading what a learner types, and how close it has to be."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gd_tutor.course.question_blocks import Tolerance
from gd_tutor.notation.formulas import Notation
from gd_tutor.questions.diagnosis import stated
from gd_tutor.questions.typed_numbers import AnswerError, read_answer


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6", 6),
        ("-2.5", -2.5),
        ("+3", 3),
        (".5", 0.5),
        ("-.5", -0.5),
        ("5.", 5),
        ("2e-3", 0.002),
        ("2E-3", 0.002),
        ("2.5e−5", 2.5e-5),
        ("1/3", 1 / 3),
        ("-1/3", -1 / 3),
        (" 1 / -4 ", -0.25),
        ("22,5/3", 7.5),
        ("0,5", 0.5),
        ("−15,333", -15.333),
        ("- 3", -3),
        ("–3", -3),
        ("－１．５", -1.5),
        ("１／３", 1 / 3),
        ("２ｅ－３", 0.002),
        ("０，５", 0.5),
        ("３。５", 3.5),
        ("٣", 3),
        ("6÷4", 1.5),
        ("6\N{NO-BREAK SPACE}", 6),
    ],
)
def test_what_is_understood(text: str, value: float) -> None:
    assert read_answer(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Type a number first"),
        ("  ", "Type a number first"),
        ("six", "could not be read"),
        ("3 4", "could not be read"),
        ("2²", "could not be read"),
        ("2½", "could not be read"),
        ("1/2/3", "could not be read"),
        ("--3", "could not be read"),
        ("nan", "could not be read"),
        ("inf", "could not be read"),
        ("0x10", "could not be read"),
        ("1_000", "could not be read"),
        ("__import__('os')", "could not be read"),
        ("1,234.5", "Commas and points"),
        ("1,2,3", "Commas and points"),
        ("1/0", "divided by 0"),
        ("0/0", "divided by 0"),
        ("1e999", "too large"),
        ("1e300/1e-300", "too large"),
        ("9" * 41, "40 characters"),
    ],
)
def test_what_is_refused_in_one_kind_sentence(text: str, words: str) -> None:
    with pytest.raises(AnswerError) as refusal:
        read_answer(text)
    sentence = str(refusal.value)
    assert words in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 80


@given(st.text())
def test_every_text_is_a_finite_number_or_refused(text: str) -> None:
    try:
        value = read_answer(text)
    except AnswerError:
        return
    assert math.isfinite(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_as_it_is(value: float) -> None:
    assert read_answer(repr(value)) == value
    full_width = {ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789.-+e"}
    assert read_answer(repr(value).translate(full_width)) == value


@given(st.floats(-1e9, 1e9).filter(lambda value: abs(value) > 1e-4))
def test_three_digits_are_enough(truth: float) -> None:
    assert Tolerance().accepts(truth, float(f"{truth:.2e}"))
    assert not Tolerance().accepts(truth, truth * 1.0051)
    assert not Tolerance().accepts(truth, -truth)


def test_near_zero_a_small_distance_counts() -> None:
    assert Tolerance().accepts(0.0, 1e-13)
    assert not Tolerance().accepts(0.0, 1e-7)
    assert not Tolerance().accepts(3e-7, 0.0)
    assert not Tolerance().accepts(3e-7, -3e-7)
    assert Tolerance().accepts(1e-17, 0.0)
    assert not Tolerance().accepts(0.0, 1e-5)
    assert not Tolerance().accepts(0.001, 0.0)


def test_a_lesson_can_say_how_close() -> None:
    assert Tolerance(0.05).accepts(3.48, 3.53)
    assert not Tolerance(0.05).accepts(3.48, 3.54)
    assert Tolerance(0.0).accepts(0.3, 0.1 + 0.2)
    assert not Tolerance(0.0).accepts(100.0, 100.1)


def test_nothing_that_is_not_finite_is_right() -> None:
    assert not Tolerance().accepts(math.inf, math.inf)
    assert not Tolerance().accepts(math.nan, math.nan)
    assert not Tolerance(math.inf).accepts(1.0, math.nan)


def test_the_tolerance_is_stated() -> None:
    assert "three digits" in stated(Tolerance(), 3, Notation())
    assert "0.05" in stated(Tolerance(0.05), 3, Notation())
    assert "exact" in stated(Tolerance(0.0), 3, Notation())
