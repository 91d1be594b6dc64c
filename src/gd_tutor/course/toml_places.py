"""The text of a TOML table: the place of every key, and messages on text that is not TOML.

Messages use the author's words, not TOML's. Keys are searched in valid TOML only.
"""

import re
from collections import Counter
from collections.abc import Iterator

from gd_tutor.course.lesson_file import Excerpt
from gd_tutor.engine.expression import Place

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

    # A scanner: each method reads from _pos on and moves it past what it has read.

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


REPEATED = frozenset({"experiment", "view", "mistake", "option"})
"""The tables that may occur several times in a lesson."""

_WHERE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Cannot redefine", "Duplicate")
_STATEMENT = re.compile(r"^[ \t]*[^\s=#\[{}\]\"'][^=\n]*=(?!=)", re.MULTILINE)
STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+(?:"{3,5}|\Z)|\'\'\'(?:[^\']++|\'(?!\'\'))*+(?:\'{3,5}|\Z)'
    r"|\"(?:[^\"\\\n]++|\\.)*+\"?|'[^'\n]*+'?|#[^\n]*+",
    re.DOTALL,
)
_VALUE = re.compile(r"[^\s,;=\[\]{}\"'#]+(?:,\d[\d.]*(?=\s*(?:[}#\n]|$)))?", re.MULTILINE)
_CURLY = "“”„‘’‚«»"
_NEAR = 200
"""The number of characters before a fault that are searched for its cause."""

_BRACKETS = {"[": "]", "{": "}"}
_UNCLOSED = 'Close the quotes on the same line, or write """ at both ends.'
_WRITTEN_OUT = "A number is written out here, as in 0.5; calculations stand in `forward`."
_NAMED = "Between { and } stand names with their values, as in { y = 5, z = 3 }."
_LINE = "Each line has a name, = and a value, as in learning_rate = 0.1."


def toml_fault(text: str, error: str) -> tuple[int, str]:
    """Where a text is broken and what to do, from the text and what `tomllib` says of it."""
    match = _WHERE.search(error)
    reason = error[: match.start()] if match else error
    at_end = match is None or match["line"] is None
    offset = len(text) if match is None or at_end else _index(text, match)
    if reason.startswith(_TWICE):
        start = text.rfind("\n", 0, max(0, offset - at_end)) + 1
        return start, _twice(text[start:])
    if reason.startswith(("Unterminated", 'Expected "\'"')):
        if at_end and (opened := _open_quotes(text)) is not None:
            return opened, "The text that begins here is not closed."
        return offset, _UNCLOSED
    if reason.startswith("Unescaped"):
        return max(offset - 1, 0), "Inside quotes write \\\\ for one \\."
    if reason.startswith("Illegal character") and text[offset : offset + 1] == "\n":
        return offset, _UNCLOSED
    return _broken(text, offset)


def _index(text: str, match: re.Match[str]) -> int:
    place = Place(int(match["line"]), int(match["column"]))
    start = 0
    for _ in range(place.line - 1):
        start = text.find("\n", start) + 1
    return min(start + place.column - 1, len(text))


def _twice(rest: str) -> str:
    """What to do about a key or a table that is given twice."""
    table = re.match(r"[ \t]*\[{1,2}([\w.]+)\]", rest)
    if table and table[1].split(".")[-1] in REPEATED:
        return f"To give it several times, write [[{table[1]}]] with double brackets each time."
    return "This is given twice; keep one of them."


def _open_quotes(text: str) -> int | None:
    """Where a text in three quotes begins that does not end."""
    for match in STRING.finditer(text):
        quotes = match[0][:3]
        if quotes in ('"""', "'''") and (len(match[0]) < 6 or not match[0].endswith(quotes)):
            return match.start()
    return None


def _broken(text: str, offset: int) -> tuple[int, str]:
    """Somewhere in a statement; which sign is missing or too many says what stands there."""
    start = _statement(text, offset)
    opened = list(_open_brackets(text, start, offset))
    line = text[text.rfind("\n", 0, offset) + 1 :].split("\n")[0]
    if line.lstrip().startswith("[") and "=" not in line:
        return offset, "A line such as [experiment] or [[view]] has as many ] as [."
    rest = text[offset:].lstrip(" \t")
    sign = rest[:1]
    if sign and sign in _CURLY:
        return offset, 'Write straight quotes: "…".'
    number = _number(text, start, offset)
    if number is not None:
        return number
    if sign.isalpha() and text[:offset].rstrip(" \t").endswith("="):
        word = _VALUE.match(rest)
        if word and word[0].lower() in ("true", "false"):
            return offset, f"Write {word[0].lower()} in small letters."
        return offset, 'Words stand in quotes, as in "Gradient".'
    if opened:
        return _inside(text, offset, opened[-1], rest)
    return offset, _outside(text[start:offset], rest)


def _statement(text: str, offset: int) -> int:
    """Where the statement begins that is broken at an offset."""
    starts = [match.start() for match in _STATEMENT.finditer(text, 0, min(offset + 1, len(text)))]
    line = text.rfind("\n", 0, offset) + 1
    return starts[-1] if starts and starts[-1] <= offset else line


