"""Following runs to their end, a slice at a time, for whoever tries many of them."""

from collections.abc import Iterator

from gd_tutor.program import LEARNING_RATE, Program
from gd_tutor.training import Training, loss_of

MANY = 100_000_000
"""Numbers that one run may compute: with more of them in an update it gets fewer updates."""
FEWEST = 10
SLICE = 5_000_000
"""Numbers computed between two looks at the keyboard: some hundredths of a second."""


def affordable(run: Training, updates: int) -> int:
    """That many updates, or a round number of fewer where a step is slow, or a run large."""
    most = MANY // run.program.size
    round_numbers = [n for n in (500, 200, 100, 50, 20) if n <= min(most, updates)]
    count = updates if most >= updates else max([*round_numbers, FEWEST])
    return min(count, run.last.iteration)


def stride(program: Program) -> int:
    """How many updates there is time for between two looks at the keyboard."""
    return max(SLICE // program.size, 1)


def afresh(training: Training) -> Training:
    """A run of the same experiment, with its choices and changes, from its start."""
    changes = [change for change in training.changes if change.name != LEARNING_RATE]
    run = Training(training.experiment, changes)
    run.change(LEARNING_RATE, training.learning_rate)
    return run


def follow(run: Training, updates: int) -> Iterator[None]:
    """Take a run to its loss after so many updates, or to where it diverges, slice by slice."""
    some = stride(run.program)
    for done in (*range(some, updates, some), updates):
        run.go_to(loss_of(done))
        if run.position != loss_of(done):
            return
        yield
