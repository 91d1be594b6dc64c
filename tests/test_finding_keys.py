"""Every key is found: the key bar, the header, the map by number, help by pages, play."""

from pathlib import Path

import pytest

from gd_tutor.engine.state import Phase
from gd_tutor.notation.spans import is_key, spans_of, written
from gd_tutor.plain.conversation import Reader
from gd_tutor.session.commands import COMMANDS, KEYED, Call, command, typed
from gd_tutor.session.key_bar import Hint, fitting, hints_of
from gd_tutor.session.lesson_session import Session
from gd_tutor.tui.app import TutorApp
from gd_tutor.tui.lesson_screen import OF_THE_COURSE, PAGES, LessonScreen
from gd_tutor.tui.list_pages import MapPage
from gd_tutor.tui.page import HelpPage
from test_tui import message_of, running, state_of
from tutor import app, screen_rows, screen_text, session, settle


def bar(learner: Session, cells: int = 80, walks: str = "") -> list[Hint]:
    hints, always = hints_of(learner, cells < 72, walks)
    return fitting(hints, always, cells)


def keys(learner: Session, cells: int = 80, walks: str = "") -> list[str]:
    return [key for key, _ in bar(learner, cells, walks)]


def question(name: str) -> Session:
    learner = session(name)
    while learner.questions.open is None:
        assert learner.turn(1)
    return learner


# The key bar


def test_the_bar_of_a_lesson_has_the_phases_and_that_panes_can_be_walked() -> None:
    learner = session("derivative")
    assert keys(learner)[:5] == ["f", "b", "u", "pgdn", "tab"]
    assert keys(learner)[-2:] == ["?", "q"]
    assert "," not in keys(learner), "nothing to undo"
    learner.step(Phase.FORWARD)
    assert "," in keys(learner)


def test_the_bar_of_a_lab_has_experiment_optimizer_and_keep() -> None:
    assert {"e", "o", "k", "tab", "pgdn", "?", "q"} <= set(keys(session("optimizers")))


def test_in_matrices_the_arrows_come_first() -> None:
    assert bar(session("gradient-matrix"), walks="cells")[:2] == [
        ("↑↓←→", "cells"),
        ("enter", "explain"),
    ]


def test_the_bar_of_a_question_has_its_keys_and_none_that_it_refuses() -> None:
    learner = question("residual")
    assert keys(learner)[:2] == ["enter", "escape"]
    assert not {"f", "m", "?", "q"} & set(keys(learner))
    learner.choose_start()
    assert keys(learner)[:2] == ["enter", "escape"]


def test_the_bar_of_the_last_page_leads_on() -> None:
    learner = session("residual")
    while not learner.pages.at_end:
        learner.turn(1)
    for cells in (40, 80):
        assert ("]", "next lesson") in bar(learner, cells)
    assert ("enter", "go on") in bar(learner)


@pytest.mark.parametrize("cells", [40, 50, 60, 72, 80, 100])
@pytest.mark.parametrize("name", ["derivative", "layers"])
def test_at_every_width_the_next_phase_is_in_the_bar(name: str, cells: int) -> None:
    learner = session(name)
    for phase in ("f", "b", "u"):
        shown = bar(learner, cells)
        assert any(phase in key.split() for key, _ in shown)
        assert sum(len(key) + len(label) + 3 for key, label in shown) <= cells + 1
        learner.go_on()


# Keys in sentences


def test_every_key_of_the_table_looks_like_a_key() -> None:
    for each in KEYED:
        assert is_key(each.shown) or each.shown in ("1-8", "S-tab"), each


def test_keys_stand_out_without_colour_and_other_words_do_not() -> None:
    assert written("Press `b`, then `ctrl+r`: `np.sum` is none.") == (
        "Press [b], then [ctrl+r]: `np.sum` is none."
    )
    assert ("key", "[b]") in spans_of("Press `b`.", "text")


