"""Learning by answering: what is asked, what an answer means, and what was said to it."""
