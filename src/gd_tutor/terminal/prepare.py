"""What has to be so before Textual is imported, which reads its environment only once."""

import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from io import TextIOWrapper

from gd_tutor.terminal.modes import WrongSetting
from gd_tutor.terminal.surroundings import Surroundings

MOUSE, CURSOR = "GD_TUTOR_MOUSE", "GD_TUTOR_CURSOR"
FRAMES, ESCAPE = "GD_TUTOR_FRAMES", "GD_TUTOR_ESCDELAY"


@dataclass(frozen=True, slots=True)
class Profile:
    """What the line to the terminal can carry."""

    mouse: bool
    frames_per_second: int
    """How often a picture that plays may change."""
    escape_delay: int
    """Milliseconds after which a lone escape is the key and not the start of another one."""
    cursor: bool = False
    """Whether the terminal's own cursor shows the focus, for braille displays and magnifiers."""


LOCAL = Profile(mouse=True, frames_per_second=30, escape_delay=100)
REMOTE = Profile(mouse=False, frames_per_second=4, escape_delay=300)
"""Over SSH each move of the mouse is a message, frames queue up, and keys come in pieces."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the screen is drawn."""

    ascii: bool = False
    profile: Profile = LOCAL
    theme: str | None = None
    """What the settings ask for; whether there is such a theme is known to whoever draws."""
    notice: str = ""
    """What the learner is to know about it."""


USUAL = Drawing()


def profile(environment: Mapping[str, str]) -> Profile:
    """The profile of this connection, as the user's variables change it. Raises WrongSetting."""
    surroundings = Surroundings(environment, interactive=True, encoding="utf-8")
    usual = REMOTE if surroundings.over_ssh else LOCAL
    # ESCDELAY is what other programs of the terminal go by, too.
    escape = _whole(environment, "ESCDELAY", usual.escape_delay, strict=False)
    return Profile(
        _switch(environment, MOUSE, usual.mouse),
        _whole(environment, FRAMES, usual.frames_per_second),
        _whole(environment, ESCAPE, escape),
        _switch(environment, CURSOR, usual.cursor),
    )


def _switch(environment: Mapping[str, str], name: str, usual: bool) -> bool:
    """A variable that is on or off; what is usual where it is not set."""
    switches = {"": usual, "on": True, "1": True, "off": False, "0": False}
    text = environment.get(name, "").lower()
    if text not in switches:
        raise WrongSetting(f"{name} is '{text}', not on or off.")
    return switches[text]


def _whole(environment: Mapping[str, str], name: str, usual: int, strict: bool = True) -> int:
    """A variable that is a whole number from 1; what is usual where it is not set."""
    text = environment.get(name, "")
    if text.isascii() and text.isdigit() and int(text[:6]) >= 1:
        return int(text[:6])
    if text and strict:
        raise WrongSetting(f"{name} is '{text}', not a whole number from 1.")
    return usual


def prepare(environment: MutableMapping[str, str], drawing: Drawing) -> None:
    """Set what Textual is to find, and let the error stream, where it draws, carry the drawing."""
    surroundings = Surroundings(environment, interactive=True, encoding="")
    # An exported size would override the real one.
    for name in ("COLUMNS", "LINES"):
        environment.pop(name, None)
    # Nothing here needs that protocol, and composed text (Chinese, say) gets lost with it.
    environment.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    # With them a page turned is a dozen pages drawn.
    environment.setdefault("TEXTUAL_ANIMATIONS", "none")
    # screen hands COLORTERM on but cannot show so many colours, and mangles them.
    if surroundings.in_screen:
        environment.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
    # Only a value that is not empty asks for no colour (no-color.org); Textual takes any.
    if environment.get("NO_COLOR") == "":
        del environment["NO_COLOR"]
    environment["ESCDELAY"] = str(drawing.profile.escape_delay)
    if not drawing.ascii:
        _write_utf8()


def _write_utf8() -> None:
    """UTF-8 whatever Python would write: who asked for Unicode has a terminal that shows it."""
    stream = sys.__stderr__
    if isinstance(stream, TextIOWrapper) and stream.encoding.lower() not in ("utf-8", "utf8"):
        stream.reconfigure(encoding="utf-8")
