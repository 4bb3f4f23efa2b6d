"""Bits of binary: small pieces of data by the hash of what they hold.

XEP-0231, version 1.1, Draft; section 2.
"""

from __future__ import annotations

import re
from typing import Final

from ..payload import BASE64_LINES, SOME_TEXT, Spec, attribute, integer, payload, text
from .hashes import Hash, digests, matches, supported

__all__ = ["NAMESPACE", "SPEC", "BitOfBinary", "cid_of", "hash_of"]

SPEC: Final = Spec(231, "1.1", "Draft", "Bits of Binary")
NAMESPACE: Final = "urn:xmpp:bob"
_CID: Final = re.compile(r"([A-Za-z0-9._\-]+)\+([0-9A-Fa-f]+)@bob\.xmpp\.org")


@payload(NAMESPACE, "data")
class BitOfBinary:
    """Data, or a request for them, which is empty (sections 2.3 and 2.5)."""

    cid: str = attribute(codec=SOME_TEXT)
    """The content id, `algo+hash@bob.xmpp.org`: elsewhere it is named by a URI, `cid:` and this."""
    max_age: int | None = attribute(codec=integer(0, 2**63 - 1), default=None)
    """For how many seconds to keep it; 0: do not."""
    type: str | None = attribute(default=None)
    """The media type."""
    data: bytes = text(codec=BASE64_LINES, default=b"")

    @classmethod
    def of(cls, data: bytes, type: str, max_age: int | None = None, algo: str = "sha-1") -> BitOfBinary:
        """Make one whose id is the hash of its data; raises `ValueError` for an unknown function."""
        return cls(cid_of(data, algo), max_age, type, data)

    @property
    def genuine(self) -> bool | None:
        """Whether the data are those of the id; None: the id tells no hash we know, so it holds for its sender only."""
        found = hash_of(self.cid)
        return None if found is None else matches((found,), self.data)


def cid_of(data: bytes, algo: str = "sha-1") -> str:
    """Give the id of data (section 2.5); raises `ValueError` for an unknown function."""
    [found] = digests(data, (algo,))
    # SHA-1 has a name of its own here (section 2.6).
    return f"{'sha1' if algo == 'sha-1' else algo}+{found.value.hex()}@bob.xmpp.org"


def hash_of(cid: str) -> Hash | None:
    """Give the hash that an id tells, None if it tells none of a function we know."""
    found = _CID.fullmatch(cid)
    if found is None or len(found[2]) % 2:
        return None
    algo = "sha-1" if found[1] == "sha1" else found[1]
    return Hash(algo, bytes.fromhex(found[2])) if supported(algo) else None
