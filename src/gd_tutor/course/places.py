"""Where every key of a TOML text stands. The text is known to be sound TOML."""

import re
from collections import Counter
from collections.abc import Iterator

from gd_tutor.course.faults import Excerpt

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_STRINGS = {
    '"""': re.compile(r'"""(?:[^"\\]++|\\.|"(?!""))*+"""(?:"{0,2})', re.DOTALL),
    "'''": re.compile(r"'''(?:[^']++|'(?!''))*+'''(?:'{0,2})"),
    '"': re.compile(r'"(?:[^"\\\n]++|\\.)*+"'),
    "'": re.compile(r"'[^'\n]*'"),
}
_ESCAPE = re.compile(
    r"\\(?:[ \t]*\n[ \t\n]*|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|[^\\]", re.DOTALL
)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


class Places:
    """The places of all keys: a path such as ("view", 1, "kind") to an offset in the excerpt."""

    def __init__(self, excerpt: Excerpt) -> None:
        self.excerpt = excerpt
        self.keys: dict[Path, int] = {}
        self._strings: dict[Path, tuple[int, int]] = {}
        self._tables: Counter[Path] = Counter()
        self._pos = 0
        self._document()

    def key(self, path: Path) -> int:
        """The file's offset of a key, or of the nearest table around it that was written."""
        while path and path not in self.keys:
            path = path[:-1]
        return self.excerpt.offsets[self.keys.get(path, 0)]

    def string(self, path: Path) -> Excerpt:
        """The string that a key has as its value, each character with its place in the file."""
        return unquoted(self.excerpt.part(*self._strings[path]))

    # A scanner: each method begins at _pos and leaves it behind what it has read.

    def _document(self) -> None:
        table: Path = ()
        end = len(self.excerpt.text)
        while self._skip_blank() and self._pos < end:
            if self._take("[["):
                table = self._array_table(self._key())
                self._take("]]")
            elif self._take("["):
                table = self._note((), self._key())
                self._take("]")
            else:
                self._pair(table)

    def _pair(self, table: Path) -> None:
        path = self._note(table, self._key())
        self._take("=")
        self._value(path)

    def _note(self, table: Path, key: list[tuple[str, int]]) -> Path:
        """The path of a dotted key, every part of it noted; in arrays, that of the last table."""
        path = table
        for part, offset in key:
            path = (*path, part)
            self.keys.setdefault(path, offset)
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
        return path

    def _array_table(self, key: list[tuple[str, int]]) -> Path:
        part, offset = key[-1]
        path = (*self._note((), key[:-1]), part)
        self.keys.setdefault(path, offset)
        path = (*path, self._tables[path])
        self._tables[path[:-1]] += 1
        self.keys[path] = offset
        return path

    def _key(self) -> list[tuple[str, int]]:
        parts: list[tuple[str, int]] = []
        while True:
            text = self._skip_blank()
            start = self._pos
            bare = _BARE_KEY.match(text, start)
            if bare:
                self._pos = bare.end()
                parts.append((bare[0], start))
            else:
                self._string()
                parts.append((unquoted(self.excerpt.part(start, self._pos)).text, start))
            if not self._take("."):
                return parts

    def _value(self, path: Path) -> None:
        text = self._skip_blank()
        start = self._pos
        if text.startswith(("'", '"'), start):
            self._string()
            self._strings[path] = start, self._pos
        elif self._take("["):
            for index in self._items("]"):
                self._value((*path, index))
        elif self._take("{"):
            self.keys.setdefault(path, start)
            for _ in self._items("}"):
                self._pair(path)
        else:
            match = _SCALAR.match(text, start)
            assert match is not None
            self._pos = match.end()

    def _items(self, closing: str) -> Iterator[int]:
        index = 0
        while not self._take(closing):
            yield index
            index += 1
            self._take(",")

    def _string(self) -> None:
        text = self.excerpt.text
        quotes = next(quotes for quotes in _STRINGS if text.startswith(quotes, self._pos))
        match = _STRINGS[quotes].match(text, self._pos)
        assert match is not None
        self._pos = match.end()

    def _skip_blank(self) -> str:
        blank = _BLANK.match(self.excerpt.text, self._pos)
        assert blank is not None
        self._pos = blank.end()
        return self.excerpt.text

    def _take(self, sign: str) -> bool:
        if self._skip_blank().startswith(sign, self._pos):
            self._pos += len(sign)
            return True
        return False


def unquoted(literal: Excerpt) -> Excerpt:
    """What a TOML string says, each character with the place where it was written."""
    quotes = next(quotes for quotes in _STRINGS if literal.text.startswith(quotes))
    start, end = len(quotes), len(literal.text) - len(quotes)
    if len(quotes) == 3 and literal.text.startswith("\n", start):
        start += 1
    content = literal.part(start, end)
    return _unescaped(content) if quotes[0] == '"' else content


def _unescaped(content: Excerpt) -> Excerpt:
    if "\\" not in content.text:
        return content
    chars: list[str] = []
    offsets: list[int] = []
    for match in _ESCAPE.finditer(content.text):
        char = _character(match[0])
        if char:
            chars.append(char)
            offsets.append(content.offsets[match.start()])
    return Excerpt("".join(chars), [*offsets, content.offsets[-1]])


def _character(written: str) -> str:
    if len(written) == 1:
        return written
    sign, code = written[1], written[2:]
    if sign in "xuU" and code:
        return chr(int(code, base=16))
    return "" if "\n" in written else _ESCAPED.get(sign, sign)
