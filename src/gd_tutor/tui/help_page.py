"""The help: every key, and the signs of the arithmetic."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row
from gd_tutor.session.commands import COMMANDS
from gd_tutor.tui.page import Page

if TYPE_CHECKING:
    from gd_tutor.tui.app import TutorApp

SIGNS = (
    ("∂l/∂x", "dloss/dx", "the slope of the loss l along x"),
    ("η", "learning_rate", "the learning rate"),
    ("←", "<-", "becomes: the new value takes the old one's place"),
    ("=", "=", "the numbers shown give the number shown"),
    ("≈", "~=", "nearly: the numbers shown are rounded"),
    ("≈ 0", "~= 0", "nothing but what rounding left over"),
    ("⊙", "*", "times, number by number"),
    ("@", "@", "times, as matrices are multiplied"),
    ("Xᵀ", "X.T", "X with its rows as columns; a list as a column"),
    ("[1, 2]", "[1, 2]", "a list; beside a table it counts as a row"),
    ("[1 2]ᵀ", "[1 2].T", "a column"),
    ("[1 2; 3 4]", "[1 2; 3 4]", "a table: ; begins a new row"),
    ("Σ(X)", "sum(X)", "all numbers of X added up"),
    ("Σ↓(X)", "sum(X, axis=0)", "each column of X added up"),
    ("Σ→(X)", "sum(X, axis=1)", "each row of X added up"),
    ("mean↓, mean→", "mean(X, axis=0)", "the mean of each column, of each row (axis=1)"),
    ("n", "n", "how many numbers a mean is of"),
    ("outer(a, b)", "outer(a, b)", "each number of a times each of b: a table"),
    ("[x > 0]", "(x > 0)", "1 where x is above 0, else 0"),
    ("share(a > b)", "share(a > b)", "1 where a is larger, 0 where b is, 0.5 where they tie"),
    ("5.1e−5", "5.1e-5", "0.000051: the point moves 5 places to the left"),
)


KEY_CELLS, SIGN_CELLS = 6, 15
"""The columns of the keys and of the signs."""


class HelpPage(Page[None]):
    """Every key, in groups; then the signs."""

    title_text = "Keys and signs"
    foot = "`up` `down` `pgdn` `end` scroll   `?` goes back"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "leave", "back", show=False)]

    def __init__(self, call_back: str) -> None:
        super().__init__()
        self.call_back = call_back

    def rows(self, wide: int) -> list[Row]:
        rows: list[Row] = []
        if self.call_back:
            lines = wrap([("strong", self.call_back), ("text", " opens this place.")], wide - 5)
            rows += [(("title", " This place"),), *((("", "   "), *line) for line in lines), ()]
        group = ""
        for command in dict.fromkeys((c.shown, c.help, c.group) for c in COMMANDS):
            shown, help, its_group = command
            if its_group != group:
                group = its_group
                rows += [*([()] if rows and rows[-1] else []), (("title", f" {group}"),)]
            rows += self._entry(shown, help, wide)
        rows += self._entry("ctrl+p", "palette: every command by name", wide)
        rows += [(), (("title", " Signs"),)]
        ascii = cast("TutorApp", self.app).drawing.ascii
        for written, plain, meaning in SIGNS:
            rows += self._entry(plain if ascii else written, meaning, wide, SIGN_CELLS)
        return rows

    def _entry(self, shown: str, help: str, wide: int, cells: int = KEY_CELLS) -> list[Row]:
        lines = wrap([("text", help)], max(wide - cells - 4, 1))
        keys = [shown, *[""] * (len(lines) - 1)]
        return [
            (("key", f"   {key:<{cells}} "), *line) for key, line in zip(keys, lines, strict=True)
        ]

    def places(self, rows: list[Row]) -> list[int]:
        """The cursor only scrolls: it stands at the top of what is shown."""
        return list(range(max(len(rows) - self.room, 0) + 1))

    def draw(self) -> None:
        self.first = self.cursor
        super().draw()
