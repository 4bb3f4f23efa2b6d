"""Fingerprints in Jingle: which certificate a party will show in DTLS, that its media are secure end to end.

XEP-0320, version 1.0.0, Draft; section 1.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from ..payload import SOME_TEXT, Codec, Spec, attribute, enum, payload, text
from ..payload_codecs import WHITE

__all__ = ["NAMESPACE", "SPEC", "DtlsSetup", "Fingerprint"]

SPEC: Final = Spec(320, "1.0.0", "Draft", "Use of DTLS-SRTP in Jingle Sessions")
NAMESPACE: Final = "urn:xmpp:jingle:apps:dtls:0"
"""Also the feature (section 2)."""

_PAIRS: Final = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*")


def _read(words: str) -> bytes:
    words = words.strip(WHITE)
    if not _PAIRS.fullmatch(words):
        raise ValueError
    return bytes.fromhex(words.replace(":", ""))


_OCTETS: Final[Codec[bytes]] = Codec(
    "pairs of hexadecimal digits with colons between (XEP-0320 section 1)",
    _read,
    lambda value: value.hex(":").upper(),
    lambda value: isinstance(value, bytes) and value != b"",
    "bytes",
)


class DtlsSetup(Enum):
    """Who opens the connection, as in SDP (section 1)."""

    ACTIVE = "active"
    ACTPASS = "actpass"
    """Either: whoever answers says who."""
    HOLDCONN = "holdconn"
    """Named by the schema alone: it means nothing here."""
    PASSIVE = "passive"


@payload(NAMESPACE, "fingerprint")
class Fingerprint:
    """The hash of a certificate, in the transport of a content (section 1)."""

    hash: str = attribute(codec=SOME_TEXT)
    """The function, as SDP names it: `sha-256`."""
    setup: DtlsSetup = attribute(codec=enum(DtlsSetup))
    octets: bytes = text(codec=_OCTETS)
