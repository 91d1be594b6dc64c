"""What a run starts from, and what was changed on the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gd_tutor.program import LEARNING_RATE, Program, Tensor, shape_of_tensor


@dataclass(frozen=True, eq=False)
class Experiment:
    """A forward program with its data, its start parameters and its learning rate.

    Raises ProgramError when the program does not fit the data and the parameters.
    """

    forward: str
    parameters: Mapping[str, Tensor]
    learning_rate: float
    data: Mapping[str, Tensor] = field(default_factory=dict)

    @cached_property
    def program(self) -> Program:
        return Program(
            self.forward,
            {name: shape_of_tensor(value) for name, value in self.data.items()},
            {name: shape_of_tensor(value) for name, value in self.parameters.items()},
        )

    def setting(self, name: str) -> Tensor:
        """The value that a setting starts with; KeyError where there is none of the name."""
        if name == LEARNING_RATE:
            return self.learning_rate
        return self.data[name] if name in self.data else self.parameters[name]

    def with_settings(self, changes: Iterable["Change"]) -> "Experiment":
        """The experiment with other values from the start; data may have another shape."""
        data, parameters, rate = dict(self.data), dict(self.parameters), self.learning_rate
        for change in changes:
            if change.name in data:
                data[change.name] = change.value
            elif change.name in parameters:
                parameters[change.name] = change.value
            elif isinstance(change.value, float):
                rate = change.value
        return Experiment(self.forward, parameters, rate, data)

    @property
    def settings(self) -> tuple[str, ...]:
        """The names of all that can be changed: data, parameters, the learning rate."""
        return (*self.data, *self.parameters, LEARNING_RATE)


@dataclass(frozen=True, slots=True)
class Change:
    """A setting got another value before the given iteration."""

    name: str
    value: Tensor
    iteration: int = 0
