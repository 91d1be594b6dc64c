"""A learner at work: a lesson, its run, its pictures, and where they left off.

Import `Session` from `gd_tutor.session.session`: it needs NumPy, which `Progress` does not.
"""

from gd_tutor.progress import Place, Progress
from gd_tutor.session.opening import open_or_else

__all__ = ["Place", "Progress", "open_or_else"]
