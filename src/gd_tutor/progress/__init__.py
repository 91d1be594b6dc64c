"""What a learner has done and where they are, kept on this machine only."""

from gd_tutor.progress.event import Event, Kind, Record
from gd_tutor.progress.progress import Place, Progress, state_folder
from gd_tutor.progress.spacing import Asked, due, missed
from gd_tutor.progress.standing import MARKS, Standing, items, standing, standings

__all__ = [
    "MARKS",
    "Asked",
    "Event",
    "Kind",
    "Place",
    "Progress",
    "Record",
    "Standing",
    "due",
    "items",
    "missed",
    "standing",
    "standings",
    "state_folder",
]
