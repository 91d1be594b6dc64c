"""`gd-tutor lessons`: the list."""

from argparse import Namespace

from gd_tutor.cli.course import open_course


def list_lessons(options: Namespace) -> int:
    """Number, id and title of every lesson, one a line."""
    entries = open_course(options).entries
    wide = max(len(entry.id) for entry in entries)
    for entry in entries:
        number = "" if entry.number is None else entry.number
        fault = f"  (cannot be opened: {entry.fault})" if entry.fault else ""
        print(f"{number:>2}  {entry.id:<{wide}}  {entry.title}{fault}")
    return 0
