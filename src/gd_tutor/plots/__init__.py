"""Pictures as rows of text: scales, ticks, lines, contours and arrows in braille.

A `Figure` holds layers of points in a pair of axes; a `Canvas` draws it. Everything is plain data
until then, and the drawing libraries are imported by the first picture only.
"""

from gd_tutor.plots.arrow import arrow
from gd_tutor.plots.canvas import Canvas
from gd_tutor.plots.contours import contour_lines, polylines
from gd_tutor.plots.figure import Axis, Figure, Layer
from gd_tutor.plots.scale import limits, log_limits, ticks

__all__ = [
    "Axis",
    "Canvas",
    "Figure",
    "Layer",
    "arrow",
    "contour_lines",
    "limits",
    "log_limits",
    "polylines",
    "ticks",
]
