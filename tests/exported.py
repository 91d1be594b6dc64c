"""Running exported scripts, and reading what they print."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gd_tutor.course.lesson import Lesson
from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.training import Training
from gd_tutor.export.formats import export
from gd_tutor.export.transcript import trace_data
from tutor import lesson

Numbers = list[tuple[str, Any]]

_RUN_ALL = """
import contextlib, io, json, sys, warnings
warnings.simplefilter("ignore")
printed = []
for script in json.load(sys.stdin):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        exec(compile(script, "script", "exec"), {"__name__": "__main__"})
    printed.append(text.getvalue())
print(json.dumps(printed))
"""

_VALUE = re.compile(r"(\w+) = (\[.*?\](?=, [a-zA-Z]|$)|[^,\n]+)", re.MULTILINE)


def lesson_of(experiment: Experiment, title: str = "A lesson") -> Lesson:
    """A lesson about some experiment."""
    derivative = lesson("derivative")
    part = replace(derivative.experiments[0], experiment=experiment, symbols={}, digits=None)
    return replace(derivative, experiments=(part,), title=title)


def script_of(training: Training, format: str, steps: int = 4, title: str = "A lesson") -> str:
    return export(training, lesson_of(training.experiment, title), format, steps)


def printed_by(scripts: Sequence[str]) -> list[str]:
    """What each script prints, all in one other Python."""
    run = subprocess.run(
        [sys.executable, "-c", _RUN_ALL],
        input=json.dumps(list(scripts)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    printed: list[str] = json.loads(run.stdout)
    return printed


def numbers_in(printed: str) -> Numbers:
    """The names and values that a script printed, in order."""
    known = {"nan": float("nan"), "inf": float("inf"), "__builtins__": {}}
    return [(name, eval(value, known)) for name, value in _VALUE.findall(printed)]


def numbers_of(training: Training, steps: int) -> Numbers:
    """The same from the trace: loss, then gradient and new value of each parameter."""
    fresh = Training(training.experiment, training.changes)
    with np.errstate(all="ignore"):
        data = trace_data(fresh, "lesson", steps)
    found: Numbers = []
    for iteration in data["iterations"]:
        found.append(("loss", as_number(iteration["forward"]["loss"])))
        for name in iteration["parameters"]:
            found.append((f"grad_{name}", as_number(iteration["backward"][name])))
            found.append((name, as_number(iteration["update"][name])))
    return found


def as_number(value: Any) -> Any:
    return [as_number(entry) for entry in value] if isinstance(value, list) else float(value)


def near(found: Numbers, expected: Numbers, tolerance: float) -> bool:
    """Whether the same names have the same values, up to rounding."""
    return [name for name, _ in found] == [name for name, _ in expected] and all(
        np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)
        for (_, a), (_, b) in zip(found, expected, strict=True)
    )
