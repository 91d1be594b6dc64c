"""A lesson file from the disk: its text, its name, its two parts."""

import re
from pathlib import Path

from gd_tutor.course.faults import Excerpt, LessonError, LessonFault, Report, Source, find_control

LARGEST_FILE = 2_000_000
FENCE = "+++"
SUBCOMMANDS = frozenset(
    {
        *("lessons", "trace", "export", "check", "new", "progress", "forget", "doctor"),
        *("serve", "class", "open", "help"),
    }
)
ID = re.compile(r"(?=.*[^\W\d_])\w[\w-]*")
"""Lessons, sections and questions are known by letters, digits and hyphens."""

_STEM = re.compile(r"(?P<number>\d+)[-_](?P<id>.+)", re.ASCII)


def read_source(path: Path) -> Source:
    """The file's text. Raises LessonError where it cannot be read as text."""
    return Source(path, read_text(path, LARGEST_FILE, "a lesson"))


def read_text(path: Path, largest: int, kind: str) -> str:
    """A file's text, every line ending in a plain newline. Raises LessonError where it has none.

    `largest` is in bytes; `kind` says in messages what the file should be.
    """
    try:
        if not path.is_file():
            raise _unreadable(path, _missing(path))
        if path.stat().st_size > largest:
            limit = f"{largest // 1_000_000} MB"
            message = f"This file is larger than {limit}; {kind} has to be smaller."
            raise _unreadable(path, message)
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _unreadable(path, f"This file cannot be read: {reason}.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(path, content[: error.start]) from None
    if "\0" in text:
        raise _unreadable(path, f"This is not a text file; {kind} is plain text, saved as UTF-8.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _missing(path: Path) -> str:
    return "This is not a file." if path.exists() else "There is no such file."


def _unreadable(path: Path, message: str) -> LessonError:
    return LessonError([LessonFault(path, 1, 1, message)])


def _not_utf8(path: Path, before: bytes) -> LessonError:
    lines = before.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    message = "This file is not UTF-8 text from here on; save it as UTF-8."
    return LessonError([LessonFault(path, len(lines), len(lines[-1]) + 1, message)])


def name_of(path: Path) -> tuple[int | None, str]:
    """The number and the id in a file's name: '03-derivative.md' has 3 and 'derivative'."""
    match = _STEM.fullmatch(path.stem)
    return (int(match["number"]), match["id"]) if match else (None, path.stem)


def check_name(report: Report) -> None:
    """Note what is wrong with the id in the file's name."""
    _, id = name_of(report.source.path)
    if id in SUBCOMMANDS:
        report.add(0, f"'{id}' is a command of gd-tutor; give the lesson's file another name.")
    elif not ID.fullmatch(id):
        report.add(
            0,
            f"The file's name has to be letters, digits and hyphens, as in 09-my-lesson.md; "
            f"'{id}' cannot be a lesson's id.",
        )


def check_characters(excerpt: Excerpt, report: Report) -> None:
    """Note characters that could disturb a terminal; one fault a line."""
    start = 0
    for line in excerpt.text.split("\n"):
        match = find_control(line)
        if match:
            message = f"The control character U+{ord(match[0]):04X} is not allowed; delete it."
            report.add(excerpt.offsets[start + match.start()], message)
        start += len(line) + 1


def split(source: Source, report: Report) -> tuple[Excerpt, Excerpt] | None:
    """The front matter and the body, or None with a fault where they cannot be told apart."""
    lines = source.lines
    if lines[0].rstrip() != FENCE:
        message = f"A lesson begins with a line {FENCE}, then its title, then {FENCE} again."
        report.add(0, message)
        return None
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == FENCE:
            end = source.offset(number)
            begin = min(end + len(line) + 1, len(source.text))
            front = source.excerpt(source.offset(1), end)
            return front, source.excerpt(begin, len(source.text))
    report.add(0, f"The front matter that begins here is not closed; end it with a line {FENCE}.")
    return None
