"""What a feature may look at: roles, milestones, addresses, TLS (RFC 6120 sections 4.3 and 4.5)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..entropy import Entropy
from ..jid import JID
from ..limits import Limits

if TYPE_CHECKING:
    from .header import Header
    from .session import ResumableSession

__all__ = ["Kind", "Milestone", "Side", "StreamContext", "TlsFailed", "TlsInfo"]


class Side(enum.Enum):
    """Which end of the stream this is."""

    INITIATING = "initiating"
    """Opened the connection and sends the initial stream header."""
    RECEIVING = "receiving"
    """Accepted the connection and sends the response stream header."""


class Kind(enum.Enum):
    """What the stream is between; the value is its content namespace (RFC 6120 section 4.8.2)."""

    C2S = "jabber:client"
    S2S = "jabber:server"
    COMPONENT = "jabber:component:accept"


class Milestone(enum.Flag):
    """Progress of one stream, never its role."""

    NONE = 0
    SECURE = enum.auto()
    """TLS is in place under the stream."""
    AUTHENTICATED = enum.auto()
    """The receiving entity knows who the initiating entity is."""
    BOUND = enum.auto()
    """A resource is bound (RFC 6120 section 7)."""


@dataclass(frozen=True, slots=True)
class TlsInfo:
    """What the host's TLS library says after a handshake; the engine never asks it itself.

    Certificates are DER. `channel_bindings` maps a type's name (`tls-unique`, `tls-exporter`,
    `tls-server-end-point`) to its data and may be empty. `verified` says that the host checked the
    peer's certificate chain and, when initiating, its identity (RFC 6120 section 13.7).
    """

    version: str | None = None
    cipher: str | None = None
    alpn: str | None = None
    server_name: str | None = None
    local_certificate: bytes | None = field(default=None, repr=False)
    peer_certificates: tuple[bytes, ...] = field(default=(), repr=False)
    verified: bool = False
    channel_bindings: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    extended_master_secret: bool | None = None


@dataclass(frozen=True, slots=True)
class TlsFailed:
    """The handshake failed. `reason` is for the local user and is never sent.

    `untrusted`: the peer's certificate was refused, so trying again changes nothing.
    """

    reason: str = "the TLS handshake failed"
    untrusted: bool = False


@dataclass(frozen=True, slots=True)
class StreamContext:
    """All that a feature, an inline feature or an extension may look at. A value: it never changes."""

    side: Side
    kind: Kind
    milestones: Milestone
    tls: TlsInfo | None
    domain: JID | None
    """The host of the receiving entity: the one asked for when initiating, the one served when receiving."""
    local: JID | None
    """Our own address as far as it is known: account or server, with the resource once bound."""
    peer: JID | None
    """The authenticated address of the peer, None before that."""
    header: Header | None
    """The stream header we sent on this stream."""
    peer_header: Header | None
    """The stream header the peer sent on this stream."""
    limits: Limits
    entropy: Entropy
    now: float
    """Monotonic seconds at the last call that told the time."""
    resume: ResumableSession | None = None
    """The session the host wants resumed, if it gave one to `start`."""

    @property
    def initiating(self) -> bool:
        """Whether we opened the stream."""
        return self.side is Side.INITIATING

    @property
    def secure(self) -> bool:
        """Whether TLS is in place."""
        return Milestone.SECURE in self.milestones
