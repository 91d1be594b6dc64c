"""The formats of an export, and writing one into the folder where the tutor was started."""

import os
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

from gd_tutor.course.lesson import Lesson
from gd_tutor.engine.training import Training
from gd_tutor.export.exported_run import ExportError, Run
from gd_tutor.export.report import report
from gd_tutor.export.script import numpy_script
from gd_tutor.export.table import csv_table
from gd_tutor.export.torch_script import torch_script
from gd_tutor.files import FileRefused, reason, write_text
from gd_tutor.notation.spans import to_ascii

FORMATS: Mapping[str, Callable[[Run], str]] = {
    "numpy": numpy_script,
    "pytorch": torch_script,
    "markdown": report,
    "csv": csv_table,
}

ENDINGS: Mapping[str, str] = {"numpy": ".py", "pytorch": ".py", "markdown": ".md", "csv": ".csv"}
"""How a file of each format is best called."""


def export(training: Training, lesson: Lesson, format: str, steps: int, ascii: bool = False) -> str:
    """The first iterations of a run as a text of one of the `FORMATS`.

    The run itself stays where it is. Where it diverges before, the text ends with that iteration.
    `ascii` asks for a text in ASCII. Raises ExportError where the run is too large for the
    format, KeyError for a format that is none.
    """
    text = FORMATS[format](Run.of(training, lesson, steps, ascii))
    return "\n".join(map(to_ascii, text.split("\n"))) if ascii else text


WHAT = {
    "numpy": "a NumPy script that prints these numbers",
    "pytorch": "a PyTorch script that prints these numbers",
    "markdown": "a report with every step worked",
    "csv": "every number of the run, as a table",
}
FIRST_STEPS = 10
"""Of a run that has not begun, so many iterations are written."""


def file_for(format: str, lesson: str, folder: Path) -> Path:
    """A name in the folder that no file has yet."""
    script = f"-{format}" if ENDINGS[format] == ".py" else ""
    names = (f"{lesson}{script}{'' if n == 1 else f'-{n}'}{ENDINGS[format]}" for n in count(1))
    return next(folder / name for name in names if not os.path.lexists(folder / name))


def take_home(training: Training, lesson: Lesson, format: str, folder: Path, ascii: bool) -> str:
    """Write the run as far as it has come; a sentence says where, or what went wrong."""
    steps = min(training.position.forwards or FIRST_STEPS, training.last.iteration)
    try:
        path = file_for(format, lesson.id, folder)
        write_text(path, export(training, lesson, format, steps, ascii))
    except (ExportError, FileRefused) as error:
        return str(error)
    except OSError as error:
        return f"Nothing was written: {reason(error)}."
    iterations = "1 iteration" if steps == 1 else f"{steps} iterations"
    return f"Written: {path}, {iterations}."


def here() -> Path:
    """The folder in which the tutor was started; as a dot where it is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path()
