"""Lessons with several experiments, choices, standardised data and random starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gd_tutor.course.check import check
from gd_tutor.course.lesson import Filled, Paragraph, ViewSpec
from gd_tutor.engine.experiment import Random
from gd_tutor.engine.training import Training
from marked import all_faults, expect, read, replaced, write

TWO = '''+++
title = "Two slopes"
invite = true
later = { guess = "loss" }
symbols = { loss = "l" }
digits = 5

[[experiment]]
data = { y = 5 }
parameters = { x = 8 }
learning_rate = 0.1
forward = """
residual = y - x
loss = residual ** 2
"""
symbols = { residual = "ε" }

[[experiment.view]]
kind = "bars"
of = "residual"

[[experiment]]
id = "noisy"
title = "With noise"
data = { X = [[1, 10], [2, 20], [3, 60]], y = [2, 4, 9] }
standardise = ["X"]
parameters = { w = { random = [-1, 1], shape = [2] }, b = 0 }
learning_rate = 0.2
choose = { optimizer = "adam", batch = 2, seed = 7 }
forward = """
guess = X @ w + b
loss = mean((y - guess) ** 2)
"""
symbols = { guess = "ŷ", loss = "L" }
digits = 3

[[experiment.view]]
kind = "parameters"
+++

## {one} The first

The loss is {{loss}} at $x = {{x}}$.

## {two experiment=noisy} The second

Here $guess$ begins with {{b}}.
'''
PLAIN = TWO[: TWO.index("[[experiment]]\nid")] + "+++\nThe loss is {{loss}}.\n"
PLAIN = PLAIN.replace('guess = "loss"', "")


def test_two_experiments(tmp_path: Path) -> None:
    lesson = read(tmp_path, TWO)
    first, second = lesson.experiments
    assert (first.id, first.title) == ("1", "Two slopes")
    assert (second.id, second.title) == ("noisy", "With noise")
    assert lesson.experiment == first.experiment
    assert (first.symbols, first.digits) == ({"loss": "l", "residual": "ε"}, 5)
    assert (second.symbols, second.digits) == ({"loss": "L", "guess": "ŷ"}, 3)
    assert first.views == (
        ViewSpec("bars", of=("residual",)),
        ViewSpec("loss"),
        ViewSpec("parameters"),
    )
    assert second.views == (ViewSpec("parameters"), ViewSpec("loss"))
    assert lesson.invite
    assert lesson.experiment_of("noisy") is second
    assert lesson.experiment_of("noise") is None
    assert check([lesson.path]) == ()


def test_what_an_experiment_chooses(tmp_path: Path) -> None:
    experiment = read(tmp_path, TWO).experiments[1].experiment
    assert experiment.choices == {"optimizer": "adam", "batch": "2", "seed": "7"}
    assert experiment.standardised == ("X",)
    assert experiment.random == {"w": Random(-1.0, 1.0)}
    assert experiment.parameters == {"w": (0.0, 0.0), "b": 0.0}
    training = Training(experiment)
    assert training.run(3) == 3
    start = training.setting("w", 0)
    assert isinstance(start, tuple)
    assert all(isinstance(number, float) and -1 <= number < 1 for number in start)


def test_pages_say_which_experiment_they_are_about(tmp_path: Path) -> None:
    lesson = read(tmp_path, TWO)
    assert [(page.id, page.title, page.experiment) for page in lesson.sections] == [
        ("one", "The first", "1"),
        ("two", "The second", "noisy"),
    ]
    (paragraph,) = lesson.sections[1].blocks
    assert isinstance(paragraph, Paragraph)
    assert any(isinstance(inline, Filled) and inline.source == "b" for inline in paragraph.inlines)


@pytest.mark.parametrize("mark", ["{experiment=noisy}", "{ two  experiment = noisy }"])
def test_ways_to_name_the_experiment_of_a_page(tmp_path: Path, mark: str) -> None:
    page = read(tmp_path, TWO.replace("{two experiment=noisy}", mark)).sections[1]
    assert (page.id, page.experiment) == ("two" if "two" in mark else "the-second", "noisy")
    assert page.title == "The second"


def test_one_experiment_in_single_brackets_is_the_same(tmp_path: Path) -> None:
    several = read(tmp_path, PLAIN).experiments
    single = read(tmp_path, PLAIN.replace("[[experiment]]", "[experiment]")).experiments
    assert repr(single) == repr(several)
    assert read(tmp_path, PLAIN).sections[0].experiment == "1"


def test_a_lesson_of_words_has_no_experiment(tmp_path: Path) -> None:
    lesson = read(tmp_path, '+++\ntitle = "A"\nsymbols = { x = "ξ" }\n+++\nHere $x$.\n')
    assert (lesson.experiments, lesson.experiment, lesson.invite) == ((), None, False)
    assert lesson.sections[0].experiment == ""


def test_views_at_the_top_are_of_the_first_experiment(tmp_path: Path) -> None:
    view = '[[view]]\nkind = "curve"\nover = "x"\n'
    lesson = read(tmp_path, replaced(TWO, "digits = 5\n", f"digits = 5\n{view}"))
    first, second = lesson.experiments
    assert [shown.kind for shown in first.views] == ["curve", "bars", "loss"]
    assert second.views == (ViewSpec("parameters"), ViewSpec("loss"))


def test_shapes_choose_the_views_of_every_experiment(tmp_path: Path) -> None:
    view = '[[experiment.view]]\nkind = "parameters"\n'
    views = read(tmp_path, replaced(TWO, view, "")).experiments[1].views
    assert [shown.kind for shown in views] == ["matrices", "parameters", "loss"]


@pytest.mark.parametrize(
    ("written", "expected", "shape"),
    [
        ("{ random = [-1000, 1000], whole = true }", Random(-1000.0, 1000.0, True), ()),
        ("{ random = [0, 0.5], shape = [] }", Random(0.0, 0.5), ()),
    ],
)
def test_random_starts(
    tmp_path: Path, written: str, expected: Random, shape: tuple[int, ...]
) -> None:
    lesson = read(tmp_path, replaced(PLAIN, "x = 8", f"x = {written}"))
    assert lesson.experiment is not None
    assert lesson.experiment.random == {"x": expected}
    assert lesson.experiment.program.shapes["x"] == shape


SECOND = 'id = "noisy"\n'
TITLE = 'title = "With noise"\n'
STANDARD = 'standardise = ["X"]'
RANDOM = "w = { random = [-1, 1], shape = [2] }"
CHOOSE = 'choose = { optimizer = "adam", batch = 2, seed = 7 }'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (TITLE, "", "'title' is missing in [[experiment]]"),
        (TITLE, '§title = ""\n', "'title' is empty"),
        (SECOND, '§id = "a b"\n', "cannot be an id"),
        (SECOND, "§id = 2\n", "words in quotes"),
        (SECOND, SECOND + '§summary = "a"\n', "above the line [[experiment]]"),
        (SECOND, SECOND + "§learning_rat = 1\n", "Did you mean 'learning_rate'?"),
        ("learning_rate = 0.2\n", "§learning_rate = 0\n", "greater than 0"),
        ("guess = X @ w + b", "guess = X @ w + §x", "no value 'x'"),
        ('guess = "ŷ"', '§residual = "ŷ"', "no value 'residual'"),
        ('symbols = { loss = "l" }', 'symbols = { §los = "l" }', "Did you mean 'loss'?"),
        ('later = { guess = "loss" }', 'later = { §gues = "loss" }', "Did you mean 'guess'?"),
        ("digits = 3", "§digits = 30", "from 1 to 12"),
        ("invite = true", '§invite = "yes"', "true or false"),
        ('kind = "parameters"', '§kind = "parameter"', "Did you mean 'parameters'?"),
        ('kind = "parameters"', 'kind = "curve"\n§over = "x"', "no parameter 'x'"),
        ('kind = "parameters"\n', 'kind = "loss"\n[[§view]]\nkind = "loss"\n', "to the first"),
        (STANDARD, '§standardise = ["x"]', "no data 'x' in this experiment. Did you mean 'X'?"),
        (STANDARD, "§standardise = true", "words in quotes"),
        ("[3, 60]", "[3, 60]], Z = [[1, 2]", "there is nothing to standardise"),
        ("[[1, 10], [2, 20], [3, 60]]", "[[1, 10], [2, 10], [3, 10]]", "Column 2 of 'X'"),
        (RANDOM, "w = { random = [1, -1], §shape = [2] }", "the lower one first"),
        (RANDOM, "w = { §random = 3, shape = [2] }", "'random' has to be two numbers"),
        (RANDOM, "§w = { shape = [2] }", "'random' is missing"),
        (RANDOM, "w = { random = [-1, 1], §shape = [2, 1, 1] }", "one or two sizes"),
        (RANDOM, "w = { random = [-1, 1], §shape = [0] }", "one or two sizes"),
        (RANDOM, "w = { random = [-1, 1], §shape = [100000, 100000] }", "one or two sizes"),
        (RANDOM, "w = { random = [-1, 1], shape = [2], §hole = true }", "Did you mean 'whole'?"),
        (RANDOM, "w = { random = [-1, 1], shape = [2], §whole = 1 }", "true or false"),
        (RANDOM, "w = { §random = [0, 0.5], shape = [2], whole = true }", "whole numbers"),
        (CHOOSE, 'choose = { §optimiser = "adam" }', "Did you mean 'optimizer'?"),
        (CHOOSE, 'choose = { §optimizer = "adm" }', "Did you mean 'adam'?"),
        (CHOOSE, "choose = { §batch = 0 }", "whole number of samples"),
        (CHOOSE, "choose = { §batch = 3 }", "needs more samples than 3"),
        (CHOOSE, "choose = { §batch = 1.5 }", "a word in quotes or a whole number"),
        (CHOOSE, "choose = { §seed = true }", "a word in quotes or a whole number"),
        (CHOOSE, 'choose = { §average = "whole" }', "no form that 'whole' could change"),
        (CHOOSE, 'choose = { §experiment = "noisy" }', "nothing to choose by the name"),
        (CHOOSE, '§choose = "adam"', "named values"),
        ("{two experiment=noisy}", "{two experiment=§nosy}", "Did you mean 'noisy'?"),
        ("{two experiment=noisy}", "{two experiment=§}", "as in {slope experiment=noisy}"),
        ("{two experiment=noisy}", "{§two noisy}", "cannot be a page's id"),
        ("begins with {{b}}", "begins with {{§x}}", "no value 'x' in this experiment"),
        ("$x = {{x}}$", "$x = {{§b}}$", "no value 'b' in this experiment"),
    ],
)
def test_faults_of_experiments(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = replaced(TWO, old, new)
    if "lower one first" in message:
        text = text.replace("§", "").replace("{ random = [1", "{ §random = [1")
    elif old == TITLE and not new:
        text = text.replace('[[experiment]]\nid = "noisy"', '[[§experiment]]\nid = "noisy"')
    elif "nothing to standardise" in message:
        text = text.replace(STANDARD, '§standardise = ["X", "Z"]')
    elif "page's id" in message:
        text = text.replace("{{b}}", "it")
    elif "Column 2" in message:
        text = text.replace(STANDARD, "§" + STANDARD)
    expect(tmp_path, text, message)


def test_two_experiments_with_one_id(tmp_path: Path) -> None:
    expect(tmp_path, replaced(TWO, SECOND, '§id = "1"\n'), "have the id '1'")


def test_an_id_that_another_has_by_its_place(tmp_path: Path) -> None:
    text = TWO.replace("[[experiment]]\ndata", '[[experiment]]\nid = "2"\ndata')
    text = text.replace("[[experiment]]\n" + SECOND, "[[§experiment]]\n")
    expect(tmp_path, text, "have the id '2'")


def test_an_id_belongs_to_several(tmp_path: Path) -> None:
    text = PLAIN.replace("[[experiment]]", '[experiment]\n§id = "a"')
    expect(tmp_path, text, "below a line [[experiment]], with double brackets")


def test_single_brackets_cannot_be_given_twice(tmp_path: Path) -> None:
    text = TWO.replace("[[experiment]]\nid", "§[experiment]\nid")
    (fault,) = all_faults(tmp_path, text.replace("§", ""))
    assert fault.line == text[: text.index("§")].count("\n") + 1
    assert "write [[experiment]] with double brackets each time" in fault.message


def test_not_too_many_experiments(tmp_path: Path) -> None:
    start, end = TWO.index("[[experiment]]\nid"), TWO.index("+++\n\n## {one}")
    part = TWO[start:end].replace(SECOND, "")
    faults = all_faults(tmp_path, TWO[:end] + part * 20 + TWO[end:])
    assert [fault.message for fault in faults] == ["20 experiments are the most; delete some."]


def test_faults_of_all_experiments_come_at_once(tmp_path: Path) -> None:
    text = TWO.replace("x = 8", 'x = "8"').replace("{{b}}", "{{bb}}").replace("0.2", "-0.2")
    found = [(fault.line, fault.message[:12]) for fault in all_faults(tmp_path, text)]
    assert [line for line, _ in found] == [10, 28, 47]


def test_a_page_of_a_lesson_without_experiments_names_none(tmp_path: Path) -> None:
    text = '+++\ntitle = "A"\n+++\n## {a experiment=§b} A\nWords.\n'
    expect(tmp_path, text, "This lesson has no [experiment]")


def test_reading_needs_no_numpy(tmp_path: Path) -> None:
    source = (
        "import sys; from pathlib import Path; from gd_tutor.course.lesson_reader import load\n"
        "assert len(load(Path(sys.argv[1])).experiments) == 2\n"
        "sys.exit('numpy' in sys.modules)"
    )
    path = write(tmp_path, TWO)
    assert subprocess.run([sys.executable, "-c", source, str(path)], check=False).returncode == 0
