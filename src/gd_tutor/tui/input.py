"""Input that no byte can break."""

from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.message import Message

BEGIN, END = "\x1b[200~", "\x1b[201~"
"""What a terminal sends before and after pasted text."""


class Parser(XTermParser):
    """Textual's parser, which gets pasted text without escape characters.

    Textual's takes the rest of an escape sequence in a pasted text for keys, among them commands.
    """

    _pasting = False
    _held = ""

    def feed(self, data: str) -> Iterable[Message]:
        parsed = self._without_escapes(data)
        return super().feed(parsed) if parsed else ()  # with nothing at all it would end

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
