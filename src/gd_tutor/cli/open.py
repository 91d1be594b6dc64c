"""`gd-tutor [LESSON]`: the tutor itself, on a terminal."""

import os
import sys
from argparse import Namespace

from gd_tutor.cli.course import find_lesson, load, open_course
from gd_tutor.cli.errors import UserError
from gd_tutor.lessons import Course, CourseError, Lesson
from gd_tutor.session.progress import Progress
from gd_tutor.training.state import State, StateError


def open_tutor(options: Namespace) -> int:
    """Open the course where the learner left off, or a lesson from its start."""
    course = open_course(options)
    progress = Progress()
    if options.lesson:
        lesson, state = find_lesson(course, options.lesson)
    else:
        lesson, state = _left_off(course, progress)
    _require_terminal(lesson)
    _prepare_terminal()
    # Only now, when it is sure that a screen will be shown, is Textual imported.
    from gd_tutor.session import Session
    from gd_tutor.tui import TutorApp

    try:
        session = Session(lesson, course, state, options.ascii)
    except StateError as error:
        raise UserError(str(error)) from None
    if progress.trouble:
        session.message = progress.trouble
    app = TutorApp(course, session, progress, options.ascii)
    app.run()
    return app.return_code or 0


def _left_off(course: Course, progress: Progress) -> tuple[Lesson, State]:
    """The place that was saved last; the first lesson where there is none in this course."""
    saved = progress.load()
    if saved is not None:
        try:
            return load(course, saved), saved
        except CourseError:
            pass  # the place belongs to another course
    first = course.entries[0]
    return load(course, State(first.id)), State(first.id)


def _require_terminal(lesson: Lesson) -> None:
    streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    if not all(stream is not None and stream.isatty() for stream in streams):
        raise UserError(
            "The tutor needs a terminal for input and output; "
            f"`gd-tutor trace {lesson.id}` prints the arithmetic instead."
        )


def _prepare_terminal() -> None:
    """What Textual has to find in the environment before it is imported."""
    # An exported size would override the real one.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    # Nothing here needs it, and some terminals lose composed text with it.
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
