"""Message carbons: copies of what other resources receive and send.

XEP-0280, version 1.0.1, Draft; sections 4, 5 and 7 to 9.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ..payload import Spec, child, element_name, enum, payload
from .forward import Forwarded

__all__ = ["NAMESPACE", "SPEC", "Carbon", "CarbonsSwitch", "Direction", "Private", "Switch"]

SPEC: Final = Spec(280, "1.0.1", "Draft", "Message Carbons")
NAMESPACE: Final = "urn:xmpp:carbons:2"


class Direction(Enum):
    """Whether another resource received the message or sent it."""

    RECEIVED = "received"
    SENT = "sent"


class Switch(Enum):
    """What a client asks of its server (sections 4 and 5)."""

    ENABLE = "enable"
    DISABLE = "disable"


@payload(NAMESPACE, ("received", "sent"))
class Carbon:
    """A copy of a message (sections 7 and 8). It counts from the own account only (section 11)."""

    direction: Direction = element_name(codec=enum(Direction))
    forwarded: Forwarded = child(Forwarded)


@payload(NAMESPACE, ("enable", "disable"))
class CarbonsSwitch:
    """The payload of the request that turns carbons on or off (sections 4 and 5)."""

    switch: Switch = element_name(codec=enum(Switch))


@payload(NAMESPACE, "private")
class Private:
    """A message of which no copies are to be made (section 9)."""
