"""Drawing figures as rows of text: each layer is inked once, then all are laid over one another."""

from gd_tutor.notation.spans import Row
from gd_tutor.plots.figure import Axis, Figure, Layer
from gd_tutor.plots.frame import Frame, frame
from gd_tutor.plots.ink import Ink, overlay, stamped
from gd_tutor.plots.pen import Pen
from gd_tutor.plots.raster import cells, pen_way


class Canvas:
    """Draws figures as rows of text, with a pen of its own.

    Layers that stay the same objects in the same axes and size are inked once, so that the next
    frame with a fixed curve and another point is quick. One canvas belongs to one thread.
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
        if ground != self._ground:  # another ground needs other inks too
            self._ground, self._frame, self._inks = ground, frame(*ground), {}
        self._inks = {
            layer: self._inks[layer] if layer in self._inks else self._ink(layer, figure)
            for layer in figure.layers
        }
        layers = [(layer.role, self._inks[layer]) for layer in figure.layers]
        return self._frame.around(overlay(layers, self._frame.columns, self._frame.rows))

    def _ink(self, layer: Layer, figure: Figure) -> Ink:
        """Which characters a layer puts on the canvas."""
        size = self._frame.columns, self._frame.rows
        if layer.marker is not None and not layer.joined:
            return stamped(layer.marker, *cells(layer, figure.x, figure.y, *size), *size)
        if self._pen is None:
            self._pen = Pen()
        way = pen_way(layer, figure.x, figure.y, *size)
        return self._pen.draw(way, layer.marker, layer.joined, *size)
