"""What the tutor runs in: streams, locale, terminal, and what lies between."""

import codecs
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TextIO

from gd_tutor.terminal.probe import ask_tmux, measure

_EAST_ASIAN = ("zh", "ja", "ko")


@dataclass
class Surroundings:
    """Facts; those that take time to find are asked for once, and only when needed."""

    environment: Mapping[str, str]
    interactive: bool
    """Whether the streams all are a terminal."""
    encoding: str
    """How Python writes to the error stream, which is where Textual draws."""
    ask_tmux: Callable[[], bool | None] = ask_tmux
    measure: Callable[[], Mapping[str, int]] = measure

    @classmethod
    def here(cls, *streams: TextIO | None) -> "Surroundings":
        """Those of this process; of all its three streams unless told."""
        streams = streams or (sys.__stdin__, sys.__stdout__, sys.__stderr__)
        interactive = all(stream is not None and stream.isatty() for stream in streams)
        return cls(os.environ, interactive, getattr(sys.__stderr__, "encoding", None) or "ascii")

    def get(self, name: str) -> str:
        return self.environment.get(name, "")

    @property
    def term(self) -> str:
        return self.get("TERM")

    @property
    def in_tmux(self) -> bool:
        return bool(self.get("TMUX"))

    @property
    def in_screen(self) -> bool:
        return bool(self.get("STY"))

    @property
    def over_ssh(self) -> bool:
        return bool(self.get("SSH_CONNECTION") or self.get("SSH_TTY"))

    @property
    def writes_utf8(self) -> bool:
        try:
            return codecs.lookup(self.encoding).name == "utf-8"
        except LookupError:
            return False

    @property
    def locale(self) -> str:
        """The locale that was set, empty where none was.

        Python itself sets LC_CTYPE to C.UTF-8 in the C locale (PEP 538): that says nothing about
        the terminal, and nor does the encoding that Python then uses.
        """
        made_by_python = self.get("LC_CTYPE") == "C.UTF-8" and self.get("LANG") in (
            "",
            "C",
            "POSIX",
        )
        names = ("LC_ALL", "LANG") if made_by_python else ("LC_ALL", "LC_CTYPE", "LANG")
        return next((self.get(name) for name in names if self.get(name)), "")

    @property
    def doubtful(self) -> bool:
        """Whether only the terminal itself can tell how wide it draws."""
        unset = self.locale in ("", "C", "POSIX")
        return unset or self.in_screen or self.locale.startswith(_EAST_ASIAN)

    @cached_property
    def tmux_speaks_utf8(self) -> bool | None:
        return self.ask_tmux() if self.in_tmux else None

    @cached_property
    def widths(self) -> Mapping[str, int]:
        """Cells that the terminal gives to sample characters; empty where it does not answer."""
        return self.measure() if self.interactive else {}
