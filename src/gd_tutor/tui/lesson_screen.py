"""The lesson screen: prose and arithmetic on the left, pictures on the right."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Key, Paste, Resize

from gd_tutor.course.folder import Entry
from gd_tutor.course.lesson import LessonExperiment
from gd_tutor.progress.place import Progress
from gd_tutor.session.choices import EXPERIMENTS, MENUS
from gd_tutor.session.commands import KEYED, Command, Own, command
from gd_tutor.session.field import paste, press
from gd_tutor.session.pages import FIRST_PAGE, LAST_PAGE, LEFT_OPEN, RIGHT
from gd_tutor.tui import door
from gd_tutor.tui.driver import LatestSize
from gd_tutor.tui.panes import Pane, PicturePane, ProsePane, SessionSheet, WorkedPane
from gd_tutor.tui.running import Running
from gd_tutor.tui.sheet import Sheet, TooSmall, too_small
from gd_tutor.tui.status import (
    LOW,
    ONE_PANE_BELOW,
    Divider,
    Header,
    KeyBar,
    MessageLine,
)
from gd_tutor.tui.terminal_app import TerminalApp

MOST_PICTURES = 4
PICTURE_HEIGHT = 11
"""A picture gets at least so many rows; more pictures are shown where they fit."""


class Tutor(Protocol):
    """What the lesson screen asks of the application around it."""

    progress: Progress

    @property
    def call_back(self) -> str:
        """The call that opens this very place again."""
        ...

    def begin(self) -> None:
        """The first frame is shown: go on behind it."""
        ...

    def started(self) -> None:
        """A lesson is shown whole."""
        ...

    def open_lesson(self, entry: Entry) -> None:
        """Open another lesson."""
        ...

    def keep(self, session: door.Session) -> None:
        """Keep the learner's place."""
        ...


def key_names(command: Command) -> str:
    """The keys of a command, as Textual wants them: it names the comma that stands between them."""
    return ",".join("comma" if key == "," else key for key in command.keys.split())


def action_of(command: Command) -> str:
    """The call by which Textual runs a command on the lesson screen."""
    does = command.does
    name, arguments = (
        (does.name, does.arguments) if isinstance(does, Own) else ("do", (command.name,))
    )
    return f"{name}({', '.join(map(repr, arguments))})"


class Columns(Horizontal):
    """The columns side by side."""

    BLANK = True  # drawn at every step, below what covers all of it


class Column(Vertical):
    """Panes above one another."""

    BLANK = True


