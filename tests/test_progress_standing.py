"""How far a learner is, and what to ask again: what the answers say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gd_tutor.course.folder import Course
from gd_tutor.engine.state import State
from gd_tutor.notation.spans import to_ascii, width
from gd_tutor.plain.lines import course_map
from gd_tutor.progress.event import Event, Kind, Record
from gd_tutor.progress.place import Progress
from gd_tutor.progress.standing import MARKS, Standing, due, items, standing, standings
from gd_tutor.questions.recall import recall
from tutor import COURSE, LESSONS, app, lesson, screen_text, session

START = datetime(2026, 1, 1, tzinfo=UTC)

ASKS = """+++
title = "Asks"
[experiment]
data = { y = 5 }
parameters = { x = 8 }
learning_rate = 0.1
forward = "loss = (y - x) ** 2"
+++
Words.

```predict
id = "next-x"
phase = "update"
ask = "What will x be?"
answer = "next.x"
```
"""


def log(*told: str) -> list[Record]:
    """Records, one a second: `loss opened`, `loss a right 1`, `loss a right 2 aided`."""
    records = []
    for second, line in enumerate(told):
        lesson, first, *rest = line.split()
        match rest:
            case []:
                event = Event(first)
            case [outcome, tries, *aided]:
                kind = Kind.SKIPPED if outcome == "skipped" else Kind.ANSWERED
                event = Event(kind, first, outcome, int(tries), bool(aided))
        records.append(Record(START + timedelta(seconds=second), f"{lesson}:1:forward", event))
    return records


@pytest.mark.parametrize(
    ("told", "asked", "expected"),
    [
        ([], "a", Standing.NEW),
        (["other opened", "other a right 1"], "a", Standing.NEW),
        (["loss dreamt"], "a", Standing.NEW),
        (["loss opened"], "a", Standing.SEEN),
        (["loss opened"], "", Standing.SEEN),
        (["loss opened", "loss a skipped 0"], "a", Standing.SEEN),
        (["loss a wrong 1", "loss a skipped 1"], "a", Standing.TRIED),
        (["loss a wrong 1"], "a", Standing.TRIED),
        (["loss grad.x right 1"], "a", Standing.TRIED),
        (["loss a right 1"], "ab", Standing.TRIED),
        (["loss a right 1", "loss b wrong 1"], "ab", Standing.TRIED),
        (["loss a right 2 aided"], "a", Standing.RIGHT),
        (["loss a right 1 aided"], "a", Standing.RIGHT),
        (["loss a right 2"], "a", Standing.RIGHT),
        (["loss a right 1", "loss b right 3"], "ab", Standing.RIGHT),
        (["loss a right 3", "loss a wrong 1"], "a", Standing.RIGHT),
        (["loss a right 1"], "a", Standing.UNAIDED),
        (["loss a wrong 1", "loss a right 2", "loss a right 1"], "a", Standing.UNAIDED),
        (["loss a right 1", "loss b right 1", "loss c wrong 1"], "ab", Standing.UNAIDED),
        # Without items of its own: the last answer to each target.
        (["loss x right 1"], "", Standing.UNAIDED),
        (["loss x right 2 aided"], "", Standing.RIGHT),
        (["loss x right 1", "loss x wrong 1"], "", Standing.TRIED),
        (["loss x right 1", "loss y wrong 1"], "", Standing.TRIED),
        (["loss y wrong 1", "loss x right 1", "loss y right 2"], "", Standing.RIGHT),
    ],
)
def test_standing(told: list[str], asked: str, expected: Standing) -> None:
    assert standing(log(*told), "loss", tuple(asked)) is expected


@given(st.integers(0, 1000))
def test_visits_alone_lead_nowhere(visits: int) -> None:
    found = standing(log(*["loss opened"] * visits), "loss", ())
    assert found is (Standing.SEEN if visits else Standing.NEW)


def test_marks_differ_by_shape_in_every_mode() -> None:
    assert set(MARKS) == set(Standing)
    assert len({to_ascii(mark) for mark in MARKS.values()}) == len(Standing)
    assert {width(mark) for mark in MARKS.values()} == {2}


def test_a_course_is_read_for_what_its_lessons_ask(tmp_path: Path) -> None:
    (tmp_path / "01-asks.md").write_text(ASKS)
    (tmp_path / "02-broken.md").write_text('+++\ntitle = "B"\n+++\n{{x}}\n')
    course = Course(tmp_path)
    assert items(course.load(course.find("asks"))) == ("predict:next-x",)
    assert standings(course, log("asks loss right 1", "broken x right 1")) == {
        "asks": Standing.TRIED,
        "broken": Standing.UNAIDED,
    }
    assert standings(course, log("asks predict:next-x right 1"))["asks"] is Standing.UNAIDED
    assert set(standings(course, []).values()) == {Standing.NEW}


# Spacing


def test_missed_are_those_whose_last_answer_was_wrong_or_aided() -> None:
    records = log(
        "loss a wrong 1",
        "loss b wrong 1",
        "loss a wrong 2",
        "loss b right 1",
        "loss c right 2 aided",
        "loss d skipped 0",
        "loss a skipped 2 aided",
        "gradient a right 1",
    )
    found = [asked for asked in due(records, {"loss", "gradient"}) if asked.is_missed]
    assert [(asked.lesson, asked.item) for asked in found] == [("loss", "a"), ("loss", "c")]
    assert found[0].last == records[2].time


def test_due_are_the_missed_then_the_others_longest_ago_first() -> None:
    records = log(
        "loss a right 1",
        "loss b wrong 1",
        "loss c right 1",
        "gradient d wrong 1",
        "derivative e wrong 1",
        "loss a right 1",
        "loss b wrong 1",
    )
    order = [asked.item for asked in due(records, {"loss", "gradient"})]
    assert order == ["d", "b", "c", "a"]
    assert due(records, ()) == []


# The course map


def all_right(name: str, tries: int) -> list[str]:
    """An answer to everything that a lesson asks."""
    return [f"{name} {item} right {tries}" for item in items(lesson(name))]


@pytest.mark.parametrize(("size", "ascii"), [((80, 24), False), ((40, 12), True)])
async def test_the_map_shows_how_far_the_learner_is(
    size: tuple[int, int], ascii: bool, tmp_path: Path
) -> None:
    progress = Progress(tmp_path)
    told = log("loss opened", "derivative loss wrong 1", *all_right("partial-derivative", tries=2))
    for record in (*told, *log(*all_right("gradient", tries=1))):
        assert progress.record(State(record.lesson), record.event) == ""
    tutor = app(tmp_path, "residual", ascii=ascii)
    async with tutor.run_test(size=size) as pilot:
        await pilot.pause()
        await tutor.run_action("app.map", tutor.lesson_screen)
        await pilot.pause()
        text = screen_text(tutor)
    rows = text.split("\n")
    seen = "." if ascii else "·"
    marks = {2: seen, 3: "-", 4: "+", 5: "++", 6: ""}
    for number, mark in marks.items():
        title = COURSE.entries[number - 1].title
        assert any(f"{number} {mark:<2} {title}" in row for row in rows), text
    assert f" {seen} seen  - tried  + right  ++ unaided" in rows


def test_the_map_in_words_says_the_same() -> None:
    states = standings(COURSE, log("loss opened", *all_right("gradient", tries=1)))
    said = list(course_map(session("derivative"), states))
    assert len(said) == len(COURSE.entries)
    assert "2: Loss." in said[1]
    assert said[1].endswith(" Seen.")
    assert said[2].endswith(f"{COURSE.entries[2].summary} You are here.")
    assert said[LESSONS.index("gradient")].endswith(" Right unaided.")


@pytest.mark.parametrize(("minutes", "again"), [(18, False), (22, True)])
def test_what_was_missed_is_asked_again_when_it_has_rested(minutes: int, again: bool) -> None:
    first, *_ = (each.id for each in lesson("residual").questions)
    missed = Event(Kind.ANSWERED, f"question:{first}", "wrong", 1)
    then = datetime.now(UTC) - timedelta(minutes=minutes)
    recalled = recall(COURSE, COURSE.find("loss"), [Record(then, "residual:0:start", missed)])
    assert recalled is not None
    assert (recalled.asked.id == first) is again
