"""The pictures of a session: which are shown, and which other runs stand in them."""

from collections.abc import Sequence

from gd_tutor.lessons import ViewSpec
from gd_tutor.notation.formulas import Notation
from gd_tutor.session.comparing import Beside
from gd_tutor.training import Training
from gd_tutor.views import LossView, View, make_view


class Pictures:
    """The pictures go round, beginning with the one numbered `first`."""

    def __init__(self) -> None:
        self.views: list[View] = []
        self.first = 0
        self.beside = Beside()
        self._wanted: Sequence[ViewSpec] = ()

    def show(self, wanted: Sequence[ViewSpec], notation: Notation) -> None:
        """Make the views of an experiment; those of the same one look as they did before."""
        same = wanted is self._wanted
        logs = [is_log(view) for view in self.views] if same else [False] * len(wanted)
        self.first, self._wanted = self.first if same else 0, wanted
        self.views = [make_view(view.kind, notation, view.of, view.over) for view in wanted]
        for view, log in zip(self.views, logs, strict=True):
            if isinstance(view, LossView):
                view.log = log

    def look_beside(self, training: Training | None) -> None:
        """Let the pictures show what stands beside the present run."""
        others = self.beside.runs(training) if training is not None else ()
        for view in self.views:
            view.others = others

    def at(self, place: int) -> View | None:
        """The view shown at a place on the screen, if there are views."""
        return self.views[(self.first + place) % len(self.views)] if self.views else None

    def next(self) -> None:
        """The pictures go round by one."""
        self.first = (self.first + 1) % max(len(self.views), 1)

    def toggle_log(self) -> str:
        """The loss axis linear or logarithmic; a sentence that says which, if there is one."""
        said = ""
        for view in self.views:
            if isinstance(view, LossView):
                view.log = not view.log
                said = f"The loss axis is {'logarithmic' if view.log else 'linear'}."
        return said


def is_log(view: View) -> bool:
    """Whether a view's loss axis is logarithmic."""
    return isinstance(view, LossView) and view.log
