"""Training: a run of a lesson's program, forward, backward, update, and back again."""

from typing import TYPE_CHECKING, Any

from gd_tutor.training.batches import Batches
from gd_tutor.training.choices import KINDS, check_choice
from gd_tutor.training.experiment import Change, Experiment, Random
from gd_tutor.training.options import Option, options
from gd_tutor.training.phases import BEGINNING, PHASES, Phase, Position, loss_of
from gd_tutor.training.state import State, StateError, check_changes, parse_state, parse_tensor
from gd_tutor.training.tensors import tensor_of

if TYPE_CHECKING:
    from gd_tutor.training.training import Divergence, OutOfTurn, RunEnded, Training

__all__ = [
    "BEGINNING",
    "KINDS",
    "PHASES",
    "Batches",
    "Change",
    "Divergence",
    "Experiment",
    "Option",
    "OutOfTurn",
    "Phase",
    "Position",
    "Random",
    "RunEnded",
    "State",
    "StateError",
    "Training",
    "check_changes",
    "check_choice",
    "loss_of",
    "options",
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
