"""The columns of the lesson screen: which panes fit, and which has the focus."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Size

from gd_tutor.notation.spans import Row
from gd_tutor.tui import door
from gd_tutor.tui.panes import Pane, PicturePane, ProsePane, WorkedPane
from gd_tutor.tui.row_widget import Sheet
from gd_tutor.tui.status import has_one_pane

MOST_PICTURES = 4
PICTURE_HEIGHT = 11
"""The least rows of a picture; more pictures are shown where they fit."""
USUAL_PICTURES = 2
"""The number of pictures laid out before the lesson is read."""


class Divider(Sheet):
    """The line between the columns."""

    def rows(self) -> list[Row]:
        return [(("rule", "│"),)] * self.size.height


class Column(Vertical):
    """Panes above one another."""

    BLANK = True


class Columns(Horizontal):
    """Text and arithmetic on the left, pictures on the right; or one pane at a time."""

    BLANK = True  # not drawn itself, since its panes cover it
    DEFAULT_CSS = """
    #left { width: 40; }
    #right { width: 1fr; }
    Divider { width: 1; height: 1fr; }
    ProsePane { height: 11fr; }
    WorkedPane { height: 11fr; }
    PicturePane { height: 1fr; }
    .-hidden { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.prose = ProsePane(id="prose")
        self.worked = WorkedPane(id="worked")
        self.pictures = [PicturePane(place, id=f"picture{place}") for place in range(MOST_PICTURES)]
        self._left = Column(self.prose, self.worked, id="left")
        self._right = Column(*self.pictures, id="right")
        self._room = Size(0, 0)
        self._wanted = USUAL_PICTURES
        self._chosen: Pane = self.prose

    def compose(self) -> ComposeResult:
        yield self._left
        yield Divider()
        yield self._right

    @property
    def one_pane(self) -> bool:
        return has_one_pane(self._room)

    @property
    def panes(self) -> list[Pane]:
        """The panes that `tab` visits, with as many pictures as fit."""
        room = 1 if self.one_pane else max((self._room.height - 2) // PICTURE_HEIGHT, 1)
        return [self.prose, self.worked, *self.pictures[: min(room, self._wanted)]]

    @property
    def present(self) -> Pane:
        """The chosen pane, or the text while there is no room for it."""
        return self._chosen if self._chosen in self.panes else self.prose

    def neighbour(self, step: int) -> Pane:
        """The pane `step` places after the present one."""
        panes = self.panes
        return panes[(panes.index(self.present) + step) % len(panes)]

    def choose(self, pane: Pane) -> None:
        """Go to a pane; where only one is shown, show it."""
        self._chosen = pane
        self._show()

    def make_room_for(self, session: door.Session) -> None:
        """Set the number of pictures to the lesson's."""
        wanted = max(len(session.pictures.views), 1)
        if wanted != self._wanted:
            self._wanted = wanted
            self._show()

    def share(self, room: Size) -> None:
        """Divide the screen among the panes."""
        self._room = room
        self._show()

    def _show(self) -> None:
        """Decide which panes are shown, and the width of the left column."""
        shown = [self.present] if self.one_pane else self.panes
        for pane in (self.prose, self.worked, *self.pictures):
            pane.set_class(pane not in shown, "-hidden")
        for column in (self._left, self._right):
            column.set_class(not any(pane.parent is column for pane in shown), "-hidden")
        wide = min(max(self._room.width * 2 // 5, 40), 76)
        self._left.styles.width = "1fr" if self.one_pane else wide
