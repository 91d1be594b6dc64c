"""Lesson files: what a good one gives, and that every fault is found at its place."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from as_shown import numbers_of
from gd_tutor.course.check import check
from gd_tutor.course.folder import Course, CourseError, course_directory
from gd_tutor.course.lesson import (
    ChoiceQuestion,
    Code,
    CodeBlock,
    Emphasis,
    Filled,
    FindQuestion,
    Formula,
    Lesson,
    ListItem,
    NumberQuestion,
    Paragraph,
    Section,
    Strong,
    Text,
    ViewSpec,
)
from gd_tutor.course.lesson_file import LessonError, LessonFault
from gd_tutor.course.lesson_reader import load
from gd_tutor.engine.errors import ProgramError
from gd_tutor.engine.experiment import KINDS
from gd_tutor.engine.expression import Name
from gd_tutor.engine.optimizers import OPTIMIZERS
from gd_tutor.engine.parser import parse_answer
from tutor import COURSE

HERE = "§"
"""Marks in a lesson where its fault is expected."""

GOOD = '''+++
title = "Derivative"
summary = "The slope."
later = { backward = "chain-rule", loss = "loss" }

[experiment]
data = { y = 5 }
parameters = { x = 8 }
learning_rate = 0.1
forward = """
residual = y - x
loss = residual ** 2
"""
symbols = { residual = "ε", loss = "l" }
digits = 4

[[view]]
kind = "curve"
over = "x"

[[view]]
kind = "loss"
+++

## {slope} The slope tells which way

At $x$ the loss is {{loss}} and its slope is {{grad.x}}.

```predict
id = "next-x"
phase = "update"
ask = "What will x be?"
answer = "next.x"
[[mistake]]
answer = "x + learning_rate * grad.x"
say = "That adds the gradient."
```

## {end} The end

Later it is {{loss@2}}.
'''

MATRIX = '''+++
title = "Matrices"
[experiment]
data = { X = [[1, 2], [3, 4], [5, 6]], y = [5, 3, 4] }
parameters = { W = [1, 2], b = 0 }
learning_rate = 0.1
forward = """
guess = X @ W + b
loss = mean((y - guess) ** 2)
"""
+++
Words {{b}}.
'''

WORDS = '+++\ntitle = "Words"\n+++\n'


def write(folder: Path, text: str, name: str = "09-lesson.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def read(folder: Path, text: str, name: str = "09-lesson.md") -> Lesson:
    return load(write(folder, text, name))


def faults(path: Path) -> tuple[LessonFault, ...]:
    with pytest.raises(LessonError) as error:
        load(path)
    return error.value.faults


def expect(folder: Path, marked: str, message: str) -> None:
    """The lesson's only fault stands where the mark does and says the message."""
    before, _, after = marked.partition(HERE)
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    found = faults(write(folder, before + after))
    assert [(fault.line, fault.column) for fault in found] == [(line, column)], found
    assert message in found[0].message
    assert re.fullmatch(r"[^\n]+[.?…`\]}]", found[0].message)


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def blocks(folder: Path, body: str) -> tuple[object, ...]:
    """The blocks of the first section of a lesson with GOOD's experiment."""
    return read(folder, GOOD[: GOOD.index("## {slope}")] + body).sections[0].blocks


def inlines(folder: Path, body: str) -> tuple[object, ...]:
    (paragraph,) = blocks(folder, body)
    assert isinstance(paragraph, Paragraph)
    return paragraph.inlines


# What a good lesson gives


def test_the_whole_of_a_lesson(tmp_path: Path) -> None:
    lesson = read(tmp_path, GOOD, "03-derivative.md")
    assert (lesson.id, lesson.number, lesson.title) == ("derivative", 3, "Derivative")
    assert lesson.summary == "The slope."
    assert lesson.later == {"backward": "chain-rule", "loss": "loss"}
    (part,) = lesson.experiments
    assert (part.symbols, part.digits) == ({"residual": "ε", "loss": "l"}, 4)
    assert lesson.experiment is not None
    assert lesson.experiment.data == {"y": 5.0}
    assert lesson.experiment.parameters == {"x": 8.0}
    assert lesson.experiment.learning_rate == 0.1
    assert [line.name for line in lesson.experiment.program.forward] == ["residual", "loss"]
    assert part.views == (ViewSpec("curve", over=("x",)), ViewSpec("loss"))
    assert [section.id for section in lesson.sections] == ["slope", "end"]
    assert lesson.sections[0].title == "The slope tells which way"
    assert lesson.sections[0].blocks == (
        Paragraph(
            (
                Text("At "),
                Formula(Name("x"), "x"),
                Text(" the loss is "),
                Filled(Name("loss"), 0, "loss"),
                Text(" and its slope is "),
                Filled(Name("grad.x"), 0, "grad.x"),
                Text("."),
            )
        ),
    )


def test_predictions_are_kept_with_their_section(tmp_path: Path) -> None:
    (prediction,) = read(tmp_path, GOOD).predictions
    assert (prediction.id, prediction.before, prediction.section) == ("next-x", "update", "slope")
    assert prediction.ask == "What will x be?"
    assert prediction.answer == Name("next.x")
    (mistake,) = prediction.mistakes
    assert mistake.answer == parse_answer("x + learning_rate * grad.x")
    assert mistake.say == "That adds the gradient."