def _open_brackets(text: str, start: int, offset: int) -> list[int]:
    """Where the brackets stand that are open at an offset."""
    opened: list[int] = []
    position = start
    while position < offset:
        string = STRING.match(text, position)
        if string:
            position = string.end()
            continue
        char = text[position]
        if char in _BRACKETS:
            opened.append(position)
        elif opened and char == _BRACKETS[text[opened[-1]]]:
            opened.pop()
        position += 1
    return opened


def _number(text: str, start: int, offset: int) -> tuple[int, str] | None:
    """A number that is not written as one, if the fault is in it."""
    for match in _VALUE.finditer(text, start):
        begins = text[start : match.start()].rstrip().endswith(("=", "[", ","))
        if begins and match.start() <= offset <= match.end() + 1:
            written = match[0]
            message = _wrong_number(written, text[match.end() :])
            return (match.start(), message) if message else None
    return None


def _wrong_number(written: str, rest: str) -> str:
    plain = written.translate(str.maketrans("−–", "--"))
    if not re.match(r"[-+]?[.,]?\d", plain):
        return ""
    if plain != written:
        return f"'{written}' has another sign than a plain minus; write {plain}."
    if re.fullmatch(r"[-+]?\d+,\d+", plain):
        return f"A number has a point, as in {plain.replace(',', '.')}."
    if re.fullmatch(r"[-+]?\.\d+", plain):
        return f"A number has a digit before the point, as in {plain.replace('.', '0.')}."
    if re.fullmatch(r"[-+]?\d+\.", plain):
        return f"A number has a digit behind the point, as in {plain}0."
    if re.fullmatch(r"[-+]?0\d+(\.\d+)?", plain):
        return (
            f"A number does not begin with 0: write {re.sub('(?<![0-9])0+(?=[0-9])', '', plain)}."
        )
    if plain.count(".") > 1 and re.fullmatch(r"[-+]?[\d.]+", plain):
        return f"'{written}' is not a number: it has one point, as in 0.5."
    if re.search(r"[/*+^%-]", plain[1:]) or re.match(r"\s*[-/*+^%]", rest):
        return _WRITTEN_OUT
    if re.fullmatch(r"[-+]?\d+(\.\d+)?", plain):
        return ""
    return f"'{written}' is not a number; write one such as 0.5, or words in quotes."


def _inside(text: str, offset: int, opened: int, rest: str) -> tuple[int, str]:
    """Within brackets that are open."""
    bracket = text[opened]
    if bracket == "{" and rest[:1] == "\n":
        message = "What stands between { and } is all on one line"
        return offset, f"{message}; for more, write a line [experiment.data] and one name below it."
    if not rest.strip():
        return opened, f"The {bracket} that stands here is not closed; write {_BRACKETS[bracket]}."
    before = text[opened + 1 : offset].rstrip()[-_NEAR:]
    if bracket == "[" and "\n" in text[opened:offset] and re.match(r"[\w.]+[ \t]*=", rest):
        return opened, "The [ that stands here is not closed; write ]."
    comma = re.search(r"[-+]?\d+,\d+$", before)
    if bracket == "{" and comma:
        return text.rfind(comma[0], opened, offset), _wrong_number(comma[0], "")
    if rest[0] in "])}":
        return offset, f"Here {bracket} is open, which ends with {_BRACKETS[bracket]}."
    if bracket == "{" and (not before or "=" not in before.rsplit(",")[-1]) and rest[0] == ",":
        return offset, _NAMED
    if rest[0] == ",":
        return offset, "A value is missing before this comma."
    if rest[0] == ";":
        return offset, "Write a comma between two values, as in [1, 2]."
    if bracket == "{" and (not before or before.endswith(",")):
        return offset, _NAMED
    if bracket == "{" and re.search(r"[,{]\s*[\w\"'.-]+$", f"{{{before}"):
        return offset, "Write = between a name and its value, as in { y = 5 }."
    if re.match(r"[-+]?[\w\"'\[{.]", rest) and not before.endswith((",", "=")):
        example = "{ y = 5, z = 3 }" if bracket == "{" else "[0.5, 1]"
        return offset, f"A comma is missing here, as in {example}."
    return offset, "This is not a value: write a number, or words in quotes."


def _outside(before: str, rest: str) -> str:
    """In a statement, outside of all brackets."""
    sign = rest[:1]
    if before.rstrip().endswith("="):
        if sign in ("", "\n", "#"):
            return "A value is missing behind =, as in x = 8."
        if sign == "=":
            return "One = stands between a name and its value, as in x = 8."
        if sign == "(":
            return "A list stands in square brackets, as in [1, 2]."
        return "This is not a value: write a number, or words in quotes."
    if "=" not in before:
        if sign and not sign.isascii() and sign.isalpha():
            return "A name has the letters a to z and A to Z, digits and _ only."
        return _LINE
    if sign == ",":
        return "A list of several values stands in square brackets, as in [1, 2]."
    if sign in ("]", "}"):
        return f"There is one {sign} too many."
    if sign == '"' or (before.count('"') % 2 == 0 and '"' in before):
        return 'Behind the closing quotes nothing more stands; inside quotes write \\" for one.'
    if sign and sign in "-/*+^%":
        return _WRITTEN_OUT
    if sign.isdigit() and before.rstrip()[-1:].isdigit():
        return "A number is written without blanks, as in 1000."
    return f"The line should end here. {_LINE}"
