"""What is kept of a fault of the tutor itself, so that it can be mended."""

import os
import platform
import sys
import traceback
from datetime import UTC, datetime

from gd_tutor import __version__
from gd_tutor.files import reason, state_folder, write_whole

TOLD = ("TERM", "COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "TMUX", "STY", "SSH_CONNECTION")
"""The variables that drawing depends on; of those with addresses only that they are set."""


def report(error: Exception) -> str:
    """Write a report of a fault to a file; the sentence that says where it is.

    It has no values of variables, so hardly anything that was typed.
    """
    sentence = "A fault of the tutor has ended it; what you did is kept."
    file = state_folder() / "fault.txt"
    try:
        write_whole(file, _text(error).encode(errors="replace"))
    except OSError as refused:
        shown = traceback.format_exception_only(error)[-1].strip()
        return f"{sentence} {shown} (It could not be written to {file}: {reason(refused)}.)"
    return f"{sentence} Please send {file} to its authors, which tells what happened."


def _text(error: Exception) -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    variables = (f"{name}={_shown(name)}" for name in TOLD if name in os.environ)
    return "\n".join(
        (
            f"gd-tutor {__version__}, {now}",
            f"Python {platform.python_version()}, {platform.platform()}",
            f"called with {sys.argv[1:]}",
            *variables,
            "",
            *traceback.format_exception(error),
        )
    )


def _shown(name: str) -> str:
    return "set" if name in ("TMUX", "STY", "SSH_CONNECTION") else repr(os.environ[name])
