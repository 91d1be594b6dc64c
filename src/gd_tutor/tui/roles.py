"""How each meaning of a span looks, in the colours of the present theme.

A table, not component classes of the stylesheet: thirty classes on each of a dozen widgets would
take Textual as long to apply as the rest of the first screen.
"""

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color, ColorParseError

LOOKS: Mapping[str, tuple[str, str]] = {
    # meaning: (colour of the theme, attributes)
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


def looks(variables: Mapping[str, str]) -> dict[str, Style]:
    """A style for every meaning, from the variables of a theme."""
    return {
        role: Style.parse(attributes) + _coloured(variables.get(colour, ""))
        for role, (colour, attributes) in LOOKS.items()
    }


def _coloured(text: str) -> Style:
    try:
        return Style(color=Color.parse(text).rich_color) if text else Style.null()
    except ColorParseError:  # a theme may leave a colour to its background ("auto 60%")
        return Style.null()
