"""Breaking text into rows of a given width."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from gd_tutor.notation.spans import NO_BREAK, Row, Span, row_width, width

Word = list[Span]

# Chinese and Japanese have no blanks: a row may end between any two wide characters, but never
# before a closing or after an opening sign (JIS X 4051, GB/T 15834).
_CLOSING = frozenset("。，、；：？！．）］｝〕〗〙〛」』】》〉”’…—～％℃・ー々ゝゞヽヾ,.;:?!)]}%")
_OPENING = frozenset("（［｛〔〖〘〚「『【《〈“‘￥＄([{$")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")


def wrap(spans: Iterable[Span], cells: int) -> list[Row]:
    """Break a paragraph at blanks and between wide characters; words that are too long are cut.

    A row has at least one character, even if that is wider than `cells`.
    """
    rows: list[list[Span]] = [[]]
    taken = 0
    for blank, word in _words(spans):
        size = row_width(word)
        gap = 1 if blank and rows[-1] else 0
        if rows[-1] and taken + gap + size > cells:
            rows.append([])
            taken = gap = 0
        if gap:
            rows[-1].append((word[0][0] if rows[-1][-1][0] == word[0][0] else "", " "))
        rows[-1] += [(role, text.replace(NO_BREAK, " ")) for role, text in word]
        taken += gap + size
        while taken > cells:
            first, rest = _cut(rows[-1], cells)
            if not rest:
                break
            rows[-1:] = [first, rest]
            taken = row_width(rest)
    return [_merged(row) for row in rows]


def _words(spans: Iterable[Span]) -> Iterator[tuple[bool, Word]]:
    """The unbreakable words, each of one or more spans, and whether a blank comes before."""
    word: Word = []
    blank = False
    for role, text in spans:
        for place, piece in enumerate(text.replace("\n", " ").split(" ")):
            if place:
                if word:
                    yield blank, word
                word, blank = [], True
            for part in _parts(piece):
                if word and _may_break(word[-1][1][-1], part[0]):
                    yield blank, word
                    word, blank = [], False
                word.append((role, part))
    if word:
        yield blank, word


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[str, ...]:
    """A text without blanks, split wherever a row may end."""
    if text.isascii():
        return (text,) if text else ()
    ends = [at for at, pair in enumerate(pairwise(text), start=1) if _may_break(*pair)]
    return tuple(text[start:end] for start, end in pairwise([0, *ends, len(text)]))


def _may_break(left: str, right: str) -> bool:
    """Whether a row may end between two adjacent characters."""
    if right in _CLOSING or left in _OPENING or not (width(left) and width(right)):
        return False
    return _has_no_blanks(left) or _has_no_blanks(right)


def _has_no_blanks(char: str) -> bool:
    """Whether a character belongs to a script without blanks between words."""
    return width(char) == 2 and not _HANGUL.match(char)


def on_one_line(text: str) -> str:
    """The text with line breaks replaced by blanks, or removed if its script has none."""
    first, *others = text.split("\n")
    for other in others:
        close = bool(first and other) and _has_no_blanks(first[-1]) and _has_no_blanks(other[0])
        first += other if close else f" {other}"
    return first


def _cut(row: Sequence[Span], cells: int) -> tuple[list[Span], list[Span]]:
    """The characters that fit, at least one, and the rest."""
    text = "".join(text for _, text in row)
    kept = 1
    while kept < len(text) and width(text[: kept + 1]) <= cells:
        kept += 1
    head: list[Span] = []
    tail: list[Span] = []
    for role, text in row:
        if text[:kept]:
            head.append((role, text[:kept]))
        if text[kept:]:
            tail.append((role, text[kept:]))
        kept = max(kept - len(text), 0)
    return head, tail


def _merged(row: Iterable[Span]) -> Row:
    merged: list[Span] = []
    for role, text in row:
        if merged and merged[-1][0] == role:
            merged[-1] = (role, merged[-1][1] + text)
        else:
            merged.append((role, text))
    return tuple(merged)


def equation(
    parts: Sequence[str], cells: int, relation: str = "=", equals: str = "=", result: str = ""
) -> list[str]:
    """An equation on as few rows as fit, broken before its signs; later rows are indented by two.

    `relation` is the first sign; `result`, if given, replaces `equals` as the last of several.
    """
    signs = [relation, *[equals] * (len(parts) - 3), result or equals]
    rows = [parts[0]]
    for sign, part in zip(signs, parts[1:], strict=False):
        if width(f"{rows[-1]} {sign} {part}") <= cells:
            rows[-1] += f" {sign} {part}"
        else:
            rows.append(f"  {sign} {part}")
    return [piece for row in rows for piece in _fitted(row, cells)]


def _fitted(text: str, cells: int) -> list[str]:
    """A row that is still too long, broken at blanks; the rest is indented further."""
    if width(text) <= cells:
        return [text]
    indent = len(text) - len(text.lstrip())
    rows = wrap([("", text.lstrip())], cells - indent - 2)
    texts = ["".join(part for _, part in row) for row in rows]
    return [" " * indent + texts[0], *(" " * (indent + 2) + text for text in texts[1:])]
