"""A lesson as lines: only printable characters, each line to be understood by itself."""

import re
from collections.abc import Iterator, Sequence

from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.spans import plain, to_ascii
from gd_tutor.notation.spoken import Spoken
from gd_tutor.program import LEARNING_RATE
from gd_tutor.session.session import Session
from gd_tutor.training import PHASES, Phase
from gd_tutor.views.components import components
from gd_tutor.worked import worked_phase

ENDLESS = 1_000_000
"""A width and a height that break no line: whoever shows the lines breaks them."""
MOST_CELLS = 60
MOST_COMPONENTS = 12

_DRAWN = re.compile("[\u2190-\u21ff\u2500-\u25ff\u27f0-\u27ff\u2800-\u28ff\u2900-\u297f]")
_ARROWS = {"→": "->", "←": "<-", "⇒": "=>", "⇐": "<="}
_FRACTION = re.compile(r"^(?P<before>.*?)(?P<line>-{3,})(?P<after>[^-]*)$")


def readable(text: str) -> str:
    """The text without what is drawn rather than written, and without control characters."""
    text = _DRAWN.sub(lambda drawn: _ARROWS.get(drawn[0]) or to_ascii(drawn[0]), text)
    return "".join(char if char.isprintable() else " " for char in text)


def notation(session: Session, spoken: bool) -> Notation:
    """How formulas are written here: in words, or as the program has them."""
    kind = Spoken if spoken else Notation
    old = session.notation
    return kind(old.symbols, old.shapes, old.digits, ascii=True)


def opening(session: Session) -> Iterator[str]:
    """What a lesson is."""
    lesson = session.lesson
    place = f" {lesson.number} of {session.lessons}" if lesson.number else ""
    yield f"Lesson{place}: {lesson.title}"
    if lesson.summary:
        yield lesson.summary


def page(session: Session, section: int) -> Iterator[str]:
    """One section of the prose, a line for each paragraph."""
    sections = session.prose.sections
    yield f"Page {section + 1} of {len(sections)}: {sections[section].title}"
    for rows in session.prose.pages(section, ENDLESS, ENDLESS):
        yield from in_one_line(plain(rows).split("\n"))


def in_one_line(lines: Sequence[str]) -> list[str]:
    """The lines with each fraction drawn on three of them written on one: `(a) / (b)`."""
    written: list[str] = []
    rest = list(lines)
    while rest:
        fraction = _FRACTION.match(rest[1]) if len(rest) > 2 else None
        above, below = (rest[0].strip(), rest[2].strip()) if fraction else ("", "")
        if fraction and above and below:
            text = f"{_part(above)} / {_part(below)}"
            rest[:3] = [f"{fraction['before']}{text}{fraction['after']}".strip()]
        written.append(rest.pop(0))
    return written


def _part(text: str) -> str:
    """One side of a fraction, in brackets where it is more than a word."""
    return text if text.isalnum() else f"({text})"


def where(session: Session) -> str:
    """How far the run has come."""
    training = session.training
    if training is None:
        return session.message
    done = "nothing is done yet" if training.phase is Phase.START else f"{training.phase} is done"
    rate = f"{session.notation.name(LEARNING_RATE)} {session.notation.equals}"
    now = f"{rate} {session.notation.number(training.learning_rate)}"
    return f"Iteration {training.iteration}: {done}; {now}."


def worked(session: Session, phases: Sequence[Phase] = PHASES) -> Iterator[str]:
    """The arithmetic of those phases that are done in this iteration."""
    training = session.training
    for phase in phases:
        if training is None or training.phase < phase:
            return
        note = _comes_in(session, str(phase))
        yield f"{str(phase).capitalize()}, iteration {training.iteration}{note}:"
        for line in worked_phase(training, phase):
            # A value or a slope that a later lesson explains is marked unless its phase is.
            later = "" if note else _comes_in(session, line.name)
            yield line.sentence(session.notation) + later


def _comes_in(session: Session, name: str) -> str:
    lesson = session.comes_in(name)
    return f" (comes in {lesson})" if lesson else ""


def pictures(session: Session) -> Iterator[str]:
    """What each picture of the lesson shows, in words."""
    training = session.training
    if training is None or not session.views:
        yield "This lesson has no picture."
        return
    for number, view in enumerate(session.views, 1):
        place = f"Picture {number} of {len(session.views)}"
        yield f"{place}, {view.caption(training)}: {view.twin(training)}."


def cells(session: Session) -> Iterator[str]:
    """The arithmetic of every cell of the matrices."""
    said = 0
    for view in session.views if session.training is not None else ():
        assert session.training is not None
        for parts in view.cells(session.training):
            said += 1
            if said > MOST_CELLS:
                yield "There are more cells than can be listed here."
                return
            yield f" {session.notation.equals} ".join(parts)
    if not said:
        yield "This lesson has no matrices whose cells could be listed."


def starts(session: Session) -> Iterator[str]:
    """The start values that can be chosen, as they are typed."""
    training = session.training
    assert training is not None
    written = notation(session, spoken=False)
    found = components(training)
    for component in found[:MOST_COMPONENTS]:
        start = component.of(training.setting(component.name, 0))
        yield f"s {component.label(written)} {written.number(start)}"
    if len(found) > MOST_COMPONENTS:
        yield f"and so on, {len(found)} in all"


def course_map(session: Session) -> Iterator[str]:
    """All lessons."""
    for entry in session.course.entries:
        number = entry.number or entry.id
        said = f"Cannot be opened: {entry.fault}" if entry.fault else entry.summary
        here = " You are here." if entry.id == session.lesson.id else ""
        yield f"{number}: {entry.title}. {said}{here}"


def whole_lesson(session: Session) -> Iterator[str]:
    """The lesson for whoever cannot answer: all its text, an iteration worked, the pictures."""
    yield from opening(session)
    for section in range(len(session.prose.sections)):
        yield ""
        yield from page(session, section)
    if session.training is None:
        return
    if session.training.phase is Phase.START:
        session.run(1)
    yield ""
    yield where(session)
    yield from worked(session)
    yield session.message
    yield ""
    yield from pictures(session)
