"""`gd-tutor [LESSON]`: the tutor itself, on a terminal."""

import os
import sys
from argparse import Namespace

from gd_tutor.cli.course import find_entry, open_course
from gd_tutor.cli.errors import UserError
from gd_tutor.lessons import Course, CourseError, Entry
from gd_tutor.session import Progress
from gd_tutor.training import State


def open_tutor(options: Namespace) -> int:
    """Open the course where the learner left off, or a lesson from its start."""
    course = open_course(options)
    progress = Progress()
    entry, state = (
        find_entry(course, options.lesson) if options.lesson else _left_off(course, progress)
    )
    _require_terminal(entry)
    _prepare_terminal()
    # Only now, when it is sure that a screen will be shown, is Textual imported.
    from gd_tutor.tui import TutorApp

    app = TutorApp(course, entry, progress, state, options.ascii)
    app.run()
    if app.trouble:
        raise UserError(app.trouble)
    return app.return_code or 0


def _left_off(course: Course, progress: Progress) -> tuple[Entry, State | None]:
    """The place that was saved last; the first lesson where there is none in this course."""
    saved = progress.load()
    if saved is not None:
        try:
            return course.find(saved.lesson), saved
        except CourseError:
            pass  # the place belongs to another course
    return course.entries[0], None


def _require_terminal(entry: Entry) -> None:
    streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    if not all(stream is not None and stream.isatty() for stream in streams):
        raise UserError(
            "The tutor needs a terminal for input and output; "
            f"`gd-tutor trace {entry.id}` prints the arithmetic instead."
        )


def _prepare_terminal() -> None:
    """What Textual has to find in the environment before it is imported."""
    # An exported size would override the real one.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    # Nothing here needs it, and some terminals lose composed text with it.
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
