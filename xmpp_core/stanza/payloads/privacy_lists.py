"""Privacy lists: rules in an order that say what reaches a user and what he sends.

XEP-0016, version 1.7, Deprecated; section 2. For who meets it: the blocking command has taken its place.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum
from typing import Final

from ...errors import PayloadError
from ...jid import JID, JIDError
from ..payload import UNSIGNED_INT, Spec, attribute, child, children, enum, flag, payload
from .blocking import covers

__all__ = [
    "NAMESPACE",
    "SPEC",
    "ActiveList",
    "DefaultList",
    "ItemType",
    "PrivacyAction",
    "PrivacyItem",
    "PrivacyList",
    "PrivacyLists",
    "Traffic",
]

SPEC: Final = Spec(16, "1.7", "Deprecated", "Privacy Lists")
NAMESPACE: Final = "jabber:iq:privacy"
_SUBSCRIPTIONS: Final = ("both", "to", "from", "none")


class ItemType(Enum):
    """What a rule looks at (section 2.1)."""

    GROUP = "group"
    JID = "jid"
    SUBSCRIPTION = "subscription"


class PrivacyAction(Enum):
    """What a rule does."""

    ALLOW = "allow"
    DENY = "deny"


class Traffic(Enum):
    """The kinds of stanzas that rules tell apart (section 2.1)."""

    MESSAGE = "message"
    """A message that comes."""
    IQ = "iq"
    """An IQ that comes."""
    PRESENCE_IN = "presence-in"
    """A notification of presence that comes."""
    PRESENCE_OUT = "presence-out"
    """A notification of presence that goes."""
    OTHER = "other"
    """Any other: it is met by rules for all stanzas only."""


@payload(NAMESPACE, "item")
class PrivacyItem:
    """A rule (section 2.1). Without any of the four kinds it is for all stanzas."""

    action: PrivacyAction = attribute(codec=enum(PrivacyAction))
    order: int = attribute(codec=UNSIGNED_INT)
    type: ItemType | None = attribute(codec=enum(ItemType), default=None)
    """None: whatever no rule before has met."""
    value: str | None = attribute(default=None)
    message: bool = flag(default=False, kw_only=True)
    iq: bool = flag(default=False, kw_only=True)
    presence_in: bool = flag(default=False, kw_only=True)
    presence_out: bool = flag(default=False, kw_only=True)

    def validate(self) -> None:
        """Hold the value to what its type asks."""
        if self.type is None:
            return
        if self.value is None:
            raise PayloadError("@value", "a value, as there is a type (XEP-0016 section 2.1)")
        if self.type is ItemType.SUBSCRIPTION and self.value not in _SUBSCRIPTIONS:
            raise PayloadError("@value", "both, to, from or none (XEP-0016 section 2.1)")
        if self.type is ItemType.JID:
            try:
                JID(self.value)
            except JIDError:
                raise PayloadError("@value", "an address (XEP-0016 section 2.1)") from None

    @property
    def kinds(self) -> frozenset[Traffic]:
        """What it is for."""
        named = {
            Traffic.MESSAGE: self.message,
            Traffic.IQ: self.iq,
            Traffic.PRESENCE_IN: self.presence_in,
            Traffic.PRESENCE_OUT: self.presence_out,
        }
        return frozenset(one for one, there in named.items() if there) or frozenset(Traffic)

    def meets(self, jid: JID, groups: Collection[str] = (), subscription: str = "none") -> bool:
        """Whether it is for this address, which is in these groups of the roster and has this subscription."""
        if self.type is None or self.value is None:
            return True
        if self.type is ItemType.GROUP:
            return self.value in groups
        if self.type is ItemType.SUBSCRIPTION:
            return self.value == subscription
        return covers(JID(self.value), jid)


@payload(NAMESPACE, "active")
class ActiveList:
    """The list of one session; without a name there is to be none (section 2.4)."""

    name: str | None = attribute(default=None)


@payload(NAMESPACE, "default")
class DefaultList:
    """The list of the user; without a name there is to be none (section 2.5)."""

    name: str | None = attribute(default=None)


@payload(NAMESPACE, "list")
class PrivacyList:
    """A list of rules, or its name alone: to ask for it, to remove it, to say that it changed."""

    name: str = attribute()
    items: tuple[PrivacyItem, ...] = children(PrivacyItem, default=())

    def validate(self) -> None:
        """Ask for places that differ (section 2.1)."""
        if len({one.order for one in self.items}) < len(self.items):
            raise PayloadError("item/@order", "another place for each item (XEP-0016 section 2.1)")

    def decide(
        self, traffic: Traffic, jid: JID, groups: Collection[str] = (), subscription: str = "none"
    ) -> PrivacyAction:
        """Say what becomes of a stanza from or to an address: as the first rule has it that meets it (section 2.2).

        Between the resources of one user everything is allowed, which is for the caller to see (section 2.1).
        """
        for one in sorted(self.items, key=lambda item: item.order):
            if traffic in one.kinds and one.meets(jid, groups, subscription):
                return one.action
        return PrivacyAction.ALLOW


@payload(NAMESPACE, "query")
class PrivacyLists:
    """A question or answer about lists; an order has one child alone (section 2.1)."""

    active: ActiveList | None = child(ActiveList, default=None)
    default: DefaultList | None = child(DefaultList, default=None)
    lists: tuple[PrivacyList, ...] = children(PrivacyList, default=())

    @property
    def is_order(self) -> bool:
        """Whether it may be set: it has exactly one child, else the answer is `bad-request`."""
        return (self.active is not None) + (self.default is not None) + len(self.lists) == 1
