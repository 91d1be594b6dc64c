"""What can be chosen for a program, and what each choice would change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

from gd_tutor.engine.errors import ChoiceError
from gd_tutor.engine.experiment import ALL, Experiment

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


_WORDS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("optimizer", "gradient-descent"): (
        "gradient descent",
        "Update takes one step against the slope, and remembers nothing.",
    ),
    ("optimizer", "momentum"): (
        "momentum",
        "Update steps along a velocity that keeps 0.9 of itself and adds the slope; "
        "forward and backward stay.",
    ),
    ("optimizer", "nesterov"): (
        "Nesterov momentum",
        "Update keeps a velocity, too, but steps by the one that it would have next; "
        "forward and backward stay.",
    ),
    ("optimizer", "rmsprop"): (
        "RMSprop",
        "Update divides each slope by the root of an average of its squares; "
        "forward and backward stay.",
    ),
    ("optimizer", "adam"): (
        "Adam",
        "Update averages the slopes and divides by the root of their averaged squares; "
        "forward and backward stay.",
    ),
    ("optimizer", "adamw"): (
        "AdamW",
        "Update is Adam's, and shrinks each parameter a little first; forward and backward stay.",
    ),
    ("average", "mean"): (
        "mean",
        "The loss is the mean over the samples: neither it nor the slopes grow with their number.",
    ),
    ("average", "half"): (
        "half",
        "The loss and every slope are half as large, and the 2 of the square goes away; "
        "the minimum stays, and twice the learning rate takes the same steps.",
    ),
    ("average", "sum"): (
        "sum",
        "The loss and every slope are n times as large; "
        "the minimum stays, and an nth of the learning rate takes the same steps.",
    ),
    ("average", "whole"): ("whole", "The loss is the square itself, and its slope has a 2."),
    ("residual", "usual"): ("as in the lesson", "The residual points the way the lesson has it."),
    ("residual", "reversed"): (
        "reversed",
        "The residual and its slope change their signs; "
        "the loss and the slopes of the parameters stay.",
    ),
    ("batch", ALL): ("all samples", "Every iteration is worked with all samples."),
    ("scale", "standardised"): (
        "standardised",
        "Each column has mean 0 and variance 1, which makes the bowl rounder; "
        "the best fit stays, with other parameters.",
    ),
    ("scale", "as-given"): (
        "as given",
        "Columns keep their own units, so the bowl may be long and narrow; "
        "the best fit stays, with other parameters.",
    ),
    ("bug", "none"): ("no bug", "Forward, backward and update are right."),
    ("bug", "not-cleared"): (
        "slopes not cleared",
        "Backward adds each new slope to all the old ones; forward and the update's rule stay.",
    ),
    ("bug", "one-after-another"): (
        "one after another",
        "Each parameter moves before the next one's slope is found; "
        "the first one's step stays right.",
    ),
    ("bug", "moved-in-backward"): (
        "moved within backward",
        "Each parameter moves as soon as its slope is known, and backward goes on with it; "
        "forward stays.",
    ),
    ("bug", "update-first"): (
        "update before backward",
        "Update comes before backward and uses the slopes left over from the iteration before; "
        "forward stays.",
    ),
    ("bug", "wrong-sign"): (
        "wrong sign",
        "Update adds the step, which leads uphill; forward and backward stay.",
    ),
    ("bug", "sum-for-mean"): (
        "1/n forgotten",
        "Backward finds the slopes of the sum, n times too large; the loss stays the mean.",
    ),
}


def options(experiment: Experiment) -> tuple[Option, ...]:
    """What fits the experiment, its other choices as they are; what is in force is among it.

    A kind of which only one value fits is left out.
    """
    offered = [option for option in _known(experiment) if _fits(experiment, option)]
    kinds = [option.kind for option in offered]
    return tuple(option for option in offered if kinds.count(option.kind) > 1)


def _known(experiment: Experiment) -> Iterator[Option]:
    for (kind, value), (title, says) in _WORDS.items():
        yield Option(kind, value, title, says)
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
