"""A lesson's program: the author's forward lines, and the backward and update derived from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice
from math import prod
from typing import TYPE_CHECKING

from gd_tutor.engine.backward import derive
from gd_tutor.engine.bugs import BUGS, IN_TURN, Plan
from gd_tutor.engine.conventions import conventional
from gd_tutor.engine.errors import Fault, ProgramError, constant, suggestion
from gd_tutor.engine.expression import (
    Apply,
    Expression,
    Line,
    Lines,
    Name,
    Number,
    Place,
    Shape,
    gradient_of,
    leading_to,
    multiply,
    names,
    next_of,
    walk,
)
from gd_tutor.engine.operations import (
    MOST_NUMBERS,
    MOST_PRODUCTS,
    ShapeError,
    describe,
    shape_of,
    work_of,
)
from gd_tutor.engine.optimizers import OPTIMIZERS
from gd_tutor.engine.parser import parse

if TYPE_CHECKING:
    from gd_tutor.engine.compile import Function

LOSS = "loss"
LEARNING_RATE = "learning_rate"
SEED = "seed.samples"
MOST_OF_SLOPES = 20_000
"""The most names, numbers and signs in backward; a readable program has some hundred."""


class Program:
    """A checked forward program with its backward program and its update.

    `shapes` maps every name to its shape: data, parameters and forward values, their partial
    derivatives (`grad.NAME`), the parameters after the update (`next.NAME`) and `learning_rate`.
    `choices` (average, residual, optimizer, bug) rewrite it; others are ignored.

    `state` maps optimizer state and other kept numbers to their shapes (`velocity.w`; after the
    iteration `next.velocity.w`), and `initial` to their starts. `phases` maps names to lines, in
    the order in which an iteration does the phases.

    Raises ProgramError with every fault of the text, ChoiceError for a choice that does not fit.
    """

    def __init__(
        self,
        text: str,
        data: Mapping[str, Shape],
        parameters: Mapping[str, Shape],
        choices: Mapping[str, str] | None = None,
    ) -> None:
        self.text = text
        self.data = tuple(data)
        self.parameters = tuple(parameters)
        self.forward = parse(text)
        self.shapes: dict[str, Shape] = {**data, **parameters}
        faults = list(self._check())
        if faults:
            raise ProgramError(faults)
        choices = choices or {}
        self.forward = conventional(self.forward, choices)
        self.backward = derive(self.forward, self.parameters, self.shapes)
        self._check_slopes()
        self.shapes[LEARNING_RATE] = ()
        for name, shape in list(self.shapes.items()):
            self.shapes[gradient_of(name)] = shape
        self._plan(choices)

    def _plan(self, choices: Mapping[str, str]) -> None:
        """Lay out an iteration with the optimizer and the bug."""
        optimizer = OPTIMIZERS[choices.get("optimizer", "gradient-descent")]
        self.update: Lines = optimizer.update(self.parameters)
        state: dict[str, tuple[str | None, float]] = {
            f"{memory}.{name}": (name, 0.0)
            for memory in optimizer.memories
            for name in self.parameters
        }
        state |= {name: (None, start) for name, start in optimizer.counters.items()}
        sound = Plan(
            self.parameters, dict(self.shapes), self.forward, self.backward, self.update, state
        )
        self.plan = plan = BUGS[choices.get("bug", "none")].spoil(sound)
        self.backward, self.update = plan.backward, plan.update
        lines = {"forward": self.forward, "backward": self.backward, "update": self.update}
        self.phases: Mapping[str, Lines] = {phase: lines[phase] for phase in plan.order}
        self.state = {n: self.shapes[like] if like else () for n, (like, _) in plan.state.items()}
        self.initial = {name: start for name, (_, start) in plan.state.items()}
        self.shapes |= self.state
        for name in self.carried:
            self.shapes[next_of(name)] = self.shapes[name]
        for line in (*self.sequence[1], *self.sequence[2]):
            if line.name not in self.shapes:
                self.shapes[line.name] = shape_of(line.expression, self.shapes)

    @property
    def carried(self) -> tuple[str, ...]:
        """The names kept from iteration to iteration: the parameters, then the state."""
        return (*self.parameters, *self.state)

    @property
    def sequence(self) -> tuple[Lines, ...]:
        """The lines of the three phases, in the order in which an iteration does them."""
        return tuple(self.phases.values())

    @property
    def is_in_turn(self) -> bool:
        """Whether the order is forward, backward, update; a bug may change it."""
        return tuple(self.phases) == IN_TURN

    def lines_of(self, phase: object) -> Lines:
        """The lines of the phase named forward, backward or update; none for any other."""
        return self.phases.get(str(phase), ())

    @cached_property
    def layers(self) -> tuple[Lines, ...]:
        """Backward by layers, the last first; each ends with its parameters' gradients.

        Partial derivatives with respect to data that come later belong to the first layer.
        """
        layers: list[list[Line]] = [[]]
        left = set(self.parameters)
        ended = False
        for line in self.backward:
            owner = line.name.rpartition(".")[2]
            if ended and left and owner not in self.parameters:
                layers.append([])
            layers[-1].append(line)
            left.discard(owner)
            ended = owner in self.parameters
        return tuple(map(tuple, layers))

    @cached_property
    def size(self) -> int:
        """How many numbers an iteration computes."""
        return sum(map(prod, self.shapes.values()))

    @property
    def loss(self) -> Line:
        return self.forward[-1]

    @cached_property
    def needed(self) -> Lines:
        """The forward lines that the loss depends on."""
        return leading_to(self.forward, [LOSS])

    @cached_property
    def slopes(self) -> Mapping[str, str]:
        """For each value, the name of its partial derivative: `grad.NAME`.

        Only a bug that uses old gradients keeps the new ones under another name.
        """
        return {line.name.rpartition(".")[2]: line.name for line in self.backward}

    @cached_property
    def samples(self) -> Expression | None:
        """The loss of each sample, if the loss is their mean or sum; else None."""
        match self.loss.expression:
            case Apply("mean" | "sum", (samples,), axis=None):
                return samples
            case Apply(
                "multiply", (Number() as factor, Apply("mean" | "sum", (samples,), axis=None))
            ):
                return multiply(factor, samples)
        return None

    def shape_of(self, expression: Expression) -> Shape:
        """The shape of a formula over the program's names. Raises ShapeError."""
        return shape_of(expression, self.shapes)

    @property
    def sample_shape(self) -> Shape:
        """The shape of the samples' losses."""
        assert self.samples is not None
        return shape_of(self.samples, self.shapes)

    @cached_property
    def backward_of_samples(self) -> tuple[Line, ...]:
        """The backward program of one sample's loss, seeded with 1 at that sample."""
        assert self.samples is not None
        lines = (*self.forward[:-1], Line("", self.samples))
        shapes = {**self.shapes, SEED: self.sample_shape, "": self.sample_shape}
        return derive(lines, self.parameters, shapes, seed=Name(SEED))

    @cached_property
    def compute_forward(self) -> Function:
        return self._compiled(self.forward)

    @cached_property
    def compute_backward(self) -> Function:
        return self._compiled(self.backward)

    @cached_property
    def compute_update(self) -> Function:
        return self._compiled(self.update)

    @property
    def computed(self) -> tuple[Function, ...]:
        """The three phases as functions, in the order in which an iteration does them."""
        phases = {
            "forward": self.compute_forward,
            "backward": self.compute_backward,
            "update": self.compute_update,
        }
        return tuple(phases[phase] for phase in self.phases)

    @cached_property
    def compute_backward_of_samples(self) -> Function:
        shapes = {**self.shapes, SEED: self.sample_shape}
        return self._compiled(self.backward_of_samples, shapes)

    def _compiled(
        self, lines: Sequence[Line], shapes: Mapping[str, Shape] | None = None
    ) -> Function:
        # Reading or checking a lesson needs no NumPy.
        from gd_tutor.engine.compile import compile_lines

        return compile_lines(lines, shapes or self.shapes)

    def _check(self) -> Iterator[Fault]:
        """Every fault of the forward program; stores the shapes of lines without faults."""
        known = {*self.data, *self.parameters}
        broken: set[str] = set()
        for line in self.forward:
            if line.name in self.data or line.name in self.parameters:
                yield Fault(f"'{line.name}' is already given as data or parameter.", line.place)
            elif line.name in known:
                yield Fault(f"'{line.name}' is assigned twice; use a new name.", line.place)
            faults = list(self._check_line(line, known, broken))
            yield from faults
            if faults or broken.intersection(names(line.expression)):
                broken.add(line.name)
            known.add(line.name)
        yield from self._check_loss(broken)
        if not broken:
            yield from self._check_work()

    def _check_line(self, line: Line, known: set[str], broken: set[str]) -> Iterator[Fault]:
        unknown = [
            node
            for node in walk(line.expression)
            if isinstance(node, Name) and node.id not in known
        ]
        for node in unknown:
            hint = suggestion(node.id, known) or f" {constant(node.id)}".rstrip()
            hint = hint or " Values have to be assigned on an earlier line."
            yield Fault(f"There is no value '{node.id}' here.{hint}", node.place)
        if unknown or broken.intersection(names(line.expression)):
            return
        try:
            self.shapes[line.name] = shape_of(line.expression, self.shapes)
        except ShapeError as error:
            yield Fault(str(error), error.place)

    def _check_work(self) -> Iterator[Fault]:
        """The faults of a step that takes too much memory or time."""
        numbers = products = 0
        for line in self.forward:
            made, taken = work_of(line.expression, self.shapes)
            numbers, products = numbers + made, products + taken
            if numbers > MOST_NUMBERS or products > MOST_PRODUCTS:
                yield Fault("Up to here the program is too large to be worked.", line.place)
                return

    def _check_slopes(self) -> None:
        """Refuse a backward program too long to read."""
        parts = chain.from_iterable(walk(line.expression) for line in self.backward)
        if sum(1 for _ in islice(parts, MOST_OF_SLOPES + 1)) > MOST_OF_SLOPES:
            message = "The slopes of this program are too long to be written; use more lines."
            raise ProgramError([Fault(message, self.loss.place)])

    def _check_loss(self, broken: set[str]) -> Iterator[Fault]:
        if not self.forward or self.forward[-1].name != LOSS:
            place = self.forward[-1].place if self.forward else Place(1, 1)
            yield Fault("The last line has to be `loss = …`.", place)
            return
        if broken:
            return
        place = self.loss.place
        if self.shapes[LOSS]:
            shape = describe(self.shapes[LOSS])
            message = f"The loss has to be a single number, but here it is {shape}; take its mean."
            yield Fault(message, place)
        needed = leading_to(self.forward, [LOSS])
        reached = {name for line in needed for name in names(line.expression)}
        for name in self.parameters:
            if name not in reached:
                yield Fault(f"The parameter '{name}' does not reach the loss.", place)
        if not self.parameters:
            yield Fault("There is no parameter to train; give at least one.", place)
