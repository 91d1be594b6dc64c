"""Breaking text into rows of a given width."""

from collections.abc import Iterable, Iterator, Sequence

from gd_tutor.notation.spans import Row, Span, row_width, width

NO_BREAK = "\N{NO-BREAK SPACE}"
Word = list[Span]


def wrap(spans: Iterable[Span], cells: int) -> list[Row]:
    """Break a paragraph at its blanks; a word longer than a row is cut.

    A row holds at least one character, even one that is wider than `cells`.
    """
    rows: list[list[Span]] = [[]]
    taken = 0
    for word in _words(spans):
        size = row_width(word)
        if rows[-1] and taken + 1 + size > cells:
            rows.append([])
            taken = 0
        if rows[-1]:
            rows[-1].append((word[0][0] if rows[-1][-1][0] == word[0][0] else "", " "))
            taken += 1
        rows[-1] += [(role, text.replace(NO_BREAK, " ")) for role, text in word]
        taken += size
        while taken > cells:
            first, rest = _cut(rows[-1], cells)
            if not rest:
                break
            rows[-1:] = [first, rest]
            taken = row_width(rest)
    return [_merged(row) for row in rows]


def _words(spans: Iterable[Span]) -> Iterator[Word]:
    """Words, each of one or more spans that no blank separates."""
    word: Word = []
    for role, text in spans:
        first, *others = text.replace("\n", " ").split(" ")
        if first:
            word.append((role, first))
        for other in others:
            if word:
                yield word
            word = [(role, other)] if other else []
    if word:
        yield word


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

    `relation` is the first sign, `result` the last where there are several and it is not `equals`.
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
    """A row that is still too long broken at blanks, the rest indented a little further."""
    if width(text) <= cells:
        return [text]
    indent = len(text) - len(text.lstrip())
    rows = wrap([("", text.lstrip())], cells - indent - 2)
    texts = ["".join(part for _, part in row) for row in rows]
    return [" " * indent + texts[0], *(" " * (indent + 2) + text for text in texts[1:])]
