"""The page on which a lab is written: fields, keys, sizes, and what is left behind."""

from __future__ import annotations

import math
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from gd_tutor.course.check import check
from gd_tutor.course.own_lab import Lab
from gd_tutor.course.own_lab_fields import EMPTY, EXAMPLE, Field, write
from gd_tutor.notation.spans import written
from gd_tutor.terminal.display_mode import Drawing
from gd_tutor.tui import new_page
from gd_tutor.tui.new_app import BACK, NewApp
from gd_tutor.tui.new_page import SOUND, WAITING, LineInput, NewPage
from gd_tutor.tui.palette import Palette
from terminal import Terminal
from tutor import screen_rows, screen_text, settle, tutor
from warm import start_warm

TYPED = {
    Field.TITLE: "Mine",
    Field.DATA: "y = 5",
    Field.PARAMETERS: "x = 8",
    Field.LEARNING_RATE: "0.1",
    Field.FORWARD: "residual = y - x\nloss = residual ** 2",
    Field.OPTIONS: "",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path


@pytest.fixture(autouse=True)
def checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is."""
    monkeypatch.setattr(new_page, "SLOW", math.inf)


@asynccontextmanager
async def running(app: NewApp, columns: int = 80, rows: int = 24) -> AsyncIterator[Pilot[None]]:
    """The application with its page on the screen."""
    async with app.run_test(size=(columns, rows)) as pilot:
        while not isinstance(app.screen, NewPage):
            await pilot.pause()
        await settle(pilot, 3)
        yield pilot


def lab(folder: Path) -> Lab:
    return Lab.open(folder / "my-lab.md")


async def run(pilot: Pilot[None], app: NewApp) -> None:
    """Run the lab, and wait for its lesson."""
    await pilot.press("ctrl+r")
    while not (app.screen is app.lesson_screen and app.lesson_screen.is_open):
        await pilot.pause()
    await settle(pilot, 2)


def focused(app: NewApp) -> Field:
    return next(field for field, widget in app.page.inputs.items() if widget.has_focus)


def keys(text: str) -> list[str]:
    return ["enter" if character == "\n" else character for character in text]


async def test_typing_a_program_gives_its_lesson(tmp_path: Path) -> None:
    app = NewApp(lab(tmp_path))
    async with running(app) as pilot:
        assert app.page.status.startswith("Title: Give it a title")
        for field in Field:
            assert focused(app) is field
            await pilot.press(*keys(TYPED[field]))
            await pilot.press("tab")
        assert app.page.fields == TYPED
        assert app.page.status == SOUND
        await run(pilot, app)
        session = app.lesson_screen.session
        assert session.message == BACK
        await pilot.press("f", "b", "u")
        assert str(session.state) == "my-lab:0:update"
        assert session.training is not None
        assert float(session.training.values["next.x"]) == pytest.approx(7.4)
        assert "Mine" in screen_rows(app)[0]
        await pilot.press("right_square_bracket")
        assert session.message == "This is the last lesson."
        await pilot.press("m")
        assert "Mine" in screen_text(app)
        await pilot.press("escape")
        assert app.screen is app.lesson_screen
        await pilot.press("escape")
        assert app.screen is app.page
        assert app.page.fields == TYPED
    assert not (tmp_path / "my-lab.md").exists()


async def test_general_questions_are_asked_of_any_program(tmp_path: Path) -> None:
    app = NewApp(lab(tmp_path))
    async with running(app) as pilot:
        await pilot.press("ctrl+e")
        await run(pilot, app)
        await pilot.press("p", "f")
        assert app.lesson_screen.session.questions.open is not None
        await pilot.press("escape")
        assert app.screen is app.lesson_screen
        assert app.lesson_screen.session.questions.open is None


async def test_the_fault_follows_what_is_typed_and_running_goes_to_it(tmp_path: Path) -> None:
    app = NewApp(lab(tmp_path))
    async with running(app) as pilot:
        await pilot.press("ctrl+e")
        assert app.page.status == SOUND
        for _ in range(4):
            await pilot.press("tab")
        await pilot.press("down", "down", "end", *"x")
        fault = "Forward program, line 3, column 27: "
        assert app.page.status.startswith(fault)
        await pilot.press("tab", "tab")
        assert focused(app) is Field.TITLE
        await pilot.press("ctrl+r")
        assert app.screen is app.page
        assert focused(app) is Field.FORWARD
        assert app.page.inputs[Field.FORWARD].cursor_location == (2, 26)
        assert app.page.status.startswith(fault)
        await pilot.press("delete")
        assert app.page.status == SOUND
        await pilot.press("shift+tab", "end", *",5", "ctrl+r")
        widget = app.page.inputs[Field.LEARNING_RATE]
        assert isinstance(widget, LineInput)
        assert widget.cursor_position == 0
        assert app.page.status.startswith("Learning rate, line 1, column 1: ")


async def test_a_check_that_takes_long_waits_until_nobody_types(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_page, "SLOW", 0)
    app = NewApp(lab(tmp_path))
    async with running(app) as pilot:
        for title in ("M", "Mi", "Mine"):
            app.page.inputs[Field.TITLE].fill(title)
            app.page.changed()
            assert app.page.status == WAITING
        while app.page.status == WAITING:
            await pilot.pause()
        assert app.page.status.startswith("Parameters: ")


async def test_saving_writes_what_check_accepts_and_says_how_to_open_it(tmp_path: Path) -> None:
    path = tmp_path / "my-lab.md"
    app = NewApp(lab(tmp_path))
    async with running(app) as pilot:
        await pilot.press("ctrl+s")
        assert app.page.status.startswith("Not saved yet. Title: ")
        assert not path.exists()
        await pilot.press("ctrl+e", "ctrl+s")
        assert f"`gd-tutor --lessons {tmp_path} my-lab` opens it." in app.page.status
        assert path.read_text(encoding="utf-8") == write(EXAMPLE)
        await pilot.press("x")
        assert app.page.status == SOUND
        await pilot.press("f2", "escape")
    assert check([path]) == ()
    assert "waterx" in path.read_text(encoding="utf-8")
    assert lab(tmp_path).notice == ""


async def test_leaving_keeps_what_is_not_saved_and_offers_it(tmp_path: Path) -> None:
    app = NewApp(lab(tmp_path))
    async with running(app) as pilot:
        await pilot.press(*"abc", "escape")
    app = NewApp(lab(tmp_path))
    async with running(app) as pilot:
        assert app.page.status.startswith("This is your unsaved text of last time")
        assert app.page.fields == {**EMPTY, Field.TITLE: "abc"}
        await pilot.press("ctrl+g")
        assert app.page.fields == EMPTY
        await pilot.press("ctrl+g", "ctrl+e")
        assert app.page.fields[Field.TITLE] == "abc"
        assert app.page.status.startswith("The example needs an empty page")
        await pilot.press("ctrl+g", "ctrl+c")
    assert lab(tmp_path).shown == EMPTY


async def test_text_is_kept_while_the_lesson_is_shown(tmp_path: Path) -> None:
    app = NewApp(lab(tmp_path))
    async with running(app) as pilot:
        await pilot.press("ctrl+e")
        await run(pilot, app)
        await pilot.press("q")
    assert lab(tmp_path).shown == EXAMPLE


async def test_a_draft_that_cannot_be_kept_is_told_before_leaving(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way", encoding="utf-8")
    app = NewApp(lab(tmp_path))
    async with running(app) as pilot:
        await pilot.press("x", "escape")
        assert app.page.status.startswith("Your unsaved text cannot be kept: ")
        assert app.is_running
        await pilot.press("escape")
    assert app.return_code == 0


async def test_the_palette_has_the_way_back_and_the_keys_of_the_page(tmp_path: Path) -> None:
    app = NewApp(lab(tmp_path))
    async with running(app) as pilot:
        await pilot.press("ctrl+p", *"example", "enter")
        await settle(pilot, 5)
        while isinstance(app.screen, Palette) or app.page.fields != EXAMPLE:
            await pilot.pause()
        await run(pilot, app)
        await pilot.press("ctrl+p", *"edit this")
        await settle(pilot, 5)
        await pilot.press("enter")
        while app.screen is not app.page:
            await pilot.pause()
        assert app.page.fields == EXAMPLE


@pytest.mark.parametrize(
    ("size", "ascii"),
    [
        ((80, 24), False),
        ((40, 12), True),
        pytest.param((80, 24), True, marks=pytest.mark.slow),
        pytest.param((40, 12), False, marks=pytest.mark.slow),
        pytest.param((120, 40), False, marks=pytest.mark.slow),
        pytest.param((120, 40), True, marks=pytest.mark.slow),
    ],
)
async def test_every_field_can_be_seen_at_every_size(
    size: tuple[int, int], ascii: bool, tmp_path: Path
) -> None:
    app = NewApp(lab(tmp_path), Drawing(ascii))
    async with running(app, *size) as pilot:
        await pilot.press("ctrl+e")
        mark = ">" if ascii else "▸"
        for field in Field:
            await settle(pilot, 2)
            text = screen_text(app)
            assert f"{mark} {field.capitalize()}" in text
            first = EXAMPLE[field].partition("\n")[0] or "none, or e.g."
            assert first in text
            assert written(SOUND) in text
            assert "leave" in screen_rows(app)[-1]
            assert text.isascii() or not ascii
            await pilot.press("tab")


async def test_hints_are_shown_as_they_are_written(tmp_path: Path) -> None:
    app = NewApp(lab(tmp_path))
    async with running(app):
        assert "X = [[1], [2], [3]]" in screen_text(app)


@pytest.mark.parametrize("size", [(1, 1), (200, 3), pytest.param((20, 5), marks=pytest.mark.slow)])
async def test_no_size_ends_the_page(size: tuple[int, int], tmp_path: Path) -> None:
    app = NewApp(lab(tmp_path))
    async with running(app, *size) as pilot:
        await pilot.press("ctrl+e", "tab", "x", "ctrl+r")
        assert SOUND in app.page.status
        assert "gd-tutor"[: size[0]] in screen_text(app)


# In a terminal


def test_a_lab_from_columns_is_run_saved_and_opened_in_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text("size,price\n50,200\n80,310\n120,500\n", encoding="utf-8")
    file = tmp_path / "my-lab.md"
    call = tutor(
        *("new", str(file), "--csv", str(tmp_path / "houses.csv"), "--ascii"),
        *("--columns", "size", "--target", "price"),
    )
    env = {"NO_COLOR": "1"}
    with Terminal(call, home=tmp_path, env=env, start=start_warm) as terminal:
        terminal.wait_for(written(SOUND), "escape leave", "price from size")
        terminal.send("\x12")
        terminal.wait_for(written(BACK))
        terminal.send("fbu")
        terminal.wait_for("Update moved all parameters")
        terminal.send("\x1b")
        terminal.wait_for("ctrl+s save")
        # At once: nothing that is typed may be overtaken by the key that saves it.
        terminal.send("!\x13")
        terminal.wait_for("Saved in", "price from size!")
        # The cursor is seen without colours.
        row = next(y for y, line in enumerate(terminal.screen) if "price from size!" in line)
        terminal.wait_until(lambda: any(terminal.cell(x, row).reverse for x in range(80)))
        terminal.send("?\x1b")
        assert terminal.wait_exit() == 0
        terminal.wait_for("Your unsaved text is kept")
        assert terminal.modes == {7, 25}
        assert terminal.sent.isascii()
        looks = re.findall(rb"\x1b\[([\d;]*)m", terminal.sent)
        codes = {int(code) for look in looks for code in look.split(b";") if code}
        assert not codes & {*range(30, 39), *range(40, 49), *range(90, 108)}
    assert check([file]) == ()
    argv = tutor("--lessons", str(tmp_path), "my-lab")
    with Terminal(argv, home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("price from size!")
        terminal.wait_for("Nothing is computed yet")
    with Terminal(tutor("new", str(file)), home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("This is your unsaved text of last time; [ctrl+g] goes back to the file.")
        terminal.wait_for("price from size!?")


def test_what_is_typed_in_one_burst_lands_in_its_fields(tmp_path: Path) -> None:
    """What was typed behind a tab once came to the field before it."""
    file = tmp_path / "my-lab.md"
    texts = [TYPED[field].replace("\n", "\r") for field in Field]
    with Terminal(tutor("new", str(file)), home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("escape leave")
        terminal.send("\t".join(texts[:4]) + "\r" + "\t".join(texts[4:]) + "\x1b[Z\x1b[H\x13")
        terminal.wait_for("Saved in")
        terminal.send("\x1b")
        assert terminal.wait_exit() == 0
    assert file.read_text(encoding="utf-8") == write(TYPED)


@pytest.mark.parametrize(
    "number", [signal.SIGHUP, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_what_was_typed_outlives_a_lost_connection(number: signal.Signals, tmp_path: Path) -> None:
    call = tutor("new", str(tmp_path / "my-lab.md"))
    with Terminal(call, home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("escape leave")
        terminal.send("Half a title")
        terminal.wait_for("Half a title")
        terminal.signal(number)
        assert terminal.wait_exit() == 128 + number
    env = {"GD_TUTOR_CURSOR": "on"}
    with Terminal(call, home=tmp_path, env=env, start=start_warm) as terminal:
        terminal.wait_for("Half a title")
        terminal.wait_until(lambda: 25 in terminal.modes and terminal.cursor[1] == 1)
        terminal.send("\t")
        terminal.wait_until(lambda: terminal.cursor == (18, 2))
