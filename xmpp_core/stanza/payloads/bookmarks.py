"""Bookmarks of rooms, one item each at the own account.

XEP-0402, version 1.2.0, Draft; sections 2 to 5 and 9.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element

from ...jid import JID
from ..payload import BOOL, Spec, attribute, child, child_text, decode, encode, payload, rest
from .bookmarks_storage import NAMESPACE as STORAGE
from .bookmarks_storage import BookmarkStorage, StoredConference
from .private_pubsub import store
from .pubsub import NodeItem, Pubsub, Retract, SendLastPublished

__all__ = [
    "COMPAT",
    "COMPAT_PEP",
    "NAMESPACE",
    "SPEC",
    "Bookmark",
    "Extensions",
    "publish_bookmark",
    "retract_bookmark",
    "separate",
    "stored",
]

SPEC: Final = Spec(402, "1.2.0", "Draft", "PEP Native Bookmarks")
NAMESPACE: Final = "urn:xmpp:bookmarks:1"
"""The namespace, and the node."""
COMPAT: Final = "urn:xmpp:bookmarks:1#compat"
"""The feature of a server that keeps these and those of private storage (XEP-0049) the same (section 5.3)."""
COMPAT_PEP: Final = "urn:xmpp:bookmarks:1#compat-pep"
"""The feature of a server that keeps these and those of XEP-0048 the same (section 5.3)."""


@payload(NAMESPACE, "extensions")
class Extensions:
    """What other clients keep beside a bookmark; it has to be kept (section 3.4)."""

    elements: tuple[Element, ...] = rest(default=())


@payload(NAMESPACE, "conference")
class Bookmark:
    """A bookmark; the room is the id of its item (section 5.1)."""

    name: str | None = attribute(default=None)
    autojoin: bool = attribute(codec=BOOL, default=False)
    """Whether a client enters the room when it goes online, and leaves it when this becomes false (section 4)."""
    nick: str | None = child_text(default=None)
    password: str | None = child_text(default=None)
    extensions: Extensions | None = child(Extensions, default=None)


def publish_bookmark(room: JID, bookmark: Bookmark) -> Pubsub:
    """Add or replace a bookmark (sections 3.3 and 3.4)."""
    item = NodeItem.of(bookmark, str(room.bare))
    return store(NAMESPACE, item, max_items="max", send_last_published_item=SendLastPublished.NEVER)


def retract_bookmark(room: JID) -> Pubsub:
    """Remove a bookmark, and tell the other clients (section 3.5)."""
    return Pubsub(Retract(NAMESPACE, (NodeItem(str(room.bare)),), notify=True))


def stored(bookmarks: Iterable[tuple[JID, Bookmark]]) -> BookmarkStorage:
    """Say the same in the older form (section 5.3.1); what other clients keep beside them stays."""
    conferences = []
    for room, one in bookmarks:
        element = _recast(encode(one), NAMESPACE, STORAGE)
        element.set("jid", str(room.bare))
        conferences.append(decode(StoredConference, element))
    return BookmarkStorage(tuple(conferences))


def separate(storage: BookmarkStorage) -> list[tuple[JID, Bookmark]]:
    """Take the rooms of the older form apart (section 5.3.2); of two for one room the first counts."""
    found: dict[JID, Bookmark] = {}
    for one in storage.conferences:
        element = _recast(encode(one), STORAGE, NAMESPACE)
        del element.attrib["jid"]
        found.setdefault(one.jid.bare, decode(Bookmark, element))
    return list(found.items())


def _recast(element: Element, old: str, new: str) -> Element:
    """Move an element, just written and nobody else's, and its own children to another namespace."""
    for one in (element, *element):
        if one.tag.startswith(f"{{{old}}}"):
            one.tag = f"{{{new}}}{one.tag[len(old) + 2 :]}"
    return element
