"""Deliberate bugs: mistakes that programmers make in a training loop, made on purpose.

`BUGS` holds the title, words and mathematics of each. The mathematics turns the plan of a correct
iteration into a faulty one. It raises ChoiceError if the bug cannot occur in that plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gd_tutor.engine.backward import derive
from gd_tutor.engine.conventions import summed
from gd_tutor.engine.errors import ChoiceError
from gd_tutor.engine.expression import (
    Apply,
    Line,
    Lines,
    Name,
    Shape,
    add,
    gradient_of,
    leading_to,
    names,
    next_of,
    renamed,
)

MOST_PARAMETERS = 8
"""The most parameters that are updated one after another: each needs a forward pass."""

ACCUMULATED = "accumulated"
"""The state name of a parameter's accumulated gradient, when gradients are not cleared."""

IN_TURN = ("forward", "backward", "update")


@dataclass(frozen=True)
class Plan:
    """What an iteration does, and the state that it keeps.

    `state` maps a name to a parameter of the same shape (None: a single number) and to the number
    it starts with.
    """

    parameters: tuple[str, ...]
    shapes: Mapping[str, Shape]
    forward: Lines
    backward: Lines
    update: Lines
    state: Mapping[str, tuple[str | None, float]]
    order: tuple[str, ...] = IN_TURN


@dataclass(frozen=True, slots=True)
class Bug:
    """A deliberate bug: its title, a sentence on what it changes, and the plan it makes.

    `after_backward` and `after_update` replace the sentences shown after those phases, unless
    empty; `{0}` is what has moved. `moves_late`: an update may move nothing although the gradient
    just found is not 0. `autograd_makes_it`: PyTorch makes the bug when gradients are not cleared.
    `of_several`: it changes nothing when the loss is of a single sample.
    """

    title: str
    says: str
    spoil: Callable[[Plan], Plan]
    after_backward: str = ""
    after_update: str = ""
    moves_late: bool = False
    autograd_makes_it: bool = False
    of_several: bool = False


def _not_cleared(plan: Plan) -> Plan:
    """The gradient is added to those of all earlier iterations."""
    kept = {gradient_of(name): f"{ACCUMULATED}.{name}" for name in plan.parameters}
    backward = tuple(
        Line(line.name, add(Name(kept[line.name]), line.expression)) if line.name in kept else line
        for line in plan.backward
    )
    keeping = (Line(next_of(kept[slope]), Name(slope)) for slope in kept)
    state = {f"{ACCUMULATED}.{name}": (name, 0.0) for name in plan.parameters}
    return replace(
        plan, backward=backward, update=(*plan.update, *keeping), state={**plan.state, **state}
    )


def _wrong_sign(plan: Plan) -> Plan:
    """The step is added instead of subtracted."""
    moved = set(map(next_of, plan.parameters))

    def uphill(line: Line) -> Line:
        if line.name not in moved:
            return line
        assert isinstance(line.expression, Apply)
        return Line(line.name, Apply("add", line.expression.arguments))

    return replace(plan, update=tuple(map(uphill, plan.update)))


def _sum_for_mean(plan: Plan) -> Plan:
    """The gradient is that of the sum; the loss stays the mean."""
    backward = derive(summed(plan.forward), plan.parameters, plan.shapes)
    return replace(plan, backward=backward)


def _update_first(plan: Plan) -> Plan:
    """The update comes before backward and uses the gradient of the previous iteration."""
    slopes = [gradient_of(name) for name in plan.parameters]
    others = {name: next_of(name) for name in (*plan.parameters, *slopes)}
    backward = tuple(
        Line(others.get(line.name, line.name), renamed(line.expression, others))
        for line in plan.backward
    )
    state = {gradient_of(name): (name, 0.0) for name in plan.parameters}
    return replace(
        plan,
        backward=backward,
        state={**plan.state, **state},
        order=("forward", "update", "backward"),
    )


def _one_after_another(plan: Plan) -> Plan:
    """Parameters move in turn; forward and backward are computed again before each move."""
    return _in_turn(plan, one_after_another(plan, plan.parameters))


