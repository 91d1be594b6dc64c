"""`gd-tutor [LESSON]`: the tutor itself, and finding the course and lesson it opens."""

from __future__ import annotations

import gc
import os
import sys
from argparse import Namespace
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from gd_tutor.cli.output import UserError, carry
from gd_tutor.course.folder import Course, CourseError, Entry, course_directory
from gd_tutor.course.lesson import Lesson
from gd_tutor.course.lesson_file import LessonError
from gd_tutor.engine.state import State, StateError
from gd_tutor.progress.place import Bookmark, Progress, parse_bookmark
from gd_tutor.session.open_lessons import open_or_else
from gd_tutor.terminal.detection import Surroundings
from gd_tutor.terminal.display_mode import Drawing, DrawingChoice, choose, prepare, profile
from gd_tutor.terminal.hangup import Watch
from gd_tutor.terminal.settings import Mode, Settings, WrongSetting, read_settings


def open_course(options: Namespace) -> Course:
    """The course that the options name, or the built-in one.

    A lesson named by its file is a course of its own.
    """
    named = getattr(options, "lesson", None) or ""
    try:
        if is_file(named):
            return Course.of_file(Path(named))
        return Course(Path(options.lessons) if options.lessons else course_directory())
    except CourseError as error:
        raise UserError(str(error)) from None


def is_file(text: str) -> bool:
    """Whether a lesson is named by its file, going by the ending."""
    return text.endswith(".md")


def find_entry(course: Course, text: str) -> tuple[Entry, Bookmark]:
    """The lesson and place named by a number, an id or a state line."""
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
    """The same with the lesson loaded."""
    entry, bookmark = find_entry(course, text)
    try:
        return course.load(entry), bookmark.state
    except LessonError as error:
        faults = "\n".join(map(str, error.faults))
        message = (
            f"The lesson '{entry.id}' has faults; mend them and run `gd-tutor check`.\n{faults}"
        )
        raise UserError(message) from None


def choose_here(options: Namespace) -> tuple[DrawingChoice, Settings]:
    """How to draw here, and the settings that were considered. Raises UserError."""
    settings = read_settings()
    try:
        return choose(options.mode, Surroundings.here(), settings), settings
    except WrongSetting as error:
        raise UserError(str(error)) from None


def no_terminal(what: str, instead: str) -> UserError:
    """The error that something needs a terminal, and what to do instead."""
    if Surroundings.here().over_ssh:
        instead = f"log in with `ssh -t`, which gives a command one; {instead}"
    return UserError(f"{what} needs a terminal for input and output; {instead}.")


def notice(choice: DrawingChoice, settings: Settings) -> str:
    """What the learner should know about both, if anything."""
    return " ".join(filter(None, (settings.trouble, choice.sentence)))


def prepared(choice: DrawingChoice, settings: Settings) -> Drawing:
    """How to draw, with the environment prepared for importing Textual. Raises UserError."""
    try:
        carries = profile(os.environ)
    except WrongSetting as error:
        raise UserError(str(error)) from None
    ascii = choice.mode is Mode.ASCII
    drawing = Drawing(ascii, carries, settings.theme, notice(choice, settings))
    prepare(os.environ, drawing)
    return drawing


Where = tuple[Entry, Bookmark | None]
"""A lesson and a bookmark in it; None means its start."""


def open_tutor(options: Namespace) -> int:
    """Open the course where the learner left off, or a lesson at its start."""
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
    """Run the tutor on a screen."""
    # Imported objects all stay, and collecting among them would take a sixth of the start.
    # The app enables the collector after its first complete screen.
    gc.disable()
    # Textual is imported only once a screen is sure to be shown.
    from gd_tutor.tui.app import TutorApp

    entry, bookmark = where
    app = TutorApp(course, entry, progress, bookmark, drawing, resumed)
    status = app.show()
    if app.trouble:
        raise UserError(app.trouble)
    if app.way_back:
        with suppress(OSError):  # the terminal may be gone
            print(f"Back to this place: {app.way_back}", flush=True)
    return status


def _talk(course: Course, progress: Progress, where: Where, resumed: bool, spoken: bool) -> int:
    """Run the tutor as lines of text.

    Plain text on request is usually for a screen reader and has formulas in words; a dumb terminal
    is read by eye.
    """
    # The full-screen tutor does not need this.
    from gd_tutor.plain.conversation import Reader

    carry(ascii=False)
    Watch().start()
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # no undecodable key may end the tutor
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
    """The named lesson, and the run that its name describes."""
    return find_entry(course, text)


def _left_off(course: Course, progress: Progress) -> Where:
    """The last saved bookmark; the first lesson where there is none in this course."""
    saved = progress.load()
    if saved is not None:
        try:
            return course.find(saved.state.lesson), saved
        except CourseError:
            pass  # the bookmark belongs to another course
    return course.entries[0], None
