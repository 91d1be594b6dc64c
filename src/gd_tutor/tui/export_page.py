"""The page on which the format of an export is chosen."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from gd_tutor.export.taking_home import WHAT, file_for
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row
from gd_tutor.tui.page import ListPage


class ExportPage(ListPage[str]):
    """A format a row, with the file that it would be written to."""

    title_text = "Take this run home"
    foot = "`up` `down`   `enter` writes the file   `escape` leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "write", "write", show=False),
        Binding("E", "leave", "back", show=False),
    ]

    def __init__(self, lesson: str, folder: Path) -> None:
        super().__init__()
        self.lesson = lesson
        self.folder = folder

    def rows(self, wide: int) -> list[Row]:
        rows: list[Row] = []
        for place, (format, what) in enumerate(WHAT.items()):
            role, mark = ("focus", "▸") if place == self.cursor else ("text", " ")
            rows.append(((role, f" {mark} {file_for(format, self.lesson, self.folder).name}"),))
            rows += [(("muted", " " * 5), *row) for row in wrap([("muted", what)], wide - 6)]
        into = wrap([("muted", f"The file goes to {self.folder}.")], wide - 2)
        return [*rows, (), *((("", " "), *row) for row in into)]

    def places(self, rows: list[Row]) -> list[int]:
        return [place for place, row in enumerate(rows) if row and row[0][0] in ("focus", "text")]

    def action_write(self) -> None:
        self.leave([*WHAT][self.cursor])
