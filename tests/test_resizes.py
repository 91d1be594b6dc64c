"""After a storm of resizes the screen is what it would be if it were drawn anew."""

import random
import time
from pathlib import Path

import pytest
from textual.events import Resize
from textual.geometry import Size

from terminal import Terminal
from test_tui import running
from tutor import TIMES, app, screen_text, settle, tutor

SIZES = ((80, 24), (120, 40), (40, 12), (100, 30), (72, 20), (71, 24), (80, 25), (60, 15), (30, 8))
KEYS = ("f", "b", "u", "\t", "v", "n", ",", "\x1b[6~", "\x1b[5~", "l", "\x1b[A", "m", "?", "\x1b")


@pytest.mark.parametrize("page", ["app.map", pytest.param("app.help", marks=pytest.mark.slow), ""])
async def test_a_size_that_comes_too_late_is_not_kept(page: str, tmp_path: Path) -> None:
    """As when a screen's own last size waits behind the terminal's next one."""
    drawn = app(tmp_path)
    async with running(drawn) as pilot:
        if page:
            await drawn.run_action(page, drawn.lesson_screen)
        await pilot.resize_terminal(72, 20)
        await settle(pilot, 3)
        await settle(pilot, 3)
        expected = screen_text(drawn)
        await pilot.resize_terminal(100, 30)
        await pilot.resize_terminal(72, 20)
        drawn.screen.post_message(Resize(Size(100, 30), Size(100, 30)))
        await settle(pilot, 3)
        assert drawn.screen.outer_size == drawn.size == Size(72, 20)
        assert screen_text(drawn) == expected


@pytest.mark.slow
@pytest.mark.xfail(reason="Now and then rows of an older size stay: a race.", strict=False)
@pytest.mark.parametrize("seed", range(2 * TIMES))
@pytest.mark.parametrize("name", ["residual", "gradient-matrix"])
def test_storms_of_resizes_leave_what_a_full_redraw_shows(
    name: str, seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    with Terminal(tutor(name), home=tmp_path) as terminal:
        terminal.wait_for("iteration 0")
        terminal.wait_quiet(1)
        for _ in range(6):
            storm = [chance.choice(SIZES) for _ in range(chance.randint(2, 14))]
            for size in storm:
                terminal.resize(*size)
                if chance.random() < 0.5:
                    terminal.send(chance.choice(KEYS))
                time.sleep(chance.choice((0, 0.001, 0.005, 0.01, 0.03, 0.08)))
            columns, rows = chance.choice(SIZES[:-1])
            terminal.resize(columns, rows)
            terminal.wait_quiet(0.25)
            left = list(terminal.screen)
            terminal.resize(columns + 1, rows)
            terminal.wait_quiet(0.25)
            terminal.resize(columns, rows)
            terminal.wait_quiet(0.25)
            assert left == list(terminal.screen), (storm, (columns, rows))
