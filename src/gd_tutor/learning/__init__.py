"""Learning by predicting: what can be asked, what a wrong number means, where it leads."""

from gd_tutor.learning.answers import AnswerError, Tolerance, read_answer, stated
from gd_tutor.learning.explain import Explanation, Kind, Source, explain
from gd_tutor.learning.ghost import Ghost, Trail, run_rule
from gd_tutor.learning.hints import hints
from gd_tutor.learning.mistakes import Diagnosis, Outcome, diagnose, wrong_numbers
from gd_tutor.learning.nudges import Nudge, Nudges, nudges
from gd_tutor.learning.rule import Rule
from gd_tutor.learning.targets import Choice, Target, belongs, choices, target_of, targets

__all__ = [
    "AnswerError",
    "Choice",
    "Diagnosis",
    "Explanation",
    "Ghost",
    "Kind",
    "Nudge",
    "Nudges",
    "Outcome",
    "Rule",
    "Source",
    "Target",
    "Tolerance",
    "Trail",
    "belongs",
    "choices",
    "diagnose",
    "explain",
    "hints",
    "nudges",
    "read_answer",
    "run_rule",
    "stated",
    "target_of",
    "targets",
    "wrong_numbers",
]
