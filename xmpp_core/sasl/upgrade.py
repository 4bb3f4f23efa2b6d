"""Keys for a hash the server does not have yet, made by the client after a login (XEP-0480 section 3).

Pure values: the elements that carry them are those of XEP-0388, and another module's subject.

    server: `missing` -> names to announce     client: `wanted` -> the names it asks for
    server: `UpgradeSalt`                      client: `request` -> a `KeyDerivation`, whose answer is sent
    server: `upgraded` -> what to store from now on
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ..entropy import Entropy, system
from ..errors import LocalProtocolError
from .credentials import DEFAULT_ITERATIONS, Password, ScramVerifier, StoredKeys
from .derivation import HASHES, client_key, server_key, stored_key
from .mechanism import KeyDerivation, SaslContext
from .preparation import forms

__all__ = ["UpgradeSalt", "hash_of", "missing", "request", "task_name", "upgraded", "wanted"]

_PREFIX: Final = "UPGR-SCRAM-"
_STRONGEST_FIRST: Final = ("SHA3-512", "SHA-512", "SHA-256", "SHA-1")


@dataclass(frozen=True, slots=True)
class UpgradeSalt:
    """What the client derives the SaltedPassword with: the `<salt/>` of XEP-0480 section 3."""

    hash: str
    salt: bytes = field(repr=False)
    iterations: int

    def __post_init__(self) -> None:
        if self.hash not in HASHES or not self.salt or self.iterations < 1:
            raise LocalProtocolError("an upgrade needs a known hash, a salt and iterations")

    @classmethod
    def fresh(cls, hash: str, *, iterations: int = DEFAULT_ITERATIONS, entropy: Entropy = system) -> UpgradeSalt:
        """Make one with 16 octets of entropy."""
        return cls(hash, entropy(16), iterations)


def task_name(hash: str) -> str:
    """Give the name of the task that makes keys for `hash` (XEP-0480 section 2.1)."""
    return f"{_PREFIX}{hash}"


def hash_of(task: str) -> str | None:
    """Give the hash a task makes keys for; None for a task that is none of SCRAM."""
    hash = task.removeprefix(_PREFIX)
    return hash if task.startswith(_PREFIX) and hash in HASHES else None


def missing(keys: StoredKeys, hashes: Iterable[str]) -> tuple[str, ...]:
    """Give the tasks that would make the keys a user lacks of `hashes`, the strongest first."""
    lacking = {one for one in hashes if keys.of(one) is None}
    return tuple(task_name(one) for one in _STRONGEST_FIRST if one in lacking)


def wanted(announced: Iterable[str], context: SaslContext) -> tuple[str, ...]:
    """Give the tasks a client with a password asks for: the SCRAM ones, and none outside TLS (XEP-0480 section 5)."""
    if not context.secure:
        return ()
    found = {hash_of(one) for one in announced}
    return tuple(task_name(one) for one in _STRONGEST_FIRST if one in found)


def request(salt: UpgradeSalt, credentials: Password, context: SaslContext, *, form: int = 0) -> KeyDerivation:
    """Give the derivation whose result the client sends as `<hash/>`.

    `form` is that of the login that has just succeeded. Raises `LocalProtocolError` for iterations
    outside what is accepted: the hash must not be cheaper to break than the one it stands beside.
    """
    if not context.least_iterations <= salt.iterations <= context.most_iterations:
        raise LocalProtocolError("the server asks for too few or too many iterations")
    return KeyDerivation(forms(credentials.password)[form], salt.salt, salt.iterations, salt.hash)


def upgraded(keys: StoredKeys, salt: UpgradeSalt, salted_password: bytes) -> StoredKeys:
    """Give what a server stores after the task; the older keys stay (XEP-0480 section 4).

    The SaltedPassword itself is not stored: it would let a thief log in. Raises `LocalProtocolError` for
    one of another size.
    """
    if len(salted_password) != HASHES[salt.hash].octets:
        raise LocalProtocolError(f"a SaltedPassword of {salt.hash} has {HASHES[salt.hash].octets} octets")
    stored = stored_key(salt.hash, client_key(salt.hash, salted_password))
    fresh = ScramVerifier(salt.hash, salt.salt, salt.iterations, stored, server_key(salt.hash, salted_password))
    return StoredKeys((*(one for one in keys.entries if one.hash != salt.hash), fresh))
