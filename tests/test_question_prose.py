"""The words of questions are prose: numbers put in, formulas drawn, keys and strong words."""

from __future__ import annotations

from pathlib import Path

import pytest

from gd_tutor.cli.main import main
from gd_tutor.course.check import check, given_by
from gd_tutor.course.folder import Course
from gd_tutor.course.lesson import Lesson, NumberQuestion
from gd_tutor.engine.state import Phase, parse_state
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import on_screen
from gd_tutor.notation.spans import plain
from gd_tutor.plain import lines
from gd_tutor.questions.question import ChoiceAnswer, NumberAnswer, Question, question_of
from gd_tutor.session.lesson_session import Session
from gd_tutor.session.prose_rows import ProseRows
from marked import HERE, expect, read, write
from tutor import LESSONS
from tutor import lesson as shipped

HEAD = '''+++
title = "Questions"
[[experiment]]
data = { y = 5 }
parameters = { x = 8 }
learning_rate = 0.1
forward = """
residual = y - x
loss = residual ** 2
"""
symbols = { residual = "ε", loss = "l" }
[[experiment]]
id = "list"
title = "A list"
data = { y = [5, 3] }
parameters = { x = [8, 0] }
learning_rate = 0.2
forward = """
residual = y - x
loss = mean(residual ** 2)
"""
+++
## {first} First
Words {{loss}}.

'''
NUMBER = """```question
id = "number"
ask = "At $x = {{x}}$ press `b`. What is **the slope** of $residual ** 2$?"
answer = "grad.x"
at = 1
hints = ["First {{residual}}, at the start {{residual@0}}.", "It is $x - residual$."]
[[mistake]]
answer = "-grad.x"
say = "No: {{-grad.x}} has the sign of $residual$, not of `x`."
```
"""
CHOICE = """```question
id = "choice"
experiment = "list"
ask = "Where does {{x[0]}} go?"
hints = "By {{learning_rate * grad.x[0]}}."
[[option]]
text = "to {{next.x[0]}}"
right = true
say = "Yes, from {{x[0]}} to **{{next.x[0]}}**."
[[option]]
text = "to 7.3 by $x[0] + residual$"
say = "No, not yet: press `u`."
```
"""
FIND = """```question
id = "find"
ask = "At {{x}}?"
at = 2
wrong = "residual"
by = "x - y"
say = "It is {{residual}}."
```
"""
PREDICT = """```predict
id = "next"
phase = "update"
ask = "Now x is {{x}}, first it was {{x@0}}. Where will it be?"
answer = "next.x"
[[mistake]]
answer = "x + learning_rate * grad.x"
say = "That is {{learning_rate * grad.x}} uphill."
```

```predict
id = "way"
phase = "backward"
ask = "Up or down from {{x}}?"
[[option]]
text = "below {{x}}"
right = true
say = "Yes, {{grad.x}} is positive."
[[option]]
text = "above {{x}}"
say = "No."
```
"""


def item(lesson: Lesson, place: int = 0, ascii: bool = False) -> Question:
    question = lesson.questions[place]
    run = lesson.training_of(question.experiment)
    return question_of(question, run, lesson, Notation(dialect=on_screen(ascii)))


def learner(lesson: Lesson, ascii: bool = False) -> Session:
    return Session(lesson, Course(lesson.path.parent), ascii=ascii)


def training_of(session: Session) -> Training:
    assert session.training is not None
    return session.training


def test_numbers_are_those_of_the_iteration_that_is_asked_about(tmp_path: Path) -> None:
    asked = item(read(tmp_path, HEAD + NUMBER))
    assert asked.ask == "At x = 7.4 press [b]. What is the slope of ε²?"
    assert asked.answer.hints()[:2] == ("First −2.4, at the start −3.", "It is x − ε.")
    assert asked.judge("-4.8").sentences[0] == "No: −4.8 has the sign of ε, not of [x]."


def test_the_notation_is_that_of_the_screen(tmp_path: Path) -> None:
    asked = item(read(tmp_path, HEAD + NUMBER), ascii=True)
    assert asked.ask == "At x = 7.4 press [b]. What is the slope of residual**2?"
    assert asked.answer.hints()[0] == "First -2.4, at the start -3."
    assert all(sentence.isascii() for sentence in asked.judge("-4.8").sentences)


