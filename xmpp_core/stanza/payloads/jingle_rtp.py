"""RTP as an application of Jingle: which encodings of voice or video are offered, and what becomes of them.

XEP-0167, version 1.1, Draft; sections 4 and 7 to 10. `rtcp-mux` is of version 1.2.0.

The elements of a session are in `jingle`: there `JingleContent.part("description")` is to be read as `RtpDescription`,
and what `session-info` is about as `RtpInfo` or `RtpMute`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Final

from ...errors import PayloadError
from ..payload import (
    BOOL_DIGIT,
    SOME_TEXT,
    UNSIGNED_BYTE,
    UNSIGNED_INT,
    Spec,
    attribute,
    child,
    children,
    element_name,
    enum,
    flag,
    payload,
    text,
)
from .jingle import Party

__all__ = [
    "ERRORS",
    "INFO",
    "NAMESPACE",
    "SPEC",
    "RtpBandwidth",
    "RtpCondition",
    "RtpCrypto",
    "RtpDescription",
    "RtpEncryption",
    "RtpError",
    "RtpInfo",
    "RtpMute",
    "RtpMuteState",
    "RtpParameter",
    "RtpPayloadType",
    "RtpState",
    "features",
]

SPEC: Final = Spec(167, "1.1", "Draft", "Jingle RTP Sessions")
NAMESPACE: Final = "urn:xmpp:jingle:apps:rtp:1"
INFO: Final = "urn:xmpp:jingle:apps:rtp:info:1"
ERRORS: Final = "urn:xmpp:jingle:apps:rtp:errors:1"

_MEDIA: Final = "urn:xmpp:jingle:apps:rtp:"
_FIRST_DYNAMIC, _LAST_DYNAMIC = 96, 127


class RtpState(Enum):
    """What a party tells of the session (section 8)."""

    ACTIVE = "active"
    """Back from hold or mute."""
    HOLD = "hold"
    """It does not listen for now."""
    RINGING = "ringing"
    UNHOLD = "unhold"


class RtpMuteState(Enum):
    """Whether a party sends media (section 8.3)."""

    MUTE = "mute"
    UNMUTE = "unmute"


class RtpCondition(Enum):
    """Why a session ends over its encryption, beside `security-error` (section 7)."""

    CRYPTO_REQUIRED = "crypto-required"
    INVALID_CRYPTO = "invalid-crypto"


@payload(NAMESPACE, "parameter")
class RtpParameter:
    """A parameter of an encoding, as `fmtp` has it in SDP; the case of its name matters (section 4)."""

    name: str = attribute()
    value: str = attribute()


@payload(NAMESPACE, "payload-type")
class RtpPayloadType:
    """An encoding (section 4)."""

    id: int = attribute(codec=UNSIGNED_BYTE)
    name: str | None = attribute(default=None)
    """The subtype of its media type; there must be one where the number alone says nothing: 96 to 127."""
    clockrate: int | None = attribute(codec=UNSIGNED_INT, default=None)
    channels: int = attribute(codec=UNSIGNED_BYTE, default=1)
    ptime: int | None = attribute(codec=UNSIGNED_INT, default=None, kw_only=True)
    maxptime: int | None = attribute(codec=UNSIGNED_INT, default=None, kw_only=True)
    parameters: tuple[RtpParameter, ...] = children(RtpParameter, default=(), kw_only=True)
    """In no order that means anything."""

    @property
    def is_dynamic(self) -> bool:
        """Whether the number says nothing of itself (section 4, RFC 3551 section 3)."""
        return _FIRST_DYNAMIC <= self.id <= _LAST_DYNAMIC

    def validate(self) -> None:
        """Hold to the table of section 4."""
        if self.is_dynamic and not self.name:
            raise PayloadError("@name", "a name for a dynamic payload type (XEP-0167 section 4)")


@payload(NAMESPACE, "crypto")
class RtpCrypto:
    """One offer of SRTP, as `crypto` has it in SDP: it holds the key (section 7)."""

    crypto_suite: str = attribute(codec=SOME_TEXT)
    key_params: str = attribute(codec=SOME_TEXT)
    tag: str = attribute(codec=SOME_TEXT)
    session_params: str | None = attribute(default=None)


@payload(NAMESPACE, "encryption")
class RtpEncryption:
    """The offers of SRTP (section 7); other specifications put other offers here."""

    cryptos: tuple[RtpCrypto, ...] = children(RtpCrypto, default=())
    required: bool = attribute(codec=BOOL_DIGIT, default=False, kw_only=True)


@payload(NAMESPACE, "bandwidth")
class RtpBandwidth:
    """How much may be sent, as `b=` has it in SDP (section 4)."""

    type: str = attribute(codec=SOME_TEXT)
    value: str = text(default="")


@payload(NAMESPACE, "description")
class RtpDescription:
    """The description of a content: its encodings, the most wanted first (section 4)."""

    media: str = attribute(codec=SOME_TEXT)
    """`audio`, `video` or another media type."""
    payload_types: tuple[RtpPayloadType, ...] = children(RtpPayloadType, default=())
    ssrc: str | None = attribute(default=None, kw_only=True)
    encryption: RtpEncryption | None = child(RtpEncryption, default=None, kw_only=True)
    bandwidth: RtpBandwidth | None = child(RtpBandwidth, default=None, kw_only=True)
    rtcp_mux: bool = flag(default=False, kw_only=True)
    """The control is sent where the media are."""

    @property
    def profile(self) -> str:
        """The profile of RTP, as SDP names it (section 4)."""
        return "RTP/AVP" if self.encryption is None else "RTP/SAVP"


@payload(INFO, tuple(one.value for one in RtpState))
class RtpInfo:
    """What a party tells of the whole session (section 8)."""

    state: RtpState = element_name(codec=enum(RtpState))


@payload(INFO, tuple(one.value for one in RtpMuteState))
class RtpMute:
    """Whether a party sends media: those of one content, or all (section 8.3)."""

    state: RtpMuteState = element_name(codec=enum(RtpMuteState))
    name: str | None = attribute(default=None)
    """The content; None: all of them."""
    creator: Party | None = attribute(codec=enum(Party), default=None)
    """Who made the content."""


@payload(ERRORS, tuple(one.value for one in RtpCondition))
class RtpError:
    """Why a session ends over its encryption: among the details of the reason (section 7)."""

    condition: RtpCondition = element_name(codec=enum(RtpCondition))


def features(media: Iterable[str] = ("audio", "video")) -> tuple[str, ...]:
    """Give the features that tell of this, and of these kinds of media (section 10)."""
    return (NAMESPACE, *(f"{_MEDIA}{one}" for one in media))
