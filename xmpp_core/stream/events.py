"""What happened, and what must be decided. Received stanzas are events of their own classes.

Every event but a stanza is a frozen dataclass, so that `match` takes it apart. The list is complete
in `EVENTS`; questions come from the features that ask them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar
from xml.etree.ElementTree import Element

from ..jid import JID
from .context import Kind, Side
from .header import Header

__all__ = [
    "EVENTS",
    "Cause",
    "Closed",
    "Event",
    "FeaturesOffered",
    "Host",
    "HostSelected",
    "HostUnknown",
    "NegotiationFailed",
    "PeerSilent",
    "Question",
    "Redirect",
    "Retry",
    "SessionReady",
    "StanzaRejected",
    "StreamClosing",
    "StreamFailed",
    "StreamOpened",
]

A = TypeVar("A")


class Event:
    """Base of what `Connection.next_event` returns, stanzas apart."""

    __slots__ = ()


class Question(Event, Generic[A]):
    """An event that pauses its stream until `Connection.answer(question, value)`, with `value` an `A`.

    Two questions are never equal: an answer belongs to the one object that was delivered.
    """

    __slots__ = ()
    answers: ClassVar[tuple[type, ...]] = ()
    """The classes of which an answer must be an instance."""

    def fault_of(self, value: A) -> str | None:
        """Say what is wrong with an answer of the right class; None when it will do."""
        return None


class Cause(enum.Enum):
    """Why a stream failed, for programs; `StreamFailed.detail` says it for people."""

    PEER_ERROR = "the peer sent a stream error"
    VIOLATION = "the peer broke the protocol"
    PLAINTEXT_AFTER_STARTTLS = "plain text arrived where only TLS may follow"
    TLS_FAILED = "TLS could not be established"
    TLS_REQUIRED = "the stream may not go on without TLS"
    AUTHENTICATION_FAILED = "authentication failed"
    BIND_FAILED = "no resource could be bound"
    NEGOTIATION_FAILED = "the peers have too little in common"
    DEADLINE = "waiting took too long"
    END_OF_DATA = "the transport ended without a closing tag"
    RESOURCES = "more data was given than may be kept"
    LOCAL = "this side ended the stream with an error"


class Retry(enum.Enum):
    """Whether connecting again makes sense (RFC 6120 sections 3.3 and 4.9)."""

    NOW = "at once"
    LATER = "after a delay"
    NEVER = "not before something is changed"


@dataclass(frozen=True, slots=True)
class Redirect(Event):
    """Where a `see-other-host` points (RFC 6120 section 4.9.3.19). `port` None: look it up as usual.

    IPv6 addresses come without brackets. The host follows it at most a few times, with the domain
    first asked for, never with this name, in the header and in the certificate check.
    """

    host: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class StreamOpened(Event):
    """The peer's stream header arrived and was accepted (RFC 6120 section 4.2)."""

    header: Header


@dataclass(frozen=True, slots=True)
class FeaturesOffered(Event):
    """The receiving entity announced its stream features (RFC 6120 section 4.3.2)."""

    element: Element


@dataclass(frozen=True, slots=True)
class NegotiationFailed(Event):
    """One try at a feature was refused and the stream goes on: another mechanism, another try."""

    feature: str
    """Clark name of the feature."""
    condition: str
    """The condition that was sent or received, by its element name."""
    text: str | None = None


@dataclass(frozen=True, slots=True)
class SessionReady(Event):
    """Negotiation is complete: stanzas may flow (RFC 6120 section 4.3.5).

    `jid` is the full address bound for a client's stream on both sides, else the peer's domain.
    """

    jid: JID
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class StanzaRejected(Event):
    """A stanza broke a rule of RFC 6120 section 8 and is not delivered; nothing else was lost.

    `answered` says whether the stanza error `condition` was sent back (section 8.3.1 forbids some).
    """

    element: Element
    condition: str
    reason: str
    section: str
    answered: bool


@dataclass(frozen=True, slots=True)
class PeerSilent(Event):
    """Nothing came from the peer for `seconds`; without a sign of life the stream will end.

    RFC 6120 section 4.6.2. A ping (XEP-0199) sent now makes a living peer speak.
    """

    seconds: float


@dataclass(frozen=True, slots=True)
class StreamClosing(Event):
    """The peer closed its stream (RFC 6120 section 4.4).

    What is sent before the next event is asked for still leaves; then our own closing tag follows.
    """


@dataclass(frozen=True, slots=True)
class Closed(Event):
    """Terminal: both streams ended without an error.

    `side` closed first. `clean` is False when the peer's closing tag never came.
    """

    side: Side
    clean: bool = True
    local: bool = True
    """Whether this side closed first."""
    unacknowledged: tuple[Element, ...] = field(default=(), repr=False)
    """Stanzas of ours that the peer was to acknowledge and did not, where an extension counts them."""


@dataclass(frozen=True, slots=True)
class StreamFailed(Event):
    """Terminal: the stream ended with an error. Exactly one terminal event ends a connection."""

    cause: Cause
    detail: str
    """For people: what happened, by which rule. Never octets of the peer."""
    condition: str | None = None
    """Stream error condition (RFC 6120 section 4.9.3), sent or received; None when there was none."""
    local: bool = True
    """Whether this side ended the stream."""
    section: str | None = None
    text: str | None = None
    """The peer's words for people, when it sent a stream error. Not to be trusted, not to be parsed."""
    lang: str | None = None
    application: Element | None = None
    """Application-specific condition of a received stream error (section 4.9.4)."""
    retry: Retry = Retry.LATER
    redirect: Redirect | None = None
    position: int | None = None
    """Octets from the start of the stream to the offending one, when the XML was at fault."""
    unacknowledged: tuple[Element, ...] = field(default=(), repr=False)
    """Stanzas of ours not acknowledged by the peer; empty when `Connection.detach` gives the session that owns them."""

    def explain(self) -> str:
        """Give one line for a person: what happened, whose doing it was, and what to do."""
        whose = "this side" if self.local else "the peer"
        parts = [
            f"{self.cause.value}: {self.detail}" if self.detail not in ("", self.cause.value) else self.cause.value
        ]
        if self.condition:
            parts.append(f"{whose} ended the stream with <{self.condition}/>")
        if self.section:
            parts.append(f"see {self.section}")
        parts.append(f"connect again: {self.retry.value}")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Host:
    """Answer to `HostSelected`: this domain is served here."""

    domain: JID


@dataclass(frozen=True, slots=True)
class HostUnknown:
    """Answer to `HostSelected`: the domain is not served here (RFC 6120 section 4.9.3.6)."""

    moved: bool = False
    """Whether it was served here once: `host-gone` (section 4.9.3.5) is sent instead."""


@dataclass(frozen=True, slots=True, eq=False)
class HostSelected(Question[Host | HostUnknown]):
    """Which host does the initial header name? Asked by the receiving entity at each header."""

    to: JID | None
    from_: JID | None
    kind: Kind
    answers: ClassVar[tuple[type, ...]] = (Host, HostUnknown)

    def fault_of(self, value: Host | HostUnknown) -> str | None:
        """A host is a domain, with neither localpart nor resourcepart."""
        if isinstance(value, Host) and (value.domain.local is not None or value.domain.resource is not None):
            return "a host is a domainpart alone"
        return None


EVENTS = (
    StreamOpened,
    FeaturesOffered,
    NegotiationFailed,
    SessionReady,
    StanzaRejected,
    PeerSilent,
    StreamClosing,
    Closed,
    StreamFailed,
    HostSelected,
)
