"""What the tutor runs in, and how it draws there; all of it before Textual is imported."""