def test_a_title_and_a_paragraph_are_enough(tmp_path: Path) -> None:
    lesson = read(tmp_path, WORDS + "Only *words*.\n", "break.md")
    assert (lesson.id, lesson.number, lesson.summary) == ("break", None, "")
    assert lesson.experiments == ()
    assert lesson.experiment is None
    paragraph = Paragraph((Text("Only "), Emphasis("words"), Text(".")))
    assert lesson.sections == (Section("words", "Words", (paragraph,), ""),)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_windows_files_read_the_same(tmp_path: Path, ending: str) -> None:
    plain = read(tmp_path, GOOD)
    windows = read(tmp_path, "\ufeff" + GOOD.replace("\n", ending))
    assert repr(windows) == repr(plain)


def test_windows_files_have_the_same_places(tmp_path: Path) -> None:
    text = "\ufeff" + GOOD.replace("{{loss}}", "{{los}}").replace("\n", "\r\n")
    (fault,) = faults(write(tmp_path, text))
    line = GOOD[: GOOD.index("{{loss}}")].count("\n") + 1
    assert (fault.line, fault.column) == (line, 22)


def test_tabs_are_fine(tmp_path: Path) -> None:
    text = GOOD.replace("residual = y", "residual\t=\ty").replace("At $x$", "At\t$x$")
    assert read(tmp_path, text).sections[0].blocks


def test_sections_without_ids_get_them_from_their_titles(tmp_path: Path) -> None:
    body = "Before.\n## The Slope, again!\na\n## {end} End\nb\n## The slope again\nc\n## 梯度\nd\n"
    sections = read(tmp_path, WORDS + body).sections
    expected = ["words", "the-slope-again", "end", "the-slope-again-2", "page-5"]
    assert [section.id for section in sections] == expected
    assert [section.title for section in sections][:3] == ["Words", "The Slope, again!", "End"]


def test_headings_keep_words_only(tmp_path: Path) -> None:
    body = "## {a} *Why* `f`, and **what** [for](http://x.org)? ##\nText.\n"
    assert read(tmp_path, WORDS + body).sections[0].title == "Why f, and what for?"


def test_inline_kinds(tmp_path: Path) -> None:
    body = (
        "A **bold *both*** word, *soft*, `{{x}} $5`,\nnew line, [link](http://x.org) & <b>html</b>."
    )
    assert inlines(tmp_path, body) == (
        Text("A "),
        Strong("bold both"),
        Text(" word, "),
        Emphasis("soft"),
        Text(", "),
        Code("{{x}} $5"),
        Text(", new line, link & <b>html</b>."),
    )


def test_stars_and_underscores_in_formulas_are_not_emphasis(tmp_path: Path) -> None:
    found = inlines(tmp_path, "$x*y*x_a_b ** 2$ and *{{x*y*2}}* and _so_")
    assert found == (
        Formula(parse_answer("x*y*x_a_b ** 2"), "x*y*x_a_b ** 2"),
        Text(" and "),
        Filled(parse_answer("x*y*2"), 0, "x*y*2"),
        Text(" and "),
        Emphasis("so"),
    )


def test_dollar_signs_that_are_text(tmp_path: Path) -> None:
    assert inlines(tmp_path, r"It costs $5, or \$6 \{{ now") == (Text("It costs $5, or $6 {{ now"),)
    assert inlines(tmp_path, "From $5 to $6.") == (Text("From $5 to $6."),)


def test_a_formula_may_have_sides(tmp_path: Path) -> None:
    assert inlines(tmp_path, "$x = {{x}} = sum(x, axis=0)$") == (
        Formula(Name("x"), "x"),
        Text(" = "),
        Filled(Name("x"), 0, "x"),
        Text(" = "),
        Formula(parse_answer("sum(x, axis=0)"), "sum(x, axis=0)"),
    )


def test_formulas_may_cross_a_line(tmp_path: Path) -> None:
    assert inlines(tmp_path, "$x +\n  y$") == (Formula(parse_answer("x + y"), "x + y"),)


def test_any_formula_may_be_shown_in_a_lesson_of_words(tmp_path: Path) -> None:
    lesson = read(tmp_path, WORDS + "Look: $w * x + grad.b$.\n")
    expected = Formula(parse_answer("w * x + grad.b"), "w * x + grad.b")
    assert lesson.sections[0].blocks == (Paragraph((Text("Look: "), expected, Text("."))),)


def test_values_at_iterations(tmp_path: Path) -> None:
    found = inlines(tmp_path, "{{ x @ 3 }}{{sqrt(loss)@1000}}{{next.x@0}}")
    assert found == (
        Filled(Name("x"), 3, "x @ 3"),
        Filled(parse_answer("sqrt(loss)"), 1000, "sqrt(loss)@1000"),
        Filled(Name("next.x"), 0, "next.x@0"),
    )


def test_short_lists_and_matrix_products_are_values(tmp_path: Path) -> None:
    text = replaced(MATRIX, "{{b}}", "{{W}} {{guess}} {{X @ W}} {{X[0, 1]}} {{grad.W[1]@2}}")
    (paragraph,) = read(tmp_path, text).sections[0].blocks
    assert isinstance(paragraph, Paragraph)
    values = [inline for inline in paragraph.inlines if isinstance(inline, Filled)]
    assert [value.source for value in values] == ["W", "guess", "X @ W", "X[0, 1]", "grad.W[1]@2"]
    assert [value.iteration for value in values] == [0, 0, 0, 0, 2]


