"""Stanzas: typed views of elements (RFC 6120 section 8)."""

from __future__ import annotations

from .base import Stanza
from .check import VIEWS, Refusal, admit, check, refusal_answer, ways_of
from .conditions import CONDITIONS, Condition, StanzaError
from .iq import IQ
from .message import Message
from .presence import Presence
from .router import IqRefused, IqRouter
from .tracker import IqTracker, Pending, TimedOut

__all__ = [
    "CONDITIONS",
    "IQ",
    "VIEWS",
    "Condition",
    "IqRefused",
    "IqRouter",
    "IqTracker",
    "Message",
    "Pending",
    "Presence",
    "Refusal",
    "Stanza",
    "StanzaError",
    "TimedOut",
    "admit",
    "check",
    "refusal_answer",
    "ways_of",
]