def test_options_and_their_reasons_are_of_their_own_experiment(tmp_path: Path) -> None:
    asked = item(read(tmp_path, HEAD + CHOICE))
    assert asked.ask == "Where does 8 go?"
    assert asked.options == ("to 7.4", "to 7.3 by x[0] + residual")
    assert asked.judge("1").sentences == ("Yes, from 8 to 7.4.",)
    assert asked.answer.hints()[0] == "By 0.6."


def test_what_is_said_of_a_wrong_line_is_prose(tmp_path: Path) -> None:
    asked = item(read(tmp_path, HEAD + FIND))
    assert asked.ask == "At 6.92?"
    assert asked.judge("1").sentences == ("Right.", "It is −1.92.")


def test_a_prediction_is_about_the_run_of_its_learner(tmp_path: Path) -> None:
    session = learner(read(tmp_path, HEAD + PREDICT))
    training_of(session).change("learning_rate", 0.2)
    session.toggle_predicting()
    training_of(session).run(1)
    training_of(session).forward()
    session.step(Phase.BACKWARD)
    asking = session.questions.open
    assert asking is not None
    assert (asking.question.ask, asking.question.options[0]) == (
        "Up or down from 6.8?",
        "below 6.8",
    )
    asking.type("1")
    session.answer()
    session.step(Phase.UPDATE)
    asking = session.questions.open
    assert asking is not None
    assert asking.question.ask == "Now x is 6.8, first it was 8. Where will it be?"
    asking.type("7.52")
    session.answer()
    assert asking.said[0] == "That is 0.72 uphill."


def test_what_a_batch_has_not_is_taken_from_the_lessons_own_run(tmp_path: Path) -> None:
    text = HEAD + PREDICT.replace(
        'phase = "backward"', 'phase = "backward"\nexperiment = "list"'
    ).replace("from {{x}}", "from {{y[1]}}")
    lesson = read(tmp_path, text.replace("parameters = { x = [8, 0] }", "parameters = { x = 8 }"))
    state = parse_state("lesson:0:start:experiment=list:batch=1")
    session = Session(lesson, Course(lesson.path.parent), state)
    session.toggle_predicting()
    session.step(Phase.FORWARD)
    session.step(Phase.FORWARD)
    session.step(Phase.BACKWARD)
    asking = session.questions.open
    assert asking is not None
    assert asking.question.ask == "Up or down from 3?"


def test_keys_formulas_and_strong_words_look_as_on_a_page(tmp_path: Path) -> None:
    session = learner(read(tmp_path, HEAD + NUMBER))
    session.turn(1)
    asking = session.questions.open
    assert asking is not None
    (shown,) = asking.rows(session.notation, 200)[:1]
    assert ("key", "[b]") in shown
    assert ("number", "7.4") in shown
    assert ("formula", "ε²") in shown
    assert ("strong", "press") in shown
    asking.type("-4.8")
    session.answer()
    said = [row for row in asking.rows(session.notation, 200) if "No: " in plain([row])]
    assert ("new", "No:") in said[0]
    assert ("key", "[x]") in said[0]


def test_an_answered_question_keeps_the_looks_of_its_reason(tmp_path: Path) -> None:
    session = learner(read(tmp_path, HEAD + CHOICE))
    session.turn(1)
    asking = session.questions.open
    assert asking is not None
    asking.type("1")
    session.answer()
    page = session.pages.all[1]
    session.turn(-1)
    session.turn(1)
    rows = session.questions.rows(page, 200)  # type: ignore[arg-type]
    assert ("text", "Yes, from") in rows[-1]
    assert ("number", "7.4") in rows[-1]


def test_lines_of_text_say_the_same(tmp_path: Path) -> None:
    session = learner(read(tmp_path, HEAD + CHOICE), ascii=True)
    session.turn(1)
    said = [*lines.question(session)]
    assert said[0] == "`e` goes to what this is about: A list."
    assert said[1] == "Question: Where does 8 go?"
    assert said[2:4] == ["1: to 7.4", "2: to 7.3 by x[0] + residual"]


def test_the_sheet_of_questions_has_the_numbers_of_other_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = HEAD + CHOICE.replace("{{x[0]}} go", "{{x[0]@1 with learning_rate = 0.5}} go")
    assert main(["check", "--questions", str(read(tmp_path, text).path)]) == 0
    assert "Where does 6.5 go?" in capsys.readouterr().out


