"""Errors that a user can mend."""


class UserError(Exception):
    """The message is one sentence that says what is wrong and what to do next."""
