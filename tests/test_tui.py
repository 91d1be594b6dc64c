"""The screens: keys, panes, sizes, pages, and lessons of other people."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.binding import Binding
from textual.command import CommandList
from textual.pilot import Pilot
from textual.widgets import Input
from textual.worker import WorkerFailed

from gd_tutor.course.folder import Course
from gd_tutor.engine.state import PHASES, Phase
from gd_tutor.notation.spans import plain, written
from gd_tutor.notation.worked import worked_phase
from gd_tutor.progress.place import Progress
from gd_tutor.session.commands import KEYED
from gd_tutor.session.lesson_session import Session
from gd_tutor.tui.app import TutorApp
from gd_tutor.tui.lesson_screen import LessonScreen, action_of
from gd_tutor.tui.list_pages import MapPage
from gd_tutor.tui.page import HelpPage
from gd_tutor.tui.palette import Palette
from gd_tutor.tui.panes import Pane, PicturePane
from gd_tutor.tui.search_pages import SearchPage
from gd_tutor.tui.status import NARROW, MessageLine
from gd_tutor.tui.themes import THEMES
from tutor import (
    COURSE,
    FEW,
    LESSONS,
    SOME,
    app,
    app_of,
    lesson,
    lessons,
    one_in,
    screen_rows,
    screen_text,
    session,
    settle,
    shown_panes,
    slow,
    training_of,
)

PLACES = [
    f"{iteration}:{phase}" for iteration in range(3) for phase in Phase if phase or not iteration
]


@asynccontextmanager
async def running(app: TutorApp, columns: int = 80, rows: int = 24) -> AsyncIterator[Pilot[None]]:
    """The application on a screen, everything drawn."""
    async with app.run_test(size=(columns, rows)) as pilot:
        while not (isinstance(app.screen, LessonScreen) and app.lesson_screen.is_open):
            await pilot.pause()
        await settle(pilot, 2)
        yield pilot


def state_of(app: TutorApp) -> str:
    return str(app.lesson_screen.session.state)


def message_of(app: TutorApp) -> str:
    """What the screen says last, with its keys as they look."""
    return written(app.lesson_screen.session.message)


async def show(app: TutorApp, session: Session, pilot: Pilot[None]) -> None:
    """Show another session in the same application."""
    app.lesson_screen.open(session)
    await settle(pilot, 2)


# Keys


async def test_every_key_of_a_step_does_what_it_says(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        for key, expected in (
            ("f", "derivative:0:forward"),
            ("b", "derivative:0:backward"),
            ("u", "derivative:0:update"),
            ("space", "derivative:1:forward"),
            ("comma", "derivative:0:update"),
            ("full_stop", "derivative:1:forward"),
            ("backspace", "derivative:0:update"),
            ("n", "derivative:1:update"),
            ("N", "derivative:11:update"),
            ("plus", "derivative:11:update:learning_rate=0.2@12"),
            ("equals_sign", "derivative:11:update:learning_rate=0.5@12"),
            ("minus", "derivative:11:update:learning_rate=0.2@12"),
            ("r", "derivative:0:start:learning_rate=0.2@0"),
            ("r", "derivative:0:start"),
            ("s", "derivative:0:start"),
            ("right", "derivative:0:start:x=8.2@0"),
            ("left", "derivative:0:start"),
            ("escape", "derivative:0:start"),
        ):
            await pilot.press(key)
            assert state_of(tutor) == expected, key
        assert Progress(tmp_path).load() == tutor.lesson_screen.session.bookmark


async def test_a_start_value_is_typed(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        await pilot.press("s", "2")
        assert message_of(tutor) == "Start: x = 2_  [enter] takes it."
        await pilot.press("full_stop", "5", "5", "backspace", "enter")
        assert state_of(tutor) == "derivative:0:start:x=2.5@0"
        await pilot.press("s", "minus", "1", "slash", "0", "enter")
        assert "divided by 0" in message_of(tutor)
        await pilot.press("escape", "3")
        assert state_of(tutor) == "derivative:0:start:x=2.5@0"
        await pilot.press("s", "7", "f")
        assert state_of(tutor) == "derivative:0:start:x=2.5@0"
        assert "[f] is no key here" in message_of(tutor)
        await pilot.press("escape", "4")
        assert state_of(tutor) == "partial-derivative:0:start"


async def test_the_page_says_which_experiment_it_is_about(tmp_path: Path) -> None:
    tutor = app(tmp_path, "layers")
    async with running(tutor) as pilot:
        note = squeezed("About another experiment ([e]): Two layers by hand.")
        assert note not in squeezed(tutor.lesson_screen.prose.text)
        session = tutor.lesson_screen.session
        for option in reversed(session.lesson_run.options(("experiment",))):
            session.choose(option)
            tutor.lesson_screen.changed()
            await settle(pilot)
            shown = squeezed(tutor.lesson_screen.prose.text)
            assert (note in shown) is (option.value != "chain")


async def test_a_lesson_is_as_it_was_left(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        await pilot.press("f", "plus", "k", "v", "pagedown", "pagedown")
        text = tutor.lesson_screen.prose.text
        assert "━ ▸ 3/" in text
        await pilot.press("5", "f", "b")
        assert state_of(tutor) == "gradient:0:backward"
        await pilot.press("3")
        assert state_of(tutor) == "derivative:0:forward:learning_rate=0.2@0"
        assert tutor.lesson_screen.prose.text == text
        assert tutor.lesson_screen.session.pictures.first == 1
        assert len(tutor.lesson_screen.session.pictures.beside.kept) == 1
        await pilot.press("5")
        assert state_of(tutor) == "gradient:0:backward"
        assert "━ ▸ 1/" in tutor.lesson_screen.prose.text
        await pilot.press("r", "3")
    resumed = app_of(COURSE, tmp_path, "derivative", Progress(tmp_path).load())
    async with running(resumed):
        assert resumed.lesson_screen.prose.text == text


async def test_every_key_that_looks_and_goes_does_what_it_says(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        screen = tutor.lesson_screen
        await pilot.press("v")
        assert screen.session.pictures.first == 1
        await pilot.press("l")
        assert message_of(tutor) == "The loss axis is logarithmic."
        first = screen.prose.text
        await pilot.press("pagedown")
        assert screen.prose.text != first
        await pilot.press("pageup")
        assert screen.prose.text == first
        await pilot.press("down")
        assert screen.prose.text != first
        await pilot.press("up")
        assert screen.prose.text == first
        focus = [screen.columns.present.id]
        await pilot.press("tab")
        focus.append(screen.columns.present.id)
        assert focus == ["prose", "worked"]
        pages = [type(tutor.screen)]
        for key in ("m", "m", "question_mark", "question_mark"):
            await pilot.press(key)
            pages.append(type(tutor.screen))
        assert pages == [LessonScreen, MapPage, LessonScreen, HelpPage, LessonScreen]
        await pilot.press("g", "7", "enter")
        await until(pilot, lambda: state_of(tutor) == "derivative:7:forward")
        for number, name in enumerate(LESSONS[:8], start=1):
            await pilot.press(str(number))
            begun = "7:forward" if name == "derivative" else "0:start"
            assert state_of(tutor) == f"{name}:{begun}"
        for name in LESSONS[8:]:
            await pilot.press("right_square_bracket")
            assert state_of(tutor) == f"{name}:0:start"
        await pilot.press("right_square_bracket")
        assert state_of(tutor) == f"{LESSONS[-1]}:0:start"
        assert message_of(tutor) == "This is the last lesson."
        await pilot.press("left_square_bracket")
        assert state_of(tutor) == f"{LESSONS[-2]}:0:start"
        await pilot.press("right_square_bracket")
        assert state_of(tutor) == f"{LESSONS[-1]}:0:start"
        await pilot.press("1", "left_square_bracket")
        assert state_of(tutor) == "residual:0:start"
        assert message_of(tutor) == "This is the first lesson."


async def until(pilot: Pilot[None], done: Callable[[], bool]) -> None:
    for _ in range(6_000):
        if done():
            return
        await pilot.pause(0.01)
    raise AssertionError("what was waited for has not happened")


async def test_play_goes_on_until_a_key_stops_it(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        for _ in range(9):
            await pilot.press("greater_than_sign")
        assert message_of(tutor) == "Play ([a]) goes at 8 phases a second."
        await pilot.press("a")
        await until(pilot, lambda: training_of(tutor.lesson_screen.session).position >= (0, 3))
        await pilot.press("a")
        assert not tutor.lesson_screen.running.stop()
        assert message_of(tutor).startswith("Stopped.")
        place = state_of(tutor)
        await pilot.press("a")
        await until(pilot, lambda: state_of(tutor) != place)
        position = training_of(tutor.lesson_screen.session).position
        await pilot.press("comma")
        assert not tutor.lesson_screen.running.stop()
        assert training_of(tutor.lesson_screen.session).position <= position
        for _ in range(9):
            await tutor.run_action("pace(-1)", tutor.lesson_screen)
        assert message_of(tutor) == "Play ([a]) goes at 0.5 phases a second."


@pytest.mark.parametrize(
    ("page", "key"),
    [
        *one_in(3, ((page, key) for page in ("", "m", "question_mark") for key in ("q", "ctrl+c"))),
        ("g", "ctrl+c"),  # where q would be a letter in a field
    ],
)
async def test_quitting_works_on_every_page(page: str, key: str, tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        await pilot.press(*([page] if page else []), key)
        await pilot.pause()
        assert not tutor.is_running or tutor._exit
        assert (tutor.return_code or 0) == 0


def test_every_key_of_the_table_is_bound_once() -> None:
    keys = [each.key for each in Binding.make_bindings(LessonScreen.BINDINGS)]
    assert len(keys) == len(set(keys))
    table = (
        "f b u space n N comma backspace full_stop r plus equals_sign minus s a g m 1 2 3 4 5 6 7 8"
        " left_square_bracket right_square_bracket v l tab up down left right pageup pagedown"
        " question_mark q ctrl+c"
    )
    assert set(table.split()) <= set(keys)


async def test_going_to_an_iteration_takes_digits_only_and_can_be_left(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        await pilot.press("g", "x", "3", "0", "0", "enter")
        await until(pilot, lambda: state_of(tutor) == "derivative:300:forward")
        await pilot.press("g", "5", "escape")
        assert tutor.screen is tutor.lesson_screen
        assert state_of(tutor) == "derivative:300:forward"
        await pilot.press("g", "0", "enter")
        await until(pilot, lambda: state_of(tutor) == "derivative:0:start")


async def test_key_out_of_turn_is_answered_on_the_screen(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        await pilot.press("u")
        said = "Forward comes first, then backward: update needs fresh slopes."
        assert said in " ".join(tutor.lesson_screen.worked.text.split())


@pytest.mark.parametrize("back", ["pageup", "up"])
async def test_turning_back_leaves_the_number_that_was_walked_to(back: str, tmp_path: Path) -> None:
    tutor = app(tmp_path, "derivative")
    async with running(tutor) as pilot:
        await pilot.press("pagedown", "left", back)
        assert "▸ 1/11" in screen_text(tutor)


async def test_walked_line_bears_a_terminal_that_widens(tmp_path: Path) -> None:
    tutor = app(tmp_path, "gradient")
    async with running(tutor) as pilot:
        await pilot.press("n", "tab", "up")
        await pilot.resize_terminal(160, 24)
        await settle(pilot, 2)
        assert "» y ← y − η·∂l/∂y" in screen_text(tutor)


async def test_shift_tab_goes_to_the_pane_before(tmp_path: Path) -> None:
    tutor = app(tmp_path, "derivative")
    async with running(tutor) as pilot:
        await pilot.press("shift+tab")
        await settle(pilot, 2)
        *_, last = shown_panes(tutor)
        assert tutor.lesson_screen.columns.present is tutor.screen.focused is last
        await pilot.press("tab")
        await settle(pilot, 2)
        screen = tutor.lesson_screen
        assert screen.columns.present is screen.focused is screen.prose


async def test_another_experiment_gets_the_room_for_its_pictures(tmp_path: Path) -> None:
    tutor = app(tmp_path / "first", "regression")
    async with running(tutor, 200, 60) as pilot:
        await pilot.press("e", "down", "enter")
        await settle(pilot, 3)
        shown = [pane.region for pane in shown_panes(tutor)]
        state = state_of(tutor)
    fresh = app(tmp_path / "fresh", "regression", state)
    async with running(fresh, 200, 60):
        assert [pane.region for pane in shown_panes(fresh)] == shown


# Palette, map, help


async def test_key_that_is_none_is_answered_too(tmp_path: Path) -> None:
    tutor = app(tmp_path, "derivative")
    async with running(tutor) as pilot:
        await pilot.press("9")
        assert "Lesson 9 opens in the map" in screen_text(tutor)
        await pilot.press("p", "f", "z")
        assert "[z] is no key here" in screen_text(tutor)
        assert "What is l, the loss?" in screen_text(tutor)
        assert state_of(tutor) == "derivative:0:start"


async def test_header_counts_the_layers_of_a_backward_under_way(tmp_path: Path) -> None:
    tutor = app(tmp_path, "layers")
    async with running(tutor) as pilot:
        await pilot.press("f", "b")
        assert "FORWARD ▸ backward 1/2 ▸ update" in screen_rows(tutor)[0]
        await pilot.press("b")
        assert "forward ▸ BACKWARD ▸ update" in screen_rows(tutor)[0]


async def test_arithmetic_is_headed_by_what_was_chosen(tmp_path: Path) -> None:
    tutor = app(tmp_path, "gradient", "gradient:1:forward:optimizer=momentum:bug=wrong-sign")
    async with running(tutor):
        assert "─ iteration 1, momentum, wrong-sign" in screen_text(tutor)


async def test_palette_lists_every_lesson_and_every_command(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor, 100, 250) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "quit; your place is kept" in screen_text(tutor))
        text = screen_text(tutor)
        for each in KEYED:
            if each.shown not in ("1-8", "arrows"):
                assert each.help in text
        for number, name in enumerate(LESSONS, start=1):
            assert f"Lesson {number} {lesson(name).title}" in text


async def test_palette_runs_a_command_over_any_page(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        await pilot.press("m", "ctrl+p")
        tutor.screen.query_one(Input).value = "next picture"
        await until(pilot, lambda: "Lesson" not in screen_text(tutor))
        await pilot.press("down", "enter")
        await until(pilot, lambda: tutor.screen is tutor.lesson_screen)
        await until(pilot, lambda: tutor.lesson_screen.session.pictures.first == 1)
        await pilot.press("ctrl+p")
        tutor.screen.query_one(Input).value = "Lesson 5 Gradient"
        await until(pilot, lambda: "Lesson 1" not in screen_text(tutor))
        await pilot.press("down", "enter")
        await until(pilot, lambda: state_of(tutor) == "gradient:0:start")


# Some: the last concepts and the first labs.
@pytest.mark.parametrize("names", [LESSONS[6:10], slow(LESSONS)], ids=["some", "all"])
async def test_map_shows_and_opens_every_lesson(names: list[str], tmp_path: Path) -> None:
    tutor = app(tmp_path, names[0])
    async with running(tutor) as pilot:
        for place, name in enumerate(names):
            await tutor.run_action("app.map", tutor.lesson_screen)
            await pilot.pause()
            text = screen_text(tutor)
            for each in LESSONS:
                assert lesson(each).title in text
            page = tutor.screen
            assert isinstance(page, MapPage)
            if place:  # The map opens at the lesson that one comes from.
                await tutor.run_action("move(1)", page)
            marked = next(row for row in screen_rows(tutor) if "▸" in row)
            assert lesson(name).title in marked
            assert lesson(name).summary in re.sub(r"\s+", " ", screen_text(tutor))
            await tutor.run_action("open", page)
            await pilot.pause()
            assert state_of(tutor) == f"{name}:0:start"
        await tutor.run_action("app.map", tutor.lesson_screen)
        await pilot.pause()
        for _ in LESSONS:
            await tutor.run_action("move(-1)", tutor.screen)
        await tutor.run_action("open", tutor.screen)
        await pilot.pause()
        assert state_of(tutor) == f"{LESSONS[0]}:0:start"


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_help_lists_every_command_and_scrolls(size: tuple[int, int], tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor, *size) as pilot:
        await tutor.run_action("app.help", tutor.lesson_screen)
        await pilot.pause()
        seen = [screen_text(tutor)]
        while True:
            await tutor.run_action("move(1)", tutor.screen)
            text = screen_text(tutor)
            if text == seen[-1]:
                break
            seen.append(text)
        whole = re.sub(r"\s+", " ", "\n".join(seen))
        for each in KEYED:
            assert any(
                re.search(
                    rf"^ +{re.escape(each.shown)} +{re.escape(each.help[:12])}", t, re.MULTILINE
                )
                for t in seen
            ), each.shown
        assert "palette" in whole


# Pictures


async def test_loss_curve_and_parameter_path_are_at_most_one_key_away(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        for name in LESSONS:
            await show(tutor, session(name), pilot)
            kinds = kinds_shown(tutor)
            await tutor.run_action("do('view')", tutor.lesson_screen)
            kinds |= kinds_shown(tutor)
            assert "loss" in kinds, name
            assert kinds & {"curve", "contours", "parameters"}, name


def kinds_shown(tutor: TutorApp) -> set[str]:
    learner = tutor.lesson_screen.session
    views = [p.view(learner) for p in shown_panes(tutor) if isinstance(p, PicturePane)]
    return {view.kind for view in views if view is not None}


@pytest.mark.parametrize("names", [SOME[1:3], slow(LESSONS)], ids=["some", "all"])
@pytest.mark.parametrize(("size", "most"), [((80, 24), 2), ((120, 40), 3), ((200, 60), 4)])
async def test_more_room_makes_more_pictures_and_leaves_no_gap(
    size: tuple[int, int], most: int, names: list[str], tmp_path: Path
) -> None:
    tutor = app(tmp_path)
    async with running(tutor, *size) as pilot:
        for name in names:
            learner = session(name, f"{name}:1:backward")
            await show(tutor, learner, pilot)
            panes = shown_panes(tutor)
            pictures = [pane for pane in panes if isinstance(pane, PicturePane)]
            assert len(pictures) == min(most, len(learner.pictures.views)), name
            assert sum(pane.region.area for pane in panes) >= (size[0] - 1) * (size[1] - 2)
            assert min(pane.region.height for pane in pictures) >= 11
            widths = [pane.region.width for pane in pictures]
            assert min(widths) >= 39 if size[0] == 80 else min(widths) > 39


# Nothing clipped


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def worked_text(learner: Session) -> str:
    """All worked lines of this iteration, each whole."""
    training = training_of(learner)
    lines = [
        line
        for phase in PHASES
        if phase <= training.phase
        for line in worked_phase(training, phase)
    ]
    return "".join(squeezed("".join(line.text(learner.notation))) for line in lines)


async def worked_rows(tutor: TutorApp, pilot: Pilot[None]) -> tuple[list[str], str]:
    """All rows of the worked pane, each as it is walked to, and the sentence below."""
    pane = tutor.lesson_screen.worked
    below = sentence_height(body_of(pane), message_of(tutor))
    said = " ".join(row.strip() for row in body_of(pane)[-below:])
    rows: list[str] = []
    frame: list[str] = []
    for _ in range(200):
        pane.arrow(0, -1)
        if body_of(pane) == frame:
            break
        frame = body_of(pane)
        rows += [row for row in frame if row.startswith(" » ")]
    pane.cursor = None
    pane.redraw()
    return rows[::-1], said


def body_of(pane: Pane) -> list[str]:
    return pane.text.split("\n")[1:]


def sentence_height(rows: Sequence[str], sentence: str) -> int:
    """How many of the last rows the sentence takes."""
    for height in range(1, len(rows)):
        if squeezed("".join(rows[-height:])) == squeezed(sentence):
            return height
    raise AssertionError(f"{sentence!r} is not whole in {rows}")


@pytest.mark.parametrize("name", lessons(FEW))
async def test_nothing_is_clipped_at_80_by_24(name: str, tmp_path: Path) -> None:
    tutor = app(tmp_path, name)
    async with running(tutor) as pilot:
        for place in PLACES:
            learner = session(name, f"{name}:{place}")
            await show(tutor, learner, pilot)
            await nothing_is_clipped(tutor, pilot, learner)


async def nothing_is_clipped(tutor: TutorApp, pilot: Pilot[None], learner: Session) -> None:
    training = training_of(learner)
    header, *_, bar = screen_rows(tutor)
    number = learner.lesson.number
    place = f"Lab {number}" if learner.lesson.lab else f"{number}/8"
    assert f" {place} {learner.lesson.title} " in header
    assert f"iteration {training.iteration} " in header
    assert header.rstrip().endswith(f"η {learner.notation.number(training.learning_rate)}")
    strip = [str(phase).upper() if phase == training.phase else str(phase) for phase in PHASES]
    assert " ▸ ".join(strip) in header
    if learner.lesson.lab:
        keys = ("f b u", "o optimizer", "k keep", "pgdn text", "tab pane", "? help", "q quit")
    else:
        keys = ("f forward", "b back", "u update", "pgdn text", "tab pane", "? help", "q quit")
    assert all(f" {key} " in f"{bar} " for key in keys)
    rows, said = await worked_rows(tutor, pilot)
    assert squeezed(said) == squeezed(message_of(tutor))
    lines = [row.removeprefix(" ") for row in rows]
    worked = "".join(
        squeezed(line[2:]) for line in lines if "(comes in" not in line and line.strip()
    )
    assert worked == worked_text(learner)
    for pane in shown_panes(tutor):
        assert pane.region.height >= 10
        if not isinstance(pane, PicturePane):
            continue
        assert pane.heading(learner) in pane.text.split("\n")[0]
        text = pane.text
        assert "‹" not in text
        assert "›" not in text
    for row in screen_rows(tutor):
        assert cell_len(row) == 80


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
@pytest.mark.parametrize("names", [FEW, slow(LESSONS)], ids=["some", "all"])
async def test_every_word_of_the_prose_is_reached_by_pagedown(
    names: list[str], size: tuple[int, int], tmp_path: Path
) -> None:
    tutor = app(tmp_path)
    async with running(tutor, *size) as pilot:
        for name in names:
            learner = session(name)
            await show(tutor, learner, pilot)
            read = await read_by_pagedown(tutor)
            sections = learner.pages.prose.sections
            for number, section in enumerate(sections, start=1):
                (whole,) = learner.pages.prose.parts(section, 10_000, 1_000)
                assert read[f"{number}/{len(sections)}"] == squeezed(plain(whole)), section.title


async def read_by_pagedown(tutor: TutorApp) -> dict[str, str]:
    """The pages from the first to the last, without their blanks, by the section's number."""
    learner, pane = tutor.lesson_screen.session, tutor.lesson_screen.prose
    read: dict[str, str] = {}
    for _ in range(100):
        heading = pane.heading(learner)
        number = heading.split(" ")[0]
        first = pane.text.split("\n")[0]
        assert heading in first
        about = squeezed(written(learner.detours.about))
        read[number] = read.get(number, "") + squeezed("".join(body_of(pane)))
        read[number] = read[number].removesuffix(about)
        await tutor.run_action("turn(1)", tutor.lesson_screen)
        if message_of(tutor).startswith("This is the last page"):
            break
    return read


