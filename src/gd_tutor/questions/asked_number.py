"""A number that is asked for: its value, how it is asked for in words, and hints towards it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from gd_tutor.course.check import one_number
from gd_tutor.course.lesson import Lesson, NumberQuestion
from gd_tutor.course.question_blocks import Tolerance
from gd_tutor.engine.compile import Values
from gd_tutor.engine.expression import Apply, Expression, Index, Line, Name, names, next_of
from gd_tutor.engine.optimizers import descent
from gd_tutor.engine.program import LEARNING_RATE, LOSS
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation

NOISE = 1e-12
"""What rounding leaves of a 0, in parts of the largest value of the same iteration."""


@dataclass(frozen=True)
class AskedNumber:
    """A number that the next phase will reveal, or that a lesson asks for before it.

    `position` is where it is revealed, by the phase that a run calls so, and `answer` the formula
    whose value it is. One number of a line of the program has that `line` and its `index`; what a
    lesson's author asks for is `authored`.
    """

    position: Position
    phase: Phase
    answer: Expression
    value: float
    line: Line | None = None
    index: Index = ()
    authored: NumberQuestion | None = None

    @property
    def tolerance(self) -> Tolerance:
        """How close a typed number has to be."""
        return Tolerance(self.authored.within if self.authored else None)

    @property
    def lines(self) -> tuple[str, ...]:
        """The names of the lines that the answer is made of."""
        return names(self.answer)

    def number(self, values: Values) -> float:
        """The number that it is in an environment."""
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
        if self.authored is not None:
            return self.authored.ask
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
            return f"What is {'the loss' if label == LOSS else f'{label}, the loss'}{now}?"
        sources = listed(map(notation.name, names(self.line.expression)))
        return f"What is {label}, made from {sources}?" if sources else f"What is {label}?"


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence: `X, w and b`."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def number_of(question: NumberQuestion, training: Training) -> AskedNumber:
    """The number that a question asks for, in a run of the experiment that it is about."""
    answer, position = question.answer, Position(question.at or 0, Phase.UPDATE)
    values = training.shown_at(position)
    value = settled(one_number(answer, values), values)
    for phase in training.phases:
        line, index = line_of(training, phase, answer)
        if line is not None:
            return AskedNumber(position, phase, answer, value, line, index, question)
    return AskedNumber(position, Phase.UPDATE, answer, value, authored=question)


def ready_for(asked: AskedNumber, training: Training) -> Position:
    """Where a run has what the answer to a question is made of, and not the answer itself.

    Where the answer is a line, that is before its phase; else all phases are done whose lines the
    answer uses, but no update: it would clear what the answer uses.
    """
    iteration = asked.position.iteration
    if asked.line is not None:
        return training.after(asked.phase, iteration).previous
    done = Position(iteration, Phase.FORWARD).previous
    for phase in (Phase.FORWARD, Phase.BACKWARD):
        if any(line.name in asked.lines for line in training.program.lines_of(phase)):
            done = max(done, training.after(phase, iteration))
    return done


def line_of(
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


def experiment_of(training: Training, lesson: Lesson) -> str:
    """The id of the lesson's experiment that a run is of."""
    found = lesson.experiment_for(training.choices)
    return found.id if found is not None else ""


def settled(number: float, values: Values) -> float:
    """A number, or 0 where it is nothing but what rounding leaves of it."""
    largest = max((float(np.abs(value).max()) for value in values.values()), default=0.0)
    return 0.0 if abs(number) <= NOISE * largest else number


def element(name: str, index: Index) -> Expression:
    """The formula for one cell of a value."""
    return Apply("element", (Name(name),), index=index) if index else Name(name)


# Hints


def hints(asked: AskedNumber, training: Training, notation: Notation) -> tuple[str, ...]:
    """The steps towards a asked's number, the lesson's own first; only the last one gives it."""
    answer = notation.number(asked.value)
    own = asked.authored.hints if asked.authored else ()
    # An author's hints say which formula it is better than its name does.
    steps = [*own, *_steps(asked, training, notation, answer)[bool(own) :]]
    return (*dict.fromkeys(steps), f"{asked.label(notation)} {notation.equals} {answer}")


def _steps(asked: AskedNumber, training: Training, notation: Notation, answer: str) -> list[str]:
    iteration = asked.position.iteration
    values = training.shown_at(Position(iteration, Phase.UPDATE))
    label = asked.label(notation)
    if asked.line is None:
        formula = notation.formula(asked.answer)
        put_in = notation.substituted(asked.answer, values)
        known = (answer, formula)  # a formula of numbers alone has them in it already
        first = [] if asked.is_of_both else [f"Work out {formula}."]
        return [*first, *_unless(put_in, known, f"{label} {notation.equals}")]
    line = asked.line
    sign = notation.becomes if asked.phase is Phase.UPDATE else notation.equals
    name = notation.name(line.name)
    if asked.index:
        put_in = notation.cell(line.expression, values, asked.index)
    else:
        put_in = notation.substituted(line.expression, values)
    formula = f"{name} {sign} {notation.formula(line.expression)}"
    return [
        f"It is {which_line(asked, notation)}.",
        formula,
        *_unless(put_in, (answer,), f"{label} {sign}"),
    ]


def _unless(put_in: str, known: Collection[str], begin: str) -> list[str]:
    """The formula with its numbers, unless that is said anyway."""
    return [] if put_in in known else [f"{begin} {put_in}"]


def which_line(asked: AskedNumber, notation: Notation) -> str:
    """Which formula it is, in words."""
    assert asked.line is not None
    sources = listed(map(notation.name, names(asked.line.expression)))
    name = notation.name(asked.line.name)
    match asked.phase:
        case Phase.BACKWARD:
            if not sources:
                return f"the chain rule for {name}"
            return f"the chain rule for {name}: it uses {sources}"
        case Phase.UPDATE if asked.line in descent(asked.line.name.removeprefix("next.")):
            eta = notation.name(LEARNING_RATE)
            return f"the update: the old {name}, minus {eta} times its slope"
    if not sources:
        return f"the line for {name}"
    return f"the line for {name}: it is made from {sources}"
