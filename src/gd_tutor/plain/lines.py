"""What plain mode prints: only printable characters, each line clear by itself."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from string import ascii_uppercase

import numpy as np

from gd_tutor.engine.experiment import Option
from gd_tutor.engine.learning_rates import Rates
from gd_tutor.engine.program import LEARNING_RATE
from gd_tutor.engine.starts import Starts
from gd_tutor.engine.state import PHASES, Phase
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import ASCII, SPEECH
from gd_tutor.notation.sentences import point_words, rates_sentence, starts_sentence
from gd_tutor.notation.spans import plain, to_ascii
from gd_tutor.notation.worked import work, worked_phase
from gd_tutor.pictures.components import Component, component, components
from gd_tutor.progress.standing import Standing
from gd_tutor.questions.open_question import OpenQuestion
from gd_tutor.session.commands import COMMANDS, Command
from gd_tutor.session.explain_page import latest
from gd_tutor.session.lesson_session import Session
from gd_tutor.session.notices import RIGHT
from gd_tutor.session.pages import EndPage, QuestionPage

ENDLESS = 1_000_000
"""A size at which no line is broken: screen readers and terminals break lines themselves."""
MOST_CELLS = 60
MOST_COMPONENTS = 12

_DRAWN = re.compile("[\u2190-\u21ff\u2500-\u25ff\u27f0-\u27ff\u2800-\u28ff\u2900-\u297f]")
_ARROWS = {"→": "->", "←": "<-", "⇒": "=>", "⇐": "<="}
_VALUE = re.compile(r"(?P<name>[^\[\]]+?)\s*(?:\[(?P<index>[\d,\s]+)\])?")
_FRACTION = re.compile(r"^(?P<before>.*?)(?P<line>-{3,})(?P<after>[^-]*)$")


def readable(text: str) -> str:
    """The text without drawing characters and control characters."""
    text = _DRAWN.sub(lambda drawn: _ARROWS.get(drawn[0]) or to_ascii(drawn[0]), text)
    return "".join(char if char.isprintable() else " " for char in text)


def notation(spoken: bool) -> Notation:
    """The notation of plain mode: spoken words, or program code."""
    return Notation(dialect=SPEECH if spoken else ASCII)


def opening(session: Session) -> Iterator[str]:
    """A lesson's title and introduction."""
    lesson = session.lesson
    number = session.course.position(lesson.id)
    place = f" {number} of {session.course.concepts}" if number else ""
    what = f"Lab {lesson.number or ''}".rstrip() if lesson.lab else f"Lesson{place}"
    yield f"{what}: {lesson.title}"
    if lesson.summary:
        yield lesson.summary


def page(session: Session) -> Iterator[str]:
    """The open page, one line per paragraph."""
    shown = session.pages.here
    number = session.pages.number.strip().replace("/", " of ")
    yield f"Page {number}: {shown.title}" if number else f"{shown.title}:"
    if isinstance(shown, QuestionPage):
        yield from list(question(session)) or in_one_line(
            plain(session.questions.rows(shown, ENDLESS)).split("\n")
        )
        return
    if isinstance(shown, EndPage):
        yield from ending(session)
        return
    for rows in session.pages.prose.parts(shown, ENDLESS, ENDLESS):
        yield from in_one_line(plain(rows).split("\n"))


def ending(session: Session) -> Iterator[str]:
    """The questions not yet answered rightly, and what comes next."""
    first, *questions = session.ending.offers
    if session.ending.result:
        yield f"{session.ending.result.rstrip('.')}{':' if questions else '.'}"
    yield from (offer.says for offer in questions)
    if questions:
        yield "Type back to go back to the questions."
    yield f"Enter alone opens {first.says}"


def question(session: Session) -> Iterator[str]:
    """The open question, the reply to the last answer, and what can be typed."""
    open = session.questions.open
    if open is None:
        return
    if open.replied:
        yield f"You said {open.replied}."
    yield from open.said
    question = open.question
    if session.questions.given is not None:
        yield from session.questions.given.sentences()
    if session.detours.about and session.questions.phase is None:
        yield session.detours.about
    yield f"Question: {question.ask}"
    yield from choices(open)
    what = "the number of an answer" if question.options else "a number"
    stated = "" if question.options else f" ({question.answer.stated})"
    rule = ", `x` runs your rule" if open.rule is not None else ""
    yield f"Type {what}{stated}; `enter` alone skips, `h` gives a hint{rule}."


