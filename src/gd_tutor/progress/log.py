"""A file that is only ever added to, line by line, by as many tutors as like.

A line is appended by one write, under a lock, so that lines of several tutors never mix and none
is lost while lines are forgotten. A last line that was cut off (a full disk, a power cut) stays as
it is: the next one begins on a line of its own, and readers pass over what they cannot read.
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
"""A log of that size takes half a second to read, and no more lines: years of answers."""
PATIENCE = 3.0
"""Seconds to wait for another tutor; one that was stopped in the middle must not stop this one."""


@dataclass(frozen=True, slots=True)
class LogReading:
    """The records of a log, and how many of its lines are none.

    `aside` is where the file is now, if it was no text at all.
    """

    records: tuple[Record, ...] = ()
    damaged: int = 0
    aside: Path | None = None


class Log:
    """Records in a file. Every method raises OSError where the disk refuses."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def append(self, record: Record) -> None:
        """Add a record; its line is written whole, or what was written of it harms no other."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            descriptor = os.open(self.file, flags, 0o600)
            try:
                _append(descriptor, to_line(record))
            finally:
                os.close(descriptor)

    def read(self) -> LogReading:
        """All records, oldest first; none where there is no file."""
        try:
            data = self.file.read_bytes()
        except FileNotFoundError:
            return LogReading()
        *lines, last = data.split(b"\n")
        found = [_read(line) for line in lines if line.strip()]
        records = [record for record in found if record is not None]
        damaged = len(found) - len(records)
        whole = _read(last)  # all but its end may be there; what is cut off is no damage
        if whole is not None:
            records.append(whole)
        if not records and not _is_text(data):
            return LogReading(aside=self._set_aside())
        return LogReading(tuple(records), damaged)

    def forget(self, lesson: str) -> int:
        """Remove the records of a lesson; how many there were. Other lines stay as they are."""

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
        """Remove the file, and what was set aside of it; how many records there were."""
        if not self.file.parent.is_dir():
            return 0
        with self._locked():
            removed = len(self.read().records)
            self.file.unlink(missing_ok=True)
            for aside in self.file.parent.glob(f"{self.file.stem}.damaged*"):
                aside.unlink(missing_ok=True)
        return removed

    def _set_aside(self) -> Path:
        """Give the file a name that no other has."""
        names = (f"{self.file.stem}.damaged{number or ''}" for number in count())
        aside = next(p for p in map(self.file.with_name, names) if not p.exists())
        return self.file.rename(aside)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone with the file, which may be replaced meanwhile: so another file is locked."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self.file.with_suffix(".lock"), flags, 0o600)
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)  # which gives the lock back, as a killed tutor does


def _append(descriptor: int, line: bytes) -> None:
    size = os.fstat(descriptor).st_size
    if size > MOST_BYTES:
        raise OSError(errno.EFBIG, "the log is full; `gd-tutor forget` makes room")
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        line = b"\n" + line
    if os.write(descriptor, line) < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _lock(descriptor: int) -> None:
    """Wait until no other tutor writes; where the disk knows no locks, go on without."""
    end = monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > end:
                raise OSError(errno.EAGAIN, "another gd-tutor holds the log") from None
            sleep(0.001)  # short: whoever is quick to lock again leaves but a gap
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
