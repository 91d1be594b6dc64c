"""The misconceptions that are known of every program: what each is called and what is said of it.

How each one changes a formula stands in `slips` and `rules`. A lesson adds its own.
"""

from dataclasses import dataclass
from enum import IntEnum


class Specificity(IntEnum):
    """How exactly a misconception tells what was done; of several that fit, the first is said."""

    OWN = 0
    """An author's words about this very question."""
    UNCHANGED = 1
    """What stood there before, which is in view."""
    STEP = 2
    """The step of the arithmetic that went wrong."""
    GENERAL = 3
    """The whole calculation: a sign, a division."""
    VALUE = 4
    """Another value that stands in the place of the one asked for."""
    RARE = 5
    """What few do, and many numbers fit by chance."""
    PAIR = 6
    """Two slips at once."""


@dataclass(frozen=True)
class Misconception:
    """A known way of going wrong. `id` is what the log calls it.

    `says` names it without the right number, and `briefly` does so in a few words, for a list;
    `{0}` in them stands for the first formula that it is about. `runs` says that it is a rule of
    training, which can be followed on, and no misreading of the question.
    """

    id: str
    says: str
    briefly: str
    specificity: Specificity = Specificity.STEP
    runs: bool = True


_GENERAL, _VALUE, _RARE = Specificity.GENERAL, Specificity.VALUE, Specificity.RARE

# Sums, products, powers

FACTOR_LOST = Misconception(
    "factor-lost", "A constant factor was lost on the way: the {0}.", "the constant {0} lost"
)
FACTOR_LEFT_OUT = Misconception(
    "factor-left-out", "The factor {0} is left out.", "the factor {0} left out"
)
ANOTHER_VALUE = Misconception(
    "another-value", "That has {1} in the place of {0}.", "{1} in the place of {0}", _RARE
)
LEFT_OUT = Misconception("left-out", "The term {0} is left out.", "the term {0} left out", _RARE)
TAKEN_AWAY = Misconception(
    "taken-away", "There {0} is taken away; it has to be added.", "{0} taken away", _RARE
)
ADDED = Misconception(
    "added", "There {0} is added; it has to be taken away.", "{0} added instead of taken away"
)
TURNED_ROUND = Misconception(
    "turned-round",
    "Left and right of the minus have changed places: {0} is taken away from {1}.",
    "{0} taken away from {1}",
)
MINUS_LOST = Misconception(
    "minus-lost", "The minus before {0} is lost.", "the minus before {0} lost"
)
ADDED_FOR_TIMES = Misconception(
    "added-for-times",
    "There {0} and {1} are added; they have to be multiplied.",
    "{0} and {1} added",
    _RARE,
)
NOT_DIVIDED = Misconception("not-divided", "The division by {0} is left out.", "no division by {0}")
UPSIDE_DOWN = Misconception(
    "upside-down",
    "Above and below have changed places: that is {1} divided by {0}.",
    "{1} divided by {0}",
)
DOUBLED = Misconception(
    "doubled", "That doubles {0}; a square is the number times itself.", "{0} doubled"
)
NOT_SQUARED = Misconception("not-squared", "There {0} is not squared yet.", "{0} not squared")
SIGN_KEPT = Misconception(
    "sign-kept", "A square is never negative: minus times minus is plus.", "a negative square"
)
NOT_RAISED = Misconception(
    "not-raised", "There {0} is not raised to its power.", "{0} not raised to its power"
)
TIMES_EXPONENT = Misconception(
    "times-exponent",
    "There {0} is multiplied with the exponent; the exponent counts the factors.",
    "{0} times the exponent",
)
KEPT_SQUARED = Misconception(
    "kept-squared",
    "There {0} still has its whole power; a derivative has one power less.",
    "{0} with its whole power",
)


def function_left_out(function: str) -> Misconception:
    """A function that was not taken: the number in its brackets is given instead."""
    return Misconception(
        "function-left-out", f"There {function} is left out.", f"{function} left out"
    )


# Matrices

MATRICES_MULTIPLIED = Misconception(
    "matrices-multiplied",
    "That is the product of matrices; here each number meets the one in its own place.",
    "a product of matrices",
)
PLACE_BY_PLACE = Misconception(
    "place-by-place",
    "There each number meets the one in its own place; here rows meet columns.",
    "cell times cell",
)
FACTORS_TURNED_ROUND = Misconception(
    "factors-turned-round",
    "There {0} and {1} have changed places; in a product of matrices their order counts.",
    "{0} and {1} in each other's place",
)
NOT_TRANSPOSED = Misconception(
    "not-transposed",
    "There {0} is not transposed: its rows take the places of its columns.",
    "{0} not transposed",
)
OTHER_CELL = Misconception(
    "other-cell", "That is {0}, the number of another cell.", "{0}", _RARE, runs=False
)

# Means and sums over samples

