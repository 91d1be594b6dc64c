"""A learner in a lesson: what every key does, apart from how it is shown."""

from collections.abc import Callable
from pathlib import Path

from gd_tutor.course.folder import Course
from gd_tutor.course.lesson import Lesson, LessonExperiment
from gd_tutor.engine.experiment import Option
from gd_tutor.engine.state import MOST_ITERATIONS, Phase, Position, State
from gd_tutor.engine.training import Training
from gd_tutor.export.formats import take_home
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import on_screen
from gd_tutor.pictures.view import Memory
from gd_tutor.progress.event import Event, Kind
from gd_tutor.progress.place import Bookmark, Progress
from gd_tutor.questions.recall import Recalled
from gd_tutor.questions.typed_numbers import LONGEST
from gd_tutor.session import notices
from gd_tutor.session.choices import EXPERIMENT
from gd_tutor.session.lesson_end import Ending
from gd_tutor.session.lesson_run import Layers, LessonRun
from gd_tutor.session.notices import ANSWERED, LEFT_OPEN, ONLY_WORDS, RIGHT
from gd_tutor.session.number_fields import Destination, NumberField, StartChoice
from gd_tutor.session.pages import Detours, Pages, QuestionPage
from gd_tutor.session.pending_events import Journal
from gd_tutor.session.session_questions import SessionQuestions
from gd_tutor.session.shown_pictures import Pictures


