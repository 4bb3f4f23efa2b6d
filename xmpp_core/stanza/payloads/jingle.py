"""Jingle: two entities agree on a session beside the stream. The elements alone, for any kind of content.

XEP-0166, version 1.1.2, Draft; sections 6, 7 and 10.
"""

from __future__ import annotations

from enum import Enum
from typing import Final
from xml.etree.ElementTree import Element

from ...jid import JID
from ..payload import (
    SOME_TEXT,
    Spec,
    attribute,
    child,
    child_name,
    child_text,
    children,
    element_name,
    enum,
    payload,
    rest,
)

__all__ = [
    "ERRORS",
    "NAMESPACE",
    "SPEC",
    "AlternativeSession",
    "Jingle",
    "JingleAction",
    "JingleCondition",
    "JingleContent",
    "JingleError",
    "JingleReason",
    "Party",
    "Reason",
    "Senders",
]

SPEC: Final = Spec(166, "1.1.2", "Draft", "Jingle")
NAMESPACE: Final = "urn:xmpp:jingle:1"
ERRORS: Final = "urn:xmpp:jingle:errors:1"


class JingleAction(Enum):
    """What is done (section 7.2)."""

    CONTENT_ACCEPT = "content-accept"
    CONTENT_ADD = "content-add"
    CONTENT_MODIFY = "content-modify"
    CONTENT_REJECT = "content-reject"
    CONTENT_REMOVE = "content-remove"
    DESCRIPTION_INFO = "description-info"
    SECURITY_INFO = "security-info"
    SESSION_ACCEPT = "session-accept"
    SESSION_INFO = "session-info"
    SESSION_INITIATE = "session-initiate"
    SESSION_TERMINATE = "session-terminate"
    TRANSPORT_ACCEPT = "transport-accept"
    TRANSPORT_INFO = "transport-info"
    TRANSPORT_REJECT = "transport-reject"
    TRANSPORT_REPLACE = "transport-replace"


class Party(Enum):
    """One of the two."""

    INITIATOR = "initiator"
    RESPONDER = "responder"


class Senders(Enum):
    """Who sends a content (section 7.3)."""

    BOTH = "both"
    INITIATOR = "initiator"
    NONE = "none"
    RESPONDER = "responder"


class Reason(Enum):
    """Why something ends (section 7.4); `alternative-session` is a class of its own."""

    BUSY = "busy"
    CANCEL = "cancel"
    CONNECTIVITY_ERROR = "connectivity-error"
    DECLINE = "decline"
    EXPIRED = "expired"
    FAILED_APPLICATION = "failed-application"
    FAILED_TRANSPORT = "failed-transport"
    GENERAL_ERROR = "general-error"
    GONE = "gone"
    INCOMPATIBLE_PARAMETERS = "incompatible-parameters"
    MEDIA_ERROR = "media-error"
    SECURITY_ERROR = "security-error"
    SUCCESS = "success"
    TIMEOUT = "timeout"
    UNSUPPORTED_APPLICATIONS = "unsupported-applications"
    UNSUPPORTED_TRANSPORTS = "unsupported-transports"


class JingleCondition(Enum):
    """What is wrong, beside a condition of RFC 6120 (section 10)."""

    OUT_OF_ORDER = "out-of-order"
    SECURITY_REQUIRED = "security-required"
    TIE_BREAK = "tie-break"
    UNKNOWN_SESSION = "unknown-session"
    UNSUPPORTED_INFO = "unsupported-info"


@payload(NAMESPACE, "alternative-session")
class AlternativeSession:
    """There is another session to use instead (section 7.4)."""

    sid: str | None = child_text(default=None)


@payload(NAMESPACE, "reason")
class JingleReason:
    """Why (section 7.4)."""

    reason: Reason | None = child_name(codec=enum(Reason), default=None)
    """None: there is an alternative session."""
    alternative: AlternativeSession | None = child(AlternativeSession, default=None, kw_only=True)
    text: str | None = child_text(default=None, kw_only=True)
    details: tuple[Element, ...] = rest(default=(), kw_only=True)
    """What the kind of content has to say of it."""


@payload(NAMESPACE, "content")
class JingleContent:
    """What is sent, and over what (section 7.3): its description, transport and security are of other namespaces."""

    creator: Party = attribute(codec=enum(Party))
    name: str = attribute()
    senders: Senders = attribute(codec=enum(Senders), default=Senders.BOTH)
    disposition: str = attribute(default="session")
    """How it is to be taken, as in MIME."""
    parts: tuple[Element, ...] = rest(default=(), kw_only=True)

    def part(self, name: str) -> Element | None:
        """Give the `description`, `transport` or `security`, None if there is none."""
        return next((one for one in self.parts if one.tag.rpartition("}")[2] == name), None)


@payload(NAMESPACE, "jingle")
class Jingle:
    """One step of a session (section 7.1)."""

    action: JingleAction = attribute(codec=enum(JingleAction))
    sid: str = attribute(codec=SOME_TEXT)
    initiator: JID | None = attribute(default=None, kw_only=True)
    responder: JID | None = attribute(default=None, kw_only=True)
    contents: tuple[JingleContent, ...] = children(JingleContent, default=(), kw_only=True)
    reason: JingleReason | None = child(JingleReason, default=None, kw_only=True)
    payloads: tuple[Element, ...] = rest(default=(), kw_only=True)
    """What `session-info` is about."""


@payload(ERRORS, tuple(one.value for one in JingleCondition))
class JingleError:
    """The application-specific condition of a stanza error (section 10)."""

    condition: JingleCondition = element_name(codec=enum(JingleCondition))
