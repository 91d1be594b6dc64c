"""The modes (Unicode, ASCII, plain), and the user's settings file with mode and theme."""

import json
import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from gd_tutor.files import reason, write_whole


class Mode(StrEnum):
    """UNICODE and ASCII draw a screen; PLAIN writes lines, as screen readers need them."""

    UNICODE = "unicode"
    ASCII = "ascii"
    PLAIN = "plain"


class WrongSetting(ValueError):
    """A variable or setting with an invalid value; the message is one sentence."""


def read_mode(text: str, where: str) -> Mode | None:
    """The mode that a text names; None for an empty text. Raises WrongSetting for any other."""
    if not text:
        return None
    if text not in list(Mode):
        *most, last = Mode
        raise WrongSetting(f"{where} is '{text}', not {', '.join(most)} or {last}.")
    return Mode(text)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings file's content; `trouble` is a sentence where some of it cannot be used.

    The theme is not checked here.
    """

    file: Path
    mode: Mode | None = None
    theme: str | None = None
    trouble: str = ""


class DamagedSettings(Exception):
    """The file is not valid TOML."""


def settings_file() -> Path:
    """The path of the settings file, which may not exist."""
    return user_config_path("gd-tutor") / "settings.toml"


def read_settings(file: Path | None = None) -> Settings:
    """The user's settings, without invalid ones; a damaged file counts as empty."""
    file = file or settings_file()
    try:
        table = _parsed(_text_of(file))
    except OSError as error:
        return Settings(file, trouble=f"The settings in {file} could not be read: {reason(error)}.")
    except DamagedSettings:
        return Settings(file, trouble=f"The settings in {file} are damaged and not used.")
    mode, theme, troubles = None, table.get("theme"), []
    try:
        mode = read_mode(str(table.get("mode", "")), f"In {file}, mode")
    except WrongSetting as error:
        troubles.append(f"{error} It is not used.")
    if not isinstance(theme, str | None):
        troubles.append(f"In {file}, theme is {theme}, not a name in quotes. It is not used.")
        theme = None
    return Settings(file, mode, theme, " ".join(troubles))


def save_setting(name: str, value: str, file: Path | None = None) -> str:
    """Set a name and leave other lines unchanged; return a sentence if that fails."""
    file = file or settings_file()
    try:
        text = _text_of(file)
        changed = _with_setting(text, name, value)
        if _parsed(changed) != _parsed(text) | {name: value}:
            raise DamagedSettings
        write_whole(file, changed.encode())
    except OSError as error:
        return f"The setting cannot be saved in {file}: {reason(error)}."
    except DamagedSettings:
        return f"The setting is not saved: {file} is damaged or unusual. Write it there by hand."
    return ""


def _text_of(file: Path) -> str:
    """The file's text, empty where there is no file. Raises DamagedSettings if it is not UTF-8."""
    try:
        return file.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except UnicodeDecodeError:
        raise DamagedSettings from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text) if text else {}
    except (tomllib.TOMLDecodeError, RecursionError):
        raise DamagedSettings from None


def _with_setting(text: str, name: str, value: str) -> str:
    """The text with the setting in its own line, or in a new one before the first table."""
    quoted = json.dumps(value, ensure_ascii=False)
    lines = text.splitlines(keepends=True)
    tables = (at for at, line in enumerate(lines) if line.lstrip().startswith("["))
    end = next(tables, len(lines))
    value_there = r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s#]+"
    setting = re.compile(rf"(\s*{re.escape(name)}\s*=\s*)(?:{value_there})")
    for at, line in enumerate(lines[:end]):
        if found := setting.match(line):
            lines[at] = found[1] + quoted + line[found.end() :]
            return "".join(lines)
    if end and not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    lines.insert(end, f"{name} = {quoted}\n")
    return "".join(lines)
