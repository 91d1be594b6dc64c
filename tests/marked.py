"""Lessons with a mark where their only fault is expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from gd_tutor.course.check import check
from gd_tutor.course.lesson import Lesson
from gd_tutor.course.lesson_file import LessonError, LessonFault
from gd_tutor.course.lesson_reader import load

HERE = "§"


def write(folder: Path, text: str) -> Path:
    path = folder / "09-lesson.md"
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str) -> Lesson:
    return load(write(folder, text))


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def expect(folder: Path, marked: str, message: str, computed: bool = False) -> None:
    """The only fault stands at the mark; those that are `computed` are found by check alone."""
    before, found_mark, after = marked.partition(HERE)
    assert found_mark
    path = write(folder, before + after)
    faults = check([path])
    place = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert [(fault.line, fault.column) for fault in faults] == [place], faults
    assert message in faults[0].message
    assert faults[0].message.rstrip("`]}…").endswith((".", "?"))
    assert reads(path) == computed


def reads(path: Path) -> bool:
    """Whether a file can be read as a lesson."""
    try:
        load(path)
    except LessonError:
        return False
    return True


def all_faults(folder: Path, text: str) -> tuple[LessonFault, ...]:
    with pytest.raises(LessonError) as error:
        read(folder, text)
    return error.value.faults
