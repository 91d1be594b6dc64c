"""The table of kept runs."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite, log10
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from gd_tutor.notation.keys import spans_of
from gd_tutor.notation.spans import Row, width
from gd_tutor.tui.page import Page

if TYPE_CHECKING:
    from gd_tutor.session.session import Session


class ComparePage(Page[None]):
    """Kept runs and the present one: how far each came, and how soon it was below a loss."""

    title_text = "Runs side by side"
    foot = "`left` `right` another loss   `backspace` forgets a run   `escape` leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "loss(1)", "a larger loss", show=False),
        Binding("right", "loss(-1)", "a smaller loss", show=False),
        Binding("backspace,delete", "forget", "forget a run", show=False),
        Binding("K", "leave", "back", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.power = self._goal()

    def _goal(self) -> int:
        """The power of ten that is about a hundredth of the largest loss at a start."""
        starts = [float(one.run.losses[0]) for one in self.session.compared if len(one.run.losses)]
        known = [loss for loss in starts if isfinite(loss) and loss > 0]
        return floor(log10(max(known))) - 1 if known else 0

    def rows(self, wide: int) -> list[Row]:
        notation, goal = self.session.notation, 10.0**self.power
        kept = self.session.kept
        head = ("", "run", "updates", "last loss", f"below {notation.number(goal)}")
        table: list[Sequence[str]] = [head]
        ended = [one for one in self.session.compared if one.has_end]
        ends = iter(notation.column(one.final_loss for one in ended))
        for number, one in enumerate(self.session.compared, 1):
            soon = one.iterations_to(goal)
            below = "never" if soon is None else f"iteration {soon}"
            mark = str(number) if number <= len(kept) else "@"
            table.append(
                (
                    mark,
                    one.settings,
                    str(one.updates),
                    next(ends) if one.has_end else one.end(notation),
                    below,
                )
            )
        none = "" if kept else "`k` keeps the run on the screen (@), to compare the next with it."
        return [*self._aligned(table, wide), (), (("", " "), *spans_of(none, "muted"))]

    def _aligned(self, table: Sequence[Sequence[str]], wide: int) -> list[Row]:
        """The table in columns; what is special about a run gets what room is left."""
        widths = [max(map(width, column)) for column in zip(*table, strict=True)]
        widths[1] = max(min(widths[1], wide - sum(widths) + widths[1] - 14), 3)
        rows: list[Row] = []
        for place, cells in enumerate(table):
            chosen = place == self.cursor + 1
            number, words, *numbers = cells
            if width(words) > widths[1]:
                words = words[: widths[1] - 1] + "…"
            texts = [number.rjust(widths[0]), words + " " * (widths[1] - width(words))]
            texts += [text.rjust(size) for text, size in zip(numbers, widths[2:], strict=True)]
            role = "muted" if place == 0 else "focus" if chosen else "text"
            rows.append(((role, f" {'▸' if chosen else ' '} " + "  ".join(texts)),))
        return rows

    def places(self, rows: list[Row]) -> list[int]:
        return list(range(1, len(rows) - 2))

    def action_loss(self, step: int) -> None:
        self.power = min(max(self.power + step, -12), 12)
        self.draw()

    def action_forget(self) -> None:
        if self.cursor < len(self.session.kept):
            self.session.forget_run(self.cursor)
            self.cursor = max(self.cursor - 1, 0)
            self.draw()
