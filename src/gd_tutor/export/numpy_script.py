"""A run as a script for NumPy, which prints the engine's numbers to the last digit."""

from gd_tutor.export.formulas import NUMPY
from gd_tutor.export.run import Run
from gd_tutor.export.script import Script


def numpy_script(run: Run) -> str:
    """The script: data and parameters, then a loop with the lines of the three phases."""
    script = Script(run, NUMPY)
    iteration = script.by_hand()
    settings = [*script.settings(), *script.remembered(run.program.state)]
    return script.text("import numpy as np", "NumPy", settings, iteration)
