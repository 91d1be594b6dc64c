"""A run as a worked report in Markdown."""

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from gd_tutor.course.folder import REPORT
from gd_tutor.engine.compile import Value
from gd_tutor.engine.program import LEARNING_RATE, LOSS
from gd_tutor.export.exported_run import ExportError, Run
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import equation
from gd_tutor.notation.worked import WorkedLine, worked_phase

MOST_ITERATIONS = 1_000
WIDEST = 88
MOST_CELLS = (30, 12)
"""Rows and columns of a matrix that is shown in full below its line."""

MOST_COLUMNS = 12

_MARKUP = re.compile(r"([\\`*_\[\]<>|~&$#@]|^[-+=]|(?<=^\d)[.)])")
_PLAIN = {"optimizer": "gradient-descent", "bug": "none"}


def report(run: Run) -> str:
    """The settings, the worked phases of each iteration, and a table of loss and parameters."""
    if run.steps > MOST_ITERATIONS:
        raise ExportError(
            f"A report has at most {MOST_ITERATIONS:,} iterations; ask for fewer, or for csv."
        )
    notation = run.notation
    rows = [REPORT.rstrip(), "", f"# {prose(run.title)}", ""]
    if run.lesson.summary:
        rows += [prose(run.lesson.summary), ""]
    rows += ["## Settings", "", *fenced(_settings(run, notation)), ""]
    for iteration in range(run.steps):
        rows += _iteration(run, notation, iteration)
    if run.diverged:
        rows += ["Here the run diverged: a number is no longer finite.", ""]
    rows += ["## Loss and parameters", "", *_table(run, notation)]
    return "\n".join(rows) + "\n"


def _settings(run: Run, notation: Notation) -> Iterator[str]:
    program, training = run.program, run.training
    data = training.whole_settings_at(0)
    for name in program.data:
        yield from _value(notation, name, data[name])
    start = training.history.parameters(0, program.parameters)
    for name in program.parameters:
        yield from _value(notation, name, start[name])
    rate = notation.number(float(data[LEARNING_RATE]))
    yield f"{notation.name(LEARNING_RATE)} = {rate}"
    for kind, plain in _PLAIN.items():
        choice = training.experiment.choice(kind)
        if choice != plain:
            yield f"{kind}: {choice}"


def _iteration(run: Run, notation: Notation, iteration: int) -> list[str]:
    rate = run.training.setting(LEARNING_RATE, iteration)
    changed = iteration and rate != run.training.setting(LEARNING_RATE, iteration - 1)
    eta = f", {notation.name(LEARNING_RATE)} = {notation.value(rate)}" if changed else ""
    rows = [f"## Iteration {iteration}{prose(eta)}", ""]
    for phase in run.training.phases:
        lines = worked_phase(run.training, phase, iteration)
        texts = [row for line in lines for row in _worked(line, notation)]
        rows += [f"### {str(phase).capitalize()}", "", *fenced(texts), ""]
    return rows


def _worked(line: WorkedLine, notation: Notation) -> list[str]:
    """The line, followed by its full result if it is shortened."""
    rows = line.text(notation, WIDEST)
    return [*rows, *_in_full(notation, line.result)]


def _value(notation: Notation, name: str, value: Value) -> list[str]:
    rows = equation([notation.name(name), notation.value(value)], WIDEST)
    return [*rows, *_in_full(notation, value)]


def _in_full(notation: Notation, value: Value) -> list[str]:
    """A matrix too large for one line, in aligned columns."""
    array = np.atleast_2d(np.asarray(value, dtype=float))
    few = all(size <= 4 for size in array.shape)
    if few or any(size > most for size, most in zip(array.shape, MOST_CELLS, strict=True)):
        return []
    columns = [notation.column(column.tolist()) for column in array.T]
    return [f"    {'  '.join(row)}".rstrip() for row in zip(*columns, strict=True)]


def _table(run: Run, notation: Notation) -> Iterator[str]:
    """Iterations with their loss and parameters, as many as fit side by side."""
    names = _components(run)[: MOST_COLUMNS - 2]
    head = ["iteration", notation.name(LOSS)]
    head += [notation.name(name) + notation.place(index) for name, index in names]
    yield _row(map(prose, head))
    yield _row(["---:"] * len(head))
    trails = [run.training.history.trail(name, run.steps) for name, _ in names]
    losses = [*notation.row(float(values[LOSS]) for values in run.values), ""]
    columns = [
        losses,
        *(
            notation.row(float(value[index]) for value in trail)
            for trail, (_, index) in zip(trails, names, strict=True)
        ),
    ]
    for iteration, numbers in enumerate(zip(*columns, strict=True)):
        yield _row([str(iteration), *numbers])


def _components(run: Run) -> list[tuple[str, tuple[int, ...]]]:
    """Every number of every parameter, by name and index."""
    return [
        (name, index)
        for name in run.program.parameters
        for index in np.ndindex(*run.program.shapes[name])
    ]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def prose(text: str) -> str:
    """Foreign text on one line, with all Markdown escaped."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return _MARKUP.sub(r"\\\1", " ".join(printable.split()))


def fenced(rows: Iterable[str]) -> Sequence[str]:
    """Rows in a code block, with a fence longer than any in them."""
    texts = list(rows)
    longest = max((len(run) for text in texts for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *texts, fence]
