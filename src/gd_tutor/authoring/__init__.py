"""A lab of one's own: what is typed into fields, and the lesson file that it becomes."""
