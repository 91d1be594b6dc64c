"""Making a thing once for as long as what it is made of stays the same."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Memory:
    """Remembers the last thing made of each name, and what it was made of."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[Hashable, Any]] = {}

    def of(self, name: str, key: Hashable, make: Callable[[], T]) -> T:
        """The last thing of that name again where the key is the same, else a new one."""
        if name not in self._last or self._last[name][0] != key:
            self._last[name] = key, make()
        made: T = self._last[name][1]
        return made