SUM_FOR_MEAN = Misconception(
    "sum-for-mean", "That is the sum; to make it a mean, divide by n.", "the sum"
)
SUM_FOR_MEAN_OF_SLOPES = Misconception(
    "sum-for-mean",
    "Dividing by n is forgotten: that is the slope of the sum, not of the mean.",
    "no division by n",
    _GENERAL,
)
DIVIDED_TWICE = Misconception(
    "divided-twice", "That is divided by n twice; once is enough.", "two divisions by n", _GENERAL
)
MEAN_FOR_SUM = Misconception(
    "mean-for-sum", "That is the mean; here the numbers are only added.", "the mean"
)
ONLY_LAST = Misconception(
    "last-only",
    "That is the last number of {0} alone; all of them count.",
    "the last number of {0}",
    _RARE,
)
LAST_SAMPLE = Misconception(
    "last-sample",
    "That is the last sample's slope alone; all samples have a say.",
    "the last sample's slope",
    _GENERAL,
)
OUTSIDE_LAST = Misconception(
    "outside-sum-last",
    "There {0} stands outside the sum, its last number for all; each sample has its own.",
    "the last {0} for all samples",
)
OUTSIDE_MEAN = Misconception(
    "outside-sum-mean",
    "There {0} stands outside the sum, its mean for all; each sample has its own.",
    "the mean of {0} for all samples",
)


def power_later(kind: str) -> Misconception:
    """A mean or sum that was raised to the power, where the numbers have to be."""
    says = f"There the {kind} comes first and then the power; here the powers come first."
    return Misconception("power-later", says, f"the power of the {kind}")


# Values taken for another

SIGN_LOST = Misconception(
    "sign-lost",
    "The size is right, the sign is not: look at every minus once more.",
    "the sign lost",
    _GENERAL,
)
SIGN_TURNED = Misconception(
    "sign-lost",
    "The size is right, the sign is not: think on which side of 0 it lies.",
    "the sign lost",
    _GENERAL,
)
OLD_VALUE = Misconception(
    "old-value",
    "That is the value from before the update; the parameters have moved since.",
    "the value from before the update",
    Specificity.UNCHANGED,
)
OLD_SLOPE = Misconception(
    "old-value",
    "That is the slope of the iteration before; the parameters have moved since.",
    "the slope of the iteration before",
    Specificity.UNCHANGED,
)
STEP_FOR_GRADIENT = Misconception(
    "step-for-gradient",
    "That is the step, {0} times the slope; asked for is the slope itself.",
    "the step",
    _VALUE,
)
LOSS_FOR_SLOPE = Misconception(
    "loss-for-slope", "That is the loss itself; asked for is its slope.", "the loss itself", _VALUE
)
VALUE_FOR_SLOPE = Misconception(
    "value-for-slope",
    "That is {0} itself; asked for is the slope of the loss along it.",
    "{0} itself",
    _VALUE,
)
OTHER_SLOPE = Misconception(
    "other-slope", "That is {0}, the slope along another value.", "the slope {0}", _VALUE
)
MOVED_TOO_SOON = Misconception(
    "new-value",
    "That uses parameters that have already moved; all slopes belong to one point.",
    "parameters that have already moved",
    _GENERAL,
)
ROUNDED_EARLY = Misconception(
    "rounded-early",
    "That comes of numbers rounded on the way; keep more digits until the end.",
    "numbers rounded on the way",
    _RARE,
    runs=False,
)

# The update

RATE_FORGOTTEN = Misconception(
    "learning-rate-forgotten",
    "The learning rate is forgotten: that goes the whole slope.",
    "{0} forgotten",
)
UPHILL = Misconception(
    "added",
    "That adds the step and walks uphill; the step is taken away.",
    "the step added",
)
DECAY_FORGOTTEN = Misconception(
    "decay-forgotten",
    "The decay is forgotten: that moves {0} by Adam's step alone.",
    "no decay",
)
OTHER_WAY = Misconception(
    "other-way", "That is the same step, but the other way.", "the step the other way"
)
STEP_ALONE = Misconception(
    "step-alone",
    "That is the step alone; it still has to be taken away from {0}.",
    "the step alone",
)
CHANGE_ALONE = Misconception(
    "step-alone",
    "That is the change alone; it still has to be added to {0}.",
    "the change alone",
)
SLOPE_ALONE = Misconception(
    "slope-alone", "That is the slope; asked for is where the step leads.", "the slope"
)
NOT_MOVED = Misconception(
    "not-moved",
    "That is {0} before the update; it has not moved yet.",
    "{0} before the update",
)
MINUS_FIRST = Misconception(
    "minus-first",
    "The product comes before the minus: first {0} times the slope, then take it away.",
    "the minus before the product",
)
SLOPE_FORGOTTEN = Misconception(
    "slope-forgotten",
    "There {0} alone is taken away; the step is {0} times the slope.",
    "{0} alone taken away",
)
UPHILL_WITHOUT_RATE = Misconception(
    "added + learning-rate-forgotten",
    "Two slips at once: the step is added, and the learning rate is forgotten.",
    "the whole slope added",
    _GENERAL,
)
ONE_BY_ONE = Misconception(
    "new-value",
    "That uses the new {0}; all move at once, from slopes at the same point.",
    "the new {0}",
    _GENERAL,
)


def both(first: Misconception, second: Misconception) -> Misconception:
    """Two misconceptions at once; the formulas are those of the first.

    What is said of one of them alone need not be true of both: they are only named.
    """
    return Misconception(
        f"{first.id} + {second.id}",
        f"Two slips at once: {first.briefly}, and {second.briefly}.",
        f"{first.briefly} and {second.briefly}",
        Specificity.PAIR,
        first.runs and second.runs,
    )
