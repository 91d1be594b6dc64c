"""An open field owns the keyboard: numbers go into it, and no other key does anything."""

import string
from collections.abc import Callable
from pathlib import Path

import pytest

from gd_tutor.engine.state import Phase
from gd_tutor.notation.spans import written
from gd_tutor.session.field_keys import paste, press
from gd_tutor.session.lesson_session import Session
from learners import right_answer
from terminal import Terminal
from tutor import session, tutor
from warm import start_warm

NAMES = {
    ",": "comma",
    ".": "full_stop",
    "+": "plus",
    "-": "minus",
    "/": "slash",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    "?": "question_mark",
    "=": "equals_sign",
    "<": "less_than_sign",
    ">": "greater_than_sign",
    " ": "space",
}
"""What the screen calls the keys that print signs."""
OTHERS = ("home", "end", "f5", "ctrl+p", "ctrl+q", "delete", "insert")
NUMBER = "0123456789.,/+-"


def type_(learner: Session, keys: str | tuple[str, ...]) -> list[bool]:
    """Press keys one after another; whether each belonged to the open field."""
    return [
        press(learner, NAMES.get(key, key), key if len(key) == 1 else "\r" * (key == "enter"))
        for key in keys
    ]


def page_question(name: str = "residual") -> Session:
    """A learner at the first question of the text."""
    learner = session(name)
    while learner.questions.open is None:
        assert learner.turn(1)
    return learner


def predicting(phase: Phase) -> Session:
    """A learner asked before a phase."""
    learner = session("derivative")
    for earlier in (Phase.FORWARD, Phase.BACKWARD)[: phase - 1]:
        learner.step(earlier)
    learner.toggle_predicting()
    learner.step(phase)
    assert learner.questions.phase is phase
    return learner


def choosing_a_start() -> Session:
    learner = session("derivative")
    learner.run(2)
    learner.choose_start()
    return learner


def going_far() -> Session:
    learner = session("derivative")
    learner.choose_iteration()
    return learner


def what_is_there(learner: Session) -> tuple[object, ...]:
    """All of a session that a key could change."""
    questions = learner.questions
    asking = questions.open
    return (
        str(learner.state),
        learner.pages.place,
        learner.pictures.views,
        questions.predicting,
        questions.level,
        questions.phase,
        asking,
        asking and (asking.question.id, asking.typed, asking.given, asking.said, asking.tries),
        learner.field and learner.field.typed,
        len(learner.pictures.beside.kept),
    )


FIELDS = {
    "question": page_question,
    "before forward": lambda: predicting(Phase.FORWARD),
    "before backward": lambda: predicting(Phase.BACKWARD),
    "before update": lambda: predicting(Phase.UPDATE),
    "start": choosing_a_start,
    "go to": going_far,
}


@pytest.mark.parametrize("field", FIELDS)
def test_no_key_that_is_not_named_does_anything_in_a_field(field: str) -> None:
    learner = FIELDS[field]()
    asking = learner.questions.open
    named = {"h"} if asking is not None else set()
    if learner.questions.phase is not None:
        named.add(str(learner.questions.phase)[0])  # skips, while nothing is typed
    elif asking is not None:
        named |= set("fbu")  # the run may help to answer what the text asks
    keys = [*string.ascii_letters, *"[]?=<>!@#$%&*(){}:;'~^_|\\\" ", *OTHERS]
    for key in keys:
        if key in named:
            continue
        before = what_is_there(learner)
        assert type_(learner, (key,)) == [True], key
        assert what_is_there(learner) == before, key
        shown = learner.message if learner.field is not None else asking and asking.refused
        assert shown
        assert "no key here" in written(shown), key


def test_the_run_goes_on_while_a_question_of_the_text_is_not_answered() -> None:
    learner = page_question()
    asking = learner.questions.open
    assert asking is not None
    type_(learner, "fb")
    assert str(learner.state) == "residual:0:backward"
    assert learner.questions.open is asking
    type_(learner, "6u")
    assert str(learner.state) == "residual:0:backward", "something is typed"
    assert asking.refused


