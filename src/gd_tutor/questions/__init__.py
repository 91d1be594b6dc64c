"""Questions, the misconceptions behind wrong answers, hints and explanations."""
