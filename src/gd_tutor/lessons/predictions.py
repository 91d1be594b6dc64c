"""Fenced ```predict blocks: a question whose answer is an expression."""

from collections.abc import Iterator

from gd_tutor.lessons.fault import Report
from gd_tutor.lessons.file import ID
from gd_tutor.lessons.formulas import Formulas
from gd_tutor.lessons.lesson import Mistake, Prediction
from gd_tutor.lessons.source import Excerpt
from gd_tutor.lessons.toml import Table, read_toml
from gd_tutor.program import Expression, suggestion

KEYS = ("id", "phase", "ask", "answer", "hints", "within", "options", "mistake")
PHASES = ("forward", "backward", "update")


def read_prediction(
    excerpt: Excerpt, section: str, formulas: Formulas, report: Report
) -> Prediction | None:
    """The question in a block, or None with its faults noted."""
    table = read_toml(excerpt, report, "this question")
    if table is None:
        return None
    table.allow(KEYS)
    id = table.text("id", required='id = "…"')
    phase = table.text("phase", required='phase = "forward"')
    ask = table.text("ask", required='ask = "…"')
    answer = _read_answer(table, formulas)
    hints, options = table.texts("hints"), table.texts("options")
    mistakes = tuple(_read_mistakes(table, formulas))
    within = _read_within(table)
    _check(table, id, phase)
    if id is None or phase is None or ask is None or answer is None:
        return None
    return Prediction(id, phase, ask, answer, mistakes, section, hints or (), within, options or ())


def _check(table: Table, id: str | None, phase: str | None) -> None:
    if id is not None and not ID.fullmatch(id):
        table.refuse("id", f"'{id}' cannot be an id; use letters, digits and hyphens.")
    if phase is not None and phase not in PHASES:
        hint = suggestion(phase, PHASES) or f" There are {', '.join(PHASES)}."
        table.refuse("phase", f"There is no phase '{phase}'.{hint}")


def _read_within(table: Table) -> float | None:
    within = table.number("within")
    if within is not None and within < 0:
        table.refuse("within", "'within' is a distance; it cannot be below 0.")
    return within


def _read_answer(table: Table, formulas: Formulas) -> Expression | None:
    if table.text("answer", required='answer = "…"') is None:
        return None
    return formulas.answer(table.formula("answer"))


def _read_mistakes(table: Table, formulas: Formulas) -> Iterator[Mistake]:
    for mistake in table.tables("mistake"):
        mistake.allow(("answer", "gradient", "say"))
        if "gradient" in mistake:
            answer, key = None, "gradient"
            gradient = _read_gradient(mistake, formulas)
        else:
            answer, key, gradient = _read_answer(mistake, formulas), "answer", {}
        say = mistake.text("say", required='say = "…"')
        if (answer is not None or gradient) and say is not None:
            yield Mistake(answer, say, gradient, mistake.place(key))


def _read_gradient(table: Table, formulas: Formulas) -> dict[str, Expression]:
    """What a mistake takes for the slopes of the loss; empty where that cannot be known."""
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
            slope = formulas.slope(gradient.formula(name), name)
            if slope is not None:
                found[name] = slope
    return found
