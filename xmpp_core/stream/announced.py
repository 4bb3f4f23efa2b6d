"""What the peer announces beside its stream features: the limits it keeps (XEP-0478)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from ..errors import LocalProtocolError
from ..namespaces import STREAM_LIMITS

__all__ = ["PeerLimits", "StanzaTooLarge", "peer_limits"]

_LIMITS: Final = f"{{{STREAM_LIMITS}}}limits"
_MAX_BYTES: Final = f"{{{STREAM_LIMITS}}}max-bytes"
_IDLE_SECONDS: Final = f"{{{STREAM_LIMITS}}}idle-seconds"
_DIGITS: Final = 18


class StanzaTooLarge(LocalProtocolError):
    """A stanza is larger than the peer takes (XEP-0478 section 4); nothing was sent."""

    def __init__(self, octets: int, most: int) -> None:
        super().__init__(f"the stanza takes {octets} octets, the peer accepts {most} (XEP-0478 section 4)")
        self.octets = octets
        self.most = most


@dataclass(frozen=True, slots=True)
class PeerLimits:
    """What a receiving entity says it accepts (XEP-0478 section 3.1); None for what it does not say."""

    max_bytes: int | None = None
    """Octets of one top-level element."""
    idle_seconds: int | None = None
    """Seconds without traffic from us after which it may check on us or end the stream."""


def peer_limits(features: Element | None) -> PeerLimits:
    """Read the announcement in `<stream:features/>`. What is no number is as good as not said."""
    limits = None if features is None else features.find(_LIMITS)
    if limits is None:
        return PeerLimits()
    return PeerLimits(_number(limits.findtext(_MAX_BYTES)), _number(limits.findtext(_IDLE_SECONDS)))


def _number(text: str | None) -> int | None:
    digits = (text or "").strip(" \t\r\n")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS else None
