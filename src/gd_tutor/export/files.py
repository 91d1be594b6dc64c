"""Writing a file so that nothing is lost: never over another one, and never half."""

import os
from pathlib import Path

from gd_tutor.export.run import ExportError
from gd_tutor.files import reason, write_whole


def write(path: Path, text: str, force: bool = False) -> None:
    """Write a text, whole or not at all; `force` lets it take another file's place.

    Raises ExportError, with a sentence to show, where that cannot be.
    """
    try:
        _check(path, force)
        write_whole(path, text.encode(errors="replace"))
    except OSError as error:
        why = reason(error)
        raise ExportError(f"'{path}' cannot be written: {why}; choose another place.") from None


def _check(path: Path, force: bool) -> None:
    target = Path(os.path.realpath(path))
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
