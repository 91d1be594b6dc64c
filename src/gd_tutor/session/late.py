"""Names imported late, so that the first frame comes fast.

Modules that are loaded before the first frame take these names from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING


def names_behind(modules: Mapping[str, str], door: dict[str, object]) -> Callable[[str], object]:
    """The `__getattr__` of a module that is a door: it imports a name once, at its first use.

    `modules` has the module of each name, below `gd_tutor`; `door` is the module's `globals()`.
    """

    def imported(name: str) -> object:
        if name not in modules:
            raise AttributeError(name)
        door[name] = getattr(import_module(f"gd_tutor.{modules[name]}"), name)
        return door[name]

    return imported


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

    __getattr__ = names_behind(BEHIND, globals())
