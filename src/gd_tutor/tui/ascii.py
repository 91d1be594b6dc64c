"""ASCII mode: the finished screen, every character below 128."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from gd_tutor.notation.spans import to_ascii


class AsciiFilter(LineFilter):
    """Replaces each character by an ASCII one of the same width, so that no layout can change."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(to_ascii(text), style, control) for text, style, control in segments]
