"""The blocking command: to have nothing to do with somebody, by order to the own server.

XEP-0191, version 1.3, Draft; sections 3, 6 and 10.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ...jid import JID
from ..payload import Spec, attribute, child, children, payload
from .reporting import Report

__all__ = [
    "ERRORS",
    "NAMESPACE",
    "SPEC",
    "Block",
    "BlockItem",
    "BlockList",
    "Blocked",
    "Unblock",
    "blocking",
    "covers",
]

SPEC: Final = Spec(191, "1.3", "Draft", "Blocking Command")
NAMESPACE: Final = "urn:xmpp:blocking"
ERRORS: Final = "urn:xmpp:blocking:errors"


@payload(NAMESPACE, "item")
class BlockItem:
    """An address that is or is to be blocked (section 3.2)."""

    jid: JID = attribute()
    report: Report | None = child(Report, default=None)
    """What it has done (XEP-0377 section 6)."""


@payload(NAMESPACE, "blocklist")
class BlockList:
    """The question what is blocked, or the answer (section 3.2)."""

    items: tuple[BlockItem, ...] = children(BlockItem, default=())

    @property
    def jids(self) -> tuple[JID, ...]:
        """The addresses."""
        return tuple(one.jid for one in self.items)


@payload(NAMESPACE, "block")
class Block:
    """An order to block addresses, or word that another resource did (section 3.3).

    Word counts from the own account only.
    """

    items: tuple[BlockItem, ...] = children(BlockItem)

    @property
    def jids(self) -> tuple[JID, ...]:
        """The addresses."""
        return tuple(one.jid for one in self.items)


@payload(NAMESPACE, "unblock")
class Unblock:
    """An order to block addresses no longer, or word that another resource did; empty: all (sections 3.4 and 3.5)."""

    items: tuple[BlockItem, ...] = children(BlockItem, default=())

    @property
    def jids(self) -> tuple[JID, ...]:
        """The addresses."""
        return tuple(one.jid for one in self.items)


@payload(ERRORS, "blocked")
class Blocked:
    """In a stanza error: what was sent was for somebody who is blocked (section 3.3)."""


def covers(listed: JID, jid: JID) -> bool:
    """Whether an address on the list means this one (section 6): a domain means all that is at it."""
    if listed.resource is not None:
        return listed == jid
    if listed.local is not None:
        return listed == jid.bare
    return listed.domain == jid.domain


def blocking(blocked: Collection[JID], jid: JID) -> JID | None:
    """Give the entry that blocks an address, the most particular if there are several; None if none does."""
    return next((one for one in (jid, jid.bare, JID.of(None, jid.domain)) if one in blocked), None)
