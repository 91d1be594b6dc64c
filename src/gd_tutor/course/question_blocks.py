"""Fenced ```predict and ```question blocks: what a lesson asks, and when."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypedDict

from gd_tutor.course.lesson import (
    AnswerOption,
    Authored,
    ChoiceQuestion,
    FindQuestion,
    Mistake,
    NumberQuestion,
    Words,
)
from gd_tutor.course.lesson_file import ID
from gd_tutor.course.lesson_formulas import LAST_ITERATION, Formulas, Scopes
from gd_tutor.course.markdown import InlineReader
from gd_tutor.course.toml import Table
from gd_tutor.engine.errors import suggestion
from gd_tutor.engine.expression import Expression
from gd_tutor.engine.program import Program

RELATIVE = 0.005
"""Half a percent: rounding to three significant digits changes a number by less."""

NOTHING = 1e-12
"""A smaller number is rounding of 0."""
_DUST = 1e-9
"""The tolerance for rounding of binary fractions: 0.1 + 0.2 is within 0 of 0.3."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Within half a percent of the truth; or within a distance that the lesson gives."""

    within: float | None = None

    def distance(self, truth: float) -> float:
        """The largest accepted difference from the truth."""
        if self.within is not None:
            return self.within + _DUST * max(abs(truth), 1.0)
        return max((RELATIVE + _DUST) * abs(truth), NOTHING)

    def accepts(self, truth: float, typed: float) -> bool:
        """Whether a number is accepted; one that is not finite never is."""
        if not (math.isfinite(truth) and math.isfinite(typed)):
            return False
        return abs(typed - truth) <= self.distance(truth)


FEWEST_OPTIONS, MOST_OPTIONS = 2, 6
EXAMPLES = {"answer": 'answer = "…"', "option": "[[option]] tables", "wrong": 'wrong = "…"'}
"""The key that determines a question's kind."""

Keys = Mapping[str, tuple[str, ...]]


class Shared(TypedDict):
    """The fields of BaseQuestion, which every question is made with."""

    id: str
    ask: Words
    section: str
    experiment: str
    hints: tuple[Words, ...]


def read_kind(table: Table, common: tuple[str, ...], kinds: Keys) -> str | None:
    """The kind of a question: the one of the keys of `kinds` that it has.

    Keys that are not among the common ones or those of its kind are noted.
    """
    given = [kind for kind in kinds if kind in table]
    if not given:
        examples = " or ".join(EXAMPLES[kind] for kind in kinds)
        table.refuse(None, f"'answer' is missing in {table.name}; add {examples}.")
    if len(given) > 1:
        first, second = sorted(given, key=table.offset)[:2]
        table.refuse(second, f"'{second}' does not go with '{first}'; keep one of them.")
    every = {key for keys in kinds.values() for key in keys}
    table.allow((*common, *sorted(every)))
    for key in table.values if len(given) == 1 else ():
        if key in every and key not in (*common, *kinds[given[0]]):
            table.refuse(key, f"'{key}' does not go with '{given[0]}'; leave it out.")
    return given[0] if len(given) == 1 else None


def read_id(table: Table, required: bool = True) -> str | None:
    """The id of a question, or of a mistake in answering it."""
    id = table.text("id", required='id = "…"' if required else "")
    if id is not None and not ID.fullmatch(id):
        table.refuse("id", f"'{id}' cannot be an id; use letters, digits and hyphens.")
    return id


def read_shared(table: Table, id: str | None, section: str, formulas: Formulas) -> Shared | None:
    """What is asked, where and about what; None, with faults noted, where some of it is missing."""
    ask = read_words(table, "ask", formulas, 'ask = "…"')
    hints = _read_hints(table, formulas)
    if id is None or ask is None:
        return None
    return Shared(id=id, ask=ask, section=section, experiment=formulas.id, hints=hints)


def read_words(table: Table, key: str, formulas: Formulas, required: str) -> Words | None:
    """A text for the learner: prose, as on a page."""
    if table.text(key, required) is None:
        return None
    return InlineReader(formulas, table.report).words(table.excerpt(key))


def _read_hints(table: Table, formulas: Formulas) -> tuple[Words, ...]:
    reader = InlineReader(formulas, table.report)
    return tuple(map(reader.words, table.excerpts("hints")))


