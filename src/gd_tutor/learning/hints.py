"""Hints in steps: which formula, the formula, its numbers, and the answer last of all."""

from collections.abc import Collection

from gd_tutor.learning.targets import Target, listed
from gd_tutor.notation.formulas import Notation
from gd_tutor.program import LEARNING_RATE, names
from gd_tutor.program.optimizers import descent
from gd_tutor.training import Phase, Position, Training


def hints(target: Target, training: Training, notation: Notation) -> tuple[str, ...]:
    """The steps towards a target's number, the lesson's own first; only the last one gives it."""
    answer = notation.number(target.value)
    own = target.prediction.hints if target.prediction else ()
    # An author's hints say which formula it is better than its name does.
    steps = [*own, *_steps(target, training, notation, answer)[bool(own) :]]
    return (*dict.fromkeys(steps), f"{target.label(notation)} {notation.equals} {answer}")


def _steps(target: Target, training: Training, notation: Notation, answer: str) -> list[str]:
    iteration = target.position.iteration
    values = training.shown_at(Position(iteration, Phase.UPDATE))
    label = target.label(notation)
    if target.line is None:
        formula = notation.formula(target.answer)
        put_in = notation.substituted(target.answer, values)
        known = (answer, formula)  # a formula of numbers alone has them in it already
        first = [] if target.is_of_both else [f"Work out {formula}."]
        return [*first, *_unless(put_in, known, f"{label} {notation.equals}")]
    line = target.line
    sign = notation.becomes if target.phase is Phase.UPDATE else notation.equals
    name = notation.name(line.name)
    if target.index:
        put_in = notation.cell(line.expression, values, target.index)
    else:
        put_in = notation.substituted(line.expression, values)
    formula = f"{name} {sign} {notation.formula(line.expression)}"
    return [
        f"It is {which_line(target, notation)}.",
        formula,
        *_unless(put_in, (answer,), f"{label} {sign}"),
    ]


def _unless(put_in: str, known: Collection[str], begin: str) -> list[str]:
    """The formula with its numbers, unless that is said anyway."""
    return [] if put_in in known else [f"{begin} {put_in}"]


def which_line(target: Target, notation: Notation) -> str:
    """Which formula it is, in words."""
    assert target.line is not None
    sources = listed(map(notation.name, names(target.line.expression)))
    name = notation.name(target.line.name)
    match target.phase:
        case Phase.BACKWARD:
            if not sources:
                return f"the chain rule for {name}"
            return f"the chain rule for {name}: it uses {sources}"
        case Phase.UPDATE if target.line in descent(target.line.name.removeprefix("next.")):
            eta = notation.name(LEARNING_RATE)
            return f"the update: the old {name}, minus {eta} times its slope"
    if not sources:
        return f"the line for {name}"
    return f"the line for {name}: it is made from {sources}"
