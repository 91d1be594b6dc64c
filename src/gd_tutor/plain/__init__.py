"""The course as lines of text, to be heard or read on any terminal."""