def test_lists(tmp_path: Path) -> None:
    body = "- one\n- two\n\n  more\n  1. inner\n\n3. three\n4. four\n"
    assert blocks(tmp_path, body) == (
        ListItem((Text("one"),), "•"),
        ListItem((Text("two"),), "•"),
        ListItem((Text("more"),), " "),
        ListItem((Text("inner"),), "  1."),
        ListItem((Text("three"),), "3."),
        ListItem((Text("four"),), "4."),
    )


def test_code_blocks_keep_their_lines(tmp_path: Path) -> None:
    body = "```\n  a $x {{b}}\n\n*c*\td\n```\n\n- item\n\n  ~~~\n  e\n  ~~~\n\n      indented\n"
    assert blocks(tmp_path, body) == (
        CodeBlock(("  a $x {{b}}", "", "*c* d")),
        ListItem((Text("item"),), "•"),
        CodeBlock(("e",)),
        CodeBlock(("indented",)),
    )


def test_a_line_of_hyphens_makes_no_heading(tmp_path: Path) -> None:
    expect(tmp_path, WORDS + "Words\n§---\n", "not shown")


def test_symbols_and_digits_may_stand_at_the_top(tmp_path: Path) -> None:
    text = replaced(MATRIX, "[experiment]", 'symbols = { guess = "ŷ" }\ndigits = 3\n[experiment]')
    (part,) = read(tmp_path, text).experiments
    assert (part.symbols, part.digits) == ({"guess": "ŷ"}, 3)


def test_nothing_that_computes_or_draws_is_needed_to_read_lessons(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    source = (
        "import sys; from pathlib import Path; import gd_tutor.course.folder as folder\n"
        "course = folder.Course(Path(sys.argv[1])); assert course.entries[0].fault is None\n"
        "print(*{'numpy', 'textual', 'plotext', 'markdown_it'} & set(sys.modules))\n"
        "assert course.load(course.entries[0]).experiment\n"
        "print(*{'numpy', 'textual', 'plotext'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", source, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    assert run.stdout.strip() == ""


# Views


def views_of(folder: Path, text: str) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    (part,) = read(folder, text).experiments
    return [(view.kind, view.of, view.over) for view in part.views]


def without_views(text: str) -> str:
    return re.sub(r"\[\[view\]\][^+]*\+\+\+", "+++", text)


def test_shapes_choose_a_curve(tmp_path: Path) -> None:
    expected = [("curve", (), ("x",)), ("loss", (), ())]
    assert views_of(tmp_path, without_views(GOOD)) == expected


@pytest.mark.parametrize(
    ("parameters", "over"),
    [
        ("x = 8, z = 1", ("x", "z")),
        ("x = [8, 1]", ("x[0]", "x[1]")),
        ("x = [[8], [1]]", ("x[0,0]", "x[1,0]")),
    ],
)
def test_shapes_choose_contours(tmp_path: Path, parameters: str, over: tuple[str, ...]) -> None:
    text = without_views(GOOD).replace("x = 8", parameters).replace("y - x", "y - x + 0 * z")
    text = text if "z" in parameters else text.replace(" + 0 * z", "")
    text = text.replace("loss = residual ** 2", "loss = mean(residual ** 2)")
    text = text[: text.index("## {slope}")] + "Words.\n"
    expected = [("contours", (), over), ("loss", (), ()), ("parameters", (), ())]
    assert views_of(tmp_path, text) == expected


def test_shapes_choose_matrices(tmp_path: Path) -> None:
    expected = [("matrices", ("guess",), ()), ("parameters", (), ()), ("loss", (), ())]
    assert views_of(tmp_path, MATRIX) == expected


def test_loss_and_a_path_are_always_there(tmp_path: Path) -> None:
    view = '[[view]]\nkind = "bars"\nof = "guess"\n+++'
    expected = [("bars", ("guess",), ()), ("loss", (), ()), ("parameters", (), ())]
    assert views_of(tmp_path, MATRIX.replace("\n+++", "\n" + view)) == expected


def test_components_are_spelled_in_one_way(tmp_path: Path) -> None:
    view = '[[view]]\nkind = "slices"\nover = [" W[ 1 ]", "b"]\n+++'
    assert views_of(tmp_path, MATRIX.replace("\n+++", "\n" + view))[0] == (
        "slices",
        (),
        ("W[1]", "b"),
    )


# Faults, each at its place


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("§", "begins with a line +++"),
        ("§# Title\n\nWords.\n", "begins with a line +++"),
        ('§+++\ntitle = "A"\n\nWords.\n', "not closed"),
        ("+++\ntitle = §Derivative\n+++\nWords.\n", "Words stand in quotes"),
        ("+++\ntitle = §“Derivative”\n+++\nWords.\n", "straight quotes"),
        ('+++\ntitle = "abc§\n+++\nWords.\n', "Close the quotes"),
        ('+++\ntitle = "A"\n§title = "B"\n+++\nWords.\n', "given twice"),
        (
            '+++\ntitle = "A"\n  §[later]\n[later]\n+++\nWords.\n'.replace("  §", "").replace(
                "[later]\n+", "§[later]\n+"
            ),
            "given twice",
        ),
        (
            '+++\ntitle = "A"\n[experiment]\ndata = { y = 5 §z = 3 }\n+++\nWords.\n',
            "comma is missing",
        ),
        ('+++\ntitle = "A"\nforward = §"""\nloss = x\n+++\nWords.\n', "not closed"),
        ("+++\n§title = " + "[" * 5000 + "\n+++\nWords.\n", "deeply nested"),
        ("+++\n§digits = " + "9" * 5000 + "\n+++\nWords.\n", "too many digits"),
        ('§+++\nsummary = "A"\n+++\nWords.\n'.replace("§+++\n", "+++\n§"), "'title' is missing"),
        ("+++\n§title = 5\n+++\nWords.\n", "words in quotes"),
        ('+++\n§title = "  "\n+++\nWords.\n', "'title' is empty"),
        ('+++\n§title = "a\\u001bb"\n+++\nWords.\n', "control character"),
        ('+++\ntitle = "A"\n§sumary = "B"\n+++\nWords.\n', "Did you mean 'summary'?"),
        ('+++\ntitle = "A"\n§forward = "loss = x"\n+++\nWords.\n', "below a line [experiment]"),
        ('+++\ntitle = "A"\n§+++\n', "at least one paragraph"),
        ('+++\ntitle = "A"\n§+++', "at least one paragraph"),
        ('+++\ntitle = "A"\n§+++\n\n## {a} A heading\n\n', "at least one paragraph"),
        ('+++\ntitle = "A"\n[[§view]]\nkind = "loss"\n+++\nWords.\n', "no [experiment]"),
        ('+++\ntitle = "A"\n§experiment = 3\n+++\nWords.\n', "named values"),
        (WORDS + "A §\x1b[31m red one.\n", "U+001B"),
        (WORDS + "A value: {{§x}}.\n", "no [experiment]"),
    ],
)
def test_faults_of_the_file(tmp_path: Path, text: str, message: str) -> None:
    expect(tmp_path, text, message)


