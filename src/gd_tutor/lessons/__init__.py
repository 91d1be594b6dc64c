"""Lesson files: reading, checking, listing them."""

from typing import TYPE_CHECKING, Any

from gd_tutor.lessons.course import Course, CourseError, Entry, course_directory
from gd_tutor.lessons.fault import LessonError, LessonFault

if TYPE_CHECKING:
    from gd_tutor.lessons.inspection import check
    from gd_tutor.lessons.lesson import (
        AnswerOption,
        Block,
        ChoicePrediction,
        ChoiceQuestion,
        Code,
        CodeBlock,
        Emphasis,
        Filled,
        FindQuestion,
        Formula,
        Inline,
        Lesson,
        LessonExperiment,
        ListItem,
        Mistake,
        NumberQuestion,
        Paragraph,
        Prediction,
        Question,
        Section,
        Settings,
        Strong,
        Text,
        ViewSpec,
        Words,
    )
    from gd_tutor.lessons.reader import load

__all__ = [
    "AnswerOption",
    "Block",
    "ChoicePrediction",
    "ChoiceQuestion",
    "Code",
    "CodeBlock",
    "Course",
    "CourseError",
    "Emphasis",
    "Entry",
    "Filled",
    "FindQuestion",
    "Formula",
    "Inline",
    "Lesson",
    "LessonError",
    "LessonExperiment",
    "LessonFault",
    "ListItem",
    "Mistake",
    "NumberQuestion",
    "Paragraph",
    "Prediction",
    "Question",
    "Section",
    "Settings",
    "Strong",
    "Text",
    "ViewSpec",
    "Words",
    "check",
    "course_directory",
    "load",
]


def __getattr__(name: str) -> Any:
    # The list of lessons, all that a first frame needs, does without what reads a whole one.
    if name in __all__:
        from gd_tutor.lessons import inspection, lesson, reader

        functions = {"load": reader.load, "check": inspection.check}
        return functions.get(name) or getattr(lesson, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