def test_what_a_front_end_shows_in_its_own_way_is_one_of_its_methods() -> None:
    for each in COMMANDS:
        drawn, said = each.does, each.typed and (each.typed.does or each.does)
        if each.keys and isinstance(drawn, Call):
            owner = TutorApp if drawn.name in OF_THE_COURSE else LessonScreen
            assert drawn.name in PAGES or callable(getattr(owner, f"action_{drawn.name}")), each
        if isinstance(said, Call):
            assert callable(getattr(Reader, said.name)), each


def test_what_is_typed_means_one_command() -> None:
    words = [word for each in COMMANDS if each.typed for word in each.typed.words]
    assert len(words) == len(set(words))
    for word in words:
        found = typed(word)
        assert found is not None
        assert found.typed is not None
        assert word in found.typed.words
    assert typed("UNDO") is command("undo")
    assert typed("N") is not typed("n")
    assert typed("tab") is None


# On the screen


@pytest.mark.parametrize(
    ("name", "size"),
    [
        pytest.param("derivative", (80, 24), marks=pytest.mark.slow),
        pytest.param("layers", (120, 40), marks=pytest.mark.slow),
        ("optimizers", (80, 24)),
    ],
)
async def test_the_phases_of_the_header_stand_still(
    name: str, size: tuple[int, int], tmp_path: Path
) -> None:
    tutor = app(tmp_path, name)
    async with running(tutor, *size) as pilot:
        places = set()
        for key in (*"fbun-----nNN++,", "f", "b"):
            await pilot.press({"-": "minus", "+": "plus", ",": "comma"}.get(key, key))
            await settle(pilot)
            header = screen_rows(tutor)[0].lower()
            places.add((header.index("forward"), header.index("backward")))
        assert len(places) == 1, places


async def test_a_lesson_is_opened_by_its_number_in_the_map(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        await pilot.press("9")
        assert message_of(tutor) == "Lesson 9 opens in the map: press [m], then [9] and [enter]."
        await pilot.press("m", "1")
        assert isinstance(tutor.screen, MapPage)
        assert "number 1_" in screen_text(tutor)
        await pilot.press("2")
        assert "number 12_" in screen_text(tutor)
        await pilot.press("backspace", "0", "enter")
        await settle(pilot, 2)
        assert state_of(tutor) == "bowl:0:start"
        await pilot.press("m", "9", "enter")
        await settle(pilot, 2)
        assert state_of(tutor) == "kitchen:0:start"
        await pilot.press("m", "0")
        assert "There is no lesson 0" in screen_text(tutor)
        await pilot.press("3", "4")
        assert "number 4_" in screen_text(tutor), "no lesson is number 34"


async def test_help_scrolls_by_pages_to_its_ends(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        await pilot.press("question_mark")
        page = tutor.screen
        assert isinstance(page, HelpPage)
        first = screen_rows(tutor)[1:-2]
        seen = list(first)
        await pilot.press("pagedown")
        second = screen_rows(tutor)[1:-2]
        assert len(set(first) & set(second) - {" " * 80}) <= 2
        seen += second
        await pilot.press("end")
        assert "5.1e" in screen_text(tutor)
        await pilot.press("home")
        assert screen_rows(tutor)[1:-2] == first
        for _ in range(8):
            await pilot.press("pagedown")
            seen += screen_rows(tutor)[1:-2]
        text = "\n".join(seen)
        assert all(each.help in text for each in KEYED if len(each.help) < 60)


async def test_the_bar_says_that_it_plays_and_how_fast(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        await pilot.press("a")
        await settle(pilot)
        assert "Playing, 1 phase a second" in screen_rows(tutor)[-1]
        await pilot.press("greater_than_sign")
        await settle(pilot)
        assert "Playing, 2 phases a second" in screen_rows(tutor)[-1]
        await pilot.press("a")
        await settle(pilot)
        assert "Playing" not in screen_text(tutor)
