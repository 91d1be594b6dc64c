"""Fenced ```question blocks: what a lesson asks after its last page."""

from gd_tutor.lessons.asking import (
    Shared,
    read_answer_formula,
    read_id,
    read_iteration,
    read_kind,
    read_mistakes,
    read_options,
    read_scope,
    read_shared,
    read_within,
    read_words,
)
from gd_tutor.lessons.formulas import Formulas
from gd_tutor.lessons.lesson import ChoiceQuestion, FindQuestion, NumberQuestion, Question
from gd_tutor.lessons.predictions import PHASES
from gd_tutor.lessons.scopes import Scopes
from gd_tutor.lessons.toml import Table
from gd_tutor.program import Program, suggestion

_COMMON = ("id", "ask", "experiment", "hints")
_KINDS = {
    "answer": ("answer", "at", "within", "mistake"),
    "option": ("option",),
    "wrong": ("wrong", "by", "at", "say"),
}


def read_question(table: Table, section: str, page: str, scopes: Scopes) -> Question | None:
    """The question in a block, or None with its faults noted. `page` is the page's experiment."""
    kind = read_kind(table, _COMMON, _KINDS)
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
