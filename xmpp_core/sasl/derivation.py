"""Keys from passwords: PBKDF2 and the keys of SCRAM (RFC 5802 section 3, RFC 7677, RFC 8018)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from ..errors import LocalProtocolError

__all__ = [
    "HASHES",
    "Hash",
    "Hashed",
    "client_key",
    "client_proof",
    "derivations_made",
    "derive",
    "proved_key",
    "server_key",
    "server_signature",
    "stored_key",
]


class Hashed(Protocol):
    """What a function of `hashlib` gives."""

    def digest(self) -> bytes:
        """Give the hash value."""


@dataclass(frozen=True, slots=True)
class Hash:
    """A hash function by its registered name, the name `hashlib` knows, and the sizes of its value and its blocks."""

    name: str
    algorithm: str
    octets: int
    block: int
    function: Callable[[bytes], Hashed] = field(repr=False)
    """What `hashlib` calls by that name: to look it up for each value would take longer than the value."""


HASHES: Final = MappingProxyType(
    {
        one.name: one
        for one in (
            Hash("SHA-1", "sha1", 20, 64, hashlib.sha1),
            Hash("SHA-256", "sha256", 32, 64, hashlib.sha256),
            Hash("SHA-512", "sha512", 64, 128, hashlib.sha512),
            Hash("SHA3-512", "sha3_512", 64, 72, hashlib.sha3_512),
        )
    }
)
"""The hash functions of the SCRAM family, by the name that follows `SCRAM-`."""

_made = 0


def derivations_made() -> int:
    """How many times `derive` has computed something in this process."""
    return _made


def derive(password: str, salt: bytes, iterations: int, hash: str) -> bytes:
    """Give the SaltedPassword: `Hi(password, salt, iterations)` of RFC 5802 section 2.2.

    `password` is prepared. Takes about a millisecond for 4096 iterations of SHA-256. Bounds on the
    iterations a peer may ask for are checked by the mechanisms before this is called. Raises
    `LocalProtocolError` for an unknown hash, no iterations or a password that is no Unicode text.
    """
    global _made  # a count for tests and benches; nothing depends on it
    if hash not in HASHES or iterations < 1:
        raise LocalProtocolError("a derivation needs a known hash and at least one iteration")
    try:
        octets = password.encode()
    except UnicodeEncodeError:
        raise LocalProtocolError("the password is no Unicode text") from None
    _made += 1
    return _pbkdf2()(HASHES[hash], octets, salt, iterations)


def client_key(hash: str, salted_password: bytes) -> bytes:
    """Give ClientKey, which proves the client."""
    return _HMACS[hash](salted_password, b"Client Key")


def server_key(hash: str, salted_password: bytes) -> bytes:
    """Give ServerKey, with which the server proves itself."""
    return _HMACS[hash](salted_password, b"Server Key")


def stored_key(hash: str, client_key: bytes) -> bytes:
    """Give StoredKey, which the server keeps to check proofs."""
    return HASHES[hash].function(client_key).digest()


def client_proof(hash: str, client_key: bytes, auth_message: bytes) -> bytes:
    """Give ClientProof: ClientKey XOR ClientSignature."""
    stored = HASHES[hash].function(client_key).digest()
    return _xor(client_key, _HMACS[hash](stored, auth_message))


def proved_key(hash: str, stored: bytes, proof: bytes, auth_message: bytes) -> bytes:
    """Give the StoredKey that `proof` comes from: equal to `stored` exactly if the proof is right.

    `proof` must have the size of the hash; compare the result with `hmac.compare_digest`.
    """
    return HASHES[hash].function(_xor(proof, _HMACS[hash](stored, auth_message))).digest()


def server_signature(hash: str, server_key: bytes, auth_message: bytes) -> bytes:
    """Give ServerSignature."""
    return _HMACS[hash](server_key, auth_message)


_INNER: Final = bytes(octet ^ 0x36 for octet in range(256))
_OUTER: Final = bytes(octet ^ 0x5C for octet in range(256))


def _hmac(hash: Hash) -> Callable[[bytes, bytes], bytes]:
    """Make HMAC with a hash function (RFC 2104), quick for keys as long as its values, as those of SCRAM are.

    For them it is written out as the two hashes it is. `hmac.digest` looks its function up and sets a context up for
    each message, which takes as long again.
    """
    function, octets = hash.function, hash.octets
    inner_rest, outer_rest = b"\x36" * (hash.block - octets), b"\x5c" * (hash.block - octets)

    def keyed(key: bytes, message: bytes) -> bytes:
        if len(key) != octets:
            return hmac.digest(key, message, hash.algorithm)
        inner = function(key.translate(_INNER) + inner_rest + message).digest()
        return function(key.translate(_OUTER) + outer_rest + inner).digest()

    return keyed


_HMACS: Final = {one.name: _hmac(one) for one in HASHES.values()}


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(right), "big")


_Pbkdf2 = Callable[[Hash, bytes, bytes, int], bytes]
_chosen: _Pbkdf2 | None = None


def _pbkdf2() -> _Pbkdf2:
    """Choose the faster implementation at the first derivation, so that importing this stays quick."""
    global _chosen
    if _chosen is None:
        _chosen = _fast() or _portable
    return _chosen


def _portable(hash: Hash, password: bytes, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac(hash.algorithm, password, salt, iterations)


def _fast() -> _Pbkdf2 | None:
    """Give PBKDF2 of `cryptography`, 1.3 to 1.9 times as fast as `hashlib`; None if it is not installed."""
    try:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
    except ImportError:
        return None
    algorithms: dict[str, hashes.HashAlgorithm] = {
        "SHA-1": hashes.SHA1(),
        "SHA-256": hashes.SHA256(),
        "SHA-512": hashes.SHA512(),
        "SHA3-512": hashes.SHA3_512(),
    }

    def fast(hash: Hash, password: bytes, salt: bytes, iterations: int) -> bytes:
        return PBKDF2HMAC(algorithms[hash.name], hash.octets, salt, iterations).derive(password)

    return fast
