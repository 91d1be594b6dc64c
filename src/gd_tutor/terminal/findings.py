"""Why a terminal does not show every character, as far as that can be found out."""

from collections.abc import Iterator
from dataclasses import dataclass

from gd_tutor.terminal.probe import BOX, NARROW, WIDE
from gd_tutor.terminal.surroundings import Surroundings

POOR_TERMINALS = ("linux", "vt100", "vt220", "ansi")
"""Terminals whose fonts or character sets lack most of what is drawn."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why not every character can be drawn, and how to mend that."""

    reason: str
    cure: str


def findings(surroundings: Surroundings) -> Iterator[Finding]:
    """What is wrong, the quickly found first."""
    if not surroundings.writes_utf8:
        # Textual writes all the same: every other character would come out as \u2502.
        yield Finding(
            f"Python writes {surroundings.encoding} here, not UTF-8",
            "set LANG to a UTF-8 locale such as C.UTF-8",
        )
    if surroundings.term in POOR_TERMINALS:
        yield Finding(
            f"terminals of the kind {surroundings.term} lack most of the characters",
            "use a terminal window, or give --unicode if this one has them",
        )
    if surroundings.tmux_speaks_utf8 is False:
        # tmux would put an underscore in the place of every character beyond ASCII.
        yield Finding("tmux runs without UTF-8", "start it with tmux -u")
    if surroundings.doubtful:
        yield from measured(surroundings)


def measured(surroundings: Surroundings) -> Iterator[Finding]:
    """What the widths that the terminal gives its characters tell."""
    widths = surroundings.widths
    if not widths:
        return
    in_screen = surroundings.in_screen
    if widths[WIDE] != 2 or widths[NARROW] != 1:
        cure = "start screen with screen -U" if in_screen else "set the terminal to UTF-8"
        yield Finding("the terminal does not read UTF-8", cure)
    elif widths[BOX] != 1:
        cure = (
            "write cjkwidth off into ~/.screenrc"
            if in_screen
            else "let ambiguous characters be narrow in the settings of the terminal"
        )
        yield Finding("the terminal draws lines and Greek letters two cells wide", cure)
