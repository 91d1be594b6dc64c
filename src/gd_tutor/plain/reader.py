"""The tutor as a conversation: it says a few lines and waits for a command."""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TextIO

from gd_tutor.lessons import Course, Entry, LessonError
from gd_tutor.plain import lines
from gd_tutor.plain.commands import COMMANDS, ON_SCREENS, find
from gd_tutor.session import Progress
from gd_tutor.session.session import ONLY_WORDS, Session
from gd_tutor.training import PHASES, Phase, State, loss_of
from gd_tutor.training.state import MOST_ITERATIONS
from gd_tutor.views.components import Component, component, components

PROMPT = "f, b, u, text, ? help, q quit: "
CHUNK = 5_000
"""Iterations between two looks whether a long way is done."""


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
        self.section = 0

    def enter(self, entry: Entry, state: State | None = None) -> None:
        """Go to a lesson. Raises LessonError, StateError where it cannot be opened."""
        session = Session(self.course.load(entry), self.course, state, ascii=True)
        session.write_in(lines.notation(session, self.spoken))
        self.session = session
        self.section = 0

    # The conversation

    def run_course(self) -> None:
        """Talk until the learner quits or the input ends; without a terminal print the lesson."""
        if self.source is None or not self.source.isatty():
            self.say(*lines.whole_lesson(self.session))
            return
        self.say("Type a command and then Enter; ? lists all commands.")
        if self.progress.trouble:
            self.say(self.progress.trouble)
        self.say_opening()
        while self.open:
            try:
                typed = self._ask()
            except KeyboardInterrupt:
                self.say("")
                raise
            before = self.session.state
            self.obey(typed)
            if self.session.state != before:
                trouble = self.progress.save(self.session.state)
                if trouble:
                    self.say(trouble)

    def _ask(self) -> str:
        """The next line typed; `q` where the input has ended."""
        assert self.source is not None
        self.target.write(PROMPT)
        self.target.flush()
        typed = self.source.readline()
        if not typed:
            self.say("")
            return "q"
        return typed.rstrip("\n")

    def obey(self, typed: str) -> None:
        """Do what was typed: a command, the number of a lesson, or nothing for the next page."""
        words = " ".join(typed.split()) or ("next" if typed else "text")
        word, _, rest = words.partition(" ")
        if find(words):
            word, rest = words, ""
        command = find(word)
        if command is not None:
            command.act(self, rest)
        elif word.isascii() and word.isdigit():
            self.lesson(int(word[:9]))
        elif word in ON_SCREENS:
            self.say(f"{word} belongs to the tutor that draws; here v says what is to be seen.")
        else:
            self.say(f"There is no command {word[:20]}; ? lists all commands.")

    def say(self, *sentences: str) -> None:
        for sentence in sentences:
            self.target.write(lines.readable(sentence) + "\n")

    # The run

    def _act(self, action: Callable[[], None], phases: Sequence[Phase] = ()) -> None:
        """Do something and tell the arithmetic of the phases it did: of the last, unless told."""
        training = self.session.training
        before = training.position if training else None
        action()
        if training is not None and training.position != before:
            self.say(*lines.worked(self.session, phases or (training.phase,)))
        self.say(self.session.message)

    def step(self, phase: Phase) -> None:
        self._act(lambda: self.session.step(phase))

    def advance(self) -> None:
        self._act(self.session.advance)

    def run(self, updates: int) -> None:
        self._act(lambda: self.session.run(updates), PHASES)

    def go_to(self, text: str) -> None:
        iteration = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
        if not 0 <= iteration <= MOST_ITERATIONS:
            self.say(f"Type g and an iteration from 0 to {MOST_ITERATIONS}, as in g 20.")
            return
        while not self.session.approach(loss_of(iteration), CHUNK):
            pass
        self._say_place()

    def undo(self) -> None:
        self.session.undo()
        self._say_place()

    def redo(self) -> None:
        self.session.redo()
        self._say_place()

    def reset(self) -> None:
        self.session.reset()
        self._say_place()

    def rate(self, up: bool) -> None:
        self.session.change_learning_rate(up)
        self.say(self.session.message)

    def _say_place(self) -> None:
        said = [lines.where(self.session), self.session.message]
        self.say(*dict.fromkeys(said))

    def start(self, text: str) -> None:
        """Another start value: `x 4` or `guess[0] 4`."""
        if self.session.training is None:
            self.say(ONLY_WORDS)
            return
        name, _, number = text.rpartition(" ")
        if not name:
            self.say("These are the start values; type one with another number.")
            self.say(*lines.starts(self.session))
            return
        chosen, value = self._component(name), _number(number)
        if chosen is None:
            self.say(f"{name[:20]} is no start value; s lists them.")
        elif value is None:
            self.say(f"{number[:20]} is not a number that a parameter can start from.")
        else:
            self.session.start_at(chosen, value)
            self.say(self.session.message)

    def _component(self, text: str) -> Component | None:
        """The number of a parameter that was named, if there is one."""
        assert self.session.training is not None
        try:
            wanted = component(text)
        except ValueError:
            return None
        return wanted if wanted in components(self.session.training) else None

    # What is said

    def say_opening(self) -> None:
        self.say(*lines.opening(self.session))
        self.page()

    def page(self) -> None:
        self.say(*lines.page(self.session, self.section))

    def turn(self, pages: int) -> None:
        section = self.section + pages
        if 0 <= section < len(self.session.prose.sections):
            self.section = section
            self.page()
        elif pages > 0:
            self.say("This is the last page of the lesson; ] opens the next lesson.")
        else:
            self.say("This is the first page of the lesson.")

    def worked(self) -> None:
        said = list(lines.worked(self.session))
        self.say(*said or [self.session.message or ONLY_WORDS])

    def pictures(self) -> None:
        self.say(*lines.pictures(self.session))

    def cells(self) -> None:
        self.say(*lines.cells(self.session))

    def where(self) -> None:
        self.say(*lines.opening(self.session), lines.where(self.session))

    def help(self) -> None:
        for command in COMMANDS:
            self.say(command.explained)
        self.say("1, 2, 3 and so on: the lesson of that number")
        self.say("Where a text says press, type the key and then Enter.")

    def toggle_spoken(self) -> None:
        self.spoken = not self.spoken
        self.session.write_in(lines.notation(self.session, self.spoken))
        self.say("Formulas are in words." if self.spoken else "Formulas are written.")

    def quit(self) -> None:
        self.open = False

    # Lessons

    def map(self) -> None:
        self.say(*lines.course_map(self.session))

    def neighbour(self, step: int) -> None:
        entry = self.course.neighbour(self.session.lesson.id, step)
        if entry is None:
            self.say(f"This is the {'last' if step > 0 else 'first'} lesson.")
        else:
            self._open(entry)

    def lesson(self, number: int) -> None:
        entry = self.course.numbered(number)
        if entry is None:
            self.say(f"There is no lesson {number} in this course.")
        else:
            self._open(entry)

    def _open(self, entry: Entry) -> None:
        """Open a lesson from its start; where its file is broken, say so and stay."""
        try:
            self.enter(entry)
        except LessonError as error:
            self.say(f"{entry.title} cannot be opened: {error.faults[0]}")
            return
        self.say_opening()


def _number(text: str) -> float | None:
    """A finite number that was typed, with either minus sign."""
    try:
        value = float(text.replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return None
    return value if isfinite(value) else None
