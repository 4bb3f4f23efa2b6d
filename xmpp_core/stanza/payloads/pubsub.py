"""Publish-subscribe: what an entity, subscriber or publisher asks of a service, and the answers.

XEP-0060, version 1.30.0, Draft; sections 4 to 7, 8.1, 16.4 and 17.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final, TypeVar
from xml.etree.ElementTree import Element

from ...errors import PayloadError
from ...jid import JID
from ..payload import (
    BOOL,
    UNSIGNED_INT,
    Spec,
    any_child,
    attribute,
    child,
    children,
    choice,
    decode,
    element_of,
    flag,
    payload,
)
from .form_types import typed_form
from .forms import Form, FormType, Given
from .paging import Paging

__all__ = [
    "META_DATA",
    "NAMESPACE",
    "NODE_CONFIG",
    "PUBLISH_OPTIONS",
    "SPEC",
    "SUBSCRIBE_AUTHORIZATION",
    "SUBSCRIBE_OPTIONS",
    "AccessModel",
    "Configure",
    "Create",
    "Default",
    "ItemReply",
    "NodeAffiliation",
    "NodeAffiliations",
    "NodeItem",
    "NodeItems",
    "NodeSubscription",
    "NodeSubscriptions",
    "NodeType",
    "Options",
    "Publish",
    "PublishModel",
    "PublishOptions",
    "Pubsub",
    "PubsubAffiliation",
    "Retract",
    "SendLastPublished",
    "Subscribe",
    "SubscribeOptions",
    "SubscriptionState",
    "Unsubscribe",
    "node_config",
    "options_form",
    "publish_options",
    "subscribe_options",
]

SPEC: Final = Spec(60, "1.30.0", "Draft", "Publish-Subscribe")
NAMESPACE: Final = "http://jabber.org/protocol/pubsub"
NODE_CONFIG: Final = "http://jabber.org/protocol/pubsub#node_config"
"""The FORM_TYPE of the configuration of a node (section 16.4.4)."""
PUBLISH_OPTIONS: Final = "http://jabber.org/protocol/pubsub#publish-options"
"""The FORM_TYPE of what a publisher expects of the node (section 7.1.5)."""
SUBSCRIBE_OPTIONS: Final = "http://jabber.org/protocol/pubsub#subscribe_options"
"""The FORM_TYPE of the options of a subscription (section 16.4.2)."""
SUBSCRIBE_AUTHORIZATION: Final = "http://jabber.org/protocol/pubsub#subscribe_authorization"
"""The FORM_TYPE of a request to approve a subscription (sections 8.6 and 16.4.1)."""
META_DATA: Final = "http://jabber.org/protocol/pubsub#meta-data"
"""The FORM_TYPE of what a node says of itself (sections 5.4 and 16.4.3)."""

T = TypeVar("T")


class PubsubAffiliation(Enum):
    """What an entity is to a node (section 4.1)."""

    OWNER = "owner"
    PUBLISHER = "publisher"
    PUBLISH_ONLY = "publish-only"
    MEMBER = "member"
    NONE = "none"
    OUTCAST = "outcast"


class SubscriptionState(Enum):
    """How far a subscription is (section 4.2)."""

    NONE = "none"
    PENDING = "pending"
    UNCONFIGURED = "unconfigured"
    SUBSCRIBED = "subscribed"


class AccessModel(Enum):
    """Who may subscribe and retrieve items: `pubsub#access_model` (section 4.5)."""

    OPEN = "open"
    PRESENCE = "presence"
    ROSTER = "roster"
    AUTHORIZE = "authorize"
    WHITELIST = "whitelist"


class PublishModel(Enum):
    """Who may publish: `pubsub#publish_model` (section 16.4.4)."""

    PUBLISHERS = "publishers"
    SUBSCRIBERS = "subscribers"
    OPEN = "open"


class SendLastPublished(Enum):
    """When the last item is sent to a subscriber: `pubsub#send_last_published_item` (section 16.4.4)."""

    NEVER = "never"
    ON_SUB = "on_sub"
    ON_SUB_AND_PRESENCE = "on_sub_and_presence"


class NodeType(Enum):
    """What a node holds: `pubsub#node_type` (section 4.4); collections are XEP-0248."""

    LEAF = "leaf"
    COLLECTION = "collection"


class ItemReply(Enum):
    """Whose address answers to an item go to: `pubsub#itemreply` (section 16.4.4)."""

    OWNER = "owner"
    PUBLISHER = "publisher"


@payload(NAMESPACE, "create")
class Create:
    """Make a node; without a name the service gives one (section 8.1)."""

    node: str | None = attribute(default=None)


@payload(NAMESPACE, "configure")
class Configure:
    """Beside `Create`: how it is configured (section 8.1.3)."""

    form: Form | None = child(Form, default=None)


@payload(NAMESPACE, "subscribe")
class Subscribe:
    """Subscribe to a node, or to the whole service (section 6.1)."""

    jid: JID = attribute()
    node: str | None = attribute(default=None)


@payload(NAMESPACE, "options")
class Options:
    """The options of a subscription: asked for, set, or beside `Subscribe` (section 6.3)."""

    jid: JID = attribute()
    node: str | None = attribute(default=None)
    subid: str | None = attribute(default=None)
    form: Form | None = child(Form, default=None)


@payload(NAMESPACE, "unsubscribe")
class Unsubscribe:
    """End a subscription (section 6.2)."""

    jid: JID = attribute()
    node: str | None = attribute(default=None)
    subid: str | None = attribute(default=None)


@payload(NAMESPACE, "subscribe-options")
class SubscribeOptions:
    """Whether a subscription may be configured, or must be (sections 6.1.5 and 6.3.1)."""

    required: bool = flag(default=False)


@payload(NAMESPACE, "subscription")
class NodeSubscription:
    """A subscription and its state (sections 5.6 and 6.1.2)."""

    jid: JID = attribute()
    node: str | None = attribute(default=None)
    subid: str | None = attribute(default=None)
    subscription: SubscriptionState | None = attribute(default=None)
    options: SubscribeOptions | None = child(SubscribeOptions, default=None)


@payload(NAMESPACE, "subscriptions")
class NodeSubscriptions:
    """A question for the own subscriptions, at one node or all, or the answer (section 5.6)."""

    node: str | None = attribute(default=None)
    subscriptions: tuple[NodeSubscription, ...] = children(NodeSubscription, default=())


@payload(NAMESPACE, "affiliation")
class NodeAffiliation:
    """An own affiliation (section 5.7)."""

    affiliation: PubsubAffiliation = attribute()
    node: str | None = attribute(default=None)
    """Required by the schema; left out in answers about one node, which names it outside."""


@payload(NAMESPACE, "affiliations")
class NodeAffiliations:
    """A question for the own affiliations, at one node or all, or the answer (section 5.7)."""

    node: str | None = attribute(default=None)
    affiliations: tuple[NodeAffiliation, ...] = children(NodeAffiliation, default=())


@payload(NAMESPACE, "default")
class Default:
    """A question for the default options of subscriptions, or the answer (section 6.4)."""

    node: str | None = attribute(default=None)
    form: Form | None = child(Form, default=None)


@payload(NAMESPACE, "item")
class NodeItem:
    """An item: published, retrieved, or named to be retrieved or retracted. At most one payload (section 7.1.1)."""

    id: str | None = attribute(default=None)
    """Without one the service makes it up."""
    publisher: str | None = attribute(default=None)
    """Who published it, as the service says (section 7.1.2.3)."""
    payload: Element | None = any_child(default=None)

    @classmethod
    def of(cls, payload: Element | object, id: str | None = None) -> NodeItem:
        """Make an item of a payload to publish."""
        return cls(id, payload=element_of(payload))

    def read(self, kind: type[T]) -> T | None:
        """Read the payload; None if there is none. Raises `PayloadError` for another kind or a broken one."""
        return None if self.payload is None else decode(kind, self.payload)


@payload(NAMESPACE, "items")
class NodeItems:
    """A question for items of a node (all, the last `max_items`, those named), or the answer (section 6.5)."""

    node: str = attribute()
    items: tuple[NodeItem, ...] = children(NodeItem, default=())
    max_items: int | None = attribute("max_items", codec=UNSIGNED_INT, default=None)
    subid: str | None = attribute(default=None)

    def validate(self) -> None:
        """Refuse to ask for no items at all."""
        if self.max_items == 0:
            raise PayloadError("@max_items", "at least one (XEP-0060 section 17.1)")


@payload(NAMESPACE, "publish")
class Publish:
    """Publish to a node, or what was published (section 7.1)."""

    node: str = attribute()
    items: tuple[NodeItem, ...] = children(NodeItem, default=())


@payload(NAMESPACE, "publish-options")
class PublishOptions:
    """Beside `Publish`: what the publisher expects of the node (section 7.1.5)."""

    form: Form | None = child(Form, default=None)


@payload(NAMESPACE, "retract")
class Retract:
    """Delete items (section 7.2)."""

    node: str = attribute()
    items: tuple[NodeItem, ...] = children(NodeItem)
    notify: bool | None = attribute(codec=BOOL, default=None)
    """Whether subscribers are told; None: as the node is configured."""


@payload(NAMESPACE, "pubsub")
class Pubsub:
    """One request of an entity, subscriber or publisher, or its answer (sections 5 to 7, 17.1)."""

    action: (
        Create
        | Subscribe
        | Publish
        | Retract
        | NodeItems
        | Unsubscribe
        | NodeSubscription
        | NodeSubscriptions
        | NodeAffiliations
        | Default
        | None
    ) = choice(
        Create,
        Subscribe,
        Publish,
        Retract,
        NodeItems,
        Unsubscribe,
        NodeSubscription,
        NodeSubscriptions,
        NodeAffiliations,
        Default,
        default=None,
    )
    configure: Configure | None = child(Configure, default=None, kw_only=True)
    options: Options | None = child(Options, default=None, kw_only=True)
    publish_options: PublishOptions | None = child(PublishOptions, default=None, kw_only=True)
    paging: Paging | None = child(Paging, default=None, kw_only=True)
    """Which page of the items (section 6.5.4)."""

    def validate(self) -> None:
        """Hold what stands beside an action to the schema."""
        if self.configure is not None and not isinstance(self.action, Create):
            raise PayloadError("configure", "beside create alone (XEP-0060 section 17.1)")
        if self.publish_options is not None and not isinstance(self.action, Publish):
            raise PayloadError("publish-options", "beside publish alone (XEP-0060 section 17.1)")


def options_form(form_type: str, given: Mapping[str, Given | Enum], type: FormType = FormType.SUBMIT) -> Form:
    """Make a form of this FORM_TYPE; names are completed by `pubsub#` unless they have a `#` or are in braces."""
    return typed_form(form_type, {_full(name): _plain(value) for name, value in given.items()}, type)


def node_config(**given: Given | Enum) -> Form:
    """Configure a node: `node_config(access_model=AccessModel.OPEN, persist_items=True)` (section 16.4.4)."""
    return options_form(NODE_CONFIG, given)


def publish_options(**given: Given | Enum) -> PublishOptions:
    """Say what is expected of the node: the publication fails if it is otherwise (section 7.1.5)."""
    return PublishOptions(options_form(PUBLISH_OPTIONS, given))


def subscribe_options(**given: Given | Enum) -> Form:
    """Configure a subscription: `subscribe_options(deliver=True, show_values=["online"])` (section 16.4.2)."""
    return options_form(SUBSCRIBE_OPTIONS, given)


def _full(name: str) -> str:
    if "#" in name or name.startswith("{"):
        return name
    return f"pubsub#{'show-values' if name == 'show_values' else name}"


def _plain(value: Given | Enum) -> Given:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return tuple(str(one.value) if isinstance(one, Enum) else one for one in value)
    return value
