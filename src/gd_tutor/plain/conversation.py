"""Plain mode as a conversation: it prints a few lines and waits for a command."""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TextIO

from gd_tutor.course.folder import Course, CourseError, Entry
from gd_tutor.course.lesson_file import LessonError
from gd_tutor.engine.learning_rates import rates_of
from gd_tutor.engine.starts import Starts, starts_of
from gd_tutor.engine.state import MOST_ITERATIONS, PHASES, Phase, StateError, loss_of
from gd_tutor.export.formats import WHAT, here
from gd_tutor.notation.spans import written
from gd_tutor.plain import lines
from gd_tutor.progress.place import Bookmark, Progress, parse_bookmark
from gd_tutor.progress.standing import standings
from gd_tutor.questions.typed_numbers import belongs_to_answer
from gd_tutor.session import notices
from gd_tutor.session.choices import EXPERIMENTS, MENUS
from gd_tutor.session.commands import COMMANDS, Call, Command, Telling, typed
from gd_tutor.session.lesson_session import Session
from gd_tutor.session.open_lessons import Visits, begin, way_back

ANSWER = "answer, h hint, Enter skips: "
PROMPT = "f, b, u, text, ? help, q quit: "
ONLY_DRAWN = [key for command in COMMANDS if command.typed is None for key in command.keys.split()]
"""Keys of the full-screen tutor that have no meaning in plain mode."""
CHUNK = 5_000
"""Iterations between two checks for the end of a long run."""