def read_scope(table: Table, page: str, scopes: Scopes) -> Formulas:
    """The formulas of the experiment asked about (by default the page's)."""
    id = table.text("experiment")
    if id is None:
        return scopes.of(page)
    problem = scopes.problem(id)
    if problem:
        table.refuse("experiment", problem)
    return scopes.of(id)


def read_iteration(table: Table) -> int | None:
    return table.whole("at", 0, LAST_ITERATION)


def read_within(table: Table) -> float | None:
    """How far from the truth an answer may lie."""
    within = table.number("within")
    if within is not None and within < 0:
        table.refuse("within", "'within' is a distance; it cannot be below 0.")
    return within


def read_answer_formula(table: Table, formulas: Formulas) -> Expression | None:
    """A formula for one number."""
    if table.text("answer", required='answer = "…"') is None:
        return None
    return formulas.answer(table.excerpt("answer"))


# Options


def read_options(table: Table, formulas: Formulas) -> tuple[AnswerOption, ...] | None:
    """The answers to choose from, one of them right; None, with faults noted, otherwise."""
    tables = table.tables("option")
    options = tuple(filter(None, (_read_option(each, formulas) for each in tables)))
    if tables and not FEWEST_OPTIONS <= len(tables) <= MOST_OPTIONS:
        where = tables[MOST_OPTIONS] if len(tables) > MOST_OPTIONS else tables[0]
        message = f"A choice has {FEWEST_OPTIONS} to {MOST_OPTIONS} options, not {len(tables)}."
        where.refuse(None, message)
    if len(options) < len(tables):
        return None
    right = [place for place, option in enumerate(options) if option.right]
    if tables and not right:
        tables[0].refuse(None, "No option is right; write right = true in one of them.")
    if len(right) > 1:
        tables[right[1]].refuse("right", "Two options are right; keep right = true in one of them.")
    for place, option in enumerate(options):
        if option.text in [other.text for other in options[:place]]:
            tables[place].refuse("text", f"Two options say '{option.text}'; change one of them.")
    return options or None


def _read_option(table: Table, formulas: Formulas) -> AnswerOption | None:
    table.allow(("text", "right", "say"))
    text = read_words(table, "text", formulas, 'text = "…"')
    say = read_words(table, "say", formulas, 'say = "…", the reason why it is right or wrong')
    right = table.flag("right")
    if text is None or say is None or right is None:
        return None
    return AnswerOption(text, say, right)


# Mistakes


def read_mistakes(table: Table, formulas: Formulas, question: str | None) -> tuple[Mistake, ...]:
    """The misconceptions without faults; faults of others are noted.

    One without an id is named after the question and its position in it: `next-x-2`.
    """
    return tuple(_read_mistakes(table, formulas, question))


def _read_mistakes(table: Table, formulas: Formulas, question: str | None) -> Iterator[Mistake]:
    for place, mistake in enumerate(table.tables("mistake"), 1):
        mistake.allow(("id", "answer", "gradient", "say"))
        id = read_id(mistake, required=False) or f"{question}-{place}"
        if "gradient" in mistake:
            answer, key = None, "gradient"
            gradient = _read_gradient(mistake, formulas)
        else:
            answer, key, gradient = read_answer_formula(mistake, formulas), "answer", {}
        say = read_words(mistake, "say", formulas, 'say = "…"')
        if (answer is not None or gradient) and say is not None:
            yield Mistake(id, answer, say, gradient, mistake.place(key))


def _read_gradient(table: Table, formulas: Formulas) -> dict[str, Expression]:
    """The gradient of a misconception, by name; empty if it has faults."""
    example = 'gradient = { w = "…" }'
    if "answer" in table:
        table.refuse("answer", "A mistake has an answer or a gradient; keep one of them.")
    gradient = table.table("gradient", example)
    if gradient is None:
        return {}
    if not gradient.values:
        table.refuse("gradient", f"'gradient' is empty; write {example}.")
    found: dict[str, Expression] = {}
    for name in gradient.values:
        problem = formulas.slope_problem(name)
        if problem:
            gradient.refuse(name, problem)
        elif gradient.text(name) is not None:
            slope = formulas.fitting(gradient.excerpt(name), name)
            if slope is not None:
                found[name] = slope
    return found


PHASES = ("forward", "backward", "update")

_PREDICTION_KEYS = ("id", "phase", "ask", "experiment", "at", "hints")
_PREDICTION_KINDS = {"answer": ("answer", "within", "mistake"), "option": ("option",)}


