"""Derivatives are written as short as a person would write them."""

import pytest

from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from tutor import experiment


@pytest.mark.parametrize(
    ("loss", "slope"),
    [
        ("x ** 2 / 2", "x"),
        ("(x - 3) ** 2 / 2", "x − 3"),
        ("x ** 2 / 3", "2/3·x"),
        ("3 * x ** 2 / 2", "3x"),
        ("(x ** 2 - 4) ** 2 / 8", "1/2·(x² − 4)·x"),
        ("x ** 3 - 6 * x ** 2", "3x² − 12x"),
        ("x ** 3 - 4 * x", "3x² − 4"),
    ],
)
def test_slopes_are_short(loss: str, slope: str) -> None:
    program = Training(experiment(f"loss = {loss}", {"x": 2})).program
    assert [Notation().formula(line.expression) for line in program.backward] == [slope]
