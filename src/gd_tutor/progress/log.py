"""An append-only file of lines, shared by any number of tutors.

A line is appended by one write under a lock, so that lines never mix and none is lost while others
are removed. A last line cut off by a full disk or a power cut stays: the next one begins on its own
line, and readers skip lines that they cannot read.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import monotonic, sleep

from gd_tutor.files import write_whole
from gd_tutor.progress.event import Record, read_line, to_line

MOST_BYTES = 16 * 1024 * 1024
"""The most bytes of a log: half a second to read, years of answers."""
PATIENCE = 3.0
"""The most seconds to wait for another tutor's lock, which may have been stopped."""


@dataclass(frozen=True, slots=True)
class LogReading:
    """The records of a log, and the number of unreadable lines.

    `aside` is the file's new path if it was not text.
    """

    records: tuple[Record, ...] = ()
    damaged: int = 0
    aside: Path | None = None


class Log:
    """Records in a file. Every method raises OSError if the disk refuses."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def append(self, record: Record) -> None:
        """Add a record; a line that is only partly written damages no other."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            descriptor = os.open(self.file, flags, 0o600)
            try:
                _append(descriptor, to_line(record))
            finally:
                os.close(descriptor)

    def read(self) -> LogReading:
        """All records, oldest first; none if there is no file."""
        try:
            data = self.file.read_bytes()
        except FileNotFoundError:
            return LogReading()
        *lines, last = data.split(b"\n")
        found = [_read(line) for line in lines if line.strip()]
        records = [record for record in found if record is not None]
        damaged = len(found) - len(records)
        whole = _read(last)  # only its newline may be missing; a cut-off line is no damage
        if whole is not None:
            records.append(whole)
        if not records and not _is_text(data):
            return LogReading(aside=self._set_aside())
        return LogReading(tuple(records), damaged)

    def forget(self, lesson: str) -> int:
        """Remove the records of a lesson and return their number; other lines stay."""

        def stays(line: bytes) -> bool:
            record = _read(line)
            return record is None or record.lesson != lesson

        if not self.file.exists():
            return 0
        with self._locked():
            lines = self.file.read_bytes().split(b"\n")
            kept = list(filter(stays, lines))
            if len(kept) < len(lines):
                write_whole(self.file, b"\n".join(kept))
            return len(lines) - len(kept)

    def forget_all(self) -> int:
        """Remove the file and files set aside; return the number of records."""
        if not self.file.parent.is_dir():
            return 0
        with self._locked():
            removed = len(self.read().records)
            self.file.unlink(missing_ok=True)
            for aside in self.file.parent.glob(f"{self.file.stem}.damaged*"):
                aside.unlink(missing_ok=True)
        return removed

    def _set_aside(self) -> Path:
        """Rename the file to a new name and return its path."""
        names = (f"{self.file.stem}.damaged{number or ''}" for number in count())
        aside = next(p for p in map(self.file.with_name, names) if not p.exists())
        return self.file.rename(aside)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock, which is on another file because the log itself may be replaced."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self.file.with_suffix(".lock"), flags, 0o600)
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)  # releases the lock, as killing the tutor does


def _append(descriptor: int, line: bytes) -> None:
    size = os.fstat(descriptor).st_size
    if size > MOST_BYTES:
        raise OSError(errno.EFBIG, "the log is full; `gd-tutor forget` makes room")
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        line = b"\n" + line
    if os.write(descriptor, line) < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _lock(descriptor: int) -> None:
    """Wait until no other tutor writes; continue without a lock if the disk has none."""
    end = monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > end:
                raise OSError(errno.EAGAIN, "another gd-tutor holds the log") from None
            sleep(0.001)  # short, to catch the gap when another tutor locks repeatedly
        except OSError:
            return None


def _read(line: bytes) -> Record | None:
    try:
        return read_line(line)
    except ValueError:  # json's and Unicode's errors are such
        return None


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False