# Faults


def asking(block: str) -> str:
    return f"{HEAD}```question\n{block}```\n"


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ('id = "a"\nask = "At {{§z}}?"\nanswer = "x"\n', "There is no value 'z'"),
        ('id = "a"\nask = "A \\"quoted\\" {{§z}}?"\nanswer = "x"\n', "There is no value 'z'"),
        ('id = "a"\nask = """\nAt\n{{§x +}}?"""\nanswer = "x"\n', ""),
        ('id = "a"\nask = "At {{x@§-1}}?"\nanswer = "x"\n', "After @ comes an iteration"),
        ('id = "a"\nask = "At §{{x?"\nanswer = "x"\n', "not closed"),
        ('id = "a"\nask = "At $x = §= 2$?"\nanswer = "x"\n', ""),
        ('id = "a"\nask = "A?"\nanswer = "x"\nhints = ["Ah", "{{§z}}"]\n', "no value 'z'"),
        ('id = "a"\nask = "A?"\nanswer = "x"\nhints = "{{§z}}"\n', "no value 'z'"),
        (
            'id = "a"\nask = "A?"\nanswer = "x"\n[[mistake]]\nanswer = "y"\nsay = "{{§z}}"\n',
            "no value 'z'",
        ),
        (
            'id = "a"\nask = "A?"\nwrong = "residual"\nby = "x"\nsay = "{{§z}}"\n',
            "no value 'z'",
        ),
        (
            'id = "a"\nask = "A?"\n[[option]]\ntext = "{{§z}}"\nright = true\nsay = "Yes."\n'
            '[[option]]\ntext = "b"\nsay = "No."\n',
            "no value 'z'",
        ),
        (
            'id = "a"\nask = "A?"\n[[option]]\ntext = "a"\nright = true\nsay = "Yes."\n'
            '[[option]]\ntext = "b"\nsay = "No {{§x[0]}}."\n',
            "",
        ),
    ],
)
def test_faults_in_words_have_their_place(tmp_path: Path, block: str, message: str) -> None:
    expect(tmp_path, asking(block), message)


def test_the_lesson_of_these_tests_is_sound(tmp_path: Path) -> None:
    lesson = read(tmp_path, HEAD + NUMBER + CHOICE + FIND + PREDICT)
    assert check([lesson.path]) == ()


# Warnings


def warnings(folder: Path, marked: str) -> list[str]:
    """What check warns of at the mark, and of nothing else."""
    before, found, after = marked.partition(HERE)
    assert found
    said = check([write(folder, before + after)])
    place = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert {(each.line, each.column) for each in said} <= {place}
    assert all(each.warning for each in said)
    return [each.message for each in said]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{{§log(-x)}}", "At iteration 0 this is not a finite number."),
        ("{{§x@2000 with learning_rate = 5}}", "The run diverges at iteration"),
        ("{{§exp(x)@minimum with y = 800}}", "not a finite number"),
    ],
)
def test_what_would_be_no_number_is_warned_of(tmp_path: Path, value: str, message: str) -> None:
    said = warnings(tmp_path, f"{HEAD}It is {value}.\n")
    assert message in said[0]
    (tmp_path / "asked").mkdir()
    ask = f'```question\nid = "a"\nask = "Is it {value}?"\nanswer = "x"\nat = 3\n```\n'
    assert len(warnings(tmp_path / "asked", HEAD + ask)) == len(said)


def test_an_unknown_minimum_is_warned_of(tmp_path: Path) -> None:
    steep = HEAD.replace("loss = residual ** 2", "loss = residual ** 4").replace("0.1", "0.001")
    assert warnings(tmp_path, f"{steep}{{{{§x@minimum}}}}\n")[0].startswith("The minimum of this")


def test_an_answer_in_its_own_question_is_warned_of(tmp_path: Path) -> None:
    told = '```question\nid = "a"\nask = "Is it {}?"\nanswer = "grad.x"\nat = 2\n```\n'
    for value in ("{{§grad.x}}", "{{§ grad.x }}", "{{§grad.x@2}}"):
        assert "This is the answer" in warnings(tmp_path, HEAD + told.format(value))[0]
    for value in ("{{grad.x@1}}", "{{grad.x@2 with learning_rate = 1}}", "{{x}}"):
        assert check([write(tmp_path, HEAD + told.format(value))]) == ()


# Values under other settings


