"""A lesson file to a Lesson, or all that is wrong with it: its front matter, then its prose."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from gd_tutor.course.experiment_data import Files
from gd_tutor.course.experiment_tables import KEYS as EXPERIMENT_KEYS
from gd_tutor.course.experiment_tables import read_experiment
from gd_tutor.course.lesson import Lesson, LessonExperiment, ViewSpec
from gd_tutor.course.lesson_file import (
    ID,
    Excerpt,
    Report,
    Source,
    check_characters,
    check_name,
    name_of,
    read_source,
    split,
)
from gd_tutor.course.lesson_formulas import Scopes
from gd_tutor.course.prose import read_prose
from gd_tutor.course.question_blocks import PHASES
from gd_tutor.course.toml import Table, read_toml
from gd_tutor.course.view_tables import chosen_views, completed, read_views, values_of
from gd_tutor.engine.errors import suggestion
from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.program import LEARNING_RATE, Program
from gd_tutor.notation.spans import width

WIDEST_SYMBOL = 8
MOST_DIGITS = 12
MOST_EXPERIMENTS = 20
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
"""An experiment may be known by its number, too."""

_KEYS = (
    *("title", "summary", "later", "invite", "lab"),
    *("experiment", "view", "symbols", "digits"),
)


@dataclass(frozen=True)
class FrontMatter:
    """What stands above the prose; `known` has None for an experiment with faults."""

    title: str
    summary: str
    experiments: tuple[LessonExperiment, ...]
    known: Mapping[str, Experiment | None]
    later: Mapping[str, str]
    invite: bool
    lab: bool


def read_front_matter(table: Table) -> FrontMatter:
    """What is sound in the front matter; the faults of the rest are noted."""
    below = {key: "below a line [experiment]" for key in EXPERIMENT_KEYS if key not in _KEYS}
    table.allow(_KEYS, below)
    title = table.line("title", required='title = "…"')
    drafts = _read_experiments(table)
    names = Names(tuple(draft.program for draft in drafts))
    symbols, digits = _read_symbols(table, names), _read_digits(table)
    views = _read_views(table, drafts)
    experiments = [
        draft.finished(title, symbols, digits, () if place else views)
        for place, draft in enumerate(drafts)
    ]
    return FrontMatter(
        title=title,
        summary=table.line("summary"),
        experiments=tuple(filter(None, experiments)),
        known={draft.id: draft.experiment for draft in drafts},
        later=_read_later(table, names),
        invite=table.flag("invite") or False,
        lab=table.flag("lab") or False,
    )


@dataclass(frozen=True)
class Names:
    """The names of the values in some experiments; those that have faults have no program."""

    programs: tuple[Program | None, ...]

    def problem(self, name: str, others: Iterable[str] = ()) -> str:
        """What is wrong with a name that should be a value's or one of the others."""
        if None in self.programs:
            return ""
        known = [*others, *self.values]
        if name in known:
            return ""
        hint = suggestion(name, known) or (f" There are {', '.join(known)}." if known else "")
        return f"There is no value '{name}' in this lesson.{hint}"

    @property
    def values(self) -> tuple[str, ...]:
        found = (values_of(program) for program in self.programs if program)
        return tuple(dict.fromkeys(chain.from_iterable(found)))


# Experiments


@dataclass(frozen=True)
class Draft:
    """An experiment as far as it could be read; `experiment` is None where it has faults."""

    id: str
    title: str
    table: Table | None
    experiment: Experiment | None

    @property
    def program(self) -> Program | None:
        return self.experiment.program if self.experiment else None

    def finished(
        self,
        title: str,
        symbols: Mapping[str, str],
        digits: int | None,
        views: tuple[ViewSpec, ...],
    ) -> LessonExperiment | None:
        """With what the top part says for all experiments, and its views for this one."""
        if self.table is None:
            return None
        own = _read_symbols(self.table, Names((self.program,)))
        own_digits = _read_digits(self.table)
        views += read_views(self.table.tables("view"), self.program)
        diverges = self.table.flag("diverges") or False
        if self.experiment is None:
            return None
        program = self.experiment.program
        shared = {name: text for name, text in symbols.items() if name in values_of(program)}
        _check_different(self.table, program, shared | own)
        return LessonExperiment(
            id=self.id,
            title=self.title or title,
            experiment=self.experiment,
            symbols=shared | own,
            digits=digits if own_digits is None else own_digits,
            views=completed(views or chosen_views(program)),
            diverges=diverges,
        )


def _read_experiments(table: Table) -> list[Draft]:
    """The one [experiment], or every [[experiment]]."""
    key = "experiment"
    files = Files(table.report.source.path.parent)
    if not isinstance(table.values.get(key, {}), list):
        single = table.table(key, "[experiment]", name="[experiment]")
        if key not in table:
            return []
        return [Draft("1", "", single, read_experiment(single, files) if single else None)]
    drafts: list[Draft] = []
    for place, inner in enumerate(table.tables(key), start=1):
        if place > MOST_EXPERIMENTS:
            inner.refuse(None, f"{MOST_EXPERIMENTS} experiments are the most; delete some.")
            break
        id = _read_id(inner, str(place), [draft.id for draft in drafts])
        required = 'title = "…", a few words for the key e' if place > 1 else ""
        title = inner.line("title", required)
        drafts.append(Draft(id, title, inner, read_experiment(inner, files)))
    return drafts or [Draft("1", "", None, None)]


