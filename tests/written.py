"""Formulas as an author writes them, with every bracket."""

from __future__ import annotations

from gd_tutor.engine.expression import Expression, Name, Number

SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@", "power": "**"}


def written(formula: Expression) -> str:
    """The formula in the formula language."""
    match formula:
        case Number(value):
            return repr(value)
        case Name(name):
            return name
    parts = [written(argument) for argument in formula.arguments]
    if formula.operation in SIGNS:
        return f"({parts[0]} {SIGNS[formula.operation]} {parts[1]})"
    if formula.operation == "negate":
        return f"(-{parts[0]})"
    if formula.operation == "transpose":
        return f"({parts[0]}).T"
    axis = [] if formula.axis is None else [f"axis={formula.axis}"]
    return f"{formula.operation}({', '.join(parts + axis)})"