def test_a_key_held_with_another_is_not_the_key_alone() -> None:
    learner = page_question()
    asking = learner.questions.open
    assert asking is not None
    assert press(learner, "alt+h", "h")
    assert not asking.given
    assert "no key here" in asking.refused
    assert press(learner, "h", "h")
    assert asking.given


@pytest.mark.parametrize("field", FIELDS)
def test_what_a_number_is_made_of_goes_into_the_field(field: str) -> None:
    learner = FIELDS[field]()
    typed = "12" if field == "go to" else "-1.5e-3"
    assert all(type_(learner, typed))
    holder = learner.field or learner.questions.open
    assert holder is not None
    assert holder.typed == typed
    assert all(type_(learner, ("backspace",) * (len(typed) + 2)))
    assert holder.typed == ""
    assert learner.field is holder or learner.questions.open is holder


@pytest.mark.parametrize("field", FIELDS)
def test_words_typed_into_a_field_do_nothing(field: str) -> None:
    """Their letters step, play, open pages and choose a start elsewhere."""
    for word in ("abc", "six", "bunch of fives"):
        learner = FIELDS[field]()
        refused = "q" + word.replace("h", "").replace("e", "")
        before = what_is_there(learner)
        assert all(type_(learner, refused))
        assert what_is_there(learner) == before


def choosing() -> Session:
    """A learner at the first question of the text that has options."""
    learner = page_question("loss")
    while learner.questions.open is None or not learner.questions.open.question.options:
        assert learner.turn(1)
    return learner


def test_a_number_typed_at_a_choice_chooses_nothing_by_its_digits() -> None:
    for number in ("-0.4025", "4025", "2.5", "1/3"):
        learner = choosing()
        open = learner.questions.open
        assert open is not None
        type_(learner, number)
        assert open.refused == f"{open.typed} is no answer's number: `backspace` clears it."
        type_(learner, ("enter",))
        assert not open.done
        assert not open.tries
        type_(learner, ("backspace", "1", "2"))
        assert (open.typed, open.refused) == ("2", "")


def test_after_a_refused_key_the_key_of_a_phase_says_how_to_go_on() -> None:
    """The words that a pupil types must not step, whatever letters they have."""
    learner = predicting(Phase.BACKWARD)
    type_(learner, "ob")
    open = learner.questions.open
    assert open is not None
    assert open.refused == "`b` is no key here: `esc` skips the question first."
    type_(learner, ("escape", "b"))
    assert training_phase(learner) is Phase.BACKWARD


@pytest.mark.parametrize("phase", [Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE])
def test_the_key_of_a_phase_skips_its_question_only_while_nothing_is_typed(phase: Phase) -> None:
    learner = predicting(phase)
    type_(learner, "4" + str(phase)[0])
    assert learner.questions.phase is phase
    learner = predicting(phase)
    type_(learner, str(phase)[0])
    assert learner.questions.phase is None
    assert training_phase(learner) is phase


def training_phase(learner: Session) -> Phase:
    assert learner.training is not None
    return learner.training.done


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+z", "tab", "shift+tab"])
def test_leaving_suspending_and_looking_around_work_in_a_field(field: str, key: str) -> None:
    assert type_(FIELDS[field](), (key,)) == [False]


def test_a_rule_runs_only_after_a_diagnosis() -> None:
    learner = predicting(Phase.UPDATE)
    assert type_(learner, "x") == [True]
    assert learner.pictures.beside.what_if is None
    type_(learner, (*"8.6", "enter", "x"))
    assert learner.pictures.beside.what_if is not None


