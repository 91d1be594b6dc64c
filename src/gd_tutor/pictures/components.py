"""Single numbers of parameters: `w`, `guess[0]`, `W[1, 0]`."""

import re
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.compile import Value
from gd_tutor.engine.expression import Shape, Tensor
from gd_tutor.engine.noise import Shown
from gd_tutor.engine.state import Phase
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation

Points = NDArray[np.float64]
"""The coordinates of a run or a curve, in order."""

_COMPONENT = re.compile(r"(?P<name>\w+)\s*(?:\[(?P<index>[\d,\s]+)\])?")


@dataclass(frozen=True, slots=True)
class Component:
    """One number of a parameter: its name and its index."""

    name: str
    index: tuple[int, ...] = ()

    def of(self, value: Value | Tensor) -> float:
        return float(np.asarray(value)[self.index])

    def label(self, notation: Notation) -> str:
        return notation.name(self.name) + notation.place(self.index)

    def trail(self, training: Training) -> Points:
        """The component at the start and after every update so far, shape (updates + 1,)."""
        return self.of_trail(training.trail(self.name))

    def of_trail(self, trail: Points) -> Points:
        """The component of each of a parameter's values, shape (points, *shape)."""
        return trail.reshape(len(trail), -1)[:, self._offset(trail.shape[1:])]

    def now(self, training: Training) -> float:
        return self.of(training.parameters[self.name])

    def shown(self, training: Training) -> Shown:
        """Its present value, without rounding noise."""
        return training.shown_parameter(self.name).at(self.index, training.parameters[self.name])

    def shown_slope(self, training: Training) -> Shown | None:
        """Its partial derivative, without rounding noise; None unless backward was done last."""
        slope = training.slope(self.name)
        if training.done is not Phase.BACKWARD or slope is None:
            return None
        return training.shown_now(training.program.slopes[self.name]).at(self.index, slope)

    def slope(self, training: Training) -> float | None:
        """Its partial derivative; None unless backward was done last."""
        if training.done is not Phase.BACKWARD:
            return None
        slope = training.slope(self.name)
        return None if slope is None else self.of(slope)

    def _offset(self, shape: Shape) -> int:
        return int(np.ravel_multi_index(self.index, shape)) if shape else 0

    def position(self, training: Training) -> int:
        """Its index among all components."""
        before = 0
        for name in training.program.parameters:
            shape = training.program.shapes[name]
            if name == self.name:
                return before + self._offset(shape)
            before += int(np.prod(shape))
        raise KeyError(self.name)


def component(text: str) -> Component:
    """Read `w`, `guess[0]` or `W[1, 0]`."""
    match = _COMPONENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is not a parameter or one of its components")
    index = match["index"]
    return Component(match["name"], tuple(map(int, index.split(","))) if index else ())


def components(training: Training, most: int = 1_000) -> list[Component]:
    """The first components of all parameters, in order."""
    found: list[Component] = []
    for name in training.program.parameters:
        found += (Component(name, index) for index in indices(training.program.shapes[name]))
        if len(found) >= most:
            break
    return found[:most]


def indices(shape: Shape) -> list[tuple[int, ...]]:
    """Every index into a value of that shape; a single number has one empty index."""
    return list(product(*map(range, shape)))
