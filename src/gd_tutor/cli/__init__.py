"""The command line. Importing it imports neither Textual nor NumPy: start-up time is a feature."""

from gd_tutor.cli.main import main

__all__ = ["main"]
