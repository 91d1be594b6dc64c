"""Formulas as text, as they stand in the program or with their numbers put in.

In Unicode a formula is written as on paper (`2ε`, `(x − 3)²`, `∂l/∂x`), in ASCII as in the program
(`2*residual`, `(x - 3)**2`, `dloss/dx`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gd_tutor.engine.expression import Expression
from gd_tutor.notation.rounding import holds
from gd_tutor.notation.spellings import Text
from gd_tutor.notation.substitution import CellPrinter, FormulaPrinter
from gd_tutor.notation.symbols import Symbols


@dataclass(frozen=True)
class Notation(Symbols):
    """How one lesson writes: its symbols, its digits, in Unicode or in ASCII."""

    def formula(self, expression: Expression) -> str:
        """The formula with its symbols."""
        return FormulaPrinter(self, self.symbol, {}).write(expression)[0]

    def substituted(self, expression: Expression, values: Mapping[str, Any]) -> str:
        """The formula with the numbers put in; short sums and means are written out."""

        def put_in(name: str) -> Text:
            return self.put_in(values[name])

        return FormulaPrinter(self, put_in, values).write(expression)[0]

    def cell(
        self, expression: Expression, values: Mapping[str, Any], index: tuple[int, ...]
    ) -> str:
        """One element of the formula's value, with the numbers that make it."""
        return CellPrinter(self, values, index).write(expression)[0]

    def sign(
        self,
        expression: Expression,
        values: Mapping[str, Any],
        result: Any,
        index: tuple[int, ...] = (),
    ) -> str:
        """The sign before a result, or one element of it, that follows the numbers put in."""
        true = holds(expression, values, result, self.digits, index)
        return self.equals if true else self.about
