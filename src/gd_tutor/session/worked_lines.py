"""The worked lines of an iteration as shown to the learner, with blanks, guesses and notes."""

from collections.abc import Iterator
from dataclasses import dataclass

from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.layout import equation
from gd_tutor.notation.spans import Row
from gd_tutor.notation.worked import WorkedLine, worked_phase
from gd_tutor.session.lesson_session import Session
from gd_tutor.session.session_questions import Guess, Level

BLANK = "____"


@dataclass(frozen=True)
class WorkedEntry:
    """One worked line.

    `asked` marks a line of the phase being filled in, and `blank` how much of it is left out. A
    `hidden` line shows only its formula, as its numbers would give away a blank above. `above` is a
    heading, `later` the lesson that explains the line, `note` the same on the line itself.
    """

    line: WorkedLine
    newest: bool
    asked: bool = False
    blank: Level = Level.WORKED
    hidden: bool = False
    above: str = ""
    later: str = ""
    note: str = ""
    guesses: tuple[Guess, ...] = ()

    @property
    def name(self) -> str:
        return self.line.name

    @property
    def is_done(self) -> bool:
        """Whether its phase is done, so that its number is known."""
        return not self.asked

    def rows(self, session: Session, cells: int) -> list[Row]:
        """The line wrapped into rows, each indented by two cells for a mark."""
        rows: list[Row] = [(("muted", "  "), ("muted", self.above))] if self.above else []
        style = "muted" if self.later else "new" if self.newest else "text"
        for place, text in enumerate(self.text(session, cells - 2)):
            mark = "▸ " if self.newest and place == 0 else "  "
            rows.append((("new" if self.newest else "text", mark), (style, text)))
        for guess in self.guesses:
            said, style = ("right", "positive") if guess.right else ("not so", "negative")
            rows.append((("", "    "), ("text", f"you said {guess.text}: "), (style, said)))
        return rows

    def text(self, session: Session, cells: int) -> list[str]:
        """The line without what is left blank."""
        line, notation = self.line, session.notation
        if self.hidden:
            texts = equation(line.parts(notation)[:2], cells, line.relation(notation))
        elif not self.blank:
            texts = session.memory.of(
                f"{line.phase} {line.name}",
                (line, notation, cells),
                lambda: line.text(notation, cells),
            )
        else:
            one = self.blank is Level.ONE_BLANK
            kept = line.parts(notation)[: -1 if one else 2]
            sign = line.sign(notation) if one else notation.equals
            relation = line.relation(notation)
            texts = equation([*kept, BLANK], cells, relation, notation.equals, sign)
        return [*texts, f"  {self.note}"] if self.note else texts


def entries(session: Session) -> list[WorkedEntry]:
    """The lines of every finished phase of this iteration, and of the one under way."""
    training = session.training
    if training is None:
        return []
    found: list[WorkedEntry] = []
    blanks = session.questions.blanks
    at = training.position.next if blanks or session.layers.shown else training.position
    for phase in training.phases:
        done = training.after(phase, at.iteration)
        if done <= at:
            found += _of_phase(session, training, phase, done, blanks)
    return found


def _of_phase(
    session: Session, training: Training, phase: Phase, at: Position, blanks: frozenset[str]
) -> Iterator[WorkedEntry]:
    """The lines of a phase at a position."""
    coming = at > training.position
    asked = coming and bool(blanks)
    newest = coming if blanks or session.layers.shown else at == training.position
    later = _later(session, str(phase))
    above = f"{phase} {later}" if later else ""
    lines = session.memory.of(
        str(phase),
        (training.experiment, training.changes, at),
        lambda: worked_phase(training, phase, at.iteration),
    )
    if coming and not asked:
        lines = lines[: sum(map(len, training.program.layers[: session.layers.shown]))]
    below = False
    for line in lines:
        note = _later(session, line.name) if not later else ""
        is_blank = asked and line.name in blanks
        blank = session.questions.level if is_blank else Level.WORKED
        guesses = tuple(g for g in session.questions.guesses if g.is_of(at, line.name))
        hidden = below and not is_blank
        yield WorkedEntry(line, newest, asked, blank, hidden, above, later or note, note, guesses)
        below = below or is_blank
        above = ""


def _later(session: Session, name: str) -> str:
    """The later lesson that explains a phase or a value; empty if there is none."""
    number = session.lesson_run.comes_in(name)
    return f"(comes in {number})" if number else ""