DATA = "y = 5"
RATE = "learning_rate = 0.1"
LOSS = "loss = residual ** 2"
VIEW = 'kind = "curve"\nover = "x"'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (DATA, "§y = [[1, 2], [3]]", "different lengths (1 and 2)"),
        (DATA, "§y = [1, [2]]", "mixes numbers and lists"),
        (DATA, "§y = [[[1]]]", "three dimensions"),
        (DATA, "§y = []", "empty list"),
        (DATA, "§y = [[], []]", "empty rows"),
        (DATA, '§y = [1, "two"]', '"two" is not a number'),
        (DATA, "§y = true", "true is not a number"),
        (DATA, "§y = 1979-05-27", "not a number"),
        (DATA, "§y = nan", "not finite"),
        (DATA, "§y = [1, inf]", "not finite"),
        (DATA, "§y = 1" + "0" * 400, "too large"),
        ("learning_rate = 0.1", "§learning_rate = 1e308", "too large or not finite; at most 1e300"),
        (DATA, 'y = 5, §"2x" = 3', "cannot be a name"),
        (DATA, "y = 5, §mean = 3", "meaning of its own"),
        (DATA, "y = 5, §lambda = 3", "meaning of its own"),
        (DATA, "y = 5, §loss = 3", "program's last line"),
        ("x = 8", "§y = 8", "data and as parameter"),
        ("parameters = { x = 8 }\n", "", "'parameters' is missing"),
        ("data = {", "§data = 3 #{", "named values"),
        (f"{RATE}\n", "", "'learning_rate' is missing"),
        (RATE, '§learning_rate = "big"', "has to be a number"),
        (RATE, "§learning_rate = true", "has to be a number"),
        (RATE, "§learning_rate = nan", "too large or not finite"),
        (RATE, "§learning_rate = 0", "greater than 0"),
        (RATE, "§learning_rate = -0.1", "greater than 0"),
        (RATE, f"{RATE}\n§learning_rat = 1", "Did you mean 'learning_rate'?"),
        (RATE, f'{RATE}\n§title = "B"', "above the line [experiment]"),
        ('"""\nresidual = y - x\nloss = residual ** 2\n"""', '"\\t"', "'forward' is empty"),
        (LOSS, "loss = §residul ** 2", "Did you mean 'residual'?"),
        (LOSS, "loss = §residual ^ 2", "not a power"),
        (LOSS, "§los = residual ** 2", "last line"),
        (LOSS, "  loss = residual +§", "can be read"),
        (LOSS, "loss = §eval(x)", "no function 'eval'"),
        (LOSS, "loss = residual * §€", "not allowed"),
        ("residual = y - x", "residual = y - x\n§y = y - x", "already given"),
        ("- x\nloss = res", "- 2\n§loss = res", "does not reach"),
        ('residual = "ε"', '§residul = "ε"', "Did you mean 'residual'?"),
        ('residual = "ε"', '§residual = ""', "empty"),
        ('residual = "ε"', '§residual = "\\u200b"', "nothing to see"),
        ('residual = "ε"', '§residual = "梯度梯度梯"', "too wide"),
        ('residual = "ε"', '§residual = "\\u001b[0m"', "control character"),
        ('residual = "ε"', "§residual = 3", "words in quotes"),
        ('residual = "ε"', '§learning_rate = "a"', "always drawn as η"),
        ("symbols = {", "§symbols = 3 #", "named values"),
        ("digits = 4", "§digits = 0", "from 1 to 12"),
        ("digits = 4", "§digits = 13", "from 1 to 12"),
        ("digits = 4", "§digits = 2.0", "from 1 to 12"),
        ("digits = 4", "§digits = true", "from 1 to 12"),
        ("backward =", "§bakward =", "Did you mean 'backward'?"),
        ('loss = "loss" }', '§loss = "no lesson" }', "cannot be a lesson's id"),
        ('loss = "loss" }', "§loss = 3 }", "words in quotes"),
        (VIEW, '§kind = "curves"\nover = "x"', "Did you mean 'curve'?"),
        (VIEW, '§kind = "curve"', "one name in `over`"),
        (VIEW, 'kind = "curve"\n§over = ["x", "x"]', "one name in `over`"),
        (VIEW, 'kind = "curve"\nover = "x"\n§of = "x"', "takes no `of`"),
        (VIEW, '§kind = "bars"', "one name in `of`"),
        (VIEW, 'kind = "squares"\n§of = ["x", "y"]', "one name in `of`"),
        (VIEW, '§kind = "matrices"', "one or more names in `of`"),
        (VIEW, 'kind = "bars"\n§of = "residul"', "Did you mean 'residual'?"),
        (VIEW, 'kind = "curve"\n§over = "y"', "no parameter 'y'"),
        (VIEW, 'kind = "curve"\n§over = "x[0]"', "indexed"),
        (VIEW, 'kind = "curve"\n§over = "2 * x"', "not a parameter or a component"),
        (VIEW, 'kind = "curve"\n§over = "x +"', "can be read"),
        (VIEW, 'kind = "curve"\n§over = 3', "words in quotes"),
        (VIEW, 'kind = "contours"\n§over = ["x", "x"]', "two different"),
        (VIEW, 'kind = "curve"\nover = "x"\n§ovr = "x"', "Did you mean 'over'?"),
        (VIEW, 'kind = "loss"\n[[§view]]\nover = []', "'kind' is missing"),
    ],
)
def test_faults_of_the_front_matter(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = replaced(GOOD, old, new)
    expect(tmp_path, text if HERE in text else marked_missing(text, old), message)


def marked_missing(text: str, old: str) -> str:
    """For what is missing: the mark stands at the key it belongs to, or at the table."""
    return (
        text.replace("forward =", "§forward =") if '"""' in old else text.replace("[exp", "[§exp")
    )


def test_a_view_in_single_brackets(tmp_path: Path) -> None:
    text = without_views(GOOD).replace("digits = 4", 'digits = 4\n[§view]\nkind = "loss"')
    expect(tmp_path, text, "double brackets")


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ('"W"', "as in W[0]"),
        ('"W[2]"', "indices run from 0 to 1"),
        ('"W[0, 0]"', "indexed"),
    ],
)
def test_faults_of_components(tmp_path: Path, over: str, message: str) -> None:
    view = f'[[view]]\nkind = "curve"\n§over = {over}\n+++'
    expect(tmp_path, MATRIX.replace("\n+++", "\n" + view), message)


