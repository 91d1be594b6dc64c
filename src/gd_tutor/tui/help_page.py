"""The help: every key, and the signs of the arithmetic."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row
from gd_tutor.session.commands import COMMANDS
from gd_tutor.tui.page import Page

SIGNS = (
    ("∂l/∂x", "the slope of the loss l along x"),
    ("η", "the learning rate"),
    ("←", "becomes: the new value takes the old one's place"),
    ("≈", "nearly: the numbers shown are rounded"),
    ("⊙", "times, number by number"),
    ("@", "times, as matrices are multiplied"),
    ("Xᵀ", "X with its rows as columns"),
    ("5.1e−5", "0.000051: the point moves 5 places to the left"),
)


class HelpPage(Page[None]):
    """Every key, in groups; then the signs."""

    title_text = "Keys and signs"
    foot = "`up` `down` scroll   `?` goes back"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "leave", "back", show=False)]

    def rows(self, wide: int) -> list[Row]:
        rows: list[Row] = []
        group = ""
        for command in dict.fromkeys((c.shown, c.help, c.group) for c in COMMANDS):
            shown, help, its_group = command
            if its_group != group:
                group = its_group
                rows += [*([()] if rows else []), (("title", f" {group}"),)]
            rows += self._entry(shown, help, wide)
        rows += self._entry("ctrl+p", "palette: every command by name", wide)
        rows += [(), (("title", " Signs"),)]
        for sign, meaning in SIGNS:
            rows += self._entry(sign, meaning, wide)
        return rows

    def _entry(self, shown: str, help: str, wide: int) -> list[Row]:
        lines = wrap([("text", help)], max(wide - 11, 1))
        keys = [shown, *[""] * (len(lines) - 1)]
        return [(("key", f"   {key:<7}"), *line) for key, line in zip(keys, lines, strict=True)]

    def places(self, rows: list[Row]) -> list[int]:
        """The cursor only scrolls: it stands at the bottom of what is shown."""
        return list(range(min(self.room, len(rows)) - 1, len(rows)))
