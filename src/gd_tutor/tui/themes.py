"""Colour themes, the styles of spans (text contrast at least 7:1), the ASCII filter."""

from collections.abc import Mapping

from rich.segment import Segment
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.filter import LineFilter
from textual.theme import Theme

from gd_tutor.notation.spans import to_ascii


class AsciiFilter(LineFilter):
    """Replaces each character by an ASCII one of the same width, so that the layout stays."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(to_ascii(text), style, control) for text, style, control in segments]


STYLES: Mapping[str, tuple[str, str]] = {
    # style: (colour of the theme, attributes)
    "strong": ("", "bold"),
    "emphasis": ("", "italic"),
    "title": ("", "bold"),
    "current": ("", "bold"),
    "new": ("", "bold"),
    "muted": ("text-muted", ""),
    "axis": ("text-muted", ""),
    "rule": ("text-muted", ""),
    "contour": ("text-disabled", ""),
    "key": ("accent", "bold"),
    "focus": ("accent", "bold"),
    "cursor": ("accent", "bold reverse"),
    "number": ("accent", ""),
    "path": ("accent", ""),
    "series3": ("accent", ""),
    "formula": ("primary", ""),
    "curve": ("primary", ""),
    "area": ("primary", ""),
    "series0": ("primary", ""),
    "positive": ("success", ""),
    "descent": ("success", "bold"),
    "series1": ("success", ""),
    "negative": ("error", ""),
    "tangent": ("error", ""),
    "gradient": ("error", "bold"),
    "warning": ("error", "bold"),
    "minimum": ("secondary", "bold"),
    "series2": ("secondary", ""),
    "other1": ("success", ""),
    "other2": ("secondary", ""),
    "other3": ("error", ""),
}


def span_styles(variables: Mapping[str, str]) -> dict[str, Style]:
    """A style for every style name, from the variables of a theme."""
    return {
        name: Style.parse(attributes) + _coloured(variables.get(colour, ""))
        for name, (colour, attributes) in STYLES.items()
    }


def _coloured(text: str) -> Style:
    try:
        return Style(color=Color.parse(text).rich_color) if text else Style.null()
    except ColorParseError:  # a colour may depend on its background ("auto 60%")
        return Style.null()


DARK = Theme(
    name="gd-dark",
    primary="#56B4E9",
    secondary="#E6A0CB",
    accent="#F0E442",
    foreground="#FFFFFF",
    background="#000000",
    surface="#000000",
    panel="#1A1A1A",
    success="#5FD7A7",
    warning="#F0E442",
    error="#FF9E4A",
    dark=True,
    variables={
        "block-cursor-foreground": "#000000",
        "block-cursor-background": "#F0E442",
        "text-muted": "#C8C8C8",
        "text-disabled": "#A0A0A0",
    },
)

LIGHT = Theme(
    name="gd-light",
    primary="#00517F",
    secondary="#7A2E62",
    accent="#7A2A00",
    foreground="#000000",
    background="#FFFFFF",
    surface="#FFFFFF",
    panel="#F0F0F0",
    success="#00573C",
    warning="#6B4900",
    error="#8F3A00",
    dark=False,
    variables={
        "block-cursor-foreground": "#FFFFFF",
        "block-cursor-background": "#00517F",
        "text-muted": "#404040",
        "text-disabled": "#525252",
    },
)

THEMES = (DARK, LIGHT)
ANSI_DARK, ANSI_LIGHT = "ansi-dark", "ansi-light"
"""Textual's theme of the terminal's own colours."""
OFFERED = (DARK.name, LIGHT.name, ANSI_DARK, ANSI_LIGHT)
"""The theme names in the palette."""
