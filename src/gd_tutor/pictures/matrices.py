"""Values as matrices with a cursor, and the arithmetic of the cell under it."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.compile import Value
from gd_tutor.engine.expression import Apply, Expression, Line, gradient_of
from gd_tutor.engine.noise import Shown
from gd_tutor.engine.training import Training
from gd_tutor.notation.layout import equation
from gd_tutor.notation.spans import Row, Span, pad, row_width, width
from gd_tutor.notation.symbols import SPELLED_OUT
from gd_tutor.notation.worked import work
from gd_tutor.pictures.view import View, page


class Samples:
    """The samples of one iteration. Each costs a backward pass, made only on demand."""

    def __init__(self, training: Training) -> None:
        self.training = training
        self.iteration = training.iteration
        self.count = int(np.prod(training.program.sample_shape))
        self._known: dict[int, Mapping[str, NDArray[np.float64]]] = {}

    def partials(self, name: str, sample: int) -> NDArray[np.float64]:
        """The partial derivatives of one sample's loss with respect to a parameter, shape (n,)."""
        if sample not in self._known:
            found = self.training.per_sample(self.iteration, [sample])
            assert found is not None
            self._known[sample] = {key: np.ravel(value) for key, value in found.items()}
        return self._known[sample][name]


class Partials:
    """A parameter's partial derivatives, a row for each sample; a slice computes only its rows."""

    def __init__(self, samples: Samples, name: str) -> None:
        self.samples = samples
        self.name = name
        size = int(np.prod(samples.training.program.shapes[name]))
        self.shape = samples.count, size

    def __getitem__(self, rows: slice) -> NDArray[np.float64]:
        places = range(self.shape[0])[rows]
        found = [self.samples.partials(self.name, place) for place in places]
        return np.array(found).reshape(-1, self.shape[1])


EXPLANATION = 3
"""Rows reserved below the matrices for the cell's arithmetic."""

Parts = tuple[list[str], str]
"""The parts of an equation, and the sign before the last if there are several."""


@dataclass(frozen=True)
class Block:
    """One matrix on the screen: a value, or a parameter's partial derivatives by sample."""

    name: str
    label: str
    numbers: NDArray[np.float64] | Partials | None
    total: Value | None = None
    per_sample: bool = False

    @property
    def rows(self) -> int:
        return 0 if self.numbers is None else self.numbers.shape[0]

    @property
    def columns(self) -> int:
        return 1 if self.numbers is None else self.numbers.shape[1]


