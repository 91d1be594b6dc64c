"""Where the learner left off, kept in the platform's folder for such things.

The file holds one state line. It is written beside and renamed, so that whatever happens either
the old or the new line is there; a file that cannot be read is set aside, never overwritten.
"""

import os
from contextlib import suppress
from pathlib import Path

from gd_tutor.training import State, StateError, parse_state


class Progress:
    """The state line on disk; `trouble` is a sentence for the learner when something went wrong."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or state_folder()
        self.trouble = ""

    @property
    def file(self) -> Path:
        return self.folder / "state"

    def load(self) -> State | None:
        """The state that was saved last, or None where there is none that can be read."""
        try:
            text = self.file.read_text(encoding="utf-8")
            return parse_state(text)
        except FileNotFoundError:
            return None
        except OSError as error:
            self.trouble = f"Your place could not be read: {_reason(error)}."
        except (StateError, UnicodeDecodeError):
            self._set_aside()
        return None

    def save(self, state: State) -> str:
        """Keep the state; where that fails, return a sentence to say, the same one only once."""
        said = self.trouble
        beside = self.folder / f"state.{os.getpid()}.new"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            beside.write_text(f"{state}\n", encoding="utf-8")
            beside.replace(self.file)
        except OSError as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            self.trouble = f"Your place cannot be saved: {_reason(error)}."
        return self.trouble if self.trouble != said else ""

    def _set_aside(self) -> None:
        aside = self.file.with_name("state.damaged")
        try:
            self.file.replace(aside)
        except OSError:
            return
        self.trouble = f"Your place could not be read; the damaged file is now {aside}."


def state_folder() -> Path:
    """The platform's folder for a program's state."""
    from platformdirs import user_state_path

    return user_state_path("gd-tutor")


def _reason(error: OSError) -> str:
    return (error.strerror or "the disk did not answer").lower()
