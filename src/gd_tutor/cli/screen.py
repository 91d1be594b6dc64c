"""What the calls that open a screen share: the choice how to draw, and the terminal made ready."""

import os
from argparse import Namespace

from gd_tutor.cli.errors import UserError
from gd_tutor.terminal import (
    Choice,
    Drawing,
    Mode,
    Settings,
    Surroundings,
    WrongSetting,
    choose,
    prepare,
    profile,
    read_settings,
)


def choose_here(options: Namespace) -> tuple[Choice, Settings]:
    """How to draw here, and the settings that had a say in it. Raises UserError."""
    settings = read_settings()
    try:
        return choose(options.mode, Surroundings.here(), settings), settings
    except WrongSetting as error:
        raise UserError(str(error)) from None


def no_terminal(what: str, instead: str) -> UserError:
    """That something needs a terminal, and what to do where there is none."""
    if Surroundings.here().over_ssh:
        instead = f"log in with `ssh -t`, which gives a command one; {instead}"
    return UserError(f"{what} needs a terminal for input and output; {instead}.")


def notice(choice: Choice, settings: Settings) -> str:
    """What a learner is to know of both, if anything."""
    return " ".join(filter(None, (settings.trouble, choice.sentence)))


def prepared(choice: Choice, settings: Settings) -> Drawing:
    """How the screen is drawn, once all is set for Textual to be imported. Raises UserError."""
    try:
        carries = profile(os.environ)
    except WrongSetting as error:
        raise UserError(str(error)) from None
    ascii = choice.mode is Mode.ASCII
    drawing = Drawing(ascii, carries, settings.theme, notice(choice, settings))
    prepare(os.environ, drawing)
    return drawing