class LessonScreen(LatestSize[None]):
    """Shows one session; lessons change inside it."""

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
    #left { width: 40; }
    #right { width: 1fr; }
    Divider { width: 1; height: 1fr; }
    ProsePane { height: 11fr; }
    WorkedPane { height: 11fr; }
    PicturePane { height: 1fr; }
    .-hidden { display: none; }
    MessageLine { height: 2; display: none; }
    TooSmall { display: none; }
    LessonScreen.-too-small > * { display: none; }
    LessonScreen.-too-small > TooSmall { display: block; }
    LessonScreen.-one-pane Divider { display: none; }
    LessonScreen.-one-pane MessageLine { display: block; }
    """

    prose = getters.query_one("#prose", ProsePane)
    worked = getters.query_one("#worked", WorkedPane)

    def __init__(self, title: str, tutor: Tutor, frames_per_second: int) -> None:
        super().__init__()
        self.tutor = tutor
        self.title_text = title
        self._session: door.Session | None = None
        self._chosen: Pane | None = None
        self._experiment: LessonExperiment | None = None
        self.running = Running(self, frames_per_second)

    @property
    def session(self) -> door.Session:
        """What is shown; keys do nothing until there is one."""
        assert self._session is not None
        return self._session

    @property
    def is_open(self) -> bool:
        return self._session is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        return self.is_open or action == "quit"

    def compose(self) -> ComposeResult:
        yield Header(self.title_text)
        with Columns():
            with Column(id="left"):
                yield ProsePane(id="prose")
                yield WorkedPane(id="worked")
            yield Divider()
            with Column(id="right"):
                for place in range(MOST_PICTURES):
                    yield PicturePane(place, id=f"picture{place}")
        yield MessageLine(id="message")
        yield KeyBar()
        yield TooSmall()

    def open(self, session: door.Session) -> None:
        """Show another session: its text at once, its pictures right after."""
        if self._session is not None:
            self._session.leave(self.tutor.progress)
        self._session = session
        self._arrange()
        self._show(Header, MessageLine, ProsePane, WorkedPane, KeyBar)
        # Through a pane, so that what it asks to be painted stands before its call.
        self.worked.call_after_refresh(self._show_pictures)

    def _show_pictures(self) -> None:
        self._show(PicturePane)
        self._keep_focus()
        self.call_after_refresh(self.tutor.started)

    def show_session(self) -> None:
        """Bring everything on the screen up to date."""
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
        # The frame is painted first: reading the lesson and importing NumPy take longer than that.
        self.call_after_refresh(self.tutor.begin)

    def on_resize(self, event: Resize) -> None:
        self._arrange()
        self.call_after_refresh(self._keep_focus)

    @property
    def one_pane(self) -> bool:
        return self.size.width < ONE_PANE_BELOW or self.size.height < LOW

    @property
    def panes(self) -> list[Pane]:
        """The panes that `tab` goes through: as many pictures as there is room for."""
        room = 1 if self.one_pane else max((self.size.height - 2) // PICTURE_HEIGHT, 1)
        pictures = list(self.query(PicturePane))[: min(room, self._pictures)]
        return [self.prose, self.worked, *pictures]

    @property
    def _pictures(self) -> int:
        """How many pictures the lesson has; most have two or more."""
        return max(len(self.session.pictures.views), 1) if self.is_open else 2

    def choose(self, pane: Pane) -> None:
        """Go to a pane, and show it where only one is shown."""
        self._chosen = pane
        self._arrange()
        self.call_after_refresh(self._keep_focus)

    def _keep_focus(self) -> None:
        """The focus where it belongs: Textual moves it when a pane is hidden."""
        if self.focused is not self.present:
            self.present.focus()
        self._tell_keys()
        self._point()

    def _tell_keys(self) -> None:
        """The key bar what it cannot see: the pane, and whether it plays."""
        walks = self.present.walks(self.session) if self.is_open else ""
        for bar in self.query(KeyBar):
            bar.tell(walks, self.running.said)

    def _point(self) -> None:
        """The terminal's own cursor to where the learner is: at what is asked, or in a pane."""
        if not (self.is_open and self.app.drawing.profile.cursor):
            return
        sheet: Sheet = self.present
        if self.session.practice.phase is not None or self.session.field is not None:
            sheet = self.query_one(MessageLine) if self.one_pane else self.worked
        self.app.point_at(sheet.region.offset + sheet.point)

    def on_screen_resume(self) -> None:
        self._point()

    @property
    def present(self) -> Pane:
        """The pane that the learner is in; it keeps its place while there is no room for it."""
        chosen = self._chosen
        return chosen if chosen is not None and chosen in self.panes else self.prose

    @property
    def too_small(self) -> bool:
        return bool(too_small(self.size))

    def _arrange(self) -> None:
        """Decide which panes are shown, and how wide the left column is."""
        if not self.query(Pane):
            return  # the tutor was interrupted before it was composed
        shown = [self.present] if self.one_pane else self.panes
        for pane in self.query(Pane):
            pane.set_class(pane not in shown, "-hidden")
        self.set_class(self.too_small, "-too-small")
        self.set_class(self.one_pane and not self.too_small, "-one-pane")
        left, right = self.query_one("#left"), self.query_one("#right")
        for column in (left, right):
            column.set_class(not any(pane.parent is column for pane in shown), "-hidden")
        wide = min(max(self.size.width * 2 // 5, 40), 76)
        left.styles.width = "1fr" if self.one_pane else wide

    def on_pane_clicked(self, event: Pane.Clicked) -> None:
        self.choose(event.pane)

    def action_pane(self, step: int) -> None:
        panes = self.panes
        self.choose(panes[(panes.index(self.present) + step) % len(panes)])

    # Commands

    def action_do(self, name: str) -> None:
        """What a command does to the session, and show it."""
        does = command(name).does
        assert not isinstance(does, Own)
        does(self.session)
        self.changed()

    async def action_quit(self) -> None:
        await self.app.action_quit()

    # Choices, and runs to compare

    def action_choose(self, menu: str) -> None:
        """Let the learner choose; of experiments, first that of the question on the page."""
        if MENUS[menu].kinds == EXPERIMENTS and self.session.elsewhere is not None:
            self.session.go_elsewhere()
            self.changed()
            return

        def chosen(option: door.Option | None) -> None:
            if option is not None:
                self.session.choose(option)
                self.changed()

        options = self.session.options(MENUS[menu].kinds)
        if options:
            self.app.push_screen(door.ChoicesPage(MENUS[menu].title, self.session, options), chosen)
        else:
            self.say(MENUS[menu].none)

    def action_compare(self) -> None:
        if self._has_numbers():
            self.app.push_screen(door.ComparePage(self.session), lambda _: self.show_session())

    # Many runs at once

    def action_rates(self) -> None:
        def chosen(rate: float | None) -> None:
            if rate is not None:
                self.session.set_learning_rate(rate)
                self.changed()

        if self._has_numbers():
            self.app.push_screen(door.RatesPage(self.session), chosen)

    def action_starts(self) -> None:
        def chosen(point: door.Point | None) -> None:
            if point is not None:
                self.session.start_from(point)
                self.changed()

        if self._has_numbers():
            self.app.push_screen(door.StartsPage(self.session), chosen)

    def _has_numbers(self) -> bool:
        """Whether there is something to compute here; if not, that is said."""
        if self.session.training is None:
            self.session.advance()  # says that there is nothing to compute
            self.show_session()
        return self.session.training is not None

    def action_export(self) -> None:
        folder = door.here()

        def chosen(format: str | None) -> None:
            if format is not None:
                self.session.take_home(format, folder)
                self.show_session()

        if self._has_numbers():
            self.app.push_screen(door.ExportPage(self.session.lesson.id, folder), chosen)

    def takes(self, event: Key | Paste) -> bool:
        """Whether what was typed belongs to the open field, which then has had or refused it."""
        if not self.is_open or self.app.screen is not self:
            return False
        session = self.session
        if isinstance(event, Paste):
            taken = paste(session, event.text)
        else:
            taken = press(session, event.key, event.character or "")
        if taken:
            self.changed()
            self._set_out()
        return taken

    def _set_out(self) -> None:
        """Go where the learner has asked to go."""
        target, self.session.destination = self.session.destination, None
        if target is not None:
            self.running.go_to(self.session, target)

    def on_key(self, event: Key) -> None:
        """What is neither a command nor part of an answer is told so."""
        character = event.character or ""
        # What cannot be decoded was not typed.
        if self.is_open and event.is_printable and character.strip(" \N{REPLACEMENT CHARACTER}"):
            self.session.refuse(character)
            self.show_session()

    def on_paste(self, event: Paste) -> None:
        if self.is_open:
            self.say("Pasted text can only be an answer, and no question is open.")

    def action_explain(self) -> None:
        """Where the number under the cursor comes from."""
        session = self.session
        reads = self.present is self.prose
        if session.is_answered and (reads or session.message == RIGHT):
            self.action_turn(1)
            return
        if session.is_left_open and (reads or session.message == LEFT_OPEN):
            session.ask_on()
            self.changed()
            return
        if reads and session.pages.at_end:
            self._go_on()
            return
        if not reads and not self._has_numbers():
            return
        subject = self.present.subject(session) or self.worked.subject(session)
        if subject is None and reads:
            self.action_turn(1)
        elif subject is None:
            self.say("Nothing is computed yet: press `f`, then explain a number.")
        else:
            self.app.push_screen(door.ExplainPage(session, subject))

    def action_turn(self, pages: int) -> None:
        if self.one_pane and self.present is not self.prose:
            self.choose(self.prose)
        if self.prose.turn(pages):
            if self.session.pages.at_end and self.present is not self.prose:
                self.choose(self.prose)  # where `enter` leads on
            self.changed()
        else:
            self.say(LAST_PAGE if pages > 0 else FIRST_PAGE)

    def _go_on(self) -> None:
        """Where the end of the lesson leads: to one of its questions, the next lesson, the map."""
        chosen = self.session.ending.chosen
        if chosen.page is not None:
            self.session.turn(chosen.page - self.session.pages.place)
            self.changed()
        elif chosen.entry is not None:
            self.tutor.open_lesson(chosen.entry)
        else:
            self.action_map()

    def action_arrow(self, right: int, down: int) -> None:
        self.present.arrow(right, down)
        self._point()

    def action_play(self) -> None:
        if self._has_numbers():
            self.running.play(self.session)
            self._tell_keys()

    def keeps_playing(self, key: str) -> bool:
        """Whether a key changes only how fast it plays."""
        return self.running.is_playing and key in ("greater_than_sign", "less_than_sign")

    @property
    def is_writing(self) -> bool:
        """Whether bytes still wait to be sent."""
        return self.app.is_writing

    def stopped(self) -> None:
        """A key has stopped what was running."""
        self.session.stopped()
        self.changed()

    def action_pace(self, steps: int) -> None:
        self.running.change_pace(steps)
        self.say(f"Play (`a`) goes at {self.running.speed}.")

    def show_progress(self, target: int) -> None:
        """How far a long run has come."""
        training = self.session.training
        assert training is not None
        self.session.message = f"Iteration {training.iteration} of {target}; any key stops here."
        self._show(Header, MessageLine, WorkedPane)

    def action_lesson(self, number: int) -> None:
        entry = self.session.course.numbered(number)
        if entry is None:
            self.say(f"There is no lesson {number} in this course.")
        else:
            self.tutor.open_lesson(entry)

    def action_neighbour(self, step: int) -> None:
        entry = self.session.course.neighbour(self.session.lesson.id, step)
        if entry is None:
            self.say(f"This is the {'last' if step > 0 else 'first'} lesson.")
        else:
            self.tutor.open_lesson(entry)

    def action_map(self) -> None:
        def chosen(entry: Entry | None) -> None:
            if entry is not None:
                self.tutor.open_lesson(entry)

        course, present = self.session.course, self.session.lesson.id
        self.app.push_screen(door.MapPage(course, present, self.tutor.progress), chosen)

    def action_help(self) -> None:
        self.app.push_screen(door.HelpPage(self.tutor.call_back))

    def say(self, sentence: str) -> None:
        """Tell the learner something without doing anything."""
        self.session.message = sentence
        self.show_session()

    def changed(self) -> None:
        """The learner has moved on: show it, and keep the place."""
        if self.session.experiment is not self._experiment:
            self._experiment = self.session.experiment
            self._arrange()  # another experiment may have fewer pictures or more
        self.show_session()
        self.tutor.keep(self.session)
