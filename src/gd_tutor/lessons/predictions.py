"""Fenced ```predict blocks: a question put before a phase, whose answer is an expression."""

from gd_tutor.lessons.asking import (
    read_answer_formula,
    read_id,
    read_iteration,
    read_kind,
    read_mistakes,
    read_options,
    read_scope,
    read_shared,
    read_within,
)
from gd_tutor.lessons.lesson import ChoicePrediction, Prediction
from gd_tutor.lessons.scopes import Scopes
from gd_tutor.lessons.toml import Table
from gd_tutor.program import suggestion

PHASES = ("forward", "backward", "update")

_COMMON = ("id", "phase", "ask", "experiment", "at", "hints")
_KINDS = {"answer": ("answer", "within", "mistake"), "option": ("option",)}


def read_prediction(
    table: Table, section: str, page: str, scopes: Scopes
) -> Prediction | ChoicePrediction | None:
    """The question in a block, or None with its faults noted. `page` is the page's experiment."""
    kind = read_kind(table, _COMMON, _KINDS)
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
        return ChoicePrediction(**shared, phase=phase, options=options, at=at)
    answer = read_answer_formula(table, formulas) if kind else None
    mistakes, within = read_mistakes(table, formulas, id), read_within(table)
    if shared is None or phase is None or answer is None:
        return None
    return Prediction(
        **shared,
        phase=phase,
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
