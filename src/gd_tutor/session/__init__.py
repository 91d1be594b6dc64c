"""A learner at work: a lesson, its run, its pictures, its pages, and what every key does.

Import `Session` from `gd_tutor.session.session`: it needs NumPy, which a first frame does not.
"""

from gd_tutor.session.opening import begin, open_or_else, unseen_in, way_back
from gd_tutor.session.visits import Visits

__all__ = ["Visits", "begin", "open_or_else", "unseen_in", "way_back"]
