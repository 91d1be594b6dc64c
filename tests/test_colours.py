"""Everything drawn can be read: contrasts of both themes, and states that need no colour."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from rich.color import Color as RichColor
from rich.segment import Segment
from textual.color import Color
from textual.command import CommandPalette
from textual.theme import Theme

from gd_tutor.course.own_lab import Lab
from gd_tutor.tui.app import TutorApp
from gd_tutor.tui.new_app import NewApp
from gd_tutor.tui.search_pages import SearchPage
from gd_tutor.tui.themes import THEMES, span_styles
from tutor import app, screen_text, session, settle, slow

TEXT, LINES = 7.0, 3.0


def segments(app: TutorApp) -> Iterator[Segment]:
    """What is drawn; of what lies dimmed below the palette, nothing."""
    strips = app.screen._compositor.render_strips()
    if isinstance(app.screen, CommandPalette):
        region = app.screen.query_one("#--container").region
        strips = [strip.crop(region.x, region.right) for strip in strips[region.y : region.bottom]]
    for strip in strips:
        yield from strip


def luminance(color: Color) -> float:
    """The relative luminance of the Web Content Accessibility Guidelines."""

    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


@cache
def contrast(one: RichColor, other: RichColor) -> float:
    dark, light = sorted(luminance(Color.from_rich_color(c)) for c in (one, other))
    return (light + 0.05) / (dark + 0.05)


def is_line(character: str) -> bool:
    """Whether a character belongs to a plot or a frame and not to words."""
    return "\u2500" <= character <= "\u25ff" or "\u2800" <= character <= "\u28ff"


def poor_contrasts(app: TutorApp) -> set[tuple[str, str, str, float]]:
    """Drawn pairs of colours that are too near each other."""
    poor = set()
    for text, style, _ in segments(app):
        shown = text.strip()
        if not shown or style is None or style.color is None or style.bgcolor is None:
            continue
        found = contrast(style.color, style.bgcolor)
        if style.dim:
            found = min(found, dimmed(style.color, style.bgcolor))
        wanted = LINES if all(is_line(c) or c == " " for c in shown) else TEXT
        if found < wanted:
            colours = str(style.color.name), str(style.bgcolor.name)
            poor.add((shown[:20], *colours, round(found, 2)))
    return poor


@cache
def dimmed(color: RichColor, background: RichColor) -> float:
    """Half-bright text: between its colour and what is behind it."""
    front, back = Color.from_rich_color(color), Color.from_rich_color(background)
    return contrast(front.blend(back, 1 / 3).rich_color, background)


SOME_SCREENS = ["gradient:2:backward", "gradient-matrix:0:backward", "bugs", "question", "map"]


@pytest.mark.parametrize("seen", [SOME_SCREENS, slow(None)], ids=["some", "all"])
@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_text_and_lines_stand_out(theme: str, seen: list[str] | None, tmp_path: Path) -> None:
    tutor = app(tmp_path)
    tutor.theme = theme
    async with tutor.run_test(size=(120, 40)) as pilot:
        await settle(pilot, 3)
        poor: dict[str, set[tuple[str, str, str, float]]] = {}

        def look(screen: str) -> None:
            found = poor_contrasts(tutor)
            if found:
                poor[screen] = found

        for state in (
            "derivative:1:backward",
            "loss:0:forward",
            "gradient:2:backward",
            "residual:1:backward",
            "gradient-matrix:0:backward",
        ):
            if seen and state not in seen:
                continue
            tutor.lesson_screen.open(session(state.partition(":")[0], state))
            await settle(pilot, 2)
            look(state)
        tutor.lesson_screen.open(session("bowl", "bowl:2:backward"))
        await settle(pilot, 2)
        await pilot.press("k")
        for page, keys in {
            "conventions": ["c"],
            "bugs": ["d"],
            "optimizers": ["o"],
            "experiments": ["e"],
            "kept runs": ["K"],
            "export": ["E"],
            "rates": ["L"],
            "starts": ["S"],
            "explained": ["enter"],
            "start value": ["s"],
            "question": ["p", "u"],
            "wrong answer": ["u", "1", "enter"],
            "map": ["m"],
            "help": ["question_mark"],
            "go to": ["g", "1", "2"],
            "palette": ["ctrl+p"],
            "palette, typed": ["ctrl+p", "n", "e"],
        }.items():
            if seen and page not in seen:
                continue
            await pilot.press(*keys)
            await settle(pilot, 2)
            while isinstance(tutor.screen, SearchPage) and tutor.screen.is_searching:
                await pilot.pause()
            look(page)
            await pilot.press("escape")
            await settle(pilot, 2)
        await pilot.resize_terminal(30, 8)
        await settle(pilot, 2)
        look("too small")
    assert poor == {}


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_the_page_to_write_on_stands_out(theme: str, tmp_path: Path) -> None:
    tutor = NewApp(Lab.open(tmp_path / "own.md"))
    tutor.theme = theme
    async with tutor.run_test(size=(100, 40)) as pilot:
        await settle(pilot, 3)
        assert poor_contrasts(tutor) == set()
        await pilot.press("ctrl+e")
        await settle(pilot, 3)
        assert poor_contrasts(tutor) == set()


async def test_states_differ_without_colour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Focus, newest lines, chosen cell, chosen lesson, field: by characters or attributes."""
    monkeypatch.setenv("NO_COLOR", "1")
    tutor = app(tmp_path, "gradient-matrix", "gradient-matrix:0:forward")
    async with tutor.run_test(size=(80, 24)) as pilot:
        await settle(pilot, 3)
        looks = [look(tutor)]

        async def differs(*keys: str) -> None:
            await pilot.press(*keys)
            await settle(pilot, 2)
            looks.append(look(tutor))
            assert looks[-1] != looks[-2], keys

        await differs("tab")
        await differs("tab")
        await differs("down")  # the cursor in the matrices
        await differs("m")
        await differs("up")  # the chosen lesson
        await differs("escape")
        await differs("g")
        await differs("1", "2")
        await differs("backspace")
        await differs("s")  # refused
        assert "Go to iteration 1_" in screen_text(tutor)


def look(app: TutorApp) -> list[tuple[str, bool, bool, bool]]:
    """What is seen of the screen where there are no colours."""
    return [
        (
            character,
            bool(style and style.bold),
            bool(style and style.reverse),
            bool(style and style.underline),
        )
        for text, style, _ in segments(app)
        for character in text
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_the_path_of_a_run_stands_out_from_what_it_runs_on(theme: Theme) -> None:
    styles = span_styles(theme.to_color_system().generate())
    assert not {styles[role].color for role in ("curve", "contour", "axis")} & {
        styles["path"].color
    }
