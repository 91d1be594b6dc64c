"""A lesson's prose as rows, with the numbers put in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

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
from gd_tutor.training import Phase, Position, Training


class Prose:
    """The sections of a lesson, each with the names and the numbers of its experiment."""

    def __init__(self, lesson: Lesson, notation: Notation) -> None:
        self.lesson = lesson
        self.sections = lesson.sections
        self.notation = notation
        self.run = lru_cache(lesson.training_of)
        self.rows = lru_cache(maxsize=64)(self._rows)

    def parts(
        self, section: Section, cells: int, height: int, chosen: int | None = None
    ) -> list[Sequence[Row]]:
        """One section in parts for a pane of that size: most sections are one part.

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
        number = self.numbers(section)[chosen] if chosen is not None else None
        experiment = self.lesson.experiment_of(section.experiment)
        notation = experiment.notation(self.notation) if experiment else self.notation
        run = partial(self.run, section.experiment)
        return _Writer(notation, run, number).section(section, cells)


@dataclass(frozen=True)
class _Writer:
    """Writes one section in its notation, with numbers from its run; the chosen one is marked."""

    notation: Notation
    run: Callable[[], Training | None]
    chosen: Filled | None

    def section(self, section: Section, cells: int) -> list[Row]:
        """One section, a blank row between its blocks."""
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
                return "formula", _held_together(self.notation.formula(expression))
            case Filled():
                role = "cursor" if inline is self.chosen else "number"
                return role, _held_together(self._fill(inline))

    def _fill(self, filled: Filled) -> str:
        from gd_tutor.program.compile import evaluate

        run = self.run()
        assert run is not None
        values = run.values_at(Position(filled.iteration, Phase.UPDATE))
        return self.notation.value(evaluate(filled.expression, values), few=12)


def _held_together(text: str) -> str:
    """Short formulas stay on one row."""
    return text.replace(" ", NO_BREAK) if width(text) <= 16 else text


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
