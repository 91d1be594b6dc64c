"""The keys of an open field: it takes those of a number and refuses all others."""

from collections.abc import Mapping

from gd_tutor.engine.state import PHASES, Phase
from gd_tutor.questions.open_question import OpenQuestion
from gd_tutor.questions.typed_numbers import LONGEST, AnswerError, belongs_to_answer
from gd_tutor.session.commands import ARROWS, KEYED, command
from gd_tutor.session.lesson_session import Session
from gd_tutor.session.notices import ANSWERED
from gd_tutor.session.number_fields import NumberField, as_key


def keys_of(*names: str) -> frozenset[str]:
    """The keys of these commands."""
    return frozenset(key for name in names for key in command(name).keys.split())


ALWAYS = frozenset({"ctrl+c", "ctrl+z"})
"""Keys that leave or suspend the program at any time."""
LOOK = keys_of("pane", "pane back", "text", "text back")
"""Keys that only change the display: the field stays open and keeps its text."""
AWAY = keys_of("next lesson", "lesson back", "map", "quit")
"""Keys that leave a question recalled from an earlier lesson."""
HINT, RULE, EXPERIMENT = keys_of("hint"), keys_of("my rule"), keys_of("experiment")
PHASE_KEYS: Mapping[str, Phase] = {
    each.keys: phase
    for phase in PHASES
    for each in KEYED
    if each.typed is not None and str(phase) in each.typed.words
}
"""The key of each phase."""


def press(session: Session, key: str, character: str) -> bool:
    """Whether the open field handles a key, by taking or refusing it.

    `character` is what the key prints; for a key that prints nothing it is the key's name in the
    table of commands.
    """
    is_plain = character.isprintable() and character.strip() and "+" not in key[:-1]
    key = character if is_plain else key
    if key in ALWAYS:
        return False
    questions, field = session.questions, session.field
    if field is None and questions.open is None:
        return _is_left_over(session, key, character)
    if key in LOOK or (field is None and questions.is_recalled and key in AWAY):
        return False
    if field is not None:
        done = _goes_into_number(session, field, key, character)
    else:
        done = _goes_into_answer(session, key, character)
    if not done:
        refuse(session, key)
    return True


def refuse(session: Session, key: str) -> None:
    """Say that a key does nothing here."""
    field, open = session.field, session.questions.open
    if not key.isascii():  # composed by an input method
        said = "Only plain letters, digits and signs are keys; `?` shows all of them."
    elif field is not None:
        said = f"{field.sentence(session.notation)} {field.refusal(key)}"
    elif open is not None and key in PHASE_KEYS:
        said = f"{as_key(key)} is no key here: `esc` skips the question first."
    elif open is not None:
        said = f"{as_key(key)} is no key here."
    elif key in ("9", "0"):
        said = f"Lesson {key} opens in the map: press `m`, then `{key}` and `enter`."
    else:
        said = f"{as_key(key)} is no key here; `?` shows all keys."
    if open is not None:
        open.refused = said
    else:
        session.message = said


def paste(session: Session, text: str) -> bool:
    """Whether pasted text goes into the open field, as far as it can be part of a number."""
    field, open = session.field, session.questions.open
    text = text.partition("\n")[0]
    if field is not None:
        for character in text:
            _goes_into_number(session, field, "", character)
    elif open is not None:
        open.type(text)
    return field is not None or open is not None


def _goes_into_number(session: Session, field: NumberField, key: str, character: str) -> bool:
    match key:
        case "enter":
            _take(session, field)
            return True
        case "escape":
            _close(session, field)
            return True
        case "backspace":
            field.typed = field.typed[:-1]
        case _ if key in ARROWS:
            if not field.move(*ARROWS[key]):
                return False
        case _ if field.takes(character) and len(field.typed) < LONGEST:
            field.typed += character
        case _:
            return False
    session.tell(field.sentence(session.notation))
    return True


def _take(session: Session, field: NumberField) -> None:
    """Take the typed number, if there is one, and close the field."""
    try:
        field.take()
    except AnswerError as error:
        session.tell(str(error))
    else:
        _close(session, field)
        session.destination = field.goes_to


def _close(session: Session, field: NumberField) -> None:
    """Close a field and drop its text."""
    session.field = None
    session.tell()
    session.message = f"{field.done}{session.message}"


def _goes_into_answer(session: Session, key: str, character: str) -> bool:
    questions, open = session.questions, session.questions.open
    assert open is not None
    untouched = not open.typed and not open.refused
    open.refused = ""
    match key:
        case "enter":
            session.answer()
        case "escape":
            session.skip()
        case "backspace":
            open.erase()
        case _ if key in HINT:
            session.hint()
        case _ if key in RULE and open.rule is not None:
            session.run_rule()
        case "up" | "down" if open.question.options:
            open.choose(1 if key == "down" else -1)
        case "left" | "right" if len(open.questions) > 1:
            open.other(1 if key == "right" else -1)
        case _ if key in EXPERIMENT and session.detours.elsewhere and not open.takes(key):
            session.go_elsewhere()
        case _ if untouched and key in PHASE_KEYS and questions.phase in (None, PHASE_KEYS[key]):
            session.step(PHASE_KEYS[key])
        case _:
            return _is_typed(open, character)
    return True


def _is_typed(open: OpenQuestion, character: str) -> bool:
    """Whether a character goes into the answer; one beyond its greatest length is dropped."""
    before = open.typed
    if open.takes(character):
        open.type(character)
    return open.typed != before or (open.takes(character) and bool(open.question.options))


def _is_left_over(session: Session, key: str, character: str) -> bool:
    """Whether a key continues an answer that was already taken.

    On the page of an answered question every digit does.
    """
    begins = character.isdigit()
    goes_on = False
    if session.left_over is not None:
        if session.left_over and key in ("enter", "escape"):
            session.leave_answer()
            return True
        begins = begins or character in ("+", "-", ".")
        goes_on = bool(session.left_over) and (belongs_to_answer(character) or key == "backspace")
    elif not session.questions.is_answered:
        return False
    if begins or goes_on:
        session.left_over = f"{session.left_over or ''}{character}"
        session.message = ANSWERED
        return True
    session.left_over = None
    return False
