"""The base of all screens: none is laid out for a size that the terminal no longer has."""

from textual.events import Event, Resize
from textual.screen import Screen, ScreenResultType


class LatestSize(Screen[ScreenResultType]):
    """A screen that takes every new size to be the one the terminal has now.

    Textual's screens tell themselves each size that they have been laid out for. Two sizes under
    way at once follow each other for ever, and of two that wait the older may take the place of the
    newer, so that a size of the past is no reason to stay as it is.
    """

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Resize) and event.size != self.app.size:
            event = Resize(self.app.size, self.app.size)
        await super().on_event(event)