def choices(open: OpenQuestion) -> Iterator[str]:
    """The options, and their outcomes."""
    for number, (option, note) in enumerate(open.noted(), 1):
        yield f"{number}: {option}{f' ({note})' if note else ''}"


def answered(session: Session) -> Iterator[str]:
    """What the last command did; after a right answer on a page, also the reply."""
    page = session.pages.here
    if session.message == RIGHT and isinstance(page, QuestionPage):
        open = session.questions.done[page.question.key]
        yield from choices(open)
        yield from open.said
    yield session.message


def options(session: Session, found: Sequence[Option]) -> Iterator[str]:
    """The options as they are typed, and what each changes."""
    for number, option in enumerate(found, 1):
        now = " (chosen now)" if session.lesson_run.is_chosen(option) else ""
        yield f"{number}, {option.value}{now}: {option.title}. {option.says}".rstrip()


def compared(session: Session) -> Iterator[str]:
    """The kept runs and the present one."""
    if session.training is None:
        yield session.message
        return
    runs = session.pictures.beside.compared(session.training, session.notation)
    for number, run in enumerate(runs, 1):
        which = f"Run {number}" if number < len(runs) else "This run"
        updates = "1 update" if run.updates == 1 else f"{run.updates} updates"
        yield f"{which}: {run.settings}; {updates}; last loss {run.end(session.notation)}."


def explained(session: Session, text: str) -> Iterator[str]:
    """Where a number comes from, and what it was computed from."""
    training = session.training
    if training is None:
        yield session.message
        return
    wanted = _VALUE.fullmatch(text.strip())
    # A name may be typed as formulas print it: velocity_x for velocity.x.
    printed = {session.notation.name(each): each for each in training.values}
    name = printed.get(wanted["name"], wanted["name"]) if wanted else ""
    if wanted is None or name not in training.values:
        yield f"Type explain and one of these names: {', '.join(training.values)}."
        return
    index = tuple(map(int, (wanted["index"] or "").replace(",", " ").split()))
    if len(index) not in (0, np.ndim(training.values[name])) or any(
        place >= size for place, size in zip(index, np.shape(training.values[name]), strict=False)
    ):
        yield f"{name} has no such place."
        return
    for row, link in latest(training, name, index).rows(session.notation, ENDLESS):
        line = plain([row]).strip()
        if line:
            yield line if link is None else f"  {line}"


def in_one_line(lines: Sequence[str]) -> list[str]:
    """The lines, with each three-line fraction on one line: `(a) / (b)`."""
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
    done = "nothing is done yet" if training.phase is Phase.START else f"{training.done} is done"
    rate = f"{session.notation.name(LEARNING_RATE)} {session.notation.equals}"
    now = f"{rate} {session.notation.number(training.learning_rate)}"
    return f"Iteration {training.iteration}: {done}; {now}."


def worked(
    session: Session, phases: Sequence[Phase] = PHASES, layers_said: int = 0
) -> Iterator[str]:
    """The arithmetic of phases finished in this iteration.

    `layers_said` layers of a backward were printed before and are left out.
    """
    training = session.training
    order = training.phases if training is not None else ()
    for phase in sorted(phases, key=order.index) if order else ():
        if training is None or training.position < training.after(phase):
            return
        note = _comes_in(session, str(phase))
        yield f"{str(phase).capitalize()}, iteration {training.iteration}{note}:"
        layers = training.program.layers[:layers_said] if phase is Phase.BACKWARD else ()
        for line in worked_phase(training, phase)[sum(map(len, layers)) :]:
            # A value explained by a later lesson is marked unless its phase is.
            later = "" if note else _comes_in(session, line.name)
            yield line.sentence(session.notation) + later


def worked_layers(session: Session, layers_said: int = 0) -> Iterator[str]:
    """The layers of the present backward, without those printed before."""
    training = session.training
    if training is None or session.layers.shown <= layers_said:
        return
    yield f"Backward, iteration {training.iteration}:"
    values = training.values_at(training.position.next)
    shown = training.shown_at(training.position.next)
    for line in chain(*training.program.layers[layers_said : session.layers.shown]):
        yield work(line, Phase.BACKWARD, values, shown).sentence(session.notation)


def _comes_in(session: Session, name: str) -> str:
    lesson = session.lesson_run.comes_in(name)
    return f" (comes in {lesson})" if lesson else ""


def pictures(session: Session) -> Iterator[str]:
    """What each picture shows, in words."""
    training = session.training
    if training is None or not session.pictures.views:
        yield "This lesson has no picture."
        return
    for number, view in enumerate(session.pictures.views, 1):
        place = f"Picture {number} of {len(session.pictures.views)}"
        yield f"{place}, {view.caption(training)}: {view.text_alternative(training)}."


