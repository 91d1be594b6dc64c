"""A learner in a lesson: what every key does, apart from how it is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from math import floor, log10

from gd_tutor.lessons import Course, CourseError, Lesson
from gd_tutor.notation.formulas import Notation
from gd_tutor.program import LEARNING_RATE, Tensor
from gd_tutor.session.pages import Prose
from gd_tutor.training import (
    Diverged,
    OutOfTurn,
    Phase,
    Position,
    State,
    StateError,
    Training,
)
from gd_tutor.training.minimum import quadratic_of
from gd_tutor.views import LossView, View, make_view
from gd_tutor.views.components import Component, components
from gd_tutor.worked import happened

ONLY_WORDS = "This page only has words: there is nothing to compute here."
SMALLEST_RATE, LARGEST_RATE = 1e-9, 1e9


@dataclass
class Start:
    """The start value being chosen: one parameter component at a time."""

    chosen: int = 0


class Session:
    """One lesson under way: its run, its pictures, its prose, and one sentence about the last key.

    Raises StateError where a state does not fit the lesson.
    """

    def __init__(
        self, lesson: Lesson, course: Course, state: State | None = None, ascii: bool = False
    ) -> None:
        self.lesson = lesson
        self.course = course
        shapes = lesson.experiment.program.shapes if lesson.experiment else {}
        self.training = self._training(state) if lesson.experiment else None
        self.write_in(Notation(lesson.symbols, shapes, lesson.digits, ascii))
        self.first_view = 0
        self.choosing: Start | None = None

    def write_in(self, notation: Notation) -> None:
        """Write prose, pictures and sentences in a notation from now on."""
        self.notation = notation
        self.prose = Prose(self.lesson, notation)
        self.views: list[View] = [
            make_view(view.kind, notation, view.of, view.over) for view in self.lesson.views
        ]
        self.message = self._happened()

    def _training(self, state: State | None) -> Training:
        experiment = self.lesson.experiment
        assert experiment is not None
        if state is None:
            return Training(experiment)
        for change in state.changes:
            if change.name not in experiment.settings:
                raise StateError(f"'{change.name}' is not a setting of {self.lesson.id}.")
            rate = change.value if change.name == LEARNING_RATE else 1.0
            if not isinstance(rate, float) or rate <= 0:
                raise StateError("The learning rate is a number, and more than 0.")
        try:
            return Training(experiment, state.changes, state.position)
        except ValueError:
            raise StateError(
                f"The changes in the state line do not fit {self.lesson.id}."
            ) from None

    @property
    def state(self) -> State:
        """Where the learner is, on one line."""
        if self.training is None:
            return State(self.lesson.id)
        return State(self.lesson.id, self.training.position, self.training.changes)

    @property
    def lessons(self) -> int:
        """How many numbered lessons the course has."""
        return sum(entry.number is not None for entry in self.course.entries)

    def comes_in(self, name: str) -> str:
        """The lesson that introduces a phase or a value (`lesson 3`); nothing if this one does."""
        later = self.lesson.later.get(name)
        if later is None:
            return ""
        try:
            number = self.course.find(later).number
        except CourseError:
            return later
        return f"lesson {number}" if number else later

    # Keys

    def step(self, phase: Phase) -> None:
        """Do one phase; out of its turn, say what comes first."""
        self._act(lambda training: getattr(training, str(phase))())

    def advance(self) -> None:
        """Do whichever phase is next."""
        self._act(Training.advance)

    def run(self, updates: int) -> None:
        """Go on until so many more updates are done."""

        def go(training: Training) -> None:
            if training.divergence is not None:
                training.advance()  # says that the run has ended
            training.run(updates)

        self._act(go)

    def approach(self, target: Position, most: int = 200) -> bool:
        """Some iterations nearer to a position; True when there, or where the run ends before."""
        training = self.training
        if training is None:
            self.message = ONLY_WORDS
            return True
        ahead = Position(min(training.position.updates + most, target.iteration), target.phase)
        training.go_to(min(ahead, target) if training.position < target else target)
        if training.position < target and training.divergence is None:
            return False
        self.message = self._happened()
        return True

    def stopped(self) -> None:
        """Something that ran by itself was stopped: say where."""
        self.message = f"Stopped. {self._happened()}"

    def undo(self) -> None:
        def back(training: Training) -> str:
            return "" if training.undo() else "This is the very start: there is nothing to undo."

        self._act(back)

    def redo(self) -> None:
        def again(training: Training) -> str:
            return "" if training.redo() else "There is nothing to redo: go on with f, b or u."

        self._act(again)

    def reset(self) -> None:
        """Back to the start; at the start, back to the lesson's own settings."""

        def reset(training: Training) -> str:
            if training.position.forwards or not training.changes:
                training.reset()
                kept = " Press r again for the lesson's own settings." if training.changes else ""
                return f"Back at the start.{kept}"
            training.restore()
            return "Back at the start, with the lesson's own settings."

        self._act(reset)

    def change_learning_rate(self, up: bool) -> None:
        """To the next value of 1, 2, 5, 10, …; the run is kept."""

        def change(training: Training) -> str:
            rate = neighbour(training.learning_rate, up)
            if not SMALLEST_RATE <= rate <= LARGEST_RATE:
                return "The learning rate goes no further."
            training.change(LEARNING_RATE, rate)
            return (
                f"{self.notation.name(LEARNING_RATE)} is {self.notation.number(rate)} "
                f"from the next update on; the run is kept."
            )

        self._act(change)

    def next_view(self) -> None:
        """The pictures go round by one."""
        self.first_view = (self.first_view + 1) % max(len(self.views), 1)

    def toggle_log(self) -> None:
        """The loss axis linear or logarithmic."""
        for view in self.views:
            if isinstance(view, LossView):
                view.log = not view.log
                self.message = f"The loss axis is {'logarithmic' if view.log else 'linear'}."

    def choose_start(self) -> None:
        """Begin or end the choice of a start value."""
        if self.training is None:
            self.message = ONLY_WORDS
        elif self.choosing is None:
            self.choosing = Start()
            self.message = self._start_sentence()
        else:
            self.choosing = None
            self.message = "The run begins at the start you chose. " + self._happened()

    def move_start(self, right: int, down: int) -> None:
        """Change the start value being chosen (right), or choose another component (down)."""
        assert self.training is not None
        assert self.choosing is not None
        found = components(self.training)
        self.choosing.chosen = (self.choosing.chosen + down) % len(found)
        component = found[self.choosing.chosen]
        if right:
            value = component.of(self.training.setting(component.name, 0))
            step = right * start_step(self.training, component)
            # Kept short: 0.30000000000000004 is 0.3.
            self._start(component, float(f"{value + step:.12g}"))
        self.message = self._start_sentence()

    def start_at(self, component: Component, value: float) -> None:
        """Begin the run anew with another start value."""
        self.choosing = None
        self._start(component, value)
        shown = f"{component.label(self.notation)} is {self.notation.number(value)}"
        self.message = f"The run begins anew: {shown}."

    def _start(self, component: Component, value: float) -> None:
        assert self.training is not None
        setting = self.training.setting(component.name, 0)
        self.training.change(component.name, _replaced(setting, component.index, value))

    def _start_sentence(self) -> str:
        assert self.training is not None
        assert self.choosing is not None
        found = components(self.training)
        component = found[self.choosing.chosen]
        value = self.notation.number(float(component.trail(self.training)[0]))
        left, right, up, down = "<>^v" if self.notation.ascii else "←→↑↓"
        others = f", {up}{down} choose another" if len(found) > 1 else ""
        return (
            f"Start: {component.label(self.notation)} = {value}. "
            f"{left}{right} change it{others}, s is done."
        )

    # How they are done

    def _act(self, action: Callable[[Training], str | None]) -> None:
        """Do something to the run and say what happened."""
        self.choosing = None
        if self.training is None:
            self.message = ONLY_WORDS
            return
        try:
            self.message = action(self.training) or self._happened()
        except (OutOfTurn, Diverged) as refusal:
            self.message = str(refusal)

    def _happened(self) -> str:
        return happened(self.training, self.notation) if self.training else ""


def neighbour(value: float, up: bool) -> float:
    """The next larger or smaller number of the series 1, 2, 5, 10, 20, …"""
    exponent = floor(log10(value))
    series = [
        float(f"{digit}e{power}")
        for power in range(exponent - 1, exponent + 2)
        for digit in (1, 2, 5)
    ]
    if up:
        return min(number for number in series if number > value * (1 + 1e-9))
    return max(number for number in series if number < value * (1 - 1e-9))


def start_step(training: Training, component: Component) -> float:
    """How far one key moves a start value: about a tenth of its way to the minimum."""
    setting = training.experiment.setting(component.name)
    start = component.of(setting)
    # That of the lesson's own start: a step must not change on the way.
    quadratic = quadratic_of(Training(training.experiment))
    minimum = quadratic.point[component.position(training)] if quadratic is not None else 0.0
    return neighbour(max(abs(start - minimum), 1.0) / 10 * 1.001, up=False)


def _replaced(value: Tensor, index: tuple[int, ...], number: float) -> Tensor:
    """The value with one of its numbers replaced."""
    if not isinstance(value, tuple):
        return number
    position, *rest = index
    return tuple(
        _replaced(entry, tuple(rest), number) if place == position else entry
        for place, entry in enumerate(value)
    )
