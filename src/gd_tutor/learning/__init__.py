"""Learning by predicting: what can be asked, what a wrong number means, where it leads."""

from gd_tutor.learning.answers import AnswerError, Tolerance, in_thousands, read_answer, stated
from gd_tutor.learning.diagnosis import AnswerKey, Diagnosis, Outcome
from gd_tutor.learning.explain import Explanation, Kind, Source, explain
from gd_tutor.learning.ghost import Ghost, Trail, run_rule
from gd_tutor.learning.hints import hints
from gd_tutor.learning.nudges import Nudge, Nudges, nudges
from gd_tutor.learning.replies import reply
from gd_tutor.learning.rule import Rule
from gd_tutor.learning.targets import Choice, Target, belongs, choices, target_of, targets

__all__ = [
    "AnswerError",
    "AnswerKey",
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
    "explain",
    "hints",
    "in_thousands",
    "nudges",
    "read_answer",
    "reply",
    "run_rule",
    "stated",
    "target_of",
    "targets",
]
