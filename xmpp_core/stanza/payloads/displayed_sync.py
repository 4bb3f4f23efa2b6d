"""Displayed synchronization: the clients of one user tell each other what he has seen.

XEP-0490, version 1.0.1, Draft; sections 4, 5 and 7.
"""

from __future__ import annotations

from typing import Final

from ...errors import LocalProtocolError
from ...jid import JID
from ..message import Message
from ..payload import Spec, child, payload
from .markers import Displayed
from .private_pubsub import store
from .pubsub import NodeItem, Pubsub, SendLastPublished
from .stanza_ids import StanzaId, stanza_id

__all__ = ["NAMESPACE", "SERVER_ASSIST", "SPEC", "DisplayedUpTo", "assisted", "displayed_up_to", "publish_displayed"]

SPEC: Final = Spec(490, "1.0.1", "Draft", "Message Displayed Synchronization")
NAMESPACE: Final = "urn:xmpp:mds:displayed:0"
"""The namespace, and the node."""
SERVER_ASSIST: Final = "urn:xmpp:mds:server-assist:0"
"""The feature of an account whose server publishes what a message carries (section 4.5)."""


@payload(NAMESPACE, "displayed")
class DisplayedUpTo:
    """The last message of a conversation that the user has seen (section 4.1).

    It only ever moves forward (section 5.1). The id of the item is the address of the conversation: `str(chat)`.
    """

    stanza_id: StanzaId = child(StanzaId)
    """As the room gave it, else as the own account did (section 4.2)."""


def displayed_up_to(message: Message, account: JID, *, announced: bool) -> DisplayedUpTo | None:
    """Give what says that this message was seen; None if it has no id by which that can be said (section 4.2).

    `announced` says whether who gave it names the feature of stanza ids, so that it cannot be forged.
    """
    groupchat = message.type == "groupchat"
    by = account.bare if not groupchat or message.from_ is None else message.from_.bare
    found = stanza_id(message, by, announced=announced)
    return None if found is None else DisplayedUpTo(StanzaId(found, by))


def publish_displayed(chat: JID, displayed: DisplayedUpTo) -> Pubsub:
    """Give the request that tells the own clients (section 4.2), to be sent to the own account.

    `chat` is the bare address of a contact or room, the full one of an occupant spoken with in private. The options
    keep the node private; only a server with `http://jabber.org/protocol/pubsub#publish-options` holds to them.
    """
    item = NodeItem.of(displayed, str(chat))
    return store(NAMESPACE, item, max_items="max", send_last_published_item=SendLastPublished.NEVER)


def assisted(marker: Message, displayed: DisplayedUpTo) -> Message:
    """Give the message that tells both the sender and the own clients (section 4.5.3).

    Only where the own account has `SERVER_ASSIST`. Raises `LocalProtocolError` for a message that says nothing else,
    and for one that is not to a bare address, which becomes the id of the item (section 5.1).
    """
    if marker.get(Displayed) is None and marker.body is None:
        raise LocalProtocolError("a message that would be empty cannot carry this (XEP-0490 section 4.5.3)")
    if marker.to is None or (marker.to.resource is not None and marker.type != "groupchat"):
        raise LocalProtocolError("a message to a bare address carries this (XEP-0490 section 5.1)")
    return marker.with_payload(displayed)