class MatricesView(View):
    kind = "matrices"
    walks = "cells"
    block = row = column = 0

    def title(self, training: Training) -> str:
        return f"{self.caption(training)}; arrows walk"

    def caption(self, training: Training) -> str:
        del training
        return "cell by cell"

    def cells(self, training: Training) -> Iterator[str]:
        for block in self._blocks(training):
            for row, column in np.ndindex(block.rows, block.columns):
                yield self._arithmetic(training, block, row, column)[0]

    def rows(self, training: Training, width: int, height: int) -> list[Row]:
        blocks = self._blocks(training)
        self._keep_cursor_inside(blocks)
        room = max(height - EXPLANATION - 3, 1)
        drawn = self._fitted(blocks, room, width)
        explained = self._explanation(training, blocks[self.block], width)
        body = page(drawn, width, max(height - EXPLANATION, 1))
        return page([*body, *explained], width, height)

    def move(self, training: Training, right: int, down: int) -> None:
        blocks = self._blocks(training)
        self._keep_cursor_inside(blocks)
        self.row += down
        self.column += right
        if self.column >= blocks[self.block].columns and self.block + 1 < len(blocks):
            self.block, self.column = self.block + 1, 0
        elif self.column < 0 and self.block > 0:
            self.block -= 1
            self.column = blocks[self.block].columns - 1
        self._keep_cursor_inside(blocks)

    def chosen(self, training: Training) -> tuple[str, tuple[int, ...]] | None:
        """The name and the index of the number under the cursor, or None if it is not computed.

        For a sample's partial derivative they are those of the whole partial derivative.
        """
        blocks = self._blocks(training)
        self._keep_cursor_inside(blocks)
        block = blocks[self.block]
        if block.numbers is None:
            return None
        if block.per_sample:
            return gradient_of(block.name), ()
        return block.name, _index(training.program.shapes[block.name], self.row, self.column)

    def _keep_cursor_inside(self, blocks: Sequence[Block]) -> None:
        self.block = min(self.block, len(blocks) - 1)
        block = blocks[self.block]
        self.row = min(max(self.row, 0), max(block.rows - 1, 0))
        self.column = min(max(self.column, 0), block.columns - 1)

    # What is shown

    def _blocks(self, training: Training) -> list[Block]:
        blocks = [
            Block(name, self.notation.name(name), _matrix(training.shown.get(name)))
            for name in self.of
        ]
        return blocks + self._partials(training)

    def _partials(self, training: Training) -> list[Block]:
        program = training.program
        if training.slope(program.parameters[0]) is None or program.samples is None:
            return []
        key = training.experiment, training.iteration, training.changes
        samples = self.memory.of("samples", key, lambda: Samples(training))
        return [
            Block(
                name,
                self.notation.partial(name),
                Partials(samples, name),
                training.shown[program.slopes[name]],
                per_sample=True,
            )
            for name in program.parameters
            # A parameter of the samples' shape has one number per sample: its gradient is enough.
            if program.shapes[name] != program.sample_shape
        ]

    # How it is drawn

    def _fitted(self, blocks: Sequence[Block], room: int, cells: int) -> list[Row]:
        """The matrices side by side; if they do not fit, closer, then with fewer digits."""
        own = self.notation.digits
        for digits, tight in ((own, False), (own, True), (3, True), (2, True)):
            drawn = [
                self._draw(block, position, room, digits, tight)
                for position, block in enumerate(blocks)
            ]
            if sum(row_width(block[0]) for block in drawn) <= cells:
                break
        return _beside(drawn, self.block, cells)

    def _draw(
        self, block: Block, position: int, room: int, digits: int | None, tight: bool
    ) -> list[Row]:
        """A matrix: its name, its rows in brackets, and the total of per-sample partials."""
        if block.numbers is None:
            waiting = f"{block.label} "
            return [(("label", waiting),), (("muted", "· ".ljust(width(waiting))),)]
        notation = replace(self.notation, digits=digits)
        first = _window(block.rows, room, self.row)
        shown = block.numbers[first : first + room]
        texts = list(zip(*(notation.column(part) for part in shown.T), strict=True))
        rows: list[Row] = []
        for line, entries in enumerate(texts):
            spans: list[Span] = [("axis", "│")]
            for across, entry in enumerate(entries):
                here = (position, first + line, across) == (self.block, self.row, self.column)
                spans.append(("cursor", f"▸{entry}◂") if here else ("text", f" {entry} "))
            if not tight:
                spans.append(("axis", "│ "))
            rows.append(tuple(spans))
        if block.rows > first + room:
            rows.append((("muted", " ⋮"),))
        if block.total is not None:
            rows += [(("label", " mean"),), (("strong", f" {notation.value(block.total)}"),)]
        rows.insert(0, (("label", f" {block.label}"),))
        wide = max(map(row_width, rows))
        return [pad(row, wide) for row in rows]

    # The arithmetic of one cell

    def _explanation(self, training: Training, block: Block, width: int) -> list[Row]:
        if block.numbers is None:
            return [(("muted", f" {block.label} is computed by f."),)]
        lines = self._arithmetic(training, block, self.row, self.column, width - 1)
        return [*((("text", f" {line}"),) for line in lines)]

    def _arithmetic(
        self, training: Training, block: Block, row: int, column: int, cells: int = sys.maxsize
    ) -> list[str]:
        """The arithmetic of one number, on as few rows as fit."""
        assert block.numbers is not None
        number = float(block.numbers[row : row + 1][0, column])
        if block.per_sample:
            parts, sign = self._sample_parts(training, block, row, number)
        else:
            parts, sign = self._cell_parts(training, block, row, column, number)
        return equation(parts, cells, self.notation.equals, self.notation.equals, sign)

    def _cell_parts(
        self, training: Training, block: Block, row: int, column: int, number: float
    ) -> Parts:
        index = _index(training.program.shapes[block.name], row, column)
        label = block.label + self.notation.place(index)
        line = _line_of(training, block.name)
        if line is None:
            kind = "data" if block.name in training.program.data else "a parameter"
            return [label, f"{self.notation.number(number)}, {kind}"], ""
        begin = [label, self.notation.formula(line.expression)]
        worked = work(line, training.done, training.values, training.shown)
        cell = self.notation.cell(line.expression, worked.sources, index)
        parts = [*begin, *dict.fromkeys((cell, self.notation.number(number)))]
        return parts, worked.sign(self.notation, index)

    def _sample_parts(self, training: Training, block: Block, row: int, number: float) -> Parts:
        label = f"sample {row + 1}: {block.label}"
        terms = _terms(training, block)
        if terms is None:
            return [label, self.notation.number(number)], ""
        values = training.sample_values(row)
        place = np.unravel_index(row, training.program.sample_shape or (1,))
        index = tuple(map(int, place))
        steps = [self.notation.cell(terms, values, index), self.notation.number(number)]
        return [label, *dict.fromkeys(steps)], self.notation.sign(terms, values, number, index)

    def text_alternative(self, training: Training) -> str:
        parts = []
        for block in self._blocks(training):
            if block.numbers is None:
                parts.append(f"{block.label}: not computed yet")
                continue
            shown = training.shown_now
            value = Shown(_ends(block.numbers)) if block.per_sample else shown(block.name)
            text = self.notation.equation(block.label, value)
            mean = "" if block.total is None else f", mean {self.notation.value(block.total)}"
            parts.append(text + mean)
        return "; ".join(parts)


