"""`gd-tutor [LESSON]`: the tutor itself."""

import gc
import sys
from argparse import Namespace
from contextlib import suppress
from io import TextIOWrapper

from gd_tutor.cli.course import find_entry, is_file, open_course
from gd_tutor.cli.errors import UserError
from gd_tutor.cli.output import carry
from gd_tutor.cli.screen import choose_here, no_terminal, notice, prepared
from gd_tutor.lessons import Course, CourseError, Entry, LessonError
from gd_tutor.progress import Bookmark, Progress
from gd_tutor.session import open_or_else
from gd_tutor.terminal import Drawing, Mode, Watch
from gd_tutor.training import StateError

Where = tuple[Entry, Bookmark | None]
"""A lesson and the bookmark in it; None is its start."""


def open_tutor(options: Namespace) -> int:
    """Open the course where the learner left off, or a lesson from its start."""
    course = open_course(options)
    progress = Progress.of(course)
    resumed = not options.lesson
    where = _left_off(course, progress) if resumed else _asked(course, options.lesson)
    choice, settings = choose_here(options)
    told = notice(choice, settings)
    if told and choice.mode in (None, Mode.PLAIN):
        print(f"gd-tutor: {told}", file=sys.stderr, flush=True)
    match choice.mode:
        case None:
            named = options.lesson if is_file(options.lesson or "") else where[0].id
            instead = f"`gd-tutor trace {named}` prints the arithmetic instead"
            raise no_terminal("The tutor", instead)
        case Mode.PLAIN:
            return _talk(course, progress, where, resumed, spoken=choice.asked)
        case _:
            return _draw(course, progress, where, resumed, prepared(choice, settings))


def _draw(course: Course, progress: Progress, where: Where, resumed: bool, drawing: Drawing) -> int:
    """The tutor on a screen."""
    # All that imports make stays: looking through it for garbage would take a sixth of the start.
    # The app switches the collector on again behind its first whole screen.
    gc.disable()
    # Only now, when it is sure that a screen will be shown, is Textual imported.
    from gd_tutor.tui import TutorApp

    entry, bookmark = where
    app = TutorApp(course, entry, progress, bookmark, drawing, resumed)
    status = app.show()
    if app.trouble:
        raise UserError(app.trouble)
    if app.way_back:
        with suppress(OSError):  # the terminal may be gone with the learner
            print(f"Back to this place: {app.way_back}", flush=True)
    return status


def _talk(course: Course, progress: Progress, where: Where, resumed: bool, spoken: bool) -> int:
    """The tutor as lines of text.

    Who asks for plain text listens to it, as a rule, and gets formulas in words; who has a dumb
    terminal reads it.
    """
    from gd_tutor.plain import Reader

    carry(ascii=False)
    Watch().start()
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # no key may end the tutor
    reader = Reader(course, progress, spoken, sys.stdin, sys.stdout)
    others = (where[0], *course.entries) if resumed else ()
    try:
        _, reason = open_or_else(reader.enter, *where, others)
    except (LessonError, StateError) as error:
        raise UserError(str(error)) from None
    if reason:
        reader.say(reason)
    reader.run_course()
    return 0


def _asked(course: Course, text: str) -> Where:
    """The lesson that was named, and what the name says of its run."""
    return find_entry(course, text)


def _left_off(course: Course, progress: Progress) -> Where:
    """The bookmark that was saved last; the first lesson where there is none in this course."""
    saved = progress.load()
    if saved is not None:
        try:
            return course.find(saved.state.lesson), saved
        except CourseError:
            pass  # the bookmark belongs to another course
    return course.entries[0], None
