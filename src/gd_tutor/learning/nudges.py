"""A slope checked by nudging: move one number a little, and see how much the loss moves."""

from dataclasses import dataclass

import numpy as np

from gd_tutor.learning.targets import Index
from gd_tutor.program import LOSS, Line, Name
from gd_tutor.program.algebra import apply
from gd_tutor.program.compile import Value, Values, compile_lines
from gd_tutor.training import Phase, Training

SIZES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)


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
class Nudges:
    """A number's slope beside the quotients that should come close to it as nudges get smaller."""

    name: str
    index: Index
    loss: float
    slope: float
    rows: tuple[Nudge, ...]

    @property
    def agree(self) -> bool:
        """Whether some quotient comes close to the slope: beyond a kink only one side may."""
        return any(
            abs(row.quotient - self.slope) <= 0.01 * max(abs(self.slope), 1e-3) for row in self.rows
        )


def nudges(
    training: Training, name: str, index: Index = (), iteration: int | None = None
) -> Nudges:
    """Nudge one number of a parameter, or of a value on the way to the loss.

    Raises KeyError for a name along which the loss has no slope.
    """
    at = training.iteration if iteration is None else iteration
    values = training.values_at(training.after(Phase.BACKWARD, at))
    slope = float(np.asarray(values[training.program.slopes[name]])[index])
    loss = float(values[LOSS])
    rows = (Nudge(size, _nudged_loss(training, values, name, index, size) - loss) for size in SIZES)
    return Nudges(name, index, loss, slope, tuple(rows))


def _nudged_loss(training: Training, values: Values, name: str, index: Index, size: float) -> float:
    program = training.program
    nudge = np.zeros(program.shapes[name])
    nudge[index] = size
    moved: Value = np.float64(nudge) if nudge.ndim == 0 else nudge
    if name in program.parameters:
        nudged = program.compute_forward({**values, name: values[name] + moved})
    else:
        by = Name("nudge.by")
        lines = [
            Line(line.name, apply("add", line.expression, by)) if line.name == name else line
            for line in program.forward
        ]
        compute = compile_lines(lines, {**program.shapes, by.id: program.shapes[name]})
        nudged = compute({**values, by.id: moved})
    return float(nudged[LOSS])
