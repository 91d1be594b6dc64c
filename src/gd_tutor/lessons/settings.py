"""What stands behind `with` in a value of the text: the settings that it is computed with."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from gd_tutor.lessons.fault import Report
from gd_tutor.lessons.lesson import Settings
from gd_tutor.lessons.source import Excerpt
from gd_tutor.program import LEARNING_RATE, ChoiceError, Program, shape_of_tensor, suggestion
from gd_tutor.training import Change, Experiment
from gd_tutor.training.choices import KINDS

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
        self.settings = Settings(experiment=id)

    @property
    def program(self) -> Program | None:
        """The program as the settings have it; None where it cannot be known."""
        given = self.experiments.get(self.settings.experiment)
        return given.with_choices(dict(self.settings.choices)).program if given else None

    def read(self, excerpt: Excerpt) -> Settings | None:
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
