"""Playing at a pace and going to an iteration, until a key stops it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from textual.timer import Timer

from gd_tutor.engine.state import loss_of
from gd_tutor.tui import door

PACES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Phases per second."""
MOST = 200
"""The most iterations between two looks at the clock."""
SLICE = 0.04
"""Seconds of computing between two looks at the keyboard."""


class RunningScreen(Protocol):
    """What a run that plays by itself needs from its screen."""

    @property
    def session(self) -> door.Session:
        """The session shown."""
        ...

    def changed(self) -> None:
        """Show the new state, and save the place."""
        ...

    def show_progress(self, iteration: int, target: int) -> None:
        """Show the progress of a long run."""
        ...

    def set_interval(self, interval: float, callback: Callable[[], None]) -> Timer:
        """Call a function at an interval in seconds."""
        ...


class Running:
    """Runs at most one thing at a time; `stop` ends it and says whether there was one."""

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
        """Whether a key only changes the speed."""
        return self.is_playing and key in ("greater_than_sign", "less_than_sign")

    @property
    def speed(self) -> str:
        """The pace in words."""
        pace = PACES[self.pace]
        return f"{'1 phase' if pace == 1 else f'{pace:g} phases'} a second"

    @property
    def said(self) -> str:
        """The speed in words; empty where nothing plays."""
        return f"Playing, {self.speed}" if self.is_playing else ""

    def change_pace(self, steps: int) -> float:
        """Change the pace, at once where it plays; return the phases per second."""
        fastest = max(i for i, pace in enumerate(PACES) if pace <= self.frames_per_second)
        self.pace = min(max(self.pace + steps, 0), fastest)
        if self.is_playing:
            self.play(self.screen.session)
        return PACES[self.pace]

    def play(self, session: door.Session) -> None:
        """Play phase by phase, no faster than the pace and the terminal."""

        def tick() -> None:
            if self.is_writing():
                return  # wait until the last frame is sent, so that frames never queue up
            if session.training is None or session.training.has_ended:
                self.stop()
            else:
                session.go_on()
            self.screen.changed()

        self._begin(1 / PACES[self.pace], tick)
        self.is_playing = True

    def go_to(self, session: door.Session, iteration: int) -> None:
        """Go to the loss of an iteration, in slices that let keys through."""
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
