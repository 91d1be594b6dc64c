"""The keys that belong to an open question, or to a number that is being chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key, Paste

if TYPE_CHECKING:
    from gd_tutor.practice.asking import Asking
    from gd_tutor.session.session import Session
    from gd_tutor.session.starting import StartChoice


def answers(session: Session, event: Key | Paste) -> bool:
    """Whether what was typed belongs to what is open in the session, which then has had it."""
    asking, choice = session.practice.asking, session.start_choice
    if choice is not None:
        return isinstance(event, Key) and _chooses_start(session, choice, event)
    if asking is None:
        return False
    if isinstance(event, Key):
        return _answers_question(session, asking, event)
    asking.type(event.text.partition("\n")[0])
    return True


def _answers_question(session: Session, asking: Asking, event: Key) -> bool:
    """Hints and rules are among the keys, at once as what is typed: a command would come late."""
    character = event.character or ""
    match event.key:
        case "enter":
            session.answer()
        case "escape":
            session.skip()
        case "backspace":
            asking.erase()
        case "h":
            session.hint()
        case "x":
            session.run_rule()
        case "left_square_bracket" | "right_square_bracket":
            asking.say("Escape leaves the question; then [ and ] change the lesson.")
        case "up" | "down" if asking.item.options:
            asking.choose(1 if event.key == "down" else -1)
        case "left" | "right" if len(asking.items) > 1:
            asking.other(1 if event.key == "right" else -1)
        case _ if asking.takes(character):
            asking.type(character)
        case _:
            return False
    return True


def _chooses_start(session: Session, choice: StartChoice, event: Key) -> bool:
    typed = choice.typed
    match event.key:
        case "enter":
            session.take_start()
        case "escape":
            session.choose_start()
        case "backspace" if typed:
            session.type_start(typed[:-1])
        case _ if choice.takes(event.character or ""):
            session.type_start(typed + (event.character or ""))
        case _:
            return False
    return True
