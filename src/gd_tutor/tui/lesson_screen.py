"""The lesson screen: the action of each key, focus, pages over the lesson, updates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key, Paste, Resize
from textual.screen import Screen

from gd_tutor.course.folder import Entry
from gd_tutor.session.commands import KEYED, Call, Command, command
from gd_tutor.session.notices import FIRST_PAGE, LAST_PAGE, LEFT_OPEN, RIGHT
from gd_tutor.tui import door
from gd_tutor.tui.columns import Columns
from gd_tutor.tui.driver import LatestSize
from gd_tutor.tui.panes import Pane, PicturePane, ProsePane, WorkedPane
from gd_tutor.tui.playing import Running
from gd_tutor.tui.row_widget import Sheet, TooSmall, too_small
from gd_tutor.tui.status import Header, KeyBar, MessageLine, SessionSheet
from gd_tutor.tui.terminal_app import TerminalApp

PAGES: Mapping[str, Callable[[door.Session], Screen[door.Chosen | None]]] = {
    "compare": lambda session: door.ComparePage(session),
    "export": lambda session: door.ExportPage(session),
    "rates": lambda session: door.RatesPage(session),
    "starts": lambda session: door.StartsPage(session),
}
"""Pages about the numbers of a run, by the names that commands use."""

OF_THE_COURSE = {"lesson", "neighbour", "map", "help", "quit"}
"""Actions of the application, by the names that commands use."""


class Tutor(Protocol):
    """What the lesson screen needs from the application."""

    def begin(self) -> None:
        """Continue after the first frame."""
        ...

    def started(self) -> None:
        """A lesson is completely shown."""
        ...

    def open_lesson(self, entry: Entry) -> None:
        """Open another lesson."""
        ...

    def action_map(self) -> None:
        """Show the course map."""
        ...

    def keep(self, session: door.Session) -> None:
        """Save the learner's place."""
        ...


def key_names(command: Command) -> str:
    """The keys of a command in Textual's syntax, where a comma separates keys."""
    return ",".join("comma" if key == "," else key for key in command.keys.split())


def action_of(command: Command) -> str:
    """The action string that runs a command on the lesson screen."""
    does = command.does
    if not isinstance(does, Call):
        return f"do({command.name!r})"
    if does.name in PAGES:
        return f"page({does.name!r})"
    where = "app." if does.name in OF_THE_COURSE else ""
    return f"{where}{does.name}({', '.join(map(repr, does.arguments))})"


