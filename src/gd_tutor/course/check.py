"""What `gd-tutor check` finds in lesson files.

Runs that diverge, answers without a number and misconceptions that give the right answer are found
by computing.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from gd_tutor.course.folder import Course, duplicates, left_out, lesson_paths
from gd_tutor.course.lesson import (
    FindQuestion,
    Lesson,
    LessonExperiment,
    Mistake,
    NumberQuestion,
)
from gd_tutor.course.lesson_file import LessonError, LessonFault, name_of, read_source
from gd_tutor.course.lesson_reader import examine
from gd_tutor.course.question_blocks import Tolerance
from gd_tutor.course.text_values import text_value_warnings
from gd_tutor.course.toml import Table
from gd_tutor.engine.compile import Value, Values, breakdown_of, compile_lines, evaluate
from gd_tutor.engine.errors import suggestion
from gd_tutor.engine.expression import (
    Expression,
    Line,
    Name,
    Place,
    broadcast,
    gradient_of,
    names,
    renamed,
)
from gd_tutor.engine.parser import parse
from gd_tutor.engine.program import LOSS, Program
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.numbers import number


def check(paths: Iterable[Path]) -> tuple[LessonFault, ...]:
    """All faults and warnings of some files, and of the lessons in some folders.

    Raises CourseError for a folder without lessons.
    """
    found: list[LessonFault] = []
    for path in paths:
        lessons = Course(path).paths if path.is_dir() else [path]
        found += left_out(path) if path.is_dir() else ()
        found += duplicates(lessons)
        found += _same_numbers(lessons)
        for lesson in lessons:
            found += _findings(lesson)
    return tuple(found)


def _findings(path: Path) -> tuple[LessonFault, ...]:
    """The faults of one file, in its order."""
    if translation := [fault for fault in left_out(path.parent) if fault.path == path]:
        return tuple(translation)
    try:
        reading = examine(read_source(path))
    except LessonError as error:
        return error.faults
    report, lesson, front = reading.report, reading.lesson, reading.front
    if lesson is None or front is None or report.faults:
        return report.findings
    others = [name_of(other)[1] for other in lesson_paths(path.parent)]
    for name, id in lesson.later.items():
        if id not in others and len(others) > 1:  # a lesson alone may be written for any course
            message = f"There is no lesson '{id}' beside this one.{suggestion(id, others)}"
            report.add(front.places.key(("later", name)), message)
    broken = try_out(lesson, front)
    report.include(LessonError(computed_faults(lesson, broken)))
    report.include(LessonError(text_value_warnings(lesson, broken)))
    return report.findings


def _same_numbers(paths: Sequence[Path]) -> Iterator[LessonFault]:
    """A warning for every file with the number of an earlier one."""
    first: dict[int, Path] = {}
    for path in paths:
        number, _ = name_of(path)
        if number is not None and (other := first.setdefault(number, path)) is not path:
            message = f"'{other.name}' has the number {number}, too, and is opened by it."
            yield LessonFault(path, 1, 1, f"{message} Give one file another number.", warning=True)


_RIGHT = {"": "was", "grad": "slope", "next": "later"}


def with_formulas(
    program: Program, lines: Sequence[Line], wrong: Mapping[str, Expression]
) -> tuple[Line, ...]:
    """The lines with other formulas for some names; names in these mean their correct values.

    They are computed in an environment with all correct values of an iteration.
    """
    assigned = {line.name for line in lines}
    kept = [
        name
        for name in dict.fromkeys(name for formula in wrong.values() for name in names(formula))
        if name in assigned
    ]
    right = {name: _right(name) for name in kept}
    replaced = []
    for line in lines:
        formula = line.expression
        if line.name in wrong:
            formula = fitted(program, wrong[line.name], program.shapes[line.name])
        replaced.append(Line(line.name, renamed(formula, right) if line.name in wrong else formula))
    return (*(Line(_right(name), Name(name)) for name in kept), *replaced)


def _right(name: str) -> str:
    space, _, bare = name.rpartition(".")
    return f"{_RIGHT[space]}.{bare}"


def fitted(program: Program, formula: Expression, shape: tuple[int, ...]) -> Expression:
    """The formula, broadcast to that shape if necessary."""
    return formula if program.shape_of(formula) == shape else broadcast(formula, shape)


def backward_of(program: Program, mistake: Mistake) -> tuple[Line, ...]:
    """The backward program with the gradient of a misconception."""
    wrong = {gradient_of(name): formula for name, formula in mistake.gradient.items()}
    return with_formulas(program, program.backward, wrong)


def given_by(mistake: Mistake, answer: Expression, program: Program, values: Values) -> float:
    """The answer that a misconception gives, from all values of an iteration."""
    if mistake.answer is not None:
        return one_number(mistake.answer, values)
    wrong = values | compile_lines(backward_of(program, mistake), program.shapes)(values)
    return one_number(answer, wrong | program.compute_update(wrong))


def one_number(formula: Expression, values: Mapping[str, Value]) -> float:
    """The value, a single number, of an answer's formula."""
    value = evaluate(formula, values)
    return float(value.item())


