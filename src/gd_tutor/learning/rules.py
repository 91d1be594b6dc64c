"""The built-in rules: slips that are known of every program, derived from its formulas."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from math import prod

import numpy as np

from gd_tutor.learning.rewriting import (
    Alternatives,
    everywhere,
    variants,
)
from gd_tutor.learning.rule import Rule
from gd_tutor.learning.slips import backward_slips, forward_slips
from gd_tutor.learning.targets import Index, Target, cells, element
from gd_tutor.lessons.mistakes import with_formulas
from gd_tutor.program import (
    LEARNING_RATE,
    LOSS,
    Apply,
    Expression,
    Line,
    Name,
    Program,
    gradient_of,
    next_of,
)
from gd_tutor.program.algebra import apply, divide, multiply, negate, stretch
from gd_tutor.program.bugs import MOST_PARAMETERS, ORDER, one_after_another
from gd_tutor.program.optimizers import descent
from gd_tutor.program.program import SEED
from gd_tutor.program.rewriting import Lines, leading_to, renamed, with_formula
from gd_tutor.training import Phase, Training

ETA = Name(LEARNING_RATE)
SIGN_LOST = "The size is right, the sign is not: look at every minus once more."
RARE = ("left-out", "taken-away", "added-for-times", "last-only", "another-value", "other-cell")
"""Slips that come last where several give the same number."""


def rules_of(target: Target, training: Training) -> tuple[Rule, ...]:
    """Every single slip for a target, the general ones first."""
    index = target.index if target.line is not None else ()
    return _single(training.program, target.lines, index)


def pairs_of(target: Target, training: Training) -> tuple[Rule, ...]:
    """Two slips at once, where both are common."""
    return _pairs(training.program, target.lines)


@lru_cache(maxsize=256)
def _single(program: Program, asked: tuple[str, ...], index: Index) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    if program.order != ORDER:
        return ()  # where an iteration is upside down, no slip has its usual meaning
    for phase, make in ((Phase.FORWARD, _forward), (Phase.BACKWARD, _backward)):
        wanted = [line.name for line in program.lines_of(phase) if line.name in asked]
        if wanted:
            rules += make(program, wanted)
            rules += _other_cells(program, phase, wanted, index)
    for name in program.parameters:
        if next_of(name) in asked and _descends(program):
            rules += _update(program, name)
            rules += _other_cells(program, Phase.UPDATE, [next_of(name)], index)
    return tuple(sorted(rules, key=lambda rule: rule.name in RARE))


def _descends(program: Program) -> bool:
    """Whether its update is plain gradient descent, about which slips are known."""
    return program.update == tuple(x for name in program.parameters for x in descent(name))


@lru_cache(maxsize=256)
def _pairs(program: Program, asked: tuple[str, ...]) -> tuple[Rule, ...]:
    wanted = [line.name for line in program.backward if line.name in asked]
    if not wanted or program.order != ORDER:
        return ()
    found = []
    for rule in _backward(program, wanted):
        lines = rule.wrong.get(Phase.BACKWARD)
        if lines is None:
            continue
        if rule.name != "sign-lost":
            found.append(_both(rule, _sign_lost(program, wanted, lines)))
        if rule.name == "factor-lost":
            found += [_both(rule, other) for other in _sum_for_mean(program, lines)]
    return tuple(found)


def _both(first: Rule, second: Rule) -> Rule:
    """Two rules at once; the second is made of the first one's lines."""
    says = f"Two slips at once. {first.says} {second.says}"
    name = f"{first.name} + {second.name}"
    return Rule(name, says, first.program, first.about, second.wrong, first.given)


def _local(
    program: Program,
    phase: Phase,
    wanted: Iterable[str],
    slips: Callable[[Line], Alternatives],
) -> Iterator[Rule]:
    """One part of one formula changed, in the lines asked for or in those that lead to them."""
    lines = program.lines_of(phase)
    changed = (
        (line.name, slip)
        for line in reversed(leading_to(lines, wanted))
        for slip in variants(program, line.expression, slips(line))
    )
    for name, slip in islice(changed, _most_slips(program)):
        wrong = with_formula(lines, name, slip.wrong)
        yield Rule(slip.name, slip.says, program, slip.about, {phase: wrong})


