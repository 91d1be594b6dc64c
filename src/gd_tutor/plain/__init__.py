"""The course as lines of text, to be listened to or read on any terminal."""
