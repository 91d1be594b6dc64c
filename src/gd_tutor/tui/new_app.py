"""`gd-tutor new` as an application: the editor page of a lab, and its lesson."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, partial
from typing import ClassVar, cast

from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from gd_tutor.course.lesson import Lesson
from gd_tutor.course.own_lab import Lab, LabCourse
from gd_tutor.progress.place import Progress
from gd_tutor.terminal.display_mode import USUAL, Drawing
from gd_tutor.tui.app import TutorApp
from gd_tutor.tui.new_page import NewPage
from gd_tutor.tui.palette import Palette, PaletteEntries, PaletteEntry, theme_choices

BACK = "`escape` goes back to your program."
PAGE = "new"


class NewApp(TutorApp):
    """gd-tutor with an editor page before its lesson."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "edit_lab", "edit this lab", show=False),
    ]

    def __init__(self, lab: Lab, drawing: Drawing = USUAL) -> None:
        course = LabCourse(lab.entry)
        super().__init__(course, lab.entry, Progress.of(course), drawing=drawing)
        self.lab = lab

    @cached_property
    def page(self) -> NewPage:
        """The page, which Textual can only create in a running application."""
        page = NewPage(self.lab, self.open_lab)
        page.message = " ".join(filter(None, (self.notice, self.lab.notice)))
        return page

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # In a text area the key that suspends means undo.
        if action == "suspend_process" and isinstance(self.focused, TextArea):
            return False
        return super().check_action(action, parameters)

    def open_first(self) -> None:
        """Show the page first."""
        # Installed screens keep their content while another one is shown.
        self.install_screen(self.page, PAGE)
        self.push_screen(PAGE)

    def open_lab(self, lesson: Lesson) -> None:
        """Show the written lesson."""
        entry = replace(self.lab.entry, title=lesson.title)
        self.course = LabCourse(entry, lesson)
        session = self._session(entry, None)
        session.message = BACK
        if self.screen is self.page:
            self.pop_screen()
        self.lesson_screen.open(session)

    @property
    def call_back(self) -> str:
        """Empty: the page saves the text itself, and the lab may have no file."""
        return ""

    def action_edit_lab(self) -> None:
        """Go back to the page."""
        if self.screen is self.lesson_screen and self.lesson_screen.is_open:
            self.push_screen(PAGE)

    def say(self, sentence: str) -> None:
        """Show a message, on the page while the lesson is not shown."""
        if self.page in self.screen_stack:
            self.page.say(sentence)
        else:
            super().say(sentence)

    def action_command_palette(self) -> None:
        """Show every command by name; on the page, those of the page."""
        if self.screen is self.page:
            self.push_screen(Palette([PageChoices]))
        elif not isinstance(self.screen, Palette):
            self._leave_pages()
            self.push_screen(Palette([LabChoices]))


class PageChoices(PaletteEntries):
    """The commands of the page, and the themes."""

    def choices(self) -> Iterator[PaletteEntry]:
        app = cast("NewApp", self.app)
        page = app.page
        for name, key, run in (
            ("run this lab", "ctrl+r", page.action_run),
            ("save this lab", "ctrl+s", page.action_save),
            ("fill in an example", "ctrl+e", page.action_example),
            ("unsaved text of last time", "ctrl+g", page.action_swap),
            ("leave; unsaved text is kept", "escape", page.action_leave),
        ):
            yield PaletteEntry(name, f"key {key}", partial(app.call_later, run))
        yield from theme_choices(app)


class LabChoices(PaletteEntries):
    """The commands of the lesson, and the way back to the page."""

    def choices(self) -> Iterator[PaletteEntry]:
        app = cast("NewApp", self.app)
        yield PaletteEntry(
            "edit this lab", "key escape", partial(app.call_later, app.action_edit_lab)
        )
        yield from super().choices()
