"""Rows of styled text, which pictures and pages are made of; and the style of keys."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Self
from unicodedata import normalize

from rich.cells import cell_len, set_cell_size

Span = tuple[str, str]
Row = tuple[Span, ...]
MARK = "▸ "
"""The sign before the chosen one of several rows."""
NO_BREAK = "\N{NO-BREAK SPACE}"


class Phrase(str):
    """A sentence with styled parts: keys, formulas, strong words."""

    spans: Row

    def __new__(cls, spans: Iterable[Span]) -> Self:
        spans = tuple(spans)
        phrase = super().__new__(cls, "".join(text for _, text in spans).replace(NO_BREAK, " "))
        phrase.spans = spans
        return phrase


_ASCII_SHAPES = {
    "-": "─━═╌╍┄┅┈┉╴╶╸╺‾–—−⁻",
    "|": "│┃║▏▎▍▌▊▋▐▕╎╏∣",
    "+": "┌┐└┘├┤┬┴┼╭╮╯╰╔╗╚╝╠╣╦╩╬┏┓┗┛┠┨┯┷╫╪",
    "#": "█▉▓▆▇▅▄■",
    "=": "▀▔",
    "_": "▁▂▃",
    ".": "░▒·⋅•◦",
    "*": "●⊙×✕★◆",
    ">": "→▶▸›►»",
    "<": "←◀◂‹◄«",
    "v": "▼↓▾",
    "^": "▲↑▴",
    "~": "≈…",
    "x": "✗✘",
    "Y": "✓✔",
    "'": "‘’′",
    '"': "“”",
    "n": "ηⁿ",
    "a": "αæ",
    "b": "β",
    "e": "ε",
    "g": "γ",
    "m": "μ",
    "s": "σß",
    "t": "θ",
    "d": "∂đð",
    "0": "⁰₀",
    "1": "¹₁",
    "2": "²₂",
    "3": "³₃",
    "T": "ᵀ",
    ":": "⋮",
    "/": "÷",
    "S": "ẞ",
    "o": "○⭘□◇øœ",
    "l": "łλ",
    "D": "ÐĐ",
    "L": "Ł",
    "O": "ØŒ",
    "A": "Æ",
    "[": "⎡⎢⎣",
    "]": "⎤⎥⎦",
}


def _braille_shape(dots: int) -> str:
    """The ASCII character that looks most like a braille cell (bits as in Unicode's chart)."""
    left = [row for row, bit in enumerate((0x01, 0x02, 0x04, 0x40)) if dots & bit]
    right = [row for row, bit in enumerate((0x08, 0x10, 0x20, 0x80)) if dots & bit]
    rows = {*left, *right}
    if not rows:
        return " "
    if len(left) + len(right) >= 6:
        return "#"
    if rows <= {0, 1}:
        return '"' if left == right == [0] else "-" if 0 not in rows else "'"
    if rows <= {1, 2} and left and right:
        return "-"
    if rows <= {2, 3}:
        return "_" if left and right else "."
    return _steep_shape(left, right)


def _steep_shape(left: list[int], right: list[int]) -> str:
    """The character for a steep line, from the rows of its dots, counted from the top."""
    if not (left and right):
        return "|"
    slope = sum(right) / len(right) - sum(left) / len(left)
    if abs(slope) > 0.6:
        return "\\" if slope > 0 else "/"
    rows = {*left, *right}
    return "|" if max(rows) - min(rows) < len(rows) else "="


_ASCII = {ord(char): plain for plain, chars in _ASCII_SHAPES.items() for char in chars}
_WIDE = dict(zip("。、「」『』【】《》〈〉・", '.,""""[]<><>.', strict=True))
_SPELLED = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th"}
)
_ASCII |= {0x2800 + dots: _braille_shape(dots) for dots in range(256)}


def width(text: str) -> int:
    """The number of terminal cells that the text takes."""
    return cell_len(text)


