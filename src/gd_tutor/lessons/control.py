"""Control characters: what a lesson must not send to a terminal."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_BLANKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def find_control(text: str) -> re.Match[str] | None:
    """The first control character in a text; newlines and tabs are none."""
    return _CONTROL.search(text)


def without_control(text: str) -> str:
    """The text on one line, with a blank for control characters."""
    return _BLANKS.sub(" ", text)
