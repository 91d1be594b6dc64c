"""Keys as a terminal sends them: in pieces, late, and on a machine that is busy."""

from __future__ import annotations

import os
import pty
import select
import tty
from collections.abc import Iterator
from threading import Event

import pytest
from textual import constants
from textual.events import Key
from textual.message import Message

from gd_tutor.tui import driver
from gd_tutor.tui.driver import KeyParser, TutorDriver


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lone escape is a key as soon as nothing follows it."""
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 0.0)


def keys(*pieces: str) -> list[str]:
    """What a parser makes of pieces between which time passes, and nothing has come."""
    parser = KeyParser()
    found: list[Message] = []
    for piece in pieces:
        found += parser.feed(piece)
        found += parser.tick()
    return [message.key for message in found if isinstance(message, Key)]


def test_a_lone_escape_is_a_key() -> None:
    assert keys("\x1b") == ["escape"]
    assert keys("a\x1b", "[") == ["a", "escape", "left_square_bracket"]


@pytest.mark.parametrize(
    ("pieces", "key"),
    [
        (("\x1b[27", "u"), "escape"),
        (("\x1b[", "1;5", "C"), "ctrl+right"),
        (("\x1bO", "P"), "f1"),
        (("\x1b[", "A"), "up"),
    ],
)
def test_a_key_that_has_begun_is_waited_for(pieces: tuple[str, ...], key: str) -> None:
    assert keys(*pieces) == [key]
    assert keys("x", *pieces, "y") == ["x", key, "y"]


def test_a_key_that_does_not_go_on_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "SEQUENCE_DELAY", 0.0)
    assert keys("\x1b[", "f")[-1] == "f"


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """A terminal's two ends, ours first."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def test_what_has_come_when_time_is_up_belongs_to_the_key(
    terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the thread that reads has its turn only when both have happened."""
    ours, theirs = terminal
    rest = ["[B", "q"]

    class Busy:
        """`select`, whose caller has its next turn when something has come."""

        @staticmethod
        def select(*arguments: object) -> tuple[list[int], list[int], list[int]]:
            ready = select.select([theirs], [], [], 0)
            if not ready[0] and arguments[-1] and rest:
                os.write(ours, rest.pop(0).encode())
            return ready

    found: list[str] = []
    reader = TutorDriver.__new__(TutorDriver)
    reader._debug, reader.exit_event, reader.fileno = False, Event(), theirs

    def take(message: Message) -> None:
        assert isinstance(message, Key)
        found.append(message.key)
        if message.key == "q":
            reader.exit_event.set()

    monkeypatch.setattr(driver, "select", Busy)
    monkeypatch.setattr(reader, "process_message", take)
    os.write(ours, b"\x1b")
    reader.run_input_thread()
    assert found == ["down", "q"]
