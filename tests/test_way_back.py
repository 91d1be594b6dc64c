"""The line that leads back: shown in the help and after quitting, and taken back as printed."""

import shlex
from pathlib import Path

import pytest

from gd_tutor.engine.state import StateError, parse_state
from gd_tutor.progress.place import Bookmark, parse_bookmark
from terminal import Terminal
from test_plain import talk
from test_tui import running
from tutor import app, screen_text, tutor
from warm import start_warm

LINE = "derivative:3:backward:learning_rate=0.2@2"


def test_the_page_stands_behind_the_state_line() -> None:
    bookmark = Bookmark(parse_state(LINE), 4)
    assert bookmark.line == f"{LINE}:page=5"
    assert parse_bookmark(bookmark.line) == bookmark
    assert parse_bookmark(LINE) == Bookmark(parse_state(LINE), 0)
    assert Bookmark(parse_state("residual")).line == "residual:0:start"


@pytest.mark.parametrize("line", ["derivative:3:backward:page=0", ":page=2", "derivative:page=2:"])
def test_a_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(StateError):
        parse_bookmark(line)


async def test_the_help_says_how_to_come_back(tmp_path: Path) -> None:
    drawn = app(tmp_path, "derivative", LINE)
    async with running(drawn) as pilot:
        await pilot.press("pagedown", "question_mark")
        assert f"gd-tutor {LINE}:page=2 opens" in " ".join(screen_text(drawn).split())


def shown(terminal: Terminal) -> list[str]:
    """Where the learner is: the rows of the header and of the page's heading."""
    return [row for row in terminal.screen if "2/11" in row or "FORWARD" in row]


def test_quitting_leaves_a_line_that_opens_the_same_place(tmp_path: Path) -> None:
    with Terminal(tutor("residual"), home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("q quit")
        terminal.send("fbus1/4\r\x1b[6~")
        terminal.wait_for("2/11")
        terminal.send("f")
        terminal.wait_for("2/11", "FORWARD")
        terminal.wait_quiet()
        before = shown(terminal)
        terminal.send("q")
        assert terminal.wait_exit() == 0
        said = "".join(terminal.screen).rpartition("Back to this place: ")[2]
    call = shlex.split(said)
    assert call[:1] == ["gd-tutor"]
    assert call[1].endswith(":page=2")
    other = tmp_path / "another"
    other.mkdir()
    with Terminal(tutor(*call[1:]), home=other, start=start_warm) as terminal:
        terminal.wait_until(lambda: shown(terminal) == before)


@pytest.mark.parametrize("typed", ["{0}", "gd-tutor {0}", "gd-tutor '{0}' --plain"])
def test_plain_mode_prints_the_line_and_takes_it(tmp_path: Path, typed: str) -> None:
    heard = talk(tmp_path, "derivative", "f", "text", "q")
    assert "gd-tutor derivative:0:forward:page=2" in heard
    line = "partial-derivative:2:update:page=3"
    heard = talk(tmp_path, "derivative", typed.format(line), "where")
    assert "Lesson 4 of 8" in heard
    assert "Page 3 of" in heard
    assert "Iteration 2: update is done" in heard


def test_plain_mode_says_what_is_wrong_with_a_line(tmp_path: Path) -> None:
    assert "is not a phase" in talk(tmp_path, "derivative", "derivative:3:sideways", "q")
