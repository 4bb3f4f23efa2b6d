"""Delivery receipts: the sender asks to be told that a message reached a client.

XEP-0184, version 1.4.0, Draft; sections 5, 7 and 8.
"""

from __future__ import annotations

from typing import Final

from ..message import Message
from ..payload import Spec, attribute, payload

__all__ = ["NAMESPACE", "SPEC", "Receipt", "ReceiptRequest", "receipt_for"]

SPEC: Final = Spec(184, "1.4.0", "Draft", "Message Delivery Receipts")
NAMESPACE: Final = "urn:xmpp:receipts"


@payload(NAMESPACE, "request")
class ReceiptRequest:
    """Asks for a receipt; the message has an id then, and is no receipt itself (sections 5.4 and 7)."""


@payload(NAMESPACE, "received")
class Receipt:
    """Says that the message of this id reached a client; not that anybody read it (section 7)."""

    id: str = attribute()


def receipt_for(message: Message, *, authorized: bool, id: str | None = None) -> Message | None:
    """Give the answer to a message that has just been received, None if there is to be none.

    `authorized` says whether the sender may see our presence: a receipt would show it to strangers (section 8).
    None too for what does not ask, has no id, is an error or is itself a receipt (sections 5.4 and 7). Not for
    messages from an archive, nor for copies of what others received (section 5.5): only the first reception counts.
    `id` is the id of the answer. To a message of a room the answer goes to the room (section 7).
    """
    asked = message.child(f"{{{NAMESPACE}}}request")
    if not authorized or message.is_error or asked is None or not message.id or message.from_ is None:
        return None
    if message.child(f"{{{NAMESPACE}}}received") is not None:
        return None
    to = message.from_.bare if message.type == "groupchat" else message.from_
    return Message(to=to, id=id, type=message.type, payloads=[Receipt(message.id)])
