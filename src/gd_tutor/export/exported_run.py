"""The iterations of a run that are exported."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

from gd_tutor.course.lesson import Lesson, LessonExperiment
from gd_tutor.engine.compile import Values
from gd_tutor.engine.program import Program
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import on_screen


class ExportError(ValueError):
    """A run cannot be exported as asked; the message says why and what to do instead."""


@dataclass(frozen=True)
class Run:
    """The first `steps` iterations of a run; fewer than asked for if it `diverged`."""

    training: Training
    lesson: Lesson
    steps: int
    diverged: bool
    ascii: bool = False

    @classmethod
    def of(cls, training: Training, lesson: Lesson, steps: int, ascii: bool = False) -> "Run":
        """The first iterations, computed on a copy, so that the run keeps its position."""
        training = copy(training)
        most = training.last.iteration
        if steps > most:
            raise ExportError(f"A run here has room for {most:,} iterations; ask for fewer.")
        training.go_to(Position(steps - 1, Phase.UPDATE))
        diverged = training.divergence is not None
        return cls(training, lesson, training.iteration + 1 if diverged else steps, diverged, ascii)

    @property
    def part(self) -> LessonExperiment | None:
        """The lesson's experiment that is run; None if it is not one of the lesson's."""
        return self.lesson.experiment_for(self.training.choices)

    @property
    def title(self) -> str:
        """The lesson's title and, if it has several experiments, the experiment's."""
        title, part = self.lesson.title, self.part
        return f"{title}: {part.title}" if part and len(self.lesson.experiments) > 1 else title

    @property
    def notation(self) -> Notation:
        """How the lesson writes this experiment."""
        plain = Notation(shapes=self.program.shapes, dialect=on_screen(self.ascii))
        part = self.part
        return part.notation(plain, self.program) if part is not None else plain

    @property
    def program(self) -> Program:
        return self.training.program

    @property
    def values(self) -> Iterator[Values]:
        """The values of each iteration."""
        for iteration in range(self.steps):
            yield self.training.values_at(Position(iteration, Phase.UPDATE))
