"""The arithmetic worked out: formulas with their numbers put in, and words for what happened."""

from gd_tutor.worked.lines import WorkedLine, worked_phase
from gd_tutor.worked.sentences import happened
from gd_tutor.worked.trace import trace_data, trace_text

__all__ = ["WorkedLine", "happened", "trace_data", "trace_text", "worked_phase"]
