"""A learner at work: a lesson, its run, its pictures, and where they left off."""

from gd_tutor.session.progress import Progress
from gd_tutor.session.session import Session

__all__ = ["Progress", "Session"]
