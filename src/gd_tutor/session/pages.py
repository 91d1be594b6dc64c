"""The pages of a lesson, and the one that is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gd_tutor.questions.question_page import EndPage, QuestionPage

if TYPE_CHECKING:
    from gd_tutor.course.lesson import Section
    from gd_tutor.questions.question_page import Page

RIGHT = "Right: `enter` turns the page."
ANSWERED = "The question is answered already: `enter` goes on."
FIRST_PAGE = "This is the first page of the lesson."
LAST_PAGE = "This is the last page: `enter` or `]` goes on from here."
FIRST_LESSON = "This is the first lesson."
LAST_LESSON = "This is the last lesson."
NO_LESSON = "There is no lesson {} in this course."
LEFT_OPEN = "Left open: `enter` comes back to the question, `pgdn` goes on."


class Pages:
    """First a question of an earlier lesson, if there is one; sections; questions; the end.

    `place` is the open page, counted from the first one that is the lesson's own.
    """

    def __init__(self, place: int = 0) -> None:
        self.place = place
        self._review: tuple[QuestionPage, ...] = ()
        self.own: tuple[Page, ...] = ()
        """The lesson's own pages."""
        self._sections = 0

    def show(
        self,
        sections: Sequence[Section],
        questions: Sequence[QuestionPage],
        review: Sequence[QuestionPage] = (),
    ) -> None:
        """Take other pages; the place stays."""
        self._review = tuple(review)
        self.own = (*sections, *questions, EndPage())
        self._sections = len(sections)
        self._open(self.place)

    def begin_with(self, review: QuestionPage) -> None:
        """Put a question before the first page, and open it."""
        self._review = (review,)
        self.place = -1

    def turn(self, pages: int) -> bool:
        """Some pages on, or back where negative; False where there is none."""
        before = self.place
        self._open(before + pages)
        return self.place != before

    def _open(self, place: int) -> None:
        self.place = max(min(place, len(self.own) - 1), -len(self._review))

    @property
    def all(self) -> tuple[Page, ...]:
        return (*self._review, *self.own)

    @property
    def here(self) -> Page:
        """The open page."""
        return self.all[self.place + len(self._review)]

    @property
    def at_end(self) -> bool:
        """Whether the last page is open."""
        return isinstance(self.here, EndPage)

    @property
    def number(self) -> str:
        """`2/9 `, which page of text is open; a question has its number in its title."""
        if not 0 <= self.place < self._sections:
            return ""
        return f"{self.place + 1}/{self._sections} "
