"""Learners of every kind get through every lesson, and the log of progress says how."""

from __future__ import annotations

import io
import json
import re
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

import pytest

from gd_tutor.cli.main import main
from gd_tutor.engine.state import PHASES
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import plain, spans_of
from gd_tutor.plain.conversation import Reader
from gd_tutor.plain.lines import readable
from gd_tutor.progress.event import Event, Kind
from gd_tutor.progress.place import Progress
from gd_tutor.progress.standing import Standing, items, standing
from gd_tutor.questions.open_question import OpenQuestion
from gd_tutor.questions.question import NumberAnswer
from gd_tutor.session.choices import EXPERIMENTS
from gd_tutor.session.commands import typed
from gd_tutor.session.open_lessons import begin
from gd_tutor.tui.panes import LEAST_PANE
from gd_tutor.tui.status import MOST_SAID as MOST_ROWS
from gd_tutor.tui.status import visible
from learners import (
    ENTER,
    ESCAPE,
    PAGE_DOWN,
    RIGHT,
    ROUND,
    Answer,
    Desk,
    Piece,
    after_a_slip,
    at_last,
    at_once,
    blanks,
    everything,
    never,
    one_round,
    pages,
    predicted,
    predicted_round,
    right_answer,
    slips,
    whole,
    wrong_answers,
)
from terminal import Terminal
from tutor import (
    COURSE,
    LESSONS,
    QUICK,
    SOME,
    app,
    lesson,
    lesson_screen,
    lessons,
    screen_text,
    session,
    settle,
    training_of,
    tutor,
)
from warm import start_warm

SMALL = (80, 24)
LEFT = 40
TINY = (37, 6)
"""What a page has at 40x12."""
"""Cells of the left column of a small screen."""

each_lesson = pytest.mark.parametrize("name", lessons(SOME))
two_lessons = pytest.mark.parametrize("name", lessons(["partial-derivative", "layers"]))
"""Each of them with `-m slow`, where a lesson takes long."""


def learn(name: str, way: Callable[[Desk, Answer], Iterator[str]], answer: Answer) -> Desk:
    """A learner's way through a lesson."""
    desk = Desk(session(name))
    desk.follow(way(desk, answer))
    return desk


def how_far(desk: Desk, folder: Path) -> Standing:
    """What the log says of the lesson, once it has been told."""
    progress = desk.session.journal.progress = Progress(folder)
    assert not desk.session.keep()
    found = desk.session.lesson
    return standing(progress.events(), found.id, items(found))


def is_reachable(name: str, desk: Desk) -> bool:
    """Whether the learner met all that the lesson asks."""
    return set(items(lesson(name))) <= {event.item for _, event in desk.log}


# Right at once


@each_lesson
def test_who_answers_everything_right_is_right_unaided(name: str, tmp_path: Path) -> None:
    desk = learn(name, everything, at_once)
    assert is_reachable(name, desk)
    assert all(event.is_unaided for _, event in desk.log)
    assert how_far(desk, tmp_path) is Standing.UNAIDED


@each_lesson
def test_full_width_digits_and_pasted_numbers_are_as_good(name: str, tmp_path: Path) -> None:
    wide = str.maketrans("0123456789.-", "０１２３４５６７８９．−")

    def paste(desk: Desk) -> Iterator[str]:
        desk.open.type(right_answer(desk.open.question).translate(wide))
        yield ENTER

    assert how_far(learn(name, everything, paste), tmp_path) is Standing.UNAIDED


# Every known mistake


def judged(desk: Desk) -> Iterator[str]:
    """Every known wrong answer, and that its words are said and the right number is not."""
    asking = desk.open
    for wrong, says in wrong_answers(asking.question):
        yield wrong
        yield ENTER
        assert desk.asking is asking, f"{wrong} was taken as right"
        assert says in asking.said
        assert not gives_away(asking)


def gives_away(asking: OpenQuestion) -> bool:
    """Whether the right number stands in what was said, places and named factors left out."""
    item = asking.question
    if not isinstance(item.answer, NumberAnswer):
        return False
    said = re.sub(r"\[[^]]*\]|the 2\.", "", " ".join(asking.said))
    number = re.escape(item.answer.notation.number(item.answer.asked.value))
    return re.search(rf"(?<![\d.−-]){number}(?!\.?\d)", said) is not None