def _most_slips(program: Program) -> int:
    """How many changed programs can be worked in a moment: fewer of long ones and of large ones."""
    lines = len(program.forward) + len(program.backward)
    numbers = sum(prod(program.shapes[line.name]) for line in program.forward)
    return max(10, min(2_000 // lines, 10_000_000 // numbers))


def _other_cells(program: Program, phase: Phase, wanted: list[str], index: Index) -> Iterator[Rule]:
    """The number of another cell of the same value."""
    [*_, name] = wanted
    shape = program.shapes[name]
    if not index or len(wanted) > 1:
        return
    [line] = (line for line in program.lines_of(phase) if line.name == name)
    for other in cells(shape):
        if other != index:
            cell = Apply("element", (line.expression,), index=other)
            wrong = with_formula(program.lines_of(phase), name, stretch(cell, shape))
            says = "That is {0}, the number of another cell."
            yield Rule("other-cell", says, program, (element(name, other),), {phase: wrong})


def _replaced(
    program: Program,
    phase: Phase,
    wrong: Mapping[str, Expression],
    name: str,
    says: str,
    *about: Expression,
) -> Rule:
    """A rule that has other formulas for some names, made of their right values."""
    lines = with_formulas(program, program.lines_of(phase), wrong)
    return Rule(name, says, program, about, {phase: lines})


def _forward(program: Program, wanted: list[str]) -> Iterator[Rule]:
    negated = {name: negate(Name(name)) for name in wanted}
    yield _replaced(program, Phase.FORWARD, negated, "sign-lost", SIGN_LOST)
    says = "That is the value from before the update; the parameters have moved since."
    yield Rule("old-value", says, program, earlier=1)
    yield from _local(program, Phase.FORWARD, wanted, lambda line: forward_slips(program))


def _backward(program: Program, wanted: list[str]) -> Iterator[Rule]:
    yield _sign_lost(program, wanted, program.backward)
    yield from _sum_for_mean(program, program.backward)
    yield from _divided_twice(program)
    yield from _last_sample(program)
    yield from _moved_too_soon(program)
    says = "That is the slope of the iteration before; the parameters have moved since."
    yield Rule("old-value", says, program, earlier=1)
    slopes = _slopes_like(program, wanted)
    stepped = {name: multiply(ETA, Name(name)) for name in slopes}
    says = "That is the step, {0} times the slope; asked for is the slope itself."
    yield _replaced(program, Phase.BACKWARD, stepped, "step-for-gradient", says, ETA)
    yield from _local(
        program,
        Phase.BACKWARD,
        wanted,
        lambda line: backward_slips(program, line, line.name in wanted),
    )
    yield from _other_slopes(program, wanted)


def _slopes_like(program: Program, wanted: Iterable[str]) -> list[str]:
    """The slopes that someone errs in who errs in these: in all parameters' slopes alike."""
    parameters = [gradient_of(name) for name in program.parameters]
    between = [name for name in wanted if name not in parameters]
    return between or parameters


def _sign_lost(program: Program, wanted: Iterable[str], lines: Lines) -> Rule:
    slopes = _slopes_like(program, wanted)
    wrong = tuple(
        Line(line.name, negate(line.expression)) if line.name in slopes else line for line in lines
    )
    return Rule("sign-lost", SIGN_LOST, program, wrong={Phase.BACKWARD: wrong})


def _sum_for_mean(program: Program, lines: Lines) -> Iterator[Rule]:
    def summed(node: Apply) -> Expression:
        match node:
            case Apply("divide", (above, Apply("count"))):
                return above
        return node

    says = "Dividing by n is forgotten: that is the slope of the sum, not of the mean."
    yield from _changed(program, lines, summed, "sum-for-mean", says)


def _divided_twice(program: Program) -> Iterator[Rule]:
    def divided(node: Apply) -> Expression:
        match node:
            case Apply("divide", (_, Apply("count") as count)):
                return divide(node, count)
        return node

    says = "That is divided by n twice; once is enough."
    yield from _changed(program, program.backward, divided, "divided-twice", says)


def _changed(
    program: Program, lines: Lines, change: Callable[[Apply], Expression], name: str, says: str
) -> Iterator[Rule]:
    """The same change in all lines, where it changes any."""
    wrong = tuple(Line(line.name, everywhere(line.expression, change)) for line in lines)
    if wrong != lines:
        yield Rule(name, says, program, wrong={Phase.BACKWARD: wrong})


def _last_sample(program: Program) -> Iterator[Rule]:
    if program.samples is None or not program.sample_shape:
        return
    seed = np.zeros(program.sample_shape)
    seed.flat[-1] = 1.0
    says = "That is the last sample's slope alone; all samples have a say."
    wrong = {Phase.BACKWARD: program.backward_of_samples}
    yield Rule("last-sample", says, program, (), wrong, {SEED: seed})


def _moved_too_soon(program: Program) -> Iterator[Rule]:
    """Slopes found with the values of forward, but with parameters that have already moved."""
    moved = {name: next_of(name) for name in program.parameters}
    wrong = tuple(Line(x.name, renamed(x.expression, moved)) for x in program.backward)
    if wrong != program.backward:
        says = "That uses parameters that have already moved; all slopes belong to one point."
        yield Rule("new-value", says, program, wrong={Phase.BACKWARD: wrong})


def _other_slopes(program: Program, wanted: list[str]) -> Iterator[Rule]:
    """The slope along another value, the loss itself, the value itself."""

    def instead(name: str, other: Expression, kind: str, says: str, *about: Expression) -> Rule:
        return _replaced(program, Phase.BACKWARD, {name: other}, kind, says, *about)

    for name in wanted:
        says = "That is the loss itself; asked for is its slope."
        yield instead(name, Name(LOSS), "loss-for-slope", says)
        value = Name(name.removeprefix("grad."))
        says = "That is {0} itself; asked for is the slope of the loss along it."
        yield instead(name, value, "value-for-slope", says, value)
        alike = (
            Name(line.name)
            for line in reversed(program.backward)
            if line.name != name and program.shapes[line.name] == program.shapes[name]
        )
        for slope in islice(alike, _most_slips(program)):
            says = "That is {0}, the slope along another value."
            yield instead(name, slope, "other-slope", says, slope)


# The update


def _update(program: Program, parameter: str) -> Iterator[Rule]:
    """Slips in the update; who errs in one parameter's errs in all."""
    for name, says, about, wrong in _UPDATES:
        lines = tuple(Line(next_of(each), wrong(each)) for each in program.parameters)
        formulas = (about(parameter),) if about else ()
        yield Rule(name, says, program, formulas, {Phase.UPDATE: lines})
    yield from _new_values(program, parameter)


def _step(parameter: str) -> Expression:
    return multiply(ETA, Name(gradient_of(parameter)))


_UPDATES: tuple[
    tuple[str, str, Callable[[str], Expression] | None, Callable[[str], Expression]],
    ...,
] = (
    (
        "learning-rate-forgotten",
        "The learning rate {0} is forgotten: that goes the whole slope.",
        lambda _: ETA,
        lambda x: apply("subtract", Name(x), Name(gradient_of(x))),
    ),
    (
        "added",
        "That adds the step and walks uphill; the step is taken away.",
        None,
        lambda x: apply("add", Name(x), _step(x)),
    ),
    (
        "step-alone",
        "That is the step alone; it still has to be taken away from {0}.",
        Name,
        _step,
    ),
    (
        "step-alone",
        "That is the change alone; it still has to be added to {0}.",
        Name,
        lambda x: negate(_step(x)),
    ),
    (
        "slope-alone",
        "That is the slope; asked for is where the step leads.",
        None,
        lambda x: Name(gradient_of(x)),
    ),
    (
        "not-moved",
        "That is {0} before the update; it has not moved yet.",
        Name,
        Name,
    ),
    (
        "minus-first",
        "The product comes before the minus: first {0} times the slope, then take it away.",
        lambda _: ETA,
        lambda x: multiply(apply("subtract", Name(x), ETA), Name(gradient_of(x))),
    ),
    (
        "slope-forgotten",
        "There {0} alone is taken away; the step is {0} times the slope.",
        lambda _: ETA,
        lambda x: apply("subtract", Name(x), ETA),
    ),
    (
        "added + learning-rate-forgotten",
        "Two slips at once: the step is added, and the learning rate {0} is forgotten.",
        lambda _: ETA,
        lambda x: apply("add", Name(x), Name(gradient_of(x))),
    ),
)


def _new_values(program: Program, parameter: str) -> Iterator[Rule]:
    """Parameters updated one after another, each from slopes at those already moved."""
    for order in (program.parameters, program.parameters[::-1]):
        moved = order[: order.index(parameter)]
        if moved and len(order) <= MOST_PARAMETERS:
            says = "That uses the new {0}; all move at once, from slopes at the same point."
            wrong = {Phase.UPDATE: one_after_another(program, order)}
            yield Rule("new-value", says, program, (Name(moved[-1]),), wrong)
