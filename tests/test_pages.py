"""The pages over a lesson: all that they hold can be read, however small the terminal is."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from gd_tutor.tui.app import TutorApp
from tutor import COURSE, app, screen_rows, settle

SMALL = 40, 12


async def open_page(pilot: Pilot[None], *keys: str) -> None:
    await settle(pilot, 3)
    await press(pilot, *keys)


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def page_rows(app: TutorApp) -> list[str]:
    """What a page shows, without its heading and its foot, and without the cursor."""
    return [row.replace("▸", " ").strip() for row in screen_rows(app)[1:-2]]


def foot(app: TutorApp) -> str:
    return screen_rows(app)[-1].strip()


async def test_the_map_says_of_every_lesson_what_it_is_about(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with tutor.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, "m")
        shown = "\n".join(page_rows(tutor))
        assert all(entry.summary in shown for entry in COURSE.entries)
        titles = [entry.title for entry in COURSE.entries]
        first_lab = next(entry.title for entry in COURSE.entries if entry.lab)
        concepts, labs = shown.split("\nLabs\n")
        assert titles[titles.index(first_lab) - 1] in concepts
        assert first_lab in labs


async def test_enter_opens_the_lab_that_the_map_has_chosen(tmp_path: Path) -> None:
    tutor = app(tmp_path, "gradient-matrix")
    async with tutor.run_test(size=SMALL) as pilot:
        await open_page(pilot, "m", "down")
        assert any(row.startswith(" ▸ 9") for row in screen_rows(tutor))
        await press(pilot, "enter")
        await settle(pilot, 3)
        assert screen_rows(tutor)[0].startswith(" Lab 9 Kitchen")


@pytest.mark.parametrize(
    ("key", "last"),
    [
        ("o", "and backward stay."),  # the end of what is said of the last optimizer
        ("d", "uphill; forward and backward stay."),
        ("E", "The file goes to"),
    ],
)
async def test_words_below_the_last_choice_are_seen(tmp_path: Path, key: str, last: str) -> None:
    tutor = app(tmp_path, "valleys")
    async with tutor.run_test(size=SMALL) as pilot:
        await open_page(pilot, key, *["down"] * 10)
        assert any(last in row for row in page_rows(tutor))
        assert foot(tutor).endswith("escape leaves")


async def test_an_experiment_without_words_leaves_no_gap(tmp_path: Path) -> None:
    tutor = app(tmp_path, "valleys")
    async with tutor.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, "e")
        rows = page_rows(tutor)
        assert rows[1:3] == ["● Two valleys", "A start by chance"]


async def test_every_row_of_a_long_explanation_can_be_scrolled_to(tmp_path: Path) -> None:
    state = "layers:0:backward:experiment=net"
    tall, small = (app(tmp_path, "layers", state) for _ in range(2))
    seen: list[list[str]] = []
    for tutor, height in ((tall, 60), (small, 12)):
        rows: dict[str, None] = {}
        async with tutor.run_test(size=(40, height)) as pilot:
            await open_page(pilot, "tab", "enter")
            rows |= dict.fromkeys(page_rows(tutor))
            for _ in range(25):
                await press(pilot, "down")
                rows |= dict.fromkeys(page_rows(tutor))
        seen.append([row for row in rows if row])
    assert len(seen[0]) > 20
    assert seen[1] == seen[0]
    assert any(row.endswith("…") for row in seen[0])