@pytest.mark.parametrize("more", ["30.5e-1,8", "-6", ".5"])
@pytest.mark.parametrize(
    ("opened", "answer"), [(page_question, None), (lambda: predicting(Phase.FORWARD), "9")]
)
def test_what_is_typed_on_after_a_right_answer_opens_no_lesson(
    opened: object, answer: str | None, more: str
) -> None:
    assert callable(opened)
    learner = opened()
    if answer is None:
        answer = right_answer(learner.questions.open.question)
    type_(learner, (*answer, "enter"))
    assert learner.questions.open is None
    state = str(learner.state)
    assert all(type_(learner, more))
    assert str(learner.state) == state
    assert "answered already" in learner.message
    assert type_(learner, ("enter",)) == [True]
    assert all(type_(learner, more)), "a second number is no lesson either"


def test_no_digit_opens_a_lesson_on_the_page_of_an_answered_question() -> None:
    learner = page_question()
    assert learner.questions.open is not None
    type_(learner, (*right_answer(learner.questions.open.question), "enter"))
    assert type_(learner, ("7", "escape", "7", "enter", "7", "enter")) == [True] * 6
    assert type_(learner, "f7f7") == [False, True] * 2, "other keys are keys"
    learner.turn(1)
    learner.turn(-1)
    assert type_(learner, "7") == [True]
    learner.leave_answer()
    while learner.questions.open is not None or learner.questions.is_answered:
        learner.turn(-1)
    assert type_(learner, "7") == [False]


def test_another_key_after_a_right_answer_is_a_key() -> None:
    learner = predicting(Phase.FORWARD)
    type_(learner, ("9", "enter"))
    assert type_(learner, ",") == [False]
    assert type_(learner, "3") == [False]


def test_going_to_an_iteration_takes_a_whole_number_within_reach() -> None:
    learner = going_far()
    type_(learner, "1234567890")
    assert learner.field is not None
    assert int(learner.field.typed) <= 1_000_000
    assert "last that a run can reach" in learner.message
    type_(learner, (*["backspace"] * 9, "2", "0", "enter"))
    assert learner.field is None
    assert learner.destination == 20


def test_leaving_a_field_takes_nothing_of_it() -> None:
    for opened in (choosing_a_start, going_far):
        learner = opened()
        state = str(learner.state)
        type_(learner, ("7", "escape"))
        assert (learner.field, learner.destination) == (None, None)
        assert str(learner.state) == state


def test_pasted_text_goes_into_the_field_as_far_as_it_is_a_number() -> None:
    learner = choosing_a_start()
    assert paste(learner, "x = 1/4, f\nb")
    assert learner.field is not None
    assert learner.field.typed == "1/4,"


def test_the_keyboard_belongs_to_fields_on_a_terminal(tmp_path: Path) -> None:
    """What once played, went backward, opened a page, set a start and opened other lessons."""
    with Terminal(tutor("derivative"), home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("iteration 0")
        terminal.send("fpb")
        terminal.wait_for("esc skips")
        terminal.send("abc")
        terminal.wait_for("[c] is no key here.", "esc skips", "FORWARD")
        terminal.send("6\r")
        terminal.wait_for("Right")
        terminal.send("72")
        terminal.wait_for("answered already", "3/8 Derivative")
        terminal.send("\rps")
        terminal.wait_for("Start: x = 8.")
        terminal.send("six")
        terminal.wait_for("is done. [x] is no key")
        terminal.send("\x7f\x7f-")
        terminal.wait_for("x = -_")
        terminal.send("\x1b")
        # Neither undone nor begun anew.
        terminal.wait_for("The run begins", "BACKWARD")
        terminal.wait_until(lambda: "η 0.1 " in terminal.screen[0])


@pytest.mark.parametrize("open_field", [Session.choose_start, Session.choose_iteration])
def test_field_takes_the_place_of_a_question_before_a_phase(
    open_field: Callable[[Session], None],
) -> None:
    """As from the palette: what was begun is over, and the phase is still to come."""
    learner = predicting(Phase.BACKWARD)
    open_field(learner)
    assert learner.questions.open is None
    assert learner.field is not None
    assert press(learner, "escape", "")
    learner.step(Phase.BACKWARD)
    assert learner.questions.phase is Phase.BACKWARD