@pytest.mark.parametrize("name", ["residual-matrix", "loss-matrix", "gradient-matrix"])
async def test_arithmetic_of_every_cell_fits_at_80_by_24(name: str, tmp_path: Path) -> None:
    tutor = app(tmp_path, name)
    async with running(tutor) as pilot:
        for place in ("1:forward", "2:backward"):
            learner = session(name, f"{name}:{place}")
            await show(tutor, learner, pilot)
            pane = next(p for p in shown_panes(tutor) if isinstance(p, PicturePane))
            view = learner.pictures.views[0]
            for across in range(5):
                for row in range(3):
                    wide = plain(view.rows(training_of(learner), 200, 20)).split("\n")[-3:]
                    pane.redraw()
                    assert squeezed("".join(wide)) in squeezed(pane.text), (place, across, row)
                    pane.arrow(0, 1)
                pane.arrow(0, -9)
                pane.arrow(1, 0)


# Small and changing terminals


@pytest.mark.parametrize("size", [(40, 12), (80, 19)])
async def test_small_terminal_shows_one_pane_and_tab_reaches_all(
    size: tuple[int, int], tmp_path: Path
) -> None:
    tutor = app(tmp_path, "gradient", "gradient:0:backward")
    async with running(tutor, *size) as pilot:
        seen = []
        for _ in range(4):
            (pane,) = shown_panes(tutor)
            assert tutor.screen.focused is pane
            assert pane.region.width == size[0]
            assert pane.region.height == size[1] - (4 if size[0] >= NARROW else 5)
            seen.append(pane.id)
            text = screen_text(tutor)
            assert pane.text.split("\n")[0] in text
            assert "Backward changed no parameter" in text
            assert "q quit" in text
            assert "Gradient" in text.split("\n")[0]
            await tutor.run_action("pane(1)", tutor.lesson_screen)
            await settle(pilot, 2)
        assert seen == ["prose", "worked", "picture0", "prose"]


