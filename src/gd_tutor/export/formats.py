"""The formats of an export, and writing one into the folder where the tutor was started.

The CSV format is RFC 4180.
"""

import csv
import os
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from itertools import count
from pathlib import Path

import numpy as np

from gd_tutor.course.lesson import Lesson
from gd_tutor.engine.compile import Value, Values
from gd_tutor.engine.expression import Line
from gd_tutor.engine.program import LEARNING_RATE
from gd_tutor.engine.training import Training
from gd_tutor.export.exported_run import ExportError, Run
from gd_tutor.export.report import report
from gd_tutor.export.script import numpy_script
from gd_tutor.export.torch_script import torch_script
from gd_tutor.files import FileRefused, reason, write_text
from gd_tutor.notation.spans import to_ascii

COLUMNS = ("iteration", "phase", "name", "row", "column", "value")
MOST_NUMBERS = 2_000_000

Entry = tuple[str, str, Value]


def csv_table(run: Run) -> str:
    """A row for every number: settings and parameters before each iteration, then its phases.

    `row` and `column` count from 0; both are empty for a single number, `column` in a vector.
    Numbers read back are bit-identical.
    """
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for iteration, values in enumerate(run.values):
        entries = list(_entries(run, iteration, values))
        if run.steps * sum(np.size(value) for *_, value in entries) > MOST_NUMBERS:
            message = f"These are more than {MOST_NUMBERS:,} numbers; ask for fewer iterations."
            raise ExportError(message)
        for phase, name, value in entries:
            writer.writerows((iteration, phase, name, *cell) for cell in _cells(value))
    return text.getvalue()


def _entries(run: Run, iteration: int, values: Values) -> Iterator[Entry]:
    """The values that an iteration begins with and computes; data only if they have changed."""
    program = run.program
    if iteration == 0 or run.training.batch(iteration) is not None:
        yield from (("data", name, values[name]) for name in program.data)
    yield "settings", LEARNING_RATE, values[LEARNING_RATE]
    start = run.training.history.parameters(iteration, program.carried)
    for name, value in start.items():
        yield ("parameters" if name in program.parameters else "carried"), name, value
    for phase, lines in program.phases.items():
        yield from ((phase, _called(line), values[line.name]) for line in lines)


def _called(line: Line) -> str:
    """The name that a line's value belongs to; the phase tells a gradient from a new value."""
    return line.name.removeprefix("next.").removeprefix("grad.")


def _cells(value: Value) -> Iterator[tuple[object, ...]]:
    """Row, column and number of every number of a value."""
    array = np.asarray(value, dtype=float)
    for index, number in zip(np.ndindex(array.shape), array.ravel().tolist(), strict=True):
        yield (*index, *("" for _ in range(2 - array.ndim)), repr(number))


FORMATS: Mapping[str, Callable[[Run], str]] = {
    "numpy": numpy_script,
    "pytorch": torch_script,
    "markdown": report,
    "csv": csv_table,
}

ENDINGS: Mapping[str, str] = {"numpy": ".py", "pytorch": ".py", "markdown": ".md", "csv": ".csv"}
"""The suggested file name of each format."""


def export(training: Training, lesson: Lesson, format: str, steps: int, ascii: bool = False) -> str:
    """The first iterations of a run as a text of one of the `FORMATS`.

    The run keeps its position. If it diverges earlier, the text ends with that iteration. `ascii`
    gives an ASCII text. Raises ExportError if the run is too large for the format, KeyError for an
    unknown format.
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
"""A run that has not begun is exported with so many iterations."""


def file_for(format: str, lesson: str, folder: Path) -> Path:
    """A path in the folder that does not exist yet."""
    script = f"-{format}" if ENDINGS[format] == ".py" else ""
    names = (f"{lesson}{script}{'' if n == 1 else f'-{n}'}{ENDINGS[format]}" for n in count(1))
    return next(folder / name for name in names if not os.path.lexists(folder / name))


def take_home(training: Training, lesson: Lesson, format: str, folder: Path, ascii: bool) -> str:
    """Write the run so far; the sentence says where, or what went wrong."""
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
    """The folder in which the tutor was started; a dot if it no longer exists."""
    try:
        return Path.cwd()
    except OSError:
        return Path()