def _moved_in_backward(plan: Plan) -> Plan:
    """A parameter moves once its gradient is known; backward continues with the new value."""
    return _in_turn(plan, _moved_in_turn(plan, _as_found(plan), plan.backward, late=True))


def _in_turn(plan: Plan, update: Lines) -> Plan:
    if len(update) == len(plan.update):
        raise ChoiceError("Here no slope depends on another parameter.")
    return replace(plan, update=update)


def one_after_another(plan: Plan, order: Sequence[str]) -> Lines:
    """Updates in that order, with forward and backward computed again after each."""
    needed = leading_to(plan.forward, [plan.forward[-1].name])
    return _moved_in_turn(plan, order, (*needed, *plan.backward))


def _moved_in_turn(plan: Plan, order: Sequence[str], worked: Lines, late: bool = False) -> Lines:
    """Updates in that order; before each, the `worked` lines are computed with the moved values.

    If `late`, only the lines after a parameter's gradient use its moved value.
    """
    if len(order) > MOST_PARAMETERS:
        raise ChoiceError("There are too many parameters to move one after another.")
    owners = {line.name: line.name.rpartition(".")[2] for line in plan.update}
    lines = [line for line in plan.update if owners[line.name] not in order]
    moved: dict[str, str] = {}
    for turn, parameter in enumerate(order):
        again, slopes = _worked_again(worked, moved, gradient_of(parameter), turn, late)
        lines += again
        lines += [
            Line(line.name, renamed(line.expression, slopes))
            for line in plan.update
            if owners[line.name] == parameter
        ]
        moved[parameter] = next_of(parameter)
    return tuple(lines)


def _worked_again(
    worked: Lines, moved: Mapping[str, str], slope: str, turn: int, late: bool
) -> tuple[Lines, Mapping[str, str]]:
    """The changed lines that a partial derivative needs, and its new name."""
    called = {} if late else dict(moved)
    moves = {gradient_of(name): name for name in moved} if late else {}
    again: list[Line] = []
    for line in worked:
        if called.keys() & names(line.expression):
            called[line.name] = f"again{turn}.{line.name}"
            again.append(Line(called[line.name], renamed(line.expression, called)))
        if line.name in moves:
            called[moves[line.name]] = moved[moves[line.name]]
    name = called.get(slope, slope)
    return leading_to(again, [name]), {slope: name}


def _as_found(plan: Plan) -> tuple[str, ...]:
    """The parameters in the order in which backward finds their gradients."""
    owners = (line.name.rpartition(".")[2] for line in plan.backward)
    return tuple(owner for owner in owners if owner in plan.parameters)


BUGS: Mapping[str, Bug] = {
    "none": Bug(
        "no bug",
        "Forward, backward and update are right.",
        lambda plan: plan,
    ),
    "not-cleared": Bug(
        "slopes not cleared",
        "Backward adds each new slope to all the old ones; forward and the update's rule stay.",
        _not_cleared,
        "Backward changed no parameter: it added the new slopes to all the old ones.",
        "Update moved {0}, against the slopes, and did not clear them.",
        autograd_makes_it=True,
    ),
    "one-after-another": Bug(
        "one after another",
        "Each parameter moves before the next one's slope is found; "
        "the first one's step stays right.",
        _one_after_another,
        after_update="Update moved the parameters one after another, not at once.",
    ),
    "moved-in-backward": Bug(
        "moved within backward",
        "Each parameter moves as soon as its slope is known, and backward goes on with it; "
        "forward stays.",
        _moved_in_backward,
        after_update="Update moved the parameters one after another, not at once.",
    ),
    "update-first": Bug(
        "update before backward",
        "Update comes before backward and uses the slopes left over from the iteration before; "
        "forward stays.",
        _update_first,
        after_update="Update moved {0}, by slopes from the iteration before; next is backward.",
        moves_late=True,
    ),
    "wrong-sign": Bug(
        "wrong sign",
        "Update adds the step, which leads uphill; forward and backward stay.",
        _wrong_sign,
        after_update="Update moved {0}, up along the slopes: its sign is wrong.",
    ),
    "sum-for-mean": Bug(
        "1/n forgotten",
        "Backward finds the slopes of the sum, n times too large; the loss stays the mean.",
        _sum_for_mean,
        of_several=True,
    ),
}
