"""Time that only moves when told to."""

from __future__ import annotations

__all__ = ["VirtualClock"]


class VirtualClock:
    """Monotonic seconds for `now=`; hours pass in no time."""

    def __init__(self, start: float = 1000.0) -> None:
        self._now = start

    def __call__(self) -> float:
        """Give the present second."""
        return self._now

    def advance(self, seconds: float) -> float:
        """Move on and give the new present. Raises `ValueError` for a negative step."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._now += seconds
        return self._now
