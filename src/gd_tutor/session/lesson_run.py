"""The run of a lesson: its experiment, steps, undo, settings, state line, layers of a backward."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gd_tutor.course.folder import Course, CourseError
from gd_tutor.course.lesson import Lesson, LessonExperiment
from gd_tutor.engine.errors import ChoiceError
from gd_tutor.engine.experiment import Option
from gd_tutor.engine.program import LEARNING_RATE
from gd_tutor.engine.starts import Point, begin_at
from gd_tutor.engine.state import Phase, Position, State, StateError, check_changes
from gd_tutor.engine.training import OutOfTurn, RunEnded, Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.sentences import happened, point_words
from gd_tutor.pictures.components import Component
from gd_tutor.session import notices
from gd_tutor.session.choices import EXPERIMENT, in_words, is_chosen, options_of
from gd_tutor.session.number_fields import neighbour, start_at

SMALLEST_RATE, LARGEST_RATE = 1e-9, 1e9


@dataclass
class Layers:
    """How many layers of a backward are `shown`, last layer first, and the most ever `seen`."""

    shown: int = 0
    seen: int = 0

    def show(self, count: int) -> None:
        """Show this many layers from now on."""
        self.shown = count
        self.seen = max(self.seen, count)


class LessonRun:
    """A run of one of a lesson's experiments; `training` is None where the lesson has only words.

    Raises StateError where a state does not fit the lesson.
    """

    notation: Notation

    def __init__(self, lesson: Lesson, course: Course, state: State) -> None:
        self.lesson = lesson
        self.course = course
        self.begin(state)

    def begin(self, state: State) -> None:
        """Begin or resume the experiment that a state names. Raises StateError."""
        choices = dict(state.choices)
        self.experiment: LessonExperiment | None = self.lesson.experiment_for(choices)
        if self.experiment is None and EXPERIMENT in choices:
            raise StateError(f"'{choices[EXPERIMENT]}' is not an experiment of {self.lesson.id}.")
        self.training = self._training(state)
        self._layers, self._layers_of = Layers(), self._round

    def _training(self, state: State) -> Training | None:
        if self.experiment is None:
            return None
        experiment = self.experiment.experiment
        check_changes(state.changes, experiment)
        try:
            return Training(experiment, state.changes, state.position, dict(state.choices))
        except ChoiceError as error:
            raise StateError(str(error)) from None
        except ValueError:
            raise StateError(
                f"The changes in the state line do not fit {self.lesson.id}."
            ) from None

    @property
    def state(self) -> State:
        """Where the learner is, on one line."""
        training = self.training
        if training is None:
            return State(self.lesson.id)
        chosen = tuple(training.choices.items())
        return State(self.lesson.id, training.position, training.changes, chosen)

    def start_of(self, experiment: str, position: Position | None = None) -> State:
        """A state in an experiment with its own settings, by default at its start."""
        first = self.lesson.experiments[0].id
        choices = () if experiment == first else ((EXPERIMENT, experiment),)
        return State(self.lesson.id, position or Position(0, Phase.START), choices=choices)

    @property
    def is_at_start(self) -> bool:
        """Whether nothing has been done."""
        return self.training is not None and not self.training.position.forwards

    @property
    def chosen(self) -> list[str]:
        """The choices that differ from the lesson's own, in a word each."""
        return in_words(self.training.choices) if self.training is not None else []

    @property
    def is_changed(self) -> bool:
        """Whether any setting or choice differs from the lesson's own."""
        training = self.training
        return training is not None and bool(
            training.changes or training.choices.keys() - {EXPERIMENT}
        )

    def do(self, action: Callable[[Training], str | None]) -> str:
        """Apply an action to the run; return its message, or why it was refused."""
        if self.training is None:
            return notices.ONLY_WORDS
        try:
            return action(self.training) or ""
        except (OutOfTurn, RunEnded) as refusal:
            return str(refusal)

    def step(self, phase: Phase) -> str:
        """Do one phase; if another phase comes first, say which."""
        return self.do(lambda training: getattr(training, str(phase))())

    def advance(self) -> str:
        """Do whichever phase is next."""
        return self.do(Training.advance)

    def run(self, updates: int) -> str:
        """Do this many more updates."""

        def go(training: Training) -> None:
            if training.has_ended:
                training.advance()  # reports that the run has ended
            training.run(updates)

        return self.do(go)

    def approach(self, target: Position, most: int) -> bool:
        """Go some iterations towards a position; True when there, or when the run ends first."""
        training = self.training
        assert training is not None
        ahead = Position(min(training.position.updates + most, target.iteration), target.phase)
        training.go_to(min(ahead, target) if training.position < target else target)
        self._layers = Layers()
        return training.position >= target or training.has_ended

    def undo(self) -> str:
        """Undo one phase, or one layer of a backward."""
        if self.layers.shown:
            self.layers.show(self.layers.shown - 1)
            return ""
        return self.do(lambda training: "" if training.undo() else notices.NOTHING_TO_UNDO)

    def redo(self) -> str:
        """Redo one phase, or one layer of a backward."""
        training, layers = self.training, self.layers
        at_end = training is not None and training.position == training.furthest
        if at_end and layers.shown < layers.seen:
            layers.show(layers.shown + 1)
            return ""
        return self.do(lambda training: "" if training.redo() else notices.NOTHING_TO_REDO)

    def reset(self) -> str:
        """Go back to the start and keep the run's settings."""

        def back(training: Training) -> str:
            training.reset()
            kept = " Press `r` again for the lesson's own settings." if self.is_changed else ""
            return f"Back at the start.{kept}"

        return self.do(back)

    # Settings

    def change_rate(self, up: bool) -> str:
        """Step the learning rate along 1, 2, 5, 10, … and keep the run."""
        rate = neighbour(self.training.learning_rate, up) if self.training is not None else 0.0
        return self.set_rate(rate)

    def set_rate(self, rate: float) -> str:
        """Set the learning rate and keep the run."""

        def change(training: Training) -> str:
            if not SMALLEST_RATE <= rate <= LARGEST_RATE:
                return notices.RATE_ENDS
            training.change(LEARNING_RATE, rate)
            said = f"{self.notation.name(LEARNING_RATE)} is {self.notation.number(rate)}"
            return f"{said} from the next update on; the run is kept."

        return self.do(change)

    def start_at(self, component: Component, value: float) -> str:
        """Restart the run with another start value."""

        def begin(training: Training) -> str:
            start_at(training, component, value)
            shown = f"{component.label(self.notation)} is {self.notation.number(value)}"
            return f"The run begins anew: {shown}."

        return self.do(begin)

    def start_from(self, point: Point) -> str:
        """Restart the run with other start values of all parameters, flattened in order."""

        def begin(training: Training) -> str:
            begin_at(training, point)
            return f"The run begins anew: {point_words(training, point, self.notation)}."

        return self.do(begin)

    def options(self, kinds: Sequence[str]) -> list[Option]:
        """The options of certain kinds, in order."""
        training = self.training
        return options_of(self.lesson, training, kinds) if training is not None else []

    def is_chosen(self, option: Option) -> bool:
        """Whether an option is in force."""
        assert self.training is not None
        return is_chosen(option, self.lesson, self.training)

    # Layers of a backward

    @property
    def _round(self) -> tuple[object, ...]:
        """The place in the run that the shown layers belong to."""
        training = self.training
        return (training.position, training, training.experiment) if training is not None else ()

    @property
    def layers(self) -> Layers:
        """The layers shown of the next backward; none after a change of place or run."""
        if self._layers_of != self._round:
            self._layers, self._layers_of = Layers(), self._round
        return self._layers

    def has_layer(self, phase: Phase) -> bool:
        """Whether an upcoming phase has another layer to show before its last."""
        training = self.training
        if training is None or phase is not Phase.BACKWARD or training.upcoming is not phase:
            return False
        layers = len(training.program.layers)
        return self.layers.shown + 1 < layers and training.divergence is None

    def show_layer(self) -> str:
        """Show one layer more."""
        self.layers.show(self.layers.shown + 1)
        return ""

    # Messages

    def comes_in(self, name: str) -> str:
        """The lesson that introduces a phase or value (`lesson 3`); empty if this one does."""
        later = self.lesson.later.get(name)
        if later is None:
            return ""
        try:
            number = self.course.find(later).number
        except CourseError:
            return later
        return f"lesson {number}" if number else later

    @property
    def happened(self) -> str:
        """What the last phase did, or how far the present backward is."""
        training = self.training
        if training is None:
            return ""
        if self.layers.shown:
            return notices.LAYERS.format(self.layers.shown, len(training.program.layers))
        later = self.comes_in(str(training.done))
        if later and not training.has_ended:
            return notices.IN_LATER_LESSON[str(training.done)].format(later)
        return happened(training, self.notation)
