"""The finite-difference check: a partial derivative against the loss with one number changed.

The quotients shown are forward differences, as a learner tries them. The verdict uses central
differences, extrapolated as in Ridders, Accurate computation of F'(x) and F'(x)F''(x) (Advances in
Engineering Software, 1982), with our own error bound. At a kink, where the loss has no derivative,
it takes the conventional one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.compile import Value, Values, compile_lines, inputs_of
from gd_tutor.engine.expression import (
    Apply,
    Expression,
    Index,
    Line,
    Lines,
    Name,
    Shape,
    apply,
    renamed,
    walk,
    with_formula,
)
from gd_tutor.engine.program import LOSS, Program
from gd_tutor.engine.state import Phase
from gd_tutor.engine.training import Training

SIZES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)

NUDGE, NUDGED = "nudge.by", "nudge.of"
FINER = 4.0
"""Each step size of the verdict is a fourth of the previous one."""
FEWEST, MOST = 8, 24
"""The number of step sizes tried; fewer when a pass is slow."""
WORK = 100_000_000
"""A verdict computes at most so many numbers."""
COPIES = 4
"""Each difference is computed four times, with inputs that differ by a rounding error."""
SAFETY = 8.0
"""The rounding error is at most eight times the spread of these copies."""
SURE = 1e-3
"""A verdict needs an error bound of at most 0.1 % of the derivative."""
NEGLIGIBLE = 1e-9
"""A relative difference below this is ignored."""
NEAR = 0.01
"""The last quotient is near the derivative if they differ by at most 1 % of it."""

Loss = Callable[[Values, float], float]
"""The loss in an environment with one number changed by this amount."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """One number changed by `size`, and the rise of the loss."""

    size: float
    rise: float

    @property
    def quotient(self) -> float:
        """The forward difference quotient: rise over size."""
        return self.rise / self.size


@dataclass(frozen=True, slots=True)
class Estimate:
    """A derivative found without the chain rule; its error is at most `bound`."""

    slope: float
    bound: float


@dataclass(frozen=True, slots=True)
class Nudges:
    """A partial derivative and the difference quotients that should approach it.

    It is compared with the `estimate`, which is None if no step is small enough. `kinks` are the
    operations with a kink here or within the smallest step.
    """

    name: str
    index: Index
    loss: float
    slope: float
    rows: tuple[Nudge, ...]
    estimate: Estimate | None
    kinks: tuple[str, ...] = ()

    @property
    def agree(self) -> bool:
        """Whether derivative and estimate differ by no more than the error bound."""
        found = self.estimate
        if found is None:
            return True
        return abs(self.slope - found.slope) <= found.bound + NEGLIGIBLE * abs(found.slope)

    @property
    def is_rounding(self) -> bool:
        """Whether derivative and estimate differ, and neither exceeds the error bound."""
        found = self.estimate
        if found is None or self.slope == found.slope:
            return False
        return max(abs(self.slope), abs(found.slope)) <= found.bound

    @property
    def are_near(self) -> bool:
        """Whether the last quotient is near the derivative.

        Near a minimum it is not: there the curvature outweighs the gradient even in a small step.
        """
        return abs(self.rows[-1].quotient - self.slope) <= NEAR * abs(self.slope) or not self.slope


def nudges(
    training: Training, name: str, index: Index = (), iteration: int | None = None
) -> Nudges:
    """Check one number of a parameter, or of a value that the loss depends on.

    Raises KeyError for a name without a partial derivative.
    """
    program = training.program
    at = training.iteration if iteration is None else iteration
    values = training.values_at(training.after(Phase.BACKWARD, at))
    slope = float(np.asarray(values[program.slopes[name]])[index])
    number, before = float(np.asarray(values[name])[index]), float(values[LOSS])
    lines = _nudged(program, name)
    shapes = {**program.shapes, NUDGE: program.shapes[name]}
    kinks = Kinks(lines, shapes)

    def by(size: float) -> Values:
        nudge = np.zeros(program.shapes[name])
        nudge[index] = size
        return {NUDGE: nudge[()]}

    def loss_of(lines: Lines, held: Values) -> Loss:
        compute = compile_lines(lines, shapes | {side: np.shape(held[side]) for side in held})
        return lambda values, size: float(compute({**values, **held, **by(size)})[LOSS])

    loss = loss_of(lines, {})
    rows = tuple(Nudge(size, loss(values, size) - before) for size in SIZES)
    here, up, down = (kinks.factors({**values, **by(side * SIZES[-1])}) for side in (0, 1, -1))
    estimate = _estimate(
        loss_of(kinks.straight, here),
        _copies(values, inputs_of(program.needed)),
        2.0 ** round(np.log2(max(abs(number), 1.0))),
        min(max(WORK // (2 * COPIES * program.size), FEWEST), MOST),
    )
    crossed = sorted(kinks.crossed(here, up) | kinks.crossed(here, down))
    return Nudges(name, index, before, slope, rows, estimate, tuple(crossed))


def _nudged(program: Program, name: str) -> Lines:
    """The lines that lead to the loss, with the change added to one value."""
    nudge = Name(NUDGE)
    if name not in program.parameters:
        [own] = (line.expression for line in program.needed if line.name == name)
        return with_formula(program.needed, name, apply("add", own, nudge))
    lines = (
        Line(line.name, renamed(line.expression, {name: NUDGED}), line.place)
        for line in program.needed
    )
    return Line(NUDGED, apply("add", Name(name), nudge)), *lines


def _copies(values: Values, inputs: list[str]) -> list[Values]:
    """The environment, and copies whose inputs differ by about a rounding error."""
    rng = np.random.default_rng(0)

    def moved(value: Value) -> Value:
        relative = rng.uniform(-1, 1, np.shape(value)) * np.finfo(float).eps
        found: Value = (value * (1 + 2 * relative))[()]
        return found

    others = ({name: moved(values[name]) for name in inputs} for _ in range(COPIES - 1))
    return [values, *({**values, **other} for other in others)]


def _estimate(loss: Loss, copies: list[Values], scale: float, most: int) -> Estimate | None:
    """The derivative of a smooth loss at 0: the extrapolation with the smallest error bound."""
    central: NDArray[np.float64] = np.full(len(copies), np.nan)
    found: list[NDArray[np.float64]] = []
    best: Estimate | None = None
    with np.errstate(all="ignore"):
        for level in range(1, most + 1):
            size = scale * FINER**-level
            sides = np.array([[loss(values, size), loss(values, -size)] for values in copies])
            before, central = central, (sides[:, 0] - sides[:, 1]) / (2 * size)
            # The error of a central difference is proportional to the square of its step.
            found.append(central + (central - before) / (FINER**2 - 1))
            if len(found) < 4:
                continue
            cut = np.abs(np.diff([copy[0] for copy in found[-3:]])).max()
            rounded = np.ptp(found[-1]) * SAFETY + np.finfo(float).eps * np.abs(sides).max() / size
            bound = float(cut + rounded)
            if best is None or bound < best.bound:
                if np.isfinite(bound):
                    best = Estimate(float(found[-1][0]), bound)
            elif rounded > cut and best.bound <= SURE * abs(best.slope):
                break
    return best


FACTORS: Mapping[str, Callable[..., tuple[Expression, ...]]] = {
    "abs": lambda a: (apply("sign", a),),
    "relu": lambda a: (apply("positive", a),),
    "maximum": lambda a, b: (apply("share", a, b), apply("share", b, a)),
    "minimum": lambda a, b: (apply("share", b, a), apply("share", a, b)),
}
"""Operations with a kink: each is the sum of its arguments times these factors."""


class Kinks:
    """The operations with a kink in some lines; their factors tell the side of each number.

    `straight` are the lines with the factors read from the environment: with constant factors the
    loss has no kink, and its derivative at one is the conventional value.
    """

    def __init__(self, lines: Sequence[Line], shapes: Mapping[str, Shape]) -> None:
        self._names: dict[Expression, str] = {}
        self._operations: dict[str, str] = {}
        with_factors: list[Line] = []
        for line in lines:
            with_factors += [*self._factors(line.expression), line]
        self._compute = compile_lines(with_factors, shapes)
        self.straight: Lines = tuple(
            Line(line.name, self._straightened(line.expression), line.place) for line in lines
        )

    def factors(self, values: Values) -> Values:
        """The factors in an environment, by their names in `straight`."""
        found = self._compute(values)
        return {name: found[name] for name in self._operations}

    def crossed(self, one: Values, other: Values) -> set[str]:
        """The operations in which a number changes sides."""
        return {o for name, o in self._operations.items() if (one[name] != other[name]).any()}

    def _factors(self, formula: Expression) -> list[Line]:
        """Lines for the factors of a formula that are not yet known."""
        found = []
        for node in walk(formula):
            if isinstance(node, Apply) and node.operation in FACTORS:
                for factor in FACTORS[node.operation](*node.arguments):
                    if factor not in self._names:
                        name = self._names[factor] = f"side.{len(self._names)}"
                        self._operations[name] = node.operation
                        found.append(Line(name, factor))
        return found

    def _straightened(self, node: Expression) -> Expression:
        if not isinstance(node, Apply):
            return node
        arguments = [self._straightened(argument) for argument in node.arguments]
        if node.operation not in FACTORS:
            return replace(node, arguments=tuple(arguments))
        factors = FACTORS[node.operation](*node.arguments)
        parts = [
            apply("multiply", Name(self._names[factor]), argument)
            for factor, argument in zip(factors, arguments, strict=True)
        ]
        return reduce(lambda left, right: apply("add", left, right), parts)
