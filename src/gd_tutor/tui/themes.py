"""Two themes of our own: dark and light, text at least 7:1 against its background.

The hues are Okabe and Ito's, which colour-blind people can tell apart.
"""

from textual.theme import Theme

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
"""Textual's, in the terminal's own colours."""
OFFERED = (DARK.name, LIGHT.name, ANSI_DARK, ANSI_LIGHT)
"""The names that the palette has."""
