"""Misconceptions in computing a gradient: signs, means, samples, other values instead."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice

import numpy as np

from gd_tutor.engine.expression import (
    Apply,
    Expression,
    Index,
    Line,
    Lines,
    Name,
    Number,
    apply,
    divide,
    gradient_of,
    leading_to,
    multiply,
    names,
    negate,
    next_of,
    power,
    renamed,
    walk,
)
from gd_tutor.engine.optimizers import descent
from gd_tutor.engine.program import LEARNING_RATE, LOSS, SEED, Program
from gd_tutor.engine.state import Phase
from gd_tutor.questions.asked_number import element
from gd_tutor.questions.formula_misconceptions import (
    DIVIDED_TWICE,
    FACTOR_LOST,
    functions,
    only_last,
    other_values,
    products,
    quotients,
    sums,
)
from gd_tutor.questions.wrong_rule import (
    Alternatives,
    Misconception,
    Rule,
    Slip,
    Specificity,
    both,
    changed_in_part,
    everywhere,
    most_slips,
    replaced,
    rounded_early,
    with_arguments,
)

ETA = Name(LEARNING_RATE)
COMMON = (Specificity.STEP, Specificity.GENERAL)
"""The kinds of slips that occur together with another one."""
MINUS = ("subtract", "negate")


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
    Specificity.VALUE,
)


def backward_rules(program: Program, asked: str) -> Iterator[Rule]:
    """Wrong rules for a gradient, in the line asked for or in those that lead to it."""
    yield _sign_lost(program, asked, program.backward)
    yield from _sum_for_mean(program, program.backward)
    yield from _divided_twice(program)
    yield from _last_sample(program)
    yield from _moved_too_soon(program)
    yield Rule(OLD_SLOPE, program, earlier=1)
    if _steps_by_gradients(program):
        stepped = {name: multiply(ETA, Name(name)) for name in _gradients_like(program, asked)}
        yield replaced(program, Phase.BACKWARD, stepped, STEP_FOR_GRADIENT, ETA)
    yield from changed_in_part(
        program,
        Phase.BACKWARD,
        asked,
        lambda line: backward_slips(program, line, line.name == asked),
    )
    yield rounded_early(program, Phase.BACKWARD, asked)


def _gradients_like(program: Program, asked: str) -> list[str]:
    """The gradients that share a slip with this one: all those of parameters, or it alone."""
    parameters = [gradient_of(name) for name in program.parameters]
    return parameters if asked in parameters else [asked]


def _sign_lost(program: Program, asked: str, lines: Lines) -> Rule:
    gradients = _gradients_like(program, asked)
    wrong = tuple(
        Line(line.name, negate(line.expression)) if line.name in gradients else line
        for line in lines
    )
    return Rule(sign_words(lines, asked), program, wrong={Phase.BACKWARD: wrong})


SIGN_LOST = Misconception(
    "sign-lost",
    "The size is right, the sign is not: look at every minus once more.",
    "the sign lost",
    Specificity.GENERAL,
)
SIGN_TURNED = Misconception(
    "sign-lost",
    "The size is right, the sign is not: think on which side of 0 it lies.",
    "the sign lost",
    Specificity.GENERAL,
)


def sign_words(lines: Lines, asked: str) -> Misconception:
    """The words for a wrong sign: look at every minus, where there is one on the way."""
    parts = (part for line in leading_to(lines, [asked]) for part in walk(line.expression))
    minus = any(isinstance(part, Apply) and part.operation in MINUS for part in parts)
    return SIGN_LOST if minus else SIGN_TURNED


SUM_FOR_MEAN_OF_SLOPES = Misconception(
    "sum-for-mean",
    "Dividing by n is forgotten: that is the slope of the sum, not of the mean.",
    "no division by n",
    Specificity.GENERAL,
)


def _sum_for_mean(program: Program, lines: Lines) -> Iterator[Rule]:
    def summed(node: Apply) -> Expression:
        match node:
            case Apply("divide", (above, Apply("count"))):
                return above
        return node

    yield from _changed(program, lines, summed, SUM_FOR_MEAN_OF_SLOPES)


def _divided_twice(program: Program) -> Iterator[Rule]:
    def divided(node: Apply) -> Expression:
        match node:
            case Apply("divide", (_, Apply("count") as count)):
                return divide(node, count)
        return node

    yield from _changed(program, program.backward, divided, DIVIDED_TWICE)


def _changed(
    program: Program,
    lines: Lines,
    change: Callable[[Apply], Expression],
    misconception: Misconception,
) -> Iterator[Rule]:
    """The same change in all lines, where it changes any."""
    wrong = tuple(Line(line.name, everywhere(line.expression, change)) for line in lines)
    if wrong != lines:
        yield Rule(misconception, program, wrong={Phase.BACKWARD: wrong})


LAST_SAMPLE = Misconception(
    "last-sample",
    "That is the last sample's slope alone; all samples have a say.",
    "the last sample's slope",
    Specificity.GENERAL,
)


def _last_sample(program: Program) -> Iterator[Rule]:
    if program.samples is None or not program.sample_shape:
        return
    seed = np.zeros(program.sample_shape)
    seed.flat[-1] = 1.0
    wrong = {Phase.BACKWARD: program.backward_of_samples}
    yield Rule(LAST_SAMPLE, program, (), wrong, {SEED: seed})


MOVED_TOO_SOON = Misconception(
    "new-value",
    "That uses parameters that have already moved; all slopes belong to one point.",
    "parameters that have already moved",
    Specificity.GENERAL,
)


def _moved_too_soon(program: Program) -> Iterator[Rule]:
    """Gradients with values of forward but parameters that are already updated."""
    moved = {name: next_of(name) for name in program.parameters}
    wrong = tuple(Line(x.name, renamed(x.expression, moved)) for x in program.backward)
    if wrong != program.backward:
        yield Rule(MOVED_TOO_SOON, program, wrong={Phase.BACKWARD: wrong})


def _steps_by_gradients(program: Program) -> bool:
    """Whether each step is the learning rate times the gradient."""
    return all(x in program.update for name in program.parameters for x in descent(name))


LOSS_FOR_SLOPE = Misconception(
    "loss-for-slope",
    "That is the loss itself; asked for is its slope.",
    "the loss itself",
    Specificity.VALUE,
)
VALUE_FOR_SLOPE = Misconception(
    "value-for-slope",
    "That is {0} itself; asked for is the slope of the loss along it.",
    "{0} itself",
    Specificity.VALUE,
)
OTHER_SLOPE = Misconception(
    "other-slope",
    "That is {0}, the slope along another value.",
    "the slope {0}",
    Specificity.VALUE,
)


def other_gradients(program: Program, asked: str, index: Index) -> Iterator[Rule]:
    """The gradient for another value, the loss itself, the value itself."""

    def instead(other: Expression, misconception: Misconception, *about: Expression) -> Rule:
        return replaced(program, Phase.BACKWARD, {asked: other}, misconception, *about)

    yield instead(Name(LOSS), LOSS_FOR_SLOPE)
    value = Name(asked.removeprefix("grad."))
    yield instead(value, VALUE_FOR_SLOPE, element(value.id, index))
    alike = (
        Name(line.name)
        for line in reversed(program.backward)
        if line.name != asked and program.shapes[line.name] == program.shapes[asked]
    )
    for gradient in islice(alike, most_slips(program)):
        yield instead(gradient, OTHER_SLOPE, element(gradient.id, index))


# In one part of the formula


KEPT_SQUARED = Misconception(
    "kept-squared",
    "There {0} still has its whole power; a derivative has one power less.",
    "{0} with its whole power",
)


def backward_slips(program: Program, line: Line, asked: bool) -> Alternatives:
    """Slips in computing a gradient; `asked` is True for the line asked for."""
    powers = _powers_below(program, line.name)

    def alternatives(node: Expression) -> Iterator[Slip]:
        if node in powers:
            base, whole = powers[node]
            yield Slip(KEPT_SQUARED, (base,), whole)
        if not isinstance(node, Apply):
            return
        yield from sums(node)
        yield from products(program, node)
        yield from _outside(program, node)
        yield from quotients(node)
        yield from functions(node)
        if node.operation == "sum":
            yield from only_last(program, node)
        if asked:
            yield from other_values(program, node)

    return alternatives


def _outside(program: Program, node: Apply) -> Iterator[Slip]:
    """A factor taken out of a sum over samples, although each sample has its own."""
    match node:
        case Apply("sum", (operand,), axis=None):
            for factor, rest in _factors(program, operand):
                shape = program.shape_of(factor)
                if program.shape_of(rest) == shape and shape:
                    total = apply("sum", rest)
                    last = Apply("element", (factor,), index=tuple(size - 1 for size in shape))
                    yield _taken_out("last", factor, multiply(total, last))
                    yield _taken_out("mean", factor, multiply(total, apply("mean", factor)))
        case Apply("matmul", (Apply("transpose", (Name() as factor,)), rest)):
            if factor.id in program.data and len(program.shape_of(rest)) == 1:
                total = apply("sum", rest)
                row = Apply("element", (factor,), index=(program.shapes[factor.id][0] - 1,))
                yield _taken_out("last", factor, multiply(total, row))
                mean = Apply("mean", (factor,), axis=0)
                yield _taken_out("mean", factor, multiply(total, mean))


def _factors(program: Program, node: Expression) -> Iterator[tuple[Name, Expression]]:
    """Every factor of a product that is data, with the rest of the product."""
    match node:
        case Apply("negate" | "divide", (inner, *others)):
            for factor, rest in _factors(program, inner):
                yield factor, with_arguments(node, (rest, *others))
        case Apply("multiply", (left, right)):
            for side, other in ((right, left), (left, right)):
                if isinstance(side, Name) and side.id in program.data:
                    yield side, other
                for factor, rest in _factors(program, side):
                    yield factor, multiply(other, rest)


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


def _taken_out(kind: str, factor: Expression, wrong: Expression) -> Slip:
    return Slip(OUTSIDE_LAST if kind == "last" else OUTSIDE_MEAN, (factor,), wrong)


def _powers_below(
    program: Program, gradient: str
) -> Mapping[Expression, tuple[Expression, Expression]]:
    """Parts of a gradient that are powers reduced by one, each with its base and full power."""
    found: dict[Expression, tuple[Expression, Expression]] = {}
    for line in program.forward:
        for node in walk(line.expression):
            match node:
                case Apply("power", (base, Number(exponent))):
                    pass
                case Apply("multiply", (base, other)) if base == other:
                    exponent = 2.0
                case _:
                    continue
            if gradient in map(gradient_of, names(base)) and exponent not in (0.0, 1.0):
                found[power(base, exponent - 1.0)] = (base, power(base, exponent))
    return found


# Two slips at once


@lru_cache(maxsize=256)
def gradient_pairs(program: Program, asked: str) -> tuple[Rule, ...]:
    if asked not in {line.name for line in program.backward} or not program.is_in_turn:
        return ()
    found = []
    for rule in backward_rules(program, asked):
        lines = rule.wrong.get(Phase.BACKWARD)
        if lines is None or rule.misconception.specificity not in COMMON:
            continue
        if rule.id != SIGN_LOST.id:
            found.append(_both(rule, _sign_lost(program, asked, lines)))
        if rule.misconception == FACTOR_LOST:
            found += [_both(rule, other) for other in _sum_for_mean(program, lines)]
    return tuple(found)


def _both(first: Rule, second: Rule) -> Rule:
    """Two rules at once; the second is built on the first one's lines."""
    return Rule(
        both(first.misconception, second.misconception),
        first.program,
        first.about,
        second.wrong,
        first.given,
        upstream=first.upstream,
    )
