"""Numbers that the shipped lessons have as digits: all that the engine can compute is computed.

What is typed all the same stands below with its reason. A number that is typed anew fails here:
write an expression in its place, or a reason beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest

from gd_tutor.course.lesson import CodeBlock, Emphasis, Inline, Lesson, Strong, Text, Words
from tutor import LESSONS, lesson

NUMBER = re.compile(r"(?<![\w.])[−-]?\d[\d,]*(?:\.\d+)?(?!\w)")
LESSON = re.compile(r"\b[Ll]essons? \d+")
"""The course numbers its lessons; no experiment does."""
NOTHING = "0"
"""A word rather than a value: no error, a flat place, nothing left."""

STORY = "given by the question or the page, and by nothing in the experiment"
UNIT = "one more of something, or one as a whole"
RULE = "a number of calculus: the slope of a square, the logarithm, the tanh"
FORMULA = "stands in a formula of the program, where it has no name"
ITERATION = "where the learner goes with g or n, or after how many rounds"
TITLE = "the title of an experiment"
CONSTANT = "a constant of an optimizer"
SHAPE = "rows and columns"
BOUND = "rounded on purpose: above, below, near, about"
RACE = "counted over several runs; test_labs_a counts them again"
SEED = "a seed"

ALLOWED: dict[str, dict[str, dict[str, str]]] = {
    "residual": {
        "whose-guess": {STORY: "−1.5"},
        "why-sign": {STORY: "−2 2 −0.1 0.1"},
    },
    "loss": {
        "mean": {STORY: "100"},
        "which-pair": {STORY: "1 3 5"},
        "three-residuals": {STORY: "1 −1 4", UNIT: "2 3"},
        "more-guesses": {STORY: "10 1000 2 4"},
    },
    "derivative": {
        "nudge": {STORY: "0.001"},
        "first-slope": {RULE: "2"},
        "slope-on-slope": {RULE: "2"},
    },
    "partial-derivative": {
        "factor": {UNIT: "1"},
        "which-is-steeper": {UNIT: "1"},
        "seven-km": {STORY: "7 −12", UNIT: "1"},
        "wrong-branch": {UNIT: "1"},
        "ten-km": {STORY: "0.05 10"},
        "is-it-right": {STORY: "3 10"},
    },
    "gradient": {
        "nudge": {STORY: "0.001"},
        "bend": {UNIT: "1"},
        "angle": {UNIT: "1"},
        "slope-of-w": {RULE: "−2 2"},
        "step-and-way": {UNIT: "1"},
    },
    "gradient-matrix": {
        "valley": {ITERATION: "1000"},
        "not-zero": {ITERATION: "1000"},
        "zigzag": {TITLE: "0.17"},
        "edge": {TITLE: "0.19"},
        "beyond": {BOUND: "1000"},
        "slope-of-w": {RULE: "−2 2"},
        "apple-at-a": {RULE: "−2"},
    },
    "kitchen": {
        "nudge": {STORY: "0.001"},
        "never": {ITERATION: "20 50 100"},
        "pass": {ITERATION: "60"},
        "aside": {ITERATION: "10 60"},
        "from-change-to-slope": {STORY: "0.001"},
        "distance-left": {RULE: "2"},
        "left-after-five": {ITERATION: "5"},
    },
    "bowl": {
        "start": {FORMULA: "−1000 999"},
        "thousand": {ITERATION: "1000"},
        "forgot": {ITERATION: "1 2 16 31"},
        "same": {ITERATION: "1000", STORY: "8"},
        "solve": {STORY: "8"},
        "constant": {ITERATION: "1000"},
        "swap": {ITERATION: "50"},
        "slope-of-bowl": {RULE: "2 4"},
        "piled-up": {RULE: "4"},
        "keeps-in-three": {RULE: "2 4"},
        "half-way": {ITERATION: "5 17 34 50", UNIT: "100"},
        "ten-times-faster": {STORY: "0.1", RULE: "2 4", UNIT: "1"},
        "why-clear": {ITERATION: "1 2"},
    },
    "batches": {
        "minimum": {ITERATION: "1000"},
        "hover": {ITERATION: "700 800 900 1000"},
        "rate": {ITERATION: "700 800 900"},
        "mini": {ITERATION: "700 800 900"},
        "thirty-two": {ITERATION: "700 800 900", STORY: "16 32"},
        "compare": {ITERATION: "64"},
        "data": {SEED: "3", STORY: "2 1"},
        "one-sample-slope": {RULE: "2"},
        "steps-in-epochs": {STORY: "5"},
    },
    "optimizers": {
        "descent": {ITERATION: "20", RULE: "2"},
        "momentum": {ITERATION: "1 2"},
        "agree": {ITERATION: "20 40"},
        "nesterov": {ITERATION: "20"},
        "rmsprop": {CONSTANT: "8"},
        "adam": {CONSTANT: "0.9 0.999"},
        "correct": {CONSTANT: "0.9", UNIT: "1", ITERATION: "20"},
        "adamw": {CONSTANT: "0.01"},
        "race": {RACE: "15 22 28 44 86", STORY: "1 0.01", ITERATION: "100"},
        "fair": {STORY: "1 0.01"},
        "across-the-ravine": {RULE: "1"},
        "second-roll": {CONSTANT: "0.9"},
        "first-adam": {CONSTANT: "0.9", UNIT: "1 −1"},
        "steeper-walls": {STORY: "200", UNIT: "−1"},
        "why-faster": {CONSTANT: "0.9", UNIT: "1"},
        "tiny-slope": {STORY: "0.001", CONSTANT: "0.01 10"},
        "same-rate": {RULE: "2"},
    },
    "layers": {
        "net": {ITERATION: "20"},
        "shapes": {SHAPE: "1 2 3 4"},
        "tanh": {RULE: "−1 1"},
        "zeros": {ITERATION: "50"},
        "yes-no": {UNIT: "1"},
        "cross-entropy": {STORY: "0.5 0.9 0.01"},
        "slope": {ITERATION: "1000"},
        "through-w2": {UNIT: "1"},
        "flat-ends": {STORY: "0.8", RULE: "1"},
        "all-alike": {STORY: "0.5"},
        "half-sure": {RULE: "10"},
        "sure-and-wrong": {STORY: "0.2", RULE: "10"},
    },
    "regression": {
        "half": {RULE: "2"},
        "far": {ITERATION: "1500"},
        "exact": {ITERATION: "1500"},
        "standardise": {RULE: "1"},
        "undo": {STORY: "2"},
        "as-given": {RULE: "2 1"},
        "refused": {SHAPE: "100 1 2"},
        "mended": {SHAPE: "100 1 2"},
        "features": {ITERATION: "200"},
        "meaning": {ITERATION: "200", STORY: "2"},
        "limit": {BOUND: "2000 4 0.0000005 1.1"},
        "slope-of-theta0": {RULE: "2"},
        "one-deviation": {STORY: "1 0.6"},
        "why-long-rings": {RULE: "1"},
        "shapes-that-meet": {SHAPE: "1"},
    },
    "valleys": {
        "local": {ITERATION: "50"},
        "start": {STORY: "−0.2"},
        "jump": {STORY: "2 3"},
        "many": {SEED: "1", ITERATION: "50"},
        "linger": {ITERATION: "13 40"},
        "exact": {FORMULA: "1"},
        "plateau": {BOUND: "1", ITERATION: "50"},
        "way-out": {ITERATION: "300"},
        "one": {SEED: "9", FORMULA: "1 −2"},
        "leave": {SEED: "9", ITERATION: "13 200"},
        "hover": {FORMULA: "−2"},
        "saddle-slope": {FORMULA: "−1"},
        "which-valley": {STORY: "0.2"},
        "slope-on-plateau": {BOUND: "1"},
        "left-of-the-hill": {FORMULA: "3", STORY: "−0.5"},
        "why-many-starts": {ITERATION: "50"},
    },
}


def places(of: Lesson) -> Iterator[tuple[str, list[tuple[Inline, ...]]]]:
    """The texts of every page and of every question, under its id."""
    for section in of.sections:
        blocks = (block for block in section.blocks if not isinstance(block, CodeBlock))
        yield section.id, [block.inlines for block in blocks]
    for asked in (*of.predictions, *of.questions):
        words: list[Words] = [asked.ask, *asked.hints]
        for option in getattr(asked, "options", ()):
            words += [option.text, option.say]
        words += [mistake.say for mistake in getattr(asked, "mistakes", ())]
        words += [asked.say] if hasattr(asked, "say") else []
        yield asked.id, [each.inlines for each in words]


def typed(inlines: Iterable[Inline]) -> Iterator[str]:
    """The numbers that an author typed, without those between braces or dollar signs."""
    for inline in inlines:
        if isinstance(inline, Text | Strong | Emphasis):
            for number in NUMBER.findall(LESSON.sub("", inline.text)):
                yield number.rstrip(",")


def allowed(id: str, place: str) -> set[str]:
    numbers = " ".join(ALLOWED.get(id, {}).get(place, {}).values())
    return {NOTHING, *numbers.split()}


@pytest.mark.parametrize("id", LESSONS)
def test_no_number_is_typed_that_could_be_computed(id: str) -> None:
    found: dict[str, set[str]] = {}
    for place, texts in places(lesson(id)):
        found.setdefault(place, set()).update(each for text in texts for each in typed(text))
    new = {place: numbers - allowed(id, place) for place, numbers in found.items()}
    assert {place: numbers for place, numbers in new.items() if numbers} == {}
    gone = {place: allowed(id, place) - {NOTHING} - found[place] for place in ALLOWED.get(id, {})}
    assert {place: numbers for place, numbers in gone.items() if numbers} == {}, "strike these out"


@pytest.mark.parametrize("id", LESSONS)
def test_no_sign_of_a_formula_is_typed(id: str) -> None:
    """A terminal without such letters shows the names of the program: a typed ŷ has none there."""
    inlines = [each for _, texts in places(lesson(id)) for text in texts for each in text]
    words = [each.text for each in inlines if isinstance(each, Text | Strong | Emphasis)]
    assert [text for text in words if any(map(is_sign, text))] == []


def is_sign(character: str) -> bool:
    return not character.isascii() and character.isalnum()
