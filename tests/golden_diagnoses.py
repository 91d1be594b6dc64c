"""Writes what is said to every number that a lesson's questions know: a list for a person to read.

python tests/golden_diagnoses.py
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from gd_tutor.course.lesson import FindQuestion, Lesson, NumberQuestion
from gd_tutor.engine.training import Training
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.spans import written as written_out
from gd_tutor.questions.predictions import asked_numbers
from gd_tutor.questions.question import (
    ChoiceAnswer,
    NumberAnswer,
    Question,
    number_question,
    question_of,
)
from learning_runs import COURSE

GOLDEN = Path(__file__).with_name("diagnoses.txt")
ITERATIONS = 6
"""No lesson asks for a number of a later iteration before a phase."""


def written() -> str:
    """The whole list: each question, its right answer, each number that is named, and the words."""
    return "\n".join(written_of(entry.id) for entry in COURSE.entries)


def written_of(id: str) -> str:
    """The part of one lesson."""
    lines = [f"# {id}", ""]
    for item in items(COURSE.load(COURSE.find(id))):
        lines += [*_lines(item), ""]
    return "\n".join(lines)


def items(lesson: Lesson) -> Iterator[Question]:
    """What a lesson asks for in numbers, and the lines that it shows with one of them wrong."""
    for part in lesson.experiments:
        run = lesson.training_of(part.id)
        assert run is not None
        yield from _predicted(lesson, run, part.notation(Notation()))
    for question in lesson.questions:
        if isinstance(question, NumberQuestion | FindQuestion):
            yield question_of(question, lesson.training_of(question.experiment), lesson, Notation())


def _predicted(lesson: Lesson, run: Training, notation: Notation) -> Iterator[Question]:
    seen = set()
    for _ in range(3 * ITERATIONS):
        for target in asked_numbers(run, lesson):
            if target.authored is not None and target.authored.id not in seen:
                seen.add(target.authored.id)
                # A run of its own: this one goes on.
                there = Training(run.experiment, run.changes)
                there.go_to(run.position)
                yield number_question(target, there, lesson, notation)
        run.advance()


def _lines(item: Question) -> Iterator[str]:
    yield from _paragraph(f"{item.id}: {item.ask}")
    if isinstance(item.answer, ChoiceAnswer):
        for place, option in enumerate(item.options):
            said = item.judge(str(place + 1)).sentences
            yield from _paragraph(f"    {option}  |  {' '.join(said)}", "        ")
        return
    assert isinstance(item.answer, NumberAnswer)
    yield f"    {item.answer.truth}  ({item.answer.stated})"
    told: set[str] = set()
    for meaning in item.answer.key.meanings:
        typed = item.answer.notation.number(meaning.number)
        verdict = item.judge(f"{meaning.number:.12g}")
        if typed not in told and not verdict.right:
            told.add(typed)
            yield from _paragraph(f"    {typed}: {' '.join(verdict.sentences)}", "        ")


def _paragraph(text: str, indent: str = "    ") -> list[str]:
    return textwrap.wrap(written_out(text), 100, subsequent_indent=indent, break_on_hyphens=False)


if __name__ == "__main__":
    GOLDEN.write_text(written(), encoding="utf-8")
