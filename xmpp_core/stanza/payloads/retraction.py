"""Message retraction: a sender asks that a message of his be forgotten.

XEP-0424, version 0.4.2, Proposed; sections 2 to 5. What moderators take back: XEP-0425 sections 3 to 5.
"""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, SubElement

from ...jid import JID
from ..message import Message
from ..payload import XMPP_DATETIME, Spec, attribute, child, child_text, datetime, encode, payload
from .fallback import Fallback
from .hints import Hint, Wish
from .moderation import Moderated
from .occupant_id import OccupantId
from .stanza_ids import stanza_id

__all__ = [
    "NAMESPACE",
    "SPEC",
    "TOMBSTONE",
    "Retract",
    "Retracted",
    "retract",
    "retraction_id",
    "retracts",
    "tombstone",
]

SPEC: Final = Spec(424, "0.4.2", "Proposed", "Message Retraction")
NAMESPACE: Final = "urn:xmpp:message-retract:1"
TOMBSTONE: Final = "urn:xmpp:message-retract:1#tombstone"
"""The feature of an archive that leaves tombstones (section 4)."""

_ORIGIN_ID: Final = "{urn:xmpp:sid:0}origin-id"


@payload(NAMESPACE, "retract")
class Retract:
    """Asks that the message of this id be forgotten (section 3); `retracts` says whether one need listen."""

    id: str = attribute()
    moderated: Moderated | None = child(Moderated, default=None)
    """Not the sender asks but a moderator (XEP-0425 section 3.1)."""
    reason: str | None = child_text(default=None)
    """Why a moderator did, for people."""


@payload(NAMESPACE, "retracted")
class Retracted:
    """A tombstone, in an archive in the place of what was there (section 4)."""

    id: str | None = attribute(default=None)
    """The id of the message that asked for it; example 8 of XEP-0425 does without."""
    stamp: datetime | None = attribute(codec=XMPP_DATETIME, default=None)
    """When that was."""
    by: JID | None = attribute(default=None)
    moderated: Moderated | None = child(Moderated, default=None)
    """By which moderator (XEP-0425 section 4)."""
    reason: str | None = child_text(default=None)


def retraction_id(message: Message, *, announced: bool) -> str | None:
    """Give the id by which a retraction speaks of a message; None if none can (section 5.1).

    In a room that announces stanza ids the one it has given, in another the origin id, else the id of the stanza.
    """
    if message.type != "groupchat":
        return message.id
    if announced:
        return None if message.from_ is None else stanza_id(message, message.from_.bare, announced=True)
    origin = message.element.find(_ORIGIN_ID)
    return None if origin is None else origin.get("id")


def retract(to: JID | str, id: str, text: str, *, type: str = "chat", own_id: str | None = None) -> Message:
    """Give the message that takes back the one with this `retraction_id` (section 3).

    `text` is what clients show that do not understand it; archives are asked to keep it. `own_id` is its own id.
    """
    payloads = [Retract(id), Fallback(NAMESPACE), Hint(Wish.STORE)]
    return Message(to=to, id=own_id, type=type, body=text, payloads=payloads)


def retracts(
    original: Message,
    retraction: Message,
    *,
    announced: bool,
    semi_anonymous: bool = True,
    of_room: bool = False,
) -> bool:
    """Whether a message takes back another (section 5, XEP-0425 sections 3.1 and 5).

    It must name it, and be from the same sender: in conversation from the same bare address, in private through a
    room (`of_room`) from the same full one. In a room, from the same occupant id if addresses are hidden
    (`semi_anonymous`), from the same full address otherwise; what a moderator did, from the room itself.
    Raises `PayloadError` for what breaks the rules of these payloads.
    """
    found = None if retraction.is_error else retraction.get(Retract)
    if found is None or original.is_error or found.id != retraction_id(original, announced=announced):
        return False
    one, other = original.from_, retraction.from_
    groupchat = original.type == "groupchat"
    if groupchat is not (retraction.type == "groupchat"):
        return False
    if found.moderated is not None:
        return groupchat and announced and one is not None and other == one.bare
    if one is None or other is None:
        return one is other and not groupchat
    if not groupchat:
        return one == other if of_room else one.bare == other.bare
    if not semi_anonymous:
        return one == other
    if one.bare != other.bare:
        return False
    first, second = original.get(OccupantId), retraction.get(OccupantId)
    return first is not None and first == second


def tombstone(original: Message, retraction: Message, stamp: datetime) -> Message:
    """Give what an archive keeps in the place of a message that was taken back at that moment (section 4).

    Addresses, type and ids of the stanza stay, and who its author was by his occupant id (XEP-0425 section 4);
    all else is gone.
    """
    made = Element(original.element.tag, original.element.attrib)
    author = original.element.find("{urn:xmpp:occupant-id:0}occupant-id")
    if author is not None:
        SubElement(made, author.tag, author.attrib)
    asked = retraction.get(Retract)
    moderated, reason = (None, None) if asked is None else (asked.moderated, asked.reason)
    made.append(encode(Retracted(retraction.id, stamp, moderated=moderated, reason=reason)))
    return Message.view(made)
