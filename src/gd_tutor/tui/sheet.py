"""A widget that shows rows of text and repaints only those that changed."""

from collections.abc import Sequence
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from gd_tutor.notation.spans import Row, pad
from gd_tutor.tui.roles import looks

class Sheet(Widget):
    """Rows of spans, drawn line by line."""

    DEFAULT_CSS = "Sheet { color: $foreground; background: $background; }"

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
            style = self._styles[role] = self.rich_style + self._looks.get(role, Style.null())
        return style

    @property
    def _looks(self) -> dict[str, Style]:
        app = self.app
        return theme_looks(app.theme, tuple(app.theme_variables.items()))

    def notify_style_update(self) -> None:
        self._styles.clear()
        self._strips = [None] * len(self._rows)
        super().notify_style_update()


@lru_cache(maxsize=8)
def theme_looks(theme: str, variables: tuple[tuple[str, str], ...]) -> dict[str, Style]:
    """The looks of a theme, worked out once."""
    return looks(dict(variables))
