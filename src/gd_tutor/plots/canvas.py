"""The one door to plotext: figures drawn as rows of text.

plotext 6.1 ends the whole process when a joined point is not finite or far off its canvas. It
therefore gets centres of dots within the canvas only, and neither axes, ticks nor texts. Two of its
private names are used: `_master`, a figure that is not the shared one and is not cut to the size of
the terminal, and `_signals._add`, which adds a signal without a slow scan of its colours.
"""

import re
import sys
from functools import cache
from types import ModuleType
from typing import Any

from gd_tutor.notation.spans import Row, Span
from gd_tutor.plots.figure import Axis, Figure, Layer
from gd_tutor.plots.frame import Frame, frame, merged
from gd_tutor.plots.raster import rasterise

MANUAL = "plotext._doc.doc"
RUN = re.compile(r"\x1b\[0m(?:\x1b\[38;5;(\d+)m)?([^\x1b]*)")


class Canvas:
    """Draws figures as rows of text, with one plotext figure of its own.

    Layers that stay the same objects in the same axes and size are prepared once, so that the next
    frame with a fixed curve and a longer path is quick. One canvas belongs to one thread.
    """

    def __init__(self) -> None:
        self._plot: Any = None
        self._ground: tuple[Axis, Axis, int, int] | None = None
        self._frame = Frame(0, 0)
        self._signals: dict[Layer, Any] = {}
        self._roles: list[str] = [""]  # plotext knows a role by its index here, as a colour

    def draw(self, figure: Figure, width: int, height: int) -> list[Row]:
        """The figure as exactly `height` rows of exactly `width` cells, whatever its numbers.

        Below 12 columns or 5 rows there is no frame.
        """
        if width < 1 or height < 1:
            return [()] * max(height, 0)
        if self._plot is None:
            self._plot = _new_plot()
        self._prepare_ground(figure, width, height)
        self._signals = {
            layer: self._signals[layer] if layer in self._signals else self._signal(layer, figure)
            for layer in figure.layers
        }
        return self._frame.around(self._paint(figure))

    def _prepare_ground(self, figure: Figure, width: int, height: int) -> None:
        """The frame for these axes and this size; another ground needs other signals too."""
        ground = (figure.x, figure.y, width, height)
        if ground != self._ground:
            self._ground, self._signals = ground, {}
            self._frame = frame(*ground)
            self._plot.plot_size(self._frame.columns, self._frame.rows)

    def _signal(self, layer: Layer, figure: Figure) -> Any:
        """The layer as plotext draws it."""
        plotext = _plotext()
        way = rasterise(layer, figure.x, figure.y, self._frame.columns, self._frame.rows)
        pixel = plotext.pixel(foreground=self._colour(layer.role))
        marker = plotext.marker(layer.marker or "braille", pixel=pixel)
        signal = self._plot.signal(way.xs, way.ys, marker=marker)
        if layer.joined:
            signal.lines()
            for index in way.jumps:
                signal.line(index, False)
        return signal

    def _colour(self, role: str) -> int:
        if role not in self._roles:
            self._roles.append(role)
        return self._roles.index(role)

    def _paint(self, figure: Figure) -> list[Row]:
        """The rows of the canvas without the frame."""
        self._plot.clear.data()
        for layer in figure.layers:
            self._plot._signals._add(self._signals[layer])
        lines = self._plot.build().string().split("\n")
        return [self._row(line) for line in lines[: self._frame.rows]]

    def _row(self, line: str) -> Row:
        spans: list[Span] = [
            (self._roles[int(colour or 0)], text) for colour, text in RUN.findall(line)
        ]
        return merged(spans)


@cache
def _plotext() -> Any:
    """The library, imported by the first picture, without its manual.

    On import plotext makes an interactive manual of itself, which takes longer than the rest of the
    import and is not needed to draw. Whoever imported plotext before has the manual already.
    """
    if "plotext" not in sys.modules:
        sys.modules[MANUAL] = stand_in = ModuleType(MANUAL)
        stand_in.docs = None  # type: ignore[attr-defined]
    import plotext  # type: ignore[import-untyped]

    if sys.modules.get(MANUAL) is not None and plotext.doc is None:
        del sys.modules[MANUAL]
    return plotext


def _new_plot() -> Any:
    """A plotext figure apart from all others: no axes, no colours, the unit square to its edges."""
    plotext = _plotext()
    terminal = type(plotext.terminal)()
    terminal.limit(False, False)
    plot = terminal._master
    plot.theme("colorless")
    plot.legend(False)
    plot.axes(False)
    for axis, side in (("x", "lower"), ("y", "left")):
        ruler = plot.ruler(axis, side)
        ruler.lim(0, 1)
        ruler.alignment(lim="edge")
        ruler.frequency(0)
    return plot