class Session:
    """One lesson under way: its run, its pages, its pictures, and one sentence about the last key.

    Raises StateError where a state does not fit the lesson.
    """

    def __init__(
        self,
        lesson: Lesson,
        course: Course,
        state: State | None = None,
        ascii: bool = False,
        page: int = 0,
        progress: Progress | None = None,
        recalled: Recalled | None = None,
    ) -> None:
        """A question `recalled` from an earlier lesson comes before the first page."""
        self.lesson = lesson
        self.course = course
        self.lesson_run = LessonRun(lesson, course, state or State(lesson.id))
        self.pages = Pages(lesson, page, recalled)
        self.journal = Journal(lesson.id, progress)
        self.questions = SessionQuestions(self.lesson_run, self.pages, self.journal)
        self.ending = Ending(course, self.pages, self.questions)
        self.detours = Detours(self.lesson_run, self.pages)
        self.pictures = Pictures()
        self.memory = Memory()
        """Cached worked lines and their texts, which stay on screen for several steps."""
        self.field: NumberField | None = None
        """The open number field, other than that of a question."""
        self.destination: int | None = None
        """The iteration the learner asked to go to."""
        self.left_over: str | None = None
        """Digits typed right after a right answer, as if part of it; None after any other key."""
        self.write_in(Notation(dialect=on_screen(ascii)))
        self.journal.note(self.state, Event(Kind.OPENED))

    def write_in(self, notation: Notation) -> None:
        """Use a notation for prose, pictures, questions and messages from now on."""
        if self.experiment is not None and self.training is not None:
            notation = self.experiment.notation(notation, self.training.program)
        self.notation = self.lesson_run.notation = self.questions.notation = notation
        self.pages.write_in(notation)
        if self.questions.phase is None:
            self.questions.look()
        self.pictures.show(self.experiment.views if self.experiment is not None else (), notation)
        self.tell()

    # Place

    @property
    def training(self) -> Training | None:
        """The run's training; None in a lesson of words only."""
        return self.lesson_run.training

    @property
    def experiment(self) -> LessonExperiment | None:
        return self.lesson_run.experiment

    @property
    def layers(self) -> Layers:
        """The layers shown of the present backward."""
        return self.lesson_run.layers

    @property
    def state(self) -> State:
        """The learner's place on one line."""
        return self.lesson_run.state

    @property
    def bookmark(self) -> Bookmark:
        """The learner's place with the open page."""
        return Bookmark(self.state, max(self.pages.place, 0))

    def keep(self) -> str:
        """Save place and events; return a sentence for the learner if that fails."""
        return self.journal.keep(self.bookmark)

    def leave(self) -> str:
        """Leave the lesson; an open question stays unanswered."""
        self.questions.close()
        return self.journal.write()

    # Messages

    def tell(self, said: str = "") -> None:
        """Set the message, by default what last happened, and update the pictures' other runs."""
        self.message = said or self._happened()
        self.pictures.update_other_runs(self.training)

    def _happened(self) -> str:
        run = self.lesson_run
        invites = run.is_at_start and self.lesson.invite and not self.questions.predicting
        return run.happened + (notices.INVITATION if invites and not run.layers.shown else "")

    def act(self, action: Callable[[LessonRun], str]) -> None:
        """Apply an action to the run, and show its message or what happened."""
        self._leave_open()
        self.tell(action(self.lesson_run))

    def _leave_open(self) -> None:
        """Close what was begun and not finished.

        A question on the page stays open, since the run may help to answer it.
        """
        if self.questions.phase is not None:
            self.questions.close()
        self.field = None

    def _has_numbers(self) -> bool:
        """Whether this page has numbers to compute; if not, say so."""
        if self.training is None:
            self.message = ONLY_WORDS
        return self.training is not None

    # Stepping

    def step(self, phase: Phase) -> None:
        """Do one phase after its questions; if another phase comes first, say which."""
        asked = self.questions.phase
        if self.layers.shown and phase is Phase.UPDATE:
            self.tell()
        elif asked not in (None, phase):
            self.message = notices.FIRST_THE_QUESTION.format(asked)
        elif not self._shows_before(phase):
            self.act(lambda run: run.step(phase))
            self._say_skipped(asked)

    def advance(self) -> None:
        """Do the next phase after its questions."""
        asked = self.questions.phase
        phase = self.training.upcoming if self.training is not None else Phase.START
        if not self._shows_before(phase):
            self.go_on()
            self._say_skipped(asked)

    def go_on(self) -> None:
        """Do the next phase without questions, all its layers at once."""
        self.act(LessonRun.advance)

    def _shows_before(self, phase: Phase) -> bool:
        """Show what comes before the end of a phase: its questions or a layer; False if nothing.

        After a question about it a phase is shown in full, since it holds the answer.
        """
        if self.questions.phase is not None:
            return False
        if self.questions.before(phase):
            return True
        if not self.lesson_run.has_layer(phase):
            return False
        self.act(LessonRun.show_layer)
        return True

    def _say_skipped(self, asked: Phase | None) -> None:
        """Say that the question before a phase was skipped, if it was."""
        if asked is not None:
            self.message = f"{notices.SKIPPED.format(str(asked)[0])} {self.message}"

    def run(self, updates: int) -> None:
        """Do this many more updates."""
        self.act(lambda run: run.run(updates))

    def approach(self, target: Position, most: int = 200) -> bool:
        """Go some iterations towards a position; True when there, or when the run ends first."""
        if not self._has_numbers():
            return True
        self._leave_open()
        there = self.lesson_run.approach(target, most)
        if there:
            self.tell()
        return there

    def stopped(self) -> None:
        """Say where a run that played by itself was stopped."""
        self.tell(f"Stopped. {self._happened()}")

    def undo(self) -> None:
        """Undo one phase, or one layer of a backward."""
        self.act(LessonRun.undo)

    def redo(self) -> None:
        """Redo one phase, or one layer of a backward."""
        self.act(LessonRun.redo)

    def reset(self) -> None:
        """Go back to the start; at the start, restore the lesson's own settings."""
        self._leave_open()
        run = self.lesson_run
        if run.is_at_start and run.is_changed and self.experiment is not None:
            self._begin_again(run.start_of(self.experiment.id))
            self.message = notices.OWN_SETTINGS
            return
        self.questions.guesses = ()
        self.pictures.beside.what_if = None
        self.tell(run.reset())

    def _begin_again(self, state: State) -> None:
        """Go on from a state; predictions, answers and typed text are kept."""
        before = self.questions.begin_anew()
        self.pictures.beside.what_if = None
        self.lesson_run.begin(state)
        self.write_in(self.notation)
        self.questions.take_up(before)

    # Pages and questions

    def turn(self, pages: int) -> bool:
        """Turn pages, back where negative; False where there is no such page."""
        turned = self.pages.turn(pages)
        if turned:
            self.ending.place = 0
            self.left_over = None
            self.questions.look()
            # The message belongs to the page before.
            field = self.field
            self.message = field.sentence(self.notation) if field else self._happened()
        return turned

    def ask_on(self) -> None:
        """Return to the page and its unanswered question."""
        self.questions.look()
        self.message = self._happened()

    def go_elsewhere(self) -> None:
        """Switch to the experiment of the page's question, or back to the run before it."""
        self._leave_open()
        self._begin_again(self.detours.take())
        self._say_experiment()

    def _say_experiment(self) -> None:
        assert self.experiment is not None
        self.message = f"Experiment: {self.experiment.title or 'the first'}. {self._happened()}"

    def toggle_predicting(self) -> None:
        """Turn the questions before each phase on or off."""
        if self._has_numbers():
            is_on = self.questions.toggle_predicting()
            self.message = notices.PREDICTING if is_on else notices.NOT_PREDICTING

    def next_level(self) -> None:
        """Leave more of the arithmetic blank; after the last level fill it all in again."""
        if self._has_numbers():
            self.message = self.questions.next_level().said

    def answer(self) -> None:
        """Submit the typed answer; if it is right, go on to the phase it is about."""
        open, phase = self.questions.open, self.questions.phase
        if open is not None and self.questions.answer():
            self._answered(open.question.answer.truth, phase)
            self.left_over = ""

    def answer_with(self, typed: str) -> None:
        """Answer with a whole typed line; an empty one does not skip the question."""
        open = self.questions.open
        if open is None or not typed.strip():
            self.skip()
            return
        open.typed = typed[:LONGEST]
        self.answer()

    def skip(self) -> None:
        """Skip the open question; the phase shows the answer."""
        phase = self.questions.phase
        if self.questions.open is not None and self.questions.skip():
            self._answered("", phase)

    def _answered(self, truth: str, phase: Phase | None) -> None:
        """Do the phase that the questions were about; `truth` is empty after a skip."""
        if phase is not None:
            self.go_on()
            self.message = f"Right: {truth}. {self.message}" if truth else self.message
            return
        self.message = RIGHT if truth else LEFT_OPEN
        if not truth and self.pages.place < 0:
            self.turn(1)  # an unwanted recall question need not stay in view

    def leave_answer(self) -> None:
        """Take what is typed next as left over from the right answer."""
        self.left_over = ""
        self.message = RIGHT if isinstance(self.pages.here, QuestionPage) else self._happened()

    def hint(self) -> None:
        """Give the next hint."""
        if self.questions.open is None:
            self.message = ANSWERED if self.questions.is_answered else notices.NO_HINT
        else:
            self.questions.hint()

    def run_rule(self) -> None:
        """Start or end the what-if run of the learner's wrong rule."""
        open, rule = self.questions.open, self.questions.rule
        if open is not None and rule is None:
            open.say(notices.NO_RULE_HERE)
            return
        said = self.pictures.follow(rule, self.training, self.notation)
        if rule is not None and self.pictures.beside.what_if is not None:
            self.journal.note(self.state, Event(Kind.RAN_RULE, rules=(rule.id,)))
        if open is None:
            self.message = said
        else:
            open.said = (said,)

    # Settings

    def change_learning_rate(self, up: bool) -> None:
        """Step the learning rate along 1, 2, 5, 10, … and keep the run."""
        self.act(lambda run: run.change_rate(up))

    def choose_start(self) -> None:
        """Open the field for a start value."""
        if self.training is not None:
            self._open_field(StartChoice(self.training))
        self._has_numbers()

    def choose_iteration(self) -> None:
        """Open the field for the iteration to go to."""
        if self._has_numbers():
            self._open_field(Destination(MOST_ITERATIONS))

    def _open_field(self, field: NumberField) -> None:
        self._leave_open()
        self.field = field
        self.message = field.sentence(self.notation)

    def choose(self, option: Option) -> None:
        """Choose an option for the whole run, which is recomputed up to the same place."""
        assert self.training is not None
        self._leave_open()
        if option.kind == EXPERIMENT:
            self.detours.forget()
            self._begin_again(self.lesson_run.start_of(option.value))
            self._say_experiment()
            return
        # They belong to the program before the choice.
        self.pictures.beside.what_if = None
        self.questions.forget_rule()
        self.training.choose(option.kind, option.value)
        self.write_in(self.notation)
        self.message = f"{option.title[0].upper()}{option.title[1:]}: {option.says}"

    # Pictures

    def keep_run(self) -> None:
        """Keep this run in the pictures for comparison."""
        if self.training is not None:
            self.tell(self.pictures.beside.keep(self.training, self.notation))
        self._has_numbers()

    def toggle_log(self) -> None:
        """Switch the loss axis between linear and logarithmic."""
        self.message = self.pictures.toggle_log() or self.message

    def take_home(self, format: str, folder: Path) -> None:
        """Export the run to a file."""
        if self.training is not None:
            ascii = self.notation.ascii
            self.message = take_home(self.training, self.lesson, format, folder, ascii)
        self._has_numbers()