def judged_then_right(desk: Desk) -> Iterator[str]:
    yield from judged(desk)
    yield from at_once(desk)


@each_lesson
def test_every_mistake_is_met_with_its_words(name: str, tmp_path: Path) -> None:
    desk = learn(name, everything, judged_then_right)
    assert is_reachable(name, desk)
    assert how_far(desk, tmp_path) is Standing.RIGHT


@two_lessons
def test_everything_that_can_be_asked_in_an_iteration_knows_its_mistakes(name: str) -> None:
    def all_of_the_phase(desk: Desk) -> Iterator[str]:
        asking = desk.open
        for _ in asking.questions:
            yield from judged(desk)
            yield RIGHT
        yield from at_once(desk)

    desk = Desk(session(name))
    desk.press("p")
    for key in ROUND:
        desk.press(key)
        if desk.asking is None:
            assert str(training_of(desk.session).phase) in lesson(name).later
            continue
        desk.follow(all_of_the_phase(desk) if len(desk.open.questions) > 1 else judged(desk))
        desk.press(key)
    assert training_of(desk.session).position.updates == 1


def test_every_mistake_of_a_lesson_is_among_them() -> None:
    """No author's mistake gives the right number, or none at all."""
    checked = 0

    def words(desk: Desk) -> Iterator[str]:
        nonlocal checked
        item = desk.open.question
        asked = item.answer.asked.authored if isinstance(item.answer, NumberAnswer) else None
        if asked is not None:
            said = {rule.misconception.says for rule, _ in slips(item)}
            assert {mistake.say for mistake in asked.mistakes} <= said, asked.id
            checked += len(asked.mistakes)
        yield from at_once(desk)

    for name in LESSONS:
        learn(name, everything, words)
    assert checked > 50


@two_lessons
def test_hints_come_in_steps_and_a_rule_that_can_be_run_is_run(name: str) -> None:
    ran = 0

    def helped(desk: Desk) -> Iterator[str]:
        nonlocal ran
        asking, item = desk.open, desk.open.question
        for wrong, _ in wrong_answers(item):
            yield wrong
            yield ENTER
            if asking.rule is None:
                continue
            yield "x"
            labels = [run.label for run in desk.session.pictures.views[0].others]
            assert labels == ["your rule", "the right rule"]
            assert "With your rule the loss" in asking.said[0] or "nothing to run" in asking.said[0]
            yield "x"
            assert not desk.session.pictures.views[0].others
            ran += 1
        steps = asking.hints
        for step in steps:
            yield "h"
            assert asking.said == (step,)
        assert item.answer.truth.casefold() in steps[-1].casefold()
        yield from at_once(desk)

    desk = learn(name, everything, helped)
    assert ran or "backward" in lesson(name).later
    assert Kind.HINTED in {event.kind for _, event in desk.log}
    assert sum(event.kind == Kind.RAN_RULE for _, event in desk.log) == ran


@each_lesson
def test_a_mistake_costs_no_more_than_the_first_try(name: str, tmp_path: Path) -> None:
    desk = learn(name, whole, after_a_slip)
    rights = [event for _, event in desk.log if event.is_right]
    assert rights
    assert all(event.tries == 2 and event.aided for event in rights)
    met = set(items(lesson(name))) <= {event.item for event in rights}
    assert how_far(desk, tmp_path) is (Standing.RIGHT if met else Standing.TRIED)


# Nothing at all


@each_lesson
@pytest.mark.parametrize("way", ["escape", "phase keys", "pages"])
def test_who_skips_everything_gets_through_and_has_seen_it(
    name: str, way: str, tmp_path: Path
) -> None:
    desk = Desk(session(name))
    match way:
        case "escape":
            desk.follow(whole(desk, never))
        case "phase keys":
            desk.follow(["p", *(key * 2 for key in ROUND)])
        case "pages":
            desk.follow(PAGE_DOWN for _ in desk.session.pages.all[1:])
    assert training_of(desk.session).position.updates == (way != "pages")
    assert not any(event.is_answer for _, event in desk.log)
    assert how_far(desk, tmp_path) is Standing.SEEN


# Rubbish

