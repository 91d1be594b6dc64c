"""The exact minimum of a loss with a constant Hessian."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.compile import Value
from gd_tutor.engine.expression import Expression, Name, Number, gradient_of
from gd_tutor.engine.program import LOSS, Program
from gd_tutor.engine.training import Training

_LINEAR = frozenset({"negate", "transpose", "sum", "mean", "add", "subtract"})


def is_quadratic(program: Program) -> bool:
    """Whether the loss is a polynomial of degree at most 2, so that its Hessian is constant."""
    degrees: dict[str, float] = dict.fromkeys(program.data, 0.0)
    degrees |= dict.fromkeys(program.parameters, 1.0)
    for line in program.forward:
        degrees[line.name] = _degree(line.expression, degrees)
    return degrees[LOSS] <= 2


def _degree(node: Expression, degrees: Mapping[str, float]) -> float:
    """The degree of a polynomial in the parameters; infinity for other formulas."""
    match node:
        case Number():
            return 0.0
        case Name(name):
            return degrees[name]
    parts = [_degree(argument, degrees) for argument in node.arguments]
    if not any(parts):
        return 0.0
    match node.operation:
        case operation if operation in _LINEAR:
            return max(parts)
        case "multiply" | "matmul":
            return sum(parts)
        case "divide" if parts[1] == 0:
            return parts[0]
        case "power":
            exponent = node.arguments[1]
            assert isinstance(exponent, Number)
            if exponent.value >= 0 and exponent.value.is_integer():
                return parts[0] * exponent.value
    return math.inf


MOST_COMPONENTS = 200
_FLAT = 1e-11
"""Curvatures below this fraction of the largest count as zero."""
_FALLS = 1e-9
"""A derivative along a flat direction below this fraction of its terms is rounding."""


@dataclass(frozen=True)
class Quadratic:
    """The minimum and curvature of a quadratic loss of n parameter components.

    `point` (n,) is the minimum nearest to the start, and `loss` the loss there. The columns of
    `flat` (n, m) are the directions of constant loss. `curvatures` (n,) are the eigenvalues of
    `hessian` (n, n), ascending.
    """

    point: NDArray[np.float64]
    loss: float
    flat: NDArray[np.float64]
    hessian: NDArray[np.float64]
    curvatures: NDArray[np.float64]

    @property
    def largest_learning_rate(self) -> float:
        """2/λmax: at larger learning rates gradient descent diverges."""
        return float(2 / self.curvatures[-1])


def quadratic_of(training: Training) -> Quadratic | None:
    """The quadratic loss of a run, or None if the loss is not quadratic with a minimum."""
    program = training.experiment.whole.program
    start = flatten(training.history.parameters(0, program.parameters), program.parameters)
    if not is_quadratic(program) or len(start) > MOST_COMPONENTS:
        return None
    landscape = Landscape(training)
    constant = landscape.gradient(np.zeros_like(start))
    hessian = landscape.hessian()
    if not (np.isfinite(hessian).all() and np.isfinite(constant).all()):
        return None
    unit = _units(hessian)
    scaled, directions = np.linalg.eigh(hessian * unit * unit[:, None])
    level = np.abs(scaled) <= _FLAT * np.abs(scaled).max()
    if (scaled[~level] < 0).any() or level.all():
        return None
    slope = hessian @ start + constant
    rounding = unit * (np.abs(hessian) @ np.abs(start) + np.abs(constant))
    if (np.abs((unit * slope) @ directions[:, level]) > _FALLS * rounding.max()).any():
        return None  # the loss is unbounded below along a flat direction
    steep = directions[:, ~level] * unit[:, None]
    flat: NDArray[np.float64] = np.linalg.qr(directions[:, level] * unit[:, None])[0]
    point = start
    for _ in range(2):  # the second step corrects rounding
        point = point - steep @ ((steep.T @ landscape.gradient(point)) / scaled[~level])
    point = point - flat @ (flat.T @ (point - start))
    curvatures, _ = np.linalg.eigh(hessian)
    return Quadratic(point, landscape.loss(point), flat, hessian, curvatures)


def _units(hessian: NDArray[np.float64]) -> NDArray[np.float64]:
    """The unit of each parameter in which its own curvature is 1, shape (n,).

    In these units differently scaled data columns are not mistaken for a rank deficiency.
    """
    own = np.abs(np.diag(hessian))
    units: NDArray[np.float64] = 1 / np.sqrt(np.where(own > 0, own, 1.0))
    return units


class Landscape:
    """The loss and its gradient as functions of one array of all parameters, shape (n,).

    The loss is on the full batch and the gradient correct, whatever batch or bug is chosen.
    """

    def __init__(self, training: Training) -> None:
        self.program = training.experiment.whole.program
        self.values = training.whole_settings_at(0)

    def loss(self, point: NDArray[np.float64]) -> float:
        return float(self.program.compute_forward(self._environment(point))[LOSS])

    def gradient(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        values = self._environment(point)
        values |= self.program.compute_forward(values)
        gradients = self.program.compute_backward(values)
        return flatten(
            {name: gradients[gradient_of(name)] for name in self.program.parameters},
            self.program.parameters,
        )

    def hessian(self) -> NDArray[np.float64]:
        """The Hessian (n, n) of a quadratic loss, from differences of its gradient."""
        size = sum(int(np.prod(self.program.shapes[name])) for name in self.program.parameters)
        constant = self.gradient(np.zeros(size))
        rows: NDArray[np.float64]
        rows = np.array([self.gradient(row) - constant for row in np.eye(size)])
        return (rows + rows.T) / 2

    def _environment(self, point: NDArray[np.float64]) -> dict[str, Value]:
        return {**self.values, **unflatten(point, self.program.parameters, self.program.shapes)}


def flatten(values: Mapping[str, Value], names: Sequence[str]) -> NDArray[np.float64]:
    """Several values in one array, shape (n,)."""
    return np.concatenate([np.ravel(values[name]) for name in names])


def unflatten(
    row: NDArray[np.float64], names: Sequence[str], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, Value]:
    """The inverse of `flatten`."""
    values: dict[str, Value] = {}
    for name in names:
        size = int(np.prod(shapes[name]))
        part, row = row[:size], row[size:]
        values[name] = np.float64(part[0]) if shapes[name] == () else part.reshape(shapes[name])
    return values
