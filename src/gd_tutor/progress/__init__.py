"""The saved place and the log of answers, kept on this machine only."""