class Reader:
    """A learner's way through the course; `enter` opens the first lesson."""

    session: Session

    def __init__(
        self,
        course: Course,
        progress: Progress,
        spoken: bool,
        source: TextIO | None,
        target: TextIO,
    ) -> None:
        self.course = course
        self.progress = progress
        self.spoken = spoken
        self.source = source
        self.target = target
        self.open = True
        self.visits = Visits(self._session)

    def enter(self, entry: Entry, bookmark: Bookmark | None = None) -> None:
        """Open a lesson. Raises LessonError, StateError where that fails."""
        self._show(self.visits.open(entry, bookmark))

    def _session(self, entry: Entry, bookmark: Bookmark | None) -> Session:
        return begin(self.course, entry, bookmark, self.progress, ascii=True)

    def _show(self, session: Session) -> None:
        session.write_in(lines.notation(self.spoken))
        self.session = session
        self.found: Starts | None = None

    # The conversation

    def run_course(self) -> None:
        """Talk until the learner quits or input ends; without a terminal, print the lesson."""
        if self.source is None or not self.source.isatty():
            self.say(*lines.whole_lesson(self.session))
            return
        self.say("Type a command and then Enter; `?` lists all commands.")
        if self.progress.trouble:
            self.say(self.progress.trouble)
        self.say_opening()
        self.session.journal.write()
        while self.open:
            try:
                typed = self._ask()
            except KeyboardInterrupt:
                self.say("")
                raise
            before = self.session.bookmark
            self.obey(typed)
            session = self.session
            moved = session.bookmark != before
            trouble = session.keep() if moved else session.journal.write()
            if trouble:
                self.say(trouble)

    def _ask(self) -> str:
        """The next typed line; `q` at the end of input."""
        assert self.source is not None
        asked = self.session.questions.open is not None
        self.target.write(ANSWER if asked else PROMPT)
        self.target.flush()
        typed = self.source.readline()
        if not typed:
            self.say("")
            return "q"
        return typed.rstrip("\n")

    def obey(self, said: str) -> None:
        """Do what was typed: an answer, a command, a lesson's number.

        An empty line skips an open question, or else turns the page.
        """
        if self.session.questions.open is not None and self._is_answer(said):
            if self.session.questions.phase is None and not said.strip():
                self.turn(1)
            else:
                self._act(lambda session: session.answer_with(said))
            return
        if not said and self.session.questions.is_left_open:
            self.session.ask_on()
            self.again()
            return
        words = " ".join(said.split()) or ("next" if said else "text")
        word, _, rest = words.partition(" ")
        in_words = typed(words)
        if command := in_words or typed(word):
            self.session.left_over = None
            self._do(command, "" if in_words else rest)
        elif word.isascii() and word.isdigit() and self.session.questions.is_answered:
            self.say(notices.ANSWERED)
        elif word.isascii() and word.isdigit() and self.session.left_over is None:
            self.lesson(int(word[:9]))
        elif word.isascii() and word.isdigit():
            self.session.left_over = None
            self.say("The question is answered already; a number opens a lesson from now on.")
        elif ":" in words:
            self.open_line(words)
        elif word in ONLY_DRAWN:
            self.say(f"{word} belongs to the tutor that draws; here `v` says what is to be seen.")
        else:
            self.say(f"There is no command {word[:20]}; `?` lists all commands.")

    def _is_answer(self, said: str) -> bool:
        """Whether a line answers the open question: a number, or no command's name."""
        if belongs_to_answer(said) and said not in ("e", "E"):  # a lone e is no number
            return True
        return typed(" ".join(said.split())) is None and not said.startswith("explain ")

    def say(self, *sentences: str) -> None:
        for sentence in sentences:
            self.target.write(lines.readable(written(sentence)) + "\n")

    # The run

    def _do(self, command: Command, rest: str) -> None:
        """Run a command; `rest` is the text after its word."""
        how = command.typed
        assert how is not None
        does = how.does or command.does
        if isinstance(does, Call):
            getattr(self, does.name)(*does.arguments, *([rest] if how.has_argument else []))
        elif how.tells is Telling.PLACE:
            does(self.session)
            self._say_place()
        else:
            self._act(does, PHASES if how.tells is Telling.ROUND else ())

    def _act(self, action: Callable[[Session], None], phases: Sequence[Phase] = ()) -> None:
        """Run an action and print the arithmetic of its phases, by default of the last one."""
        training = self.session.training
        before = training.position if training else None
        layers, said = self.session.layers.shown, self.session.message
        self.session.message = ""
        action(self.session)
        if training is not None and training.position != before:
            self.say(*lines.worked(self.session, phases or (training.done,), layers))
        self.say(*lines.worked_layers(self.session, layers))
        asked = list(lines.question(self.session))
        if asked and self.session.message:  # it would be lost among the lines of the question
            self.say(self.session.message)
        self.session.message = self.session.message or said
        self.say(*asked or lines.answered(self.session))

    def go_to(self, text: str) -> None:
        iteration = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
        if not 0 <= iteration <= MOST_ITERATIONS:
            self.say(f"Type g and an iteration from 0 to {MOST_ITERATIONS}, as in g 20.")
            return
        while not self.session.approach(loss_of(iteration), CHUNK):
            pass
        self._say_place()

    def explain(self, text: str) -> None:
        """Explain a number: `grad.x`, `E[0]`."""
        self.say(*lines.explained(self.session, text))

    # Choices, and runs to compare

    def choose(self, menu: str, text: str) -> None:
        """Choose an option by its name, or list the options.

        On a question about another experiment, switch to it, or back.
        """
        kinds = MENUS[menu].kinds
        if kinds == EXPERIMENTS and not text and self.session.detours.elsewhere is not None:
            self._act(lambda _: self._go_elsewhere())
            return
        options = self.session.lesson_run.options(kinds)
        wanted = [
            option
            for number, option in enumerate(options, 1)
            if text.casefold() in (str(number), option.value.casefold(), option.title.casefold())
        ]
        if self.session.training is None:
            self.say(notices.ONLY_WORDS)
        elif not options:
            self.say("There is nothing to choose.")
        elif not text:
            self.say(*lines.options(self.session, options))
        elif not wanted:
            self.say(f"There is no choice {text[:20]}; the same command alone lists them.")
        else:
            self._act(lambda session: session.choose(wanted[0]))

    def _go_elsewhere(self) -> None:
        """Go where a question leads, and print the arithmetic done there."""
        self.session.go_elsewhere()
        self.say(*lines.worked(self.session))

    def compare(self) -> None:
        self.say(*lines.compared(self.session))

    # Many runs at once

    def rates(self, text: str) -> None:
        """List where each learning rate leads, or take one."""
        training, rate = self.session.training, _number(text)
        if training is None:
            self.say(notices.ONLY_WORDS)
        elif not text:
            self.say(*lines.rates_found(self.session, rates_of(training)))
        elif rate is None or rate <= 0:
            self.say(f"{text[:20]} is no learning rate: that is a number, and more than 0.")
        else:
            self.session.act(lambda run: run.set_rate(rate))
            self.say(self.session.message)

    def starts(self, text: str) -> None:
        """List where other starts lead, or take the one with this number."""
        training = self.session.training
        if training is None:
            self.say(notices.ONLY_WORDS)
        elif not text:
            self.found = starts_of(training)
            self.say(*lines.starts_found(self.session, self.found))
        elif self.found is None or _place(text) not in range(len(self.found.tried)):
            self.say(f"There is no start {text[:20]}; starts alone lists them.")
        else:
            start = self.found.tried[_place(text)].begin
            self.session.act(lambda run: run.start_from(start))
            self.say(self.session.message)

    def export(self, format: str) -> None:
        """Export the run, or list the formats."""
        if format in WHAT:
            self.session.take_home(format, here())
            self.say(self.session.message)
        else:
            self.say(*(f"E {each}: {what}" for each, what in WHAT.items()))

    def _say_place(self) -> None:
        said = [lines.where(self.session), self.session.message]
        self.say(*dict.fromkeys(said))

    def start(self, text: str) -> None:
        """Set a start value: `x 4` or `guess[0] 4`."""
        if self.session.training is None:
            self.say(notices.ONLY_WORDS)
            return
        name, _, number = text.rpartition(" ")
        if not name:
            self.say("These are the start values; type one with another number.")
            self.say(*lines.starts(self.session))
            return
        chosen, value = lines.named(self.session, name), _number(number)
        if chosen is None:
            self.say(f"{name[:20]} is no start value; s lists them.")
        elif value is None:
            self.say(f"{number[:20]} is not a number that a parameter can start from.")
        else:
            self.session.act(lambda run: run.start_at(chosen, value))
            self.say(self.session.message)

    # Messages

    def say_opening(self) -> None:
        self.say(*lines.opening(self.session))
        self.again()

    def again(self) -> None:
        """Print the open page again."""
        self.say(*lines.page(self.session))

    def turn(self, pages: int) -> None:
        """Turn pages; after the last one comes the next lesson."""
        if pages > 0 and self.session.pages.at_end:
            entry = self.session.ending.chosen.entry
            self._open(entry) if entry is not None else self.map()
        elif self.session.turn(pages):
            self.again()
        else:
            self.say(notices.FIRST_PAGE)

    def worked(self) -> None:
        said = [*lines.worked(self.session), *lines.worked_layers(self.session)]
        self.say(*said or [self.session.message or notices.ONLY_WORDS])

    def pictures(self) -> None:
        self.say(*lines.pictures(self.session))

    def cells(self) -> None:
        self.say(*lines.cells(self.session))

    def where(self) -> None:
        self.say(*lines.opening(self.session), lines.where(self.session))

    def help(self) -> None:
        self.say(*lines.help(), f"Back to this place: {self.way_back}")

    @property
    def way_back(self) -> str:
        """The command line that opens this place again."""
        plain = " --plain" if self.spoken else ""
        return f"{way_back(self.course, self.session.bookmark)}{plain}"

    def toggle_spoken(self) -> None:
        self.spoken = not self.spoken
        self.session.write_in(lines.notation(self.spoken))
        self.say("Formulas are in words." if self.spoken else "Formulas are written.")

    def quit(self) -> None:
        self.say(f"Back to this place: {self.way_back}")
        self.session.leave()
        self.open = False

    # Lessons

    def map(self) -> None:
        states = standings(self.course, self.progress.events())
        self.say(*lines.course_map(self.session, states))

    def neighbour(self, step: int) -> None:
        entry = self.course.neighbour(self.session.lesson.id, step)
        if entry is None:
            self.say(notices.LAST_LESSON if step > 0 else notices.FIRST_LESSON)
        else:
            self._open(entry)

    def lesson(self, number: int) -> None:
        entry = self.course.numbered(number)
        if entry is None:
            self.say(notices.NO_LESSON.format(number))
        else:
            self._open(entry)

    def open_line(self, text: str) -> None:
        """Open the place of a state line, alone or in its command line."""
        line = text.removeprefix("gd-tutor ").partition(" --")[0].strip("'\"")
        try:
            bookmark = parse_bookmark(line)
            entry = self.course.find(bookmark.state.lesson)
        except (StateError, CourseError) as error:
            self.say(str(error))
            return
        self._open(entry, bookmark)

    def _open(self, entry: Entry, bookmark: Bookmark | None = None) -> None:
        """Open a lesson at a bookmark or where it was left; if that fails, say so and stay."""
        before, visits = self.session, self.visits
        try:
            self._show(visits.open(entry, bookmark) if bookmark else visits.again(entry))
        except LessonError as error:
            self.say(notices.CANNOT_BE_OPENED.format(entry.title, error.faults[0]))
            return
        except StateError as error:
            self.say(str(error))
            return
        before.leave()
        self.say_opening()


def _number(text: str) -> float | None:
    """The finite number typed, with either minus sign; None for other texts."""
    try:
        value = float(text.replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return None
    return value if isfinite(value) else None


def _place(text: str) -> int:
    """The index of a place counted from 1; -1 where the text is no such number."""
    return int(text) - 1 if text.isascii() and text.isdecimal() and len(text) < 9 else -1
