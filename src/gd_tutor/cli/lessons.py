"""`gd-tutor lessons`: the list."""

import sys
from argparse import Namespace

from gd_tutor.cli.course import open_course
from gd_tutor.lessons.course import left_out


def list_lessons(options: Namespace) -> int:
    """Number, id and title of every lesson, one a line."""
    course = open_course(options)
    entries = course.entries
    wide = max(len(entry.id) for entry in entries)
    for entry in entries:
        number = "" if entry.number is None else entry.number
        fault = f"  (cannot be opened: {entry.fault})" if entry.fault else ""
        print(f"{number:>2}  {entry.id:<{wide}}  {entry.title}{fault}")
    for translation in left_out(course.directory):
        print(translation.message, file=sys.stderr)
    return 0
