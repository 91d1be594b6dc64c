"""Fenced ```predict blocks: a question put before a phase, whose answer is an expression."""

from gd_tutor.lessons.asking import (
    read_answer,
    read_id,
    read_iteration,
    read_kind,
    read_mistakes,
    read_options,
    read_scope,
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
    id = read_id(table)
    phase = _read_phase(table)
    ask = table.text("ask", required='ask = "…"')
    hints, at = table.texts("hints") or (), read_iteration(table)
    if kind == "option":
        options = read_options(table)
        if id is None or phase is None or ask is None or options is None:
            return None
        return ChoicePrediction(
            id=id,
            phase=phase,
            ask=ask,
            options=options,
            section=section,
            experiment=formulas.id,
            at=at,
            hints=hints,
        )
    answer = read_answer(table, formulas) if kind else None
    mistakes, within = read_mistakes(table, formulas), read_within(table)
    if id is None or phase is None or ask is None or answer is None:
        return None
    return Prediction(
        id=id,
        phase=phase,
        ask=ask,
        answer=answer,
        section=section,
        experiment=formulas.id,
        at=at,
        mistakes=mistakes,
        hints=hints,
        within=within,
        place=table.place("answer"),
    )


def _read_phase(table: Table) -> str | None:
    phase = table.text("phase", required='phase = "forward"')
    if phase is not None and phase not in PHASES:
        hint = suggestion(phase, PHASES) or f" There are {', '.join(PHASES)}."
        table.refuse("phase", f"There is no phase '{phase}'.{hint}")
    return phase
