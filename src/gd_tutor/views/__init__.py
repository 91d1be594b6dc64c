"""The views: each kind of picture one class in one file, fed by a run."""

from collections.abc import Sequence

from gd_tutor.notation.formulas import Notation
from gd_tutor.views.bars import BarsView
from gd_tutor.views.base import View
from gd_tutor.views.contours import ContoursView
from gd_tutor.views.curve import CurveView
from gd_tutor.views.loss import LossView
from gd_tutor.views.matrices import MatricesView
from gd_tutor.views.other import OtherRun
from gd_tutor.views.parameters import ParametersView
from gd_tutor.views.slices import SlicesView
from gd_tutor.views.squares import SquaresView

KINDS: dict[str, type[View]] = {
    view.kind: view
    for view in (
        BarsView,
        SquaresView,
        CurveView,
        SlicesView,
        ContoursView,
        MatricesView,
        ParametersView,
        LossView,
    )
}


def make_view(
    kind: str, notation: Notation, of: Sequence[str] = (), over: Sequence[str] = ()
) -> View:
    """The view of that kind; KeyError where there is none."""
    return KINDS[kind](notation, of, over)


__all__ = ["KINDS", "LossView", "OtherRun", "View", "make_view"]
