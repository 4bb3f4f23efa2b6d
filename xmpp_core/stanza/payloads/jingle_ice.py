"""ICE over UDP as a transport of Jingle: the addresses at which the parties try to reach each other.

XEP-0176, version 1.1, Draft; section 5. That version lets `network` of a candidate be left out and makes `foundation` a
text; `id` and `generation`, which drafts after it leave out, may be missing too. The addresses are personal data:
section 10.1 says who may be sent them.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ...errors import PayloadError
from ..payload import (
    SOME_TEXT,
    UNSIGNED_BYTE,
    UNSIGNED_SHORT,
    Spec,
    attribute,
    child,
    children,
    enum,
    integer,
    payload,
)
from .jingle_dtls import Fingerprint

__all__ = ["NAMESPACE", "OFFER_ANSWER", "SPEC", "CandidateType", "IceCandidate", "IceTransport", "RemoteCandidate"]

SPEC: Final = Spec(176, "1.1", "Draft", "Jingle ICE-UDP Transport Method")
NAMESPACE: Final = "urn:xmpp:jingle:transports:ice-udp:1"
"""Also the feature (section 7.1)."""
OFFER_ANSWER: Final = "urn:ietf:rfc:3264"
"""Feature of who prefers all candidates at once (section 7.2)."""

# ICE has priorities of 31 bits, but an example of section 5.8 shows a greater one: a positive number, as in the schema.
_PRIORITY: Final = integer(1, 2**63 - 1)


class CandidateType(Enum):
    """How a candidate came to be known (section 5.3)."""

    HOST = "host"
    """An address of the machine."""
    PEER_REFLEXIVE = "prflx"
    """An address that the other party saw."""
    RELAY = "relay"
    SERVER_REFLEXIVE = "srflx"
    """An address that a STUN server saw."""


@payload(NAMESPACE, "candidate")
class IceCandidate:
    """An address to try (section 5.3)."""

    component: int = attribute(codec=UNSIGNED_BYTE)
    """For RTP 1 is the media and 2 its control (XEP-0167 section 3)."""
    foundation: str = attribute(codec=SOME_TEXT)
    """The same for candidates that are alike."""
    ip: str = attribute(codec=SOME_TEXT)
    port: int = attribute(codec=UNSIGNED_SHORT)
    priority: int = attribute(codec=_PRIORITY)
    type: CandidateType = attribute(codec=enum(CandidateType))
    protocol: str = attribute(codec=SOME_TEXT, default="udp", always=True, kw_only=True)
    """`udp`; later specifications may define others."""
    id: str | None = attribute(codec=SOME_TEXT, default=None, kw_only=True)
    generation: int | None = attribute(codec=UNSIGNED_BYTE, default=None, kw_only=True)
    """Greater for those that are sent after ICE began anew (section 5.9)."""
    network: int | None = attribute(codec=UNSIGNED_BYTE, default=None, kw_only=True)
    """Which interface it is of, for people who look for faults."""
    rel_addr: str | None = attribute(codec=SOME_TEXT, default=None, kw_only=True)
    """The address it was made from."""
    rel_port: int | None = attribute(codec=UNSIGNED_SHORT, default=None, kw_only=True)


@payload(NAMESPACE, "remote-candidate")
class RemoteCandidate:
    """The candidate of the other party that is used (section 5.7)."""

    component: int = attribute(codec=UNSIGNED_BYTE)
    ip: str = attribute(codec=SOME_TEXT)
    port: int = attribute(codec=UNSIGNED_SHORT)


@payload(NAMESPACE, "transport")
class IceTransport:
    """The transport of a content: its candidates, or the one that is used; empty if they follow (section 5.2)."""

    pwd: str | None = attribute(codec=SOME_TEXT, default=None, kw_only=True)
    """The secret of whoever sends the candidates. It is to be beside them; XEP-0166 shows answers without."""
    ufrag: str | None = attribute(codec=SOME_TEXT, default=None, kw_only=True)
    """The name that goes with it."""
    fingerprints: tuple[Fingerprint, ...] = children(Fingerprint, default=(), kw_only=True)
    """What secures the media (XEP-0320 section 1)."""
    candidates: tuple[IceCandidate, ...] = children(IceCandidate, default=())
    remote: RemoteCandidate | None = child(RemoteCandidate, default=None, kw_only=True)

    def validate(self) -> None:
        """Hold to the schema."""
        if self.candidates and self.remote is not None:
            raise PayloadError("remote-candidate", "no remote-candidate beside candidates (XEP-0176, schema)")
