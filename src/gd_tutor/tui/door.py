"""Names imported at their first use, so that the first frame comes fast.

`door.Session` is the class of `gd_tutor.session.lesson_session`, imported only when it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gd_tutor.session.late import names_behind

if TYPE_CHECKING:
    from gd_tutor.course.lesson import Filled as Filled
    from gd_tutor.engine.learning_rates import stride as stride
    from gd_tutor.engine.training import Training as Training
    from gd_tutor.pictures.view import View as View
    from gd_tutor.questions.open_question import OpenQuestion as OpenQuestion
    from gd_tutor.session.choices import EXPERIMENTS as EXPERIMENTS
    from gd_tutor.session.choices import MENUS as MENUS
    from gd_tutor.session.explain_page import InText as InText
    from gd_tutor.session.explain_page import Subject as Subject
    from gd_tutor.session.explain_page import of_view as of_view
    from gd_tutor.session.explain_page import present as present
    from gd_tutor.session.field_keys import paste as paste
    from gd_tutor.session.field_keys import press as press
    from gd_tutor.session.field_keys import refuse as refuse
    from gd_tutor.session.lesson_session import Session as Session
    from gd_tutor.session.pages import EndPage as EndPage
    from gd_tutor.session.pages import QuestionPage as QuestionPage
    from gd_tutor.session.worked_lines import WorkedEntry as WorkedEntry
    from gd_tutor.session.worked_lines import entries as entries
    from gd_tutor.tui.list_pages import ChoicesPage as ChoicesPage
    from gd_tutor.tui.list_pages import ComparePage as ComparePage
    from gd_tutor.tui.list_pages import ExportPage as ExportPage
    from gd_tutor.tui.list_pages import MapPage as MapPage
    from gd_tutor.tui.page import Chosen as Chosen
    from gd_tutor.tui.page import ExplainPage as ExplainPage
    from gd_tutor.tui.page import HelpPage as HelpPage
    from gd_tutor.tui.palette import Palette as Palette
    from gd_tutor.tui.palette import PaletteEntries as PaletteEntries
    from gd_tutor.tui.search_pages import RatesPage as RatesPage
    from gd_tutor.tui.search_pages import StartsPage as StartsPage
else:
    BEHIND = {
        "Filled": "course.lesson",
        "stride": "engine.learning_rates",
        "Training": "engine.training",
        "View": "pictures.view",
        "OpenQuestion": "questions.open_question",
        "EXPERIMENTS": "session.choices",
        "MENUS": "session.choices",
        "InText": "session.explain_page",
        "Subject": "session.explain_page",
        "of_view": "session.explain_page",
        "present": "session.explain_page",
        "paste": "session.field_keys",
        "press": "session.field_keys",
        "refuse": "session.field_keys",
        "Session": "session.lesson_session",
        "EndPage": "session.pages",
        "QuestionPage": "session.pages",
        "WorkedEntry": "session.worked_lines",
        "entries": "session.worked_lines",
        "ChoicesPage": "tui.list_pages",
        "ComparePage": "tui.list_pages",
        "ExportPage": "tui.list_pages",
        "MapPage": "tui.list_pages",
        "Chosen": "tui.page",
        "ExplainPage": "tui.page",
        "HelpPage": "tui.page",
        "Palette": "tui.palette",
        "PaletteEntries": "tui.palette",
        "RatesPage": "tui.search_pages",
        "StartsPage": "tui.search_pages",
    }
    """The module of each name, for the import at run time."""

    __getattr__ = names_behind(BEHIND, globals())
