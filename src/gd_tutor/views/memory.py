"""Making a thing once for as long as what it is made of stays the same."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """Remembers the last thing made, and what it was made of."""

    def __init__(self) -> None:
        self._last: tuple[Hashable, T] | None = None

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """The last thing again where the key is the same, else a new one."""
        if self._last is None or self._last[0] != key:
            self._last = key, make()
        return self._last[1]
