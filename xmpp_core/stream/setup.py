"""What the stream layer needs to know of a role; the configurations of `profiles` give it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ..entropy import Entropy, system
from ..jid import JID
from ..limits import Limits, Timeouts
from .context import Kind, Milestone, Side
from .feature import StreamFeature
from .framing import TCP, Framing
from .trace import TraceRecord
from .words import Words

__all__ = ["Ack", "Config", "StreamSetup"]


class Ack(enum.Enum):
    """When a received stanza counts as handled."""

    ON_NEXT_EVENT = "when the next event is asked for"
    EXPLICIT = "when Connection.handled is called"


@dataclass(frozen=True, slots=True)
class StreamSetup:
    """One role, as data."""

    side: Side
    kind: Kind
    features: tuple[StreamFeature, ...]
    """In the order in which an initiating entity takes them (XEP-0170 recommends one)."""
    ready: Milestone
    """The milestones without which stanzas may not flow."""
    domain: JID | None = None
    """Initiating: the host to ask for. Receiving: the host named where the peer names none."""
    account: JID | None = None
    """Initiating: our own address for the header, sent only over TLS (RFC 6120 section 4.7.1)."""
    domains: frozenset[JID] | None = None
    """Receiving: the hosts served; None: `HostSelected` is asked."""
    limits: Limits = field(default_factory=Limits)
    timeouts: Timeouts = field(default_factory=Timeouts)
    entropy: Entropy = system
    framing: Framing = TCP
    ack: Ack = Ack.ON_NEXT_EVENT
    lang: str | None = None
    """`xml:lang` of our headers (RFC 6120 section 4.7.4). Receiving: the default language, `en` if None."""
    insecure_unverified_certificate: bool = False
    """Initiating: go on over a TLS whose certificate the host did not verify."""
    words: Words | None = None
    """Receiving: what people are told with an error, in the language of the stream."""
    trace: Callable[[TraceRecord], None] | None = None


class Config(Protocol):
    """A configuration: anything that can describe its role."""

    def setup(self) -> StreamSetup:
        """Give the role."""
        ...
