"""What can be chosen for a run: options by their kinds, and start values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gd_tutor.engine.options import Option

if TYPE_CHECKING:
    from gd_tutor.course.lesson import Lesson
    from gd_tutor.engine.training import Training

CONVENTIONS = ("average", "residual", "scale")
BUGS = ("bug",)
OPTIMIZERS = ("optimizer", "batch", "seed")
EXPERIMENT = "experiment"
EXPERIMENTS = (EXPERIMENT,)


@dataclass(frozen=True, slots=True)
class Menu:
    """A page of options of some kinds, and what is said where there are none."""

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
    """What can be chosen of some kinds, in their order; nothing where there is but one."""
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
