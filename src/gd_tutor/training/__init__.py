"""Training: a run of a lesson's program, forward, backward, update, and back again."""

from typing import TYPE_CHECKING, Any

from gd_tutor.training.experiment import Change, Experiment
from gd_tutor.training.phases import BEGINNING, PHASES, Phase, Position, loss_of
from gd_tutor.training.state import State, StateError, parse_state, parse_tensor, tensor_of

if TYPE_CHECKING:
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
    "loss_of",
    "parse_state",
    "parse_tensor",
    "tensor_of",
]


def __getattr__(name: str) -> Any:
    # What computes needs NumPy, which takes as long to import as a tenth of a second: whoever only
    # reads lessons, or shows a first screen, does without it.
    if name in __all__:
        from gd_tutor.training import training

        return getattr(training, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