@pytest.mark.parametrize(
    "forward",
    [
        '"residual = y - x\\nloss = §residul ** 2"',
        "'''\nresidual = y - x # ε \"\"\nloss = §residul ** 2'''",
        "'''residual = y - x\n\tloss = §residul ** 2'''",
        '"""residual = y - x\nloss = residual \\\n    * §residul"""',
        '"""\\u0061 = y - x\n\n# ε\nloss = (a *\n  §residul)"""',
    ],
)
def test_program_faults_stand_where_they_are_written(tmp_path: Path, forward: str) -> None:
    old = '"""\nresidual = y - x\nloss = residual ** 2\n"""'
    text = GOOD[: GOOD.index("symbols")] + "+++\nWords.\n"
    text = text.replace('loss = "loss" }', "}").replace('"chain-rule", }', '"chain-rule" }')
    expect(tmp_path, replaced(text, old, forward), "no value 'residul'")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("A formula $§2x$.", "write * for every product"),
        ("A formula $x + §if$.", "can be read"),
        ("A formula $§$ here $x$.", "a formula; for a dollar sign"),
        ("It costs $5, §or more, says $x$.", "For a dollar sign write"),
        ("Two\nlines $x +\n   §[1]$.", "Lists"),
        ("- an item\n  - an inner $x + §foo(x)$", "no function"),
        ("1. an item\n\n   and $x + §foo(x)$ in it", "no function"),
        ("Mixed: $x * §{{x}}$.", "stands alone beside ="),
        ("A value {{§los}}.", "Did you mean 'loss'?"),
        ("A value {{x + §los}} and a formula $g$.", "Did you mean 'loss'?"),
        ("A formula $2 * §los$ and a letter $g$.", "Did you mean 'loss'?"),
        ("A formula $§grad.z$.", "There is no value 'grad.z'"),
        ("*A **strong {{x + §los}}***", "Did you mean 'loss'?"),
        ("[A link {{x + §los}}](http://x.org)", "Did you mean 'loss'?"),
        ("A value {{§grad.y}}.", "has no slope"),
        ("A value {{§next.y}}.", "no next value"),
        ("A value {{§x[0]}}.", "indexed"),
        ("A value {{x@§-1}}.", "from 0 to 2000"),
        ("A value {{x@§2001}}.", "from 0 to 2000"),
        ("A value {{x @ §1.5}}.", "from 0 to 2000"),
        ("A value {{x@§" + "1" * 900 + "}}.", "from 0 to 2000"),
        ("A value {{§}}.", "missing"),
        ("A value §{{x}.\n\nAnd }} later.", "not closed"),
        ("## {§a b} Title\nText.", "page's id"),
        ("## {a} A\nText.\n## {§a} B\nText.", "Two pages have the id 'a'"),
        ("§## {a}\nText.", "no words"),
        ("## {a} The value {{§x}}\nText.", "words only"),
        ("## {a} The formula $§x$\nText.", "words only"),
        ("§# Title\nText.", "begin with ##"),
        ("Text.\n\n§### Title\nText.", "begin with ##"),
        ("- §## Title\n\nText.".replace("- §", "§- "), "inside a list"),
        ("§> Quoted.", "Quotations"),
        ("§| a | b |\n|---|---|\n| 1 | 2 |\n\nText.", "Tables"),
        ("A picture §![of x](x.png).", "Pictures from files"),
        ("Text.\n\n§```\nopen\n", "not closed"),
        ("§~~~", "not closed"),
    ],
)
def test_faults_of_the_prose(tmp_path: Path, body: str, message: str) -> None:
    expect(tmp_path, GOOD[: GOOD.index("## {slope}")] + body + "\n", message)


