"""The views: each kind of picture one class in one file, fed by a run."""

from collections.abc import Sequence

from gd_tutor.notation.formulas import Notation
from gd_tutor.pictures.bars import BarsView
from gd_tutor.pictures.contours import ContoursView
from gd_tutor.pictures.curve import CurveView, SlicesView
from gd_tutor.pictures.loss import LossView
from gd_tutor.pictures.matrices import MatricesView
from gd_tutor.pictures.parameters import ParametersView
from gd_tutor.pictures.squares import SquaresView
from gd_tutor.pictures.view import View

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
    """The view of that kind. Raises KeyError for an unknown kind."""
    return KINDS[kind](notation, of, over)
