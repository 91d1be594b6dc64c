"""`gd-tutor doctor`: what this terminal can show, how the tutor would draw, what to fix."""

import os
import platform
import sys
from argparse import Namespace
from collections.abc import Iterator
from io import TextIOWrapper

from gd_tutor import __version__
from gd_tutor.terminal.detection import (
    BOX,
    NARROW,
    WIDE,
    Finding,
    Surroundings,
    findings,
    measured,
)
from gd_tutor.terminal.display_mode import DrawingChoice, choose, profile
from gd_tutor.terminal.settings import Settings, WrongSetting, read_settings


def doctor(options: Namespace) -> int:
    """Print the report; the exit status is always 0."""
    if isinstance(sys.stdout, TextIOWrapper):
        # This output must be readable in any terminal.
        sys.stdout.reconfigure(encoding="ascii", errors="backslashreplace")
    # Standard output may be a file, so the other two streams are examined.
    surroundings = Surroundings.here(sys.__stdin__, sys.__stderr__)
    for line in report(options, surroundings, read_settings()):
        print("".join(char if char.isprintable() else "?" for char in line))
    return 0


def report(options: Namespace, surroundings: Surroundings, settings: Settings) -> Iterator[str]:
    """The report, line by line."""
    python = f"Python {platform.python_version()} on {platform.system()}"
    yield f"gd-tutor {__version__}, {python}"
    yield ""
    yield "Found"
    for name, value in found(surroundings, settings):
        yield f"  {name}: {value}"
    yield ""
    yield "Chosen"
    faults = [Finding(settings.trouble.rstrip("."), f"see {settings.file}")]
    faults = faults if settings.trouble else []
    try:
        choice = choose(options.mode, surroundings, settings)
        yield f"  {chosen(choice)}"
    except WrongSetting as error:
        yield "  nothing: the tutor does not open"
        faults.append(Finding(str(error).rstrip("."), "set it anew or unset it"))
    try:
        carries = profile(surroundings.environment)
        mouse = "on" if carries.mouse else "off"
        yield f"  mouse {mouse}, at most {carries.frames_per_second} pictures a second in play"
    except WrongSetting as error:
        faults.append(Finding(str(error).rstrip("."), "set it anew or unset it"))
    yield ""
    yield "To mend"
    faults += diagnosis(surroundings)
    for fault in faults:
        yield f"  {fault.reason}: {fault.cure}"
    if not faults:
        yield "  nothing"


def found(surroundings: Surroundings, settings: Settings) -> Iterator[tuple[str, str]]:
    """All facts that the drawing mode depends on."""
    yield "terminal", "yes" if surroundings.interactive else "no"
    yield "size", size()
    for name in ("TERM", "COLORTERM", "NO_COLOR"):
        yield name, surroundings.environment.get(name, "not set")
    yield "encoding", surroundings.encoding
    yield "locale", surroundings.locale or "not set"
    yield "tmux", tmux(surroundings)
    yield "screen", "yes" if surroundings.in_screen else "no"
    yield "SSH", "yes" if surroundings.over_ssh else "no"
    yield "widths", widths(surroundings)
    yield "settings", f"{settings.file}, mode {settings.mode or 'not set'}"


def size() -> str:
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        try:
            columns, rows = os.get_terminal_size(stream.fileno() if stream else -1)
        except (OSError, ValueError):
            continue
        return f"{columns} columns, {rows} rows"
    return "unknown"


def tmux(surroundings: Surroundings) -> str:
    if not surroundings.in_tmux:
        return "no"
    says = {True: "with UTF-8", False: "without UTF-8", None: "it does not say whether UTF-8"}
    return f"yes, {says[surroundings.tmux_speaks_utf8]}"


def widths(surroundings: Surroundings) -> str:
    """The measured widths of a Chinese character, of y with a hat, and of a line."""
    found = surroundings.widths
    if not found:
        return "not measured" if not surroundings.interactive else "the terminal does not answer"
    return f"Chinese {found[WIDE]}, accented {found[NARROW]}, line {found[BOX]} (2, 1, 1 is right)"


def chosen(choice: DrawingChoice) -> str:
    if choice.mode is None:
        return f"nothing is drawn, because {choice.reason}; --plain prints a lesson"
    return f"{choice.mode}, because {choice.reason}"


def diagnosis(surroundings: Surroundings) -> list[Finding]:
    """All problems, including those otherwise only looked for in doubtful cases."""
    if surroundings.term in ("", "dumb") and surroundings.interactive:
        reason = f"TERM is {surroundings.term}" if surroundings.term else "TERM is not set"
        return [Finding(reason, "set TERM to the kind of this terminal, such as xterm")]
    wrong = list(findings(surroundings))
    if not surroundings.doubtful:
        wrong += measured(surroundings)
    return wrong
