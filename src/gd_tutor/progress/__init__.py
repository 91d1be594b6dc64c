"""What a learner has done and where they are, kept on this machine only."""

from gd_tutor.progress.event import Event, Kind, Record
from gd_tutor.progress.progress import Bookmark, Progress, parse_bookmark
from gd_tutor.progress.spacing import due
from gd_tutor.progress.standing import MARKS, Standing, items, right_items, standing, standings

__all__ = [
    "MARKS",
    "Bookmark",
    "Event",
    "Kind",
    "Progress",
    "Record",
    "Standing",
    "due",
    "items",
    "parse_bookmark",
    "right_items",
    "standing",
    "standings",
]
