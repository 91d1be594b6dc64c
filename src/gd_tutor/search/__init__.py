"""Many runs at once: which learning rates are good, and where other starts lead."""
