"""Bounds on what a peer may cost, all settable (RFC 6120 section 13.12, XEP-0478)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CLIENT_LIMITS", "DEEPEST", "SMALLEST_STANZA_LIMIT", "Limits", "Timeouts", "XMLLimits"]

SMALLEST_STANZA_LIMIT: Final = 10_000
"""No limit on stanza octets may be lower than this (RFC 6120 section 13.12)."""


DEEPEST: Final = 500
"""No element is written that is nested deeper."""


@dataclass(frozen=True, slots=True)
class XMLLimits:
    """What one top-level element of a stream, and its header, may hold."""

    stanza_bytes: int = SMALLEST_STANZA_LIMIT
    """Octets from the `<` of a top-level element to its last `>`; that many are accepted, one more is not."""
    nodes: int = 10_000
    """Elements and attributes of one top-level element, itself included; namespace declarations do not count."""
    depth: int = 64
    """Nesting of elements; a top-level element has depth 1."""
    attributes: int = 128
    """Attributes of one element; namespace declarations do not count."""
    children: int = 10_000
    """Child elements of one element."""
    name_length: int = 4096
    """Characters in the local name of an element or attribute."""
    namespace_bytes: int = 256
    """Octets of a namespace name as it is declared: one prefix puts it into many names, and each of them is written."""
    header_bytes: int = 8192
    """Octets from the first of a stream to the `>` of its stream tag."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one connection. The defaults suit a server; `CLIENT_LIMITS` suits a client."""

    stanza_bytes: int = 262_144
    """Octets of one top-level element once the peer is authenticated."""
    stanza_bytes_before_auth: int = SMALLEST_STANZA_LIMIT
    """Octets of one top-level element before that."""
    nodes: int = 10_000
    depth: int = 64
    attributes: int = 128
    children: int = 10_000
    name_length: int = 4096
    namespace_bytes: int = 256
    header_bytes: int = 8192
    unread: int = 1_048_576
    """Octets kept while a question waits or output is not drained; more ends the stream (resource-constraint)."""
    unsent: int = 1_048_576
    """Octets of output above which the engine stops reading and interpreting (back-pressure)."""
    authentication_attempts: int = 3
    """Failed authentications after which the receiving entity closes; RFC 6120 section 6.4.5 asks for 2 to 5."""
    bind_attempts: int = 5
    """Refused resource bindings after which the receiving entity closes; RFC 6120 section 7.7.3 asks for 5 to 10."""
    least_iterations: int = 4096
    """Fewest SCRAM iterations accepted from a server (RFC 5802 section 5.1, RFC 7677 section 4)."""
    most_iterations: int = 1_000_000
    """Most SCRAM iterations accepted, so that a derivation is no weapon."""

    def __post_init__(self) -> None:
        for name in ("stanza_bytes", "stanza_bytes_before_auth"):
            if getattr(self, name) < SMALLEST_STANZA_LIMIT:
                raise ValueError(f"{name} is below {SMALLEST_STANZA_LIMIT} (RFC 6120 section 13.12)")
        if self.depth > DEEPEST:
            raise ValueError(f"depth is above {DEEPEST}: what is received must be fit to be written")
        if not 2 <= self.authentication_attempts <= 5:
            raise ValueError("authentication_attempts is not within 2..5 (RFC 6120 section 6.4.5)")
        if not 5 <= self.bind_attempts <= 10:
            raise ValueError("bind_attempts is not within 5..10 (RFC 6120 section 7.7.3)")

    def xml(self, *, authenticated: bool) -> XMLLimits:
        """Give the parser's share of these limits, before or after authentication."""
        return XMLLimits(
            stanza_bytes=self.stanza_bytes if authenticated else self.stanza_bytes_before_auth,
            nodes=self.nodes,
            depth=self.depth,
            attributes=self.attributes,
            children=self.children,
            name_length=self.name_length,
            namespace_bytes=self.namespace_bytes,
            header_bytes=self.header_bytes,
        )


CLIENT_LIMITS: Final = Limits(stanza_bytes=16_777_216, nodes=250_000, children=250_000, unread=16_777_216)
"""For a client towards its own server: a roster of 5,000 contacts is over 600 KiB."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds after which waiting ends."""

    negotiation: float = 60.0
    """From `start` until stanzas may flow."""
    question: float = 60.0
    """For the host to answer a question."""
    close: float = 10.0
    """For the peer to answer our closing tag (RFC 6120 section 4.4)."""
    keepalive: float | None = 300.0
    """Silence of our own after which one space is sent (RFC 6120 section 4.6.1); None: never."""
    silence: float | None = None
    """Silence of the peer after which it counts as gone (RFC 6120 section 4.6.2); None: never."""
    probe: float = 30.0
    """How long before `silence` runs out the peer is asked for a sign of life."""
