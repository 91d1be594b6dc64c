"""A number asked for: its value, the question in words, and hints."""

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
"""Rounding noise in a 0, as a share of the largest value of the same iteration."""


@dataclass(frozen=True)
class AskedNumber:
    """A number that the next phase reveals, or that a lesson asks for before it.

    `position` is the number's place in a run, `phase` what reveals it, `answer` the formula whose
    value it is. An element of a program's line has that `line` and its `index`; `authored` is
    the question of a lesson's author.
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
        """How close a typed number must be."""
        return Tolerance(self.authored.within if self.authored else None)

    @property
    def lines(self) -> tuple[str, ...]:
        """The names of the lines that the answer uses."""
        return names(self.answer)

    def number(self, values: Values) -> float:
        """Its value in an environment."""
        if self.line is None:
            return one_number(self.answer, values)
        return float(np.asarray(values[self.line.name])[self.index])

    def label(self, notation: Notation) -> str:
        """Its name as written: `∂l/∂ŷ[1]`."""
        if self.line is None:
            return "the answer" if self.is_of_both else notation.formula(self.answer)
        return notation.name(self.line.name) + notation.place(self.index)

    @property
    def is_of_both(self) -> bool:
        """Whether it has a value before and one after the update, written alike."""
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
    """The number a question asks for, in a run of its experiment."""
    answer, position = question.answer, Position(question.at or 0, Phase.UPDATE)
    values = training.shown_at(position)
    value = settled(one_number(answer, values), values)
    for phase in training.phases:
        line, index = line_of(training, phase, answer)
        if line is not None:
            return AskedNumber(position, phase, answer, value, line, index, question)
    return AskedNumber(position, Phase.UPDATE, answer, value, authored=question)


def ready_for(asked: AskedNumber, training: Training) -> Position:
    """The position at which a run has what the answer uses, but not the answer itself.

    For a line that is before its phase. Otherwise all phases with lines that the answer uses are
    done, but no update, which would clear their values.
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
    """The line of the phase, and the index in it, that an answer names; None for other answers."""
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
    # A single number has one place in the remaining shape.
    return line, (*index, *(0 for _ in shape[len(index) :]))


def experiment_of(training: Training, lesson: Lesson) -> str:
    """The id of the lesson's experiment of a run."""
    found = lesson.experiment_for(training.choices)
    return found.id if found is not None else ""


def settled(number: float, values: Values) -> float:
    """The number, or 0 where it is only rounding noise."""
    largest = max((float(np.abs(value).max()) for value in values.values()), default=0.0)
    return 0.0 if abs(number) <= NOISE * largest else number


def element(name: str, index: Index) -> Expression:
    """The formula for one element of a value."""
    return Apply("element", (Name(name),), index=index) if index else Name(name)


# Hints


def hints(asked: AskedNumber, training: Training, notation: Notation) -> tuple[str, ...]:
    """Steps towards the number, the lesson's own hints first; only the last one gives it away."""
    answer = notation.number(asked.value)
    own = asked.authored.hints if asked.authored else ()
    # An author's hints replace the generic first one.
    steps = [*own, *_steps(asked, training, notation, answer)[bool(own) :]]
    return (*dict.fromkeys(steps), f"{asked.label(notation)} {notation.equals} {answer}")


def _steps(asked: AskedNumber, training: Training, notation: Notation, answer: str) -> list[str]:
    iteration = asked.position.iteration
    values = training.shown_at(Position(iteration, Phase.UPDATE))
    label = asked.label(notation)
    if asked.line is None:
        formula = notation.formula(asked.answer)
        put_in = notation.substituted(asked.answer, values)
        known = (answer, formula)  # a formula of constants already shows its numbers
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
    """The formula with its numbers, unless that is already known."""
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
