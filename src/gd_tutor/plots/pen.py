"""The one door to plotext, which draws the lines.

plotext 6.1 ends the whole process when a joined point is not finite or far off its canvas. It
therefore gets centres of dots within the canvas only, and neither axes, ticks, colours nor texts.
Two of its private names are used: `_master`, a figure that is not the shared one and is not cut to
the size of the terminal, and `_signals._add`, which adds a signal without a slow scan of its
colours.
"""

import sys
from functools import cache
from types import ModuleType
from typing import Any

from gd_tutor.plots.ink import Ink, inked
from gd_tutor.plots.raster import PenWay

MANUAL = "plotext._doc.doc"


class Pen:
    """Draws one way at a time, with one plotext figure of its own."""

    def __init__(self) -> None:
        self._plot = _new_plot()

    def draw(self, way: PenWay, marker: str | None, joined: bool, columns: int, rows: int) -> Ink:
        """The ink of a way on a canvas of so many cells: in braille, or of a marker."""
        self._plot.plot_size(columns, rows)
        self._plot.clear.data()
        signal = self._plot.signal(way.xs, way.ys, marker=_plotext().marker(marker or "braille"))
        if joined:
            signal.lines()
            for index in way.jumps:
                signal.line(index, False)
        self._plot._signals._add(signal)
        text = self._plot.build().string(colorless=True)
        return inked(text.replace("\n", ""), columns, rows)


@cache
def _plotext() -> Any:
    """The library, imported by the first line, without its manual.

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
