"""Displayed markers: up to where a conversation has been shown to its reader.

XEP-0333, version 1.0.0, Draft; sections 4, 5 and 7.
"""

from __future__ import annotations

from typing import Final

from ..message import Message
from ..payload import Spec, attribute, payload
from .stanza_ids import stanza_id

__all__ = ["NAMESPACE", "SPEC", "Displayed", "Markable", "marker_for", "marker_id"]

SPEC: Final = Spec(333, "1.0.0", "Draft", "Displayed Markers")
NAMESPACE: Final = "urn:xmpp:chat-markers:0"


@payload(NAMESPACE, "markable")
class Markable:
    """Asks for a marker; the message has an id then (section 4.1)."""


@payload(NAMESPACE, "displayed")
class Displayed:
    """Says that this message, and all before it, have been shown (sections 1 and 4.2).

    It only ever moves forward: one of an older message, or of none there is, is ignored (section 5).
    """

    id: str = attribute()
    """Of a message of a room the id the room has given (section 4.3)."""


def marker_id(message: Message, *, announced: bool) -> str | None:
    """Give the id by which a marker speaks of a message; None if none can.

    In a room that announces stanza ids (`announced`) the one it has given, never another (section 4.3).
    """
    if message.type != "groupchat" or not announced:
        return message.id
    return None if message.from_ is None else stanza_id(message, message.from_.bare, announced=True)


def marker_for(message: Message, *, authorized: bool, announced: bool = False, id: str | None = None) -> Message | None:
    """Give the answer that says a message of somebody else was shown, None if there is to be none.

    Outside rooms only who asks is answered (section 5), and nobody for a marker (section 4.2) or an error.
    `authorized` says whether the sender may see our presence, which a marker would show (section 7). It goes to
    the room, or the bare address. `id` is the id of the answer. Of several shown at once only the last is answered
    (section 4.2).
    """
    if not authorized or message.is_error or message.from_ is None:
        return None
    groupchat = message.type == "groupchat"
    if message.child(f"{{{NAMESPACE}}}displayed") is not None:
        return None
    if not groupchat and message.child(f"{{{NAMESPACE}}}markable") is None:
        return None
    about = marker_id(message, announced=announced)
    if not about:
        return None
    # What a room passes on in private comes from the address of an occupant, and goes back there.
    private = message.child("http://jabber.org/protocol/muc#user") is not None
    to = message.from_ if private and not groupchat else message.from_.bare
    return Message(to=to, id=id, type=message.type, thread=message.thread, payloads=[Displayed(about)])