def _ends(numbers: NDArray[np.float64] | Partials) -> NDArray[np.float64]:
    """The first rows that are written out, and the last."""
    if numbers.shape[0] <= SPELLED_OUT:
        return np.squeeze(numbers[:])
    return np.squeeze(np.concatenate([numbers[:SPELLED_OUT], numbers[-1:]]))


def _matrix(value: object) -> NDArray[np.float64] | None:
    """Any value as a matrix; a vector is a column."""
    if value is None:
        return None
    array = np.asarray(value, dtype=float)
    return array if array.ndim == 2 else array.reshape(-1, 1)


def _index(shape: tuple[int, ...], row: int, column: int) -> tuple[int, ...]:
    return (row, column)[: len(shape)]


def _line_of(training: Training, name: str) -> Line | None:
    return next((line for line in training.program.forward if line.name == name), None)


def _terms(training: Training, block: Block) -> Expression | None:
    """The samples' terms if a partial derivative is their sum, else None."""
    program = training.program
    line = next(
        line for line in program.backward_of_samples if line.name == gradient_of(block.name)
    )
    match line.expression:
        case Apply("sum", (terms,), axis=None) if program.shape_of(terms) == program.sample_shape:
            return terms
    return None


def _window(size: int, room: int, cursor: int) -> int:
    """The first row shown so that the cursor is among the rows shown."""
    return min(max(cursor - room // 2, 0), max(size - room, 0))


def _beside(blocks: Sequence[list[Row]], cursor: int, cells: int) -> list[Row]:
    """Blocks side by side: those around the cursor's that fit, with a mark for more."""
    sizes = [row_width(block[0]) for block in blocks]
    first, last = cursor, cursor + 1
    while first > 0 and sum(sizes[first - 1 : last]) + 2 <= cells:
        first -= 1
    while (
        last < len(blocks) and sum(sizes[first : last + 1]) + 2 * (last + 1 < len(blocks)) <= cells
    ):
        last += 1
    rows: list[Row] = []
    for line in range(max(map(len, blocks))):
        spans: list[Span] = [("muted", "‹" if line == 0 else " ")] if first else []
        for block, size in zip(blocks[first:last], sizes[first:last], strict=True):
            spans += pad(block[line] if line < len(block) else (), size)
        if last < len(blocks) and line == 0:
            spans.append(("muted", "›"))
        rows.append(tuple(spans))
    return rows
