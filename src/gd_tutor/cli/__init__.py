"""The command line, which starts fast as it imports neither Textual nor NumPy."""

from gd_tutor.cli.main import main

__all__ = ["main"]
