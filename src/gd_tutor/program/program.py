"""A lesson's program: the forward lines an author wrote, and all that is derived from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from gd_tutor.program.algebra import apply
from gd_tutor.program.derive import derive
from gd_tutor.program.expression import (
    Apply,
    Expression,
    Line,
    Name,
    Place,
    Shape,
    gradient_of,
    names,
    next_of,
    walk,
)
from gd_tutor.program.faults import Fault, ProgramError, suggestion
from gd_tutor.program.parser import parse
from gd_tutor.program.shapes import (
    MOST_NUMBERS,
    MOST_PRODUCTS,
    ShapeError,
    describe,
    shape_of,
    work_of,
)

if TYPE_CHECKING:
    from gd_tutor.program.compile import Function

LOSS = "loss"
LEARNING_RATE = "learning_rate"
SEED = "seed.samples"


class Program:
    """A checked forward program with its backward program and its update.

    `shapes` maps every name to its shape: data, parameters and forward values, their partial
    derivatives (`grad.NAME`), the parameters after the update (`next.NAME`) and `learning_rate`.
    Raises ProgramError with every fault of the text.
    """

    def __init__(
        self, text: str, data: Mapping[str, Shape], parameters: Mapping[str, Shape]
    ) -> None:
        self.text = text
        self.data = tuple(data)
        self.parameters = tuple(parameters)
        self.forward = parse(text)
        self.shapes: dict[str, Shape] = {**data, **parameters}
        faults = list(self._check())
        if faults:
            raise ProgramError(faults)
        self.backward = derive(self.forward, self.parameters, self.shapes)
        self.update = tuple(map(descent, self.parameters))
        self.shapes[LEARNING_RATE] = ()
        for name, shape in list(self.shapes.items()):
            self.shapes[gradient_of(name)] = shape
        for name in self.parameters:
            self.shapes[next_of(name)] = self.shapes[name]

    @property
    def loss(self) -> Line:
        return self.forward[-1]

    @cached_property
    def needed(self) -> tuple[Line, ...]:
        """The forward lines that the loss depends on."""
        wanted = {LOSS}
        lines: list[Line] = []
        for line in reversed(self.forward):
            if line.name in wanted:
                wanted.update(names(line.expression))
                lines.append(line)
        return tuple(reversed(lines))

    @cached_property
    def samples(self) -> Expression | None:
        """What the loss is the mean or the sum of: a number a sample; None where it is neither."""
        match self.loss.expression:
            case Apply("mean" | "sum", (samples,), axis=None):
                return samples
        return None

    def shape_of(self, expression: Expression) -> Shape:
        """The shape of any formula over the program's names."""
        return shape_of(expression, self.shapes)

    @property
    def sample_shape(self) -> Shape:
        """The shape in which the samples' losses stand."""
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

    @cached_property
    def compute_backward_of_samples(self) -> Function:
        shapes = {**self.shapes, SEED: self.sample_shape}
        return self._compiled(self.backward_of_samples, shapes)

    def _compiled(
        self, lines: Sequence[Line], shapes: Mapping[str, Shape] | None = None
    ) -> Function:
        # NumPy is needed only by those who compute, not by those who read or check a lesson.
        from gd_tutor.program.compile import compile_lines

        return compile_lines(lines, shapes or self.shapes)

    def _check(self) -> Iterator[Fault]:
        """Every fault of the forward program; fills in the shapes of the sound lines."""
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
            hint = suggestion(node.id, known) or " Values have to be assigned on an earlier line."
            yield Fault(f"There is no value '{node.id}' here.{hint}", node.place)
        if unknown or broken.intersection(names(line.expression)):
            return
        try:
            self.shapes[line.name] = shape_of(line.expression, self.shapes)
        except ShapeError as error:
            yield Fault(str(error), error.place)

    def _check_work(self) -> Iterator[Fault]:
        """A step has to fit into memory and into a moment, however small its lines look."""
        numbers = products = 0
        for line in self.forward:
            made, taken = work_of(line.expression, self.shapes)
            numbers, products = numbers + made, products + taken
            if numbers > MOST_NUMBERS or products > MOST_PRODUCTS:
                yield Fault("Up to here the program is too large to be worked.", line.place)
                return

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
        reached = {name for line in self.needed for name in names(line.expression)}
        for name in self.parameters:
            if name not in reached:
                yield Fault(f"The parameter '{name}' does not reach the loss.", place)
        if not self.parameters:
            yield Fault("There is no parameter to train; give at least one.", place)


def descent(parameter: str) -> Line:
    """The update by gradient descent: θ ← θ - η·∂loss/∂θ."""
    step = apply("multiply", Name(LEARNING_RATE), Name(gradient_of(parameter)))
    return Line(next_of(parameter), apply("subtract", Name(parameter), step))
