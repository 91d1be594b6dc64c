"""What can be predicted before a phase reveals it: numbers, ways and cells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, product

import numpy as np

from gd_tutor.course.check import one_number
from gd_tutor.course.lesson import ChoicePrediction, Lesson, NumberQuestion, Prediction
from gd_tutor.course.question_blocks import Tolerance
from gd_tutor.engine.compile import Value, Values
from gd_tutor.engine.expression import Apply, Expression, Index, Line, Name, Shape, names, next_of
from gd_tutor.engine.program import LOSS
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.questions.digits import MOST_DIGITS, unit

MOST_CELLS = 12
"""Of a larger value only the first cells are asked for."""
NOISE = 1e-12
"""What rounding leaves of a 0, in parts of the largest value of the same iteration."""


@dataclass(frozen=True)
class Target:
    """A number that the next phase will reveal, or that a lesson asks for before it.

    `position` is where it is revealed, by the phase that a run calls so, and `answer` the formula
    whose value it is. A component of a
    line of the program has that `line` and its `index`; a lesson's question has its `prediction`.
    """

    position: Position
    phase: Phase
    answer: Expression
    value: float
    line: Line | None = None
    index: Index = ()
    prediction: Prediction | NumberQuestion | None = None

    @property
    def tolerance(self) -> Tolerance:
        """How close a typed number has to be."""
        return Tolerance(self.prediction.within if self.prediction else None)

    @property
    def lines(self) -> tuple[str, ...]:
        """The names of the lines that the answer is made of."""
        return names(self.answer)

    def number(self, values: Values) -> float:
        """The number that takes the target's place in an environment."""
        if self.line is None:
            return one_number(self.answer, values)
        return float(np.asarray(values[self.line.name])[self.index])

    def label(self, notation: Notation) -> str:
        """What is asked for, as it is written: `∂l/∂ŷ[1]`."""
        if self.line is None:
            return "the answer" if self.is_of_both else notation.formula(self.answer)
        return notation.name(self.line.name) + notation.place(self.index)

    @property
    def is_of_both(self) -> bool:
        """Whether it has a value before and after the update, which are written alike."""
        return any(next_of(name) in self.lines for name in self.lines)

    def ask(self, notation: Notation) -> str:
        """The question in words."""
        if self.prediction is not None:
            return self.prediction.ask
        assert self.line is not None
        label, bare = self.label(notation), self.line.name.rpartition(".")[2]
        match self.phase:
            case Phase.BACKWARD:
                along = notation.name(bare) + notation.place(self.index)
                return f"What is {label}, the slope of the loss along {along}?"
            case Phase.UPDATE:
                return f"What will {label} be after the update?"
        if bare == LOSS:
            now = "" if self.position.iteration == 0 else " now"
            return f"What is {label}{'' if label == LOSS else ', the loss'}{now}?"
        sources = listed(map(notation.name, names(self.line.expression)))
        return f"What is {label}, made from {sources}?" if sources else f"What is {label}?"


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence: `X, w and b`."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last


@dataclass(frozen=True)
class Choice:
    """A question with a few answers, one of them right: `right` is its place in `options`.

    `kind` is "sign", "way" or "cell"; `name` is the value that it is about.
    """

    position: Position
    kind: str
    name: str
    ask: str
    options: tuple[str, ...]
    right: int
    index: Index = field(default=())


def targets(training: Training, lesson: Lesson | None = None) -> list[Target]:
    """The lesson's own questions before the next phase, then every number that it will reveal.

    None where the run has diverged; numbers that are not finite are left out.
    """
    if training.divergence is not None:
        return []
    position = training.position.next
    found = [*_asked(training, position, lesson), *_revealed(training, position)]
    return [target for target in found if np.isfinite(target.value)]


def belongs(asked: Prediction | ChoicePrediction, training: Training, lesson: Lesson) -> bool:
    """Whether a lesson asks this before the next phase of a run."""
    position = training.position.next
    return (
        asked.experiment == experiment_of(training, lesson)
        and asked.phase == str(training.upcoming)
        and asked.at in (None, position.iteration)
    )


def experiment_of(training: Training, lesson: Lesson) -> str:
    """The id of the lesson's experiment that a run is of."""
    found = lesson.experiment_for(training.choices)
    return found.id if found is not None else ""


def _asked(training: Training, position: Position, lesson: Lesson | None) -> Iterator[Target]:
    predictions = lesson.predictions if lesson else ()
    asked = [p for p in predictions if lesson and belongs(p, training, lesson)]
    if not asked:
        return
    phase = training.upcoming
    values = training.shown_at(Position(position.iteration, Phase.UPDATE))
    for prediction in asked:
        answer = prediction.answer
        if all(name in values for name in names(answer)):
            value = settled(one_number(answer, values), values)
            line, index = _line_of(training, phase, answer)
            yield Target(position, phase, answer, value, line, index, prediction)


def target_of(question: NumberQuestion, training: Training) -> Target:
    """The number that a question asks for, in a run of the experiment that it is about."""
    answer, position = question.answer, Position(question.at, Phase.UPDATE)
    values = training.shown_at(position)
    value = settled(one_number(answer, values), values)
    for phase in training.phases:
        line, index = _line_of(training, phase, answer)
        if line is not None:
            return Target(position, phase, answer, value, line, index, question)
    return Target(position, Phase.UPDATE, answer, value, prediction=question)