UNREADABLE = {
    "": "Type a number first",
    "abc (f) {x} hx": "Type a number first",
    "我需要中文打字啊": "Type a number first",
    "--": "could not be read",
    "1,2.3": "Commas and points cannot both be read",
    "1.2.3": "could not be read",
    "+-3": "could not be read",
    "e": "could not be read",
    "²": "could not be read",
    "（3）": "could not be read",
    "1/0": "Nothing can be divided by 0",
    "1e999": "too large",
    "\x1b]0;x\x07--": "could not be read",
}


def rubbish(desk: Desk) -> Iterator[str]:
    """What is no answer, typed or pasted; then what is one."""
    asking = desk.open
    before = training_of(desk.session).position
    for text, says in UNREADABLE.items():
        asking.typed = ""
        asking.type(text)
        yield ENTER
        if asking.question.options:
            says = f"Choose one of the answers: type 1 to {len(asking.question.options)}."
        assert says in asking.said[0]
        assert (desk.asking, asking.tries) == (asking, 0)
    assert training_of(desk.session).position == before
    asking.typed = ""
    yield from at_once(desk)


@each_lesson
def test_rubbish_is_refused_in_words_and_costs_nothing(name: str, tmp_path: Path) -> None:
    assert how_far(learn(name, everything, rubbish), tmp_path) is Standing.UNAIDED


def test_another_number_chooses_another_answer() -> None:
    desk = Desk(session("residual"))
    desk.follow(pages(desk, lambda _: iter(())))
    while desk.asking is None or not desk.open.question.options:
        desk.session.turn(-1)
    for keys, chosen in (("1", "1"), ("2", "2"), ("e", "2"), ("3", "3"), ("0", "30"), ("2", "302")):
        desk.press(keys)
        assert desk.open.typed == chosen
    desk.open.erase()
    desk.press("2")
    assert desk.open.typed == "2"


def test_all_that_an_author_asks_before_one_phase_is_asked() -> None:
    desk = Desk(session("loss-matrix", "loss-matrix:0:start:experiment=bags"))
    desk.press("p")
    desk.press("f")
    asked = []
    while desk.asking is not None:
        asked.append(desk.open.question.id)
        desk.follow(at_once(desk))
    assert asked == ["predict:first-of-second-row", "predict:mean-of-four"]
    assert str(training_of(desk.session).phase) == "forward"


# Blanks


@two_lessons
@pytest.mark.parametrize(
    ("answer", "expected"),
    [(at_once, Standing.TRIED), (judged_then_right, Standing.TRIED), (never, Standing.SEEN)],
    ids=["right", "wrong", "skipped"],
)
def test_blanks_are_filled_in(
    name: str, answer: Answer, expected: Standing, tmp_path: Path
) -> None:
    left_out = 0

    def watched(desk: Desk) -> Iterator[str]:
        nonlocal left_out
        left_out += 1
        assert desk.session.questions.blanks
        yield from answer(desk)

    desk = learn(name, blanks, watched)
    assert training_of(desk.session).position.updates == 2
    assert not desk.session.questions.blanks
    assert left_out >= 2 * sum(str(phase) not in lesson(name).later for phase in PHASES)
    assert how_far(desk, tmp_path) is expected


# Room on the screen


def asked_in(answer_each: Callable[[OpenQuestion], None]) -> Answer:
    """A look at every question of a lesson after each wrong answer and each hint."""

    def looking(desk: Desk) -> Iterator[str]:
        asking = desk.open
        answer_each(asking)
        for wrong, _ in wrong_answers(asking.question):
            yield wrong
            answer_each(asking)
            yield ENTER
            answer_each(asking)
        for _ in asking.question.answer.hints():
            yield "h"
            answer_each(asking)
        yield from at_once(desk)

    return looking


@two_lessons
def test_screens_have_room_for_questions_and_replies(name: str) -> None:
    """All of them at 80x24, and at the smallest size what counts."""
    desk = Desk(session(name))
    room = SMALL[1] - 2 - LEAST_PANE - 1

    def looked_at(asking: OpenQuestion) -> None:
        rows = asking.rows(desk.session.notation, LEFT - 2)
        assert len(rows) <= room, (asking.question.id, plain(rows))
        shown = plain(visible(rows, LEFT - 2, MOST_ROWS, asking))
        if asking.typed and asking.question.options:
            assert f"▸{asking.typed}" in shown
        elif asking.typed:
            assert f"> {asking.typed}" in shown
        elif asking.said and len(asking.said[-1]) < 120:
            assert asking.said[-1].split()[0] in shown
            assert asking.said[-1].split()[-1] in shown
        else:
            assert asking.said or asking.question.ask[:20] in shown
        if asking.typed and asking.said and asking.question.options:
            least = asking.rows(desk.session.notation, TINY[0])
            shown = plain(visible(least, *TINY, asking))
            assert f"▸{asking.typed}" in shown
            for sentence in asking.said:
                told = plain(wrap(spans_of(sentence, "new"), TINY[0])).split()
                assert " ".join(told) in " ".join(shown.split())

    desk.follow(everything(desk, asked_in(looked_at)))


