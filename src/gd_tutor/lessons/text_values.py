"""The values in texts that only computing shows: no numbers, and answers that are given away."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from gd_tutor.lessons.fault import LessonFault
from gd_tutor.lessons.lesson import (
    BaseQuestion,
    ChoicePrediction,
    ChoiceQuestion,
    CodeBlock,
    Filled,
    FindQuestion,
    Inline,
    Lesson,
    NumberQuestion,
    Prediction,
    Settings,
)
from gd_tutor.training import Phase, Position

if TYPE_CHECKING:  # what computes needs NumPy, which whoever only reads lessons does without
    from gd_tutor.training import Training

Told = Iterator[tuple[Filled, str]]


def text_value_warnings(lesson: Lesson, without: Container[str] = ()) -> tuple[LessonFault, ...]:
    """What a learner would see in the place of a number, and answers that stand in their question.

    Experiments `without` a loss are left out.
    """
    found = [*_unshown(lesson, without), *_given_away(lesson)]
    return tuple(
        LessonFault(lesson.path, value.place.line, value.place.column, message, warning=True)
        for value, message in found
    )


def _unshown(lesson: Lesson, without: Container[str]) -> Told:
    @cache
    def run(experiment: str, settings: Settings | None) -> Training | None:
        return lesson.training_of(experiment, settings)

    for experiment, iteration, inlines in _texts(lesson):
        for value in _filled(inlines):
            settings = value.settings
            if (settings.experiment if settings else experiment) in without:
                continue
            training = run(experiment, settings)
            if training is not None and (message := _problem(value, iteration, training)):
                yield value, message


def _problem(value: Filled, usual: int, training: Training) -> str:
    """What is wrong with a value in a run; nothing where it is a number."""
    import numpy as np

    from gd_tutor.program.compile import evaluate
    from gd_tutor.training.minimum import quadratic_of

    if value.settings and value.settings.at_minimum and quadratic_of(training) is None:
        return "The minimum of this loss is not known; name an iteration, as in {{x@500}}."
    iteration = usual if value.iteration is None else value.iteration
    training.go_to(Position(iteration, Phase.UPDATE))
    if training.iteration < iteration:
        end = training.iteration
        return f"The run diverges at iteration {end}, before iteration {iteration}; name that one."
    values = training.values_at(Position(iteration, Phase.UPDATE))
    if not np.isfinite(evaluate(value.expression, values)).all():
        return f"At iteration {iteration} this is not a finite number."
    return ""


def _given_away(lesson: Lesson) -> Told:
    computed: list[Prediction | NumberQuestion] = [*lesson.predictions]
    computed += (asked for asked in lesson.questions if isinstance(asked, NumberQuestion))
    for asked in computed:
        for value in _filled(asked.ask.inlines):
            same_time = value.iteration in (None, asked.at)
            if value.expression == asked.answer and same_time and value.settings is None:
                yield value, "This is the answer: it would stand in its own question."


def _texts(lesson: Lesson) -> Iterator[tuple[str, int, Iterable[Inline]]]:
    """Every text with its experiment and the iteration of its values."""
    for section in lesson.sections:
        for block in section.blocks:
            if not isinstance(block, CodeBlock):
                yield section.experiment, 0, block.inlines
    for asked in (*lesson.predictions, *lesson.choice_predictions, *lesson.questions):
        at = 0 if isinstance(asked, ChoiceQuestion) else asked.at or 0
        for words in _words(asked):
            yield asked.experiment, at, words


def _words(asked: BaseQuestion) -> Iterator[Iterable[Inline]]:
    yield from (words.inlines for words in (asked.ask, *asked.hints))
    match asked:
        case ChoicePrediction() | ChoiceQuestion():
            for option in asked.options:
                yield option.text.inlines
                yield option.say.inlines
        case Prediction() | NumberQuestion():
            yield from (mistake.say.inlines for mistake in asked.mistakes)
        case FindQuestion():
            yield asked.say.inlines


def _filled(inlines: Iterable[Inline]) -> Iterator[Filled]:
    return (inline for inline in inlines if isinstance(inline, Filled))
