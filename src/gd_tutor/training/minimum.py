"""The minimum of a loss, where it can be known: where the Hessian is constant.

For a quadratic loss the gradient is an affine function of the parameters, H θ + c. Its differences
give H exactly (up to rounding), and the minimum solves H θ = -c. Directions in which H is zero
leave the loss unchanged: the minimum is then a line or a plane. Gradient descent on a quadratic
converges for learning rates below 2/λmax (Goh, Why Momentum Really Works, 2017).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gd_tutor.program import LOSS, gradient_of
from gd_tutor.program.compile import Value
from gd_tutor.program.degree import is_quadratic
from gd_tutor.training.training import Training

MOST_COMPONENTS = 200
_FLAT = 1e-11
"""Curvatures below this part of the largest count as zero."""
_FALLS = 1e-9
"""A slope along a flat direction that is below this part of its terms is rounding."""


@dataclass(frozen=True)
class Quadratic:
    """A quadratic loss: where its minimum is and how steep its walls are.

    `point` (n,) is the minimum nearest to the start and `loss` its loss; `flat` (n, m) holds the
    directions along which the loss stays the same; `hessian` is (n, n), and its eigenvalues, the
    `curvatures` (n,), ascend.
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
    """What is known of the loss of a run, or None where it is not quadratic with a minimum."""
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
        return None  # the loss falls for ever along a flat direction
    steep = directions[:, ~level] * unit[:, None]
    flat: NDArray[np.float64] = np.linalg.qr(directions[:, level] * unit[:, None])[0]
    point = start
    for _ in range(2):  # the second time for what rounding has left
        point = point - steep @ ((steep.T @ landscape.gradient(point)) / scaled[~level])
    point = point - flat @ (flat.T @ (point - start))
    curvatures, _ = np.linalg.eigh(hessian)
    return Quadratic(point, landscape.loss(point), flat, hessian, curvatures)


def _units(hessian: NDArray[np.float64]) -> NDArray[np.float64]:
    """Units in which each parameter alone has curvature 1, shape (n,).

    In these the rank shows: raw data may have columns a million times as large as others, which
    makes no valley.
    """
    own = np.abs(np.diag(hessian))
    units: NDArray[np.float64] = 1 / np.sqrt(np.where(own > 0, own, 1.0))
    return units


class Landscape:
    """The loss and its gradient as functions of all parameters in one row, data held fixed.

    It is the loss over all samples, and its right gradient, whatever batch or bug is chosen.
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
        """The second derivatives (n, n) of a quadratic loss, from differences of its gradient."""
        size = sum(int(np.prod(self.program.shapes[name])) for name in self.program.parameters)
        constant = self.gradient(np.zeros(size))
        rows: NDArray[np.float64]
        rows = np.array([self.gradient(row) - constant for row in np.eye(size)])
        return (rows + rows.T) / 2

    def _environment(self, point: NDArray[np.float64]) -> dict[str, Value]:
        return {**self.values, **unflatten(point, self.program.parameters, self.program.shapes)}


def flatten(values: Mapping[str, Value], names: Sequence[str]) -> NDArray[np.float64]:
    """Several values in one row."""
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
