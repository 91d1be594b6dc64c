"""What a lesson asks and says, as a learner reads it who has changed nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gd_tutor.course.lesson import CodeBlock, Filled, Lesson, Section, Words
from gd_tutor.engine.compile import evaluate
from gd_tutor.engine.state import Phase, Position
from gd_tutor.notation.formulas import Notation
from gd_tutor.questions.author_words import of_question


def shown(lesson: Lesson, asked: Any) -> Any:
    """A question with its words written out at its own iteration."""
    part = lesson.experiment_of(asked.experiment)
    notation = part.notation(Notation()) if part is not None else Notation()
    run, at = lesson.training_of(asked.experiment), getattr(asked, "at", 0) or 0
    wording = of_question(notation, run, lesson, asked.experiment, at)

    def write(words: Words) -> Words:
        return Words(wording.sentence(words), ())

    written: dict[str, Any] = {"ask": write(asked.ask), "hints": tuple(map(write, asked.hints))}
    if hasattr(asked, "options"):
        written["options"] = tuple(
            replace(each, text=write(each.text), say=write(each.say)) for each in asked.options
        )
    if hasattr(asked, "mistakes"):
        written["mistakes"] = tuple(replace(each, say=write(each.say)) for each in asked.mistakes)
    if hasattr(asked, "say"):
        written["say"] = write(asked.say)
    return replace(asked, **written)


def numbers_of(lesson: Lesson, section: Section) -> list[float]:
    """The numbers that the engine puts into a page, in their order."""
    found = []
    for block in section.blocks:
        for inline in () if isinstance(block, CodeBlock) else block.inlines:
            if isinstance(inline, Filled):
                run = lesson.training_of(section.experiment, inline.settings)
                assert run is not None
                values = run.values_at(Position(inline.iteration or 0, Phase.UPDATE))
                found.append(float(np.asarray(evaluate(inline.expression, values)).item()))
    return found
