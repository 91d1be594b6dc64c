"""Output that every terminal can carry."""

import codecs
import os
import sys
from io import TextIOWrapper

from gd_tutor.cli.errors import UserError
from gd_tutor.terminal import Mode, Surroundings, WrongSetting, prints_ascii, read_settings

_unseen: dict[str, None] = {}
"""What could not be printed, in the order of its first use."""

LOOK_ALIKE = "gd-tutor.look-alike"
"""The error handler that writes the ASCII character most like one that cannot be written."""


def printed_in_ascii(asked: Mode | None) -> bool:
    """Whether all that is printed is ASCII: as asked for, or as the terminal needs it.

    Raises UserError for a variable that means nothing.
    """
    # Asking the terminal how wide it draws is for whoever draws on it.
    here = Surroundings(
        os.environ, sys.stdout.isatty(), sys.stdout.encoding or "ascii", measure=dict
    )
    try:
        return prints_ascii(asked, here, read_settings())
    except WrongSetting as error:
        raise UserError(str(error)) from None


def carries_signs() -> bool:
    """Whether standard output can carry the signs of formulas."""
    try:
        "∂ηŷᵀ".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def carry(ascii: bool) -> None:
    """Let standard output and error write whatever they can, or ASCII only, and never fail."""
    codecs.register_error(LOOK_ALIKE, _look_alike)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="ascii" if ascii else None, errors=LOOK_ALIKE)


def _look_alike(error: UnicodeError) -> tuple[str, int]:
    # Only who meets such a character needs the table of them.
    from gd_tutor.notation.spans import spelled, to_ascii, unseen

    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end]
    _unseen.update(dict.fromkeys(unseen(text)))
    return to_ascii(spelled(text)), error.end


def unseen_sentence() -> str:
    """What was printed as a question mark, if anything was."""
    if not _unseen:
        return ""
    shown = ", ".join(f"U+{ord(char):04X}" for char in list(_unseen)[:3])
    more = ", …" if len(_unseen) > 3 else ""
    _unseen.clear()
    return f"Some characters ({shown}{more}) have no ASCII spelling and are printed as ?."
