"""The open field: what a number is made of goes into it, and no key does anything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gd_tutor.engine.state import PHASES
from gd_tutor.questions.digits import belongs_to_answer
from gd_tutor.session.pages import ANSWERED

if TYPE_CHECKING:
    from gd_tutor.questions.open_question import Asking
    from gd_tutor.session.lesson_session import Session
    from gd_tutor.session.number_field import NumberField

ALWAYS = frozenset({"ctrl+c", "ctrl+z"})
"""Keys that leave or suspend the program, whatever is open."""
LOOK = frozenset({"tab", "shift+tab", "pageup", "pagedown"})
"""Keys that only show something else: the field stays open, and what was typed stays in it."""
AWAY = frozenset({"left_square_bracket", "right_square_bracket", "m", "q"})
"""Keys that leave a question of an earlier lesson: it was not asked for, and holds nobody."""
ARROWS: Mapping[str, tuple[int, int]] = {
    "up": (0, -1),
    "down": (0, 1),
    "left": (-1, 0),
    "right": (1, 0),
}
"""How far each moves to the right and down."""
LONGEST = 40


def press(session: Session, key: str, character: str) -> bool:
    """Whether a key belongs to the open field, which then has had it or has refused it.

    Keys have the names that the table of commands gives them; `character` is what they print.
    """
    if key in ALWAYS:
        return False
    if session.field is None and session.practice.asking is None:
        return _is_left_over(session, key, character)
    if key in LOOK or (session.asks_again and key in AWAY):
        return False
    if session.field is not None:
        done = _goes_into_number(session, session.field, key, character)
    else:
        done = _goes_into_answer(session, key, character)
    if not done:
        session.refuse(character if character.isprintable() and character.strip() else key)
    return True


def paste(session: Session, text: str) -> bool:
    """Whether pasted text went into the open field, as far as it can be part of a number."""
    field, asking = session.field, session.practice.asking
    text = text.partition("\n")[0]
    if field is not None:
        for character in text:
            _goes_into_number(session, field, "", character)
    elif asking is not None:
        asking.type(text)
    return field is not None or asking is not None


def _goes_into_number(session: Session, field: NumberField, key: str, character: str) -> bool:
    match key:
        case "enter":
            session.take_field()
        case "escape":
            session.leave_field()
        case "backspace":
            session.type_number(field.typed[:-1])
        case _ if key in ARROWS:
            return session.move_field(*ARROWS[key])
        case _ if field.takes(character) and len(field.typed) < LONGEST:
            session.type_number(field.typed + character)
        case _:
            return False
    return True


def _goes_into_answer(session: Session, key: str, character: str) -> bool:
    practice = session.practice
    asking = practice.asking
    assert asking is not None
    untouched = not asking.typed and not asking.refused
    asking.refused = ""
    match key:
        case "enter":
            session.answer()
        case "escape":
            session.skip()
        case "backspace":
            asking.erase()
        case "h":
            session.hint()
        case "x" if asking.rule is not None:
            session.run_rule()
        case "up" | "down" if asking.item.options:
            asking.choose(1 if key == "down" else -1)
        case "left" | "right" if len(asking.items) > 1:
            asking.other(1 if key == "right" else -1)
        case "e" if session.elsewhere is not None and not asking.takes("e"):
            session.go_elsewhere()
        case _ if untouched and practice.phase is not None and key == str(practice.phase)[0]:
            session.step(practice.phase)
        case "f" | "b" | "u" if untouched and practice.phase is None:
            session.step(next(phase for phase in PHASES if str(phase)[0] == key))
        case _:
            return _is_typed(asking, character)
    return True


def _is_typed(asking: Asking, character: str) -> bool:
    """Whether a character went into the answer, which may be as long as it can be."""
    before = asking.typed
    if asking.takes(character):
        asking.type(character)
    return asking.typed != before or (asking.takes(character) and bool(asking.item.options))


def _is_left_over(session: Session, key: str, character: str) -> bool:
    """Whether a key was meant for an answer that has been taken: a number, from its beginning.

    On the page of an answered question a digit is always meant so.
    """
    begins = character.isdigit()
    goes_on = False
    if session.left_over is not None:
        if session.left_over and key in ("enter", "escape"):
            session.leave_answer()
            return True
        begins = begins or character in ("+", "-", ".")
        goes_on = bool(session.left_over) and (belongs_to_answer(character) or key == "backspace")
    elif not session.is_answered:
        return False
    if begins or goes_on:
        session.left_over = f"{session.left_over or ''}{character}"
        session.message = ANSWERED
        return True
    session.left_over = None
    return False
