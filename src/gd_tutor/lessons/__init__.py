"""Lesson files: reading, checking, listing them."""

from gd_tutor.lessons.course import Course, CourseError, Entry, check, course_directory
from gd_tutor.lessons.fault import LessonError, LessonFault
from gd_tutor.lessons.lesson import (
    Block,
    Code,
    CodeBlock,
    Emphasis,
    Filled,
    Formula,
    Inline,
    Item,
    Lesson,
    Mistake,
    Paragraph,
    Prediction,
    Section,
    Strong,
    Text,
    View,
)
from gd_tutor.lessons.reader import load

__all__ = [
    "Block",
    "Code",
    "CodeBlock",
    "Course",
    "CourseError",
    "Emphasis",
    "Entry",
    "Filled",
    "Formula",
    "Inline",
    "Item",
    "Lesson",
    "LessonError",
    "LessonFault",
    "Mistake",
    "Paragraph",
    "Prediction",
    "Section",
    "Strong",
    "Text",
    "View",
    "check",
    "course_directory",
    "load",
]
