"""Choosing Unicode, ASCII or plain; mouse, frames, escape delay; what Textual is to find."""

import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from io import TextIOWrapper

from gd_tutor.terminal.settings import Mode, Settings, WrongSetting, read_mode
from gd_tutor.terminal.surroundings import Surroundings, findings

VARIABLE = "GD_TUTOR_MODE"


@dataclass(frozen=True, slots=True)
class DrawingChoice:
    """How to draw and why; `mode` is None without a terminal, unless plain text was asked for."""

    mode: Mode | None
    reason: str
    cure: str = ""
    asked: bool = False

    @property
    def sentence(self) -> str:
        """What to tell a learner who did not ask for this; nothing where nothing is lost."""
        if self.asked or self.mode is None or self.mode is Mode.UNICODE:
            return ""
        how = "Plain text" if self.mode is Mode.PLAIN else "Drawn in ASCII"
        return f"{how}: {self.reason}." + (f" To mend it, {self.cure}." if self.cure else "")


def choose(flag: Mode | None, surroundings: Surroundings, settings: Settings) -> DrawingChoice:
    """How to draw. Raises WrongSetting for a GD_TUTOR_MODE that is no mode."""
    asked = asked_for(flag, surroundings, settings)
    if asked is not None and (asked.mode is Mode.PLAIN or surroundings.interactive):
        return asked
    if not surroundings.interactive:
        return DrawingChoice(None, "input, output and errors are not all a terminal")
    if surroundings.term in ("", "dumb"):
        reason = f"TERM is {surroundings.term}" if surroundings.term else "TERM is not set"
        return DrawingChoice(Mode.PLAIN, reason, "set TERM to the kind of this terminal")
    for finding in findings(surroundings):
        return DrawingChoice(Mode.ASCII, finding.reason, finding.cure)
    return DrawingChoice(Mode.UNICODE, "nothing speaks against it")


def prints_ascii(flag: Mode | None, surroundings: Surroundings, settings: Settings) -> bool:
    """Whether text that is only printed is ASCII. Raises WrongSetting as `choose` does."""
    asked = asked_for(flag, surroundings, settings)
    if asked is not None and asked.mode is not Mode.PLAIN:
        return asked.mode is Mode.ASCII
    return surroundings.interactive and any(findings(surroundings))


def asked_for(
    flag: Mode | None, surroundings: Surroundings, settings: Settings
) -> DrawingChoice | None:
    """What the user wants, where they say. Raises WrongSetting."""
    variable = read_mode(surroundings.get(VARIABLE), VARIABLE)
    for mode, where in (
        (flag, f"--{flag} was given"),
        (variable, f"{VARIABLE} says so"),
        (settings.mode, f"{settings.file} says so"),
    ):
        if mode is not None:
            return DrawingChoice(mode, where, asked=True)
    return None


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
