"""What can be chosen for a program, and what each choice would change."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from gd_tutor.engine.bugs import BUGS
from gd_tutor.engine.conventions import CONVENTIONS
from gd_tutor.engine.errors import ChoiceError
from gd_tutor.engine.experiment import ALL, Experiment
from gd_tutor.engine.optimizers import OPTIMIZERS

SIZES = (1, 16, 32)
"""Batches that are offered where there are more samples."""

SEEDS = range(10)


@dataclass(frozen=True, slots=True)
class Option:
    """One value of one kind of choice: its title, and a sentence on what it changes."""

    kind: str
    value: str
    title: str
    says: str


def _worded() -> Iterator[Option]:
    """The choices that have a title and a sentence of their own."""
    for value, optimizer in OPTIMIZERS.items():
        yield Option("optimizer", value, optimizer.title, optimizer.says)
    for kind, conventions in CONVENTIONS.items():
        for value, convention in conventions.items():
            yield Option(kind, value, convention.title, convention.says)
    yield Option("batch", ALL, "all samples", "Every iteration is worked with all samples.")
    yield Option(
        "scale",
        "standardised",
        "standardised",
        "Each column has mean 0 and variance 1, which makes the bowl rounder; "
        "the best fit stays, with other parameters.",
    )
    yield Option(
        "scale",
        "as-given",
        "as given",
        "Columns keep their own units, so the bowl may be long and narrow; "
        "the best fit stays, with other parameters.",
    )
    for value, bug in BUGS.items():
        yield Option("bug", value, bug.title, bug.says)


def options(experiment: Experiment) -> tuple[Option, ...]:
    """What fits the experiment, its other choices as they are; what is in force is among it.

    A kind of which only one value fits is left out.
    """
    offered = [option for option in _known(experiment) if _fits(experiment, option)]
    kinds = [option.kind for option in offered]
    return tuple(option for option in offered if kinds.count(option.kind) > 1)


def _known(experiment: Experiment) -> Iterator[Option]:
    yield from _worded()
    for size in sorted(_sizes(experiment)):
        samples = "sample" if size == 1 else "samples"
        says = (
            f"Every iteration is worked with {size} {samples} drawn by the seed; "
            "the loss over all samples stays what is to be made small."
        )
        yield Option("batch", str(size), f"{size} {samples}", says)
    if experiment.random or experiment.batches is not None:
        seeds = {str(seed) for seed in SEEDS} | {experiment.choice("seed") or "0"}
        for seed in sorted(seeds, key=int):
            says = "Another draw of what is random; the program and all else stay."
            yield Option("seed", seed, f"seed {seed}", says)


def _sizes(experiment: Experiment) -> set[int]:
    own = experiment.choice("batch") or ALL
    return {*SIZES, *([] if own == ALL else [int(own)])}


def _fits(experiment: Experiment, option: Option) -> bool:
    if (option.kind, option.value) in (("average", "sum"), ("bug", "sum-for-mean")):
        program = experiment.program
        alone = program.samples is not None and prod(program.sample_shape) == 1
        if alone and experiment.batches is None:
            return False
    try:
        experiment.with_choices({option.kind: option.value})
    except ChoiceError:
        return False
    return True
