"""Textual's command palette, without markup in authors' words and without blinking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, cast

from textual import getters
from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.css.query import NoMatches
from textual.widgets import Input
from textual.worker import Worker

from gd_tutor.course.folder import Course, Entry
from gd_tutor.session.commands import KEYED, Command
from gd_tutor.tui.driver import LatestSize
from gd_tutor.tui.terminal_app import TerminalApp
from gd_tutor.tui.themes import OFFERED


@dataclass(frozen=True)
class PaletteEntry:
    """One line of the palette."""

    name: str
    help: str
    run: Callable[[], object]

    @property
    def shown(self) -> Content:
        return Content(self.name) + Content(f"\n{self.help}").stylize("dim")


class Palette(CommandPalette, LatestSize[None]):
    """A palette with a steady cursor and without the search icon."""

    app = getters.app(TerminalApp)
    DEFAULT_CSS = """
    Palette SearchIcon { display: none; }
    Palette Input > .input--cursor { text-style: reverse; }
    Palette > Vertical { min-width: 20; }  /* Textual fails to wrap text into no cells at all. */
    """

    def on_mount(self) -> None:
        field = self.query_one(Input)
        field.cursor_blink = False
        self.call_after_refresh(lambda: self.app.point_at(field.cursor_screen_offset))

    def dismiss(self, result: None = None) -> AwaitComplete:
        # A second enter may arrive while the palette is closing; the choice is made once.
        if self.app.screen is not self:
            self._selected_command = DiscoveryHit("", lambda: None, text="")
            return AwaitComplete()
        return super().dismiss(result)

    def run_worker(self, work: Any, *args: Any, **options: Any) -> Worker[Any]:
        async def search() -> None:
            try:
                await work()
            except NoMatches:
                if self.is_current and not self.app.leaving:
                    raise
                # A burst of keys may close the palette and its list before this search runs.

        return super().run_worker(search, *args, **options)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # Textual's list fails when it is moved before its layout.
        if action == "command_list" and not self.query_one(CommandList).size.height:
            return False
        return super().check_action(action, parameters)


class Offering(Protocol):
    """What the palette needs from the application."""

    course: Course

    def open_lesson(self, entry: Entry) -> None:
        """Open a lesson."""
        ...

    def run_command(self, command: Command) -> None:
        """Run a command of the lesson screen."""
        ...

    def choose_theme(self, theme: str) -> None:
        """Set a theme."""
        ...


class PaletteEntries(Provider):
    """Every lesson, every command, and the themes."""

    async def discover(self) -> Hits:
        for choice in self.choices():
            yield DiscoveryHit(choice.shown, choice.run, text=choice.name)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for choice in self.choices():
            score = matcher.match(choice.name)
            if score > 0:
                yield Hit(score, choice.shown, choice.run, text=choice.name)

    def choices(self) -> Iterator[PaletteEntry]:
        tutor = cast("Offering", self.app)
        for entry in tutor.course.entries:
            number = f"{entry.number} " if entry.number else ""
            name = f"Lesson {number}{entry.title}"
            yield PaletteEntry(name, entry.summary, partial(tutor.open_lesson, entry))
        for command in KEYED:
            # The number keys' lessons are listed above; arrows only make sense as keys.
            if command.shown not in ("1-8", "arrows"):
                help = f"key {command.shown}"
                yield PaletteEntry(command.help, help, partial(tutor.run_command, command))
        yield from theme_choices(tutor)


def theme_choices(tutor: Offering) -> Iterator[PaletteEntry]:
    """The themes."""
    for theme in OFFERED:
        name, help = f"Theme {theme}", "colours of the screen"
        yield PaletteEntry(name, help, partial(tutor.choose_theme, theme))