def said(folder: Path, words: str) -> str:
    """What a page of the second experiment says."""
    lesson = read(folder, f"{HEAD}## {{second experiment=list}} Second\n{words}\n")
    (_, section) = lesson.sections
    return plain(ProseRows(lesson, Notation()).rows(section, 200, None))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x[0]@1", "7.4"),
        ("x[0]@1 with learning_rate = 0.5", "6.5"),
        ("x[0] @ 2 with learning_rate=0.5", "5.75"),
        ("x@1 with experiment = 1", "7.4"),
        ("x@1 with experiment = 1, learning_rate = 0.5", "5"),
        ("loss with experiment = 1, x = -1", "36"),
        ("x@1 with experiment = 1, bug = wrong-sign", "8.6"),
        ("grad.x[0]@1 with optimizer = momentum, learning_rate = 0.1", "2.7"),
        ("x[0]@minimum", "5"),
        ("loss@minimum", "0"),
        ("loss@minimum with experiment = 1", "0"),
        ("1 / 3 with digits = 2", "0.33"),
        ("2.345678 with digits = 3", "2.35"),
        ("loss@2 with digits = 3", "3.69"),
    ],
)
def test_a_value_under_other_settings(tmp_path: Path, value: str, shown: str) -> None:
    assert said(tmp_path, f"It is {{{{{value}}}}}.") == f"It is {shown}."


def test_other_settings_in_a_question_are_not_those_of_its_learner(tmp_path: Path) -> None:
    text = HEAD + PREDICT.replace(
        "first it was {{x@0}}", "at half {{x@1 with learning_rate = 0.5}}"
    )
    session = learner(read(tmp_path, text))
    training_of(session).change("learning_rate", 0.2)
    session.toggle_predicting()
    training_of(session).forward()
    training_of(session).backward()
    session.step(Phase.UPDATE)
    asking = session.questions.open
    assert asking is not None
    assert asking.question.ask == "Now x is 8, at half 5. Where will it be?"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("x with §", "Write name = value"),
        ("x with §learning_rate", "Write name = value"),
        ("x with §learning_rat = 1", "Did you mean 'learning_rate'"),
        ("x with §learning_rate = 0", "'0' is not a number that 'learning_rate' can be"),
        ("x with §x = inf", "'inf' is not a number that 'x' can be"),
        ("x with learning_rate = 1, §experiment = lost", "Did you mean 'list'"),
        ("x[0] with experiment = list, §x = 1", "'x' is not a single number"),
        ("x with §digits = 0", "from 1 to 12"),
        ("x with §bug = none-of-these", "not a choice for bug"),
        ("x with §batch = 4", "not over samples"),
        ("§z with experiment = list", "There is no value 'z'"),
        ("§x[0] with experiment = 1", "cannot be indexed"),
        ("x@§half", ""),
    ],
)
def test_faults_in_settings_have_their_place(tmp_path: Path, value: str, message: str) -> None:
    expect(tmp_path, f"{HEAD}It is {{{{{value}}}}}.\n", message)


def test_text_and_answers_can_count(tmp_path: Path) -> None:
    assert said(
        tmp_path, "{{count(x)}} and {{count(x) - 1}}, {{count(y) with experiment = 1}}"
    ) == ("2 and 1, 1")
    counted = NUMBER.replace('"grad.x"\nat', '"2 * count(x)"\nat')
    assert item(read(tmp_path, HEAD + counted)).judge("2").right


# The lessons as shipped


@pytest.mark.parametrize("id", LESSONS)
def test_nothing_is_shown_as_it_was_typed(id: str) -> None:
    of = shipped(id)
    for question in of.questions:
        asked = question_of(question, of.training_of(question.experiment), of, Notation())
        shown = [asked.ask, *asked.options, *asked.answer.hints()]
        if isinstance(asked.answer, ChoiceAnswer):
            shown += asked.answer.reasons
        answer = asked.answer
        if isinstance(answer, NumberAnswer) and isinstance(question, NumberQuestion):
            values = answer.training.values_at(answer.asked.position)
            for mistake in question.mistakes:
                wrong = given_by(mistake, answer.asked.answer, answer.training.program, values)
                shown += asked.judge(f"{wrong:.12g}").sentences
        for sentence in shown:
            assert not any(mark in sentence for mark in ("{{", "}}", "$", "**")), sentence
