"""What SCRAM signs of the negotiation around it: what was offered (XEP-0474), over which TLS (XEP-0515)."""

from __future__ import annotations

import hashlib
from types import MappingProxyType
from typing import Final

from .attributes import encode_base64
from .derivation import HASHES

__all__ = ["offer_hash", "tls_number"]

_NUMBERS: Final = MappingProxyType(
    {"TLSv1": "0301", "TLSv1.0": "0301", "TLSv1.1": "0302", "TLSv1.2": "0303", "TLSv1.3": "0304"}
)


def offer_hash(hash: str, mechanisms: tuple[str, ...], types: tuple[str, ...] | None) -> str:
    """Give the value of `h`: a hash of the mechanisms and channel-binding types announced (XEP-0474 section 6.1).

    `types` None: none were announced. Order does not matter, and both ends see the same lists.
    """
    text = "\x1e".join(sorted(mechanisms, key=str.encode))
    if types is not None:
        text += "\x1f" + "\x1e".join(sorted(types, key=str.encode))
    return encode_base64(hashlib.new(HASHES[hash].algorithm, text.encode()).digest())


def tls_number(version: str | None) -> str | None:
    """Give the value of `t`: the version's number on the wire (XEP-0515 section 4.1); None where it is not known."""
    return None if version is None else _NUMBERS.get(version)
