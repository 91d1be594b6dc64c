"""Playing at a pace and going to an iteration: what goes on until a key stops it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from textual.timer import Timer

from gd_tutor.engine.state import loss_of
from gd_tutor.tui import door

PACES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Phases a second."""
MOST = 200
"""Iterations gone in one go, of quick steps."""
SLICE = 0.04
"""Seconds of computing between two looks at the keyboard."""


class RunningScreen(Protocol):
    """What goes on by itself asks this of the screen that shows it."""

    @property
    def session(self) -> door.Session:
        """What is shown."""
        ...

    def changed(self) -> None:
        """Show what has been done, and keep the place."""
        ...

    def show_progress(self, iteration: int, target: int) -> None:
        """Show how far a long run has come."""
        ...

    def set_interval(self, interval: float, callback: Callable[[], None]) -> Timer:
        """Call something every so many seconds."""
        ...


class Running:
    """At most one thing runs at a time; `stop` ends it and says whether there was one."""

    def __init__(
        self, screen: RunningScreen, is_writing: Callable[[], bool], frames_per_second: int
    ) -> None:
        """`is_writing` says whether bytes still wait to be sent."""
        self.screen = screen
        self.is_writing = is_writing
        self.frames_per_second = frames_per_second
        self.pace = 1
        self._timer: Timer | None = None
        self.is_playing = False

    def stop(self) -> bool:
        if self._timer is None:
            return False
        self._timer.stop()
        self._timer = None
        self.is_playing = False
        return True

    def keeps_playing(self, key: str) -> bool:
        """Whether a key changes only how fast it plays."""
        return self.is_playing and key in ("greater_than_sign", "less_than_sign")

    @property
    def speed(self) -> str:
        """The pace in words."""
        pace = PACES[self.pace]
        return f"{'1 phase' if pace == 1 else f'{pace:g} phases'} a second"

    @property
    def said(self) -> str:
        """How fast it plays; nothing where it does not."""
        return f"Playing, {self.speed}" if self.is_playing else ""

    def change_pace(self, steps: int) -> float:
        """Go to a faster or slower pace, at once where it plays; returns phases a second."""
        fastest = max(i for i, pace in enumerate(PACES) if pace <= self.frames_per_second)
        self.pace = min(max(self.pace + steps, 0), fastest)
        if self.is_playing:
            self.play(self.screen.session)
        return PACES[self.pace]

    def play(self, session: door.Session) -> None:
        """A phase at a time, as fast as the pace says and the terminal can follow."""

        def tick() -> None:
            if self.is_writing():
                return  # the last frame is not sent yet: never let frames queue up
            if session.training is None or session.training.has_ended:
                self.stop()
            else:
                session.go_on()
            self.screen.changed()

        self._begin(1 / PACES[self.pace], tick)
        self.is_playing = True

    def go_to(self, session: door.Session, iteration: int) -> None:
        """To the loss of an iteration, in slices that leave room for keys."""
        training, target = session.training, loss_of(iteration)
        assert training is not None
        some = min(door.stride(training.program), MOST)

        def tick() -> None:
            deadline = time.monotonic() + SLICE
            while time.monotonic() < deadline:
                if session.approach(target, some):
                    self.stop()
                    self.screen.changed()
                    return
            if not self.is_writing():
                self.screen.show_progress(training.iteration, target.iteration)

        self._begin(0.05, tick)

    def _begin(self, seconds: float, tick: Callable[[], None]) -> None:
        self.stop()
        self._timer = self.screen.set_interval(seconds, tick)
