"""Formulas in prose and answers, read and checked against the lesson's program."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from math import prod

from gd_tutor.course.lesson import Filled, Formula, Inline, Text, ValueSettings
from gd_tutor.course.lesson_file import Excerpt, Report
from gd_tutor.course.text_values import SettingsReader
from gd_tutor.engine.errors import ProgramError, suggestion
from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.expression import Expression, Name, Shape, gradient_of, walk
from gd_tutor.engine.operations import ShapeError, broadcast_shape, describe, shape_of
from gd_tutor.engine.parser import parse_answer
from gd_tutor.engine.program import LEARNING_RATE, Program

LAST_ITERATION = 2_000
LONGEST_LIST = 12
NOTHING: Mapping[str, Experiment | None] = {}

MINIMUM = "minimum"

_ITERATION = re.compile(
    rf"(?P<formula>.*)@\s*(?P<iteration>{MINIMUM}|[-+]?[0-9][\w.]*)\s*", re.DOTALL
)
_WITH = re.compile(r"(?P<value>.*?)\s+with\s+(?P<settings>.*)", re.DOTALL)
_EQUALS = re.compile(r"(?<![=<>!])=(?!=)")
_VALUE = re.compile(r"\{\{(.*)\}\}", re.DOTALL)


class Formulas:
    """Reads formulas, noting their faults.

    `program` is None where there is no sound one; only a lesson without an experiment
    (`experiment` False) then has values to complain about. `id` is the experiment's, and
    `experiments` are all of the lesson.
    """

    def __init__(
        self,
        report: Report,
        program: Program | None,
        experiment: bool,
        id: str = "",
        experiments: Mapping[str, Experiment | None] = NOTHING,
    ) -> None:
        self.id = id
        self.experiments = experiments
        self.report = report
        self.program = program
        self.experiment = experiment
        self.known = known_values(program) if program else frozenset()

    def drawn(self, excerpt: Excerpt, usual: int | None) -> Iterator[Inline]:
        """The content between two dollar signs: formulas and {{values}}, joined by `=`."""
        for index, side in enumerate(_sides(excerpt.on_one_line())):
            if index:
                yield Text(" = ")
            value = _VALUE.fullmatch(side.text)
            if value:
                yield from self.filled(side.part(*value.span(1)), usual)
                continue
            if "{{" in side.text:
                offset = side.offsets[side.text.index("{{")]
                message = "Between dollar signs a value stands alone beside =, as in $x = {{x}}$."
                self.report.add(offset, message)
                continue
            expression = self._read(side, hint=_hint(excerpt.text))
            if expression is not None:
                self._check_drawn(expression, side)
                yield Formula(expression, " ".join(side.text.split()))

    @cached_property
    def named(self) -> frozenset[str]:
        """The values of all experiments, which a formula that is only drawn may speak of.

        None are known where an experiment has faults.
        """
        parts = self.experiments.values()
        known = [known_values(part.program) for part in parts if part is not None]
        return frozenset().union(*known) if len(known) == len(parts) else frozenset()

    def _check_drawn(self, expression: Expression, side: Excerpt) -> None:
        """Note names that were meant to be others: any letter may stand for itself in a formula."""
        for node in walk(expression):
            if not self.named or not isinstance(node, Name) or node.id in self.named:
                continue
            offset = side.at(node.place)
            if hint := suggestion(node.id, self.named) or ("." in node.id and " "):
                message = self._unknown(node.id).partition(". ")[0].rstrip(".")
                self.report.add(offset, f"{message}.{hint}".rstrip())
            elif len(node.id) > 1:
                self.report.warn(offset, f"{self._unknown(node.id)} It is drawn as typed.")

    def filled(self, excerpt: Excerpt, usual: int | None) -> Iterator[Filled]:
        """What stands between double braces: a formula, and `@` an iteration, or the usual one."""
        excerpt = excerpt.on_one_line()
        if not self.experiment:
            message = "This lesson has no [experiment], so it has no values to put in."
            self.report.add(excerpt.start, message)
            return
        source, place = " ".join(excerpt.text.split()), self.report.source.place(excerpt.start)
        formulas, settings, iteration = self, None, usual
        if match := _WITH.fullmatch(excerpt.text):
            reader = SettingsReader(self.report, self.experiments, self.id)
            settings = reader.read(excerpt.part(*match.span("settings")))
            if settings is None:
                return
            formulas = Formulas(self.report, reader.program, True, settings.experiment)
            excerpt = excerpt.part(*match.span("value"))
        if match := _ITERATION.fullmatch(excerpt.text):
            at = excerpt.part(*match.span("iteration"))
            excerpt = excerpt.part(*match.span("formula"))
            if at.text == MINIMUM:
                settings = replace(settings or ValueSettings(self.id), at_minimum=True)
                iteration = 0
            else:
                iteration = self._iteration(at)
        expression = formulas._read(excerpt.stripped())
        if expression is not None and (iteration is not None or not match):
            formulas._check_short(expression, excerpt.stripped())
            yield Filled(expression, iteration, source, settings, place)

    def answer(self, excerpt: Excerpt) -> Expression | None:
        """An answer to a question: a formula whose value is one number."""
        formula = excerpt.stripped()
        expression = self._read(formula)
        if expression is None:
            return None
        shape = self._shape(expression, formula)
        if shape is not None and prod(shape) != 1:
            message = f"An answer is one number, but this is {describe(shape)}."
            self.report.add(formula.start, message)
        return expression

    def fitting(self, excerpt: Excerpt, name: str, exactly: bool = False) -> Expression | None:
        """A formula whose value has, or unless `exactly` is broadcast to, a named value's shape."""
        formula = excerpt.stripped()
        expression = self._read(formula)
        if expression is None:
            return None
        shape = self._shape(expression, formula)
        if shape is not None and self.program is not None:
            wanted = self.program.shapes[name]
            if broadcast_shape(shape, wanted) != wanted:
                message = f"'{name}' is {describe(wanted)}, but this is {describe(shape)}."
                self.report.add(formula.start, message)
            elif exactly and prod(shape) != prod(wanted):
                message = f"'{name}' is {describe(wanted)}, and this is {describe(shape)}"
                advice = "all its numbers would be the same, which gives the line away."
                self.report.add(formula.start, f"{message}: {advice}")
        return expression

    def slope_problem(self, name: str) -> str:
        """What is wrong with a name that should have a partial derivative."""
        if (self.experiment and self.program is None) or gradient_of(name) in self.known:
            return ""
        return self._unknown(gradient_of(name))

    def _iteration(self, excerpt: Excerpt) -> int | None:
        text = excerpt.text
        if text.isdigit() and len(text) <= 9 and int(text) <= LAST_ITERATION:
            return int(text)
        message = f"After @ comes an iteration, a whole number from 0 to {LAST_ITERATION}."
        self.report.add(excerpt.start, message)
        return None

    def _check_short(self, expression: Expression, formula: Excerpt) -> None:
        shape = self._shape(expression, formula)
        if shape is None or prod(shape) == 1 or (len(shape) == 1 and shape[0] <= LONGEST_LIST):
            return
        first = "[0]" if len(shape) == 1 else "[0, 0]"
        message = f"This is {describe(shape)}, too much for a sentence; pick one, as in E{first}."
        self.report.add(formula.start, message)

    def _read(self, formula: Excerpt, hint: str = "") -> Expression | None:
        try:
            return parse_answer(formula.text)
        except ProgramError as error:
            for fault in error.faults:
                self.report.add(formula.at(fault.place), fault.message + hint)
            return None

    def _shape(self, expression: Expression, formula: Excerpt) -> Shape | None:
        """The shape of the value; None if it has none or is unknown."""
        if self.experiment and self.program is None:
            return None
        unknown = [
            node
            for node in walk(expression)
            if isinstance(node, Name) and node.id not in self.known
        ]
        for name in unknown:
            self.report.add(formula.at(name.place), self._unknown(name.id))
        if unknown:
            return None
        try:
            return shape_of(expression, self.program.shapes if self.program else {})
        except ShapeError as error:
            self.report.add(formula.at(error.place), str(error))
            return None

    def _unknown(self, name: str) -> str:
        if not self.experiment:
            return f"There is no value '{name}': this lesson has no [experiment]."
        space, _, bare = name.partition(".")
        if bare in self.known and space == "grad":
            return (
                f"'{bare}' has no slope: only parameters and what leads from them to the loss do."
            )
        if bare in self.known and space == "next":
            return f"'{bare}' has no next value: only parameters are updated."
        hint = suggestion(name, self.known)
        return f"There is no value '{name}' in this experiment.{hint}"


