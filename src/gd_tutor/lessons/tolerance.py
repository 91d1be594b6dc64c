"""How close a typed number has to be to count as right."""

import math
from dataclasses import dataclass

RELATIVE = 0.005
"""Half a percent: every number rounded to three significant digits is closer than that."""

NOTHING = 1e-12
"""A number as small as that is what rounding leaves of 0."""
_DUST = 1e-9
"""What binary fractions add: 0.1 + 0.2 lies within 0 of 0.3."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Within half a percent of the truth; or within a distance that the lesson gives."""

    within: float | None = None

    def distance(self, truth: float) -> float:
        """How far from the truth a number may lie."""
        if self.within is not None:
            return self.within + _DUST * max(abs(truth), 1.0)
        return max((RELATIVE + _DUST) * abs(truth), NOTHING)

    def accepts(self, truth: float, typed: float) -> bool:
        """Whether a number counts as the truth; what is not finite never does."""
        if not (math.isfinite(truth) and math.isfinite(typed)):
            return False
        return abs(typed - truth) <= self.distance(truth)
