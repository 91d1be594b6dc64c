"""Finding the course and the lesson that a call is about."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from gd_tutor.cli.errors import UserError
from gd_tutor.lessons import Course, CourseError, Entry, LessonError, course_directory
from gd_tutor.progress import Bookmark, parse_bookmark
from gd_tutor.training import State, StateError

if TYPE_CHECKING:  # no lesson is read before the first frame
    from gd_tutor.lessons import Lesson


def open_course(options: Namespace) -> Course:
    """The course that the options name, or the one that comes with gd-tutor.

    A lesson that is named by its file is a course of its own.
    """
    named = getattr(options, "lesson", None) or ""
    try:
        if is_file(named):
            return Course.of_file(Path(named))
        return Course(Path(options.lessons) if options.lessons else course_directory())
    except CourseError as error:
        raise UserError(str(error)) from None


def is_file(text: str) -> bool:
    """Whether a lesson is named by its file: no id and no state line ends so."""
    return text.endswith(".md")


def find_entry(course: Course, text: str) -> tuple[Entry, Bookmark]:
    """The lesson that a number, an id or a state line names, and the place in it."""
    if is_file(text):
        entry = course.entries[0]
        return entry, Bookmark(State(entry.id))
    try:
        bookmark = parse_bookmark(text)
        return course.find(bookmark.state.lesson), bookmark
    except StateError as error:
        raise UserError(str(error)) from None
    except CourseError as error:
        raise UserError(f"{error} `gd-tutor lessons` lists them.") from None


def find_lesson(course: Course, text: str) -> tuple[Lesson, State]:
    """The same with the whole lesson."""
    entry, bookmark = find_entry(course, text)
    try:
        return course.load(entry), bookmark.state
    except LessonError as error:
        faults = "\n".join(map(str, error.faults))
        message = (
            f"The lesson '{entry.id}' has faults; mend them and run `gd-tutor check`.\n{faults}"
        )
        raise UserError(message) from None