async def test_small_terminal_reaches_every_picture(tmp_path: Path) -> None:
    tutor = app(tmp_path, "gradient")
    async with running(tutor, 40, 12) as pilot:
        for _ in range(2):
            await tutor.run_action("pane(1)", tutor.lesson_screen)
            await settle(pilot, 2)
        headings = set()
        for _ in tutor.lesson_screen.session.pictures.views:
            headings.add(shown_panes(tutor)[0].text.split("\n")[0])
            await tutor.run_action("do('view')", tutor.lesson_screen)
        assert len(headings) == 4


@pytest.mark.parametrize("names", [FEW, slow(LESSONS)], ids=["some", "all"])
async def test_no_sentence_is_cut_at_40_by_12(names: list[str], tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor, 40, 12) as pilot:
        for name in names:
            for place in PLACES[:5]:
                await show(tutor, session(name, f"{name}:{place}"), pilot)
                said = squeezed(tutor.lesson_screen.query_one(MessageLine).text)
                assert said == squeezed(message_of(tutor)), (name, place)


async def test_what_is_special_about_a_kept_run_is_told_whole_in_a_small_terminal(
    tmp_path: Path,
) -> None:
    tutor = app(tmp_path, "derivative", "derivative:2:update:optimizer=momentum:bug=not-cleared")
    async with running(tutor, 40, 12) as pilot:
        tutor.lesson_screen.session.keep_run()
        await pilot.press("n", "K")
        await settle(pilot, 2)
        for place in ("1", "@"):
            chosen = re.compile(rf"▸ +{place} .*\n +momentum 0.1, not-cleared\n")
            await until(pilot, lambda chosen=chosen: bool(chosen.search(screen_text(tutor))))
            await pilot.press("down")


