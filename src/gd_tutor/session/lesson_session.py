"""A learner in a lesson: what every key does, apart from how it is shown."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from gd_tutor.course.folder import Course, CourseError
from gd_tutor.course.lesson import ChoiceQuestion, Lesson, LessonExperiment, Question
from gd_tutor.engine.errors import ChoiceError
from gd_tutor.engine.options import Option
from gd_tutor.engine.program import LEARNING_RATE
from gd_tutor.engine.starts import Point, begin_at
from gd_tutor.engine.state import MOST_ITERATIONS, Phase, Position, State, StateError, check_changes
from gd_tutor.engine.training import OutOfTurn, RunEnded, Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import on_screen
from gd_tutor.notation.sentences import happened, point_words
from gd_tutor.pictures.components import Component
from gd_tutor.pictures.view import Memory
from gd_tutor.progress.event import Event, Kind
from gd_tutor.progress.place import Bookmark, Progress
from gd_tutor.questions.answers import AnswerError
from gd_tutor.questions.items import Item, item_of
from gd_tutor.questions.open_question import LONGEST
from gd_tutor.questions.practice import Level, Practice
from gd_tutor.questions.question_page import QuestionPage
from gd_tutor.session.choices import EXPERIMENT, is_chosen, options_of
from gd_tutor.session.comparison import NO_RULE, Kept, Pictures, in_words
from gd_tutor.session.ending import Ending
from gd_tutor.session.number_field import Destination, NumberField, as_key
from gd_tutor.session.pages import ANSWERED, LEFT_OPEN, RIGHT, Pages
from gd_tutor.session.prose_rows import ProseRows
from gd_tutor.session.start_value import StartChoice, neighbour, start_at


@dataclass
class Layers:
    """So many layers are `shown`, the last one first; as many as were `seen` can be shown again."""

    shown: int = 0
    seen: int = 0

    def show(self, count: int) -> None:
        """Show so many from now on."""
        self.shown = count
        self.seen = max(self.seen, count)


ONLY_WORDS = "This page only has words: there is nothing to compute here."
PREDICTING = (
    "Before each phase you are asked for a number; `enter` answers, the phase's key skips. "
    "`p` again stops the questions."
)
LAYERS = "Backward is through {0} of {1} layers, the last one first; `b` goes on."
FIRST_THE_QUESTION = "First the question about {0}, which is open: answer it, or `escape` skips it."
SKIPPED = "The question was skipped: `,` and then `{0}` ask it again."
NO_RULE_HERE = "No answer so far has shown a rule that can be run: `x` does nothing here."
NO_HINT = "Hints belong to a question: `p` asks one before each phase."
INVITATION = " Or `p` first: predict before you press."
_LATER = {
    Phase.FORWARD: "Forward found the loss, as {0} explains; it changed no parameter.",
    Phase.BACKWARD: "Backward changed no parameter: it found the way to go, as {0} explains.",
    Phase.UPDATE: "Update moved the parameters that way, as {0} explains.",
}
SMALLEST_RATE, LARGEST_RATE = 1e-9, 1e9


class Session:
    """One lesson under way: its run, its pictures, its prose, and one sentence about the last key.

    Raises StateError where a state does not fit the lesson.
    """

    def __init__(
        self,
        lesson: Lesson,
        course: Course,
        state: State | None = None,
        ascii: bool = False,
        page: int = 0,
        right_before: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """`right_before` tells which of its items were answered right at some time, if asked."""
        self.lesson = lesson
        self.course = course
        self.pages = Pages(page)
        self.ending = Ending(self)
        self._review: Callable[[Notation], QuestionPage] | None = None
        """Asks the question of an earlier lesson, where there is one."""
        self._left: dict[tuple[str, str], State] = {}
        """The runs that were left to look at what a question is about, and those at a question.

        They are known by their experiments and by the title of that question."""
        self._before = ""
        """The experiment that was left last, while the learner is in that of a question."""
        self._right_before = cache(right_before)
        self.pictures = Pictures()
        self.memory = Memory()
        """Worked lines and their texts, which stand on the screen for several steps."""
        self.field: NumberField | None = None
        """The open field, where it is not that of a question."""
        self.destination: int | None = None
        """The iteration that the learner has asked to go to."""
        self.left_over: str | None = None
        """What was typed since a right answer, which it is meant for; None after another key."""
        self.events: list[tuple[State, Event]] = []
        """What the log of progress has not taken yet, and where the learner was."""
        self.layers = Layers()
        self._begin(state or State(lesson.id), Notation(dialect=on_screen(ascii)))
        self._note("", Event(Kind.OPENED))

    def _begin(self, state: State, notation: Notation) -> None:
        """Begin or go on with the experiment that a state names."""
        self.layers = Layers()
        self.pictures.beside.ghost = None
        choices = dict(state.choices)
        self.experiment = self.lesson.experiment_for(choices)
        if self.experiment is None and EXPERIMENT in choices:
            raise StateError(f"'{choices[EXPERIMENT]}' is not an experiment of {self.lesson.id}.")
        self.training = self._training(state)
        self.practice = Practice(self.training, self.lesson, notation, self._note)
        self.write_in(notation)

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

    def write_in(self, notation: Notation) -> None:
        """Write prose, pictures, questions and sentences in a notation from now on."""
        if self.experiment is not None and self.training is not None:
            notation = self.experiment.notation(notation, self.training.program)
        self.notation = self.practice.notation = notation
        self.prose = ProseRows(self.lesson, self.notation)
        questions = [self._question(*each) for each in enumerate(self.lesson.questions, 1)]
        review = [] if self._review is None else [self._review(self.notation)]
        self.pages.show(self.prose.sections, questions, review)
        if self.practice.phase is None:
            self._look()
        views = self.experiment.views if self.experiment is not None else ()
        self.pictures.show(views, self.notation)
        self._look_beside()
        self.message = self._happened()

    @property
    def state(self) -> State:
        """Where the learner is, on one line."""
        if self.training is None:
            return State(self.lesson.id)
        training = self.training
        chosen = tuple(training.choices.items())
        return State(self.lesson.id, training.position, training.changes, chosen)

    @property
    def bookmark(self) -> Bookmark:
        """Where the learner is, with the open page."""
        return Bookmark(self.state, max(self.pages.place, 0))

    @property
    def lessons(self) -> int:
        """How many concepts the course has: its lessons without the labs that follow them."""
        return self.course.concepts

    @property
    def place(self) -> int | None:
        """Which of these concepts the lesson is, from 1; None where it is none of them."""
        return self.course.position(self.lesson.id)

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

    def keep(self, progress: Progress) -> str:
        """Keep the place and what was done; a sentence for the learner where that fails."""
        return progress.save(self.bookmark) or self.record(progress)

    def come_back(self) -> None:
        """The learner is here again: say where the run stands."""
        self._look()
        self.message = self._happened()

    def leave(self, progress: Progress) -> str:
        """Leave the lesson; what is open stays unanswered."""
        self.practice.close()
        return self.record(progress)

    def record(self, progress: Progress) -> str:
        """Hand what was done to the log of progress."""
        events, self.events = self.events, []
        troubles = [progress.record(state, event) for state, event in events]
        return next(filter(None, troubles), "")

    def _note(self, lesson: str, event: Event) -> None:
        """An event for the log, under the lesson that asks, where that is another one."""
        self.events.append((State(lesson) if lesson else self.state, event))

    # Stepping

    def step(self, phase: Phase) -> None:
        """Do one phase, after its questions; out of its turn, say what comes first."""
        asked = self.practice.phase
        if self.layers.shown and phase is Phase.UPDATE:
            self._show_layers(self.layers.shown)
        elif asked not in (None, phase):
            self.message = FIRST_THE_QUESTION.format(asked)
        elif not self._asks_before(phase) and not self._shows_layer(phase):
            self._act(lambda training: getattr(training, str(phase))())
            self._say_skipped(asked)

    def advance(self) -> None:
        """Do whichever phase is next, after its questions."""
        asked = self.practice.phase
        phase = self.training.upcoming if self.training is not None else Phase.START
        if not self._asks_before(phase) and not self._shows_layer(phase):
            self._act(Training.advance)
            self._say_skipped(asked)

    def _say_skipped(self, asked: Phase | None) -> None:
        """Say that a key went past the question before a phase, if it did."""
        if asked is not None:
            self.message = f"{SKIPPED.format(str(asked)[0])} {self.message}"

    def go_on(self) -> None:
        """Do whichever phase is next, without its questions, and all its layers at once."""
        self._act(Training.advance)

    def _shows_layer(self, phase: Phase) -> bool:
        """Go back through one layer more; False where the last is left, which ends the phase.

        After a question about it, a phase is shown at once: it holds the answer.
        """
        training = self.training
        if training is None or phase is not Phase.BACKWARD or training.upcoming is not phase:
            return False
        if self.practice.phase is not None:
            return False
        layers = len(training.program.layers)
        if self.layers.shown + 1 >= layers or training.divergence is not None:
            return False
        self._leave_open()
        self._show_layers(self.layers.shown + 1)
        return True

    def _show_layers(self, count: int) -> None:
        assert self.training is not None
        self.layers.show(count)
        self.message = self._happened()

    def run(self, updates: int) -> None:
        """Go on until so many more updates are done."""

        def go(training: Training) -> None:
            if training.has_ended:
                training.advance()  # says that the run has ended
            training.run(updates)

        self._act(go)

    def approach(self, target: Position, most: int = 200) -> bool:
        """Some iterations nearer to a position; True when there, or where the run ends before."""
        training = self.training
        if training is None:
            self.message = ONLY_WORDS
            return True
        self._leave_open()
        ahead = Position(min(training.position.updates + most, target.iteration), target.phase)
        self.layers = Layers()
        training.go_to(min(ahead, target) if training.position < target else target)
        if training.position < target and not training.has_ended:
            return False
        self._look_beside()
        self.message = self._happened()
        return True

    def stopped(self) -> None:
        """Something that ran by itself was stopped: say where."""
        self._look_beside()
        self.message = f"Stopped. {self._happened()}"

    def undo(self) -> None:
        if self.layers.shown:
            self._show_layers(self.layers.shown - 1)
            return

        def back(training: Training) -> str:
            return "" if training.undo() else "This is the very start: there is nothing to undo."

        self._act(back)

    def redo(self) -> None:
        layers, training = self.layers, self.training
        at_end = training is not None and training.position == training.furthest
        if at_end and layers.shown < layers.seen:
            self._show_layers(layers.shown + 1)
            return

        def again(training: Training) -> str:
            return (
                "" if training.redo() else "There is nothing to redo: go on with `f`, `b` or `u`."
            )

        self._act(again)

    def reset(self) -> None:
        """Back to the start; at the start, back to the lesson's own settings."""
        training = self.training
        if training is None or training.position.forwards or not self._is_changed(training):
            self._act(self._reset)
            return
        self._leave_open()
        experiment = {k: v for k, v in training.choices.items() if k == EXPERIMENT}
        self._begin_anew(experiment)
        self.message = "Back at the start, with the lesson's own settings."

    def _reset(self, training: Training) -> str:
        self.practice.guesses = ()
        self.pictures.beside.ghost = None
        training.reset()
        changed = self._is_changed(training)
        kept = " Press `r` again for the lesson's own settings." if changed else ""
        return f"Back at the start.{kept}"

    def _is_changed(self, training: Training) -> bool:
        """Whether there are settings or choices that are not the lesson's own."""
        return bool(training.changes or training.choices.keys() - {EXPERIMENT})

    # Questions

    def _asks_before(self, phase: Phase) -> bool:
        """Open the questions before a phase; pressed again, the phase's key leaves them."""
        training = self.training
        if self.practice.phase is not None or training is None or self.layers.shown:
            return False
        if training.divergence is not None or training.upcoming is not phase:
            return False
        return self.practice.before(phase)

    def ask_again(self, review: Callable[[Notation], QuestionPage] | None) -> None:
        """Begin with a question of an earlier lesson, on a page before the first."""
        self._review = review
        if review is not None:
            self.pages.begin_with(review(self.notation))
            self._look()

    @property
    def asks_again(self) -> bool:
        """Whether the open question is one of an earlier lesson."""
        asking = self.practice.asking
        return self.field is None and asking is not None and bool(asking.item.lesson_id)

    def _question(self, number: int, asked: Question) -> QuestionPage:
        """A question of this lesson, on a page of its own."""
        title = f"Question {number} of {len(self.lesson.questions)}"
        run = self.prose.run
        return QuestionPage(
            title,
            lambda: item_of(asked, run(asked.experiment), self.lesson, self.notation),
            asked.experiment,
            0 if isinstance(asked, ChoiceQuestion) else asked.at,
        )

    def turn(self, pages: int) -> bool:
        """Some pages of the text on, or back where negative; False where there is none."""
        turned = self.pages.turn(pages)
        if turned:
            self.ending.place = 0
            self.left_over = None
            self._look()
            # What was said of the page before is said of no other.
            open = self.field
            self.message = open.sentence(self.notation) if open is not None else self._happened()
        return turned

    def _look(self) -> None:
        """A question on the open page is open until it is answered."""
        self.practice.look_at(self.pages.here)

    @property
    def is_answered(self) -> bool:
        """Whether the open page is a question that is answered."""
        page = self.pages.here
        return isinstance(page, QuestionPage) and page.item.key in self.practice.done

    @property
    def is_left_open(self) -> bool:
        """Whether the open page is a question that was left without its answer."""
        page = self.pages.here
        return (
            isinstance(page, QuestionPage)
            and self.practice.asking is None
            and not (self.is_answered)
        )

    def ask_on(self) -> None:
        """Come back to the question of the page, which was left."""
        self._look()
        self.message = self._happened()

    def is_right(self, page: QuestionPage) -> bool:
        """Whether a question was answered rightly, now or at some time before."""
        return page.item.key in self.practice.done or page.item.id in self._right_before()

    @property
    def about(self) -> str:
        """Where the open page is about another experiment than the present one, which that is."""
        experiment, to = self.lesson.experiment_of(self.pages.here.experiment), self.elsewhere
        if to is not None and to is not experiment:
            return f"`e` goes back to {to.title or 'the first experiment'}."
        if experiment is None or experiment is self.experiment:
            return ""
        if to is not None:
            return f"`e` goes to what this is about: {to.title or 'the first experiment'}."
        return f"About another experiment (`e`): {experiment.title}."

    @property
    def elsewhere(self) -> LessonExperiment | None:
        """The experiment that the question on the page is about; in it, the one before, if any."""
        page = self.pages.here
        if not isinstance(page, QuestionPage) or not page.experiment:
            return None
        about = self.lesson.experiment_of(page.experiment)
        return self.lesson.experiment_of(self._before) if about is self.experiment else about

    def go_elsewhere(self) -> None:
        """Go to the experiment of the question on the page, or back to the run before it."""
        to, page, here = self.elsewhere, self.pages.here, self.experiment
        assert to is not None
        assert here is not None
        self._leave_open()
        goes = isinstance(page, QuestionPage) and to.id == page.experiment
        self._left[here.id, "" if goes else page.title] = self.state
        self._before = here.id if goes else ""
        state = self._left.pop((to.id, page.title if goes else ""), None)
        if state is None:
            position = Position(0, Phase.START)
            if isinstance(page, QuestionPage) and goes:
                position = page.item.ready
            state = State(self.lesson.id, position, choices=self._choices_of(to.id))
        self._begin_again(state)
        self.message = f"Experiment: {to.title or 'the first'}. {self._happened()}"

    def toggle_predicting(self) -> None:
        """Ask before each phase from now on, or no more."""
        practice = self.practice
        if self.training is None:
            self.message = ONLY_WORDS
            return
        practice.close()
        practice.predicting = not practice.predicting
        self.message = PREDICTING if practice.predicting else "No more questions before a phase."

    def next_level(self) -> None:
        """Leave less of the arithmetic filled in; after the last level all again."""
        if self.training is None:
            self.message = ONLY_WORDS
            return
        self.practice.close()
        self.practice.level = Level((self.practice.level + 1) % len(Level))
        self.message = self.practice.level.said

    def answer(self) -> None:
        """Submit what was typed; where it is right, go on to what it was about."""
        practice = self.practice
        if practice.asking is None:
            return
        item, phase = practice.asking.item, practice.phase
        if practice.submit():
            self._answered(item, phase)
            self.left_over = ""

    def answer_with(self, typed: str) -> None:
        """Answer with a whole line, where nothing skips the question."""
        asking = self.practice.asking
        if asking is None or not typed.strip():
            self.skip()
            return
        asking.typed = typed[:LONGEST]
        self.answer()

    def skip(self) -> None:
        """Leave the open question; the phase shows the answer."""
        phase = self.practice.phase
        if self.practice.asking is not None and self.practice.skip():
            self._answered(None, phase)

    def leave_answer(self) -> None:
        """What was typed since the last right answer is forgotten; another number would be, too."""
        self.left_over = ""
        self.message = RIGHT if isinstance(self.pages.here, QuestionPage) else self._happened()

    def _answered(self, item: Item | None, phase: Phase | None) -> None:
        """All questions are done, the last one rightly or not: do the phase they were about."""
        if phase is None:
            self.message = RIGHT if item is not None else LEFT_OPEN
            if item is None and self.pages.place < 0:
                self.turn(1)  # nobody has to look at a question that was not asked for
            return
        self._act(Training.advance)
        if item is not None:
            self.message = f"Right: {item.truth}. {self.message}"

    def refuse(self, key: str) -> None:
        """Say that a key is none, where the learner looks."""
        asking = self.practice.asking
        if not key.isascii():  # as an input method composes it
            sentence = "Only plain letters, digits and signs are keys; `?` shows all of them."
        elif self.field is not None:
            sentence = f"{self.field.sentence(self.notation)} {self.field.refusal(key)}"
        elif asking is not None:
            sentence = f"{as_key(key)} is no key here."
        elif key in ("9", "0"):
            sentence = f"Lesson {key} opens in the map: press `m`, then `{key}` and `enter`."
        else:
            sentence = f"{as_key(key)} is no key here; `?` shows all keys."
        if asking is not None:
            asking.refused = sentence
        else:
            self.message = sentence

    def hint(self) -> None:
        """A step towards the answer."""
        if self.practice.asking is None:
            self.message = ANSWERED if self.is_answered else NO_HINT
        else:
            self.practice.hint()

    def run_rule(self) -> None:
        """Run the learner's wrong rule beside the right one, or end that."""
        beside, asking, rule = self.pictures.beside, self.practice.asking, self.practice.rule
        if asking is not None and asking.rule is None:
            asking.say(NO_RULE_HERE)
            return
        said = NO_RULE
        if self.training is not None:
            said = beside.follow(rule, self.training, self.notation)
        if rule is not None and beside.ghost is not None:
            self._note("", Event(Kind.RAN_RULE, rules=(rule.id,)))
        self._look_beside()
        if asking is None:
            self.message = said
        else:
            asking.said = (said,)

    # Settings

    def change_learning_rate(self, up: bool) -> None:
        """To the next value of 1, 2, 5, 10, …; the run is kept."""
        self._act(lambda training: self._rate(training, neighbour(training.learning_rate, up)))

    def set_learning_rate(self, rate: float) -> None:
        """Take another learning rate; the run is kept."""
        self._act(lambda training: self._rate(training, rate))

    def _rate(self, training: Training, rate: float) -> str:
        if not SMALLEST_RATE <= rate <= LARGEST_RATE:
            return "The learning rate goes no further."
        training.change(LEARNING_RATE, rate)
        return (
            f"{self.notation.name(LEARNING_RATE)} is {self.notation.number(rate)} "
            f"from the next update on; the run is kept."
        )

    def choose_start(self) -> None:
        """Begin to choose a start value."""
        if self._opens_field():
            assert self.training is not None
            self._open_field(StartChoice(self.training))

    def choose_iteration(self) -> None:
        """Begin to say which iteration to go to."""
        if self._opens_field():
            self._open_field(Destination(MOST_ITERATIONS))

    def _opens_field(self) -> bool:
        if self.training is None:
            self.message = ONLY_WORDS
        return self.training is not None

    def _open_field(self, field: NumberField) -> None:
        self._leave_open()
        self.field = field
        self.message = field.sentence(self.notation)

    def move_field(self, right: int, down: int) -> bool:
        """An arrow key in the open field; False where it means nothing there."""
        assert self.field is not None
        moved = self.field.move(right, down)
        if moved:
            self.layers = Layers()
            self._look_beside()
            self.message = self.field.sentence(self.notation)
        return moved

    def type_number(self, typed: str) -> None:
        """What is typed so far of the number in the open field."""
        assert self.field is not None
        self.field.typed = typed
        self.message = self.field.sentence(self.notation)

    def take_field(self) -> None:
        """Take the number that was typed, if one was, and close the field."""
        field = self.field
        if isinstance(field, Destination):
            self.leave_field()
            self.destination = field.number() if field.typed else None
        elif isinstance(field, StartChoice):
            self.layers = Layers()
            try:
                field.take()
                self._look_beside()
            except AnswerError as error:
                self.message = str(error)
            else:
                self.leave_field()

    def leave_field(self) -> None:
        """Close the field without what is typed in it."""
        begun = "The run begins at the start you chose. "
        said = begun if isinstance(self.field, StartChoice) else ""
        self.field = None
        self.message = said + self._happened()

    def start_at(self, component: Component, value: float) -> None:
        """Begin the run anew with another start value."""

        def begin(training: Training) -> str:
            start_at(training, component, value)
            shown = f"{component.label(self.notation)} is {self.notation.number(value)}"
            return f"The run begins anew: {shown}."

        self._act(begin)

    def start_from(self, point: Point) -> None:
        """Begin the run anew with other start values of all parameters, given in one row."""

        def begin(training: Training) -> str:
            begin_at(training, point)
            return f"The run begins anew: {point_words(training, point, self.notation)}."

        self._act(begin)

    @property
    def chosen(self) -> list[str]:
        """What was chosen for this run instead of the lesson's own, in a word each."""
        return in_words(self.training.choices) if self.training is not None else []

    def options(self, kinds: Sequence[str]) -> list[Option]:
        """What can be chosen of some kinds, in their order."""
        training = self.training
        return options_of(self.lesson, training, kinds) if training is not None else []

    def is_chosen(self, option: Option) -> bool:
        """Whether an option is in force."""
        assert self.training is not None
        return is_chosen(option, self.lesson, self.training)

    def choose(self, option: Option) -> None:
        """Make a choice for the whole run, which is worked anew up to the same place."""
        assert self.training is not None
        self._leave_open()
        self.layers = Layers()
        if option.kind == EXPERIMENT:
            self._change_experiment(option)
            return
        # They belong to the program before.
        self.pictures.beside.ghost = None
        self.practice.forget_rule()
        self.training.choose(option.kind, option.value)
        self.write_in(self.notation)
        self.message = f"{option.title[0].upper()}{option.title[1:]}: {option.says}"

    def _change_experiment(self, option: Option) -> None:
        """Begin another experiment of the lesson; what was asked for stays."""
        self._left, self._before = {}, ""
        self._begin_anew(dict(self._choices_of(option.value)))
        self.message = f"Experiment: {option.title}. {self._happened()}"

    def _begin_anew(self, choices: Mapping[str, str]) -> None:
        """Begin a run with the lesson's own settings; what was asked for and answered stays."""
        self._begin_again(State(self.lesson.id, choices=tuple(choices.items())))

    def _choices_of(self, experiment: str) -> tuple[tuple[str, str], ...]:
        """The choices of a state that is in an experiment; the first needs none."""
        first = self.lesson.experiments[0].id
        return () if experiment == first else ((EXPERIMENT, experiment),)

    def _begin_again(self, state: State) -> None:
        """Go on from a state; what was asked for, answered and typed stays."""
        before = self.practice
        self._begin(state, self.notation)
        self.practice.predicting, self.practice.level = before.predicting, before.level
        self.practice.done, self.practice.missed = before.done, before.missed
        self._look()
        now = self.practice.asking
        if before.asking is not None and now is not None and now.item.key == before.asking.item.key:
            self.practice.asking = replace(before.asking, items=now.items, rule=None)

    # Pictures

    def keep_run(self) -> None:
        """Keep this run in the pictures, to compare the next ones with it."""
        if self.training is None:
            self.message = ONLY_WORDS
            return
        self.message = self.pictures.beside.keep(self.training, self.notation)
        self._look_beside()

    @property
    def kept(self) -> Sequence[Kept]:
        """The runs that were kept."""
        return self.pictures.beside.kept

    @property
    def compared(self) -> list[Kept]:
        """The kept runs, and the present one as it stands; nothing where nothing is computed."""
        if self.training is None:
            return []
        return self.pictures.beside.compared(self.training, self.notation)

    def forget_run(self, place: int) -> None:
        """Take a kept run out of the pictures."""
        self.pictures.beside.forget(place)
        self._look_beside()

    def _look_beside(self) -> None:
        self.pictures.look_beside(self.training)

    def next_view(self) -> None:
        """The pictures go round by one."""
        self.pictures.next()

    def toggle_log(self) -> None:
        """The loss axis linear or logarithmic."""
        self.message = self.pictures.toggle_log() or self.message

    def take_home(self, format: str, folder: Path) -> None:
        """Write the run to a file of a format."""
        if self.training is None:
            self.message = ONLY_WORDS
            return
        from gd_tutor.export.formats import take_home

        ascii = self.notation.ascii
        self.message = take_home(self.training, self.lesson, format, folder, ascii)

    # How it is done

    def _act(self, action: Callable[[Training], str | None]) -> None:
        """Do something to the run and say what happened."""
        self._leave_open()
        if self.training is None:
            self.message = ONLY_WORDS
            return
        before = self.training.position
        said: str | None
        try:
            said = action(self.training)
        except (OutOfTurn, RunEnded) as refusal:
            said = str(refusal)
        if self.training.position != before:
            self.layers = Layers()
        self.message = said or self._happened()
        self._look_beside()

    def _leave_open(self) -> None:
        """End what a key has begun and another one has not ended.

        A question on the page stays open: the run may help to answer it.
        """
        if self.practice.phase is not None:
            self.practice.close()
        self.field = None

    def _happened(self) -> str:
        if self.training is None:
            return ""
        if self.layers.shown:
            return LAYERS.format(self.layers.shown, len(self.training.program.layers))
        phase = self.training.done
        later = self.comes_in(str(phase))
        if later and not self.training.has_ended:
            return _LATER[phase].format(later)
        invites = self.lesson.invite and not self.practice.predicting
        invitation = INVITATION if invites and not self.training.position.forwards else ""
        return happened(self.training, self.notation) + invitation
