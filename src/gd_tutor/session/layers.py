"""A backward under way: how many of its layers are shown."""

from dataclasses import dataclass


@dataclass
class Layers:
    """So many layers are `shown`, the last one first; as many as were `seen` can be shown again."""

    shown: int = 0
    seen: int = 0

    def show(self, count: int) -> None:
        """Show so many from now on."""
        self.shown = count
        self.seen = max(self.seen, count)
