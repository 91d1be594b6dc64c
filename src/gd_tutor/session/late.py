"""Names imported late, so that the first frame comes fast.

Modules that are loaded before the first frame take these names from here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gd_tutor.course.lesson import Lesson as Lesson
    from gd_tutor.questions.recall import recall as recall
    from gd_tutor.session.lesson_session import Session as Session
    from gd_tutor.session.number_fields import Destination as Destination
else:
    BEHIND = {
        "Lesson": "course.lesson",
        "recall": "questions.recall",
        "Session": "session.lesson_session",
        "Destination": "session.number_fields",
    }
    """The module of each name, for the import at run time."""

    def __getattr__(name: str) -> object:
        if name not in BEHIND:
            raise AttributeError(name)
        found = getattr(import_module(f"gd_tutor.{BEHIND[name]}"), name)
        globals()[name] = found
        return found
