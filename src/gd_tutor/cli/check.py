"""`gd-tutor check`: every fault of lesson files, with its place."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from gd_tutor.cli.course import open_course
from gd_tutor.cli.errors import UserError
from gd_tutor.lessons import CourseError, LessonError, LessonFault, check
from gd_tutor.lessons.control import without_control
from gd_tutor.lessons.csv_file import LARGEST_TABLE
from gd_tutor.lessons.file import read_text
from gd_tutor.notation.spans import width

WIDEST = 76
"""Columns of a line of a file that is shown."""
BEFORE = 40
"""Columns shown before the fault where the line is wider."""


def check_files(options: Namespace) -> int:
    """Check files and folders, or the whole course; 1 where there are faults."""
    paths = [Path(path) for path in options.paths] or [open_course(options).directory]
    for path in paths:
        if not path.exists():
            raise UserError(f"There is no file or folder {path}.")
    try:
        found = check(paths)
    except CourseError as error:
        raise UserError(str(error)) from None
    status = 0 if all(fault.warning for fault in found) else 1
    if options.json:
        print(json.dumps(as_data(found), indent=2))
        return status
    for fault in found:
        for line in told(fault):
            print(line)
    if options.questions:
        from gd_tutor.cli.questions import print_questions

        print_questions(paths)
    warnings = sum(fault.warning for fault in found)
    counts = [_counted(len(found) - warnings, "fault"), _counted(warnings, "warning")]
    if found:
        print(f"{' and '.join(filter(None, counts))} found.", file=sys.stderr)
    elif not options.questions:
        print("No faults found.")
    return status


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count > 1 else ''}" if count else ""


def told(fault: LessonFault) -> Iterator[str]:
    """Place and message, then the line of the file, and below it a mark at the place."""
    yield str(fault)
    lines = _lines(fault.path)
    line = lines[fault.line - 1] if fault.line <= len(lines) else ""
    if not line.strip():
        return
    before, after = line[: fault.column - 1].expandtabs(4), line[fault.column - 1 :]
    if width(before) > BEFORE and width(before + after) > WIDEST:
        while width(before) > BEFORE:
            before = before[max(1, (width(before) - BEFORE) // 2) :]
        before = f"…{before}"
    shown = without_control(f"{before}{after}")
    shown = shown[:WIDEST]
    while width(shown) > WIDEST:
        shown = shown[:-1]
    yield f"    {shown}"
    yield f"    {' ' * width(without_control(before))}^"


@cache
def _lines(path: Path) -> Sequence[str]:
    """The lines of a file; none where it cannot be read, which is a fault of its own."""
    try:
        return read_text(path, LARGEST_TABLE, "a lesson").split("\n")
    except LessonError:
        return ()


def as_data(found: Sequence[LessonFault]) -> dict[str, object]:
    """The faults and warnings for other programs."""
    return {
        kind: [
            {
                "file": str(fault.path),
                "line": fault.line,
                "column": fault.column,
                "message": fault.message,
            }
            for fault in found
            if fault.warning == warning
        ]
        for kind, warning in (("faults", False), ("warnings", True))
    }
