"""All misconceptions that can explain a number, and those about updates.

Those about formulas and gradients are in `formula_misconceptions` and `gradient_misconceptions`.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

from gd_tutor.engine.bugs import MOST_PARAMETERS, one_after_another
from gd_tutor.engine.expression import (
    Apply,
    Expression,
    Index,
    Line,
    Name,
    Number,
    apply,
    broadcast,
    gradient_of,
    multiply,
    negate,
    next_of,
    renamed,
    with_formula,
)
from gd_tutor.engine.optimizers import descent
from gd_tutor.engine.program import Program
from gd_tutor.engine.state import Phase
from gd_tutor.engine.training import Training
from gd_tutor.questions.asked_number import AskedNumber, element
from gd_tutor.questions.formula_misconceptions import forward_slips
from gd_tutor.questions.gradient_misconceptions import (
    ETA,
    SIGN_LOST,
    SIGN_TURNED,
    backward_rules,
    gradient_pairs,
    other_gradients,
    sign_words,
)
from gd_tutor.questions.wrong_rule import (
    Misconception,
    Rule,
    Specificity,
    changed_in_part,
    replaced,
    rounded_early,
)


def rules_of(asked: AskedNumber, training: Training) -> tuple[Rule, ...]:
    """Every single slip in the line asked for, or in those that lead to it.

    For a question about no single number of the program only a wrong sign is known, since slips in
    parts of its formula need not fit the whole.
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
    return gradient_pairs(training.program, asked.line.name) if asked.line is not None else ()


@lru_cache(maxsize=256)
def _single(program: Program, asked: str, index: Index) -> tuple[Rule, ...]:
    if not program.is_in_turn:
        return ()  # with the phases out of order no slip keeps its meaning
    rules: list[Rule] = []
    for phase, make in (
        (Phase.FORWARD, _forward),
        (Phase.BACKWARD, backward_rules),
        (Phase.UPDATE, _update),
    ):
        if asked in {line.name for line in program.lines_of(phase)}:
            rules += make(program, asked)
            if phase is Phase.BACKWARD:
                rules += other_gradients(program, asked, index)
            rules += _other_cells(program, phase, asked, index)
    return tuple(sorted(rules, key=lambda rule: rule.rank))


OLD_VALUE = Misconception(
    "old-value",
    "That is the value from before the update; the parameters have moved since.",
    "the value from before the update",
    Specificity.UNCHANGED,
)


def _forward(program: Program, asked: str) -> Iterator[Rule]:
    negated = {asked: negate(Name(asked))}
    yield replaced(program, Phase.FORWARD, negated, sign_words(program.forward, asked))
    yield Rule(OLD_VALUE, program, earlier=1)
    yield from changed_in_part(program, Phase.FORWARD, asked, lambda line: forward_slips(program))
    yield rounded_early(program, Phase.FORWARD, asked)


OTHER_CELL = Misconception(
    "other-cell", "That is {0}, the number of another cell.", "{0}", Specificity.RARE, runs=False
)


def _other_cells(program: Program, phase: Phase, name: str, index: Index) -> Iterator[Rule]:
    """The element found by counting from 1, or with row and column swapped."""
    shape = program.shapes[name]
    [line] = (line for line in program.lines_of(phase) if line.name == name)
    counted, exchanged = tuple(place - 1 for place in index), index[::-1]
    for other in dict.fromkeys((counted, exchanged)):
        if other != index and all(0 <= i < n for i, n in zip(other, shape, strict=True)):
            cell = Apply("element", (line.expression,), index=other)
            wrong = with_formula(program.lines_of(phase), name, broadcast(cell, shape))
            yield Rule(OTHER_CELL, program, (element(name, other),), {phase: wrong})


# The update


def _update(program: Program, asked: str) -> Iterator[Rule]:
    """Slips in the update, made alike for all parameters."""
    known = [name for name in program.parameters if next_of(name) == asked]
    for parameter in known:
        yield from (
            _descent(program, parameter) if _descends(program) else _moves(program, parameter)
        )
        yield rounded_early(program, Phase.UPDATE, asked)


def _descends(program: Program) -> bool:
    """Whether the update is plain gradient descent."""
    return program.update == tuple(x for name in program.parameters for x in descent(name))


def _step(parameter: str) -> Expression:
    return multiply(ETA, Name(gradient_of(parameter)))


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
    Specificity.GENERAL,
)


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


def _descent(program: Program, parameter: str) -> Iterator[Rule]:
    for misconception, about, wrong in _UPDATES:
        lines = tuple(Line(next_of(each), wrong(each)) for each in program.parameters)
        formulas = (about(parameter),) if about else ()
        yield Rule(misconception, program, formulas, {Phase.UPDATE: lines})
    yield from _new_values(program, parameter)


DECAY_FORGOTTEN = Misconception(
    "decay-forgotten",
    "The decay is forgotten: that moves {0} by Adam's step alone.",
    "no decay",
)
OTHER_WAY = Misconception(
    "other-way", "That is the same step, but the other way.", "the step the other way"
)


def _moves(program: Program, parameter: str) -> Iterator[Rule]:
    """Slips in any optimizer's step: leaving it out, or the opposite direction."""
    stays: dict[str, Expression] = {next_of(name): Name(name) for name in program.parameters}
    back: dict[str, Expression] = {
        next_of(name): apply("subtract", multiply(Number(2.0), Name(name)), Name(next_of(name)))
        for name in program.parameters
    }
    yield replaced(program, Phase.UPDATE, stays, NOT_MOVED, Name(parameter))
    yield replaced(program, Phase.UPDATE, back, OTHER_WAY)
    whole = {f"decayed.{name}": name for name in program.parameters}
    undecayed = tuple(Line(x.name, renamed(x.expression, whole)) for x in program.update)
    if undecayed != program.update:
        yield Rule(DECAY_FORGOTTEN, program, (Name(parameter),), {Phase.UPDATE: undecayed})


ONE_BY_ONE = Misconception(
    "new-value",
    "That uses the new {0}; all move at once, from slopes at the same point.",
    "the new {0}",
    Specificity.GENERAL,
)


def _new_values(program: Program, parameter: str) -> Iterator[Rule]:
    """Parameters updated one after another, each with gradients at those already updated."""
    for order in (program.parameters, program.parameters[::-1]):
        moved = order[: order.index(parameter)]
        if moved and len(order) <= MOST_PARAMETERS:
            wrong = {Phase.UPDATE: one_after_another(program.plan, order)}
            yield Rule(ONE_BY_ONE, program, (Name(moved[-1]),), wrong)