class LessonScreen(LatestSize[None]):
    """Shows one session at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key_names(each), action_of(each), each.help, show=False, priority=True)
        for each in KEYED
    ]
    app = getters.app(TerminalApp)
    AUTO_FOCUS = "#prose"
    BLANK = True
    DEFAULT_CSS = """
    LessonScreen { layout: vertical; background: $background; }
    Header, KeyBar { height: 1; }
    MessageLine { height: 2; display: none; }
    TooSmall { display: none; }
    LessonScreen.-too-small > * { display: none; }
    LessonScreen.-too-small > TooSmall { display: block; }
    LessonScreen.-one-pane Divider { display: none; }
    LessonScreen.-one-pane MessageLine { display: block; }
    """

    def __init__(self, title: str, tutor: Tutor, frames_per_second: int) -> None:
        super().__init__()
        self.tutor = tutor
        self.title_text = title
        self._session: door.Session | None = None
        self.columns = Columns()
        self.prose, self.worked = self.columns.prose, self.columns.worked
        self.running = Running(self, lambda: self.app.is_writing, frames_per_second)

    @property
    def session(self) -> door.Session:
        """The session shown; without one, keys do nothing."""
        assert self._session is not None
        return self._session

    @property
    def is_open(self) -> bool:
        return self._session is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        return self.is_open

    def compose(self) -> ComposeResult:
        yield Header(self.title_text)
        yield self.columns
        yield MessageLine(id="message")
        yield KeyBar()
        yield TooSmall()

    def open(self, session: door.Session) -> None:
        """Show another session: its text at once, its pictures right after."""
        if self._session is not None:
            self._session.leave()
        self._session = session
        self.columns.make_room_for(session)
        self._show(Header, MessageLine, ProsePane, WorkedPane, KeyBar)
        # Called through a pane, so that its repaint is queued before the pictures.
        self.worked.call_after_refresh(self._show_pictures)

    def _show_pictures(self) -> None:
        self._show(PicturePane)
        self._keep_focus()
        self.call_after_refresh(self.tutor.started)

    def show_session(self) -> None:
        """Update everything on the screen."""
        self._show(Header, MessageLine, ProsePane, WorkedPane, PicturePane, KeyBar)
        self._tell_keys()
        self._point()

    def _show(self, *kinds: type[SessionSheet]) -> None:
        for widget in self.walk_children():
            if isinstance(widget, kinds):
                widget.update(self.session)

    # Room

    def on_mount(self) -> None:
        self._arrange()
        # The frame comes first, since reading the lesson and importing NumPy take longer.
        self.call_after_refresh(self.tutor.begin)

    def on_resize(self, event: Resize) -> None:
        self._arrange()
        self.call_after_refresh(self._keep_focus)

    def choose(self, pane: Pane) -> None:
        """Go to a pane; where only one is shown, show it."""
        self.columns.choose(pane)
        self.call_after_refresh(self._keep_focus)

    def _keep_focus(self) -> None:
        """Restore the focus, which Textual moves when a pane is hidden."""
        if self.focused is not self.columns.present:
            self.columns.present.focus()
        self._tell_keys()
        self._point()

    def _tell_keys(self) -> None:
        """Tell the key bar the focused pane's arrow keys and the playing speed."""
        walks = self.columns.present.walks(self.session) if self.is_open else ""
        for bar in self.query(KeyBar):
            bar.tell(walks, self.running.said)

    def _point(self) -> None:
        """Put the terminal's cursor at the open question or in the focused pane."""
        if not (self.is_open and self.app.drawing.profile.cursor):
            return
        sheet: Sheet = self.columns.present
        if self.session.questions.phase is not None or self.session.field is not None:
            sheet = self.query_one(MessageLine) if self.columns.one_pane else self.worked
        self.app.point_at(sheet.region.offset + sheet.point)

    def on_screen_resume(self) -> None:
        self._point()

    def _arrange(self) -> None:
        """Lay out the panes for the screen's size."""
        if not self.columns.is_attached:
            return  # interrupted before it was composed
        self.columns.share(self.size)
        small = bool(too_small(self.size))
        self.set_class(small, "-too-small")
        self.set_class(self.columns.one_pane and not small, "-one-pane")

    def on_pane_clicked(self, event: Pane.Clicked) -> None:
        self.choose(event.pane)

    def action_pane(self, step: int) -> None:
        self.choose(self.columns.neighbour(step))

    # Commands

    def action_do(self, name: str) -> None:
        """Run a command on the session, and show the result."""
        does = command(name).does
        assert not isinstance(does, Call)
        does(self.session)
        self.changed()

    # Pages over the lesson

    def action_choose(self, menu: str) -> None:
        """Show a menu; for experiments, first go to that of the page's question."""
        is_experiment = door.MENUS[menu].kinds == door.EXPERIMENTS
        if is_experiment and self.session.detours.elsewhere is not None:
            self.session.go_elsewhere()
            self.changed()
            return
        options = self.session.lesson_run.options(door.MENUS[menu].kinds)
        if options:
            self._show_over(door.ChoicesPage(door.MENUS[menu].title, self.session, options))
        else:
            self.say(door.MENUS[menu].none)

    def action_page(self, name: str) -> None:
        """Open a page about the numbers of the run."""
        if self._has_numbers():
            self._show_over(PAGES[name](self.session))

    def _show_over(self, page: Screen[door.Chosen | None]) -> None:
        """Show a page over the lesson, and apply what is chosen on it."""

        def chosen(deed: door.Chosen | None) -> None:
            if deed is None:
                self.show_session()
                return
            deed(self.session)
            self.changed()

        self.app.push_screen(page, chosen)

    def _has_numbers(self) -> bool:
        """Whether this page has numbers to compute; if not, say so."""
        if self.session.training is None:
            self.session.advance()  # says that there is nothing to compute
            self.show_session()
        return self.session.training is not None

    def takes(self, event: Key | Paste) -> bool:
        """Whether the open field handles an event, by taking or refusing it."""
        if not self.is_open or self.app.screen is not self:
            return False
        session = self.session
        if isinstance(event, Paste):
            taken = door.paste(session, event.text)
        else:
            taken = door.press(session, event.key, event.character or "")
        if taken:
            self.changed()
            target, session.destination = session.destination, None
            if target is not None:
                self.running.go_to(session, target)
        return taken

    def on_key(self, event: Key) -> None:
        """Say of a key that is neither a command nor part of an answer that it does nothing."""
        character = event.character or ""
        # The replacement character stands for bytes that could not be decoded.
        if self.is_open and event.is_printable and character.strip(" \N{REPLACEMENT CHARACTER}"):
            door.refuse(self.session, character)
            self.show_session()

    def on_paste(self, event: Paste) -> None:
        if self.is_open:
            self.say("Pasted text can only be an answer, and no question is open.")

    def action_explain(self) -> None:
        """Explain the number under the cursor."""
        session = self.session
        reads = self.columns.present is self.prose
        if session.questions.is_answered and (reads or session.message == RIGHT):
            self.action_turn(1)
            return
        if session.questions.is_left_open and (reads or session.message == LEFT_OPEN):
            session.ask_on()
            self.changed()
            return
        if reads and session.pages.at_end:
            self._go_on()
            return
        if not reads and not self._has_numbers():
            return
        subject = self.columns.present.subject(session) or self.worked.subject(session)
        if subject is None and reads:
            self.action_turn(1)
        elif subject is None:
            self.say("Nothing is computed yet: press `f`, then explain a number.")
        else:
            self.app.push_screen(door.ExplainPage(session, subject))

    def action_turn(self, pages: int) -> None:
        if self.columns.one_pane and self.columns.present is not self.prose:
            self.choose(self.prose)
        if self.prose.turn(pages):
            if self.session.pages.at_end and self.columns.present is not self.prose:
                self.choose(self.prose)  # where `enter` leads on
            self.changed()
        else:
            self.say(LAST_PAGE if pages > 0 else FIRST_PAGE)

    def _go_on(self) -> None:
        """Go where the end of the lesson leads: a question, the next lesson or the map."""
        chosen = self.session.ending.chosen
        if chosen.page is not None:
            self.session.turn(chosen.page - self.session.pages.place)
            self.changed()
        elif chosen.entry is not None:
            self.tutor.open_lesson(chosen.entry)
        else:
            self.tutor.action_map()

    def action_arrow(self, right: int, down: int) -> None:
        self.columns.present.arrow(right, down)
        self._point()

    def action_play(self) -> None:
        if self._has_numbers():
            self.running.play(self.session)
            self._tell_keys()

    def stopped(self) -> None:
        """Say that a key stopped the run."""
        self.session.stopped()
        self.changed()

    def action_pace(self, steps: int) -> None:
        self.running.change_pace(steps)
        self.say(f"Play (`a`) goes at {self.running.speed}.")

    def show_progress(self, iteration: int, target: int) -> None:
        """Show the progress of a long run."""
        self.session.message = f"Iteration {iteration} of {target}; any key stops here."
        self._show(Header, MessageLine, WorkedPane)

    def say(self, sentence: str) -> None:
        """Show a message without doing anything."""
        self.session.message = sentence
        self.show_session()

    def changed(self) -> None:
        """Show the new state, and save the place."""
        self.columns.make_room_for(self.session)  # another experiment may have other pictures
        self.show_session()
        self.tutor.keep(self.session)