def cells(session: Session) -> Iterator[str]:
    """The arithmetic of every element of the matrices."""
    said = 0
    for view in session.pictures.views if session.training is not None else ():
        assert session.training is not None
        for text in view.cells(session.training):
            said += 1
            if said > MOST_CELLS:
                yield "There are more cells than can be listed here."
                return
            yield text
    if not said:
        yield "This lesson has no matrices whose cells could be listed."


def starts(session: Session) -> Iterator[str]:
    """The start values that can be chosen, as they are typed."""
    training = session.training
    assert training is not None
    assert session.experiment is not None
    written = session.experiment.notation(notation(spoken=False), training.program)
    found = components(training)
    for each in found[:MOST_COMPONENTS]:
        start = each.of(training.setting(each.name, 0))
        yield f"s {each.label(written)} {written.number(start)}"
    if len(found) > MOST_COMPONENTS:
        yield f"and so on, {len(found)} in all"


def named(session: Session, text: str) -> Component | None:
    """The named element of a parameter, if there is one."""
    assert session.training is not None
    try:
        wanted = component(text)
    except ValueError:
        return None
    return wanted if wanted in components(session.training) else None


def course_map(session: Session, states: Mapping[str, Standing]) -> Iterator[str]:
    """All lessons, and the learner's progress in each."""
    for entry in session.course.entries:
        number = entry.number or entry.id
        said = f"Cannot be opened: {entry.fault}" if entry.fault else entry.summary
        standing = states.get(entry.id, Standing.NEW)
        state = "" if standing is Standing.NEW else f" {standing.capitalize()}."
        here = " You are here." if entry.id == session.lesson.id else ""
        yield f"{number}: {entry.title}. {said}{state}{here}"


def whole_lesson(session: Session) -> Iterator[str]:
    """The lesson for a reader who cannot answer: all text, one iteration, the pictures."""
    yield from opening(session)
    session.questions.close()
    pages = session.pages
    pages.turn(-len(pages.all))
    while not pages.at_end:
        yield ""
        yield from page(session)
        pages.turn(1)
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


def rates_found(session: Session, known: Rates) -> Iterator[str]:
    """Every learning rate with its loss, and what that means."""
    notation = session.notation
    yield f"{notation.name(LEARNING_RATE)}, and the loss after {known.updates} updates:"
    losses = iter(notation.row(one.loss for one in known.tried if not one.diverged))
    for one in known.tried:
        now = " (now)" if one.rate == known.present else ""
        yield f"{notation.number(one.rate)}{now}: {'diverges' if one.diverged else next(losses)}"
    yield rates_sentence(known, notation)
    yield "Type rates and one of them to take it."


def starts_found(session: Session, known: Starts) -> Iterator[str]:
    """Every start with its end, and how many lead to each."""
    training, notation = session.training, session.notation
    assert training is not None
    losses = iter(notation.row(one.loss for one in known.tried if not one.diverged))
    for place, one in enumerate(known.tried):
        now = " (now)" if place == 0 else ""
        begin = point_words(training, one.begin, notation)
        if one.diverged:
            yield f"{place + 1}{now}: from {begin}: diverges"
            continue
        end, loss = point_words(training, one.end, notation), next(losses)
        letter = ascii_uppercase[known.group_of(place) % len(ascii_uppercase)]
        yield f"{place + 1}{now}: from {begin} to {end}: loss {loss}, end {letter}"
    yield starts_sentence(known, notation)
    yield "Type starts and the number of one to begin the run there."


_NAMED = {
    ",": ", (comma)",
    ".": ". (full stop)",
    "+": "+ (plus)",
    "=": "= (equals sign)",
    "-": "- (minus)",
    "[": "[ (left bracket)",
    "]": "] (right bracket)",
    "?": "? (question mark)",
}


def help() -> Iterator[str]:
    """How every command is typed, and what it does."""
    yield from (how_to_type(command) for command in COMMANDS if command.typed)
    yield "1, 2, 3 and so on: the lesson of that number"
    yield "Where a text says press, type the key and then Enter."


def how_to_type(command: Command) -> str:
    """A command's line in the help; signs are also named, as not every screen reader says them."""
    typed = command.typed
    assert typed is not None
    form, *others = (_NAMED.get(word, word) for word in (typed.form, *typed.others))
    return f"{form}{''.join(f', or {other}' for other in others)}: {typed.help or command.help}"
