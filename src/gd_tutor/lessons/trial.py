"""What only running an experiment shows: a value that is no number, a run that diverges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gd_tutor.lessons.lesson import Lesson, LessonExperiment
from gd_tutor.lessons.toml import Table
from gd_tutor.notation.numbers import number
from gd_tutor.program import LOSS, Expression, Line, gradient_of, names, parse
from gd_tutor.training import Phase, Position

if TYPE_CHECKING:  # what computes needs NumPy, which whoever only reads lessons does without
    from gd_tutor.program.compile import Values
    from gd_tutor.training import Training

ITERATIONS = 200
GROWN = 1_000
"""A loss that has grown by this factor shows that the run diverges."""


def try_out(lesson: Lesson, front: Table) -> frozenset[str]:
    """Note what is wrong with the runs of a lesson; the ids of those that have no first loss."""
    broken = set()
    for place, part in enumerate(lesson.experiments):
        several = isinstance(front.values["experiment"], list)
        trial = _Trial(part, front, ("experiment", place) if several else ("experiment",))
        training = lesson.training_of(part.id)
        assert training is not None
        if not trial.begins(training):
            broken.add(part.id)
        elif not part.diverges and training.experiment.choice("bug") == "none":
            trial.check_end(training)
    return frozenset(broken)


class _Trial:
    """One experiment, and where it stands in its file."""

    def __init__(self, part: LessonExperiment, front: Table, path: tuple[str | int, ...]) -> None:
        self.front = front
        self.path = path
        self.forward = front.places.string((*path, "forward"))
        self.lines = parse(self.forward.text)
        self.part = part

    def add(self, line: Line, message: str) -> None:
        self.front.report.add(self.forward.at(line.place), message)

    def begins(self, training: Training) -> bool:
        """Whether the loss and its gradient at iteration 0 are numbers; the line that is to blame
        is noted where they are not."""
        import numpy as np

        values = training.values_at(Position(0, training.after(Phase.FORWARD).phase))
        for line in self.lines:
            if line.name in values and not np.isfinite(values[line.name]).all():
                shown = _shown(values, line.name)
                reason = _reason(line.expression, values)
                self.add(line, f"At iteration 0 '{line.name}' is {shown}{reason}.")
                return line.name != LOSS and bool(np.isfinite(values[LOSS]).all())
        values = training.values_at(Position(0, Phase.UPDATE))
        for line in training.program.backward:
            if line.name in values and not np.isfinite(values[line.name]).all():
                name = line.name.partition(".")[2]
                self.add(self._using(name), self._no_slope(name, values))
                return False
        return True

    def _using(self, name: str) -> Line:
        """The last line that has a name in its formula."""
        using = [line for line in self.lines if name in names(line.expression)]
        return using[-1] if using else self.lines[-1]

    def _no_slope(self, name: str, values: Values) -> str:
        shown = _shown(values, gradient_of(name))
        return (
            f"At iteration 0 the slope of the loss along '{name}' is {shown}: this line is too "
            "steep there. Begin at another value."
        )

    def check_end(self, training: Training) -> None:
        """Note a learning rate with which the run leaves the numbers, or its loss grows."""
        training.go_to(Position(ITERATIONS, Phase.UPDATE))
        first, last = float(training.losses[0]), float(training.losses[-1])
        grown = abs(last) > GROWN * max(abs(first), 1e-6)
        if training.divergence is None and not grown:
            return
        message = f"With this learning rate the loss grows: {number(first)} at iteration 0"
        message = f"{message}, {_number(last)} at iteration {training.iteration}"
        offset = self.front.places.key((*self.path, "learning_rate"))
        advice = "Halve it until the loss falls, or write diverges = true where that is meant."
        self.front.report.add(offset, f"{message}. {advice}")


def _number(value: float) -> str:
    return "not a number" if value != value else number(value)


def _shown(values: Values, name: str) -> str:
    """The first number of a value that is not finite, in words."""
    import numpy as np

    flat = np.ravel(values[name])
    bad = float(flat[~np.isfinite(flat)][0])
    if bad != bad:
        return "not a number"
    return "too large" if bad > 0 else "−∞"


def _reason(expression: Expression, values: Values) -> str:
    """The first operation that makes something that is no number, and from what."""
    from gd_tutor.program.breakdown import breakdown_of

    found = breakdown_of(expression, values)
    if found is None:
        return ""
    match found.operation, found.arguments:
        case "divide", (_, divisor):
            return ": it divides by 0" if divisor == 0 else ": it divides by a number too small"
        case ("log" | "sqrt" | "exp") as function, (at,):
            return f": it takes {function} of {number(at)}"
        case "power", (base, exponent):
            return f": it raises {number(base)} to the power {number(exponent)}"
    return ": it is too large to be computed"
