"""The screens, on Textual."""

from gd_tutor.tui.app import TutorApp

__all__ = ["TutorApp"]
