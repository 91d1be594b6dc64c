"""A lab of one's own: a lesson file that is being written, and the draft of what is not saved."""

import json
import shlex
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from gd_tutor.course.folder import Course, Entry, is_lesson
from gd_tutor.course.lesson import Lesson
from gd_tutor.course.lesson_file import (
    LARGEST_FILE,
    LessonError,
    Report,
    Source,
    check_name,
    name_of,
    read_text,
)
from gd_tutor.course.own_lab_fields import (
    EMPTY,
    Field,
    FieldFault,
    Fields,
    LabFrame,
    check_fields,
    read_fields,
    write,
)
from gd_tutor.files import FileRefused, name_for, reason, state_folder, write_text, write_whole

Result = TypeVar("Result")


class LabError(Exception):
    """The file or its draft cannot be used; the message says so in one sentence."""


@dataclass
class Lab:
    """A lesson file and its fields.

    `saved` is what the file has, `on_disk` its bytes, None where there is no file yet. `shown` is
    what the page begins with, `other` another text that it offers, and `notice` says why.
    """

    path: Path
    frame: LabFrame = field(default_factory=LabFrame)
    saved: Fields = field(default_factory=lambda: EMPTY)
    on_disk: bytes | None = None
    shown: Fields = field(default_factory=lambda: EMPTY)
    other: Fields | None = None
    notice: str = ""
    _kept: bool = False

    @classmethod
    def open(cls, path: Path, force: bool = False, given: Fields | None = None) -> "Lab":
        """The lab in a file; a new one where there is no file, or with `force`.

        `given` is what a new one begins with. Raises LabError.
        """
        check_path(path)
        on_disk = _disk(path, lambda: _bytes(path))
        lab = cls(path, on_disk=on_disk)
        if on_disk is not None and not force:
            if given is not None:
                raise LabError(
                    f"'{path}' exists already; choose another name, or --force to replace it."
                )
            lab.saved, lab.frame = _read(path)
        lab._begin(EMPTY if force and given is None else given)
        return lab

    def _begin(self, given: Fields | None) -> None:
        """Choose what is shown first: what was not saved last time, unless something is given."""
        draft = self._draft()
        self.shown = self.saved if given is None else given
        if draft is None or draft == self.shown:
            return
        if given is not None:
            self.other = draft
            self.notice = "There is unsaved text of last time: `ctrl+g` shows it."
            return
        self.shown, self.other = draft, self.saved
        back = "empties the page" if self.on_disk is None else "goes back to the file"
        self.notice = f"This is your unsaved text of last time; `ctrl+g` {back}."

    @property
    def entry(self) -> Entry:
        """The lab in the list of its course."""
        number, id = name_of(self.path)
        return Entry(id, number, self.saved[Field.TITLE] or id, "", self.path)

    def check(self, fields: Fields) -> Lesson | FieldFault:
        """The lesson, or its first fault."""
        return check_fields(self.path, fields, self.frame)

    def save(self, fields: Fields) -> str:
        """Write the file; the sentence to say of it. Raises LabError, also for unsound fields."""
        checked = self.check(fields)
        if isinstance(checked, FieldFault):
            raise LabError(f"Not saved yet. {checked}")
        if self.on_disk != _disk(self.path, lambda: _bytes(self.path)):
            raise LabError(
                f"'{self.path}' was changed by another program meanwhile and is not overwritten; "
                "`escape` keeps your text as a draft."
            )
        text = write(fields, self.frame)
        if self.on_disk and b"\r\n" in self.on_disk:
            text = text.replace("\n", "\r\n")
        try:
            write_text(self.path, text, force=self.on_disk is not None)
        except FileRefused as error:
            raise LabError(str(error)) from None
        self.on_disk, self.saved = text.encode(errors="replace"), fields
        with suppress(OSError):
            self.draft_file.unlink(missing_ok=True)
        folder = shlex.quote(str(self.path.resolve().parent))
        return f"Saved in {self.path}. `gd-tutor --lessons {folder} {checked.id}` opens it."

    # The draft

    @cached_property
    def draft_file(self) -> Path:
        """Where unsaved text is kept."""
        name = name_for(self.path.resolve(), self.path.stem)
        return state_folder() / "drafts" / f"{name}.json"

    def keep(self, fields: Fields) -> None:
        """Keep what is not saved for next time. Raises LabError.

        Where nothing was typed, the draft of last time stays as it is.
        """
        if fields == self.shown and not self._kept:
            return
        try:
            if fields == self.saved or not any(map(str.strip, fields.values())):
                self.draft_file.unlink(missing_ok=True)
                return
            write_whole(self.draft_file, json.dumps(fields).encode())
            self._kept = True
        except OSError as error:
            raise LabError(f"Your unsaved text cannot be kept: {reason(error)}.") from None

    def _draft(self) -> Fields | None:
        """The text of last time; None where there is none that can be read."""
        try:
            kept = json.loads(self.draft_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(kept, dict) or not all(isinstance(kept.get(f), str) for f in Field):
            return None
        return {field: kept[field] for field in Field}


def check_path(path: Path) -> None:
    """Raise LabError where no lesson file could be."""
    if path.suffix != ".md":
        raise LabError(
            f"The name of a lesson's file ends in .md, as in {path.stem or 'my-lab'}.md."
        )
    report = Report(Source(path, ""))
    check_name(report)
    if report.faults:
        raise LabError(report.faults[0].message)
    if not is_lesson(path):
        raise LabError(f"'{path.name}' cannot be a lesson; give it another name, as in my-lab.md.")
    if not _disk(path, path.parent.is_dir):
        raise LabError(f"There is no folder '{path.parent}'; make it first.")
    if path.is_dir():
        raise LabError(f"'{path}' is a folder; name a file in it.")


def _read(path: Path) -> tuple[Fields, LabFrame]:
    """The fields of a file and what stands around them."""
    try:
        parts = read_fields(read_text(path, LARGEST_FILE, "a lesson"))
    except LessonError as error:
        raise LabError(str(error.faults[0])) from None
    if parts is None:
        raise LabError(
            f"'{path}' is not in the form that `gd-tutor new` writes; change it with a text "
            "editor, choose another name, or --force to replace it."
        )
    return parts


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _disk(path: Path, look: Callable[[], Result]) -> Result:
    """What a look at the disk gives. Raises LabError where it refuses."""
    try:
        return look()
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "its name is none"
        raise LabError(f"'{path}' cannot be read: {why}.") from None


class LabCourse(Course):
    """A course with one lesson, which need not be saved."""

    def __init__(self, entry: Entry, lesson: Lesson | None = None) -> None:
        self.directory = entry.path.resolve().parent
        self.paths = [entry.path]
        self.entry = entry
        self.lesson = lesson

    def _entry(self, path: Path) -> Entry:
        del path  # its file may not be there yet
        return self.entry

    def load(self, entry: Entry) -> Lesson:
        return self.lesson or super().load(entry)
