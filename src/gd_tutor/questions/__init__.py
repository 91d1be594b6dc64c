"""What is asked, the misconceptions behind wrong answers, hints and explanations."""
