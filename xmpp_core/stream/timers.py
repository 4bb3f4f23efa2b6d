"""The deadlines of one connection. Time comes in as an argument; here it is only compared."""

from __future__ import annotations

import enum

__all__ = ["Timer", "Timers"]


class Timer(enum.Enum):
    """What is waited for. The order is the order in which timers due at once are served."""

    QUESTION = "question"
    NEGOTIATION = "negotiation"
    CLOSE = "close"
    SILENCE = "silence"
    PROBE = "probe"
    KEEPALIVE = "keepalive"
    EXTENSION = "extension"


class Timers:
    """When each timer fires, with the earliest at hand."""

    __slots__ = ("_due", "_earliest")

    def __init__(self) -> None:
        self._due: dict[Timer, float] = {}
        self._earliest: float | None = None

    @property
    def earliest(self) -> float | None:
        """Monotonic seconds of the next deadline, None when nothing is waited for."""
        return self._earliest

    def set(self, timer: Timer, when: float | None) -> None:
        """Arm a timer, or disarm it with None."""
        if when is None:
            self._due.pop(timer, None)
        else:
            self._due[timer] = when
        self._earliest = min(self._due.values(), default=None)

    def armed(self, timer: Timer) -> bool:
        """Whether the timer is set."""
        return timer in self._due

    def due(self, now: float) -> list[Timer]:
        """Take the timers that have fired, most pressing first."""
        if self._earliest is None or now < self._earliest:
            return []
        fired = [timer for timer in Timer if timer in self._due and self._due[timer] <= now]
        for timer in fired:
            del self._due[timer]
        self._earliest = min(self._due.values(), default=None)
        return fired

    def clear(self) -> None:
        """Disarm everything."""
        self._due.clear()
        self._earliest = None

    def remaining(self, now: float) -> dict[str, float]:
        """Give the seconds left of each timer, for a snapshot."""
        return {timer.value: when - now for timer, when in self._due.items()}

    def restore(self, remaining: dict[str, float], now: float) -> None:
        """Arm what a snapshot held, counted from `now`."""
        self._due = {Timer(name): now + left for name, left in remaining.items()}
        self._earliest = min(self._due.values(), default=None)
