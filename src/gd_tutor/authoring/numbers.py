"""Numbers as people type them into a field, and as a lesson file has them."""

import re
from collections.abc import Iterator

from gd_tutor.lessons.source import Excerpt
from gd_tutor.lessons.toml_faults import STRING

_FRACTION = re.compile(
    r"(?<![\w./])(?P<top>[-+]?\d+(?:\.\d+)?)[ \t]*/[ \t]*(?P<bottom>\d+(?:\.\d+)?)(?![\w./])"
)
_GAP = re.compile(r"(?<=[\d\]])[ \t]+(?=[-+]?[\d.]|\[)")


def in_file(text: str) -> Excerpt:
    """A field's text with 1/3 computed and [0.5 1] separated by commas.

    Each character has the offset in the field of what it stands for. Words in quotes and remarks
    stay as they are.
    """
    pieces: list[str] = []
    offsets: list[int] = []
    end = 0
    for start, stop, written in _changes(text):
        pieces += text[end:start], written
        offsets += [*range(end, start), *[start] * len(written)]
        end = stop
    pieces.append(text[end:])
    return Excerpt("".join(pieces), [*offsets, *range(end, len(text) + 1)])


def _changes(text: str) -> Iterator[tuple[int, int, str]]:
    """What is written otherwise in a file: from where to where, and how."""
    depth = position = 0
    while position < len(text):
        if quoted := STRING.match(text, position):
            position = quoted.end()
            continue
        fraction = _FRACTION.match(text, position)
        gap = _GAP.match(text, position) if depth else None
        if fraction and float(fraction["bottom"]):
            value = float(fraction["top"]) / float(fraction["bottom"])
            yield *fraction.span(), f"{value!r}"
            position = fraction.end()
        elif gap:
            yield *gap.span(), ", "
            position = gap.end()
        else:
            depth += (text[position] == "[") - (text[position] == "]")
            position += 1
