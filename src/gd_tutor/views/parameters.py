"""Every parameter component over the iterations."""

import numpy as np

from gd_tutor.notation.spans import Row, Span, pad, row_width
from gd_tutor.plots import Axis, Figure, Layer, limits
from gd_tutor.training import Training
from gd_tutor.views.base import View
from gd_tutor.views.components import Component, components
from gd_tutor.views.loss import iteration_axis
from gd_tutor.views.surface import surface_of

MOST = 26
"""Of more components only the first are drawn."""
MARKS = "abcdefghijklmnopqrstuvwxyz"


class ParametersView(View):
    kind = "parameters"

    def title(self, training: Training) -> str:
        return "parameters over iterations"

    def rows(self, training: Training, width: int, height: int) -> list[Row]:
        run = training.experiment, training.changes, training.position.updates
        return self.remembered((*run, width, height), lambda: self._draw(training, width, height))

    def _draw(self, training: Training, width: int, height: int) -> list[Row]:
        shown = components(training, MOST)
        trails = [component.trail(training).copy() for component in shown]
        iterations = np.arange(len(trails[0]), dtype=float)
        layers: list[Layer] = []
        for number, trail in enumerate(trails):
            layers.append(Layer(iterations, trail, f"series{number % 4}"))
        for number, (component, trail) in enumerate(zip(shown, trails, strict=True)):
            mark = self._mark(component, number, shown)
            role = f"series{number % 4}"
            layers.append(Layer(iterations[-1:], trail[-1:], role, mark, joined=False))
        figure = Figure(tuple(layers), iteration_axis(len(iterations)), self._axis(training, shown))
        legend = self._legend(training, shown, width)
        return [legend, *self.canvas.draw(figure, width, height - 1)][:height]

    def _mark(self, component: Component, number: int, shown: list[Component]) -> str:
        """Its own letter where the names are single different letters, else a, b, c …"""
        names = [one.label(self.notation) for one in shown]
        own = all(len(name) == 1 for name in names) and len(set(names)) == len(names)
        return names[number] if own else MARKS[number]

    def _legend(self, training: Training, shown: list[Component], cells: int) -> Row:
        """Which mark is which component, with its value where there is room for all."""
        names: list[Span] = []
        values: list[Span] = []
        for number, component in enumerate(shown):
            mark = self._mark(component, number, shown)
            label = component.label(self.notation)
            text = label if mark == label else f"{mark} {label}"
            value = self.notation.number(component.now(training))
            names.append((f"series{number % 4}", f" {text} "))
            values.append((f"series{number % 4}", f" {text} = {value}  "))
        return pad(values if row_width(tuple(values)) <= cells else names, cells)

    def _axis(self, training: Training, shown: list[Component]) -> Axis:
        surface = surface_of(training)
        reached = [surface.reach(training, component) for component in shown]
        return Axis(*limits(min(low for low, _ in reached), max(high for _, high in reached)))

    def twin(self, training: Training) -> str:
        parts = []
        for component in components(training, 4):
            trail = component.trail(training)
            now = self.notation.number(float(trail[-1]))
            label = component.label(self.notation)
            if len(trail) == 1:
                parts.append(f"{label} starts at {now}")
            else:
                before = self.notation.number(float(trail[0]))
                parts.append(f"{label} moved {self.notation.moved(before, now)}")
        return "; ".join(parts)
