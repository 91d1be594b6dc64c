"""Writing a file so that nothing is lost: never over another one, and never half."""

import os
from contextlib import suppress
from pathlib import Path

from gd_tutor.export.run import ExportError


def write(path: Path, text: str, force: bool = False) -> None:
    """Write a text beside the path and rename it; `force` lets it take another file's place.

    Raises ExportError, with a sentence to show, where that cannot be.
    """
    target = Path(os.path.realpath(path))  # a link goes on pointing where it does
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        _check(path, target, force)
        with beside.open("x", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o777)
        beside.replace(target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        reason = (error.strerror or "the disk did not answer").lower()
        raise ExportError(f"'{path}' cannot be written: {reason}; choose another place.") from None


def _check(path: Path, target: Path, force: bool) -> None:
    if target.is_dir():
        raise ExportError(f"'{path}' is a folder; name a file in it.")
    if not target.parent.is_dir():
        raise ExportError(f"The folder '{target.parent}' does not exist; make it first.")
    if not target.exists():
        return
    if not target.is_file():
        raise ExportError(f"'{path}' is not a plain file; choose another name.")
    if not force:
        raise ExportError(
            f"'{path}' exists already; choose another name, or --force to replace it."
        )
