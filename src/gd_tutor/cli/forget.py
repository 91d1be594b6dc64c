"""`gd-tutor forget`: removing what is kept of a lesson."""

from argparse import Namespace

from gd_tutor.cli.course import open_course
from gd_tutor.cli.errors import UserError
from gd_tutor.files import reason
from gd_tutor.lessons import Course, CourseError
from gd_tutor.progress import Progress


def forget(options: Namespace) -> int:
    """Remove the events of a lesson, or of all, and the place where it is there; say what went."""
    if bool(options.lesson) == options.all:
        raise UserError("Name one lesson to forget, by its number or its id, or say --all.")
    course = open_course(options)
    progress = Progress.of(course)
    try:
        if options.all:
            print(_said("all lessons", *progress.forget_all()))
        else:
            lesson = _lesson(course, progress, options.lesson.strip())
            print(_said(lesson, *progress.forget(lesson)))
    except OSError as error:
        raise UserError(f"Nothing more could be forgotten: {reason(error)}.") from None
    return 0


def _lesson(course: Course, progress: Progress, name: str) -> str:
    """The id of a lesson of the course, or of one that only the log still knows."""
    try:
        return course.find(name).id
    except CourseError as error:
        bookmark = progress.load()
        known = {record.lesson for record in progress.events()}
        if name in known or (bookmark is not None and bookmark.state.lesson == name):
            return name
        raise UserError(f"{error} `gd-tutor progress` lists what is kept.") from None


def _said(lesson: str, events: int, place: bool) -> str:
    removed = [f"{events} event{'s'[: events != 1]}"] if events else []
    removed += ["the saved place"] if place else []
    if not removed:
        return f"There is nothing to forget of {lesson}."
    return f"Forgot {lesson}: removed {' and '.join(removed)}."