def test_a_table_of_numbers_is_no_value_for_a_sentence(tmp_path: Path) -> None:
    expect(tmp_path, replaced(MATRIX, "{{b}}", "{{§X}}"), "pick one, as in E[0, 0]")
    long = replaced(MATRIX, "y = [5, 3, 4]", "y = [5, 3, 4], z = [1,1,1,1,1,1,1,1,1,1,1,1,1]")
    expect(tmp_path, replaced(long, "{{b}}", "{{§z}}"), "13 values")


ANSWER = 'answer = "next.x"'
ASK = 'ask = "What will x be?"'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id = "next-x"', "", "'id' is missing"),
        ('id = "next-x"', '§id = "next x"', "cannot be an id"),
        ('phase = "update"', "", "'phase' is missing"),
        ('phase = "update"', '§phase = "updat"', "Did you mean 'update'?"),
        (ASK, "", "'ask' is missing"),
        (ASK, "§ask = 3", "words in quotes"),
        (ASK, f"{ASK}\n§anwser = 3", "Did you mean 'answer'?"),
        (ASK, f"{ASK}\n§hints = 3", "words in quotes"),
        (ASK, f"{ASK}\n§within = -1", "below 0"),
        (ASK, f"{ASK}\nhint = §yes", "Words stand in quotes"),
        (ANSWER, "", "'answer' is missing"),
        (ANSWER, "§answer = 7.4", "words in quotes"),
        (ANSWER, 'answer = "x + §los"', "Did you mean 'loss'?"),
        (ANSWER, 'answer = " x \\u002b §los"', "Did you mean 'loss'?"),
        (ANSWER, 'answer = "x §^ 2"'.replace("x §^", "§x ^"), "not a power"),
        ("x + learning_rate", "§los + learning_rate", "Did you mean 'loss'?"),
        ('say = "That adds', '§sai = "That adds', "Did you mean 'say'?"),
    ],
)
def test_faults_of_predictions(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = replaced(GOOD, old, new)
    if "sai" in new:
        text = text.replace("[[mistake]]", '[[mistake]]\nsay = "So."')
    # What is missing is missing in the whole block, whose first line has its mark.
    text = text if HERE in text else text.replace("```predict\n", "```predict\n§")
    expect(tmp_path, text, message)


def test_predictions_inside_a_list_have_their_places(tmp_path: Path) -> None:
    start, end = GOOD.index("```predict"), GOOD.index("## {end}")
    block = "- Think:\n\n" + re.sub("(?m)^(?=.)", "  ", GOOD[start:end].replace("next.x", "§nxt.x"))
    expect(tmp_path, GOOD[:start] + block + GOOD[end:], "not allowed")


def test_an_answer_is_one_number(tmp_path: Path) -> None:
    block = '\n```predict\nid = "a"\nphase = "forward"\nask = "b"\nanswer = "§guess"\n```\n'
    expect(tmp_path, MATRIX + block, "An answer is one number, but this is 3 values")


def test_two_predictions_with_one_id(tmp_path: Path) -> None:
    start, end = GOOD.index("```predict"), GOOD.index("## {end}")
    expect(tmp_path, GOOD + "\n§" + GOOD[start:end], "Two questions have the id 'next-x'")


def test_all_faults_come_at_once_in_order(tmp_path: Path) -> None:
    text = GOOD.replace('summary = "The slope."', "summary = 3").replace("digits = 4", "digits = 0")
    text = text.replace("0.1", "0").replace("{{loss}}", "{{los}}").replace("next.x", "nex.x")
    path = write(tmp_path, text)
    found = faults(path)
    assert [fault.line for fault in found] == [3, 9, 15, 27, 33]
    assert str(found[0]).startswith(f"{path}:3:1: ")
    assert str(LessonError(found)).count("\n") == 4


def test_a_broken_program_brings_no_other_faults_along(tmp_path: Path) -> None:
    (fault,) = faults(write(tmp_path, GOOD.replace("y - x", "y - z")))
    assert "no value 'z'" in fault.message


@pytest.mark.parametrize("id", ["lessons", "trace", "check", "doctor", "progress", "forget"])
@pytest.mark.parametrize("number", ["", "09-"])
def test_a_lesson_is_not_named_as_a_command(tmp_path: Path, id: str, number: str) -> None:
    (fault,) = faults(write(tmp_path, GOOD, f"{number}{id}.md"))
    assert (fault.line, fault.column) == (1, 1)
    assert f"'{id}' is a command" in fault.message


@pytest.mark.parametrize("name", ["a b.md", "12.md", "a:b.md", "05-gradient.zh.md"])
def test_a_lesson_needs_a_plain_name(tmp_path: Path, name: str) -> None:
    (fault,) = faults(write(tmp_path, GOOD, name))
    assert "cannot be a lesson's id" in fault.message


def test_files_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b'+++\r\ntitle = "\xc3\xa9\xff"\r\n+++\r\n')
    (fault,) = faults(path)
    assert (fault.line, fault.column) == (2, 11)
    assert "not UTF-8" in fault.message


