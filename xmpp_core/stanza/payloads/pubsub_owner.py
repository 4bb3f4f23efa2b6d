"""Publish-subscribe: what the owner of a node asks of the service, and the answers.

XEP-0060, version 1.30.0, Draft; sections 8 and 17.4.
"""

from __future__ import annotations

from typing import Final

from ...jid import JID
from ..payload import URI, Spec, attribute, child, child_attribute, children, choice, payload
from .forms import Form
from .paging import Paging
from .pubsub import NodeType, PubsubAffiliation, SubscriptionState

__all__ = [
    "NAMESPACE",
    "SPEC",
    "ConfigureNode",
    "DefaultConfiguration",
    "DeleteNode",
    "OwnerAffiliation",
    "OwnerAffiliations",
    "OwnerSubscription",
    "OwnerSubscriptions",
    "PubsubOwner",
    "PurgeNode",
]

SPEC: Final = Spec(60, "1.30.0", "Draft", "Publish-Subscribe")
NAMESPACE: Final = "http://jabber.org/protocol/pubsub#owner"


@payload(NAMESPACE, "configure")
class ConfigureNode:
    """A question for the configuration of a node, its form, or what is submitted (section 8.2)."""

    node: str | None = attribute(default=None)
    form: Form | None = child(Form, default=None)


@payload(NAMESPACE, "default")
class DefaultConfiguration:
    """A question for the default configuration of new nodes, or the answer (section 8.3)."""

    form: Form | None = child(Form, default=None)
    type: NodeType = attribute(default=NodeType.LEAF)


@payload(NAMESPACE, "delete")
class DeleteNode:
    """Delete a node (section 8.4)."""

    node: str = attribute()
    redirect: str | None = child_attribute("uri", "redirect", codec=URI, default=None)
    """The URI of the node that takes its place."""


@payload(NAMESPACE, "purge")
class PurgeNode:
    """Delete all items of a node (section 8.5)."""

    node: str = attribute()


@payload(NAMESPACE, "subscription")
class OwnerSubscription:
    """A subscription of somebody's (section 8.8)."""

    jid: JID = attribute()
    subscription: SubscriptionState = attribute()
    subid: str | None = attribute(default=None)


@payload(NAMESPACE, "subscriptions")
class OwnerSubscriptions:
    """A question for the subscriptions to a node, the answer, or changes (section 8.8)."""

    node: str = attribute()
    subscriptions: tuple[OwnerSubscription, ...] = children(OwnerSubscription, default=())


@payload(NAMESPACE, "affiliation")
class OwnerAffiliation:
    """An affiliation of somebody's (section 8.9)."""

    jid: JID = attribute()
    affiliation: PubsubAffiliation = attribute()


@payload(NAMESPACE, "affiliations")
class OwnerAffiliations:
    """A question for the affiliations with a node, the answer, or changes (section 8.9)."""

    node: str = attribute()
    affiliations: tuple[OwnerAffiliation, ...] = children(OwnerAffiliation, default=())


@payload(NAMESPACE, "pubsub")
class PubsubOwner:
    """One request of an owner, or its answer (sections 8 and 17.4)."""

    action: ConfigureNode | DefaultConfiguration | DeleteNode | PurgeNode | OwnerSubscriptions | OwnerAffiliations = (
        choice(ConfigureNode, DefaultConfiguration, DeleteNode, PurgeNode, OwnerSubscriptions, OwnerAffiliations)
    )
    paging: Paging | None = child(Paging, default=None)
