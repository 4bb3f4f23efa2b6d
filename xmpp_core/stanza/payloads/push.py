"""Push notifications: the server tells a service of the application that there is something for its user.

XEP-0357, version 0.4.1, Deferred; sections 4 to 7 and 11.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from ...errors import PayloadError
from ...jid import JID
from ..payload import Spec, attribute, child, children, payload, rest
from .form_types import FORM_TYPE, typed_form
from .forms import Form, FormType

__all__ = [
    "NAMESPACE",
    "PUBLISH_OPTIONS",
    "SPEC",
    "SUMMARY",
    "PushDisable",
    "PushEnable",
    "PushNotification",
    "PushSummary",
]

SPEC: Final = Spec(357, "0.4.1", "Deferred", "Push Notifications")
NAMESPACE: Final = "urn:xmpp:push:0"
PUBLISH_OPTIONS: Final = "http://jabber.org/protocol/pubsub#publish-options"
SUMMARY: Final = "urn:xmpp:push:summary"


@payload(NAMESPACE, "enable")
class PushEnable:
    """A client asks its server to tell a service (section 5)."""

    jid: JID = attribute()
    """The service."""
    node: str | None = attribute(default=None)
    forms: tuple[Form, ...] = children(Form, default=())

    @property
    def options(self) -> Form | None:
        """What the server has to publish with: a secret, mostly. Its FORM_TYPE need not be hidden here (example 9)."""
        return next((one for one in self.forms if one.value(FORM_TYPE) == PUBLISH_OPTIONS), None)


@payload(NAMESPACE, "disable")
class PushDisable:
    """A client asks its server to tell a service no longer (section 6)."""

    jid: JID = attribute()
    node: str | None = attribute(default=None)
    """None: all the nodes of the service."""

    def stops(self, enabled: PushEnable) -> bool:
        """Whether this ends what that began."""
        return self.jid == enabled.jid and self.node in (None, enabled.node)


@payload(NAMESPACE, "notification")
class PushNotification:
    """What a server publishes to the node of a service (section 7)."""

    summary: Form | None = child(Form, default=None)
    """`PushSummary`."""
    payloads: tuple[Element, ...] = rest(default=())


@dataclass(frozen=True, slots=True)
class PushSummary:
    """What the form of a notification says (section 11.3.1)."""

    message_count: int | None = None
    """Messages not read or not delivered."""
    pending_subscription_count: int | None = None
    last_message_sender: JID | None = None
    last_message_body: str | None = None
    """It may be kept from the service for privacy."""

    def form(self) -> Form:
        """Give the form."""
        given = {
            "message-count": self.message_count,
            "pending-subscription-count": self.pending_subscription_count,
            "last-message-sender": self.last_message_sender,
            "last-message-body": self.last_message_body,
        }
        return typed_form(SUMMARY, {var: value for var, value in given.items() if value is not None}, FormType.SUBMIT)

    @classmethod
    def read(cls, form: Form) -> PushSummary:
        """Read the form; raises `PayloadError` for numbers and addresses that are none."""
        sender = form.field("last-message-sender")
        addresses = () if sender is None else sender.addresses
        return cls(
            _count(form, "message-count"),
            _count(form, "pending-subscription-count"),
            addresses[0] if addresses else None,
            form.value("last-message-body"),
        )


def _count(form: Form, var: str) -> int | None:
    value = form.value(var)
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise PayloadError("x/field/value", "a number (XEP-0357 section 11.3.1)")
    return int(value)
