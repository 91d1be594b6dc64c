"""A lesson's prose as pages of rows, with the numbers put in."""

from collections.abc import Sequence
from functools import lru_cache

from gd_tutor.lessons import (
    Block,
    Code,
    CodeBlock,
    Emphasis,
    Filled,
    Formula,
    Inline,
    Item,
    Lesson,
    Section,
    Strong,
    Text,
)
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import NO_BREAK, wrap
from gd_tutor.notation.spans import Row, Span, width
from gd_tutor.training import Phase, Position, Training


class Prose:
    """The sections of a lesson, written with one notation."""

    def __init__(self, lesson: Lesson, notation: Notation) -> None:
        self.sections = lesson.sections
        self.notation = notation
        # Numbers in prose are those of the lesson's own settings, whatever the learner changed.
        self.reference = Training(lesson.experiment) if lesson.experiment else None
        self.rows = lru_cache(maxsize=64)(self._rows)

    def pages(self, section: int, cells: int, height: int) -> list[Sequence[Row]]:
        """One section as pages for a pane of that size: most sections are one page."""
        return _split(self.rows(self.sections[section], cells), max(height, 1))

    def _rows(self, section: Section, cells: int) -> list[Row]:
        """One section, a blank row between its blocks."""
        rows: list[Row] = []
        for index, block in enumerate(section.blocks):
            follows = index > 0 and isinstance(section.blocks[index - 1], Item)
            if index and not (follows and isinstance(block, Item)):
                rows.append(())
            rows += self._block(block, cells)
        return rows

    def _block(self, block: Block, cells: int) -> list[Row]:
        match block:
            case CodeBlock(lines):
                return [(("formula", line),) for line in lines]
            case Item(inlines, marker):
                indent = width(marker) + 1
                rows = wrap([self._inline(inline) for inline in inlines], cells - indent)
                first: Row = (("text", f"{marker} "), *rows[0])
                return [first, *((("", " " * indent), *row) for row in rows[1:])]
        return wrap([self._inline(inline) for inline in block.inlines], cells)

    def _inline(self, inline: Inline) -> Span:
        match inline:
            case Text(text):
                return "text", text
            case Strong(text):
                return "strong", text
            case Emphasis(text):
                return "emphasis", text
            case Code(text):
                return "key", text.replace(" ", NO_BREAK)
            case Formula(expression):
                return "formula", self._held_together(self.notation.formula(expression))
            case Filled():
                return "number", self._held_together(self._fill(inline))

    def _held_together(self, text: str) -> str:
        """Short formulas stay on one row."""
        return text.replace(" ", NO_BREAK) if width(text) <= 16 else text

    def _fill(self, filled: Filled) -> str:
        from gd_tutor.program.compile import evaluate

        assert self.reference is not None
        values = self.reference.values_at(Position(filled.iteration, Phase.UPDATE))
        return self.notation.value(evaluate(filled.expression, values), few=12)


def _split(rows: Sequence[Row], height: int) -> list[Sequence[Row]]:
    """Rows in parts of at most `height`, broken at a blank row where there is one."""
    parts: list[Sequence[Row]] = []
    rest = list(rows)
    while len(rest) > height:
        blanks = [index for index in range(1, height + 1) if not rest[index]]
        cut = blanks[-1] if blanks else height
        parts.append(rest[:cut])
        rest = rest[cut + 1 :] if blanks else rest[cut:]
    return [*parts, rest]
