"""`gd-tutor check`: every fault of lesson files, with its place."""

import sys
from argparse import Namespace
from pathlib import Path

from gd_tutor.cli.course import open_course
from gd_tutor.cli.errors import UserError
from gd_tutor.lessons import CourseError, check


def check_files(options: Namespace) -> int:
    """Check files and folders, or the whole course; 1 where there are faults."""
    paths = [Path(path) for path in options.paths] or [open_course(options).directory]
    for path in paths:
        if not path.exists():
            raise UserError(f"There is no file or folder {path}.")
    try:
        faults = check(paths)
    except CourseError as error:
        raise UserError(str(error)) from None
    for fault in faults:
        print(fault)
    if faults:
        print(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} found.", file=sys.stderr)
        return 1
    print("No faults found.")
    return 0
