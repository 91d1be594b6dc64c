"""Every number of a run as comma-separated values (RFC 4180)."""

import csv
from collections.abc import Iterator
from io import StringIO

import numpy as np

from gd_tutor.engine.compile import Value, Values
from gd_tutor.engine.expression import Line
from gd_tutor.engine.program import LEARNING_RATE
from gd_tutor.export.exported_run import ExportError, Run

COLUMNS = ("iteration", "phase", "name", "row", "column", "value")
MOST_NUMBERS = 2_000_000

Entry = tuple[str, str, Value]


def csv_table(run: Run) -> str:
    """A row for every number: settings and parameters before each iteration, then its phases.

    `row` and `column` count from 0; both are empty for a single number, `column` in a vector.
    Read back, each number has the same bits.
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
    """All that an iteration begins with and computes; data where they are other than before."""
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
    """What a line's value belongs to; the phase says whether it is a gradient or a new value."""
    return line.name.removeprefix("next.").removeprefix("grad.")


def _cells(value: Value) -> Iterator[tuple[object, ...]]:
    """Row, column and number of every number of a value."""
    array = np.asarray(value, dtype=float)
    for index, number in zip(np.ndindex(array.shape), array.ravel().tolist(), strict=True):
        yield (*index, *("" for _ in range(2 - array.ndim)), repr(number))
