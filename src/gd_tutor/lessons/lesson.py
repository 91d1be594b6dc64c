"""A lesson as plain data: what its author wrote, read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gd_tutor.program import Expression, Place
from gd_tutor.training import Experiment


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
class Filled:
    """A value to be put in: the expression at an iteration of the lesson's own settings.

    The value has one number, or is a list of at most 12.
    """

    expression: Expression
    iteration: int
    source: str


Inline = Text | Strong | Emphasis | Code | Formula | Filled


@dataclass(frozen=True, slots=True)
class Paragraph:
    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph of a list, with its marker: '•' or '2.', indented in an inner list ('  •').

    A further paragraph of the same item has a marker of blanks.
    """

    inlines: tuple[Inline, ...]
    marker: str


@dataclass(frozen=True, slots=True)
class CodeBlock:
    lines: tuple[str, ...]


Block = Paragraph | Item | CodeBlock


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the prose."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A picture: `of` names values, `over` parameters or their components ('w', 'theta[0]')."""

    kind: str
    of: tuple[str, ...] = ()
    over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mistake:
    """What a learner who errs in a known way would answer, and what to say then.

    The error is known by the number that it gives, or by the gradient that it works with: what is
    taken for the loss's partial derivatives with respect to some values. `place` is where its rule
    stands in the file.
    """

    answer: Expression | None
    say: str
    gradient: Mapping[str, Expression] = field(default_factory=dict)
    place: Place = field(default=Place(1, 1), compare=False)


@dataclass(frozen=True, slots=True)
class Prediction:
    """A question put to the learner before a phase: forward, backward or update."""

    id: str
    phase: str
    ask: str
    answer: Expression
    mistakes: tuple[Mistake, ...]
    section: str
    hints: tuple[str, ...] = ()
    within: float | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """A whole lesson.

    `later` maps a phase or a value's name to the id of the lesson that introduces it; `symbols`
    maps names to how they are drawn. Without an experiment there are no views.
    """

    id: str
    number: int | None
    title: str
    summary: str
    path: Path
    experiment: Experiment | None
    symbols: Mapping[str, str]
    digits: int | None
    later: Mapping[str, str]
    views: tuple[View, ...]
    sections: tuple[Section, ...]
    predictions: tuple[Prediction, ...]
