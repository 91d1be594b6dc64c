"""What the user has set for good, in a file of their own.

The file is `settings.toml` in the platform's folder for configuration, for example

    mode = "plain"    # unicode, ascii or plain
"""

from dataclasses import dataclass
from pathlib import Path

from gd_tutor.terminal.modes import Mode, WrongSetting, read_mode


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file says; `trouble` is a sentence for the user where it cannot be used."""

    file: Path
    mode: Mode | None = None
    trouble: str = ""


def settings_file() -> Path:
    """Where the settings are, if there are any."""
    from platformdirs import user_config_path

    return user_config_path("gd-tutor") / "settings.toml"


def read_settings(file: Path | None = None) -> Settings:
    """The user's settings; a damaged file counts as none."""
    file = file or settings_file()
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Settings(file)
    except OSError as error:
        reason = (error.strerror or "the disk did not answer").lower()
        return Settings(file, trouble=f"The settings in {file} could not be read: {reason}.")
    except UnicodeDecodeError:
        return _damaged(file)
    import tomllib  # which most calls do not need

    try:
        table = tomllib.loads(text)
        return Settings(file, read_mode(str(table.get("mode", "")), f"In {file}, mode"))
    except WrongSetting as error:
        return Settings(file, trouble=f"{error} It is not used.")
    except (tomllib.TOMLDecodeError, RecursionError):
        return _damaged(file)


def _damaged(file: Path) -> Settings:
    return Settings(file, trouble=f"The settings in {file} are damaged and not used.")
