"""Choosing how to draw: with all characters, with ASCII only, or as plain lines of text.

Asked for beats detected: a flag, then GD_TUTOR_MODE, then the settings, then what is found.
"""

from dataclasses import dataclass

from gd_tutor.terminal.findings import findings
from gd_tutor.terminal.modes import Mode, read_mode
from gd_tutor.terminal.settings import Settings
from gd_tutor.terminal.surroundings import Surroundings

VARIABLE = "GD_TUTOR_MODE"


@dataclass(frozen=True, slots=True)
class Choice:
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


def choose(flag: Mode | None, surroundings: Surroundings, settings: Settings) -> Choice:
    """How to draw. Raises WrongSetting for a GD_TUTOR_MODE that is no mode."""
    asked = asked_for(flag, surroundings, settings)
    if asked is not None and (asked.mode is Mode.PLAIN or surroundings.interactive):
        return asked
    if not surroundings.interactive:
        return Choice(None, "input, output and errors are not all a terminal")
    if surroundings.term in ("", "dumb"):
        reason = f"TERM is {surroundings.term}" if surroundings.term else "TERM is not set"
        return Choice(Mode.PLAIN, reason, "set TERM to the kind of this terminal")
    for finding in findings(surroundings):
        return Choice(Mode.ASCII, finding.reason, finding.cure)
    return Choice(Mode.UNICODE, "nothing speaks against it")


def prints_ascii(flag: Mode | None, surroundings: Surroundings, settings: Settings) -> bool:
    """Whether text that is only printed is ASCII. Raises WrongSetting as `choose` does."""
    asked = asked_for(flag, surroundings, settings)
    if asked is not None and asked.mode is not Mode.PLAIN:
        return asked.mode is Mode.ASCII
    return surroundings.interactive and any(findings(surroundings))


def asked_for(flag: Mode | None, surroundings: Surroundings, settings: Settings) -> Choice | None:
    """What the user wants, where they say. Raises WrongSetting."""
    variable = read_mode(surroundings.get(VARIABLE), VARIABLE)
    for mode, where in (
        (flag, f"--{flag} was given"),
        (variable, f"{VARIABLE} says so"),
        (settings.mode, f"{settings.file} says so"),
    ):
        if mode is not None:
            return Choice(mode, where, asked=True)
    return None
