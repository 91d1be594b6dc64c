"""A run to take home: a script for NumPy or PyTorch, a report, or every number of it."""

from collections.abc import Callable, Mapping

from gd_tutor.export.numpy_script import numpy_script
from gd_tutor.export.report import report
from gd_tutor.export.run import ExportError, Run
from gd_tutor.export.table import csv_table
from gd_tutor.export.torch_script import torch_script
from gd_tutor.lessons import Lesson
from gd_tutor.notation.spans import to_ascii
from gd_tutor.training import Training

FORMATS: Mapping[str, Callable[[Run], str]] = {
    "numpy": numpy_script,
    "pytorch": torch_script,
    "markdown": report,
    "csv": csv_table,
}

ENDINGS: Mapping[str, str] = {"numpy": ".py", "pytorch": ".py", "markdown": ".md", "csv": ".csv"}
"""How a file of each format is best called."""

__all__ = ["ENDINGS", "FORMATS", "ExportError", "export"]


def export(training: Training, lesson: Lesson, format: str, steps: int, ascii: bool = False) -> str:
    """The first iterations of a run as a text of one of the `FORMATS`.

    The run itself stays where it is. Where it diverges before, the text ends with that iteration.
    `ascii` asks for a text in ASCII. Raises ExportError where the run is too large for the
    format, KeyError for a format that is none.
    """
    text = FORMATS[format](Run.of(training, lesson, steps, ascii))
    return "\n".join(map(to_ascii, text.split("\n"))) if ascii else text
