"""One learner in one lesson: what every key does, apart from how it is shown."""
