"""The formula language: read a forward program, check it, derive its backward, compile it."""

from gd_tutor.program.expression import (
    Apply,
    Expression,
    Line,
    Name,
    Number,
    Place,
    Shape,
    Tensor,
    gradient_of,
    names,
    next_of,
    shape_of_tensor,
    walk,
)
from gd_tutor.program.faults import ChoiceError, Fault, ProgramError, suggestion
from gd_tutor.program.parser import parse, parse_answer
from gd_tutor.program.program import LEARNING_RATE, LOSS, Program
from gd_tutor.program.shapes import ShapeError, shape_of

__all__ = [
    "LEARNING_RATE",
    "LOSS",
    "Apply",
    "ChoiceError",
    "Expression",
    "Fault",
    "Line",
    "Name",
    "Number",
    "Place",
    "Program",
    "ProgramError",
    "Shape",
    "ShapeError",
    "Tensor",
    "gradient_of",
    "names",
    "next_of",
    "parse",
    "parse_answer",
    "shape_of",
    "shape_of_tensor",
    "suggestion",
    "walk",
]
