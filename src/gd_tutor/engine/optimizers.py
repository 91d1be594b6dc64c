"""Optimizers: what an update does with the gradient, as a few lines for every parameter.

`OPTIMIZERS` holds the mathematics, words and PyTorch call of each. Formulas and default numbers
are those of `torch.optim`. Optimizer state, such as the velocity, starts at 0. The powers of
Adam's two betas are state, too (they start at 1): exponents in formulas are constants.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gd_tutor.engine.expression import (
    ONE,
    Expression,
    Line,
    Lines,
    Name,
    Number,
    add,
    apply,
    gradient_of,
    multiply,
    next_of,
    power,
)

RATE = Name("learning_rate")
MOMENTUM = Number(0.9)
EPSILON = Number(1e-8)
WEIGHT_DECAY = Number(0.01)
BETAS = (0.9, 0.999)


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An optimizer: the update lines of a parameter, and the optimizer state.

    `title` and `says`, a sentence on what it does, are shown. `pytorch` is its call in
    `torch.optim`, with the parameters at `{0}`; None if the update is written out. `memories` name
    the state of every parameter (`velocity` gives `velocity.w`), 0 at the start. `shared` lines
    belong to no parameter; `counters` map their state to its start.
    """

    title: str
    says: str
    lines: Callable[[str], Lines]
    pytorch: str | None = None
    memories: tuple[str, ...] = ()
    shared: Lines = ()
    counters: Mapping[str, float] = field(default_factory=dict)

    def update(self, parameters: Sequence[str]) -> Lines:
        """The whole update: the shared lines, then every parameter's."""
        return (*self.shared, *(line for name in parameters for line in self.lines(name)))


def descent(parameter: str) -> Lines:
    """The update by gradient descent: θ ← θ - η·∂loss/∂θ."""
    return (_moved(parameter, apply("multiply", RATE, _slope(parameter))),)


def _slope(parameter: str) -> Name:
    return Name(gradient_of(parameter))


def _moved(parameter: str, step: Expression, start: str | None = None) -> Line:
    return Line(next_of(parameter), apply("subtract", Name(start or parameter), step))


def _carried(memory: str, parameter: str, kept: float, new: Expression) -> Line:
    """The new state: a fraction of the old, plus something new."""
    name = f"{memory}.{parameter}"
    return Line(next_of(name), add(multiply(Number(kept), Name(name)), new))


def _velocity(parameter: str) -> Line:
    return _carried("velocity", parameter, MOMENTUM.value, _slope(parameter))


def _momentum(parameter: str) -> Lines:
    velocity = _velocity(parameter)
    return (velocity, _moved(parameter, multiply(RATE, Name(velocity.name))))


def _nesterov(parameter: str) -> Lines:
    velocity = _velocity(parameter)
    ahead = add(_slope(parameter), multiply(MOMENTUM, Name(velocity.name)))
    return (velocity, _moved(parameter, multiply(RATE, ahead)))


def _squares(parameter: str, kept: float, share: float) -> Line:
    """The moving average of the squared gradient."""
    return _carried(
        "square", parameter, kept, multiply(Number(share), power(_slope(parameter), 2.0))
    )


def _scaled(step: Expression, square: Expression) -> Expression:
    """A step divided by the root mean square of the gradient: the same length in each direction."""
    return apply("divide", multiply(RATE, step), add(apply("sqrt", square), EPSILON))


def _rmsprop(parameter: str) -> Lines:
    square = _squares(parameter, 0.99, 0.01)
    return (square, _moved(parameter, _scaled(_slope(parameter), Name(square.name))))


def _adam(parameter: str) -> Lines:
    *lines, step = _adam_step(parameter)
    return (*lines, _moved(parameter, step.expression))


def _adamw(parameter: str) -> Lines:
    *lines, step = _adam_step(parameter)
    decayed = f"decayed.{parameter}"
    decay = multiply(RATE, multiply(WEIGHT_DECAY, Name(parameter)))
    shrunk = Line(decayed, apply("subtract", Name(parameter), decay))
    return (*lines, shrunk, _moved(parameter, step.expression, decayed))


def _adam_step(parameter: str) -> Lines:
    """Both moving averages, both corrected for their start at 0, and the resulting step."""
    average = _carried("average", parameter, 0.9, multiply(Number(0.1), _slope(parameter)))
    square = _squares(parameter, 0.999, 0.001)
    corrected = [
        Line(
            f"corrected.{memory}.{parameter}",
            apply("divide", Name(line.name), apply("subtract", ONE, Name(next_of(f"power.{k}")))),
        )
        for k, (memory, line) in enumerate((("average", average), ("square", square)), start=1)
    ]
    step = _scaled(Name(corrected[0].name), Name(corrected[1].name))
    return (average, square, *corrected, Line("", step))


# The names end in digits, so that no parameter has the same name.
_POWERS = tuple(
    Line(next_of(f"power.{k}"), multiply(Number(beta), Name(f"power.{k}")))
    for k, beta in enumerate(BETAS, start=1)
)
_ADAM = (("average", "square"), _POWERS, {"power.1": 1.0, "power.2": 1.0})

OPTIMIZERS: Mapping[str, Optimizer] = {
    "gradient-descent": Optimizer(
        "gradient descent",
        "Update takes one step against the slope, and remembers nothing.",
        descent,
    ),
    "momentum": Optimizer(
        "momentum",
        "Update steps along a velocity that keeps 0.9 of itself and adds the slope; "
        "forward and backward stay.",
        _momentum,
        "SGD({0}, lr=learning_rate, momentum=0.9)",
        ("velocity",),
    ),
    "nesterov": Optimizer(
        "Nesterov momentum",
        "Update keeps a velocity, too, but steps by the one that it would have next; "
        "forward and backward stay.",
        _nesterov,
        "SGD({0}, lr=learning_rate, momentum=0.9, nesterov=True)",
        ("velocity",),
    ),
    "rmsprop": Optimizer(
        "RMSprop",
        "Update divides each slope by the root of an average of its squares; "
        "forward and backward stay.",
        _rmsprop,
        "RMSprop({0}, lr=learning_rate, alpha=0.99)",
        ("square",),
    ),
    "adam": Optimizer(
        "Adam",
        "Update averages the slopes and divides by the root of their averaged squares; "
        "forward and backward stay.",
        _adam,
        "Adam({0}, lr=learning_rate)",
        *_ADAM,
    ),
    "adamw": Optimizer(
        "AdamW",
        "Update is Adam's, and shrinks each parameter a little first; forward and backward stay.",
        _adamw,
        "AdamW({0}, lr=learning_rate, weight_decay=0.01)",
        *_ADAM,
    ),
}