def known_values(program: Program) -> frozenset[str]:
    """The names of all values known after an iteration."""
    lines = (*program.forward, *program.backward, *program.update)
    computed = (line.name for line in lines)
    return frozenset({*program.data, *program.parameters, LEARNING_RATE, *computed})


def _sides(excerpt: Excerpt) -> Iterator[Excerpt]:
    """The parts between the equals signs outside all brackets."""
    start = depth = 0
    equals = {match.start() for match in _EQUALS.finditer(excerpt.text)}
    for index, char in enumerate(excerpt.text):
        depth += (char in "([{") - (char in ")]}")
        if index in equals and depth == 0:
            yield excerpt.part(start, index).stripped()
            start = index + 1
    yield excerpt.part(start, len(excerpt.text)).stripped()


def _hint(text: str) -> str:
    """What to do if a dollar sign was perhaps not meant to begin a formula."""
    if not text.strip():
        return " Between dollar signs stands a formula; for a dollar sign write \\$."
    return " For a dollar sign write \\$." if text[0].isdigit() else ""


class Scopes:
    """Which names a formula may have: those of the experiment of its page or of its question.

    `experiments` has None for an experiment with faults, and "" for one whose id has; it is None
    where nothing is known at all.
    """

    def __init__(self, report: Report, experiments: Mapping[str, Experiment | None] | None) -> None:
        self.known = experiments is not None
        self.first = next(iter(experiments or ()), "")
        self._unknown = Formulas(report, None, experiment=True)
        self._words = Formulas(report, None, experiment=not self.known)
        self._formulas = {
            id: Formulas(report, given.program if given else None, True, id, experiments or {})
            for id, given in (experiments or {}).items()
        }

    def of(self, id: str) -> Formulas:
        """The formulas of an experiment; those of words alone in a lesson without one."""
        return self._formulas.get(id, self._unknown if id or self._formulas else self._words)

    def problem(self, id: str) -> str:
        """What is wrong with the id of an experiment; nothing where there is one of it."""
        if not self.known or id in self._formulas or "" in self._formulas:
            return ""
        if not self._formulas:
            return "This lesson has no [experiment]."
        hint = suggestion(id, self._formulas) or f" There are {', '.join(self._formulas)}."
        return f"There is no experiment '{id}' in this lesson.{hint}"
