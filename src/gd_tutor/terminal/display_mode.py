"""The choice of Unicode, ASCII or plain; mouse, frame rate, escape delay; Textual's variables."""

import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from io import TextIOWrapper

from gd_tutor.terminal.detection import Surroundings, findings
from gd_tutor.terminal.settings import Mode, Settings, WrongSetting, read_mode

VARIABLE = "GD_TUTOR_MODE"


@dataclass(frozen=True, slots=True)
class DrawingChoice:
    """How to draw and why; `mode` is None without a terminal, unless plain text was requested."""

    mode: Mode | None
    reason: str
    cure: str = ""
    asked: bool = False

    @property
    def sentence(self) -> str:
        """What to tell a learner who did not ask for this mode; empty where nothing is lost."""
        if self.asked or self.mode is None or self.mode is Mode.UNICODE:
            return ""
        how = "Plain text" if self.mode is Mode.PLAIN else "Drawn in ASCII"
        return f"{how}: {self.reason}." + (f" To mend it, {self.cure}." if self.cure else "")


def choose(flag: Mode | None, surroundings: Surroundings, settings: Settings) -> DrawingChoice:
    """Choose how to draw. Raises WrongSetting for an unknown GD_TUTOR_MODE."""
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
    """Whether printed text is ASCII. Raises WrongSetting as `choose` does."""
    asked = asked_for(flag, surroundings, settings)
    if asked is not None and asked.mode is not Mode.PLAIN:
        return asked.mode is Mode.ASCII
    return surroundings.interactive and any(findings(surroundings))


def asked_for(
    flag: Mode | None, surroundings: Surroundings, settings: Settings
) -> DrawingChoice | None:
    """The mode the user asks for, if any. Raises WrongSetting."""
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
    """The limits of the connection to the terminal."""

    mouse: bool
    frames_per_second: int
    """The most frames per second while a picture plays."""
    escape_delay: int
    """Milliseconds after which a lone escape counts as the key itself."""
    cursor: bool = False
    """Whether the terminal's cursor shows the focus, for braille displays and magnifiers."""


LOCAL = Profile(mouse=True, frames_per_second=30, escape_delay=100)
REMOTE = Profile(mouse=False, frames_per_second=4, escape_delay=300)
"""Over SSH each mouse move is a message, frames queue up, and keys arrive in pieces."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the screen is drawn."""

    ascii: bool = False
    profile: Profile = LOCAL
    theme: str | None = None
    """The theme in the settings, which may not exist."""
    notice: str = ""
    """What the learner should know about it."""


USUAL = Drawing()


def profile(environment: Mapping[str, str]) -> Profile:
    """The connection's profile with the user's variables applied. Raises WrongSetting."""
    surroundings = Surroundings(environment, interactive=True, encoding="utf-8")
    usual = REMOTE if surroundings.over_ssh else LOCAL
    # Other terminal programs also use ESCDELAY.
    escape = _whole(environment, "ESCDELAY", usual.escape_delay, strict=False)
    return Profile(
        _switch(environment, MOUSE, usual.mouse),
        _whole(environment, FRAMES, usual.frames_per_second),
        _whole(environment, ESCAPE, escape),
        _switch(environment, CURSOR, usual.cursor),
    )


def _switch(environment: Mapping[str, str], name: str, usual: bool) -> bool:
    """A variable that is on or off, with a default."""
    switches = {"": usual, "on": True, "1": True, "off": False, "0": False}
    text = environment.get(name, "").lower()
    if text not in switches:
        raise WrongSetting(f"{name} is '{text}', not on or off.")
    return switches[text]


def _whole(environment: Mapping[str, str], name: str, usual: int, strict: bool = True) -> int:
    """A variable that is a whole number from 1, with a default."""
    text = environment.get(name, "")
    if text.isascii() and text.isdigit() and int(text[:6]) >= 1:
        return int(text[:6])
    if text and strict:
        raise WrongSetting(f"{name} is '{text}', not a whole number from 1.")
    return usual


def prepare(environment: MutableMapping[str, str], drawing: Drawing) -> None:
    """Set the variables that Textual reads, and the encoding of the error stream it draws on."""
    surroundings = Surroundings(environment, interactive=True, encoding="")
    # Exported sizes would override the real ones.
    for name in ("COLUMNS", "LINES"):
        environment.pop(name, None)
    # The protocol is not needed, and input methods (Chinese, say) lose text with it.
    environment.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    # An animated page turn would draw a dozen pages.
    environment.setdefault("TEXTUAL_ANIMATIONS", "none")
    # screen passes COLORTERM on but garbles so many colours.
    if surroundings.in_screen:
        environment.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
    # Only a non-empty NO_COLOR disables colours (no-color.org); Textual accepts any.
    if environment.get("NO_COLOR") == "":
        del environment["NO_COLOR"]
    environment["ESCDELAY"] = str(drawing.profile.escape_delay)
    if not drawing.ascii:
        _write_utf8()


def _write_utf8() -> None:
    """Write UTF-8 whatever Python's default: the user asked for Unicode."""
    stream = sys.__stderr__
    if isinstance(stream, TextIOWrapper) and stream.encoding.lower() not in ("utf-8", "utf8"):
        stream.reconfigure(encoding="utf-8")
