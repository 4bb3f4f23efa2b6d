"""In-band bytestreams: octets in stanzas, for when nothing else works.

XEP-0047, version 2.0.1, Final; sections 2 to 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Final

from ..payload import BASE64_LINES, UNSIGNED_SHORT, Spec, attribute, enum, integer, pattern, payload, text

__all__ = ["NAMESPACE", "SPEC", "Carrier", "IbbClose", "IbbData", "IbbOpen", "chunks", "following"]

SPEC: Final = Spec(47, "2.0.1", "Final", "In-Band Bytestreams")
NAMESPACE: Final = "http://jabber.org/protocol/ibb"

_SID: Final = pattern(r"[A-Za-z0-9._:\-\u00b7-\u037d\u037f-\u1fff\u2070-\u218f\u3001-\ud7ff]+", "an NMTOKEN")
_BLOCK: Final = integer(1, 65535)


class Carrier(Enum):
    """In which stanzas the data come (section 2.1)."""

    IQ = "iq"
    MESSAGE = "message"


@payload(NAMESPACE, "open")
class IbbOpen:
    """A request for a bytestream (section 2.1)."""

    sid: str = attribute(codec=_SID)
    block_size: int = attribute(codec=_BLOCK)
    """How many octets a piece has at most, before they are encoded."""
    stanza: Carrier = attribute(codec=enum(Carrier), default=Carrier.IQ)


@payload(NAMESPACE, "data")
class IbbData:
    """A piece (section 2.2)."""

    sid: str = attribute(codec=_SID)
    seq: int = attribute(codec=UNSIGNED_SHORT)
    data: bytes = text(codec=BASE64_LINES, default=b"")


@payload(NAMESPACE, "close")
class IbbClose:
    """The end of a bytestream, in both directions (section 2.3)."""

    sid: str = attribute(codec=_SID)


def following(seq: int) -> int:
    """Give the number of the piece after this one: after 65535 comes 0 (section 2.2)."""
    return (seq + 1) % 65536


def chunks(opened: IbbOpen, data: bytes, seq: int = 0) -> Iterator[IbbData]:
    """Cut data into pieces as agreed, the first with the number `seq` (section 2.2)."""
    for start in range(0, len(data), opened.block_size):
        yield IbbData(opened.sid, seq, data[start : start + opened.block_size])
        seq = following(seq)
