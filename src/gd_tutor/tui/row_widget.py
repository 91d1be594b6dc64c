"""A widget of rows that repaints only changed cells; the smallest terminal size."""

from collections.abc import Sequence
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Offset, Region, Size
from textual.strip import Strip
from textual.widget import Widget

from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, pad, plain, row_width, spans_of
from gd_tutor.tui.themes import span_styles

LEAST_SIZE = Size(40, 12)
"""The smallest terminal with room for the tutor."""


class Sheet(Widget):
    """Rows of spans, drawn line by line."""

    DEFAULT_CSS = "Sheet { color: $foreground; background: $background; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()
        self._drawn_size = Size(0, 0)
        self._strips: list[Strip | None] = []
        self._styles: dict[str, Style] = {}
        self._filters: Sequence[LineFilter] = ()
        self._background: Color | None = None

    def rows(self) -> Sequence[Row]:
        """The rows for the sheet's present size; by default those shown last."""
        return self._rows

    def redraw(self) -> None:
        """Update the sheet."""
        self.show(self.rows())

    def on_resize(self) -> None:
        self.redraw()

    def show(self, rows: Sequence[Row]) -> None:
        """Replace the rows; only cells that differ are sent to the terminal."""
        width = self.size.width
        before, self._rows = self._rows, rows
        if len(before) != len(self._rows):
            self._forget_strips()
            self.refresh()
            return
        regions: list[Region] = []
        for y, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            if old != new:
                self._strips[y] = None
                first, last = difference(pad(old, width), pad(new, width), width)
                regions.append(Region(first, y, last - first, 1))
        if regions:
            self.refresh(*regions)

    @property
    def text(self) -> str:
        """The text shown, without styles."""
        return plain(pad(row, self.size.width) for row in self._rows)

    @property
    def point(self) -> Offset:
        """The place of the cursor, or else the top left."""
        for y, row in enumerate(self._rows):
            for number, (style, _) in enumerate(row):
                if style == "cursor":
                    return Offset(row_width(row[:number]), y)
        return Offset(0, 0)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines without the border, padding and opacity that a sheet never has.

        Textual asks for all lines when one has changed, so each is cached.
        """
        if self.size != self._drawn_size:
            # After a resize the frame may be drawn before the sheet's resize event.
            self._drawn_size = self.size
            self._rows = self.rows()
            self._forget_strips()
        width = self.size.width
        filters = self.get_line_filters()
        if filters != self._filters:
            self._filters = filters
            self._forget_strips()
        strips = self._strips[crop.y : crop.bottom]
        lines = [
            strip if strip is not None and strip.cell_length == width else self._drawn(y, width)
            for y, strip in enumerate(strips, crop.y)
        ]
        if len(lines) < crop.height:
            lines += [self._line((), width)] * (crop.height - len(lines))
        if crop.column_span != (0, width):
            lines = [line.crop(*crop.column_span) for line in lines]
        return lines

    def _drawn(self, y: int, width: int) -> Strip:
        """Draw a row and cache it."""
        strip = self._strips[y] = self._line(self._rows[y], width)
        return strip

    def _line(self, row: Row, width: int) -> Strip:
        """A row as sent to the terminal."""
        strip = Strip(self._segments(pad(row, width)), width)
        background = self._background
        if background is None:
            background = self._background = self.background_colors[1]
        for line_filter in self._filters:
            strip = strip.apply_filter(line_filter, background)
        return strip

    def _forget_strips(self) -> None:
        self._strips = [None] * len(self._rows)

    def _segments(self, row: Row) -> list[Segment]:
        """The row's segments; blanks join the segment before, which saves bytes."""
        segments: list[tuple[str, Style]] = []
        for name, text in row:
            style = self._style(name)
            if segments:
                before, its_style = segments[-1]
                if style == its_style or (text.isspace() and not its_style.reverse):
                    segments[-1] = before + text, its_style
                    continue
            segments.append((text, style))
        return [Segment(text, style) for text, style in segments]

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.rich_style + self._span_styles.get(name, Style.null())
        return style

    @property
    def _span_styles(self) -> dict[str, Style]:
        app = self.app
        return theme_styles(app.theme, tuple(app.theme_variables.items()))

    def notify_style_update(self) -> None:
        self._styles.clear()
        self._background = None
        self._forget_strips()
        super().notify_style_update()


def difference(old: Row, new: Row, width: int) -> tuple[int, int]:
    """The first cell and the end of the range in which two rows of a width differ."""
    before, after = _cells(old), _cells(new)
    if len(before) != width or len(after) != width:
        return 0, width  # with wide characters, cells and characters differ
    first = next((x for x in range(width) if before[x] != after[x]), width)
    last = next((x for x in range(width, first, -1) if before[x - 1] != after[x - 1]), first)
    return first, last


def _cells(row: Row) -> list[tuple[str, str]]:
    return [(style, char) for style, text in row for char in text]


@lru_cache(maxsize=8)
def theme_styles(theme: str, variables: tuple[tuple[str, str], ...]) -> dict[str, Style]:
    """The styles of a theme, cached."""
    return span_styles(dict(variables))


class TooSmall(Sheet):
    """Covers the screen where the terminal is too small."""

    def rows(self) -> list[Row]:
        return too_small(self.app.size)


def too_small(size: Size) -> list[Row]:
    """A sentence for a terminal that is too small; empty for others."""
    wide, high = size
    if wide >= LEAST_SIZE.width and high >= LEAST_SIZE.height:
        return []
    text = (
        f"gd-tutor needs {LEAST_SIZE.width} columns and {LEAST_SIZE.height} rows; "
        f"here are {wide} and {high}. `ctrl+c` quits."
    )
    return wrap(spans_of(text, "strong"), max(wide, 1))
