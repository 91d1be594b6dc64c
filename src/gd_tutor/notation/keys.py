"""How a key looks: in sentences in brackets, in a row of keys as a word of its own meaning.

A sentence has its keys in backquotes: "Press `f`." What else stands in backquotes stays as it is.
"""

import re

from gd_tutor.notation.spans import NO_BREAK, Phrase, Row, Span

KEYS = frozenset("abcdefghijklmnopqrstuvwxyzACEFHKLNS0123456789,.+=-<>[]?←→↑↓^") | {
    *("up", "down", "left", "right", "home", "end", "pgup", "pgdn", "pageup", "pagedown"),
    *("enter", "escape", "esc", "tab", "space", "backspace", "delete", "arrows"),
}
"""What is a key when it stands in backquotes; with ctrl+, shift+ or a function key's number too."""

_QUOTED = re.compile(r"`([^`\n]+)`")
_COMBINED = re.compile(r"(?:ctrl|shift|alt)\+\S+|f\d\d?")


def is_key(text: str) -> bool:
    """Whether a text in backquotes names a key."""
    return text in KEYS or _COMBINED.fullmatch(text) is not None


def key_text(key: str) -> str:
    """A key as it stands in a sentence: `[b]`; the keys that are brackets stand apart from them."""
    return f"[{NO_BREAK}{key}{NO_BREAK}]" if key in "[]" else f"[{key}]"


def spans_of(sentence: str, role: str) -> Row:
    """A sentence's spans, its keys as keys; what has no meaning of its own has that role."""
    if isinstance(sentence, Phrase):
        return tuple((own or role, text) for own, text in sentence.spans)
    pieces = enumerate(_QUOTED.split(sentence))
    return tuple(_span(piece, place % 2 == 1, role) for place, piece in pieces)


def written(sentence: str) -> str:
    """A sentence with its keys in brackets, as a line of text."""
    return "".join(text for _, text in spans_of(sentence, "")).replace(NO_BREAK, " ")


def key_row(text: str, role: str) -> list[Span]:
    """A row of keys and what they do: the keys stand out by their meaning alone."""
    pieces = enumerate(_QUOTED.split(text))
    return [("key" if place % 2 else role, piece) for place, piece in pieces if piece]


def _span(piece: str, quoted: bool, role: str) -> Span:
    if not quoted:
        return role, piece
    return ("key", key_text(piece)) if is_key(piece) else (role, f"`{piece}`")
