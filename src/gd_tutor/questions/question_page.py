"""What a learner pages through: sections of text, questions, and the end of the lesson."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gd_tutor.course.lesson import Section
    from gd_tutor.questions.items import Item


@dataclass(frozen=True)
class QuestionPage:
    """A question on a page of its own; its numbers are worked when it is first looked at."""

    title: str
    make: Callable[[], Item]
    experiment: str = ""
    """The experiment of the open lesson that it is about, if it is about one."""
    at: int = 0
    """The iteration that it is about."""

    @cached_property
    def item(self) -> Item:
        return self.make()


@dataclass(frozen=True)
class EndPage:
    """The last page, which leads on to the next lesson; it is about no experiment."""

    title: str = "The end of this lesson"
    experiment: str = ""


if TYPE_CHECKING:
    Page = Section | QuestionPage | EndPage
