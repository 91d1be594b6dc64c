"""A widget that shows rows of text and repaints only those that changed."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from gd_tutor.notation.spans import Row, pad

ROLES = (
    "text strong emphasis muted label key formula number rule focus title warning cursor new "
    "axis curve contour path current tangent gradient descent minimum area positive negative "
    "series0 series1 series2 series3"
).split()
"""The meanings that spans may carry; each has a style below."""


class Sheet(Widget):
    """Rows of spans, drawn line by line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"sheet--{role}" for role in ROLES}
    DEFAULT_CSS = """
    Sheet { color: $foreground; background: $background; }
    .sheet--strong, .sheet--current, .sheet--new, .sheet--title { text-style: bold; }
    .sheet--emphasis { text-style: italic; }
    .sheet--muted, .sheet--axis, .sheet--rule { color: $text-muted; }
    .sheet--contour { color: $text-disabled; }
    .sheet--key, .sheet--cursor { color: $accent; text-style: bold; }
    .sheet--cursor { text-style: reverse; }
    .sheet--formula, .sheet--curve, .sheet--series0, .sheet--area { color: $primary; }
    .sheet--number, .sheet--focus, .sheet--path { color: $accent; }
    .sheet--focus { text-style: bold; }
    .sheet--current { color: $foreground; }
    .sheet--tangent, .sheet--gradient, .sheet--negative, .sheet--warning { color: $error; }
    .sheet--descent, .sheet--positive, .sheet--series1 { color: $success; }
    .sheet--minimum, .sheet--series2 { color: $secondary; }
    .sheet--gradient, .sheet--descent, .sheet--minimum { text-style: bold; }
    .sheet--series3 { color: $accent; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[Row] = []
        self._strips: list[Strip | None] = []
        self._styles: dict[str, Style] = {}

    def show(self, rows: Sequence[Row]) -> None:
        """Replace the rows; only rows that differ are sent to the terminal again."""
        before, self._rows = self._rows, list(rows)
        if len(before) != len(self._rows):
            self._strips = [None] * len(self._rows)
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, rows, strict=True)) if old != new]
        for y in changed:
            self._strips[y] = None
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    @property
    def text(self) -> str:
        """What is shown, without its meanings."""
        return "\n".join("".join(text for _, text in row).rstrip() for row in self._rows)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        strip = self._strips[y]
        if strip is None or strip.cell_length != width:
            row = pad(self._rows[y], width)
            strip = Strip([Segment(text, self._style(role)) for role, text in row], width)
            self._strips[y] = strip
        return strip

    def _style(self, role: str) -> Style:
        style = self._styles.get(role)
        if style is None:
            style = self.rich_style
            if role in ROLES:
                style += self.get_component_rich_style(f"sheet--{role}", partial=True)
            self._styles[role] = style
        return style

    def notify_style_update(self) -> None:
        self._styles.clear()
        self._strips = [None] * len(self._rows)
        super().notify_style_update()
