"""The page on which something is chosen: a convention, a bug, an optimizer, an experiment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row
from gd_tutor.tui.page import ListPage

if TYPE_CHECKING:
    from gd_tutor.session.session import Session
    from gd_tutor.training import Option


class ChoicesPage(ListPage["Option"]):
    """Options in groups, each with what it changes; enter chooses one."""

    foot = "`up` `down`   `enter` chooses   `escape` leaves"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "choose", show=False)]

    def __init__(self, title: str, session: Session, options: Sequence[Option]) -> None:
        super().__init__()
        self.title_text = title
        self.options = options
        self.session = session
        now = [place for place, option in enumerate(options) if session.is_chosen(option)]
        self.cursor = now[0] if now else 0
        self._places: list[int] = []

    def rows(self, wide: int) -> list[Row]:
        rows: list[Row] = []
        self._places = []
        group = ""
        for place, option in enumerate(self.options):
            if option.kind != group:
                group = option.kind
                rows += [*([()] if rows else []), (("title", f" {group}"),)]
            self._places.append(len(rows))
            chosen = place == self.cursor
            role, mark = ("focus", "▸") if chosen else ("text", " ")
            here = "●" if self.session.is_chosen(option) else " "
            rows.append(((role, f" {mark} {here} {option.title}"),))
            if chosen and option.says:
                rows += [(("", " " * 5), *r) for r in wrap([("muted", option.says)], wide - 6)]
        return rows

    def places(self, rows: list[Row]) -> list[int]:
        return self._places

    def action_choose(self) -> None:
        if self.options:
            self.leave(self.options[self.cursor])
