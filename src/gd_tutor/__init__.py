"""gd-tutor: learn how AI training works in your terminal, one key at a time."""

__version__ = "0.1.0"
