"""Kinks: where a loss turns at once, and on which side of them it stands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce

from gd_tutor.engine.algebra import apply
from gd_tutor.engine.compile import Values, compile_lines
from gd_tutor.engine.expression import Apply, Expression, Line, Lines, Name, Shape, walk

FACTORS: Mapping[str, Callable[..., tuple[Expression, ...]]] = {
    "abs": lambda a: (apply("sign", a),),
    "relu": lambda a: (apply("positive", a),),
    "maximum": lambda a, b: (apply("share", a, b), apply("share", b, a)),
    "minimum": lambda a, b: (apply("share", b, a), apply("share", a, b)),
}
"""Operations with a kink: each is the sum of its arguments, multiplied by these factors."""


class Kinks:
    """The operations with a kink in some lines; their factors say on which side each number is.

    `straight` are the lines with every factor taken from the environment: where the factors are
    held, the loss has no kink, and it has the slope that convention gives it at one.
    """

    def __init__(self, lines: Sequence[Line], shapes: Mapping[str, Shape]) -> None:
        self._names: dict[Expression, str] = {}
        self._operations: dict[str, str] = {}
        with_factors: list[Line] = []
        for line in lines:
            with_factors += [*self._factors(line.expression), line]
        self._compute = compile_lines(with_factors, shapes)
        self.straight: Lines = tuple(
            Line(line.name, self._straightened(line.expression), line.place) for line in lines
        )

    def factors(self, values: Values) -> Values:
        """The factors in an environment, by the names that they have in `straight`."""
        found = self._compute(values)
        return {name: found[name] for name in self._operations}

    def crossed(self, one: Values, other: Values) -> set[str]:
        """The operations in which a number is on another side."""
        return {o for name, o in self._operations.items() if (one[name] != other[name]).any()}

    def _factors(self, formula: Expression) -> list[Line]:
        """Lines for the factors of a formula that no other had before."""
        found = []
        for node in walk(formula):
            if isinstance(node, Apply) and node.operation in FACTORS:
                for factor in FACTORS[node.operation](*node.arguments):
                    if factor not in self._names:
                        name = self._names[factor] = f"side.{len(self._names)}"
                        self._operations[name] = node.operation
                        found.append(Line(name, factor))
        return found

    def _straightened(self, node: Expression) -> Expression:
        if not isinstance(node, Apply):
            return node
        arguments = [self._straightened(argument) for argument in node.arguments]
        if node.operation not in FACTORS:
            return replace(node, arguments=tuple(arguments))
        factors = FACTORS[node.operation](*node.arguments)
        parts = [
            apply("multiply", Name(self._names[factor]), argument)
            for factor, argument in zip(factors, arguments, strict=True)
        ]
        return reduce(lambda left, right: apply("add", left, right), parts)
