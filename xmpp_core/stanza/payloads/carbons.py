"""Message carbons: copies of what other resources receive and send.

XEP-0280, version 1.0.1, Draft; sections 4 to 9.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ...jid import JID
from ..message import Message
from ..payload import Spec, child, element_name, enum, payload
from .forward import Forwarded

__all__ = [
    "NAMESPACE",
    "RULES",
    "SPEC",
    "Carbon",
    "CarbonsSwitch",
    "Direction",
    "Private",
    "Switch",
    "carbon_copy",
    "eligible",
]

SPEC: Final = Spec(280, "1.0.1", "Draft", "Message Carbons")
NAMESPACE: Final = "urn:xmpp:carbons:2"
RULES: Final = "urn:xmpp:carbons:rules:0"
"""The feature of a server that copies by all the rules of section 6.1, as `eligible` does."""

_MUC_USER: Final = "http://jabber.org/protocol/muc#user"
_INVITATION: Final = "{jabber:x:conference}x"
_NO_COPY: Final = "{urn:xmpp:hints}no-copy"
# Receipts, chat states and displayed markers.
_INSTANT: Final = ("urn:xmpp:receipts", "http://jabber.org/protocol/chatstates", "urn:xmpp:chat-markers:0")


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


def eligible(message: Message, direction: Direction, *, of_room: bool | None = None, answers: bool = False) -> bool:
    """Whether a server copies a message that a client of the account sends or receives (section 6.1).

    `of_room` says whether the other side is a room or an occupant of one; None: that is told by what the message
    carries. `answers` says of an error whether what it answers was eligible. The hint `no-copy` counts as well
    (XEP-0334 section 4.3).
    """
    if message.child(f"{{{NAMESPACE}}}private") is not None or message.child(_NO_COPY) is not None:
        return False
    if message.type == "groupchat":
        return False
    if message.type == "error":
        return answers
    room = message.child(f"{{{_MUC_USER}}}x")
    invited = room is not None and room.find(f"{{{_MUC_USER}}}invite") is not None
    if invited or message.child(_INVITATION) is not None:
        return True
    if of_room is None:
        of_room = room is not None
    other = message.from_ if direction is Direction.RECEIVED else message.to
    if of_room and other is not None and other.resource is not None:
        return direction is Direction.SENT  # the room itself tells all clients that are in it
    if message.type == "chat" or (message.type == "normal" and message.body is not None):
        return True
    return any(message.child(one) is not None for one in _INSTANT)


def carbon_copy(message: Message, direction: Direction, resource: JID) -> Message:
    """Give the copy of a message for another client of the account, by its full address (sections 7 and 8)."""
    carbon = Carbon(direction, Forwarded(message))
    return Message(from_=resource.bare, to=resource, type=message.type, payloads=[carbon])
