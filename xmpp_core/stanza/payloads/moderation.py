"""Moderated retraction: a moderator asks a room to take back the message of somebody else.

XEP-0425, version 0.3.0, Experimental; sections 3 to 5. What the room then sends: `retraction`.
"""

from __future__ import annotations

from typing import Final

from ...jid import JID
from ..payload import Spec, attribute, child, child_text, flag, payload
from .occupant_id import OccupantId

__all__ = ["NAMESPACE", "SPEC", "Moderate", "Moderated"]

SPEC: Final = Spec(425, "0.3.0", "Experimental", "Moderated Message Retraction")
NAMESPACE: Final = "urn:xmpp:message-moderate:1"
_RETRACTION: Final = "urn:xmpp:message-retract:1"


@payload(NAMESPACE, "moderate")
class Moderate:
    """In an IQ `set` to a room: do this with the message of this id (section 3); `forbidden` if one may not."""

    id: str = attribute()
    """The id the room has given."""
    retract: bool = flag(namespace=_RETRACTION, default=False)
    """Take it back; the one action there is yet."""
    reason: str | None = child_text(default=None)
    """For people."""


@payload(NAMESPACE, "moderated")
class Moderated:
    """Says that a moderator took a message back (sections 3.1 and 4); it counts from the room alone (section 5)."""

    by: JID | None = attribute(default=None)
    """Who it was, if that is told."""
    occupant_id: OccupantId | None = child(OccupantId, default=None)
    """Who it was, in a room that does not show addresses."""
