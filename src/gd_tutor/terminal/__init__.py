"""The tutor's surroundings and how it draws in them, decided before Textual is imported."""
