"""The roster: the contacts that the server keeps for an account.

RFC 6121, March 2011, Proposed Standard; sections 2 and D.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ...errors import PayloadError
from ...jid import JID
from ...namespaces import ROSTER
from ..payload import BOOL, Spec, attribute, child_texts, children, enum, payload

__all__ = ["ROSTER", "SPEC", "Ask", "Roster", "RosterItem", "Subscription"]

SPEC: Final = Spec(
    6121,
    "March 2011",
    "Proposed Standard",
    "Extensible Messaging and Presence Protocol (XMPP): Instant Messaging and Presence",
    "RFC",
    ("2",),
)


class Subscription(Enum):
    """Who receives whose presence (section 2.1.2.5)."""

    NONE = "none"
    TO = "to"
    """The user receives the contact's."""
    FROM = "from"
    """The contact receives the user's."""
    BOTH = "both"
    REMOVE = "remove"
    """The contact is to go, or is gone."""


class Ask(Enum):
    """What the user has asked a contact for, who has not answered (section 2.1.2.2)."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    """Of RFC 3921 alone; means nothing now."""


@payload(ROSTER, "item")
class RosterItem:
    """One contact (section 2.1.2)."""

    jid: JID = attribute()
    name: str | None = attribute(default=None)
    """What the user calls the contact."""
    # Values that are not defined are ignored, so the default stands (section 2.1.2.5).
    subscription: Subscription = attribute(
        codec=enum(Subscription, unknown=Subscription.NONE), default=Subscription.NONE
    )
    groups: tuple[str, ...] = child_texts("group", default=())
    ask: Ask | None = attribute(default=None)
    """From the server alone."""
    approved: bool = attribute(codec=BOOL, default=False)
    """Whether a subscription is approved before it is asked for (section 3.4). From the server alone."""


@payload(ROSTER, "query")
class Roster:
    """A question for the roster (no items), the roster, a change to it, or a push (sections 2.1.3 to 2.1.6).

    A push counts from the own account only (section 2.1.6).
    """

    items: tuple[RosterItem, ...] = children(RosterItem, default=())
    ver: str | None = attribute(default=None)
    """Which version this is, or of a question, which one is known; opaque (section 2.6)."""

    @property
    def change(self) -> RosterItem:
        """The one item of a set or a push (sections 2.1.5 and 2.1.6); raises `PayloadError` for none or several."""
        if len(self.items) != 1:
            raise PayloadError("query/item", "one item and no other in a set or push (RFC 6121 sections 2.1.5, 2.1.6)")
        return self.items[0]

    def checked_set(self) -> RosterItem:
        """Give the item of a roster set, for a server; raises `PayloadError` with the error to answer (section 2.3.3).

        What a client may not say in it (`ask`, `approved`, other subscriptions than `remove`) is left out.
        """
        item = self.change
        if len(set(item.groups)) < len(item.groups):
            raise PayloadError("query/item/group", "each group once (RFC 6121 section 2.3.3)", "bad-request")
        if not all(item.groups):
            raise PayloadError("query/item/group", "a name for a group (RFC 6121 section 2.3.3)", "not-acceptable")
        removed = item.subscription is Subscription.REMOVE
        return RosterItem(item.jid, item.name, Subscription.REMOVE if removed else Subscription.NONE, item.groups)
