"""The formulas of a lesson's experiments, by the experiments' ids."""

from collections.abc import Mapping

from gd_tutor.lessons.fault import Report
from gd_tutor.lessons.formulas import Formulas
from gd_tutor.program import suggestion
from gd_tutor.training import Experiment


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
