"""What is said where TOML is broken: at its place, in words that an author knows."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gd_tutor.course.toml_places import toml_fault

BROKEN = [
    ("rate = §0,5", "A number has a point, as in 0.5."),
    ("rate = §0.0.5", "'0.0.5' is not a number: it has one point, as in 0.5."),
    ("x = §.5", "a digit before the point, as in 0.5"),
    ("x = §5.", "a digit behind the point, as in 5.0"),
    ("x = §05", "A number does not begin with 0: write 5."),
    ("x = §−3", "write -3"),
    ("x = 1 §000", "without blanks"),
    ("w = §1/3", "written out here"),
    ("x = §2 * 3", "written out here"),
    ("w = [0.5 §1]", "A comma is missing here, as in [0.5, 1]."),
    ("w = [1§; 2]", "Write a comma between two values"),
    ("w = §(1, 2)", "A list stands in square brackets"),
    ("w = §[1, 2", "The [ that stands here is not closed; write ]."),
    ("w = [1, 2]§]", "There is one ] too many."),
    ("a = §[1\nb = 3", "is not closed"),
    ("data = { y = 5 §z = 3 }", "A comma is missing here, as in { y = 5, z = 3 }."),
    ("data = { y = 5,§\n  z = 3 }", "all on one line"),
    ("data = { y = 5§\n  z = 3 }", "all on one line"),
    ("data = { y = §0,5 }", "A number has a point, as in 0.5."),
    ("data = { y §: 5 }", "Write = between a name and its value"),
    ("data = §{ y = 5", "The { that stands here is not closed; write }."),
    ("x =§", "A value is missing behind ="),
    ("x §8", "Each line has a name, = and a value"),
    ("x =§= 5", "One = stands between"),
    ("gr§öße = 5", "the letters a to z"),
    ("title = §Gradient", "Words stand in quotes"),
    ("later = { loss = §loss }", "Words stand in quotes"),
    ("title = §“Gradient”", "straight quotes"),
    ('title = "Gradient§\nx = 3', "Close the quotes"),
    ('title = "a "§b" c"', "inside quotes write"),
    ('file = "C:\\§data"', "write \\\\ for one"),
    ("lab = §True", "Write true in small letters."),
    ("[[view§]", "as many ] as ["),
    ('forward = §"""\nloss = x\n', "The text that begins here is not closed."),
]


def told(text: str) -> tuple[int, str]:
    with pytest.raises(tomllib.TOMLDecodeError) as error:
        tomllib.loads(text)
    return toml_fault(text, str(error.value))


@pytest.mark.parametrize(("marked", "message"), BROKEN)
def test_each_fault_is_told_where_it_is_and_in_plain_words(marked: str, message: str) -> None:
    before, _, after = marked.partition("§")
    offset, said = told(before + after)
    assert message in said
    assert offset == len(before)


LEAKS = ("TOML", "statement", "inline table", "newline", "document", "array", "declaration")


@given(st.text(st.sampled_from("ax= .,05-\"'[]{}\n#/\\−“é:"), max_size=30))
def test_whatever_is_broken_has_a_place_and_one_plain_sentence(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        offset, said = toml_fault(text, str(error))
        assert 0 <= offset <= len(text)
        assert said
        assert not any(word in said for word in ("\n", *LEAKS))
