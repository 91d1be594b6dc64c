"""Which characters a typed number is made of."""

_NUMBER_SIGNS = frozenset("0123456789.,/+-eE")


def belongs_to_answer(text: str) -> bool:
    """Whether every character can be part of a number: digits and signs of any width."""
    return bool(text) and all(
        char in _NUMBER_SIGNS or (not char.isascii() and not char.isalpha() and char.isprintable())
        for char in text
    )
