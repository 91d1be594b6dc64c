"""The frame around a canvas, and figures drawn on it as rows of text."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gd_tutor.notation.spans import Row, Span, pad, width
from gd_tutor.pictures.axes import Axis, Figure, Layer, ticks
from gd_tutor.pictures.pen import Ink, Pen, cell, cells, overlay, pen_way, stamped

SMALLEST = (12, 5)  # smaller pictures, in columns and rows, have no frame
NAMED_FROM = 8  # pictures of so many rows have one for the name of the y axis
MOST_TICKS = 16  # the x axis has at most so many
LABEL_GAP = 2  # blanks between two labels of the x axis

Label = tuple[int, str]  # where the text starts, and the text


@dataclass(frozen=True)
class Frame:
    """The size of the canvas, and the text above, left of and below it."""

    columns: int
    rows: int
    above: tuple[Row, ...] = ()
    left: tuple[str, ...] = ()
    below: tuple[Row, ...] = ()

    def around(self, canvas: Sequence[Row]) -> list[Row]:
        """The rows of the canvas with the frame around them."""
        if not self.left:
            return list(canvas)
        framed = [
            merged((("axis", left), *row)) for left, row in zip(self.left, canvas, strict=True)
        ]
        return [*self.above, *framed, *self.below]


def frame(x: Axis, y: Axis, total_columns: int, total_rows: int) -> Frame:
    """The frame of a picture of this total size, in cells."""
    if total_columns < SMALLEST[0] or total_rows < SMALLEST[1]:
        return Frame(total_columns, total_rows)
    named = bool(y.label) and total_rows >= NAMED_FROM
    rows = total_rows - 2 - named
    y_labels = _y_labels(y, rows, widest=max(total_columns // 3, 6))
    gutter = max(map(width, y_labels.values()), default=0)
    columns = total_columns - gutter - 1
    tick_cells, x_labels = _x_labels(x, gutter + 1, columns)
    return Frame(
        columns,
        rows,
        above=(_y_name(y.label, gutter, total_columns),) if named else (),
        left=tuple(_left(y_labels.get(row), gutter) for row in range(rows)),
        below=(
            (("axis", " " * gutter + "└" + _line(tick_cells, columns)),),
            _label_row(x_labels, x.label, total_columns),
        ),
    )


def merged(spans: Sequence[Span]) -> Row:
    """The spans with neighbours of equal role joined and empty ones left out."""
    row: list[Span] = []
    for role, text in spans:
        if row and row[-1][0] == role:
            row[-1] = (role, row[-1][1] + text)
        elif text:
            row.append((role, text))
    return tuple(row)


def _y_labels(axis: Axis, rows: int, widest: int) -> dict[int, str]:
    """As many labels as fit, by row counted from the top.

    There are at least two, even if close together, because one gives no scale.
    """
    best = min(rows // 2 + 1, 5 + rows // 6)
    lonely: dict[int, str] = {}
    for count in (*range(best, 1, -1), *range(best + 1, rows)):
        marks = ticks(axis, count)
        labels = {rows - 1 - cell(axis, value, rows): label for value, label in marks}
        if len(labels) == len(marks) and all(width(label) <= widest for label in labels.values()):
            if len(labels) > 1:
                return labels
            lonely = lonely or labels
    return lonely


def _x_labels(axis: Axis, left: int, columns: int) -> tuple[set[int], list[Label]]:
    """The columns of the canvas with a tick, and as many labels as fit on the row.

    The last label is the name of the axis. Tick labels that overlap it are dropped if two are left;
    otherwise the name is.
    """
    end = left + columns
    name = (end - width(axis.label), axis.label)
    choices: list[tuple[set[int], list[Label]]] = []
    for count in range(min(columns // 4, MOST_TICKS), 0, -1):
        marks = [(cell(axis, value, columns), label) for value, label in ticks(axis, count)]
        labels = [_centred(label, left + at, end) for at, label in marks]
        beside_name = [label for label in labels if _apart([label, name])]
        if axis.label and len(beside_name) >= 2 and _apart(beside_name):
            return {at for at, _ in marks}, [*beside_name, name]
        choices.append(({at for at, _ in marks}, labels))
    return next((choice for choice in choices if _apart(choice[1])), (set(), []))


def _centred(label: str, at: int, end: int) -> Label:
    """The label centred on a column, moved inwards to stay on the row."""
    return max(min(at - width(label) // 2, end - width(label)), 0), label


def _apart(labels: Sequence[Label]) -> bool:
    return all(
        start + width(text) + LABEL_GAP <= next_start
        for (start, text), (next_start, _) in pairwise(labels)
    )


def _left(label: str | None, gutter: int) -> str:
    return " " * gutter + "│" if label is None else " " * (gutter - width(label)) + label + "┤"


def _line(tick_cells: set[int], columns: int) -> str:
    return "".join("┬" if at in tick_cells else "─" for at in range(columns))


def _y_name(name: str, gutter: int, columns: int) -> Row:
    """The name above its axis, ending at the axis line if there is room left of it."""
    return pad((("label", " " * max(gutter + 1 - width(name), 0) + name),), columns)


def _label_row(labels: list[Label], name: str, columns: int) -> Row:
    """The labels at their places; the last may be the name of the axis."""
    spans: list[Span] = []
    end = 0
    for start, text in labels:
        role = "label" if (start, text) == (columns - width(name), name) else "axis"
        spans += [("axis", " " * (start - end)), (role, text)]
        end = start + width(text)
    return pad(merged(spans), columns)


class Canvas:
    """Draws figures as rows of text, with a pen of its own.

    A layer that is the same object in the same axes and size is drawn once and reused. A canvas is
    for one thread only.
    """

    def __init__(self) -> None:
        self._pen: Pen | None = None
        self._ground: tuple[Axis, Axis, int, int] | None = None
        self._frame = Frame(0, 0)
        self._inks: dict[Layer, Ink] = {}

    def draw(self, figure: Figure, width: int, height: int) -> list[Row]:
        """The figure as exactly `height` rows of exactly `width` cells, whatever its numbers.

        Below 12 columns or 5 rows there is no frame.
        """
        if width < 1 or height < 1:
            return [()] * max(height, 0)
        ground = (figure.x, figure.y, width, height)
        if ground != self._ground:  # the inks are for one ground
            self._ground, self._frame, self._inks = ground, frame(*ground), {}
        self._inks = {
            layer: self._inks[layer] if layer in self._inks else self._ink(layer, figure)
            for layer in figure.layers
        }
        layers = [(layer.role, self._inks[layer]) for layer in figure.layers]
        return self._frame.around(overlay(layers, self._frame.columns, self._frame.rows))

    def _ink(self, layer: Layer, figure: Figure) -> Ink:
        """The characters that a layer puts on the canvas."""
        size = self._frame.columns, self._frame.rows
        if layer.marker is not None and not layer.joined:
            return stamped(layer.marker, *cells(layer, figure.x, figure.y, *size), *size)
        if self._pen is None:
            self._pen = Pen()
        way = pen_way(layer, figure.x, figure.y, *size)
        return self._pen.draw(way, layer.marker, layer.joined, *size)
