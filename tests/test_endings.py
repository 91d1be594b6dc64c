"""No dead end: where the last page of a lesson leads, and what it says of the questions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gd_tutor.engine.state import Phase, Position
from gd_tutor.notation.spans import plain, written
from gd_tutor.plain.lines import notation
from gd_tutor.progress.place import Bookmark, Progress
from gd_tutor.session.field_keys import press
from gd_tutor.session.lesson_session import Session
from gd_tutor.session.notices import RIGHT
from gd_tutor.session.open_lessons import begin
from gd_tutor.session.pages import QuestionPage
from terminal import Terminal
from tutor import COURSE, LESSONS, app_of, session, settle, tutor
from warm import start_warm

PAGE_DOWN, UP = "\x1b[6~", "\x1b[A"


def at_end(learner: Session) -> Session:
    learner.turn(len(learner.pages.all))
    assert learner.pages.at_end
    return learner


def questions(learner: Session) -> list[QuestionPage]:
    return [page for page in learner.pages.own if isinstance(page, QuestionPage)]


def answer_rightly(learner: Session, page: QuestionPage) -> None:
    """Turn to a question and answer it by its truth."""
    learner.turn(learner.pages.own.index(page) - learner.pages.place)
    asking = learner.questions.open
    assert asking is not None
    item = asking.question
    right = item.answer.right + 1 if item.options else repr(float(item.answer.asked.value))  # type: ignore[attr-defined]
    learner.answer_with(str(right))


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_ends_on_a_page_that_names_what_comes_next(name: str) -> None:
    learner = at_end(session(name))
    following = COURSE.neighbour(name, 1)
    said = " ".join(plain(learner.ending.rows(38)).split())
    asked = len(learner.lesson.questions)
    assert f"{asked} of {asked} questions" in said
    assert learner.ending.chosen.entry == following
    if following is None:
        assert "[enter] opens the course map: this was the last lesson of the course." in said
    else:
        kind = "lab" if following.lab else "lesson"
        assert f"[enter] opens {kind} {following.number}, {following.title}:" in said


def test_the_end_says_what_was_missed_and_what_was_not_answered() -> None:
    learner = session("derivative")
    first, second, *others = questions(learner)
    answer_rightly(learner, first)
    learner.turn(1)
    while learner.pages.here is not second:
        learner.turn(1)
    learner.answer_with("77")
    at_end(learner)
    offers = [offer.says for offer in learner.ending.offers[1:]]
    assert [says.partition(":")[0] for says in offers] == [
        "question 2",
        *(f"question {number}" for number in range(3, 3 + len(others))),
    ]
    assert offers[0].startswith("question 2: missed. ")
    assert all(": not answered yet. " in says for says in offers[1:])
    learner.ending.choose(1)
    chosen = learner.ending.chosen
    assert learner.pages.own[chosen.page or 0] is second
    for page in (second, *others):
        answer_rightly(learner, page)
    assert "Every question of this lesson is right." in plain(at_end(learner).ending.rows(60))


def test_what_was_right_at_another_time_is_right(tmp_path: Path) -> None:
    entry, progress = COURSE.find("derivative"), Progress(tmp_path)
    learner = begin(COURSE, entry, None, progress, ascii=False)
    first = questions(learner)[0]
    answer_rightly(learner, first)
    learner.leave()
    again = begin(COURSE, entry, learner.bookmark, progress, ascii=False)
    assert again.questions.is_right(questions(again)[0])
    assert not again.questions.is_right(questions(again)[1])


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_the_last_right_answer_leads_on_to_the_next_lesson(
    size: tuple[int, int], tmp_path: Path
) -> None:
    """`enter` after `enter` once ended at "This is the last page of the lesson"."""
    with Terminal(tutor("residual"), *size, home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("Residual")
        terminal.send(PAGE_DOWN * 60)
        terminal.wait_for("opens lesson 2, Loss")
        terminal.wait_until(lambda: "] next lesson" in terminal.screen[-1])
        terminal.send(UP)
        terminal.wait_for("▸ [enter] question 3: not")
        terminal.send("\r")
        terminal.wait_for("at 7.7")
        place = re.search(r"(\d)  at 7\.7", terminal.text)
        assert place is not None
        terminal.send(f"{place[1]}\r")
        terminal.wait_for("turns the page")
        terminal.send("\r")
        terminal.wait_for("opens lesson 2, Loss")
        terminal.send("\r")
        terminal.wait_for("2/8 Loss")
        terminal.wait_for("First, from lesson 1")  # which holds nobody
        terminal.send("q")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize(
    ("keys", "shows"),
    [
        ("]", "4/8 Partial derivative"),
        pytest.param("[", "2/8 Loss", marks=pytest.mark.slow),
        pytest.param("m", "Course map", marks=pytest.mark.slow),
        ("\x1b", "▸ 1/11 "),
        pytest.param(PAGE_DOWN, "▸ 1/11 ", marks=pytest.mark.slow),
        ("2", "▸2  It says how good"),
        ("q", ""),
    ],
)
def test_a_question_of_an_earlier_lesson_holds_nobody(
    keys: str, shows: str, tmp_path: Path
) -> None:
    """It once refused `[` and `]`, and took digits that were meant for a lesson as its answer."""
    progress = Progress(tmp_path / "state" / "gd-tutor")
    learner = begin(COURSE, COURSE.find("residual"), None, progress, ascii=False)
    answer_rightly(learner, questions(learner)[0])
    learner.leave()
    with Terminal(tutor("loss"), home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("2/8 Loss")
        terminal.send("]")
        terminal.wait_for("First, from lesson 1")
        terminal.wait_for("[ ] lessons")
        terminal.send(keys)
        if shows:
            terminal.wait_for(shows)
        else:
            assert terminal.wait_exit() == 0


def about(learner: Session) -> str:
    return written(learner.detours.about)


def test_a_question_about_another_experiment_leads_there_and_back() -> None:
    learner = session("derivative", "derivative:2:backward:learning_rate=0.2@1")
    page = next(page for page in questions(learner) if page.experiment == "jumps")
    place = learner.pages.own.index(page)
    learner.turn(place - learner.pages.place)
    asking = learner.questions.open
    assert asking is not None
    asking.type("2")
    assert about(learner).startswith("[e] goes to what this is about: ")
    assert press(learner, "e", "e")
    assert str(learner.state) == "derivative:0:start:experiment=jumps"
    assert about(learner).startswith("[e] goes back to ")
    assert learner.questions.open is not None
    assert learner.questions.open.typed == "2"  # what was typed stays
    answer_rightly(learner, questions(learner)[2])
    assert learner.pages.place == place
    assert page.question.key in learner.questions.done
    learner.step(Phase.FORWARD)
    learner.go_elsewhere()
    assert str(learner.state) == "derivative:2:backward:learning_rate=0.2@1"
    assert page.question.key in learner.questions.done
    learner.go_elsewhere()
    assert str(learner.state) == "derivative:0:forward:experiment=jumps"


@pytest.mark.parametrize("name", LESSONS)
def test_every_question_leads_to_its_experiment_before_the_answer_is_known(name: str) -> None:
    learner = session(name)
    texts = len(learner.lesson.sections)
    for place, asked in enumerate(learner.lesson.questions):
        learner.turn(texts + place - learner.pages.place)
        page = learner.pages.here
        assert isinstance(page, QuestionPage)
        to = learner.detours.elsewhere
        if to is not None and to.id == page.experiment:
            learner.go_elsewhere()
            assert learner.experiment is not None
            assert learner.experiment.id == page.experiment
            assert learner.training is not None
            assert learner.training.position == page.question.answer.ready
            assert learner.training.position <= Position(getattr(asked, "at", 0), Phase.BACKWARD)


@pytest.mark.parametrize(
    ("name", "number", "place"),
    [
        ("gradient", 4, "gradient:3:backward:experiment=trips"),  # two slopes are divided
        ("gradient", 2, "gradient:0:forward:experiment=trips"),  # a wrong slope is looked for
        ("gradient-matrix", 4, "gradient-matrix:0:forward:experiment=bags"),  # residuals
        ("derivative", 3, "derivative:0:start:experiment=jumps"),  # words to choose from
    ],
)
def test_what_a_question_needs_is_computed_where_it_leads(
    name: str, number: int, place: str
) -> None:
    """The slopes on the screen were once those of the round before, and no key went on."""
    learner = session(name)
    learner.turn(len(learner.lesson.sections) + number - 1)
    learner.go_elsewhere()
    assert str(learner.state) == place


@pytest.mark.parametrize(
    ("size", "arguments"),
    [
        pytest.param((80, 24), (), marks=pytest.mark.slow),
        ((40, 12), ()),
        ((80, 24), ("--plain",)),
    ],
)
def test_e_goes_to_the_experiment_of_a_question_and_back(
    size: tuple[int, int], arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """What a question was about was once said only after its answer, over another's picture."""
    key, learner = "e\n" if arguments else "e", session("derivative")
    page = next(page for page in questions(learner) if page.experiment == "jumps")
    place = Bookmark(learner.state, learner.pages.own.index(page))
    Progress(tmp_path / "state" / "gd-tutor").save(place)
    with Terminal(tutor(*arguments), *size, home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("[e] goes to what")
        terminal.send(key)
        terminal.wait_for("[e] goes back to")
        if not arguments:
            terminal.wait_until(lambda: "η 0.9" in terminal.screen[0])
        terminal.send(key)
        terminal.wait_for("[e] goes to what")
        if not arguments:
            terminal.wait_until(lambda: "η 0.1" in terminal.screen[0])


def test_the_end_of_the_course_opens_the_map(tmp_path: Path) -> None:
    with Terminal(tutor(LESSONS[-1]), home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("Nothing is computed yet")
        terminal.send(PAGE_DOWN * 60)
        terminal.wait_for("opens the course map")
        terminal.send("\r")
        terminal.wait_for("Course map")
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_read_as_lines_enter_alone_goes_on_to_the_next_lesson(tmp_path: Path) -> None:
    with Terminal(tutor("residual", "--plain"), home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("q quit:")
        terminal.send("\n" * 30)
        terminal.wait_for("Lesson 2 of 8: Loss")
        terminal.send("q\n")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize(
    ("size", "arguments"),
    [
        pytest.param((80, 24), (), marks=pytest.mark.slow),
        ((40, 12), ()),
        ((80, 24), ("--plain",)),
    ],
)
def test_a_prediction_is_asked_with_its_formula_and_the_data_in_sight(
    size: tuple[int, int], arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """`p`, `f` once asked "What is l?" with no x, no y and no formula anywhere on the screen."""
    with Terminal(
        tutor("derivative", *arguments), *size, home=tmp_path, start=start_warm
    ) as terminal:
        terminal.wait_for("q quit")
        if arguments:
            terminal.send("again\nspoken\np\nf\n")
            terminal.wait_for("Formula: loss = residual**2")
            given = "Given: y = 5, x = 8."
            terminal.wait_until(lambda: given in " ".join(terminal.text.split()))
        else:
            terminal.send("pf")
            terminal.wait_for("What is l, the loss?", "y = 5, x = 8", "l = ε²")


async def test_enter_turns_the_page_wherever_the_learner_looks(tmp_path: Path) -> None:
    """A right answer says so; in another pane `enter` explained a number instead."""
    learner = session("residual")
    page = questions(learner)[2]
    place = Bookmark(learner.state, learner.pages.own.index(page))
    screen = app_of(COURSE, tmp_path, "residual", place)
    async with screen.run_test(size=(80, 24)) as pilot:
        await settle(pilot, 3)
        right = next(
            place
            for place, text in enumerate(page.question.options, 1)
            if text.startswith("at 7.7")
        )
        await pilot.press("tab", str(right), "enter")
        assert screen.lesson_screen.session.message == RIGHT
        await pilot.press("enter")
        assert screen.lesson_screen.session.pages.at_end
        assert "turns the page" not in screen.lesson_screen.session.message
        await pilot.press("pagedown", "pageup")
        assert "last page" not in screen.lesson_screen.session.message


def test_a_question_of_an_earlier_lesson_speaks_as_the_lesson_does(tmp_path: Path) -> None:
    """Its lines were once read out as code, `squared = residual**2`, among words."""
    progress = Progress(tmp_path)
    learner = begin(COURSE, COURSE.find("loss"), None, progress, ascii=False)
    answer_rightly(learner, questions(learner)[1])
    learner.leave()
    again = begin(COURSE, COURSE.find("derivative"), None, progress, ascii=True)
    for spoken in (True, False):
        again.write_in(notation(spoken))
        asking = again.questions.open
        assert asking is not None
        assert asking.question.lesson_id == "loss"
        said = " ".join(asking.question.options)
        assert ("squared" in said, "**" in said) == (True, not spoken)
    again.turn(1)
    assert again.pages.place == 0


async def test_enter_turns_the_page_or_comes_back_to_a_question(tmp_path: Path) -> None:
    screen = app_of(COURSE, tmp_path, "residual", None)
    async with screen.run_test(size=(80, 24)) as pilot:
        await settle(pilot, 3)
        learner = screen.lesson_screen.session
        await pilot.press("enter")
        assert learner.pages.place == 1, "nothing is computed yet that could be explained"
        place = learner.pages.own.index(questions(learner)[0])
        learner.turn(place - learner.pages.place)
        await pilot.press("pageup", "pagedown", "escape")
        assert learner.questions.open is None
        assert "comes back to the question" in learner.message
        await pilot.press("enter")
        assert learner.questions.open is not None
        assert learner.pages.place == place
