"""Publish-subscribe: what a service tells subscribers.

XEP-0060, version 1.30.0, Draft; sections 7.1.2, 7.2.2, 8 and 17.3.
"""

from __future__ import annotations

from typing import Final, TypeVar
from xml.etree.ElementTree import Element

from ...jid import JID
from ..payload import (
    URI,
    XMPP_DATETIME,
    Spec,
    any_child,
    attribute,
    child,
    child_attribute,
    child_attributes,
    children,
    choice,
    datetime,
    decode,
    payload,
)
from .forms import Form
from .pubsub import SubscriptionState

__all__ = [
    "NAMESPACE",
    "SPEC",
    "CollectionEvent",
    "ConfigurationEvent",
    "DeleteEvent",
    "EventItem",
    "ItemsEvent",
    "PubsubEvent",
    "PurgeEvent",
    "SubscriptionEvent",
]

SPEC: Final = Spec(60, "1.30.0", "Draft", "Publish-Subscribe")
NAMESPACE: Final = "http://jabber.org/protocol/pubsub#event"

T = TypeVar("T")


@payload(NAMESPACE, "item")
class EventItem:
    """An item that was published, with its payload if the node delivers payloads (section 7.1.2)."""

    id: str | None = attribute(default=None)
    publisher: str | None = attribute(default=None)
    """Who published it, as the service says (section 7.1.2.3)."""
    payload: Element | None = any_child(default=None)

    def read(self, kind: type[T]) -> T | None:
        """Read the payload; None if there is none. Raises `PayloadError` for another kind or a broken one."""
        return None if self.payload is None else decode(kind, self.payload)


@payload(NAMESPACE, "items")
class ItemsEvent:
    """Items that were published or retracted (sections 7.1.2 and 7.2.2.1)."""

    node: str = attribute()
    items: tuple[EventItem, ...] = children(EventItem, default=())
    retracted: tuple[str, ...] = child_attributes("id", "retract", default=())


@payload(NAMESPACE, "configuration")
class ConfigurationEvent:
    """The configuration changed (section 8.2.5.2)."""

    node: str | None = attribute(default=None)
    form: Form | None = child(Form, default=None)


@payload(NAMESPACE, "delete")
class DeleteEvent:
    """The node is no more (section 8.4.2)."""

    node: str = attribute()
    redirect: str | None = child_attribute("uri", "redirect", codec=URI, default=None)
    """The URI of the node that takes its place."""


@payload(NAMESPACE, "purge")
class PurgeEvent:
    """All items were deleted (section 8.5.2)."""

    node: str = attribute()


@payload(NAMESPACE, "subscription")
class SubscriptionEvent:
    """The state of a subscription changed (sections 8.6 and 12.14)."""

    jid: JID = attribute()
    node: str | None = attribute(default=None)
    subid: str | None = attribute(default=None)
    subscription: SubscriptionState | None = attribute(default=None)
    expiry: datetime | None = attribute(codec=XMPP_DATETIME, default=None)
    """When it ends (section 12.19)."""


@payload(NAMESPACE, "collection")
class CollectionEvent:
    """A node joined or left a collection (section 17.3, XEP-0248)."""

    node: str | None = attribute(default=None)
    associate: str | None = child_attribute("node", "associate", default=None)
    disassociate: str | None = child_attribute("node", "disassociate", default=None)


@payload(NAMESPACE, "event")
class PubsubEvent:
    """What happened at a node. It counts from the service, or the account, whose node it is."""

    event: ItemsEvent | ConfigurationEvent | DeleteEvent | PurgeEvent | SubscriptionEvent | CollectionEvent = choice(
        ItemsEvent, ConfigurationEvent, DeleteEvent, PurgeEvent, SubscriptionEvent, CollectionEvent
    )