def ready_for(target: Target, training: Training) -> Position:
    """Where a run has what the answer to a question is made of, and not the answer itself.

    Where the answer is a line, that is before its phase; else all phases are done whose lines the
    answer uses, but no update: it would clear what the answer uses.
    """
    iteration = target.position.iteration
    if target.line is not None:
        return training.after(target.phase, iteration).previous
    done = Position(iteration, Phase.FORWARD).previous
    for phase in (Phase.FORWARD, Phase.BACKWARD):
        if any(line.name in target.lines for line in training.program.lines_of(phase)):
            done = max(done, training.after(phase, iteration))
    return done


def _line_of(
    training: Training, phase: Phase, answer: Expression
) -> tuple[Line, Index] | tuple[None, Index]:
    """The line of the phase, and the place in it, that an answer names; None for other answers."""
    match answer:
        case Name(name):
            index: Index = ()
        case Apply("element", (Name(name),), index=tuple(index)):
            pass
        case _:
            return None, ()
    shape = training.program.shapes[name]
    line = next((line for line in training.program.lines_of(phase) if line.name == name), None)
    if line is None or len(index) > len(shape):
        return None, ()
    # One number is asked for: what remains of the shape has one place.
    return line, (*index, *(0 for _ in shape[len(index) :]))


def _revealed(training: Training, position: Position) -> Iterator[Target]:
    values, phase = training.shown_at(position), training.upcoming
    for line in training.program.lines_of(phase):
        if line.name not in values:
            continue
        array = np.asarray(values[line.name])
        before = _value_before(training, position, line.name)
        for index in cells(array.shape):
            answer, value = element(line.name, index), float(array[index])
            if before is None or _has_visibly_changed(float(np.asarray(before)[index]), value):
                yield Target(position, phase, answer, value, line, index)


def _value_before(training: Training, position: Position, name: str) -> Value | None:
    """What stands in the place of a value until its phase is done; None where nothing does."""
    if training.upcoming is Phase.UPDATE:
        old = training.shown_at(Position(position.iteration, Phase.START))
        return old.get(name.removeprefix("next."))
    if position.iteration == 0:
        return None
    return training.shown_at(Position(position.iteration - 1, Phase.UPDATE)).get(name)


def _has_visibly_changed(before: float, now: float) -> bool:
    """Whether a number can be told from that before it; one that stays as it is counts, too.

    What changes only in digits that nobody is asked for would be answered rightly unchanged.
    """
    return before == now or abs(now - before) > unit(now, MOST_DIGITS)


def settled(number: float, values: Values) -> float:
    """A number, or 0 where it is nothing but what rounding leaves of it."""
    largest = max((float(np.abs(value).max()) for value in values.values()), default=0.0)
    return 0.0 if abs(number) <= NOISE * largest else number


def cells(shape: Shape) -> list[Index]:
    """The places in a value, as many as are asked for; one empty place for a single number."""
    return list(islice(product(*map(range, shape)), MOST_CELLS))


def element(name: str, index: Index) -> Expression:
    """The formula for one cell of a value."""
    return Apply("element", (Name(name),), index=index) if index else Name(name)


# Choices


def choices(training: Training, notation: Notation) -> list[Choice]:
    """Which sign, which way, which cell: what can be chosen before the next phase reveals it."""
    if training.divergence is not None:
        return []
    position = training.position.next
    values = training.values_at(position)
    found: list[Choice] = []
    for line in training.program.lines_of(training.upcoming):
        value = values.get(line.name)
        if value is None or not np.isfinite(value).all():
            continue
        ways = _ways(training, position, line.name, value, notation)
        found += [*ways, *_cell(position, line.name, value, notation)]
    return found


def _ways(
    training: Training, position: Position, name: str, value: Value, notation: Notation
) -> Iterator[Choice]:
    """The sign of each number; for what had a value before, whether it goes up or down."""
    before = _before(training, position, name)
    array = np.asarray(value)
    for index in cells(array.shape):
        label = notation.name(name) + notation.place(index)
        if before is not None:
            change = float(array[index] - np.asarray(before)[index])
            ask = f"Will {label} go up or down?"
            options = ("up", "down", "it stays")
            yield Choice(position, "way", name, ask, options, _sign(change), index)
        elif name != LOSS:
            ask = f"Will {label} be positive or negative?"
            options = ("positive", "negative", "0")
            yield Choice(position, "sign", name, ask, options, _sign(float(array[index])), index)


def _before(training: Training, position: Position, name: str) -> Value | None:
    """The value that a parameter or the loss had before this phase."""
    if training.upcoming is Phase.UPDATE:
        before = training.values_at(Position(position.iteration, Phase.START))
        return before.get(name.removeprefix("next."))
    if name == LOSS and position.iteration:
        return training.values_at(Position(position.iteration - 1, Phase.FORWARD))[LOSS]
    return None


def _sign(number: float) -> int:
    """The place of a number among above, below and at zero; dust is no number."""
    if abs(number) < 1e-12:
        return 2
    return 0 if number > 0 else 1


def _cell(position: Position, name: str, value: Value, notation: Notation) -> Iterator[Choice]:
    """Which number of several is the largest in size, where one is."""
    array = np.abs(np.asarray(value))
    if not 1 < array.size <= MOST_CELLS:
        return
    places = cells(array.shape)
    order = np.argsort(array, axis=None)
    first, second = array.flat[order[-1]], array.flat[order[-2]]
    if Tolerance().accepts(float(first), float(second)):
        return
    label = notation.name(name)
    options = tuple(label + notation.place(index) for index in places)
    ask = f"Which number of {label} will be the largest in size?"
    yield Choice(position, "cell", name, ask, options, int(order[-1]))