@pytest.mark.parametrize("keys", ["mL", slow("?cEo")])
async def test_too_small_a_page_is_one_sentence_until_it_grows(keys: str, tmp_path: Path) -> None:
    tutor = app(tmp_path, "gradient", "gradient:1:forward")
    async with running(tutor) as pilot:
        for key in keys:
            await pilot.press("question_mark" if key == "?" else key)
            await settle(pilot, 2)
            while isinstance(tutor.screen, SearchPage) and tutor.screen.is_searching:
                await pilot.pause()
            assert tutor.screen is not tutor.lesson_screen
            shown = screen_text(tutor)
            await pilot.resize_terminal(30, 8)
            await settle(pilot, 2)
            sentence = "gd-tutor needs 40 columns and 12 rows; here are 30 and 8. [ctrl+c] quits."
            assert squeezed(screen_text(tutor)) == squeezed(sentence), key
            await pilot.resize_terminal(80, 24)
            await settle(pilot, 2)
            assert screen_text(tutor) == shown, key
            await pilot.press("escape")
            await settle(pilot, 2)


@pytest.mark.parametrize("size", [(39, 12), slow((40, 11)), slow((30, 30)), (10, 3), slow((1, 1))])
async def test_too_small_a_terminal_gets_one_sentence(
    size: tuple[int, int], tmp_path: Path
) -> None:
    tutor = app(tmp_path)
    async with running(tutor, *size) as pilot:
        columns, rows = size
        whole = (
            f"gd-tutor needs 40 columns and 12 rows; here are {columns} and {rows}. [ctrl+c] quits."
        )
        shown = squeezed(screen_text(tutor))
        assert squeezed(whole).startswith(shown)
        if columns >= 30:
            assert shown == squeezed(whole)
        await pilot.press("f")
        assert state_of(tutor) == "derivative:0:forward"