def _read_id(table: Table, number: str, taken: Sequence[str]) -> str:
    """An experiment's id, its number where none is given; "" where it has faults."""
    id = table.text("id") if "id" in table else number
    if id is None:
        return ""
    if not IDENTIFIER.fullmatch(id):
        table.refuse("id", f"'{id}' cannot be an id; use letters, digits and hyphens.")
    elif id in taken:
        message = f"Two experiments have the id '{id}'; give this one another."
        table.refuse("id" if "id" in table else None, message)
    else:
        return id
    return ""


# What else there is


def _read_symbols(table: Table, names: Names) -> dict[str, str]:
    symbols = table.table("symbols", 'symbols = { residual = "ε" }')
    if symbols is None:
        return {}
    for name in symbols.values:
        text = symbols.text(name)
        if name == LEARNING_RATE:
            symbols.refuse(name, "The learning rate is always drawn as η; leave this symbol out.")
        elif names.programs and (problem := names.problem(name)):
            symbols.refuse(name, problem)
        if text is not None and width(text) > WIDEST_SYMBOL:
            message = f"The symbol '{text}' is too wide; {WIDEST_SYMBOL} cells are the most."
            symbols.refuse(name, message)
        elif text is not None and (width(text.strip()) == 0 or "\n" in text or "\t" in text):
            symbols.refuse(
                name, f"The symbol of '{name}' has nothing to see or a line break in it."
            )
    return {name: text for name, text in symbols.values.items() if isinstance(text, str)}


def _check_different(table: Table, program: Program, symbols: Mapping[str, str]) -> None:
    """Note values of one experiment that would be drawn alike."""
    drawn = {LEARNING_RATE: "η"}
    for name in values_of(program):
        text = symbols.get(name, name)
        other = next((known for known, sign in drawn.items() if sign == text), None)
        if other is not None:
            own = table.places.keys.get((*table.path, "symbols", name)) is not None
            where = (*table.path, "symbols", name) if own else ("symbols", name)
            message = f"'{other}' and '{name}' are both drawn as {text}; give one another symbol."
            table.report.add(table.places.key(where), message)
        drawn[name] = text


def _read_digits(table: Table) -> int | None:
    return table.whole("digits", 1, MOST_DIGITS)


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


def _read_views(table: Table, drafts: Sequence[Draft]) -> tuple[ViewSpec, ...]:
    """The views at the top: those of the first experiment, and it alone."""
    tables = table.tables("view")
    if not drafts:
        for view in tables:
            view.refuse(None, "This lesson has no [experiment], so there is nothing to view.")
        return ()
    second = drafts[1].table if len(drafts) > 1 else None
    for view in tables:
        if second and view.offset() > second.offset():
            message = "[[view]] belongs to the first experiment; write [[experiment.view]] here."
            view.refuse(None, message)
    return read_views(tables, drafts[0].program)


def load(path: Path) -> Lesson:
    """Read a lesson file. Raises LessonError with all the faults of the file at once.

    Nothing in the file is executed; its formulas are checked by their shapes, not computed.
    """
    return read(read_source(path))


def read(source: Source) -> Lesson:
    """The same of a text that need not be saved; what lies beside its path is read."""
    reading = examine(source)
    reading.report.raise_if_any()
    assert reading.lesson is not None
    return reading.lesson


@dataclass(frozen=True)
class Reading:
    """What was found in a file: the lesson, unless its faults hide it, and its top part."""

    report: Report
    front: Table | None
    lesson: Lesson | None


def examine(source: Source) -> Reading:
    """The same with warnings, and as much as can be read where there are faults."""
    report = Report(source)
    check_name(report)
    parts = split(report.source, report)
    if parts is None:
        return Reading(report, None, None)
    front, body = parts
    table = read_toml(front, report, "the front matter")
    return Reading(report, table, _read(table, body, report))


def _read(table: Table | None, body: Excerpt, report: Report) -> Lesson | None:
    head = read_front_matter(table) if table else None
    scopes = Scopes(report, head.known if head else None)
    check_characters(body, report)
    prose = read_prose(body, head.title if head else "", scopes, report)
    if head is None:
        return None
    number, id = name_of(report.source.path)
    return Lesson(
        id=id,
        number=number,
        title=head.title,
        summary=head.summary,
        path=report.source.path,
        experiments=head.experiments,
        later=head.later,
        invite=head.invite,
        lab=head.lab,
        sections=prose.sections,
        predictions=prose.predictions,
        questions=prose.questions,
    )
