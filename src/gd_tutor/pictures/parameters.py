"""Every parameter component over the iterations."""

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np

from gd_tutor.engine.training import Training
from gd_tutor.notation.spans import Row, Span, pad, row_width
from gd_tutor.pictures.axes import Axis, Figure, Layer, limits
from gd_tutor.pictures.components import Component, components
from gd_tutor.pictures.loss import iteration_axis
from gd_tutor.pictures.other_runs import widened
from gd_tutor.pictures.surface import surface_of
from gd_tutor.pictures.view import RunView

MOST = 26
"""Only the first 26 components are drawn."""
MOST_BESIDE = 4
"""Other runs are drawn for the first four components only."""
MARKS = "abcdefghijklmnopqrstuvwxyz"


class ParametersView(RunView):
    kind = "parameters"

    def title(self, training: Training) -> str:
        return "parameters over iterations"

    def key(self, training: Training) -> Hashable:
        return training.experiment, training.changes, training.position.updates

    def draw(self, training: Training, width: int, height: int) -> list[Row]:
        drawn = components(training, MOST)
        marks = self._marks(drawn)
        trails = [component.trail(training).copy() for component in drawn]
        iterations = np.arange(len(trails[0]), dtype=float)
        ground = self._ground(training, drawn)
        lines = [Layer(iterations, trail, _role(place)) for place, trail in enumerate(trails)]
        ends = [
            Layer(iterations[-1:], trail[-1:], _role(place), mark, joined=False)
            for place, (mark, trail) in enumerate(zip(marks, trails, strict=True))
        ]
        figure = replace(ground, layers=(*ground.layers, *lines, *ends))
        values = self._values(training, drawn, marks, width)
        return [values, *self.canvas.draw(figure, width, height - 1)][:height]

    def _ground(self, training: Training, drawn: Sequence[Component]) -> Figure:
        """Axes with room for other runs, and their lines."""
        ways = [
            (run, run.iterations(places), places)
            for run in self.beside(training)
            for places in map(run.places, drawn[:MOST_BESIDE])
        ]
        x_axis = iteration_axis(training.position.updates + 1)
        x_axis = widened(x_axis, [iterations for _, iterations, _ in ways])
        inside = [places[at <= x_axis.high] for _, at, places in ways]
        y_axis = widened(self._axis(training, drawn), inside)
        return Figure(self.lines(ways, x_axis, y_axis), x_axis, y_axis)

    def _marks(self, drawn: Sequence[Component]) -> Sequence[str]:
        """The names if they are single, different letters, else a, b, c …"""
        names = [component.label(self.notation) for component in drawn]
        own = all(len(name) == 1 for name in names) and len(set(names)) == len(names)
        return names if own else MARKS[: len(names)]

    def _values(
        self, training: Training, drawn: Sequence[Component], marks: Sequence[str], cells: int
    ) -> Row:
        """The marks with component and value, with component, or only with parameter, as fits."""
        names: list[Span] = []
        values: list[Span] = []
        shown = [component.shown(training) for component in drawn]
        now = self.notation.row(float(each.value) for each in shown)
        for place, (component, mark) in enumerate(zip(drawn, marks, strict=True)):
            label = component.label(self.notation)
            text = label if mark == label else f"{mark} {label}"
            names.append((_role(place), f" {text} "))
            sign = self.notation.about if shown[place].is_noise else self.notation.equals
            values.append((_role(place), f" {text} {sign} {now[place]}  "))
        choices = (values, names, self._ranges(drawn, marks))
        return pad(next((row for row in choices if row_width(tuple(row)) <= cells), names), cells)

    def _ranges(self, drawn: Sequence[Component], marks: Sequence[str]) -> list[Span]:
        """The marks of each parameter from the first to the last."""
        spans: list[Span] = []
        for name in dict.fromkeys(component.name for component in drawn):
            places = [place for place, one in enumerate(drawn) if one.name == name]
            ends = "-".join(dict.fromkeys((marks[places[0]], marks[places[-1]])))
            spans.append((_role(places[0]), f" {ends} {self.notation.name(name)} "))
        return spans

    def _axis(self, training: Training, drawn: Sequence[Component]) -> Axis:
        surface = surface_of(training)
        reached = [surface.reach(training, component) for component in drawn]
        return Axis(*limits(min(low for low, _ in reached), max(high for _, high in reached)))

    def text_alternative(self, training: Training) -> str:
        parts = []
        for component in components(training, 4):
            trail = component.trail(training)
            now = self.notation.shown(component.shown(training))
            label = component.label(self.notation)
            if len(trail) == 1:
                parts.append(f"{label} starts at {now}")
            else:
                before = self.notation.number(float(trail[0]))
                parts.append(f"{label} moved {self.notation.moved(before, now)}")
        return "; ".join(parts) + self.others_in_words(training, components(training, MOST_BESIDE))


def _role(place: int) -> str:
    """Four styles take turns: series0 to series3."""
    return f"series{place % 4}"
