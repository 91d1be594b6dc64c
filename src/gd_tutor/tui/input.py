"""Input that no byte can break."""

from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable, Iterable
from functools import partial

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.message import Message

BEGIN, END = "\x1b[200~", "\x1b[201~"
"""What a terminal sends before and after pasted text."""


def harden_input() -> None:
    """Let the keyboard thread read any byte, and take nothing that was pasted for a key.

    Textual's driver decodes strictly, and one key of a terminal that is not set to UTF-8 is enough
    to end the tutor with a traceback. Its parser takes the rest of an escape sequence in a pasted
    text for keys, among them commands.
    """

    def forgiving(name: str) -> Callable[[], IncrementalDecoder]:
        return partial(getincrementaldecoder(name), errors="replace")

    linux_driver.getincrementaldecoder = forgiving  # type: ignore[assignment,attr-defined]
    linux_driver.XTermParser = Parser  # type: ignore[attr-defined]


class Parser(XTermParser):
    """Textual's parser, which gets pasted text without escape characters."""

    _pasting = False
    _held = ""

    def feed(self, data: str) -> Iterable[Message]:
        parsed = self._without_escapes(data)
        # Nothing at all is how the parser is told that the keyboard is gone.
        return super().feed(parsed) if parsed or not data else ()

    def _without_escapes(self, data: str) -> str:
        """What can be parsed by now: the beginning of a mark waits for its end."""
        data, self._held = self._held + data, ""
        parsed = ""
        while data:
            mark = END if self._pasting else BEGIN
            text, found, data = data.partition(mark)
            if not found:
                cut = len(text) - _begun(mark, text, least=1 if self._pasting else 3)
                text, self._held = text[:cut], text[cut:]
            parsed += (text.replace("\x1b", "") if self._pasting else text) + found
            self._pasting ^= bool(found)
        return parsed


def _begun(mark: str, text: str, least: int) -> int:
    """How many characters of a mark a text ends with; fewer than the least are a key."""
    lengths = range(len(mark) - 1, least - 1, -1)
    return next((length for length in lengths if text.endswith(mark[:length])), 0)
