"""The views: a run in, rows of text out."""
