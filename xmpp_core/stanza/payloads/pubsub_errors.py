"""Publish-subscribe: the conditions that a service adds to a stanza error.

XEP-0060, version 1.30.0, Draft; sections 5 to 8, 16.3 and 17.2.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ...errors import PayloadError
from ..payload import Spec, attribute, element_name, enum, payload

__all__ = ["NAMESPACE", "SPEC", "PubsubCondition", "PubsubError"]

SPEC: Final = Spec(60, "1.30.0", "Draft", "Publish-Subscribe")
NAMESPACE: Final = "http://jabber.org/protocol/pubsub#errors"


class PubsubCondition(Enum):
    """What is wrong (section 17.2)."""

    CLOSED_NODE = "closed-node"
    CONFIGURATION_REQUIRED = "configuration-required"
    INVALID_JID = "invalid-jid"
    INVALID_OPTIONS = "invalid-options"
    INVALID_PAYLOAD = "invalid-payload"
    INVALID_SUBID = "invalid-subid"
    ITEM_FORBIDDEN = "item-forbidden"
    ITEM_REQUIRED = "item-required"
    JID_REQUIRED = "jid-required"
    MAX_ITEMS_EXCEEDED = "max-items-exceeded"
    MAX_NODES_EXCEEDED = "max-nodes-exceeded"
    NODEID_REQUIRED = "nodeid-required"
    NOT_IN_ROSTER_GROUP = "not-in-roster-group"
    NOT_SUBSCRIBED = "not-subscribed"
    PAYLOAD_TOO_BIG = "payload-too-big"
    PAYLOAD_REQUIRED = "payload-required"
    PENDING_SUBSCRIPTION = "pending-subscription"
    PRECONDITION_NOT_MET = "precondition-not-met"
    PRESENCE_SUBSCRIPTION_REQUIRED = "presence-subscription-required"
    SUBID_REQUIRED = "subid-required"
    TOO_MANY_SUBSCRIPTIONS = "too-many-subscriptions"
    UNSUPPORTED = "unsupported"
    UNSUPPORTED_ACCESS_MODEL = "unsupported-access-model"


@payload(NAMESPACE, tuple(one.value for one in PubsubCondition))
class PubsubError:
    """The application-specific condition of a stanza error (section 17.2)."""

    condition: PubsubCondition = element_name(codec=enum(PubsubCondition))
    feature: str | None = attribute(default=None)
    """What is not supported, as in `http://jabber.org/protocol/pubsub#...` (section 16.3)."""

    def validate(self) -> None:
        """Ask for the feature where, and only where, it is missing."""
        if (self.condition is PubsubCondition.UNSUPPORTED) != (self.feature is not None):
            raise PayloadError("@feature", "the feature, if it is unsupported (XEP-0060 section 17.2)")
