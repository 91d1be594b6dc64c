"""The tutor for tests: lessons as sessions, the application, the program in a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from textual.pilot import Pilot

from gd_tutor.course.folder import Course, course_directory
from gd_tutor.course.lesson import Lesson
from gd_tutor.engine.experiment import Experiment, tensor_of
from gd_tutor.engine.expression import Tensor
from gd_tutor.engine.state import Phase, Position, parse_state
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import on_screen
from gd_tutor.progress.place import Bookmark, Progress
from gd_tutor.session.lesson_session import Session
from gd_tutor.terminal.display_mode import Drawing
from gd_tutor.tui.app import TutorApp
from gd_tutor.tui.lesson_screen import LessonScreen
from gd_tutor.tui.panes import Pane
from gd_tutor.tui.row_widget import Sheet


class WellRead(Course):
    """A course whose lessons are read once: they do not change while tests run."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.load = cache(self.load)  # type: ignore[method-assign]


COURSE = WellRead(course_directory())
LESSONS = [entry.id for entry in COURSE.entries if entry.number]
SOME = ["derivative", "partial-derivative", "gradient-matrix", "batches", "layers"]
"""Lessons of every kind: scalars, several parameters, matrices, batches, a network."""
FEW = ["gradient-matrix", "batches"]
"""Of these the two that most can go wrong in."""
CONCEPTS = [*LESSONS[:8], "layers"]
"""The course proper, and a lab."""
TIMES = int(os.environ.get("GD_TUTOR_TRIALS", "1"))
"""What slow tests try at random they try so many times as often: `GD_TUTOR_TRIALS=4`."""


def lessons(usual: Sequence[str]) -> list[ParameterSet]:
    """Every lesson, as the parameters of a test; those that are not usual only with `-m slow`."""
    slow = pytest.mark.slow
    return [pytest.param(name, marks=() if name in usual else slow) for name in LESSONS]


def slow(*values: object) -> ParameterSet:
    """A case only for `-m slow`."""
    return pytest.param(*values, marks=pytest.mark.slow)


def one_in(step: int, cases: Iterable[tuple[object, ...]]) -> list[ParameterSet]:
    """The first case and each so many after it; those between only with `-m slow`."""
    return [
        slow(*case) if number % step else pytest.param(*case) for number, case in enumerate(cases)
    ]


def lesson(name: str) -> Lesson:
    """A lesson that comes with the tutor."""
    return COURSE.load(COURSE.find(name))


def session(name: str, state: str | None = None, ascii: bool = False) -> Session:
    """A learner in a lesson, at its start or where a state line says."""
    return Session(lesson(name), COURSE, parse_state(state) if state else None, ascii)


def training_of(session: Session) -> Training:
    assert session.training is not None
    return session.training


def experiment(
    forward: str,
    parameters: Mapping[str, object],
    data: Mapping[str, object] | None = None,
    learning_rate: float = 0.1,
) -> Experiment:
    """An experiment of numbers and lists of numbers."""

    def tensors(values: Mapping[str, object]) -> dict[str, Tensor]:
        return {name: tensor_of(value) for name, value in values.items()}

    return Experiment(forward, tensors(parameters), learning_rate, tensors(data or {}))


def notation_for(training: Training, ascii: bool = False) -> Notation:
    return Notation(shapes=training.program.shapes, dialect=on_screen(ascii))


def position(updates: int, phase: str = "update") -> Position:
    return Position(updates, Phase[phase.upper()])


# The application


def app(
    folder: Path, name: str = "derivative", state: str | None = None, ascii: bool = False
) -> TutorApp:
    """The tutor on a lesson; the learner's place is kept in the folder."""
    return app_of(COURSE, folder, name, Bookmark(parse_state(state)) if state else None, ascii)


def app_of(
    course: Course, folder: Path, name: str, bookmark: Bookmark | None = None, ascii: bool = False
) -> TutorApp:
    return TutorApp(course, course.find(name), Progress(folder), bookmark, Drawing(ascii))


async def settle(pilot: Pilot[None], times: int = 1) -> None:
    """Let everything be drawn that waits to be."""
    for _ in range(times):
        await pilot.pause()


def lesson_screen(app: TutorApp) -> LessonScreen:
    return app.lesson_screen


def shown_panes(app: TutorApp) -> list[Pane]:
    """The panes on the screen, in the order that `tab` goes through them."""
    return [pane for pane in app.lesson_screen.columns.panes if is_shown(pane)]


def is_shown(sheet: Sheet) -> bool:
    """Whether neither the widget nor what holds it is hidden."""
    return all(widget.display for widget in (sheet, *sheet.ancestors) if hasattr(widget, "display"))


def screen_rows(app: TutorApp) -> list[str]:
    """The screen as it is drawn, row by row, as wide as it is."""
    width, height = app.size
    del width
    strips = app.screen._compositor.render_strips()
    assert len(strips) == height
    return [strip.text for strip in strips]


def screen_text(app: TutorApp) -> str:
    return "\n".join(row.rstrip() for row in screen_rows(app))


# The program


QUICK = {"GD_TUTOR_ESCDELAY": "1"}
"""The environment in which no key waits for what may follow an escape."""


def tutor(*arguments: str) -> list[str]:
    """The command that starts the tutor."""
    return [sys.executable, "-m", "gd_tutor", *arguments]