async def test_a_long_question_takes_the_rows_it_needs_and_gives_them_back(
    tmp_path: Path,
) -> None:
    tutor = app(tmp_path, "gradient-matrix")
    async with tutor.run_test(size=SMALL) as pilot:
        await settle(pilot, 3)
        prose, worked = lesson_screen(tutor).prose, lesson_screen(tutor).worked
        heights = prose.size.height, worked.size.height
        sections = len(tutor.lesson_screen.session.pages.prose.sections)
        await pilot.press(*["pagedown"] * sections)
        await pilot.press("2", "enter")
        await settle(pilot, 2)
        asking = tutor.lesson_screen.session.questions.open
        assert asking is not None
        rows = asking.rows(tutor.lesson_screen.session.notation, prose.size.width - 2)
        assert len(rows) > heights[0]
        for row in rows:
            assert plain([row]).strip() in screen_text(tutor)
        assert worked.size.height >= LEAST_PANE
        await pilot.press("pageup")
        await settle(pilot, 2)
        assert (prose.size.height, worked.size.height) == heights


async def test_so_does_a_question_before_a_phase(tmp_path: Path) -> None:
    tutor = app(tmp_path, "layers")
    async with tutor.run_test(size=(80, 18)) as pilot:
        await settle(pilot, 3)
        worked = lesson_screen(tutor).worked
        height = worked.size.height
        await pilot.press("f", "p", "b", *"-4", "enter")
        await settle(pilot, 2)
        asking = tutor.lesson_screen.session.questions.open
        assert asking is not None
        rows = asking.rows(tutor.lesson_screen.session.notation, worked.size.width - 1)
        assert len(rows) > height
        for row in rows:
            assert plain([row]).strip() in screen_text(tutor)
        await pilot.press("escape")
        await settle(pilot, 2)
        assert worked.size.height == height


# Among lines


