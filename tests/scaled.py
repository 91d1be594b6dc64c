"""A lesson of any size for tests: a plane fitted to rows of a CSV file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gd_tutor.course.folder import Course
from gd_tutor.session.lesson_session import Session

ID = "many"
KINDS = ("bars", "squares", "curve", "slices", "contours", "matrices", "parameters", "loss")


def course_of(
    folder: Path, samples: int, features: int = 13, prediction: str = "X @ theta"
) -> Course:
    """A course of one lesson whose loss is the mean over so many samples, with every picture."""
    rng = np.random.default_rng(samples)
    table = rng.normal(size=(samples, features + 1))
    table[:, -1] = table[:, :-1] @ np.arange(1, features + 1) / 10 + table[:, -1] / 10
    names = [f"x{place}" for place in range(features)]
    folder.mkdir(exist_ok=True)
    np.savetxt(folder / "many.csv", table, "%.6g", ",", header=",".join([*names, "y"]), comments="")
    quoted = ", ".join(f'"{name}"' for name in names)
    views = {
        **dict.fromkeys(("bars", "squares"), 'of = ["residual"]'),
        "curve": 'over = ["theta[0]"]',
        **dict.fromkeys(("slices", "contours"), 'over = ["theta[0]", "theta[1]"]'),
        "matrices": 'of = ["X", "prediction", "residual"]',
    }
    shown = "\n".join(f'[[view]]\nkind = "{kind}"\n{views.get(kind, "")}' for kind in KINDS)
    (folder / f"{ID}.md").write_text(
        f'''+++
title = "Many samples"
[experiment]
data = {{ file = "many.csv", X = [{quoted}], y = "y" }}
parameters = {{ theta = {[0.0] * features} }}
learning_rate = 0.1
forward = """
prediction = {prediction}
residual = y - prediction
loss = mean(residual ** 2)
"""
{shown}
+++

The loss is {{{{loss}}}} at first, and a slope is {{{{grad.theta[0]}}}}.
''',
        encoding="utf-8",
    )
    return Course(folder)


def session_of(course: Course) -> Session:
    return Session(course.load(course.find(ID)), course)
