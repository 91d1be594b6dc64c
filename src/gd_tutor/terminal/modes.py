"""The ways to draw."""

from enum import StrEnum


class Mode(StrEnum):
    """UNICODE and ASCII draw a screen; PLAIN writes lines, as screen readers need them."""

    UNICODE = "unicode"
    ASCII = "ascii"
    PLAIN = "plain"


class WrongSetting(ValueError):
    """A variable or a setting has a value that means nothing; the message is one sentence."""


def read_mode(text: str, where: str) -> Mode | None:
    """The mode that a text names, None for an empty text. Raises WrongSetting for any other."""
    if not text:
        return None
    if text not in list(Mode):
        *most, last = Mode
        raise WrongSetting(f"{where} is '{text}', not {', '.join(most)} or {last}.")
    return Mode(text)
