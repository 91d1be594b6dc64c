"""The keys that belong to an open question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key

if TYPE_CHECKING:
    from gd_tutor.session.session import Session


def answers(session: Session, event: Key) -> bool:
    """Whether a key belongs to the open question, which then has had it.

    Hints and rules are among them, at once as what is typed: a command would come after the keys
    that follow it.
    """
    asking = session.practice.asking
    if asking is None:
        return False
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
