"""Lesson files to lessons, every fault with its place."""
