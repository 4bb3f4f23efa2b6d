"""Hashes: one form to say which hash function was used, and what it gave.

XEP-0300, version 1.0.0, Draft; sections 3, 5 and 9.3. What is recommended: XEP-0414 section 5.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from typing import Any, Final

from ..payload import BASE64, Spec, attribute, pattern, payload, text

__all__ = [
    "NAMESPACE",
    "RECOMMENDED",
    "SPEC",
    "Hash",
    "HashUsed",
    "digests",
    "features",
    "matches",
    "strongest",
    "supported",
]

SPEC: Final = Spec(300, "1.0.0", "Draft", "Use of Cryptographic Hash Functions in XMPP")
NAMESPACE: Final = "urn:xmpp:hashes:2"
RECOMMENDED: Final = ("sha-256", "sha3-256", "blake2b-512")
"""The functions that everybody must have (XEP-0414 section 5)."""

_FEATURE: Final = "urn:xmpp:hash-function-text-names:"
_NAME: Final = pattern(r"[A-Za-z_][A-Za-z0-9._\-]*", "the name of a hash function (XEP-0300 section 10)")


def _blake2b(octets: int) -> Callable[[], Any]:
    return lambda: hashlib.blake2b(digest_size=octets)


# The strongest first; each with the names it goes by (sections 3 and 9.3). MD5 must not be used, SHA-1 should not
# (XEP-0414 section 5): the first is not here, and the second only proves anything where there is no other.
_FUNCTIONS: Final[tuple[tuple[tuple[str, ...], Callable[[], Any]], ...]] = (
    (("sha3-512",), hashlib.sha3_512),
    (("blake2b-512", "id-blake2b512"), _blake2b(64)),
    (("sha-512",), hashlib.sha512),
    (("sha3-384",), hashlib.sha3_384),
    (("id-blake2b384",), _blake2b(48)),
    (("sha-384",), hashlib.sha384),
    (("sha3-256",), hashlib.sha3_256),
    (("blake2b-256", "id-blake2b256"), _blake2b(32)),
    (("sha-256",), hashlib.sha256),
    (("sha3-224",), hashlib.sha3_224),
    (("sha-224",), hashlib.sha224),
    (("id-blake2b160",), _blake2b(20)),
    (("sha-1",), lambda: hashlib.sha1(usedforsecurity=False)),
)
_BY_NAME: Final = {name: make for names, make in _FUNCTIONS for name in names}
_STRENGTH: Final = {name: place for place, (names, _) in enumerate(_FUNCTIONS) for name in names}


@payload(NAMESPACE, "hash")
class Hash:
    """A hash, and the function that made it (section 3); of several each has another function."""

    algo: str = attribute(codec=_NAME)
    """By the names of IANA's registry, or `sha3-256`, `sha3-512`, `blake2b-256`, `blake2b-512`."""
    value: bytes = text(codec=BASE64)


@payload(NAMESPACE, "hash-used")
class HashUsed:
    """The function that will be used (section 3)."""

    algo: str = attribute(codec=_NAME)


def supported(algo: str) -> bool:
    """Whether we have this function."""
    return algo in _BY_NAME


def features() -> tuple[str, ...]:
    """Give the features to announce: the namespace, and one for each function we have (sections 5 and 9.3).

    Not SHA-1, which others should not be asked to use (XEP-0414 section 5).
    """
    return (NAMESPACE, *(f"{_FEATURE}{name}" for names, _ in _FUNCTIONS for name in names if name != "sha-1"))


def digests(data: bytes | Iterable[bytes], algos: Iterable[str] = RECOMMENDED) -> tuple[Hash, ...]:
    """Hash data, or its pieces one after the other, by several functions at once.

    Raises `ValueError` for a function we do not have.
    """
    made = {}
    for algo in algos:
        if algo not in _BY_NAME:
            raise ValueError("an unknown hash function")
        made[algo] = _BY_NAME[algo]()
    for piece in (data,) if isinstance(data, bytes) else data:
        for one in made.values():
            one.update(piece)
    return tuple(Hash(algo, one.digest()) for algo, one in made.items())


def strongest(hashes: Iterable[Hash]) -> Hash | None:
    """Give the hash of the most trusted function that we have (XEP-0414 section 3); None if we have none of them."""
    return min((one for one in hashes if one.algo in _STRENGTH), key=lambda one: _STRENGTH[one.algo], default=None)


def matches(hashes: Iterable[Hash], data: bytes | Iterable[bytes]) -> bool | None:
    """Whether data is what the hashes say: by all those we have (XEP-0414 section 3). None: we have none of them."""
    known = [one for one in hashes if one.algo in _BY_NAME]
    if not known:
        return None
    made = {one.algo: one.value for one in digests(data, dict.fromkeys(one.algo for one in known))}
    return all(hmac.compare_digest(made[one.algo], one.value) for one in known)