async def test_terminal_that_grows_shows_all_as_a_fresh_start(tmp_path: Path) -> None:
    fresh = await fresh_screen(tmp_path, "derivative:0:forward", (80, 24))
    for size in ((39, 12), (40, 12), (71, 30)):
        tutor = app(tmp_path)
        async with running(tutor, *size) as pilot:
            await pilot.press("f")
            await pilot.resize_terminal(80, 24)
            await settle(pilot, 3)
            assert screen_text(tutor) == fresh, size


async def test_focus_and_step_survive_a_while_in_too_small_a_terminal(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        await pilot.press("tab")
        await pilot.resize_terminal(20, 5)
        await pilot.press("f")
        await pilot.resize_terminal(80, 24)
        await settle(pilot, 3)
        assert tutor.screen.focused is tutor.lesson_screen.worked
        assert "l = ε² = (−3)² = 9" in screen_text(tutor)


async def fresh_screen(folder: Path, state: str, size: tuple[int, int]) -> str:
    tutor = app(folder / "fresh", state.partition(":")[0], state)
    async with running(tutor, *size):
        return screen_text(tutor)


SIZES = [(120, 40), (40, 12), (200, 60), (10, 3), (61, 20), (80, 24), (72, 20), (39, 50)]


@pytest.mark.parametrize(
    "last", [[(80, 24), (40, 12)], slow([(120, 40), (100, 19)])], ids=["usual", "others"]
)
async def test_storm_of_sizes_ends_as_a_fresh_start(
    last: list[tuple[int, int]], tmp_path: Path
) -> None:
    state = "gradient-matrix:1:backward"
    tutor = app(tmp_path, "gradient-matrix", state)
    ends: dict[tuple[int, int], str] = {}
    async with running(tutor, *SIZES[0]) as pilot:
        for end in last:
            for size in (*SIZES, end):
                await pilot.resize_terminal(*size)
            await settle(pilot, 3)
            ends[end] = screen_text(tutor)
    for end, text in ends.items():
        assert text == await fresh_screen(tmp_path, state, end), end


@pytest.mark.parametrize("size", [(4, 40), slow((6, 5)), slow((300, 1))])
async def test_palette_bears_every_size(size: tuple[int, int], tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor, 80, 24) as pilot:
        await pilot.press("ctrl+p")
        await settle(pilot, 2)
        for key in ("down", "r", "down"):
            await pilot.resize_terminal(*size)
            await settle(pilot, 2)
            await pilot.press(key)
            await pilot.resize_terminal(80, 24)
            await settle(pilot, 2)
        assert isinstance(tutor.screen, Palette)


async def test_pages_follow_the_size(tmp_path: Path) -> None:
    texts: dict[tuple[int, int], list[str]] = {}
    for start in ((80, 24), (120, 40)):
        tutor = app(tmp_path)
        texts[start] = []
        async with running(tutor, *start) as pilot:
            for page in ("app.map", "app.help", "do('go to')"):
                await tutor.run_action(page, tutor.lesson_screen)
                await settle(pilot)
                if start != (80, 24):
                    await pilot.resize_terminal(40, 12)
                    await pilot.resize_terminal(80, 24)
                await settle(pilot, 3)
                texts[start].append(screen_text(tutor))
                await pilot.press("escape")
                await settle(pilot, 2)
                texts[start].append(screen_text(tutor))
                await pilot.resize_terminal(*start)
                await settle(pilot)
    assert len(set(texts[80, 24])) == 4
    assert texts[120, 40] == texts[80, 24]


@pytest.mark.parametrize(
    ("name", "ascii"), [slow("loss", False), ("gradient", True), slow("gradient-matrix", False)]
)
async def test_every_row_is_as_wide_as_the_screen(name: str, ascii: bool, tmp_path: Path) -> None:
    tutor = app(tmp_path, name, ascii=ascii)
    async with running(tutor) as pilot:
        for size in ((80, 24), (40, 12), (200, 60)):
            await pilot.resize_terminal(*size)
            for place in ("0:start", "2:backward"):
                await show(tutor, session(name, f"{name}:{place}", ascii), pilot)
                assert [cell_len(row) for row in screen_rows(tutor)] == [size[0]] * size[1]


# Lessons of other people


def folder_of(folder: Path, **lessons: str) -> Course:
    for name, text in lessons.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return Course(folder)


GOOD = """+++
title = "x[i] [b]bold[/b]"
summary = "[red]a summary[/red] of x[i]"
[experiment]
parameters = { x = [1, 2] }
learning_rate = 0.1
forward = '''
loss = sum(x ** 2)
'''
symbols = { x = "x[i]" }
+++

## {first} The page [/] x[i]

Take x[i] and [bold]that[/bold] [link=http://x]there[/link], `y[0]`, \\\\[a]. The end.
"""
WIDE = """+++
title = "梯度下降"
summary = "梯度指向上坡的方向，我们往下走。"
[experiment]
parameters = { x = 3 }
learning_rate = 0.1
forward = '''
loss = x ** 2
'''
symbols = { x = "数", loss = "损失" }
+++

## {first} 第一页

梯度指向上坡的方向，所以我们往相反的方向走。
学习率决定步子有多大，现在是 {{learning_rate}}，损失是 {{loss}}。
"""


async def test_brackets_in_a_lesson_stay_as_they_were_written(tmp_path: Path) -> None:
    course = folder_of(tmp_path, sums=GOOD)
    tutor = app_of(course, tmp_path / "state", "sums")
    async with running(tutor, 120, 40) as pilot:
        await pilot.press("f")
        text = screen_text(tutor)
        for written in ("x[i] [b]bold[/b]", "The page [/] x[i]", "x[i]", "[bold]that[/bold]"):
            assert written in text
        assert "[link=http://x]there[/link]," in text
        assert "y[0]" in text
        await pilot.press("m")
        assert "x[i] [b]bold[/b]" in screen_text(tutor)
        assert "[red]a summary[/red] of x[i]" in screen_text(tutor)
        await pilot.press("m", "ctrl+p")
        await until(pilot, lambda: "Lesson x[i] [b]bold[/b]" in screen_text(tutor))
        assert "[red]a summary[/red] of x[i]" in screen_text(tutor)


async def test_no_bracket_in_a_lesson_ends_the_tutor(tmp_path: Path) -> None:
    lessons = {
        name: GOOD.replace("[b]bold[/b]", written).replace("[red]a", written)
        for name, written in (("a", "[/]"), ("b", "[/b]"), ("c", "[@click=quit]x[/]"))
    }
    course = folder_of(tmp_path, **lessons)
    tutor = app_of(course, tmp_path / "state", "a")
    async with running(tutor, 80, 40) as pilot:
        for _ in lessons:
            await pilot.press("m", "m", "right_square_bracket")
        await pilot.press("ctrl+p")
        for entry in course.entries:
            await until(pilot, lambda entry=entry: f"Lesson {entry.title}" in screen_text(tutor))


def cells_of(tutor: TutorApp) -> list[int]:
    """How many cells each row of the screen takes."""
    return [cell_len(strip.text) for strip in tutor.screen._compositor.render_strips()]


@pytest.mark.parametrize("size", [(40, 12), slow((80, 24)), slow((200, 60))])
async def test_wide_characters_keep_every_row_as_wide_as_the_screen(
    size: tuple[int, int], tmp_path: Path
) -> None:
    course = folder_of(tmp_path, wide=WIDE)
    tutor = app_of(course, tmp_path / "state", "wide")
    async with running(tutor) as pilot:
        await pilot.resize_terminal(*size)
        for action in ("do('forward')", "do('back')", "do('update')", "app.map", "leave"):
            await tutor.run_action(action, tutor.screen)
            await settle(pilot, 2)
            await until(pilot, lambda: cells_of(tutor) == [size[0]] * size[1])
        await until(pilot, lambda: "梯度下降" in screen_text(tutor))


async def test_broken_lesson_is_listed_and_refused_in_words(tmp_path: Path) -> None:
    broken = GOOD.replace("sum(x ** 2)", "sum(x ** )")
    course = folder_of(
        tmp_path, **{"01-good": GOOD, "02-broken": broken, "03-worse": "nothing at all"}
    )
    tutor = app_of(course, tmp_path / "state", "good")
    async with running(tutor) as pilot:
        await pilot.press("m", "down", "down")
        text = re.sub(r"\s+", " ", screen_text(tutor))
        assert "cannot be opened" in text
        for _ in course.entries[1:]:
            await pilot.press("escape", "right_square_bracket")
            assert state_of(tutor) == "good:0:start"
        await pilot.press("m", "down", "enter")
        await pilot.pause()
        assert tutor.screen is tutor.lesson_screen
        assert state_of(tutor) == "good:0:start"
        said = message_of(tutor)
        assert "cannot be opened" in said
        assert "02-broken.md:" in said
        assert squeezed(said) in squeezed("".join(body_of(tutor.lesson_screen.worked)))
        await pilot.press("3")
        assert "cannot be opened" in message_of(tutor)
        await pilot.press("f")
        assert state_of(tutor) == "good:0:forward"


async def test_lesson_of_words_has_no_picture_and_answers_every_key(tmp_path: Path) -> None:
    text = '+++\ntitle = "A break"\n+++\n\nStand up and count to twenty.\n'
    course = folder_of(tmp_path, rest=text)
    tutor = app_of(course, tmp_path / "state", "rest")
    async with running(tutor) as pilot:
        for each in KEYED:
            if each.name not in ("quit", "map", "help", "go to"):
                await tutor.run_action(action_of(each), tutor.lesson_screen)
        await tutor.run_action("turn(-1)", tutor.lesson_screen)  # from the end of the lesson
        await settle(pilot)
        assert tutor.is_running
        shown = screen_text(tutor)
        assert "Stand up and count to twenty." in shown
        assert "This page only has words." in shown


async def test_what_comes_later_is_marked_with_its_lesson(tmp_path: Path) -> None:
    tutor = app(tmp_path, "residual", "residual:0:backward")
    async with running(tutor):
        pane = tutor.lesson_screen.worked.text
        assert "backward (comes in lesson 3)" in pane
        await tutor.run_action("do('undo')", tutor.lesson_screen)
        assert "(comes in lesson 2)" in tutor.lesson_screen.worked.text


async def test_newest_lines_are_marked(tmp_path: Path) -> None:
    tutor = app(tmp_path, "derivative", "derivative:0:backward")
    async with running(tutor):
        marked = [row for row in body_of(tutor.lesson_screen.worked) if row.startswith(" ▸")]
        assert [row.split("=")[0].strip(" ▸") for row in marked] == ["∂l/∂ε", "∂l/∂x"]


async def test_focus_is_seen_without_colour(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        for _ in range(4):
            heads = [pane.text.split("\n")[0] for pane in shown_panes(tutor)]
            heavy = [
                pane for pane, head in zip(shown_panes(tutor), heads, strict=True) if "━" in head
            ]
            assert heavy == [tutor.screen.focused]
            assert sum("▸" in head for head in heads) == 1
            await tutor.run_action("pane(1)", tutor.lesson_screen)
            await settle(pilot, 2)


async def test_themes_are_two_of_our_own_and_change_at_once(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        before = screen_text(tutor)
        for theme in THEMES:
            tutor.theme = theme.name
            await settle(pilot, 2)
            assert screen_text(tutor) == before


async def test_a_search_of_a_palette_that_was_left_ends_without_the_tutor(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        tutor.action_command_palette()
        await settle(pilot, 2)
        palette = tutor.screen
        assert isinstance(palette, Palette)
        palette.dismiss()
        await settle(pilot, 2)
        palette._gather_commands("loss")
        await settle(pilot, 2)
        assert tutor.screen is tutor.lesson_screen


async def test_a_search_that_fails_on_the_screen_is_a_fault(tmp_path: Path) -> None:
    drawn = app(tmp_path)

    async def search() -> None:
        async with running(drawn) as pilot:
            drawn.action_command_palette()
            await settle(pilot, 2)
            palette = drawn.screen
            assert isinstance(palette, Palette)
            await palette.query(CommandList).remove()
            palette._gather_commands("loss")
            await settle(pilot, 2)

    with pytest.raises(WorkerFailed, match="CommandList"):
        await search()


async def test_a_press_of_the_mouse_alone_leaves_the_focus_where_keys_go(tmp_path: Path) -> None:
    drawn = app(tmp_path)
    async with running(drawn) as pilot:
        await pilot.mouse_down("#picture0", offset=(3, 3))
        assert drawn.focused is drawn.lesson_screen.columns.present is drawn.lesson_screen.prose
        assert "━ ▸" in screen_text(drawn).split("\n")[1][:5]


async def test_a_click_goes_to_its_pane(tmp_path: Path) -> None:
    tutor = app(tmp_path)
    async with running(tutor) as pilot:
        await pilot.click("#picture0", offset=(3, 3))
        await settle(pilot, 2)
        assert tutor.lesson_screen.columns.present.id == "picture0"
