"""What `gd-tutor check` finds before a learner does, and how it says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gd_tutor.cli.main import main
from gd_tutor.course.check import check
from gd_tutor.course.lesson_file import LessonFault

LESSON = '''+++
title = "A line"
[experiment]
data = { y = [5, 3, 4] }
parameters = { x = [8, 2, 5] }
learning_rate = 0.3
forward = """
residual = y - x
loss = mean(residual ** 2)
"""
symbols = { residual = "ε", loss = "l" }
+++
## {one} One
Here $x$ is {{x[0]}} and the loss is {{loss}}.

'''
FIND = """```question
id = "find"
ask = "Which?"
wrong = "residual"
by = "x - y"
say = "The sign."
```
"""


def write(folder: Path, text: str, name: str = "01-line.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def found(folder: Path, text: str) -> tuple[LessonFault, ...]:
    return check([write(folder, text)])


def changed(old: str, new: str, text: str = LESSON) -> str:
    assert old in text
    return text.replace(old, new)


def test_a_sound_lesson_has_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, LESSON + FIND) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "message"),
    [
        ("residual = y - x", "residual = y / (x - 8)", 8, 1, "'residual' is too large: it divides"),
        ("residual = y - x", "residual = log(y - x)", 8, 1, "is not a number: it takes log of −3."),
        ("residual = y - x", "residual = exp(300 * x)", 8, 1, "too large: it takes exp of 2400."),
        ("residual = y - x", "residual = sqrt(x - 2)", 8, 1, "the slope of the loss along"),
        ("rate = 0.3", "rate = 4", 6, 1, "the loss grows: 3.6667 at iteration 0"),
        ("Here $x$", "Here $resudial$", 14, 7, "Did you mean 'residual'?"),
        ("Here $x$", "Here $next.y$", 14, 7, "'y' has no next value"),
        ('loss = "l"', 'loss = "ε"', 11, 29, "'residual' and 'loss' are both drawn as ε"),
        ('loss = "l"', 'loss = "y"', 11, 29, "'y' and 'loss' are both drawn as y"),
        ('loss = "l"', 'loss = "η"', 11, 29, "'learning_rate' and 'loss' are both drawn as η"),
        ('by = "x - y"', 'by = "3 * loss"', 20, 7, "which gives the line away"),
    ],
)
def test_what_does_not_work_is_a_fault_at_its_place(
    tmp_path: Path, old: str, new: str, line: int, column: int, message: str
) -> None:
    (fault,) = found(tmp_path, changed(old, new, LESSON + FIND))
    assert message in fault.message
    assert (fault.line, fault.column, fault.warning) == (line, column, False)


def test_a_loss_without_a_number_is_one_fault_however_much_is_asked(tmp_path: Path) -> None:
    asked = FIND + FIND.replace('"find"', '"again"')
    (fault,) = found(tmp_path, changed("y - x", "y / (x - x)", LESSON + asked))
    assert "divides by 0" in fault.message


def test_a_run_may_be_meant_to_diverge(tmp_path: Path) -> None:
    assert found(tmp_path, changed("rate = 0.3", "rate = 4\ndiverges = true")) == ()


def test_letters_that_are_no_values_stand_for_themselves(tmp_path: Path) -> None:
    assert found(tmp_path, changed("Here $x$", "A sum $a + b$ and here $x$")) == ()


def test_a_lesson_that_is_to_come_has_to_be_there(tmp_path: Path) -> None:
    text = changed('title = "A line"', 'title = "A line"\nlater = { backward = "slops" }')
    assert found(tmp_path, text) == ()  # alone, it may be written for any course
    write(tmp_path, '+++\ntitle = "Slopes"\n+++\nWords.\n', "02-slopes.md")
    (fault,) = found(tmp_path, text)
    assert (fault.line, fault.column) == (3, 11)
    assert fault.message.endswith("'slops' beside this one. Did you mean 'slopes'?")


@pytest.mark.parametrize(
    ("body", "line", "column", "message"),
    [
        ("See [this](http://x.org).", 16, 5, "Of a link only its words"),
        ("See <http://x.org>.", 16, 5, "Of a link only its words"),
        ("One  \ntwo.", 16, 4, "A line break inside a paragraph"),
        ("One\\\ntwo.", 16, 4, "A line break inside a paragraph"),
        ("Water is H<sub>2</sub>O.", 16, 11, "HTML is shown as it is typed"),
        ("A <!-- remark -->.", 16, 3, "HTML is shown as it is typed"),
        ("```\n" + "x" * 40 + "\n```", 17, 1, "takes 40 columns"),
        ("~~~\n" + "x" * 40 + "\n~~~", 17, 1, "takes 40 columns"),
        ("A value $velocity$.", 16, 10, "It is drawn as typed."),
    ],
)
def test_what_is_not_shown_as_typed_is_a_warning(
    tmp_path: Path, body: str, line: int, column: int, message: str
) -> None:
    warnings = found(tmp_path, f"{LESSON}{body}\n")
    assert warnings[0].warning
    assert message in warnings[0].message
    assert (warnings[0].line, warnings[0].column) == (line, column)


def test_questions_between_tildes_are_read(tmp_path: Path) -> None:
    assert found(tmp_path, LESSON + FIND.replace("```", "~~~")) == ()


@pytest.mark.parametrize("rest", ["", "\n## {two} Two\nMore.\n", "\n" + FIND])
def test_a_block_that_is_not_closed_is_one_fault(tmp_path: Path, rest: str) -> None:
    (fault,) = found(tmp_path, LESSON + FIND.removesuffix("```\n") + rest)
    assert fault.message == "This block is not closed; end it with a line ```."
    assert fault.line == 16


def test_two_files_with_one_number_are_warned_of(tmp_path: Path) -> None:
    write(tmp_path, LESSON)
    second = write(tmp_path, LESSON, "01-other.md")
    (warning,) = check([tmp_path])
    assert (warning.path, warning.warning) == (second, True)
    assert "'01-line.md' has the number 1, too" in warning.message


# The command


def test_a_fault_shows_its_line_and_a_mark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, changed("y - x", "y % x"))
    assert main(["check", str(path)]) == 1
    first, line, mark = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{path}:8:12: `%` is not allowed")
    assert line == "    residual = y % x"
    assert mark == "    " + " " * 11 + "^"


def test_the_mark_stands_below_wide_characters_and_long_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, LESSON + "损失是" * 40 + "{{los}}。\n")
    assert main(["check", str(path)]) == 1
    _, line, mark = capsys.readouterr().out.splitlines()
    from gd_tutor.notation.spans import width

    before = line[: line.index("los")]
    assert width(line) <= 80
    assert mark == " " * width(before) + "^"


def test_warnings_alone_are_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, LESSON + "See [this](http://x.org).\n")
    assert main(["check", str(path)]) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"{path}:16:5: warning: Of a link")
    assert told.err == "1 warning found.\n"


def test_other_programs_get_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, changed("y - x", "y % x") + "See [this](http://x.org).\n")
    assert main(["check", "--json", str(path)]) == 1
    told = capsys.readouterr()
    data = json.loads(told.out)
    assert told.err == ""
    (fault,), (warning,) = data["faults"], data["warnings"]
    assert (fault["file"], fault["line"], fault["column"]) == (str(path), 8, 12)
    assert warning["message"].startswith("Of a link")
    assert main(["check", "--json", str(write(tmp_path, LESSON))]) == 0
    assert json.loads(capsys.readouterr().out) == {"faults": [], "warnings": []}


NUMBER = """```predict
id = "first"
phase = "forward"
ask = "What is $residual$ for {{x[0]}}?"
answer = "residual[0]"
hints = ["Take {{x[0]}} away."]
[[mistake]]
answer = "x[0] - y[0]"
say = "The sign."
```
"""
CHOICE = """```question
id = "why"
ask = "Why?"
[[option]]
text = "No."
say = "Wrong."
[[option]]
text = "Yes."
right = true
say = "Right."
```
"""


def test_the_questions_are_printed_with_their_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, LESSON + NUMBER + CHOICE + FIND)
    assert main(["check", "--questions", str(path)]) == 0
    assert (
        capsys.readouterr().out
        == f"""A line ({path})

1. first, before forward, iteration 0
   What is ε for 8?
  *−3
   3: The sign.
   hint: Take 8 away.

2. why, question
   Why?
   a) No.
      Wrong.
  *b) Yes.
      Right.

3. find, question, iteration 0
   Which?
   wrong: residual
      The sign.

"""
    )
