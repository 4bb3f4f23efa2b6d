"""Bookmarks of rooms, one item each at the own account.

XEP-0402, version 1.2.0, Draft; sections 2 to 5 and 9.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element

from ...jid import JID
from ..payload import BOOL, Spec, attribute, child, child_text, payload, rest
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
    """Say the same in the older form (section 5.3.1); the elements of other clients are kept."""
    conferences = []
    for room, one in bookmarks:
        conferences.append(StoredConference(room, one.name, one.autojoin, one.nick, one.password))
    return BookmarkStorage(tuple(conferences))
