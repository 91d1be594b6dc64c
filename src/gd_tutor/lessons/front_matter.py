"""The front matter of a lesson file: all that stands above the prose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gd_tutor.lessons import experiment
from gd_tutor.lessons.control import without_control
from gd_tutor.lessons.experiment import read_experiment
from gd_tutor.lessons.file import ID
from gd_tutor.lessons.lesson import View
from gd_tutor.lessons.predictions import PHASES
from gd_tutor.lessons.toml import Table
from gd_tutor.lessons.views import chosen_views, completed, read_views
from gd_tutor.notation.spans import width
from gd_tutor.program import LEARNING_RATE, Program, suggestion
from gd_tutor.training import Experiment

WIDEST_SYMBOL = 8
MOST_DIGITS = 12

_KEYS = ("title", "summary", "later", "experiment", "view", "symbols", "digits")


@dataclass(frozen=True)
class FrontMatter:
    title: str
    summary: str
    experiment: Experiment | None
    symbols: Mapping[str, str]
    digits: int | None
    later: Mapping[str, str]
    views: tuple[View, ...]


def read_front_matter(table: Table) -> FrontMatter:
    """What is sound in the front matter; the faults of the rest are noted."""
    below = {key: "below a line [experiment]" for key in experiment.KEYS if key not in _KEYS}
    table.allow(_KEYS, below)
    title = read_line(table, "title", required='title = "…"')
    inner = table.table("experiment", "[experiment]")
    read = read_experiment(inner) if inner else None
    names = Names(read.program if read else None, given="experiment" in table)
    return FrontMatter(
        title,
        read_line(table, "summary"),
        read,
        _read_symbols(inner if inner and "symbols" in inner else table, names),
        _read_digits(inner if inner and "digits" in inner else table),
        _read_later(table, names),
        _read_views(table, names),
    )


def read_line(table: Table, key: str, required: str = "") -> str:
    """A text on one line; empty where there is none."""
    return " ".join(without_control(table.text(key, required) or "").split())


@dataclass(frozen=True)
class Names:
    """The names of an experiment's values, as far as they are known.

    `given` says whether there is an experiment; `program` is None where there is none or it has
    faults of its own.
    """

    program: Program | None
    given: bool

    def problem(self, name: str, others: Iterable[str] = ()) -> str:
        """What is wrong with a name that should be a value's or one of the others."""
        if self.given and self.program is None:
            return ""
        known = [*others, *self.values]
        if name in known:
            return ""
        hint = suggestion(name, known) or (f" There are {', '.join(known)}." if known else "")
        return f"There is no value '{name}' in this lesson.{hint}"

    @property
    def values(self) -> tuple[str, ...]:
        if self.program is None:
            return ()
        forward = (line.name for line in self.program.forward)
        return (*self.program.data, *self.program.parameters, *forward)


def _read_symbols(table: Table, names: Names) -> dict[str, str]:
    symbols = table.table("symbols", 'symbols = { residual = "ε" }')
    if symbols is None:
        return {}
    for name in symbols.values:
        text = symbols.text(name)
        if name == LEARNING_RATE:
            symbols.refuse(name, "The learning rate is always drawn as η; leave this symbol out.")
        elif names.given and (problem := names.problem(name)):
            symbols.refuse(name, problem)
        if text is not None and width(text) > WIDEST_SYMBOL:
            message = f"The symbol '{text}' is too wide; {WIDEST_SYMBOL} cells are the most."
            symbols.refuse(name, message)
        elif text is not None and (width(text.strip()) == 0 or "\n" in text or "\t" in text):
            symbols.refuse(
                name, f"The symbol of '{name}' has nothing to see or a line break in it."
            )
    return {name: text for name, text in symbols.values.items() if isinstance(text, str)}


def _read_digits(table: Table) -> int | None:
    if "digits" not in table:
        return None
    digits: object = table.values["digits"]
    if isinstance(digits, int) and not isinstance(digits, bool) and 1 <= digits <= MOST_DIGITS:
        return digits
    table.refuse("digits", f"'digits' has to be a whole number from 1 to {MOST_DIGITS}.")
    return None


def _read_later(table: Table, names: Names) -> dict[str, str]:
    later = table.table("later", 'later = { backward = "derivative" }')
    if later is None:
        return {}
    found: dict[str, str] = {}
    for name in later.values:
        problem = names.problem(name, PHASES)
        if problem:
            later.refuse(name, problem)
        lesson = later.text(name)
        if lesson is None:
            continue
        if not ID.fullmatch(lesson):
            message = f"'{lesson}' cannot be a lesson's id; write one such as \"derivative\"."
            later.refuse(name, message)
        found[name] = lesson
    return found


def _read_views(table: Table, names: Names) -> tuple[View, ...]:
    tables = table.tables("view")
    if not names.given:
        for view in tables:
            view.refuse(None, "This lesson has no [experiment], so there is nothing to view.")
        return ()
    views = read_views(tables, names.program)
    if names.program is None:
        return views
    return completed(views or chosen_views(names.program))