class Listener(Desk):
    """A desk whose session is that of a reader, for scripts of keys."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    session = property(lambda self: self.reader.session)  # type: ignore[assignment]
    page = property(lambda self: self.reader.section)  # type: ignore[assignment]


class Fingers(io.StringIO):
    """A terminal at which a script is typed: what ends with a key of its own becomes a line."""

    script: Iterator[str]

    def isatty(self) -> bool:
        return True

    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
        return next(self.script, "")


def lines_of(script: Iterator[str]) -> Iterator[str]:
    """The keys of a script as lines."""
    begun = ""
    for keys in script:
        if keys == ENTER:
            yield f"{begun}\n"
            begun = ""
        elif keys in (ESCAPE, PAGE_DOWN):
            yield "\n" if keys == ESCAPE else "text\n"
        elif keys and keys in "pwhx" + ROUND:
            yield f"{keys}\n"
        else:
            begun += keys


def heard(
    name: str, folder: Path, way: Callable[[Desk, Answer], Iterator[str]], answer: Answer
) -> str:
    """What is said to a learner among lines, on their way through a lesson."""
    fingers, said = Fingers(), io.StringIO()
    reader = Reader(COURSE, Progress(folder), False, fingers, said)
    reader.enter(COURSE.find(name))
    fingers.script = lines_of(way(Listener(reader), answer))
    reader.run_course()
    return said.getvalue()


@two_lessons
@pytest.mark.parametrize(
    ("answer", "met", "else_"),
    [
        (at_once, Standing.UNAIDED, Standing.TRIED),
        (after_a_slip, Standing.RIGHT, Standing.TRIED),
        (never, Standing.SEEN, Standing.SEEN),
    ],
    ids=["right", "slip", "skipped"],
)
def test_learners_get_through_among_lines(
    name: str, answer: Answer, met: Standing, else_: Standing, tmp_path: Path
) -> None:
    said = heard(name, tmp_path, whole, answer)
    assert "There is no command" not in said
    records = Progress(tmp_path).events()
    asked = items(lesson(name))
    all_met = set(asked) <= {record.event.item for record in records}
    assert standing(records, name, asked) is (met if all_met else else_)
    if answer is not never:
        assert {item for item in asked if item.startswith("question:")} <= {
            record.event.item for record in records if record.event.is_right
        }


@two_lessons
def test_every_mistake_is_met_with_its_words_among_lines(name: str, tmp_path: Path) -> None:
    expected: list[str] = []

    def erring(desk: Desk) -> Iterator[str]:
        for wrong, says in wrong_answers(desk.open.question):
            expected.append(says)
            yield wrong
            yield ENTER
        yield from at_once(desk)

    said = heard(name, tmp_path, whole, erring)
    for says in expected:
        assert readable(says) in said


@two_lessons
def test_rubbish_is_refused_among_lines(name: str, tmp_path: Path) -> None:
    def babble(desk: Desk) -> Iterator[str]:
        asking = desk.open
        for text, says in UNREADABLE.items():
            if not text.strip() or typed(" ".join(text.split())) or text[0].isalpha():
                continue
            yield text
            yield ENTER
            if asking.question.options:
                says = "Choose one of the answers"
            assert says in asking.said[0]
            assert (desk.asking, asking.tries) == (asking, 0)
        yield from at_once(desk)

    heard(name, tmp_path, whole, babble)
    answers = [record.event for record in Progress(tmp_path).events() if record.event.is_answer]
    assert answers
    assert all(event.is_unaided for event in answers)


# In a terminal


def log_of(home: Path) -> list[tuple[str, Event]]:
    """What the log of progress holds, visits left out."""
    records = Progress(folder_of(home)).events()
    return [(r.lesson, r.event) for r in records if r.event.kind != Kind.OPENED]


def folder_of(home: Path) -> Path:
    return home / "state" / "gd-tutor"


def desk_beside(name: str, home: Path) -> Desk:
    """A desk on which all is as in the terminal that has just opened a lesson."""
    progress = Progress(folder_of(home))
    return Desk(begin(COURSE, COURSE.find(name), None, progress, ascii=False))


def wait_logged(terminal: Terminal, home: Path, events: list[tuple[str, Event]]) -> None:
    """Wait until the log holds so many events, and see that it holds these."""
    terminal.wait_until(lambda: len(log_of(home)) >= len(events))
    assert log_of(home) == events


def type_all(terminal: Terminal, pieces: Iterable[Piece]) -> None:
    """Type keys, and see the question that they open; nobody types after an escape."""
    for keys, shows in pieces:
        terminal.send(keys)
        if shows:
            terminal.wait_for(shows)
        elif keys.endswith(ESCAPE):
            terminal.wait_quiet(0.1)


def wait_answered(terminal: Terminal) -> None:
    """Wait until the update is done and its question has given back its rows."""
    terminal.wait_until(lambda: "UPDATE" in terminal.screen[0] and "worked," in terminal.screen[12])


@contextmanager
def opened(home: Path, name: str, env: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """The tutor on a lesson; what is left open at the end is left by quitting."""
    with Terminal(tutor(name), *SMALL, home=home, env=env, start=start_warm) as terminal:
        terminal.wait_for("Nothing is computed yet")
        yield terminal
        terminal.send("\x03")
        assert terminal.wait_exit() == 0
        assert b"Traceback" not in terminal.sent


def go_through(home: Path, names: list[str], answer: Answer) -> list[tuple[str, Event]]:
    """A learner's way through lessons that follow each other, in one terminal; what was logged."""
    events: list[tuple[str, Event]] = []
    with opened(home, names[0], QUICK) as terminal:
        for name in names:
            terminal.wait_for(f" {lesson(name).title} ")
            desk = desk_beside(name, home)
            type_all(terminal, desk.follow(predicted(desk, answer)))
            wait_answered(terminal)
            type_all(terminal, desk.follow(pages(desk, answer)))
            events += desk.log
            wait_logged(terminal, home, events)
            wait_saved(terminal, home, str(desk.session.state))
            terminal.send("]")
    return events


