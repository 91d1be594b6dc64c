"""The values in an author's words: the settings they are computed with, and what to warn of."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from gd_tutor.course.lesson import (
    Authored,
    ChoiceQuestion,
    CodeBlock,
    Filled,
    FindQuestion,
    Inline,
    Lesson,
    NumberQuestion,
    ValueSettings,
)
from gd_tutor.course.lesson_file import Excerpt, LessonFault, Report
from gd_tutor.engine.errors import ChoiceError, suggestion
from gd_tutor.engine.experiment import KINDS, Change, Experiment
from gd_tutor.engine.expression import shape_of_tensor
from gd_tutor.engine.program import LEARNING_RATE, Program
from gd_tutor.engine.state import Phase, Position

if TYPE_CHECKING:
    from gd_tutor.engine.training import Training

MOST_DIGITS = 12
EXPERIMENT, DIGITS = "experiment", "digits"
EXAMPLE = "as in {{x@2 with learning_rate = 0.2, digits = 3}}"

_SETTING = re.compile(r"\s*(?P<name>\w+)\s*=\s*(?P<value>[^=\s]+)\s*", re.ASCII)


class SettingsReader:
    """Reads settings for the values of an experiment, noting what does not fit it.

    `experiments` has None for an experiment with faults, of which nothing can be said.
    """

    def __init__(
        self, report: Report, experiments: Mapping[str, Experiment | None], id: str
    ) -> None:
        self.report = report
        self.experiments = experiments
        self.settings = ValueSettings(experiment=id)

    @property
    def program(self) -> Program | None:
        """The program as the settings have it; None where it cannot be known."""
        given = self.experiments.get(self.settings.experiment)
        return given.with_choices(dict(self.settings.choices)).program if given else None

    def read(self, excerpt: Excerpt) -> ValueSettings | None:
        """The settings, or None with a fault noted."""
        start = 0
        for text in excerpt.text.split(","):
            part = excerpt.part(start, start + len(text)).stripped()
            start += len(text) + 1
            match = _SETTING.fullmatch(part.text)
            problem = (
                self._take(**match.groupdict()) if match else f"Write name = value, {EXAMPLE}."
            )
            if problem:
                self.report.add(part.start, problem)
                return None
        return self.settings

    def _take(self, name: str, value: str) -> str:
        """Take one setting; what is wrong with it otherwise."""
        if name == EXPERIMENT:
            if value not in self.experiments:
                hint = suggestion(value, self.experiments)
                known = f" There are {', '.join(self.experiments)}."
                return f"There is no experiment '{value}' in this lesson.{hint or known}"
            self.settings = replace(self.settings, experiment=value)
        elif name == DIGITS:
            if not (value.isdecimal() and len(value) < 3 and 1 <= int(value) <= MOST_DIGITS):
                return f"'{name}' is a whole number from 1 to {MOST_DIGITS}."
            self.settings = replace(self.settings, digits=int(value))
        elif name in KINDS:
            return self._choose(name, value)
        else:
            return self._change(name, value)
        return ""

    def _choose(self, kind: str, value: str) -> str:
        before = self.settings
        self.settings = replace(before, choices=(*before.choices, (kind, value)))
        try:
            _ = self.program
        except ChoiceError as error:
            self.settings = before
            return str(error)
        return ""

    def _change(self, name: str, value: str) -> str:
        experiment = self.experiments.get(self.settings.experiment)
        if experiment is None:
            return ""
        if name not in experiment.settings:
            known = (*experiment.settings, EXPERIMENT, DIGITS, *KINDS[1:])
            hint = suggestion(name, known) or f" There are {', '.join(experiment.settings)}."
            return f"'{name}' cannot be set here.{hint}"
        if name != LEARNING_RATE and shape_of_tensor(experiment.setting(name)):
            return f"'{name}' is not a single number; only single numbers can be set here."
        number = _number(value)
        if number is None or (name == LEARNING_RATE and number <= 0):
            return f"'{value}' is not a number that '{name}' can be."
        changes = (*self.settings.changes, Change(name, number))
        self.settings = replace(self.settings, changes=changes)
        return ""


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


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
    def run(experiment: str, settings: ValueSettings | None) -> Training | None:
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
    import numpy as np  # which reading a lesson does without

    from gd_tutor.engine.compile import evaluate
    from gd_tutor.engine.minimum import quadratic_of

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
    every = (*lesson.predictions, *lesson.questions)
    for asked in (each for each in every if isinstance(each, NumberQuestion)):
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
    for asked in (*lesson.predictions, *lesson.questions):
        for words in _words(asked):
            yield asked.experiment, asked.at or 0, words


def _words(asked: Authored) -> Iterator[Iterable[Inline]]:
    yield from (words.inlines for words in (asked.ask, *asked.hints))
    match asked:
        case ChoiceQuestion():
            for option in asked.options:
                yield option.text.inlines
                yield option.say.inlines
        case NumberQuestion():
            yield from (mistake.say.inlines for mistake in asked.mistakes)
        case FindQuestion():
            yield asked.say.inlines


def _filled(inlines: Iterable[Inline]) -> Iterator[Filled]:
    return (inline for inline in inlines if isinstance(inline, Filled))
