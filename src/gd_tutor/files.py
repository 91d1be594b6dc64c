"""Writing files so that nothing is lost, and saying in words why a disk refuses."""

import os
from contextlib import suppress
from pathlib import Path


def write_whole(file: Path, data: bytes) -> None:
    """Write beside the file and rename, so that at every moment one of both is whole.

    Its folder is made. A file that was there keeps its mode, and a link goes on pointing where it
    does. Raises OSError, with the file as it was.
    """
    target = Path(os.path.realpath(file))
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
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


def reason(error: OSError) -> str:
    """Why the disk refused, in a few words."""
    return (error.strerror or "the disk did not answer").lower()
