"""A lesson: what its author wrote, read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from gd_tutor.engine.experiment import Change, Experiment, tensor_of
from gd_tutor.engine.expression import Expression, Place
from gd_tutor.engine.program import Program

if TYPE_CHECKING:
    from gd_tutor.engine.training import Training
    from gd_tutor.notation.formulas import Notation


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    text: str


@dataclass(frozen=True, slots=True)
class Emphasis:
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula to be drawn; `source` is what the author wrote."""

    expression: Expression
    source: str


@dataclass(frozen=True, slots=True)
class ValueSettings:
    """The settings of a value in the text that replace those of the run.

    `at_minimum`: the parameters start at the minimum of the loss.
    """

    experiment: str
    choices: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    at_minimum: bool = False
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """A computed value in the text: the expression at an iteration (by default its question's).

    The value is a number or a list of at most 12. It is of the present run unless it has its own
    settings.
    """

    expression: Expression
    iteration: int | None
    source: str
    settings: ValueSettings | None = None
    place: Place = field(default=Place(1, 1), compare=False)


Inline = Text | Strong | Emphasis | Code | Formula | Filled


class Words(str):
    """An author's text in a question: as typed, and as inlines."""

    inlines: tuple[Inline, ...]

    def __new__(cls, typed: str, inlines: Iterable[Inline]) -> Self:
        words = super().__new__(cls, typed)
        words.inlines = tuple(inlines)
        return words


@dataclass(frozen=True, slots=True)
class Paragraph:
    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class ListItem:
    """A paragraph of a list, with its marker: '•' or '2.', indented in an inner list ('  •').

    A further paragraph of the same item has a marker of blanks.
    """

    inlines: tuple[Inline, ...]
    marker: str


@dataclass(frozen=True, slots=True)
class CodeBlock:
    lines: tuple[str, ...]


Block = Paragraph | ListItem | CodeBlock


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the prose; its numbers are from an experiment ("" if none)."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    experiment: str = ""


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """A picture: `of` names values, `over` parameters or their components ('w', 'theta[0]')."""

    kind: str
    of: tuple[str, ...] = ()
    over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mistake:
    """A misconception: the answer that it gives, and what to say then.

    It is defined by its number, or by its gradient: formulas for some of the loss's partial
    derivatives. `id` is its name in the log, `place` that of its rule in the file.
    """

    id: str
    answer: Expression | None
    say: Words
    gradient: Mapping[str, Expression] = field(default_factory=dict)
    place: Place = field(default=Place(1, 1), compare=False)


@dataclass(frozen=True, slots=True)
class AnswerOption:
    """An answer to choose, and what to say when it is chosen."""

    text: Words
    say: Words
    right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseQuestion:
    """The base of all questions: the page (`section`) that asks, and the experiment asked about.

    A prediction is asked `before` a phase (forward, backward or update), at every iteration or only
    at iteration `at`; any other question is on its own page, about that iteration.
    """

    id: str
    ask: Words
    section: str
    experiment: str
    hints: tuple[Words, ...] = ()
    before: str = ""
    at: int | None = 0

    @property
    def logged(self) -> str:
        """Its name in the log of progress: `predict:next-x`, `question:why`."""
        return f"{'predict' if self.before else 'question'}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberQuestion(BaseQuestion):
    """A question whose answer is a number: the expression's value at its iteration.

    `within` is the tolerance of a typed number. `place` is the answer's place in the file.
    """

    answer: Expression
    mistakes: tuple[Mistake, ...] = ()
    within: float | None = None
    place: Place = field(default=Place(1, 1), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceQuestion(BaseQuestion):
    """A question with a few answers, one of them right, each with its reason."""

    options: tuple[AnswerOption, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindQuestion(BaseQuestion):
    """Which line is wrong? The worked lines of a phase are shown, one with a false result.

    `wrong` names that line, `by` gives the number shown as its result; all other lines are right.
    `say` explains. `place` is that of `by` in the file.
    """

    phase: str
    wrong: str
    by: Expression
    say: Words
    place: Place = field(default=Place(1, 1), compare=False)


Authored = NumberQuestion | ChoiceQuestion | FindQuestion
"""What an author asks, of every kind of answer."""


@dataclass(frozen=True, slots=True)
class LessonExperiment:
    """One experiment of a lesson, with its notation and its pictures.

    `symbols` maps names to symbols; `diverges`: its run is meant to diverge.
    """

    id: str
    title: str
    experiment: Experiment
    symbols: Mapping[str, str]
    digits: int | None
    views: tuple[ViewSpec, ...]
    diverges: bool = False

    def notation(self, like: Notation, program: Program | None = None) -> Notation:
        """Its own symbols and digits in another notation, for its program or for one made of it."""
        shapes = (program or self.experiment.program).shapes
        return replace(like, symbols=self.symbols, shapes=shapes, digits=self.digits)


@dataclass(frozen=True)
class Lesson:
    """A whole lesson.

    `later` maps a phase or a value's name to the id of the lesson that introduces it. `invite`: the
    lesson invites the learner to predict. A `lab` comes after the course's concepts.
    """

    id: str
    number: int | None
    title: str
    summary: str
    path: Path
    experiments: tuple[LessonExperiment, ...]
    later: Mapping[str, str]
    invite: bool
    lab: bool
    sections: tuple[Section, ...]
    predictions: tuple[Authored, ...]
    questions: tuple[Authored, ...]

    @property
    def experiment(self) -> Experiment | None:
        """The first experiment; None in a lesson of words."""
        return self.experiments[0].experiment if self.experiments else None

    def experiment_for(self, choices: Mapping[str, str]) -> LessonExperiment | None:
        """The experiment that a run's choices name, the first where they name none."""
        first = self.experiments[0].id if self.experiments else ""
        return self.experiment_of(choices.get("experiment", first))

    def experiment_of(self, id: str) -> LessonExperiment | None:
        """The experiment with an id, as pages and questions name it; None where there is none."""
        return next((part for part in self.experiments if part.id == id), None)

    def training_of(self, id: str, settings: ValueSettings | None = None) -> Training | None:
        """A run of an experiment with its own or other settings; None where there is none."""
        from gd_tutor.engine.training import Training

        settings = settings or ValueSettings(id)
        part = self.experiment_of(settings.experiment)
        if part is None:
            return None
        choices = dict(settings.choices)
        if part is not self.experiments[0]:
            choices["experiment"] = part.id
        run = Training(part.experiment, settings.changes, choices=choices)
        return _at_minimum(run) if settings.at_minimum else run


def _at_minimum(run: Training) -> Training:
    """A run that starts at the minimum of the loss; the same run if none is known."""
    from gd_tutor.engine.minimum import quadratic_of, unflatten
    from gd_tutor.engine.training import Training

    quadratic = quadratic_of(run)
    if quadratic is None:
        return run
    program = run.program
    point = unflatten(quadratic.point, program.parameters, program.shapes)
    start = (Change(name, tensor_of(value.tolist())) for name, value in point.items())
    return Training(run.experiment, (*run.changes, *start))