def read_prediction(table: Table, section: str, page: str, scopes: Scopes) -> Authored | None:
    """The question in a block, or None with its faults noted. `page` is the page's experiment."""
    kind = read_kind(table, _PREDICTION_KEYS, _PREDICTION_KINDS)
    formulas = read_scope(table, page, scopes)
    if not formulas.experiment:
        table.refuse(None, "This lesson has no [experiment], so there is nothing to predict.")
        return None
    id, phase = read_id(table), _read_phase(table)
    shared, at = read_shared(table, id, section, formulas), read_iteration(table)
    if kind == "option":
        options = read_options(table, formulas)
        if shared is None or phase is None or options is None:
            return None
        return ChoiceQuestion(**shared, before=phase, options=options, at=at)
    answer = read_answer_formula(table, formulas) if kind else None
    mistakes, within = read_mistakes(table, formulas, id), read_within(table)
    if shared is None or phase is None or answer is None:
        return None
    return NumberQuestion(
        **shared,
        before=phase,
        answer=answer,
        at=at,
        mistakes=mistakes,
        within=within,
        place=table.place("answer"),
    )


def _read_phase(table: Table) -> str | None:
    phase = table.text("phase", required='phase = "forward"')
    if phase is not None and phase not in PHASES:
        hint = suggestion(phase, PHASES) or f" There are {', '.join(PHASES)}."
        table.refuse("phase", f"There is no phase '{phase}'.{hint}")
    return phase


_QUESTION_KEYS = ("id", "ask", "experiment", "hints")
_QUESTION_KINDS = {
    "answer": ("answer", "at", "within", "mistake"),
    "option": ("option",),
    "wrong": ("wrong", "by", "at", "say"),
}


def read_question(table: Table, section: str, page: str, scopes: Scopes) -> Authored | None:
    """The question in a block, or None with its faults noted. `page` is the page's experiment."""
    kind = read_kind(table, _QUESTION_KEYS, _QUESTION_KINDS)
    formulas = read_scope(table, page, scopes)
    shared = read_shared(table, read_id(table), section, formulas)
    if kind in ("answer", "wrong") and not formulas.experiment:
        message = f"'{kind}' needs an [experiment] to compute it; ask with [[option]] tables here."
        table.refuse(kind, message)
        return None
    match kind:
        case "answer":
            return _read_number(table, shared, formulas)
        case "option":
            return _read_choice(table, shared, formulas)
        case "wrong":
            return _read_find(table, shared, formulas)
    return None


def _read_number(table: Table, shared: Shared | None, formulas: Formulas) -> NumberQuestion | None:
    answer = read_answer_formula(table, formulas)
    mistakes = read_mistakes(table, formulas, shared["id"] if shared else None)
    within = read_within(table)
    at = read_iteration(table) or 0
    if shared is None or answer is None:
        return None
    return NumberQuestion(
        **shared,
        answer=answer,
        at=at,
        mistakes=mistakes,
        within=within,
        place=table.place("answer"),
    )


def _read_choice(table: Table, shared: Shared | None, formulas: Formulas) -> ChoiceQuestion | None:
    options = read_options(table, formulas)
    if shared is None or options is None:
        return None
    return ChoiceQuestion(**shared, options=options)


def _read_find(table: Table, shared: Shared | None, formulas: Formulas) -> FindQuestion | None:
    wrong = table.text("wrong")
    say = read_words(table, "say", formulas, 'say = "…", why the line is wrong')
    written = table.text("by", required='by = "…", the wrong result')
    at = read_iteration(table) or 0
    if wrong is None or formulas.program is None:
        return None
    phase = _phase_of(table, wrong, formulas.program)
    if phase is None or written is None or say is None:
        return None
    by = formulas.fitting(table.excerpt("by"), wrong, exactly=True)
    if shared is None or by is None:
        return None
    return FindQuestion(
        **shared, phase=phase, wrong=wrong, by=by, say=say, at=at, place=table.place("by")
    )


def _phase_of(table: Table, name: str, program: Program) -> str | None:
    """The phase that computes a value."""
    phases = {line.name: phase for phase in PHASES for line in program.lines_of(phase)}
    if name in phases:
        return phases[name]
    hint = suggestion(name, phases) or f" There are {', '.join(phases)}."
    table.refuse("wrong", f"No line computes '{name}' in this experiment.{hint}")
    return None