def test_a_key_of_endless_parts(tmp_path: Path) -> None:
    text = WORDS.replace("title", "§" + "a." * 50_000 + "title") + "Words.\n"
    expect(tmp_path, text, "too many dots")


def test_files_that_are_not_text(tmp_path: Path) -> None:
    (fault,) = faults(write(tmp_path, WORDS + "a\0b"))
    assert "not a text file" in fault.message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert "no such file" in faults(tmp_path / "a.md")[0].message
    assert "not a file" in faults(tmp_path)[0].message
    assert faults(Path("a\0b.md"))


def test_files_that_are_too_large(tmp_path: Path) -> None:
    (fault,) = faults(write(tmp_path, WORDS + "words " * 400_000))
    assert "larger than 2 MB" in fault.message


def test_messages_never_hold_control_characters(tmp_path: Path) -> None:
    text = '+++\ntitle = "A"\n"\\u001b[31m" = 1\n+++\nWords.\n'
    (fault,) = faults(write(tmp_path, text))
    assert fault.message.isprintable()


# Whatever is in the file


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_file_gives_a_lesson_or_faults(tmp_path: Path, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([GOOD, MATRIX, WORDS + "- a\n\n  > b\n\n| a |\n|---|\n"]))
    for _ in range(data.draw(st.integers(1, 4))):
        text = damaged(text, data)
    path = write(tmp_path, text)
    try:
        lesson = load(path)
    except LessonError as error:
        lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for fault in error.faults:
            assert 1 <= fault.line <= len(lines), fault
            assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1, fault
            assert fault.message.isprintable()
    else:
        assert lesson.title
        assert any(section.blocks for section in lesson.sections)


SIGNS = "+-*/@$`{}[]()\"'#.=,\\|_~<>!&;:0159 \t\n\r\0\x1b\u2028é漢x"


def damaged(text: str, data: st.DataObject) -> str:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    match data.draw(st.sampled_from(["cut", "delete", "double", "insert", "swap"])):
        case "cut":
            return text[:start]
        case "delete":
            return text[:start] + text[end:]
        case "double":
            return text[:end] + text[start:]
        case "insert":
            return text[:start] + data.draw(st.text(SIGNS, max_size=8)) + text[start:]
    lines = text.split("\n")
    line = data.draw(st.sampled_from(lines))
    other = data.draw(st.sampled_from(lines))
    return text.replace(line, other, 1)


@pytest.mark.parametrize(
    "body",
    ["$" * 10_000, "{{" * 10_000, "[" * 5_000, "*a_" * 5_000, "> " * 5_000, "$5 " * 10_000],
    ids=["dollars", "braces", "brackets", "stars", "quotes", "prices"],
)
def test_no_text_takes_for_ever(tmp_path: Path, body: str) -> None:
    path = write(tmp_path, WORDS + body + "\n")
    with suppress(LessonError):
        assert load(path).sections


# Courses


def test_a_course_lists_its_lessons(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "02-derivative.md")
    write(tmp_path, WORDS + "a", "10-last.md")
    write(tmp_path, WORDS + "a", "01-first.md")
    write(tmp_path, WORDS + "a", "extra.md")
    for name in ("README.md", "01-first.zh.md", "01-first.pt-BR.md", "notes.txt", ".hidden.md"):
        write(tmp_path, "No lesson.", name)
    (tmp_path / "folder.md").mkdir()
    course = Course(tmp_path)
    listed = [(entry.number, entry.id, entry.title) for entry in course.entries]
    assert listed == [
        (1, "first", "Words"),
        (2, "derivative", "Derivative"),
        (10, "last", "Words"),
        (None, "extra", "Words"),
    ]
    assert course.entries[1].summary == "The slope."
    assert all(entry.fault is None for entry in course.entries)
    assert course.find("2") is course.find("02") is course.find("derivative")
    assert course.load(course.find("2")).title == "Derivative"


