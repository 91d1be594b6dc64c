"""Every parameter component over the iterations."""

from collections.abc import Sequence

import numpy as np

from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.spans import Row, Span, pad, row_width
from gd_tutor.plots import Axis, Figure, Layer, limits
from gd_tutor.training import Training
from gd_tutor.views.base import View
from gd_tutor.views.components import Component, components
from gd_tutor.views.loss import iteration_axis
from gd_tutor.views.memory import Memory
from gd_tutor.views.other import grown, said, shown, ways
from gd_tutor.views.surface import surface_of

MOST = 26
"""Of more components only the first are drawn."""
MOST_BESIDE = 4
"""Of so many components other runs are drawn, too."""
MARKS = "abcdefghijklmnopqrstuvwxyz"


class ParametersView(View):
    kind = "parameters"

    def __init__(
        self, notation: Notation, of: Sequence[str] = (), over: Sequence[str] = ()
    ) -> None:
        super().__init__(notation, of, over)
        self._other_ways: Memory[list[Layer]] = Memory()

    def title(self, training: Training) -> str:
        return "parameters over iterations"

    def rows(self, training: Training, width: int, height: int) -> list[Row]:
        def draw(height: int) -> list[Row]:
            return self._draw(training, width, height)

        run = training.experiment, training.changes, training.position.updates
        return self.remembered(run, training, width, height, draw)

    def _draw(self, training: Training, width: int, height: int) -> list[Row]:
        drawn = components(training, MOST)
        trails = [component.trail(training).copy() for component in drawn]
        iterations = np.arange(len(trails[0]), dtype=float)
        x_axis, y_axis, layers = self._others(training, drawn)
        for number, trail in enumerate(trails):
            layers.append(Layer(iterations, trail, f"series{number % 4}"))
        for number, (component, trail) in enumerate(zip(drawn, trails, strict=True)):
            mark = self._mark(component, number, drawn)
            role = f"series{number % 4}"
            layers.append(Layer(iterations[-1:], trail[-1:], role, mark, joined=False))
        figure = Figure(tuple(layers), x_axis, y_axis)
        values = self._values(training, drawn, width)
        return [values, *self.canvas.draw(figure, width, height - 1)][:height]

    def _others(self, training: Training, drawn: list[Component]) -> tuple[Axis, Axis, list[Layer]]:
        """Axes with room for other runs, and the lines of these."""
        x_axis = iteration_axis(training.position.updates + 1)
        y_axis = self._axis(training, drawn)
        lines = [
            (run, run.iterations(places), places)
            for run in shown(self.others, training.program)
            for places in (run.places(component) for component in drawn[:MOST_BESIDE])
        ]
        x_axis = grown(x_axis, [iterations for _, iterations, _ in lines])
        y_axis = grown(y_axis, [places[at <= x_axis.high] for _, at, places in lines])
        beside = self._other_ways.of(
            (x_axis, y_axis, *self.others), lambda: ways(lines, x_axis, y_axis)
        )
        return x_axis, y_axis, list(beside)

    def _mark(self, component: Component, number: int, drawn: list[Component]) -> str:
        """Its own letter where the names are single different letters, else a, b, c …"""
        names = [one.label(self.notation) for one in drawn]
        own = all(len(name) == 1 for name in names) and len(set(names)) == len(names)
        return names[number] if own else MARKS[number]

    def _values(self, training: Training, drawn: list[Component], cells: int) -> Row:
        """Which mark is which component: with its value, without, or only of which parameter."""
        names: list[Span] = []
        values: list[Span] = []
        for number, component in enumerate(drawn):
            mark = self._mark(component, number, drawn)
            label = component.label(self.notation)
            text = label if mark == label else f"{mark} {label}"
            value = self.notation.number(component.now(training))
            names.append((f"series{number % 4}", f" {text} "))
            values.append((f"series{number % 4}", f" {text} = {value}  "))
        choices = (values, names, self._ranges(drawn))
        return pad(next((row for row in choices if row_width(tuple(row)) <= cells), names), cells)

    def _ranges(self, drawn: list[Component]) -> list[Span]:
        """The marks of each parameter from the first to the last."""
        spans: list[Span] = []
        for name in dict.fromkeys(component.name for component in drawn):
            places = [number for number, one in enumerate(drawn) if one.name == name]
            marks = [self._mark(drawn[place], place, drawn) for place in (places[0], places[-1])]
            said = "-".join(dict.fromkeys(marks))
            spans.append((f"series{places[0] % 4}", f" {said} {self.notation.name(name)} "))
        return spans

    def _axis(self, training: Training, drawn: list[Component]) -> Axis:
        surface = surface_of(training)
        reached = [surface.reach(training, component) for component in drawn]
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
        runs = shown(self.others, training.program)
        return "; ".join(parts) + said(runs, self.notation, components(training, MOST_BESIDE))
