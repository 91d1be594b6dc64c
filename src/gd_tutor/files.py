"""Files written so that nothing is lost, and the platform's folder for them."""

import os
from contextlib import suppress
from pathlib import Path


class FileRefused(ValueError):
    """A file cannot be written as asked; the message says why and what to do instead."""


def write_whole(file: Path, data: bytes) -> None:
    """Write beside the file and rename, so that the file is complete at every moment.

    Creates the folder. An existing file keeps its mode, and a link its target. Raises OSError and
    leaves the file unchanged.
    """
    target = Path(os.path.realpath(file))
    beside = target.with_name(f".gd-tutor.{os.getpid()}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o777)
        beside.replace(target)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def write_text(file: Path, text: str, force: bool = False) -> None:
    """Write a user's file; replace another one only with `force`. Raises FileRefused."""
    try:
        _check(file, force)
        write_whole(file, text.encode(errors="replace"))
    except OSError as error:
        why = reason(error)
        raise FileRefused(f"'{file}' cannot be written: {why}; choose another place.") from None


def _check(file: Path, force: bool) -> None:
    target = Path(os.path.realpath(file))
    if target.is_dir():
        raise FileRefused(f"'{file}' is a folder; name a file in it.")
    if not target.parent.is_dir():
        raise FileRefused(f"The folder '{target.parent}' does not exist; make it first.")
    if not target.exists():
        return
    if not target.is_file():
        raise FileRefused(f"'{file}' is not a plain file; choose another name.")
    if not force:
        raise FileRefused(
            f"'{file}' exists already; choose another name, or --force to replace it."
        )


def reason(error: OSError) -> str:
    """Why the disk refused, in a few words."""
    return (error.strerror or "the disk did not answer").lower()


def state_folder() -> Path:
    """The platform's folder for program state."""
    from platformdirs import user_state_path

    return user_state_path("gd-tutor")


def name_for(path: Path, name: str) -> str:
    """A unique and recognisable name for something saved about a path."""
    from hashlib import sha256

    return f"{name[:40]}-{sha256(os.fsencode(path)).hexdigest()[:12]}"
