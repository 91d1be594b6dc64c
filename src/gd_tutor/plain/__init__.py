"""The course as lines of text, to be listened to or read on any terminal, however plain."""

from gd_tutor.plain.reader import Reader

__all__ = ["Reader"]
