"""The built-in rules: slips that are known of every program, derived from its formulas."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from math import prod

import numpy as np

from gd_tutor.course.check import with_formulas
from gd_tutor.engine.bugs import MOST_PARAMETERS, one_after_another
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
    negate,
    next_of,
    renamed,
    stretch,
    walk,
    with_formula,
)
from gd_tutor.engine.optimizers import descent
from gd_tutor.engine.program import LEARNING_RATE, LOSS, SEED, Program
from gd_tutor.engine.state import Phase
from gd_tutor.engine.training import Training
from gd_tutor.questions.asked_number import AskedNumber, element
from gd_tutor.questions.misconceptions import (
    CHANGE_ALONE,
    DECAY_FORGOTTEN,
    DIVIDED_TWICE,
    FACTOR_LOST,
    LAST_SAMPLE,
    LOSS_FOR_SLOPE,
    MINUS_FIRST,
    MOVED_TOO_SOON,
    NOT_MOVED,
    OLD_SLOPE,
    OLD_VALUE,
    ONE_BY_ONE,
    OTHER_CELL,
    OTHER_SLOPE,
    OTHER_WAY,
    RATE_FORGOTTEN,
    ROUNDED_EARLY,
    SIGN_LOST,
    SIGN_TURNED,
    SLOPE_ALONE,
    SLOPE_FORGOTTEN,
    STEP_ALONE,
    STEP_FOR_GRADIENT,
    SUM_FOR_MEAN_OF_SLOPES,
    UPHILL,
    UPHILL_WITHOUT_RATE,
    VALUE_FOR_SLOPE,
    Misconception,
    Specificity,
    both,
)
from gd_tutor.questions.slips import (
    Alternatives,
    backward_slips,
    everywhere,
    forward_slips,
    variants,
)
from gd_tutor.questions.what_if import Rule

ETA = Name(LEARNING_RATE)
COMMON = (Specificity.STEP, Specificity.GENERAL)
"""What is done together with another slip; whoever takes a value for another does just that."""
MINUS = ("subtract", "negate")


def rules_of(asked: AskedNumber, training: Training) -> tuple[Rule, ...]:
    """Every single slip in the line that is asked for, or in those that lead to it.

    Of a question that asks for no number of the program only the sign is known: what is known of
    the parts of its formula is not known of the whole.
    """
    program, negated = training.program, negate(asked.answer)
    if asked.line is None:
        return (Rule(SIGN_TURNED, program, answer=negated),)
    known = _single(program, asked.line.name, asked.index)
    if asked.phase is Phase.UPDATE:
        return (*known, Rule(SIGN_LOST, program, answer=negated))
    return known


def pairs_of(asked: AskedNumber, training: Training) -> tuple[Rule, ...]:
    """Two slips at once, where both are common."""
    return _pairs(training.program, asked.line.name) if asked.line is not None else ()


@lru_cache(maxsize=256)
def _single(program: Program, asked: str, index: Index) -> tuple[Rule, ...]:
    if not program.is_in_turn:
        return ()  # where an iteration is upside down, no slip has its usual meaning
    rules: list[Rule] = []
    for phase, make in (
        (Phase.FORWARD, _forward),
        (Phase.BACKWARD, _backward),
        (Phase.UPDATE, _update),
    ):
        if asked in {line.name for line in program.lines_of(phase)}:
            rules += make(program, asked)
            if phase is Phase.BACKWARD:
                rules += _other_slopes(program, asked, index)
            rules += _other_cells(program, phase, asked, index)
    return tuple(sorted(rules, key=lambda rule: rule.rank))


def _descends(program: Program) -> bool:
    """Whether its update is plain gradient descent and nothing else: its slips are known."""
    return program.update == tuple(x for name in program.parameters for x in descent(name))


def _steps_by_slopes(program: Program) -> bool:
    """Whether each step is the learning rate times the slope, whatever else is worked out."""
    return all(x in program.update for name in program.parameters for x in descent(name))


@lru_cache(maxsize=256)
def _pairs(program: Program, asked: str) -> tuple[Rule, ...]:
    if asked not in {line.name for line in program.backward} or not program.is_in_turn:
        return ()
    found = []
    for rule in _backward(program, asked):
        lines = rule.wrong.get(Phase.BACKWARD)
        if lines is None or rule.misconception.specificity not in COMMON:
            continue
        if rule.id != SIGN_LOST.id:
            found.append(_both(rule, _sign_lost(program, asked, lines)))
        if rule.misconception == FACTOR_LOST:
            found += [_both(rule, other) for other in _sum_for_mean(program, lines)]
    return tuple(found)


def _both(first: Rule, second: Rule) -> Rule:
    """Two rules at once; the second is made of the first one's lines."""
    return Rule(
        both(first.misconception, second.misconception),
        first.program,
        first.about,
        second.wrong,
        first.given,
        upstream=first.upstream,
    )


