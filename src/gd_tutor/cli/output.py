"""What the command line prints: user errors, their encoding, the report of a fault."""

import codecs
import os
import platform
import sys
import traceback
from datetime import UTC, datetime
from io import TextIOWrapper

from gd_tutor import __version__
from gd_tutor.files import reason, state_folder, write_whole
from gd_tutor.notation.spans import spelled, to_ascii, unseen
from gd_tutor.terminal.detection import Surroundings
from gd_tutor.terminal.display_mode import prints_ascii
from gd_tutor.terminal.settings import Mode, WrongSetting, read_settings


class UserError(Exception):
    """The message is one sentence that says what is wrong and what to do next."""


_unseen: dict[str, None] = {}
"""The characters that could not be printed, in order of first use."""

LOOK_ALIKE = "gd-tutor.look-alike"
"""The error handler that replaces a character by the most similar ASCII one."""


def printed_in_ascii(asked: Mode | None) -> bool:
    """Whether all output is ASCII, as requested or as the terminal needs it.

    Raises UserError for a variable with an invalid value.
    """
    # Terminal widths matter only for drawing, so they are not measured here.
    here = Surroundings(
        os.environ, sys.stdout.isatty(), sys.stdout.encoding or "ascii", measure=dict
    )
    try:
        return prints_ascii(asked, here, read_settings())
    except WrongSetting as error:
        raise UserError(str(error)) from None


def carries_signs() -> bool:
    """Whether standard output can encode the signs of formulas."""
    try:
        "∂ηŷᵀ".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def carry(ascii: bool) -> None:
    """Make standard output and error write what they can, or ASCII only, without failing."""
    codecs.register_error(LOOK_ALIKE, _look_alike)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="ascii" if ascii else None, errors=LOOK_ALIKE)


def _look_alike(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end]
    _unseen.update(dict.fromkeys(unseen(text)))
    return to_ascii(spelled(text)), error.end


def unseen_sentence() -> str:
    """A sentence about characters printed as question marks; empty if there were none."""
    if not _unseen:
        return ""
    shown = ", ".join(f"U+{ord(char):04X}" for char in list(_unseen)[:3])
    more = ", …" if len(_unseen) > 3 else ""
    _unseen.clear()
    return f"Some characters ({shown}{more}) have no ASCII spelling and are printed as ?."


TOLD = ("TERM", "COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "TMUX", "STY", "SSH_CONNECTION")
"""The variables that drawing depends on; of those with addresses, only whether they are set."""


def report(error: Exception) -> str:
    """Write a fault report to a file; return the sentence that names the file.

    It contains no values of variables, so hardly anything that was typed.
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
