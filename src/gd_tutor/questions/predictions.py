"""Questions before the next phase (numbers, signs, elements, blanks), and the values given."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from gd_tutor.course.check import one_number
from gd_tutor.course.lesson import Authored, ChoiceQuestion, Lesson, NumberQuestion
from gd_tutor.course.question_blocks import Tolerance
from gd_tutor.engine.compile import Value
from gd_tutor.engine.expression import Index, Line, Shape, gradient_of, names, next_of
from gd_tutor.engine.noise import Shown
from gd_tutor.engine.program import LOSS
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import equation, wrap
from gd_tutor.notation.spans import Row
from gd_tutor.questions.asked_number import (
    AskedNumber,
    element,
    experiment_of,
    line_of,
    settled,
)
from gd_tutor.questions.author_words import held_together
from gd_tutor.questions.question import (
    ChoiceAnswer,
    Question,
    authored_choice,
    number_question,
    place_of,
)
from gd_tutor.questions.typed_numbers import MOST_DIGITS, unit

MOST_CELLS = 12
"""The number of elements of a value that can be asked for."""
MOST_FORMULAS = 4
"""The most formulas that are shown with a question; the last ones stay."""


def predictions(training: Training, lesson: Lesson, notation: Notation) -> list[Question]:
    """The questions before the next phase: the author's choices, then numbers, then choices.

    Only the author asks about what a later lesson introduces.
    """
    at = training.position.next.iteration
    found = [
        authored_choice(each, training, lesson, notation, at)
        for each in lesson.predictions
        if isinstance(each, ChoiceQuestion) and belongs(each, training, lesson)
    ]
    found += numbers(training, lesson, notation)
    if str(training.upcoming) not in lesson.later:
        found += choices(training, notation)
    return found


def first_of(questions: Sequence[Question], training: Training) -> int:
    """The index of the first question: the author's, else one about the phase's main result."""
    turn, phase = training.position.next.iteration, training.upcoming
    own = [place for place, question in enumerate(questions) if question.own]
    if own:
        return own[0]
    wanted = {
        Phase.BACKWARD: list(map(gradient_of, training.program.parameters)),
        Phase.UPDATE: list(map(next_of, training.program.parameters)),
    }.get(phase, [LOSS])
    telling = [place for place, question in enumerate(questions) if question.name in wanted]
    return telling[turn % len(telling)] if telling else 0


def blanks(
    training: Training, lesson: Lesson, notation: Notation, only_one: bool, erred: Collection[str]
) -> list[Question]:
    """One number of each line of the next phase, or of one line only with `only_one`.

    That line varies by iteration and prefers those in which the learner has `erred`.
    """
    asked = [each for each in numbers(training, lesson, notation) if not each.own]
    turn = training.position.next.iteration
    found: list[Question] = []
    for line in training.program.lines_of(training.upcoming):
        of_line = [question for question in asked if question.name == line.name]
        if of_line:
            found.append(of_line[turn % len(of_line)])
    if only_one and found:
        again = [blank for blank in found if blank.name in erred]
        return [(again or found)[turn % len(again or found)]]
    return found


# Numbers


def numbers(training: Training, lesson: Lesson, notation: Notation) -> list[Question]:
    """Every number that can be asked for before the next phase."""
    asked = asked_numbers(training, lesson)
    if str(training.upcoming) in lesson.later:
        asked = [each for each in asked if each.authored is not None]
    return [number_question(each, training, lesson, notation) for each in asked]


def asked_numbers(training: Training, lesson: Lesson | None = None) -> list[AskedNumber]:
    """The lesson's own questions before the next phase, then every number that it reveals.

    Empty where the run has diverged; numbers that are not finite are left out.
    """
    if training.divergence is not None:
        return []
    position = training.position.next
    found = [*_authored(training, position, lesson), *_revealed(training, position)]
    return [asked for asked in found if np.isfinite(asked.value)]


def belongs(asked: Authored, training: Training, lesson: Lesson) -> bool:
    """Whether a lesson asks this before the next phase of a run."""
    position = training.position.next
    return (
        asked.experiment == experiment_of(training, lesson)
        and asked.before == str(training.upcoming)
        and asked.at in (None, position.iteration)
    )


def _authored(
    training: Training, position: Position, lesson: Lesson | None
) -> Iterator[AskedNumber]:
    if lesson is None:
        return
    asked = [each for each in lesson.predictions if belongs(each, training, lesson)]
    numbers = [each for each in asked if isinstance(each, NumberQuestion)]
    if not numbers:
        return
    phase = training.upcoming
    values = training.shown_at(Position(position.iteration, Phase.UPDATE))
    for prediction in numbers:
        answer = prediction.answer
        if all(name in values for name in names(answer)):
            value = settled(one_number(answer, values), values)
            line, index = line_of(training, phase, answer)
            yield AskedNumber(position, phase, answer, value, line, index, prediction)


def _revealed(training: Training, position: Position) -> Iterator[AskedNumber]:
    values, phase = training.shown_at(position), training.upcoming
    for line in training.program.lines_of(phase):
        if line.name not in values:
            continue
        array = np.asarray(values[line.name])
        before = _value_before(training, position, line.name)
        for index in cells(array.shape):
            answer, value = element(line.name, index), float(array[index])
            if before is None or _has_visibly_changed(float(np.asarray(before)[index]), value):
                yield AskedNumber(position, phase, answer, value, line, index)


def _value_before(training: Training, position: Position, name: str) -> Value | None:
    """The value shown for a name until its phase is done; None where there is none."""
    if training.upcoming is Phase.UPDATE:
        old = training.shown_at(Position(position.iteration, Phase.START))
        return old.get(name.removeprefix("next."))
    if position.iteration == 0:
        return None
    return training.shown_at(Position(position.iteration - 1, Phase.UPDATE)).get(name)


def _has_visibly_changed(before: float, now: float) -> bool:
    """Whether a number is equal to the one before it, or visibly different.

    With a change only in digits beyond those asked for, the old number would count as right.
    """
    return before == now or abs(now - before) > unit(now, MOST_DIGITS)


def cells(shape: Shape) -> list[Index]:
    """The indices of the elements asked for; one empty index for a single number."""
    return list(islice(product(*map(range, shape)), MOST_CELLS))


# Choices

HINTS = {
    "sign": "Only the sign is asked for. Follow the signs through its line.",
    "way": "Does its line make the old value larger or smaller? Mind every minus.",
    "cell": "Compare the sizes alone, without the signs.",
}
DOWNHILL = "Did the last step lead downhill, and was it short enough to stay there?"


def choices(training: Training, notation: Notation) -> list[Question]:
    """The sign, direction and element questions that can be asked before the next phase."""
    if training.divergence is not None:
        return []
    position = training.position.next
    values = training.values_at(position)
    found: list[Question] = []
    for line in training.program.lines_of(training.upcoming):
        value = values.get(line.name)
        if value is None or not np.isfinite(value).all():
            continue
        ways = _ways(training, position, line.name, value, notation)
        found += [*ways, *_cell(line.name, value, notation)]
    return found


def _choice(
    kind: str, name: str, index: Index, ask: str, options: tuple[str, ...], right: int
) -> Question:
    """A choice made from the program: a "sign", a "way" or a "cell"."""
    id = f"{kind}:{name}{place_of(index)}"
    hint = DOWNHILL if name == LOSS else HINTS[kind]
    return Question(id, ask, ChoiceAnswer(options, right, steps=[hint]), name, own=False)


def _ways(
    training: Training, position: Position, name: str, value: Value, notation: Notation
) -> Iterator[Question]:
    """Questions for the sign of each number, or for whether it goes up or down."""
    before = _before(training, position, name)
    array = np.asarray(value)
    for index in cells(array.shape):
        label = notation.name(name) + notation.place(index)
        if before is not None:
            change = float(array[index] - np.asarray(before)[index])
            ask = f"Will {'the loss' if label == LOSS else label} go up or down?"
            options = ("up", "down", "it stays")
            yield _choice("way", name, index, ask, options, _sign(change))
        elif name != LOSS:
            ask = f"Will {label} be positive or negative?"
            options = ("positive", "negative", "0")
            yield _choice("sign", name, index, ask, options, _sign(float(array[index])))


def _before(training: Training, position: Position, name: str) -> Value | None:
    """The value of a parameter or the loss before this phase."""
    if training.upcoming is Phase.UPDATE:
        before = training.values_at(Position(position.iteration, Phase.START))
        return before.get(name.removeprefix("next."))
    if name == LOSS and position.iteration:
        return training.values_at(Position(position.iteration - 1, Phase.FORWARD))[LOSS]
    return None


def _sign(number: float) -> int:
    """The index of a number among above, below and at zero; rounding noise counts as zero."""
    if abs(number) < 1e-12:
        return 2
    return 0 if number > 0 else 1


def _cell(name: str, value: Value, notation: Notation) -> Iterator[Question]:
    """Which element has the largest absolute value, where one does."""
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
    yield _choice("cell", name, (), ask, options, int(order[-1]))


# Given values


@dataclass(frozen=True)
class Given:
    """Values by name (`x = 8`), and formulas in symbols, the one asked about last.

    A formula is its name, the sign after it, and its expression.
    """

    values: tuple[str, ...]
    formulas: tuple[tuple[str, str, str], ...]

    def rows(self, cells: int, high: int) -> list[Row]:
        """One formula per row, or all in one paragraph where these do not fit.

        Where even that is too long, only the formula asked about is kept.
        """
        values = ", ".join(held_together(value, cells - 1) for value in self.values)
        rows = wrap([("number", values)], cells) if values else []
        for name, sign, formula in self.formulas:
            rows += [(("formula", text),) for text in equation([name, formula], cells, sign)]
        if len(rows) > high:
            written = (held_together(" ".join(each), cells - 1) for each in self.formulas)
            formulas = "; ".join(written)
            rows = wrap([("number", values), ("text", "; "), ("formula", formulas)], cells)
        return rows[max(len(rows) - high, 0) :]

    def sentences(self) -> Iterator[str]:
        """The same in words, for lines of text."""
        if self.values:
            yield f"Given: {', '.join(self.values)}."
        for formula in self.formulas:
            yield f"Formula: {' '.join(formula)}"


def given(training: Training, about: Collection[str], notation: Notation) -> Given:
    """What is known before the next phase about the values a question is about.

    Where the phase computes none of them, its formulas are shown without the values asked for.
    """
    at = training.position.next
    lines = training.program.lines_of(training.upcoming)
    needed = _needed(lines, about)
    shown = (needed or lines)[-MOST_FORMULAS:]
    values, as_shown = training.values_at(at), training.shown_at(at)
    computed = {line.name for line in lines} | (set() if needed else set(about))
    leaves = dict.fromkeys(name for line in shown for name in names(line.expression))
    known = [name for name in leaves if name not in computed and name in values]
    return Given(
        tuple(
            notation.equation(notation.name(name), Shown.of(as_shown[name], values[name]))
            for name in known
        ),
        tuple(_formula(line, at.phase, notation) for line in shown),
    )


def _needed(lines: Collection[Line], about: Collection[str]) -> list[Line]:
    """The lines that these values depend on, in order."""
    wanted, found = set(about), []
    for line in reversed(tuple(lines)):
        if line.name in wanted:
            found.append(line)
            wanted |= set(names(line.expression))
    return found[::-1]


def _formula(line: Line, phase: Phase, notation: Notation) -> tuple[str, str, str]:
    replaces = phase is Phase.UPDATE and line.name.startswith(next_of(""))
    sign = notation.becomes if replaces else notation.equals
    return notation.name(line.name), sign, notation.formula(line.expression)
