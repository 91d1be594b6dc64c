"""A run to take home."""