def test_a_broken_lesson_is_listed_with_its_fault(tmp_path: Path) -> None:
    write(tmp_path, WORDS + "a", "01-first.md")
    write(tmp_path, "nothing", "02-broken.md")
    write(tmp_path, '+++\ntitle = "Fine"\nsummary = 3\n+++\na', "03-odd.md")
    (tmp_path / "04-bytes.md").write_bytes(b"\xff")
    first, broken, odd, raw = Course(tmp_path).entries
    assert first.fault is None
    assert broken.title == "broken"
    assert "begins with" in (broken.fault or "")
    assert odd.title == "Fine"
    assert "'summary'" in (odd.fault or "")
    assert "UTF-8" in (raw.fault or "")


def test_two_files_with_one_id(tmp_path: Path) -> None:
    write(tmp_path, WORDS + "a", "01-same.md")
    write(tmp_path, WORDS + "a", "02-same.md")
    course = Course(tmp_path)
    first, second = course.entries
    assert first.fault is None
    assert "'01-same.md' has the id 'same', too" in (second.fault or "")
    with pytest.raises(LessonError, match="has the id 'same'"):
        course.load(second)
    (fault,) = check([tmp_path])
    assert (fault.path, fault.line, fault.column) == (second.path, 1, 1)


def test_what_a_course_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no folder"):
        Course(tmp_path / "none")
    with pytest.raises(CourseError, match="no lesson in"):
        Course(tmp_path)
    write(tmp_path, WORDS + "a", "01-gradient.md")
    course = Course(tmp_path)
    with pytest.raises(
        CourseError, match=r"^There is no lesson 'gradent'. Did you mean 'gradient'\?$"
    ):
        course.find("gradent")
    with pytest.raises(CourseError, match="no lesson '7'"):
        course.find("7")


def test_check_takes_files_and_folders(tmp_path: Path) -> None:
    good = write(tmp_path, GOOD, "01-good.md")
    assert check([good]) == ()
    broken = write(tmp_path, WORDS.replace("title", "titel") + "Words.\n", "02-broken.md")
    write(tmp_path, WORDS + "Words.\n", "03-chain-rule.md")
    write(tmp_path, WORDS + "Words.\n", "04-loss.md")
    once = [fault.path for fault in check([tmp_path])]
    assert set(once) == {broken}
    assert [fault.path for fault in check([tmp_path, broken])] == once + once


def test_the_course_begins_with_its_eight_concepts() -> None:
    course = Course(course_directory())
    expected = ["residual", "loss", "derivative", "partial-derivative", "gradient"]
    expected += ["residual-matrix", "loss-matrix", "gradient-matrix"]
    assert [entry.id for entry in course.entries][:8] == expected
    assert [entry.number for entry in course.entries][:8] == list(range(1, 9))


def test_every_value_in_the_shipped_prose_can_be_computed() -> None:
    for lesson in map(COURSE.load, COURSE.entries):
        for section in lesson.sections:
            assert all(abs(value) < 1e9 for value in numbers_of(lesson, section)), section.id


GUIDE = (course_directory() / "README.md").read_text(encoding="utf-8")


def examples(kind: str) -> list[str]:
    """The blocks of one kind in the guide for teachers."""
    return [found[2] for found in re.finditer(rf"(?ms)^(`{{3,}}){kind}\n(.*?)^\1$", GUIDE)]


def test_the_lessons_in_the_guide_for_teachers_are_sound(tmp_path: Path) -> None:
    (table,) = examples("csv")
    (tmp_path / "houses.csv").write_text(table, encoding="utf-8")
    lessons = [text for text in examples("markdown") if text.startswith("+++")]
    assert len(lessons) == 4
    for text in lessons:
        path = write(tmp_path, text)
        assert load(path).sections
        assert check([path]) == ()


def test_the_questions_in_the_guide_for_teachers_are_sound(tmp_path: Path) -> None:
    """They are about the barrel of water, the guide's complete small lesson."""
    barrel = next(text for text in examples("markdown") if "A barrel of water" in text)
    blocks = [text for text in examples("markdown") if text.startswith("```")]
    lesson = read(tmp_path, barrel + "\n" + "\n".join(blocks))
    asked = [(prediction.id, type(prediction)) for prediction in lesson.predictions]
    assert sorted(asked) == [("next-speed", NumberQuestion), ("which-way", ChoiceQuestion)]
    kinds = [type(question) for question in lesson.questions]
    assert kinds == [NumberQuestion, ChoiceQuestion, FindQuestion]
    assert check([lesson.path]) == ()


def test_the_guide_for_teachers_knows_every_choice(tmp_path: Path) -> None:
    section = GUIDE[GUIDE.index("**Choices.**") : GUIDE.index("## Several experiments")]
    for kind in set(KINDS) - {"experiment"}:
        assert f"| `{kind}` |" in section
    for optimizer in OPTIMIZERS:
        assert f'`"{optimizer}"`' in section
    (choose,) = re.findall(r"(?m)^choose = .*$", section)
    text = replaced(MATRIX, "learning_rate = 0.1", f"learning_rate = 0.1\n{choose}")
    assert read(tmp_path, text).experiment


def test_faults_of_the_language_reach_the_author(tmp_path: Path) -> None:
    """Whatever the formula language refuses in `$…$` is refused with the same words."""
    for formula in ("x ** y", "x if y else x", "x.real", "grad.x.y"):
        with pytest.raises(ProgramError) as error:
            parse_answer(formula)
        (fault,) = faults(write(tmp_path, WORDS + f"${formula}$\n"))
        assert fault.message == error.value.faults[0].message
