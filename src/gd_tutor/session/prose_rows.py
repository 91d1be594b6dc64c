"""A lesson's prose as rows, with its numbers filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from gd_tutor.course.lesson import Block, CodeBlock, Filled, Lesson, ListItem, Section
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import Row, width
from gd_tutor.questions.author_words import Wording


class ProseRows:
    """The text of a lesson's sections as rows, with the names and numbers of their experiments."""

    def __init__(self, lesson: Lesson, notation: Notation) -> None:
        self.lesson = lesson
        self.sections = lesson.sections
        self.notation = notation
        self.run = lru_cache(lesson.training_of)
        self.rows = lru_cache(maxsize=64)(self._rows)

    def parts(
        self, section: Section, cells: int, height: int, chosen: int | None = None
    ) -> list[Sequence[Row]]:
        """One section split into parts that fit the pane; most sections are one part.

        A `chosen` number is highlighted.
        """
        return _split(self.rows(section, cells, chosen), max(height, 1))

    def numbers(self, section: Section) -> list[Filled]:
        """The computed numbers in a section."""
        inlines = (
            inline
            for block in section.blocks
            if not isinstance(block, CodeBlock)
            for inline in block.inlines
        )
        return [inline for inline in inlines if isinstance(inline, Filled)]

    def run_of(self, section: Section, number: Filled) -> Training | None:
        """The run that a number in a section comes from."""
        return self.run(section.experiment, number.settings)

    def _rows(self, section: Section, cells: int, chosen: int | None) -> list[Row]:
        number = self.numbers(section)[chosen] if chosen is not None else None
        experiment = self.lesson.experiment_of(section.experiment)
        notation = experiment.notation(self.notation) if experiment else self.notation
        wording = Wording(notation, partial(self.run_of, section), chosen=number)
        return _Writer(wording).section(section, cells)


@dataclass(frozen=True)
class _Writer:
    """Writes one section as rows."""

    wording: Wording

    def section(self, section: Section, cells: int) -> list[Row]:
        """One section, with a blank row between blocks."""
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
                rows = wrap([self.wording.span(inline) for inline in inlines], cells - indent)
                first: Row = (("text", f"{marker} "), *rows[0])
                return [first, *((("", " " * indent), *row) for row in rows[1:])]
        return wrap([self.wording.span(inline) for inline in block.inlines], cells)


def _split(rows: Sequence[Row], height: int) -> list[Sequence[Row]]:
    """Rows split into parts of at most `height`, at a blank row where possible."""
    parts: list[Sequence[Row]] = []
    rest = list(rows)
    while len(rest) > height:
        blanks = [index for index in range(1, height + 1) if not rest[index]]
        cut = blanks[-1] if blanks else height
        parts.append(rest[:cut])
        rest = rest[cut + 1 :] if blanks else rest[cut:]
    return [*parts, rest]
