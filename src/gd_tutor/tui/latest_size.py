"""The base of all screens: none is laid out for a size that the terminal no longer has."""

from textual.events import Event, Resize
from textual.screen import Screen, ScreenResultType


class LatestSize(Screen[ScreenResultType]):
    """A screen that passes over sizes of the past.

    Textual's screens tell themselves each size that they have been laid out for. Two sizes under
    way at once follow each other for ever, and nothing else has its turn again.
    """

    async def on_event(self, event: Event) -> None:
        if not isinstance(event, Resize) or event.size == self.app.size:
            await super().on_event(event)