Computed = NumberQuestion | FindQuestion
Told = Iterator[tuple[Place, str]]


def computed_faults(lesson: Lesson, without: Container[str] = ()) -> tuple[LessonFault, ...]:
    """The faults of a lesson's questions, computed with its own settings.

    An answer must be a number. Misconceptions must give numbers different from it and each other;
    the wrong result to be found must be wrong. Experiments `without` a loss are left out.
    """
    every = (*lesson.predictions, *lesson.questions)
    computed = [item for item in every if isinstance(item, NumberQuestion | FindQuestion)]
    asked = [item for item in computed if item.experiment not in without]
    asked.sort(key=lambda item: item.place.line)
    return tuple(
        LessonFault(lesson.path, place.line, place.column, message)
        for place, message in _faults(lesson, asked)
    )


def _faults(lesson: Lesson, asked: Sequence[Computed]) -> Told:
    training_of = cache(lesson.training_of)
    for item in asked:
        training = training_of(item.experiment)
        if training is not None:
            yield from _faults_of(item, training)


def _faults_of(item: Computed, training: Training) -> Told:
    iteration = item.at or 0
    training.go_to(Position(iteration, Phase.UPDATE))
    if training.iteration < iteration:
        message = f"The run diverges at iteration {training.iteration}, before iteration "
        yield item.place, f"{message}{iteration}; ask for an earlier one."
        return
    values = training.values_at(Position(iteration, Phase.UPDATE))
    formula = item.by if isinstance(item, FindQuestion) else item.answer
    if not _is_finite(formula, values):
        message = f"At iteration {iteration} this is not a finite number; ask for another."
        yield item.place, message
    elif isinstance(item, FindQuestion):
        yield from _not_wrong(item, values)
    else:
        yield from _coincidences(item, training, values)


def _is_finite(formula: Expression, values: Values) -> bool:
    known = all(name in values for name in names(formula))
    return known and bool(np.isfinite(evaluate(formula, values)).all())


def _not_wrong(question: FindQuestion, values: Values) -> Told:
    right = values[question.wrong]
    given = np.broadcast_to(evaluate(question.by, values), np.shape(right))
    pairs = zip(np.ravel(right), np.ravel(given), strict=True)
    if all(Tolerance().accepts(float(truth), float(shown)) for truth, shown in pairs):
        shown = number(given.item()) if given.size == 1 else "the right numbers"
        message = f"This gives {shown}, which counts as right; choose a formula that is wrong here."
        yield question.place, message


def _coincidences(asked: NumberQuestion, training: Training, values: Values) -> Told:
    """A fault for every misconception with the right answer or that of an earlier one."""
    tolerance = Tolerance(asked.within)
    truth = one_number(asked.answer, values)
    found: list[tuple[float, Mistake]] = []
    for mistake in asked.mistakes:
        given = given_by(mistake, asked.answer, training.program, values)
        if not math.isfinite(given):
            continue
        same = [other for value, other in found if tolerance.accepts(value, given)]
        if tolerance.accepts(truth, given):
            message = f"This mistake gives {number(given)}, which counts as the right answer."
            yield mistake.place, f"{message} Choose other numbers, or leave it out."
        elif same:
            message = f"This mistake gives {number(given)}, as the one of line {same[0].place.line}"
            yield mistake.place, f"{message} does. Choose other numbers, or leave one out."
        found.append((given, mistake))


ITERATIONS = 200
GROWN = 1_000
"""A run diverges if its loss grows by this factor."""


def try_out(lesson: Lesson, front: Table) -> frozenset[str]:
    """Note the faults of a lesson's runs; return the ids of those without a first loss."""
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
    """One experiment, and its place in its file."""

    def __init__(self, part: LessonExperiment, front: Table, path: tuple[str | int, ...]) -> None:
        self.front = front
        self.path = path
        self.forward = front.places.string((*path, "forward"))
        self.lines = parse(self.forward.text)
        self.part = part

    def add(self, line: Line, message: str) -> None:
        self.front.report.add(self.forward.at(line.place), message)

    def begins(self, training: Training) -> bool:
        """Whether the loss and its gradient at iteration 0 are finite; else note the line at
        fault."""
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
        """The last line whose formula uses a name."""
        using = [line for line in self.lines if name in names(line.expression)]
        return using[-1] if using else self.lines[-1]

    def _no_slope(self, name: str, values: Values) -> str:
        shown = _shown(values, gradient_of(name))
        return (
            f"At iteration 0 the slope of the loss along '{name}' is {shown}: this line is too "
            "steep there. Begin at another value."
        )

    def check_end(self, training: Training) -> None:
        """Note a learning rate with which a number is not finite or the loss grows."""
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
    flat = np.ravel(values[name])
    bad = float(flat[~np.isfinite(flat)][0])
    if bad != bad:
        return "not a number"
    return "too large" if bad > 0 else "−∞"


def _reason(expression: Expression, values: Values) -> str:
    """The first operation whose result is not finite, and its arguments, in words."""
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
