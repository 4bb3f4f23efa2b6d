"""Unique and stable ids: the name a message has in an archive, given by who keeps it.

XEP-0359, version 0.7.0, Experimental; sections 2 to 4 and 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from ...jid import JID
from ..message import Message
from ..payload import Spec, attribute, encode, payload

__all__ = [
    "NAMESPACE",
    "SPEC",
    "OriginId",
    "ReferencedStanza",
    "StanzaId",
    "assigned",
    "reference_id",
    "stanza_id",
]

SPEC: Final = Spec(359, "0.7.0", "Experimental", "Unique and Stable Stanza IDs")
NAMESPACE: Final = "urn:xmpp:sid:0"

_STANZA_ID: Final = f"{{{NAMESPACE}}}stanza-id"
_ORIGIN_ID: Final = f"{{{NAMESPACE}}}origin-id"


@payload(NAMESPACE, "stanza-id")
class StanzaId:
    """The id that the entity `by` has given (section 2.1): `stanza_id` says whether it really has."""

    id: str = attribute()
    by: JID = attribute()


@payload(NAMESPACE, "origin-id")
class OriginId:
    """The id that the sender has given (section 2.2); he may have taken another's (section 6)."""

    id: str = attribute()


@payload(NAMESPACE, "referenced-stanza")
class ReferencedStanza:
    """Speaks of another stanza by its stanza id (section 4)."""

    id: str = attribute()
    by: JID | None = attribute(default=None)


def stanza_id(message: Message, by: JID, *, announced: bool) -> str | None:
    """Give the id that `by` has given a message: for a message of a room the room, else the own account.

    `announced` says whether `by` names the feature `urn:xmpp:sid:0`: only then has it taken away those that
    others put there in its name, and the id cannot be forged (sections 5 and 6). None without it, and where
    there are several (section 3, rule 4). What other entities or strangers have put there changes nothing.
    """
    if not announced:
        return None
    found = [one.get("id") for one in _by(message.element, by)]
    return found[0] if len(found) == 1 else None


def assigned(message: Message, by: JID, id: str | None) -> Message:
    """Give a copy of a message as `by` passes it on, with its id or without one.

    What stands there already in the name of `by` is taken away (section 3, rule 2); nothing else is (rule 3).
    """
    twin = message.copy()
    for one in list(_by(twin.element, by)):
        twin.element.remove(one)
    if id is not None:
        twin.element.append(encode(StanzaId(id, by)))
    return twin


def reference_id(message: Message, *, announced: bool = False) -> str | None:
    """Give the id by which a reaction or a reply speaks of a message; None if none can.

    In a room the id that the room has given (see `stanza_id` for `announced`), else the origin id, else that of
    the stanza (XEP-0444 section 4.2, XEP-0461 section 4.1).
    """
    if message.type == "groupchat":
        return None if message.from_ is None else stanza_id(message, message.from_.bare, announced=announced)
    origin = message.element.find(_ORIGIN_ID)
    return (None if origin is None else origin.get("id")) or message.id


def _by(stanza: Element, by: JID) -> Iterator[Element]:
    """Find the stanza ids in the name of an entity; addresses count as prepared (section 3, rule 7)."""
    exact = str(by)
    for one in stanza.iterfind(_STANZA_ID):
        name = one.get("by", "")
        if name == exact or _same(name, by):
            yield one


def _same(name: str, by: JID) -> bool:
    try:
        return JID(name) == by
    except ValueError:
        return False
