"""Runs to learn from: the data set that tells mistakes apart, and the shipped lessons."""

from __future__ import annotations

from pathlib import Path

from gd_tutor.course.lesson import Lesson
from gd_tutor.course.lesson_reader import load
from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.state import Position
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.questions.asked_number import AskedNumber
from gd_tutor.questions.diagnosis import AnswerKey, Diagnosis, reply
from gd_tutor.questions.predictions import asked_numbers
from gd_tutor.questions.wrong_rule import Rule
from tutor import COURSE

EIGHT = [entry.id for entry in COURSE.entries if entry.number is not None and entry.number <= 8]

LINE = """
prediction = w * x + b
residual = y - prediction
loss = mean(residual ** 2)
"""
ON_ONE_LINE = "loss = mean((y - (w * x + b)) ** 2)"
BY_NAMES = """
prediction = w * x + b
residual = y - prediction
squared = residual * residual
loss = mean(squared)
"""


def line(
    forward: str = LINE,
    x: tuple[float, ...] = (1.0, 2.0, 3.0),
    y: tuple[float, ...] = (3.0, 5.0, 7.0),
    w: float = 0.5,
    b: float = 0.0,
    learning_rate: float = 0.05,
) -> Training:
    """A straight line through points: its gradient is (-18, -8) unless told otherwise."""
    return Training(Experiment(forward, {"w": w, "b": b}, learning_rate, {"x": x, "y": y}))


def lesson(id: str) -> Lesson:
    return COURSE.load(COURSE.find(id))


def opened(id: str) -> tuple[Lesson, Training]:
    found = lesson(id)
    assert found.experiment is not None
    return found, Training(found.experiment)


def notation_of(training: Training, lesson: Lesson | None = None) -> Notation:
    return Notation(lesson.experiments[0].symbols if lesson else {}, training.program.shapes)


def target(
    training: Training,
    name: str,
    index: tuple[int, ...] = (),
    at: Position | None = None,
    lesson: Lesson | None = None,
) -> AskedNumber:
    """What the next phase reveals under a name; the run first goes to a position."""
    if at is not None:
        training.go_to(at)
    for found in asked_numbers(training, lesson):
        if found.authored or found.line is None:
            continue
        if (found.line.name, found.index) == (name, index):
            return found
    raise AssertionError(f"{name} is not revealed next")


def diagnose(
    target: AskedNumber, typed: float, training: Training, lesson: Lesson | None = None
) -> Diagnosis:
    """What a typed number means."""
    return AnswerKey(target, training, lesson).diagnose(typed)


def said(
    target: AskedNumber,
    typed: float,
    training: Training,
    notation: Notation,
    lesson: Lesson | None = None,
    tries: int = 0,
) -> list[str]:
    """What is said to a typed number, after so many wrong ones."""
    key = AnswerKey(target, training, lesson)
    return reply(key.diagnose(typed), key, notation, tries)


def wrong_numbers(
    target: AskedNumber, training: Training, lesson: Lesson | None = None
) -> list[tuple[Rule, float]]:
    """Every single misconception in answering a question, with the number that it gives."""
    meanings = AnswerKey(target, training, lesson).meanings
    return [(meaning.rule, meaning.number) for meaning in meanings]


ASKING = '''+++
title = "A line"
[experiment]
data = { x = [1, 2, 3], y = [3, 5, 7] }
parameters = { w = 0.5, b = 0, v = [1, 2] }
learning_rate = 0.05
forward = """
residual = y - (w * x + b)
loss = mean(residual ** 2) + sum(v ** 2)
"""
+++
Words.

'''


def asking(folder: Path, *questions: str) -> tuple[Lesson, Training]:
    """A lesson with questions, and its run."""
    blocks = "".join(f"```predict\n{question}\n```\n\n" for question in questions)
    path = folder / "09-lesson.md"
    path.write_text(ASKING + blocks, encoding="utf-8")
    lesson = load(path)
    assert lesson.experiment is not None
    return lesson, Training(lesson.experiment)
