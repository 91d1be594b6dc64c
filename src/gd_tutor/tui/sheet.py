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
        """Replace the rows; only the cells that differ are sent to the terminal again."""
        width = self.size.width
        before, self._rows = self._rows, [pad(row, width) for row in rows]
        if len(before) != len(self._rows):
            self._strips = [None] * len(self._rows)
            self.refresh()
            return
        regions: list[Region] = []
        for y, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            if old != new:
                self._strips[y] = None
                first, last = difference(old, new, width)
                regions.append(Region(first, y, last - first, 1))
        if regions:
            self.refresh(*regions)

    @property
    def text(self) -> str:
        """What is shown, without its meanings."""
        return "\n".join("".join(text for _, text in row).rstrip() for row in self._rows)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as they are: a sheet has no border, padding or opacity that could be added."""
        width = self.size.width  # which Textual looks up anew each time
        strips = [self._drawn(y, width) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            background = self.background_colors[1]
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span != (0, width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        return self._drawn(y, self.size.width)

    def _drawn(self, y: int, width: int) -> Strip:
        if y >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        strip = self._strips[y]
        if strip is None or strip.cell_length != width:
            strip = self._strips[y] = Strip(self._segments(pad(self._rows[y], width)), width)
        return strip

    def _segments(self, row: Row) -> list[Segment]:
        """The row's segments; blanks join what stands before them, so that fewer bytes are sent."""
        segments: list[tuple[str, Style]] = []
        for role, text in row:
            style = self._style(role)
            if segments:
                before, its_style = segments[-1]
                if style == its_style or (text.isspace() and not its_style.reverse):
                    segments[-1] = before + text, its_style
                    continue
            segments.append((text, style))
        return [Segment(text, style) for text, style in segments]

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


def difference(old: Row, new: Row, width: int) -> tuple[int, int]:
    """From which cell to which two rows of that width differ."""
    before, after = _cells(old), _cells(new)
    if len(before) != width or len(after) != width:
        return 0, width  # wide characters: cells and characters are not the same
    first = next((x for x in range(width) if before[x] != after[x]), width)
    last = next((x for x in range(width, first, -1) if before[x - 1] != after[x - 1]), first)
    return first, last


def _cells(row: Row) -> list[tuple[str, str]]:
    return [(role, char) for role, text in row for char in text]


@lru_cache(maxsize=8)
def theme_looks(theme: str, variables: tuple[tuple[str, str], ...]) -> dict[str, Style]:
    """The looks of a theme, worked out once."""
    return looks(dict(variables))
