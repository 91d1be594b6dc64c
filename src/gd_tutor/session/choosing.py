"""What can be chosen for a run, by the kinds of choices that one key makes together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gd_tutor.training import Option

if TYPE_CHECKING:  # the first screen needs the kinds only
    from gd_tutor.lessons import Lesson
    from gd_tutor.training import Training

CONVENTIONS = ("average", "residual", "scale")
BUGS = ("bug",)
OPTIMIZERS = ("optimizer", "batch", "seed")
EXPERIMENT = "experiment"
EXPERIMENTS = (EXPERIMENT,)


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
