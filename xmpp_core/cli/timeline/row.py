"""What a timeline is made of, and what sums it up."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from ...namespaces import CLIENT, COMPONENT, SERVER
from ...stream.context import Side

__all__ = ["NAMES", "Level", "Row", "Summary"]

NAMES: Final = {
    CLIENT: {Side.INITIATING: "client", Side.RECEIVING: "server"},
    SERVER: {Side.INITIATING: "initiating", Side.RECEIVING: "receiving"},
    COMPONENT: {Side.INITIATING: "component", Side.RECEIVING: "server"},
}
"""What the sides are called, by content namespace (RFC 6120 section 4.8.2)."""


class Level(enum.Enum):
    """How good a row is."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was said (`side` says who) or happened (`side` is None)."""

    at: float | None
    """Seconds, None where no time is on record."""
    side: Side | None
    words: str
    section: str = ""
    text: str = ""
    """The element as text, secrets cut."""
    state: str = ""
    """What the stream has reached by it."""
    level: Level = Level.PLAIN
    element: str = ""
    """Clark name."""
    position: int | None = None
    """Octets of the direction before what is at fault."""

    def json(self, names: dict[Side, str]) -> dict[str, Any]:
        """Give it as plain data, what is empty left out."""
        row: dict[str, Any] = {"row": "said" if self.side else "happened"}
        if self.at is not None:
            row["at"] = self.at
        if self.side is not None:
            row["from"] = names[self.side]
        row["words"] = self.words
        for name in ("section", "state", "element", "position"):
            value = getattr(self, name)
            if value or value == 0:
                row[name] = value
        if self.text:
            row["xml"] = self.text
        if self.level is not Level.PLAIN:
            row["level"] = self.level.value
        return row


@dataclass(slots=True)
class Summary:
    """The whole in numbers. Complete when the last row was taken."""

    names: dict[Side, str] = field(default_factory=lambda: NAMES[CLIENT])
    recorded_by: Side | None = None
    stanzas: dict[Side, Counter[str]] = field(default_factory=lambda: {side: Counter() for side in Side})
    payloads: Counter[str] = field(default_factory=Counter)
    octets: dict[Side, int] = field(default_factory=dict)
    """Of each side that can be heard, as recorded: what was cut out or encrypted is not counted."""
    began: float | None = None
    ended: float | None = None
    states: list[str] = field(default_factory=list)
    warnings: int = 0
    errors: int = 0
    unanswered: int = 0
    end: str = "is still open at the end of the record"
    good: bool = False
    """Whether the streams ended as they should."""

    @property
    def sentence(self) -> str:
        """How it ended, as a sentence."""
        if self.end.startswith("is "):
            return f"The connection {self.end}."
        return f"It {self.end}." if self.end.startswith("failed") else f"It was {self.end}."

    @property
    def seconds(self) -> float | None:
        """How long it took, None where no time is on record."""
        return None if self.began is None or self.ended is None else round(self.ended - self.began, 3)

    def json(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "row": "summary",
            "stanzas": {self.names[side]: dict(self.stanzas[side]) for side in self.octets},
            "payloads": dict(self.payloads.most_common()),
            "octets": {self.names[side]: octets for side, octets in self.octets.items()},
            "seconds": self.seconds,
            "reached": self.states,
            "warnings": self.warnings,
            "errors": self.errors,
            "unanswered": self.unanswered,
            "end": self.end,
            "good": self.good,
        }
