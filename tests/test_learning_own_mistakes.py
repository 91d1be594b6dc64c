"""A lesson's own mistakes: read with their places, and refused where they tell nothing apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from gd_tutor.cli.main import main
from gd_tutor.course.check import check
from gd_tutor.course.folder import course_directory
from gd_tutor.course.lesson_file import LessonError
from gd_tutor.course.lesson_reader import load
from gd_tutor.engine.expression import Name
from gd_tutor.engine.parser import parse_answer
from learning_runs import ASKING

HERE = "§"
"""Marks in a question where its fault is expected."""

START = 'id = "q"\nphase = "update"\nask = "?"\nanswer = "next.w"\n'
SAY = 'say = "So."\n'


def write(folder: Path, mistakes: str, start: str = START) -> Path:
    path = folder / "09-lesson.md"
    path.write_text(f"{ASKING}```predict\n{start}{mistakes}```\n", encoding="utf-8")
    return path


def place(path: Path) -> tuple[int, int]:
    """Where the mark stands; it is taken away."""
    text = path.read_text(encoding="utf-8")
    before = text[: text.index(HERE)]
    path.write_text(text.replace(HERE, ""), encoding="utf-8")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


@pytest.mark.parametrize(
    "gradient",
    [
        'gradient = { w = "grad.b", residual = "residual / 3" }\n' + SAY,
        SAY + '[mistake.gradient]\nw = "grad.b"\nresidual = "residual / 3"\n',
    ],
)
def test_a_wrong_gradient_is_read(tmp_path: Path, gradient: str) -> None:
    lesson = load(write(tmp_path, f"[[mistake]]\n{gradient}"))
    (mistake,) = lesson.predictions[0].mistakes
    assert mistake.answer is None
    assert mistake.gradient == {"w": Name("grad.b"), "residual": parse_answer("residual / 3")}


def test_a_mistake_has_an_id_of_its_own_or_is_called_after_its_question(tmp_path: Path) -> None:
    mistakes = f'[[mistake]]\n{SAY}answer = "w"\n[[mistake]]\nid = "uphill"\n{SAY}answer = "b"\n'
    found = load(write(tmp_path, mistakes)).predictions[0].mistakes
    assert [mistake.id for mistake in found] == ["q-1", "uphill"]


def test_an_id_of_a_mistake_is_checked(tmp_path: Path) -> None:
    path = write(tmp_path, f'[[mistake]]\n§id = "up hill"\n{SAY}answer = "w"\n')
    expected = place(path)
    with pytest.raises(LessonError) as error:
        load(path)
    (fault,) = error.value.faults
    assert (fault.line, fault.column) == expected
    assert "letters, digits and hyphens" in fault.message


def test_a_mistake_knows_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, f'[[mistake]]\n{SAY}§answer = "w"\n')
    line, column = place(path)
    (mistake,) = load(path).predictions[0].mistakes
    assert (mistake.place.line, mistake.place.column) == (line, column)


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (f"§[[mistake]]\n{SAY}", "'answer' is missing"),
        (f'[[mistake]]\n§answer = "w"\ngradient = {{ w = "b" }}\n{SAY}', "keep one of them"),
        (f"[[mistake]]\n§gradient = {{}}\n{SAY}", "'gradient' is empty"),
        (f'[[mistake]]\n§gradient = "w"\n{SAY}', "named values"),
        (f"[[mistake]]\ngradient = {{ §w = 3 }}\n{SAY}", "words in quotes"),
        (f'[[mistake]]\ngradient = {{ §x = "w" }}\n{SAY}', "'x' has no slope"),
        (f'[[mistake]]\ngradient = {{ §u = "w" }}\n{SAY}', "no value"),
        (f'[[mistake]]\ngradient = {{ w = "w + §u" }}\n{SAY}', "There is no value 'u'"),
        (f'[[mistake]]\ngradient = {{ w = "§x" }}\n{SAY}', "'w' is a single number, but this is 3"),
        (f'[[mistake]]\ngradient = {{ w = "w §^ 2" }}\n{SAY}', "not a power"),
        ('§[[mistake]]\ngradient = { w = "b" }\n', "'say' is missing"),
    ],
)
def test_faults_of_a_wrong_gradient(tmp_path: Path, mistake: str, message: str) -> None:
    path = write(tmp_path, mistake)
    expected = place(path)
    if "[[mistake]]" in mistake.split(HERE)[1]:
        expected = (expected[0], expected[1] + 2)  # the table stands where its name does
    with pytest.raises(LessonError) as error:
        load(path)
    (fault,) = error.value.faults
    assert message in fault.message
    if "^" not in mistake:  # where Python stops reading is Python's business
        assert (fault.line, fault.column) == expected


GRADIENT = '[[mistake]]\n{}gradient = {{ w = "{}" }}\n' + SAY
ANSWER = '[[mistake]]\n{}answer = "{}"\n' + SAY


@pytest.mark.parametrize(
    ("mistakes", "message"),
    [
        (ANSWER.format("§", "w + 0.9"), "counts as the right answer"),
        (ANSWER.format("§", "w - learning_rate * grad.w * 1.001"), "counts as the right answer"),
        (GRADIENT.format("§", "-18"), "counts as the right answer"),
        (GRADIENT.format("§", "2 * grad.b - 2"), "counts as the right answer"),
        (ANSWER.format("", "w") + ANSWER.format("§", "0.5"), "This mistake gives 0.5, as the one"),
        (GRADIENT.format("", "grad.b") + ANSWER.format("§", "0.9"), "This mistake gives 0.9, as"),
    ],
)
def test_mistakes_that_cannot_be_told_apart_are_refused(
    tmp_path: Path, mistakes: str, message: str
) -> None:
    path = write(tmp_path, mistakes)
    expected = place(path)
    load(path)  # which computes nothing
    (fault,) = check([path])
    assert (fault.line, fault.column) == expected
    assert message in fault.message


def test_the_command_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, ANSWER.format("", "next.w"))
    assert main(["check", str(path)]) == 1
    assert f"{path}:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("start", "mistake"),
    [
        (START + "within = 0.01\n", ANSWER.format("", "w + 0.92")),
        (START, ANSWER.format("", "w + 0.95") + GRADIENT.format("", "grad.b")),
        (START, ANSWER.format("", "w / b")),  # which is no number
    ],
)
def test_mistakes_that_can_be_told_apart_are_not(tmp_path: Path, start: str, mistake: str) -> None:
    assert check([write(tmp_path, mistake, start)]) == ()


def test_a_lesson_says_how_close_is_too_close(tmp_path: Path) -> None:
    mistake = ANSWER.format("", "w + 0.92")
    assert check([write(tmp_path, mistake)]) == ()
    (fault,) = check([write(tmp_path, mistake, START + "within = 0.1\n")])
    assert "counts as the right answer" in fault.message


@pytest.mark.slow  # `gd-tutor check` of these lessons, which is not, would find them, too
def test_the_shipped_lessons_have_no_such_faults() -> None:
    assert check([course_directory()]) == ()