def _local(
    program: Program,
    phase: Phase,
    asked: str,
    slips: Callable[[Line], Alternatives],
) -> Iterator[Rule]:
    """One part of one formula changed, in the line asked for or in one that leads to it."""
    lines = program.lines_of(phase)
    changed = (
        (line.name, slip)
        for line in reversed(leading_to(lines, [asked]))
        for slip in variants(program, line.expression, slips(line))
        if line.name == asked or slip.misconception.specificity < Specificity.RARE
    )
    for name, slip in islice(changed, _most_slips(program)):
        wrong = {phase: with_formula(lines, name, slip.wrong)}
        yield Rule(slip.misconception, program, slip.about, wrong, upstream=name != asked)


def _most_slips(program: Program) -> int:
    """How many changed programs can be worked in a moment: fewer of long ones and of large ones."""
    lines = len(program.forward) + len(program.backward)
    numbers = sum(prod(program.shapes[line.name]) for line in program.forward)
    return max(10, min(2_000 // lines, 10_000_000 // numbers))


def _other_cells(program: Program, phase: Phase, name: str, index: Index) -> Iterator[Rule]:
    """The cell that is found by counting from 1, or with row and column exchanged."""
    shape = program.shapes[name]
    [line] = (line for line in program.lines_of(phase) if line.name == name)
    counted, exchanged = tuple(place - 1 for place in index), index[::-1]
    for other in dict.fromkeys((counted, exchanged)):
        if other != index and all(0 <= i < n for i, n in zip(other, shape, strict=True)):
            cell = Apply("element", (line.expression,), index=other)
            wrong = with_formula(program.lines_of(phase), name, stretch(cell, shape))
            yield Rule(OTHER_CELL, program, (element(name, other),), {phase: wrong})


def _replaced(
    program: Program,
    phase: Phase,
    wrong: Mapping[str, Expression],
    misconception: Misconception,
    *about: Expression,
) -> Rule:
    """A rule that has other formulas for some names, made of their right values."""
    lines = with_formulas(program, program.lines_of(phase), wrong)
    return Rule(misconception, program, about, {phase: lines})


def _rounded_early(program: Program, phase: Phase, name: str) -> Rule:
    """The line worked out of numbers that have too few digits."""
    lines = tuple(line for line in program.lines_of(phase) if line.name == name)
    return Rule(ROUNDED_EARLY, program, wrong={phase: lines}, rounds=True)


def _forward(program: Program, asked: str) -> Iterator[Rule]:
    negated = {asked: negate(Name(asked))}
    yield _replaced(program, Phase.FORWARD, negated, _sign(program.forward, asked))
    yield Rule(OLD_VALUE, program, earlier=1)
    yield from _local(program, Phase.FORWARD, asked, lambda line: forward_slips(program))
    yield _rounded_early(program, Phase.FORWARD, asked)


def _backward(program: Program, asked: str) -> Iterator[Rule]:
    yield _sign_lost(program, asked, program.backward)
    yield from _sum_for_mean(program, program.backward)
    yield from _divided_twice(program)
    yield from _last_sample(program)
    yield from _moved_too_soon(program)
    yield Rule(OLD_SLOPE, program, earlier=1)
    if _steps_by_slopes(program):
        stepped = {name: multiply(ETA, Name(name)) for name in _slopes_like(program, asked)}
        yield _replaced(program, Phase.BACKWARD, stepped, STEP_FOR_GRADIENT, ETA)
    yield from _local(
        program,
        Phase.BACKWARD,
        asked,
        lambda line: backward_slips(program, line, line.name == asked),
    )
    yield _rounded_early(program, Phase.BACKWARD, asked)


def _slopes_like(program: Program, asked: str) -> list[str]:
    """The slopes that someone errs in who errs in this one: in all parameters' slopes alike."""
    parameters = [gradient_of(name) for name in program.parameters]
    return parameters if asked in parameters else [asked]


def _sign_lost(program: Program, asked: str, lines: Lines) -> Rule:
    slopes = _slopes_like(program, asked)
    wrong = tuple(
        Line(line.name, negate(line.expression)) if line.name in slopes else line for line in lines
    )
    return Rule(_sign(lines, asked), program, wrong={Phase.BACKWARD: wrong})


def _sign(lines: Lines, asked: str) -> Misconception:
    """The words for a wrong sign: to look at every minus, where there is one on the way."""
    parts = (part for line in leading_to(lines, [asked]) for part in walk(line.expression))
    minus = any(isinstance(part, Apply) and part.operation in MINUS for part in parts)
    return SIGN_LOST if minus else SIGN_TURNED


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


def _last_sample(program: Program) -> Iterator[Rule]:
    if program.samples is None or not program.sample_shape:
        return
    seed = np.zeros(program.sample_shape)
    seed.flat[-1] = 1.0
    wrong = {Phase.BACKWARD: program.backward_of_samples}
    yield Rule(LAST_SAMPLE, program, (), wrong, {SEED: seed})


def _moved_too_soon(program: Program) -> Iterator[Rule]:
    """Slopes found with the values of forward, but with parameters that have already moved."""
    moved = {name: next_of(name) for name in program.parameters}
    wrong = tuple(Line(x.name, renamed(x.expression, moved)) for x in program.backward)
    if wrong != program.backward:
        yield Rule(MOVED_TOO_SOON, program, wrong={Phase.BACKWARD: wrong})


def _other_slopes(program: Program, asked: str, index: Index) -> Iterator[Rule]:
    """The slope along another value, the loss itself, the value itself."""

    def instead(other: Expression, misconception: Misconception, *about: Expression) -> Rule:
        return _replaced(program, Phase.BACKWARD, {asked: other}, misconception, *about)

    yield instead(Name(LOSS), LOSS_FOR_SLOPE)
    value = Name(asked.removeprefix("grad."))
    yield instead(value, VALUE_FOR_SLOPE, element(value.id, index))
    alike = (
        Name(line.name)
        for line in reversed(program.backward)
        if line.name != asked and program.shapes[line.name] == program.shapes[asked]
    )
    for slope in islice(alike, _most_slips(program)):
        yield instead(slope, OTHER_SLOPE, element(slope.id, index))


# The update


def _update(program: Program, asked: str) -> Iterator[Rule]:
    """Slips in the update; who errs in one parameter's errs in all."""
    known = [name for name in program.parameters if next_of(name) == asked]
    for parameter in known:
        yield from (
            _descent(program, parameter) if _descends(program) else _moves(program, parameter)
        )
        yield _rounded_early(program, Phase.UPDATE, asked)


def _descent(program: Program, parameter: str) -> Iterator[Rule]:
    for misconception, about, wrong in _UPDATES:
        lines = tuple(Line(next_of(each), wrong(each)) for each in program.parameters)
        formulas = (about(parameter),) if about else ()
        yield Rule(misconception, program, formulas, {Phase.UPDATE: lines})
    yield from _new_values(program, parameter)


def _moves(program: Program, parameter: str) -> Iterator[Rule]:
    """What is known of any optimizer's step: it may be left out, or go the other way."""
    stays: dict[str, Expression] = {next_of(name): Name(name) for name in program.parameters}
    back: dict[str, Expression] = {
        next_of(name): apply("subtract", multiply(Number(2.0), Name(name)), Name(next_of(name)))
        for name in program.parameters
    }
    yield _replaced(program, Phase.UPDATE, stays, NOT_MOVED, Name(parameter))
    yield _replaced(program, Phase.UPDATE, back, OTHER_WAY)
    whole = {f"decayed.{name}": name for name in program.parameters}
    undecayed = tuple(Line(x.name, renamed(x.expression, whole)) for x in program.update)
    if undecayed != program.update:
        yield Rule(DECAY_FORGOTTEN, program, (Name(parameter),), {Phase.UPDATE: undecayed})


def _step(parameter: str) -> Expression:
    return multiply(ETA, Name(gradient_of(parameter)))


_UPDATES: tuple[
    tuple[Misconception, Callable[[str], Expression] | None, Callable[[str], Expression]],
    ...,
] = (
    (RATE_FORGOTTEN, lambda _: ETA, lambda x: apply("subtract", Name(x), Name(gradient_of(x)))),
    (UPHILL, None, lambda x: apply("add", Name(x), _step(x))),
    (STEP_ALONE, Name, _step),
    (CHANGE_ALONE, Name, lambda x: negate(_step(x))),
    (SLOPE_ALONE, None, lambda x: Name(gradient_of(x))),
    (NOT_MOVED, Name, Name),
    (
        MINUS_FIRST,
        lambda _: ETA,
        lambda x: multiply(apply("subtract", Name(x), ETA), Name(gradient_of(x))),
    ),
    (SLOPE_FORGOTTEN, lambda _: ETA, lambda x: apply("subtract", Name(x), ETA)),
    (UPHILL_WITHOUT_RATE, lambda _: ETA, lambda x: apply("add", Name(x), Name(gradient_of(x)))),
)


def _new_values(program: Program, parameter: str) -> Iterator[Rule]:
    """Parameters updated one after another, each from slopes at those already moved."""
    for order in (program.parameters, program.parameters[::-1]):
        moved = order[: order.index(parameter)]
        if moved and len(order) <= MOST_PARAMETERS:
            wrong = {Phase.UPDATE: one_after_another(program.plan, order)}
            yield Rule(ONE_BY_ONE, program, (Name(moved[-1]),), wrong)
