"""The options of a run by kind: experiment, bug, optimizer, conventions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gd_tutor.course.lesson import Lesson
from gd_tutor.engine.experiment import ALL, KINDS, Option
from gd_tutor.engine.training import Training

CONVENTIONS = ("average", "residual", "scale")
OPTIMIZERS = ("optimizer", "batch", "seed")
EXPERIMENT = "experiment"
EXPERIMENTS = (EXPERIMENT,)
BUG, NO_BUG = "bug", "none"
BUGS = (BUG,)
UNSAID = {"optimizer": "gradient-descent", "batch": ALL, BUG: NO_BUG}
"""The defaults, which are not named."""


@dataclass(frozen=True, slots=True)
class Menu:
    """A page of options of certain kinds, with the sentence shown where there are none."""

    title: str
    kinds: Sequence[str]
    none: str


MENUS: Mapping[str, Menu] = {
    "conventions": Menu("Conventions", CONVENTIONS, "There is no convention to change here."),
    "bugs": Menu("Deliberate bugs", BUGS, "There is nothing to break here."),
    "optimizers": Menu("Optimizer", OPTIMIZERS, "There is nothing to optimize."),
    "experiments": Menu("Experiments", EXPERIMENTS, "This lesson has one experiment."),
}


def options_of(lesson: Lesson, training: Training, kinds: Sequence[str]) -> list[Option]:
    """The options of certain kinds, in order; empty where there is only one experiment."""
    if EXPERIMENT in kinds:
        found = lesson.experiments if len(lesson.experiments) > 1 else ()
        return [Option(EXPERIMENT, each.id, each.title or "the first", "") for each in found]
    return [option for kind in kinds for option in training.options(kind)]


def is_chosen(option: Option, lesson: Lesson, training: Training) -> bool:
    """Whether an option is in force."""
    if option.kind == EXPERIMENT:
        part = lesson.experiment_for(training.choices)
        return part is not None and part.id == option.value
    return training.experiment.choice(option.kind) == option.value


def in_words(choices: Mapping[str, str]) -> list[str]:
    """The choices in a word each, without defaults and without the experiment."""
    return [
        f"{kind} {choices[kind]}" if choices[kind].isdecimal() else choices[kind]
        for kind in KINDS
        if choices.get(kind) not in (None, "", UNSAID.get(kind)) and kind != EXPERIMENT
    ]