def wait_saved(terminal: Terminal, home: Path, *states: str) -> None:
    """Wait until the place that is saved is one of these."""
    file = folder_of(home) / "state"
    terminal.wait_until(lambda: file.read_text().split("\n")[0] in states)


def told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> dict[str, str]:
    """What `gd-tutor progress` says of each lesson."""
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    assert main(["progress", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    return {each["lesson"]: each["state"] for each in said["lessons"]}


TWO = LESSONS[2:4]
KINDS = {
    at_once: (Standing.UNAIDED, Standing.TRIED),
    after_a_slip: (Standing.RIGHT, Standing.TRIED),
    at_last: (Standing.RIGHT, Standing.TRIED),
    never: (Standing.SEEN, Standing.SEEN),
}
"""How a learner stands who has met all that a lesson asks, or else some of it."""


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        pytest.param(at_once, TWO, id="right"),
        pytest.param(at_once, LESSONS, id="right everywhere", marks=pytest.mark.slow),
        pytest.param(after_a_slip, TWO[:1], id="slips"),
        pytest.param(after_a_slip, LESSONS, id="slips everywhere", marks=pytest.mark.slow),
        pytest.param(at_last, LESSONS, id="every mistake", marks=pytest.mark.slow),
        pytest.param(never, LESSONS, id="nothing anywhere", marks=pytest.mark.slow),
    ],
)
def test_one_terminal_for_lessons_that_follow_each_other(
    answer: Answer,
    names: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    events = go_through(tmp_path, names, answer)
    rights = {(name, event.item) for name, event in events if event.is_right}
    said = told(tmp_path, monkeypatch, capsys)
    for name in names:
        asked = {(name, item) for item in items(lesson(name))}
        all_met = asked <= rights or answer is never
        assert said[name] == KINDS[answer][0 if all_met else 1]


def test_experiments_lead_to_right_unaided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(tmp_path, "residual") as terminal:
        desk = Desk(session("residual"))
        type_all(terminal, desk.follow(predicted_round(desk, at_once)))
        wait_answered(terminal)
        terminal.send("e")
        terminal.wait_for("Experiments")
        terminal.send("\x1b[B")
        terminal.wait_for("▸   ")
        terminal.send(ENTER)
        terminal.wait_for("Experiment: ")
        desk.session.choose(desk.session.lesson_run.options(EXPERIMENTS)[1])
        type_all(terminal, desk.follow(one_round(desk, at_once)))
        wait_answered(terminal)
        type_all(terminal, desk.follow(pages(desk, at_once)))
        wait_logged(terminal, tmp_path, desk.log)
    assert told(tmp_path, monkeypatch, capsys)["residual"] == Standing.UNAIDED


def desk_before(state: str) -> Desk:
    """A desk with the question open that comes before the next phase."""
    desk = Desk(session(state.partition(":")[0], state))
    desk.press("p")
    desk.press({"forward": "b", "backward": "u"}.get(state.split(":")[2], "f"))
    return desk


def test_the_words_of_a_mistake_stand_on_the_screen(tmp_path: Path) -> None:
    steps = len(desk_before("derivative:0:forward").open.question.answer.hints())
    with opened(tmp_path, "derivative") as terminal:
        terminal.send("fpb-6\r")
        terminal.wait_for("You said -6.", "The size is right", "x runs your rule")
        terminal.send("x")
        terminal.wait_for("With your rule")
        terminal.send("h" * steps)
        terminal.wait_for("∂l/∂x = 6")
        terminal.wait_until(lambda: "You said" not in terminal.text)
        terminal.send("6\r")
        terminal.wait_for("Right: ", "you said 6: right")


def test_rubbish_in_an_open_field_is_no_command(tmp_path: Path) -> None:
    clear = b"\x7f" * 8
    typed_in = {
        b"--": "could not be read",
        b"1,2.3": "Commas and points",
        b"1/0": "divided by 0",
        b"(){}": "Type a number first",
        b"1.2.3": "could not be read",
        "我需要".encode(): "Type a number first",
        b"1/0/": "could not be read",
        b"\xd6\xd0\xe9": "could not be read",
        b"\x1b[200~--fbuq[]\x1b[201~": "could not be read",
        b"\x1b[200~fbuq[]\x1b[201~": "Type a number first",
        b"\x1b[<0;10;10M\x1b[<0;10;10m\x1b[I\x1b[O\x1bOP\x1b[15~+-": "could not be read",
    }
    with opened(tmp_path, "derivative") as terminal:
        terminal.send("pf")
        terminal.wait_for("three digits")
        for keys, says in typed_in.items():
            terminal.send(clear + keys)
            terminal.wait_quiet(0.1)
            terminal.send(ENTER)
            terminal.wait_for(says, "three digits")
        terminal.send(clear + "９\r".encode())
        terminal.wait_for("Right: ")
        wait_logged(
            terminal,
            tmp_path,
            [("derivative", Event(Kind.ANSWERED, "loss", "right", 1, False, (), "９"))],
        )


def test_blanks_in_a_terminal(tmp_path: Path) -> None:
    with opened(tmp_path, "derivative") as terminal:
        desk = Desk(session("derivative"))
        type_all(terminal, desk.follow(blanks(desk, after_a_slip)))
        wait_logged(terminal, tmp_path, desk.log)
        wait_saved(terminal, tmp_path, "derivative:1:update")


@pytest.mark.parametrize("state", ["derivative:0:forward", "loss-matrix:2:update"])
def test_a_kill_while_a_question_is_open_loses_nothing(state: str, tmp_path: Path) -> None:
    key = "b" if state.endswith("forward") else "f"
    with Terminal(tutor(state), *SMALL, home=tmp_path, start=start_warm) as terminal:
        desk = desk_before(state)
        terminal.wait_for("worked, iteration")
        terminal.send(f"p{key}")
        terminal.wait_for("esc skips")
        wrong, _ = wrong_answers(desk.open.question)[0]
        type_all(terminal, desk.follow([wrong, ENTER, "h"]))
        wait_logged(terminal, tmp_path, desk.log)
        wait_saved(terminal, tmp_path, state)
        header = terminal.screen[0]
        terminal.signal(signal.SIGKILL)
        terminal.wait_exit()
    with Terminal(tutor(), *SMALL, home=tmp_path, start=start_warm) as terminal:
        terminal.wait_until(lambda: terminal.screen[0] == header)
        assert log_of(tmp_path) == desk.log
        again = desk_before(state)
        terminal.send(f"p{key}")
        terminal.wait_for("esc skips")
        type_all(terminal, again.follow(at_once(again)))
        wait_logged(terminal, tmp_path, desk.log + again.log)


def test_two_tutors_at_once_keep_what_both_learn(tmp_path: Path) -> None:
    with opened(tmp_path, "derivative") as one, opened(tmp_path, "loss") as other:
        desks = [Desk(session("derivative")), Desk(session("loss"))]
        keys = [desk.follow(predicted_round(desk, after_a_slip)) for desk in desks]
        for pieces in zip_longest(*keys):  # by turns
            for terminal, piece in zip((one, other), pieces, strict=True):
                type_all(terminal, [piece] if piece is not None else [])
        for terminal in (one, other):
            wait_answered(terminal)
        told_both = [event for desk in desks for event in desk.log]
        one.wait_until(lambda: len(log_of(tmp_path)) == len(told_both))
        found = log_of(tmp_path)
        for desk in desks:
            id = desk.session.lesson.id
            assert [event for event in found if event[0] == id] == desk.log
        wait_saved(one, tmp_path, *(str(desk.session.state) for desk in desks))
    progress = Progress(folder_of(tmp_path))
    assert progress.events()
    assert progress.damaged == 0


@pytest.mark.parametrize(
    "names", [TWO, pytest.param(LESSONS, marks=pytest.mark.slow)], ids=["some", "all"]
)
def test_lessons_among_lines_in_a_terminal(names: list[str], tmp_path: Path) -> None:
    events: list[tuple[str, Event]] = []
    with Terminal(tutor("--plain", names[0]), *SMALL, home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("q quit:")
        for name in names:
            title = f": {lesson(name).title}\r\n".encode()
            terminal.wait_until(lambda title=title: title in terminal.sent)  # type: ignore[misc]
            desk = desk_beside(name, tmp_path)
            for line in lines_of(desk.pressing(whole(desk, at_once))):
                terminal.send(line)
            events += desk.log
            wait_logged(terminal, tmp_path, events)
            terminal.send("]\n")
        terminal.send("q\n")
        assert terminal.wait_exit() == 0
        assert "There is no command" not in terminal.sent.decode()
