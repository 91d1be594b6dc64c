"""Training: a run of a lesson's program, forward, backward, update, and back again."""

from gd_tutor.training.experiment import Change, Experiment
from gd_tutor.training.phases import BEGINNING, PHASES, Phase, Position
from gd_tutor.training.state import State, StateError, parse_state, parse_tensor, tensor_of
from gd_tutor.training.training import Diverged, Divergence, OutOfTurn, Training

__all__ = [
    "BEGINNING",
    "PHASES",
    "Change",
    "Diverged",
    "Divergence",
    "Experiment",
    "OutOfTurn",
    "Phase",
    "Position",
    "State",
    "StateError",
    "Training",
    "parse_state",
    "parse_tensor",
    "tensor_of",
]