def row_width(row: Iterable[Span]) -> int:
    """The number of terminal cells that the row takes."""
    return sum(cell_len(text) for _, text in row)


def pad(row: Iterable[Span], cells: int) -> Row:
    """The row cut or padded with blanks to exactly `cells` cells."""
    spans: list[Span] = []
    left = cells
    for role, text in row:
        size = cell_len(text)
        if size > left:
            text = set_cell_size(text, left)
            size = left
        if text:
            spans.append((role, text))
        left -= size
    if left > 0:
        spans.append(("", " " * left))
    return tuple(spans)


def shortened(text: str, cells: int) -> str:
    """The text, cut if it is longer than so many cells."""
    if width(text) <= cells:
        return text
    return "".join(text for _, text in pad([("", text)], cells - 1)).rstrip() + "…"


def plain(rows: Iterable[Row]) -> str:
    """The rows as lines of text without styles."""
    return "\n".join("".join(text for _, text in row).rstrip() for row in rows)


@lru_cache(maxsize=4096)
def to_ascii(text: str) -> str:
    """The text in characters below 128, with the same number of cells."""
    if text.isascii():
        return text
    shapes = text.translate(_ASCII)
    return "".join(char if char.isascii() else _letter(char) for char in shapes)


def _letter(char: str) -> str:
    """The letter without accents; a question mark for other than Latin letters."""
    bare = _WIDE.get(char) or normalize("NFKD", char)[:1]
    if bare.isascii() and bare:
        return bare.ljust(cell_len(char))
    return "?" * cell_len(char)


def spelled(text: str) -> str:
    """The text with ligatures and the like spelled as two ASCII letters."""
    return text if text.isascii() else text.translate(_SPELLED)


def unseen(text: str) -> str:
    """The characters of a text that ASCII cannot show, each once."""
    return "".join(dict.fromkeys(char for char in text if char != "?" and "?" in to_ascii(char)))


KEYS = frozenset("abcdefghijklmnopqrstuvwxyzACEFHKLNS0123456789,.+=-<>[]?←→↑↓^") | {
    *("up", "down", "left", "right", "home", "end", "pgup", "pgdn", "pageup", "pagedown"),
    *("enter", "escape", "esc", "tab", "space", "backspace", "delete", "arrows"),
}
"""The keys recognised in backquotes, besides ctrl+, shift+ and function keys."""

_QUOTED = re.compile(r"`([^`\n]+)`")
_COMBINED = re.compile(r"(?:ctrl|shift|alt)\+\S+|f\d\d?")


def is_key(text: str) -> bool:
    """Whether a text in backquotes names a key."""
    return text in KEYS or _COMBINED.fullmatch(text) is not None


def key_text(key: str) -> str:
    """A key in a sentence: `[b]`; keys that are brackets are set off by blanks."""
    return f"[{NO_BREAK}{key}{NO_BREAK}]" if key in "[]" else f"[{key}]"


def spans_of(sentence: str, role: str) -> Row:
    """A sentence's spans; keys have their own style, other text without one has `role`."""
    if isinstance(sentence, Phrase):
        return tuple((own or role, text) for own, text in sentence.spans)
    pieces = enumerate(_QUOTED.split(sentence))
    return tuple(_span(piece, place % 2 == 1, role) for place, piece in pieces)


def written(sentence: str) -> str:
    """A sentence with its keys in brackets, as a line of text."""
    return "".join(text for _, text in spans_of(sentence, "")).replace(NO_BREAK, " ")


def key_row(text: str, role: str) -> list[Span]:
    """A row of keys and what they do; the keys are marked by style alone."""
    pieces = enumerate(_QUOTED.split(text))
    return [("key" if place % 2 else role, piece) for place, piece in pieces if piece]


def _span(piece: str, quoted: bool, role: str) -> Span:
    if not quoted:
        return role, piece
    return ("key", key_text(piece)) if is_key(piece) else (role, f"`{piece}`")
