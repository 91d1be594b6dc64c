"""Lessons named by their files, files that are no lessons, and places in a course."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gd_tutor.cli.main import COMMANDS, main
from gd_tutor.course.experiment_data import read_csv
from gd_tutor.course.folder import Course, CourseError
from gd_tutor.course.lesson_file import SUBCOMMANDS, LessonError
from gd_tutor.course.lesson_reader import load
from gd_tutor.notation.spans import spelled, to_ascii, unseen, width
from gd_tutor.session.lesson_session import Session
from gd_tutor.session.open_lessons import unseen_in

LESSON = """+++
title = "Äpfel"
[experiment]
data = { file = "apples.csv", y = "price" }
parameters = { x = 8 }
learning_rate = 0.1
forward = "loss = mean((y - x) ** 2)"
+++
Ein Kilo kostet {{y[0]}}; groß.
"""
WORDS = '+++\ntitle = "Words"\n+++\nWords.\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "35-apples.md").write_text(LESSON, encoding="utf-8")
    (tmp_path / "apples.csv").write_text("kind,price\nBoskop,5\nElstar,3\n", encoding="utf-8")
    for name in ("10-first.md", "20-second.md"):
        (tmp_path / name).write_text(WORDS, encoding="utf-8")
    return tmp_path


Told = Callable[[], str]


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Told:
    return lambda: capsys.readouterr().out


def test_a_lesson_is_opened_by_its_file_with_the_data_beside_it(folder: Path, out: Told) -> None:
    assert main(["trace", str(folder / "35-apples.md")]) == 0
    assert "x − η·∂loss/∂x" in out()


def test_a_file_is_a_course_of_one_lesson(folder: Path) -> None:
    course = Course.of_file(folder / "35-apples.md")
    assert [entry.id for entry in course.entries] == ["apples"]
    assert (course.position("apples"), course.concepts) == (1, 1)


@pytest.mark.parametrize(("name", "said"), [("nowhere.md", "no file"), ("a.de.md", "translation")])
def test_a_file_that_cannot_be_opened_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    (folder / "a.de.md").write_text(WORDS, encoding="utf-8")
    assert main([str(folder / name)]) == 2
    assert said in capsys.readouterr().err


def test_a_place_in_the_course_is_counted_whatever_the_files_numbers(folder: Path) -> None:
    course = Course(folder)
    session = Session(course.load(course.find("35")), course)
    assert (course.position(session.lesson.id), course.concepts) == (3, 3)
    first = course.load(course.find("first"))
    assert course.position(first.id) == 1


def test_a_translation_is_left_out_with_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "35-apples.de.md").write_text(LESSON, encoding="utf-8")
    assert main(["lessons", "--lessons", str(folder)]) == 0
    told = capsys.readouterr()
    assert ".de" not in told.out
    assert "'35-apples.de.md' is left out: .de.md marks a translation" in told.err
    assert "35-apples-de.md" in told.err
    assert main(["check", str(folder)]) == 0
    assert "warning: '35-apples.de.md' is left out" in capsys.readouterr().out


def test_a_folder_with_a_translation_alone_says_why_it_has_no_lesson(tmp_path: Path) -> None:
    (tmp_path / "02-apfel.de.md").write_text(WORDS, encoding="utf-8")
    with pytest.raises(CourseError, match=r"'02-apfel\.de\.md' is left out"):
        Course(tmp_path)


def test_no_lesson_has_the_name_of_a_command(tmp_path: Path) -> None:
    assert {*COMMANDS, "open", "serve", "class"} <= SUBCOMMANDS
    for id in SUBCOMMANDS:
        path = tmp_path / f"05-{id}.md"
        path.write_text(WORDS, encoding="utf-8")
        with pytest.raises(LessonError, match=f"'{id}' is a command of gd-tutor"):
            load(path)


def test_a_column_of_words_is_one_fault(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("kind,price\n" + "Elm,1\n" * 30, encoding="utf-8")
    with pytest.raises(LessonError) as error:
        read_csv(path).columns(["price", "kind"])
    (fault,) = error.value.faults
    assert (fault.line, fault.column) == (1, 1)
    assert fault.message.startswith("The column 'kind' holds words, such as 'Elm', not numbers;")
    assert "There are price." in fault.message


# Without a terminal, and in ASCII


@pytest.mark.parametrize("words", [["3"], ["new", "my-lab.md"]])
def test_over_ssh_a_terminal_is_asked_for_with_the_option_that_gives_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "__stdin__", None)
    for name in ("SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    assert main(words) == 2
    assert "ssh" not in capsys.readouterr().err
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 50000 10.0.0.2 22")
    assert main(words) == 2
    assert "log in with `ssh -t`" in capsys.readouterr().err


def test_what_ascii_can_spell_is_spelled_and_the_rest_told_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "40-big.md").write_text('+++\ntitle = "Größe 損失"\n+++\nGroß.\n', encoding="utf-8")
    assert main(["lessons", "--ascii", "--lessons", str(folder)]) == 0
    told = capsys.readouterr()
    assert "Grosse ????" in told.out
    assert "Apfel" in told.out
    assert told.err.count("\n") == 1
    assert "(U+640D, U+5931)" in told.err


def test_a_screen_keeps_its_cells_in_ascii() -> None:
    for text in ("ßæøłÞœ", "，（ＡＢ）", "é ñ", "損失"):
        assert to_ascii(text).isascii()
        assert width(to_ascii(text)) == width(text)
    assert spelled("Maß æther") == "Mass aether"
    assert unseen("Größe 損失?") == "損失"


def test_a_lesson_says_that_it_needs_more_than_ascii(folder: Path) -> None:
    assert unseen_in(load(folder / "35-apples.md")) == ""
    path = folder / "40-big.md"
    path.write_text('+++\ntitle = "損失"\n+++\n損失。\n', encoding="utf-8")
    assert "2 characters of this lesson cannot be shown in ASCII" in unseen_in(load(path))


def test_the_shipped_lessons_need_no_more_than_ascii() -> None:
    from gd_tutor.course.folder import course_directory

    course = Course(course_directory())
    assert {entry.id: unseen_in(course.load(entry)) for entry in course.entries} == {
        entry.id: "" for entry in course.entries
    }
