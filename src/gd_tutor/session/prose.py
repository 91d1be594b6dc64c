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
    Lesson,
    ListItem,
    Section,
    Strong,
    Text,
)
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import NO_BREAK, wrap
from gd_tutor.notation.spans import Row, Span, width
from gd_tutor.training import Phase, Position


class Prose:
    """The sections of a lesson, each with the names and the numbers of its experiment."""

    def __init__(self, lesson: Lesson, notation: Notation) -> None:
        self.lesson = lesson
        self.sections = lesson.sections
        self.notation = notation
        self.run = lru_cache(lesson.training_of)
        self.notation_of = lru_cache(self._notation_of)
        self.rows = lru_cache(maxsize=64)(self._rows)
        self._chosen: Filled | None = None
        self._experiment = ""

    def _notation_of(self, experiment: str) -> Notation:
        """How an experiment's names are written."""
        found = self.lesson.experiment_of(experiment)
        return found.notation(self.notation) if found is not None else self.notation

    def pages(
        self, section: Section, cells: int, height: int, chosen: int | None = None
    ) -> list[Sequence[Row]]:
        """One section as pages for a pane of that size: most sections are one page.

        Where a number of the section is `chosen`, it looks so.
        """
        return _split(self.rows(section, cells, chosen), max(height, 1))

    def numbers(self, section: Section) -> list[Filled]:
        """The numbers that the engine puts into a section."""
        inlines = (
            inline
            for block in section.blocks
            if not isinstance(block, CodeBlock)
            for inline in block.inlines
        )
        return [inline for inline in inlines if isinstance(inline, Filled)]

    def _rows(self, section: Section, cells: int, chosen: int | None) -> list[Row]:
        """One section, a blank row between its blocks."""
        numbers = self.numbers(section)
        self._chosen = numbers[chosen] if chosen is not None else None
        self._experiment = section.experiment
        rows: list[Row] = []
        for index, block in enumerate(section.blocks):
            follows = index > 0 and isinstance(section.blocks[index - 1], ListItem)
            if index and not (follows and isinstance(block, ListItem)):
                rows.append(())
            rows += self._block(block, cells)
        return rows

    def _block(self, block: Block, cells: int) -> list[Row]:
        match block:
            case CodeBlock(lines):
                return [(("formula", line),) for line in lines]
            case ListItem(inlines, marker):
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
                return "formula", self._held_together(self._written.formula(expression))
            case Filled():
                role = "cursor" if inline is self._chosen else "number"
                return role, self._held_together(self._fill(inline))

    def _held_together(self, text: str) -> str:
        """Short formulas stay on one row."""
        return text.replace(" ", NO_BREAK) if width(text) <= 16 else text

    def _fill(self, filled: Filled) -> str:
        from gd_tutor.program.compile import evaluate

        run = self.run(self._experiment)
        assert run is not None
        values = run.values_at(Position(filled.iteration, Phase.UPDATE))
        return self._written.value(evaluate(filled.expression, values), few=12)

    @property
    def _written(self) -> Notation:
        """The notation of the section that is being written."""
        return self.notation_of(self._experiment)


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
