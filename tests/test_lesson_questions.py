"""Questions of a lesson: numbers, choices, wrong lines; predictions of one experiment or time."""

from __future__ import annotations

from pathlib import Path

import pytest

from gd_tutor.cli.main import main
from gd_tutor.course.check import check
from gd_tutor.course.lesson import (
    AnswerOption,
    ChoiceQuestion,
    FindQuestion,
    NumberQuestion,
)
from gd_tutor.engine.expression import Name
from gd_tutor.engine.parser import parse_answer
from marked import all_faults, expect, read, write

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
[[experiment]]
id = "list"
title = "A list"
data = { y = [5, 3] }
parameters = { x = [8, 0] }
learning_rate = 2000
diverges = true
forward = """
residual = y - x
loss = mean(residual ** 2)
"""
+++
## {first} First
Words {{loss}}.

## {second experiment=list} Second
Words {{x[1]}}.

'''
LISTS = HEAD
"""Its second page is about the lists."""
HEAD = HEAD.replace("{second experiment=list}", "{second}").replace("{{x[1]}}", "{{x}}")

NUMBER = """id = "slope"
ask = "What is the slope?"
answer = "grad.x"
hints = ["Press b.", "Twice the residual."]
within = 0.1
[[mistake]]
answer = "-grad.x"
say = "The sign."
[[mistake]]
gradient = { residual = "residual" }
say = "The two."
"""
CHOICE = """id = "why"
ask = "Why does x fall?"
[[option]]
text = "The slope is positive."
right = true
say = "Right: against the slope."
[[option]]
text = "The loss is positive."
say = "A loss is never negative."
"""
FIND = """id = "wrong-line"
ask = "Which line is wrong?"
wrong = "grad.x"
by = "2 * x"
at = 1
say = "The sign of the inner slope."
"""
GUESS = """id = "guess"
phase = "update"
ask = "What will x be?"
answer = "next.x"
"""
ID = 'id = "slope"\n'
LIST = 'experiment = "list"\n'


def asking(*blocks: str, kind: str = "question", head: str = HEAD) -> str:
    return head + "".join(f"```{kind}\n{block}```\n\n" for block in blocks)


# What is read


def test_questions_in_the_order_of_the_file(tmp_path: Path) -> None:
    lesson = read(
        tmp_path, asking(FIND, NUMBER.replace(ID, ID + 'experiment = "1"\n'), CHOICE, head=LISTS)
    )
    # The page is about the list; the first block says nothing, so it asks about the list, too.
    find, number, choice = lesson.questions
    assert isinstance(find, FindQuestion)
    assert (find.id, find.experiment, find.phase, find.wrong, find.at) == (
        "wrong-line",
        "list",
        "backward",
        "grad.x",
        1,
    )
    assert find.by == parse_answer("2 * x")
    assert find.say == "The sign of the inner slope."
    assert isinstance(number, NumberQuestion)
    assert (number.answer, number.at, number.within) == (Name("grad.x"), 0, 0.1)
    assert (number.experiment, number.section) == ("1", "second")
    assert number.hints == ("Press b.", "Twice the residual.")
    assert [mistake.say for mistake in number.mistakes] == ["The sign.", "The two."]
    assert choice == ChoiceQuestion(
        id="why",
        ask="Why does x fall?",
        options=(
            AnswerOption("The slope is positive.", "Right: against the slope.", right=True),
            AnswerOption("The loss is positive.", "A loss is never negative."),
        ),
        section="second",
        experiment="list",
    )
    assert check([lesson.path]) == ()


def test_questions_are_no_blocks_of_their_page(tmp_path: Path) -> None:
    lesson = read(tmp_path, asking(CHOICE))
    assert [len(section.blocks) for section in lesson.sections] == [1, 1]


def test_a_lesson_of_words_can_offer_a_choice(tmp_path: Path) -> None:
    text = f'+++\ntitle = "A"\n+++\nWords.\n\n```question\n{CHOICE}```\n'
    (question,) = read(tmp_path, text).questions
    assert (question.experiment, question.section) == ("", "a")


def test_predictions_of_one_experiment_and_iteration(tmp_path: Path) -> None:
    text = asking(GUESS + 'experiment = "1"\nat = 2\n', kind="predict", head=LISTS)
    (prediction,) = read(tmp_path, text).predictions
    assert (prediction.experiment, prediction.at, prediction.answer) == ("1", 2, Name("next.x"))
    assert check([tmp_path]) == ()


def test_predictions_with_options(tmp_path: Path) -> None:
    block = CHOICE.replace('id = "why"', 'id = "way"\nphase = "update"\nat = 0')
    lesson = read(tmp_path, asking(block, kind="predict", head=LISTS))
    (prediction,) = lesson.predictions
    assert isinstance(prediction, ChoiceQuestion)
    assert (prediction.before, prediction.at, prediction.experiment) == ("update", 0, "list")
    assert [option.right for option in prediction.options] == [True, False]


@pytest.mark.parametrize(
    ("wrong", "by", "phase"),
    [
        ("residual", "x - y", "forward"),
        ("loss", "sum(residual ** 2)", "forward"),
        ("grad.residual", "2 * residual", "backward"),
        ("next.x", "x + learning_rate * grad.x", "update"),
        ("next.x", "0 * x", "update"),
    ],
)
def test_every_phase_can_have_the_wrong_line(
    tmp_path: Path, wrong: str, by: str, phase: str
) -> None:
    block = FIND.replace("grad.x", wrong).replace("2 * x", by).replace("at = 1\n", "")
    lesson = read(tmp_path, asking(block, head=LISTS))
    (question,) = lesson.questions
    assert isinstance(question, FindQuestion)
    assert (question.phase, question.wrong, question.at) == (phase, wrong, 0)
    assert check([lesson.path]) == ()


# Faults of what is written


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ('§id = "a"\nask = "b"\n', "'answer' is missing"),
        (NUMBER.replace("hints", '§wrong = "loss"\nhints'), "does not go with 'answer'"),
        (NUMBER.replace("hints", "§option = []\nhints"), "does not go with 'answer'"),
        (NUMBER.replace("hints", '§say = "So."\nhints'), "'say' does not go with 'answer'"),
        (NUMBER.replace("hints", '§phase = "update"\nhints'), "no key 'phase'"),
        (NUMBER.replace(ID, "§").replace("hints", "hints"), "'id' is missing"),
        (NUMBER.replace(ID, '§id = "a b"\n'), "cannot be an id"),
        (NUMBER.replace('"What is the slope?"', '""').replace("ask", "§ask"), "'ask' is empty"),
        (NUMBER.replace('"grad.x"', '"grad.§y"').replace("grad.§y", "§grad.z"), "no value 'grad."),
        (NUMBER.replace('answer = "grad.x"', 'answer = "§grad.y"'), "'y' has no slope"),
        (NUMBER.replace('answer = "grad.x"', '§answer = ""'), "'answer' is empty"),
        (NUMBER.replace("hints", "§at = -1\nhints"), "from 0 to 2000"),
        (NUMBER.replace("hints", "§at = 2001\nhints"), "from 0 to 2000"),
        (NUMBER.replace("within = 0.1", "§within = -0.1"), "below 0"),
        (NUMBER.replace("hints = [", "§hints = [3, "), "words in quotes"),
        (NUMBER.replace('"-grad.x"', '"-§los"'), "Did you mean 'loss'?"),
        (NUMBER.replace("hints", '§experiment = "lost"\nhints'), "Did you mean 'list'?"),
        (NUMBER.replace("hints", '§expriment = "1"\nhints'), "Did you mean 'experiment'?"),
        (CHOICE.replace("right = true\n", "").replace("[[op", "[[§op", 1), "No option is right"),
        (CHOICE + "§right = true\n", "Two options are right"),
        (CHOICE.replace("right = true", '§right = "yes"'), "true or false, without quotes"),
        (CHOICE[: CHOICE.rindex("[[")].replace("[[", "[[§"), "2 to 6 options, not 1"),
        (
            CHOICE
            + "".join(f'[[option]]\ntext = "{n}"\nsay = "No."\n' for n in range(4))
            + '[[§option]]\ntext = "7"\nsay = "No."\n',
            "2 to 6 options, not 7",
        ),
        (CHOICE.replace('text = "The loss', '§text = "The slope'), "Two options say"),
        (
            CHOICE.replace('say = "A loss is never negative."\n', "").replace(
                '[[option]]\ntext = "The loss', '[[§option]]\ntext = "The loss'
            ),
            "'say' is missing",
        ),
        (CHOICE.replace("right = true", "§rigt = true\nright = true"), "Did you mean 'right'?"),
        (CHOICE.replace('ask = "Why does x fall?"', '§within = 1\nask = "?"'), "does not go with"),
        (FIND.replace('"grad.x"', '"grad.z"').replace("wrong =", "§wrong ="), "Did you mean 'grad"),
        (FIND.replace('"grad.x"', '"y"').replace("wrong =", "§wrong ="), "No line computes 'y'"),
        (FIND.replace('"2 * x"', '"2 §x"'), "can be read"),
        (FIND.replace('"2 * x"', '"2 * §z"'), "no value 'z'"),
        (FIND.replace('by = "2 * x"\n', "").replace("id", "§id", 1), "'by' is missing"),
        (FIND[: FIND.index("say")].replace("id", "§id", 1), "'say' is missing"),
        (FIND.replace("at = 1", "§within = 1"), "'within' does not go with 'wrong'"),
        ('id = "a"\nask = "b"\nanswer = §yes\n', "Words stand in quotes"),
        (CHOICE.replace('[[option]]\ntext = "The s', '§[option]\ntext = "The s'), "[[option]]"),
    ],
)
def test_faults_of_questions(tmp_path: Path, block: str, message: str) -> None:
    if "§[option]" in block:  # which TOML itself refuses where the second one begins
        block = block.replace("§", "").replace(
            '[[option]]\ntext = "The l', '§[[option]]\ntext = "The l'
        )
    text = asking(block)
    if "lost" in block:
        text = text.replace('"-grad.x"', '"-1"')
    expect(tmp_path, text, message)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (GUESS.replace("answer", '§say = "a"\nanswer'), "no key 'say'"),
        (GUESS + '§options = ["up", "down"]\n', "Did you mean 'option'?"),
        (GUESS + "§at = 1.0\n", "from 0 to 2000"),
        (GUESS + '§experiment = "2"\n', "no experiment '2' in this lesson. There are 1, list."),
        (
            GUESS.replace('"next.x"', '"§next.x"') + LIST,
            "An answer is one number, but this is 2 values",
        ),
        (
            GUESS.replace('answer = "next.x"\n', "§within = 1\n") + CHOICE[CHOICE.index("[[") :],
            "'within' does not go with 'option'",
        ),
        (
            GUESS + CHOICE[CHOICE.index("[[") :].replace("[[option", "[[§option", 1),
            "'option' does not go with 'answer'",
        ),
    ],
)
def test_faults_of_predictions(tmp_path: Path, block: str, message: str) -> None:
    expect(tmp_path, asking(block, kind="predict"), message)


@pytest.mark.parametrize(("kind", "block"), [("question", NUMBER), ("question", FIND)])
def test_without_an_experiment_there_is_no_number(tmp_path: Path, kind: str, block: str) -> None:
    block = block.replace("answer", "§answer", 1).replace("wrong =", "§wrong =")
    text = f'+++\ntitle = "A"\n+++\nWords.\n\n```{kind}\n{block}```\n'
    expect(tmp_path, text, "needs an [experiment]")


def test_without_an_experiment_there_is_nothing_to_predict(tmp_path: Path) -> None:
    text = f'+++\ntitle = "A"\n+++\nWords.\n\n```predict\n§{GUESS}```\n'
    expect(tmp_path, text, "nothing to predict")


def test_predictions_and_questions_share_their_ids(tmp_path: Path) -> None:
    block = NUMBER.replace("slope", "guess", 1)
    text = asking(GUESS, kind="predict") + f"§```question\n{block}```\n"
    expect(tmp_path, text, "Two questions have the id 'guess'")


@pytest.mark.parametrize("word", ["questions", "Question", "predicts", "prediction"])
def test_blocks_that_are_almost_questions(tmp_path: Path, word: str) -> None:
    expect(tmp_path, f"{HEAD}§```{word}\n{CHOICE}```\n", "Did you mean '")


def test_other_blocks_are_shown(tmp_path: Path) -> None:
    assert read(tmp_path, f"{HEAD}```python\nx = 1\n```\n").sections[1].blocks[-1]


# Faults that only computing shows


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (NUMBER.replace('§"', '"').replace('answer = "-', '§answer = "6 + 0 *'), "gives 6, which"),
        (
            NUMBER.replace('gradient = { residual = "residual" }', '§answer = "2 * y - 16"'),
            "as the one of line",
        ),
        (NUMBER.replace('answer = "grad.x"', '§answer = "log(y - x)"'), "not a finite number"),
        (NUMBER.replace('answer = "grad.x"', '§answer = "1 / (x - 8)"'), "not a finite number"),
        (
            FIND.replace("at = 1\n", "").replace("by =", "§by =").replace("2 * x", "2 * (x - y)"),
            "6",
        ),
        (FIND.replace("by =", "§by =").replace("2 * x", "grad.x + 0.001"), "which counts as right"),
        (FIND.replace("by =", "§by =").replace("2 * x", "sqrt(-x)"), "not a finite number"),
        (NUMBER.replace("hints", "at = 999\nhints").replace("answer", "§answer", 1), "diverges at"),
    ],
)
def test_faults_that_check_computes(tmp_path: Path, block: str, message: str) -> None:
    if "diverges" in message:
        block = block.replace("ask =", f"{LIST}ask =").replace('"grad.x"', '"grad.x[0]"')
        block = block[: block.index("[[mistake]]")]
    expect(tmp_path, asking(block), message, computed=True)


def test_a_wrong_list_that_is_right(tmp_path: Path) -> None:
    block = FIND.replace("by =", "§by =").replace("2 * x", "x - y").replace("at = 1\n", "")
    expect(tmp_path, asking(block, head=LISTS), "This gives the right numbers", computed=True)


def test_a_prediction_is_checked_at_its_iteration(tmp_path: Path) -> None:
    mistake = '[[mistake]]\n{}answer = "7.4"\nsay = "?"\n'
    block = GUESS + "{}" + mistake
    expect(
        tmp_path,
        asking(block.format("", "§"), kind="predict"),
        "which counts as the right answer",
        computed=True,
    )
    write(tmp_path, asking(block.format("at = 1\n", ""), kind="predict"))
    assert check([tmp_path]) == ()


def test_all_faults_of_questions_come_at_once(tmp_path: Path) -> None:
    text = asking(
        NUMBER.replace("within = 0.1", "within = -1"),
        CHOICE.replace("right = true\n", ""),
        FIND.replace("at = 1", "at = -1"),
    )
    assert [fault.message.split(" ")[0] for fault in all_faults(tmp_path, text)] == [
        "'within'",
        "No",
        "'at'",
    ]


def test_the_command_reports_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, asking(FIND.replace("2 * x", "grad.x")))
    assert main(["check", str(path)]) == 1
    line = asking(FIND)[: asking(FIND).index("by =")].count("\n") + 1
    assert capsys.readouterr().out.startswith(f"{path}:{line}:1: This gives 4.8, which counts as")
