"""Output that every terminal can carry."""

import codecs
import sys
from io import TextIOWrapper

LOOK_ALIKE = "gd-tutor.look-alike"
"""The error handler that writes the ASCII character most like one that cannot be written."""


def carry(ascii: bool) -> None:
    """Let standard output and error write whatever they can, or ASCII only, and never fail."""
    codecs.register_error(LOOK_ALIKE, _look_alike)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="ascii" if ascii else None, errors=LOOK_ALIKE)


def _look_alike(error: UnicodeError) -> tuple[str, int]:
    # Only who meets such a character needs the table of them.
    from gd_tutor.notation.spans import to_ascii

    assert isinstance(error, UnicodeEncodeError)
    return to_ascii(error.object[error.start : error.end]), error.end
