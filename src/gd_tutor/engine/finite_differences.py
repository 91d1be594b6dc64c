"""A gradient checked by finite differences: nudge one number, and see how much the loss moves.

The table's quotients rise to one side, as a learner would try it; the verdict is by central
differences, extrapolated as in Ridders, Accurate computation of F'(x) and F'(x)F''(x) (Advances in
Engineering Software, 1982), with a bound of its own. At a kink the loss turns at once, and no
difference tells its slope.
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
"""Each nudge of the verdict is a fourth of the one before."""
FEWEST, MOST = 8, 24
"""The number of nudges tried: fewer where a step is slow."""
WORK = 100_000_000
"""The most numbers computed for a verdict."""
COPIES = 4
"""Each nudge is worked four times, with inputs that differ by a rounding error."""
SAFETY = 8.0
"""Rounding may be eight times as bad as in these copies."""
SURE = 1e-3
"""A slope is known well enough for a verdict once its error bound is 0.1 % of it."""
NEGLIGIBLE = 1e-9
"""A difference below this part of the slope is ignored."""
NEAR = 0.01
"""The smallest nudge is near the slope when they differ by 1 % of it at most."""

Loss = Callable[[Values, float], float]
"""The loss in an environment, one number moved by so much."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """One number moved by `size`, and how much the loss then rises."""

    size: float
    rise: float

    @property
    def quotient(self) -> float:
        """How much it rises for each unit moved."""
        return self.rise / self.size


@dataclass(frozen=True, slots=True)
class Estimate:
    """A slope found without the chain rule; the true one is at most `bound` away from it."""

    slope: float
    bound: float


@dataclass(frozen=True, slots=True)
class Nudges:
    """A number's slope beside the quotients that should come close to it as nudges get smaller.

    It is compared with the `estimate`; there is None where no nudge is small enough. `kinks` are
    the operations that turn at once here, or nearer than the smallest nudge.
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
        """Whether the slope is as near to the estimate as the true one must be."""
        found = self.estimate
        if found is None:
            return True
        return abs(self.slope - found.slope) <= found.bound + NEGLIGIBLE * abs(found.slope)

    @property
    def is_rounding(self) -> bool:
        """Whether slope and estimate differ, and both are no larger than the estimate's bound."""
        found = self.estimate
        if found is None or self.slope == found.slope:
            return False
        return max(abs(self.slope), abs(found.slope)) <= found.bound

    @property
    def are_near(self) -> bool:
        """Whether the quotients themselves come near the slope, without the estimate.

        Near a minimum they do not: the loss bends by more than it slopes, even in a small nudge.
        """
        return abs(self.rows[-1].quotient - self.slope) <= NEAR * abs(self.slope) or not self.slope


def nudges(
    training: Training, name: str, index: Index = (), iteration: int | None = None
) -> Nudges:
    """Nudge one number of a parameter, or of a value on the way to the loss.

    Raises KeyError for a name along which the loss has no slope.
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
    """The lines that lead to the loss, with the nudge added to one value."""
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
    """The environment, and others in which all inputs differ by about a rounding error."""
    rng = np.random.default_rng(0)

    def moved(value: Value) -> Value:
        relative = rng.uniform(-1, 1, np.shape(value)) * np.finfo(float).eps
        found: Value = (value * (1 + 2 * relative))[()]
        return found

    others = ({name: moved(values[name]) for name in inputs} for _ in range(COPIES - 1))
    return [values, *({**values, **other} for other in others)]


def _estimate(loss: Loss, copies: list[Values], scale: float, most: int) -> Estimate | None:
    """The slope of a smooth loss at 0, from ever smaller nudges, where the bound is least."""
    central: NDArray[np.float64] = np.full(len(copies), np.nan)
    found: list[NDArray[np.float64]] = []
    best: Estimate | None = None
    with np.errstate(all="ignore"):
        for level in range(1, most + 1):
            size = scale * FINER**-level
            sides = np.array([[loss(values, size), loss(values, -size)] for values in copies])
            before, central = central, (sides[:, 0] - sides[:, 1]) / (2 * size)
            # The error of a central difference is a multiple of the square of its nudge.
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
"""Operations with a kink: each is the sum of its arguments, multiplied by these factors."""


class Kinks:
    """The operations with a kink in some lines; their factors say on which side each number is.

    `straight` are the lines with every factor taken from the environment: where the factors are
    held, the loss has no kink, and it has the slope that convention gives it at one.
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
        """The factors in an environment, by the names that they have in `straight`."""
        found = self._compute(values)
        return {name: found[name] for name in self._operations}

    def crossed(self, one: Values, other: Values) -> set[str]:
        """The operations in which a number is on another side."""
        return {o for name, o in self._operations.items() if (one[name] != other[name]).any()}

    def _factors(self, formula: Expression) -> list[Line]:
        """Lines for the factors of a formula that no other had before."""
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
