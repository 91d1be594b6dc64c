"""The pictures of a session, and the other runs drawn in them beside the present one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gd_tutor.course.lesson import ViewSpec
from gd_tutor.engine.experiment import Change, Experiment
from gd_tutor.engine.program import LEARNING_RATE
from gd_tutor.engine.training import Training
from gd_tutor.engine.trajectory import MOST_BYTES
from gd_tutor.notation.formulas import Notation
from gd_tutor.pictures.kinds import make_view
from gd_tutor.pictures.loss import LossView
from gd_tutor.pictures.other_runs import OtherRun
from gd_tutor.pictures.view import View
from gd_tutor.questions.what_if import WhatIfRun, run_rule
from gd_tutor.questions.wrong_rule import Rule
from gd_tutor.session.choices import BUG, EXPERIMENT, NO_BUG, in_words
from gd_tutor.session.notices import NO_RULE

MOST_KEPT = 6
WHAT_IF_STEPS = 20
"""The number of updates for which a wrong rule is followed."""
SAME_WAY = 0.9999
"""The cosine of an angle just below one degree; such steps are taken as parallel."""


@dataclass(frozen=True, eq=False)
class Kept:
    """A run kept for comparison; `experiment` is the id of its experiment."""

    own_settings: str
    experiment: str
    run: OtherRun
    updates: int

    @property
    def settings(self) -> str:
        """The settings that set it apart, as labelled in the pictures."""
        return self.run.label

    @property
    def final_loss(self) -> float:
        """The last known loss; NaN where there is none."""
        return float(self.run.losses[-1]) if len(self.run.losses) else float("nan")

    @property
    def has_end(self) -> bool:
        """Whether its last loss is a finite number."""
        return not self.run.diverged and len(self.run.losses) > 0

    def end(self, notation: Notation) -> str:
        """Its last loss, or a word where there is none."""
        if self.run.diverged:
            return "diverged"
        return notation.number(self.final_loss) if len(self.run.losses) else "none yet"

    def iterations_to(self, loss: float) -> int | None:
        """The first iteration with a loss no larger than `loss`; None if it was not reached."""
        reached = np.flatnonzero(self.run.losses <= loss)
        return int(reached[0]) if len(reached) else None


Round = tuple[Experiment, tuple[Change, ...], int]
"""An experiment, the changes made to it, and the number of updates done."""


def round_of(training: Training) -> Round:
    """The experiment, changes and number of updates, which stay the same within one iteration."""
    return training.experiment, training.changes, training.position.updates


@dataclass
class OtherRuns:
    """The runs drawn beside the present run: kept runs, a what-if run, the run without its bug."""

    kept: list[Kept] = field(default_factory=list)
    what_if: WhatIfRun | None = None
    _what_if_at: Round | None = None
    _sound: Training | None = None

    def runs(self, training: Training) -> tuple[OtherRun, ...]:
        """All of them, for the pictures; a what-if run ends with the iteration it began in."""
        if self.what_if is not None and self._what_if_at != round_of(training):
            self.what_if = None
        runs = [kept.run for kept in self.kept]
        runs += what_if_runs(self.what_if) if self.what_if is not None else []
        runs += self._without_bug(training)
        return tuple(runs)

    def keep(self, training: Training, notation: Notation) -> str:
        """Keep a run up to its present point; return a sentence that says so, or why not."""
        if len(self.kept) == MOST_KEPT:
            return f"{MOST_KEPT} runs are kept; forget one first in the table (`K`)."
        if not training.position.forwards:
            return "There is no run to keep yet: it begins with `f`."
        if sum(kept.run.size for kept in self.kept) + training.history.size > MOST_BYTES:
            return "There is no room for a run of this length; a shorter one can be kept."
        self.kept = self.compared(training, notation)
        said = self.kept[-1].settings
        return f"Kept as run {len(self.kept)}: {said}. Change something, and run again."

    def forget(self, place: int) -> None:
        """Remove a kept run."""
        self.kept = told_apart([*self.kept[:place], *self.kept[place + 1 :]])

    def compared(self, training: Training, notation: Notation) -> list[Kept]:
        """The kept runs and the present one."""
        return told_apart([*self.kept, kept_run(training, notation)])

    def follow(self, rule: Rule | None, training: Training, notation: Notation) -> str:
        """Start or end the what-if run of a wrong rule; return a sentence about it."""
        if self.what_if is not None and rule in (None, self.what_if.rule):
            self.what_if = None
            return "Only the right rule is shown again."
        if rule is None:
            return NO_RULE
        self.what_if, self._what_if_at = run_rule(rule, training, WHAT_IF_STEPS), round_of(training)
        return what_if_sentence(self.what_if, notation)

    def _without_bug(self, training: Training) -> list[OtherRun]:
        """The same run without its bug, up to the same position."""
        if training.choices.get(BUG, NO_BUG) == NO_BUG:
            self._sound = None
            return []
        sound = self._sound
        experiment = training.experiment.with_choices({BUG: NO_BUG})
        if sound is None or (sound.experiment, sound.changes) != (experiment, training.changes):
            sound = self._sound = Training(experiment, training.changes)
        sound.go_to(training.position)
        return [OtherRun.of("without the bug", sound)] if sound.position.forwards else []


def kept_run(training: Training, notation: Notation) -> Kept:
    """The run so far, ready to be kept."""
    label = settings_of(training, notation)
    experiment = training.choices.get(EXPERIMENT, "")
    return Kept(label, experiment, OtherRun.of(label, training), training.position.updates)


def told_apart(kept: Sequence[Kept]) -> list[Kept]:
    """The runs, labelled with their experiments where these differ."""
    several = len({one.experiment for one in kept}) > 1
    found = []
    for one in kept:
        label, name = one.own_settings, one.experiment
        if several and name and name not in label.replace(",", "").split():
            label = f"{label}, {name}"
        same = label == one.run.label  # the same object is drawn only once
        found.append(one if same else replace(one, run=replace(one.run, label=label)))
    return found


def what_if_runs(what_if: WhatIfRun) -> list[OtherRun]:
    """The what-if run and the right run, from where the rule was tried."""
    trails = {"your rule": what_if.wrong, "the right rule": what_if.right}
    return [
        OtherRun(label, what_if.updates, trail.parameters, trail.losses, trail.diverged)
        for label, trail in trails.items()
    ]


def settings_of(training: Training, notation: Notation) -> str:
    """A run's choices, changes and learning rate; the unusual comes first, as labels are cut off.

    A changed rate, or an optimizer's, counts as unusual; the experiment's own does not.
    """
    experiment, rate = training.experiment, training.learning_rate
    choices = dict(experiment.choices)
    optimizer = "".join(in_words({"optimizer": choices.pop("optimizer", "")}))
    words = in_words(choices)
    words += [
        f"{notation.name(change.name)} {notation.value(change.value, few=2)}"
        for change in training.changes
        if change.name != LEARNING_RATE
    ]
    special = optimizer or rate != experiment.learning_rate
    label = f"{optimizer or notation.name(LEARNING_RATE)} {notation.number(rate)}"
    return ", ".join([label, *words] if special else [*words, label])


def what_if_sentence(what_if: WhatIfRun, notation: Notation) -> str:
    """Where the wrong rule leads, and where the right one does."""
    trails = (what_if.wrong, what_if.right)
    if not all(len(trail.losses) for trail in trails):
        return "From here there is nothing to run."
    finite = [float(trail.losses[-1]) for trail in trails if not trail.diverged]
    start, *written = notation.row([float(what_if.wrong.losses[0]), *finite])
    losses = iter(written)
    wrong, right = (
        "it diverges" if trail.diverged else f"it is {next(losses)}" for trail in trails
    )
    updates = len(what_if.right.losses) - 1
    after = "1 update" if updates == 1 else f"{updates} updates"
    told = (
        f"With your rule the loss starts at {start}, and after {after} {wrong}; "
        f"with the right one {right}."
    )
    return f"{told} {_why_ahead(what_if, notation)}" if what_if.wrong_is_ahead else told


def _why_ahead(what_if: WhatIfRun, notation: Notation) -> str:
    """What to notice where the wrong rule has the lower loss."""
    turn, ratio = what_if.first_steps
    if turn < SAME_WAY:
        return (
            "That yours is ahead proves nothing: its first step goes another way than the slopes "
            "say. Look at the path, and try other starts with `s`."
        )
    longer, larger = ("longer", "larger") if ratio > 1 else ("shorter", "smaller")
    times = notation.number(float(f"{max(ratio, 1 / ratio):.2g}"))
    eta = notation.name(LEARNING_RATE)
    return (
        f"Yours is ahead because its steps are {times} times {longer}, as with a {larger} {eta}: "
        f"give the right rule that {eta} with {'`+`' if ratio > 1 else '`-`'}, and compare again."
    )


class Pictures:
    """The pictures, shown in rotation from the one numbered `first`."""

    def __init__(self) -> None:
        self.views: list[View] = []
        self.first = 0
        self.beside = OtherRuns()
        self._wanted: Sequence[ViewSpec] = ()

    def show(self, wanted: Sequence[ViewSpec], notation: Notation) -> None:
        """Make the views of an experiment; for the same experiment keep log axes and rotation."""
        same = wanted is self._wanted
        logs = [is_log(view) for view in self.views] if same else [False] * len(wanted)
        self.first, self._wanted = self.first if same else 0, wanted
        self.views = [make_view(view.kind, notation, view.of, view.over) for view in wanted]
        for view, log in zip(self.views, logs, strict=True):
            if isinstance(view, LossView):
                view.log = log

    def update_other_runs(self, training: Training | None) -> None:
        """Give the pictures the runs to draw beside the present one."""
        others = self.beside.runs(training) if training is not None else ()
        for view in self.views:
            view.others = others

    def at(self, place: int) -> View | None:
        """The view at a place on the screen; None where there are no views."""
        return self.views[(self.first + place) % len(self.views)] if self.views else None

    def follow(self, rule: Rule | None, training: Training | None, notation: Notation) -> str:
        """Start or end the what-if run of a wrong rule; return a sentence about it."""
        if training is None:
            return NO_RULE
        said = self.beside.follow(rule, training, notation)
        self.update_other_runs(training)
        return said

    def forget(self, place: int, training: Training | None) -> None:
        """Remove a kept run."""
        self.beside.forget(place)
        self.update_other_runs(training)

    def next(self) -> None:
        """Rotate the pictures by one."""
        self.first = (self.first + 1) % max(len(self.views), 1)

    def toggle_log(self) -> str:
        """Switch the loss axis between linear and logarithmic; return a sentence about it."""
        said = ""
        for view in self.views:
            if isinstance(view, LossView):
                view.log = not view.log
                said = f"The loss axis is {'logarithmic' if view.log else 'linear'}."
        return said


def is_log(view: View) -> bool:
    """Whether a view's loss axis is logarithmic."""
    return isinstance(view, LossView) and view.log
