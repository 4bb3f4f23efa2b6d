"""Accounts and what proves them: SCRAM keys, never a password (RFC 5802 section 3, RFC 8265)."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from ..entropy import Entropy, system
from ..errors import LocalProtocolError, XMPPError
from ..jid import JID, JIDError
from ..sasl import Disabled, NoSuchUser, StoredKeys
from ..sasl.credentials import DEFAULT_ITERATIONS

__all__ = [
    "HASHES",
    "Account",
    "AccountExists",
    "Accounts",
    "Found",
    "MemoryAccounts",
    "NoSuchAccount",
    "StoreError",
    "StoreTooNew",
    "account_address",
    "login_address",
]

HASHES: Final = ("SHA-1", "SHA-256", "SHA-512")
"""The hashes for which keys are kept, so that a client may use any SCRAM mechanism."""


class StoreError(XMPPError):
    """The store cannot do what was asked: the file cannot be read or written, or is none of ours."""


class StoreTooNew(StoreError):
    """The file was written by a later version of this package. Nothing was read and nothing changed."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"the store has schema {found}; this version knows schemas up to {known}: use a later version")
        self.found = found
        self.known = known


class AccountExists(StoreError):
    """There is an account of that name."""


class NoSuchAccount(StoreError):
    """There is no account of that name."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account, as it is listed."""

    jid: JID
    enabled: bool = True


Found: TypeAlias = StoredKeys | NoSuchUser | Disabled
"""What `credentials` gives, ready to answer `CredentialsLookup` with."""


class Accounts(Protocol):
    """Where accounts are kept. An account is named by its bare address, a JID or its text.

    Every method may be called from any thread, may block on disk or on another process, and `add` and
    `set_password` derive keys (some tens of milliseconds): call them from a worker thread where an
    event loop waits. Malformed names raise `JIDError`; what is no account's name (no localpart,
    a resourcepart) raises `LocalProtocolError`, as does a password that cannot be prepared
    (`PreparationError`). What the store itself cannot do raises `StoreError`.

    A store may have `hashes`, a tuple of those it keeps keys of: then SCRAM is offered with these alone.
    """

    def add(self, account: JID | str, password: str) -> None:
        """Make an account; raises `AccountExists`."""

    def set_password(self, account: JID | str, password: str) -> None:
        """Replace all keys of an account; raises `NoSuchAccount`. Whether it is enabled does not change."""

    def remove(self, account: JID | str) -> None:
        """Remove an account and all that is kept of it; raises `NoSuchAccount`."""

    def disable(self, account: JID | str) -> None:
        """Let nobody log in (RFC 6120 section 6.5.2) and keep everything; raises `NoSuchAccount`."""

    def enable(self, account: JID | str) -> None:
        """Let its owner log in again; raises `NoSuchAccount`."""

    def exists(self, account: JID | str) -> bool:
        """Whether there is such an account, enabled or not."""

    def list(self, domain: str | None = None) -> tuple[Account, ...]:
        """Give the accounts, of one domain or of all, ordered by domain and localpart."""

    def credentials(self, account: JID | str, domain: str | None = None) -> Found:
        """Answer `CredentialsLookup`: `credentials(question.username, domain)`, or a whole address alone.

        A username that cannot be a localpart is that of no user, never an error: the peer chose it.
        The keys of an account are equal each time until they are changed: a login that was begun with
        others than there are at its end is refused.
        """


def account_address(account: JID | str) -> JID:
    """Read the name of an account; raises `JIDError`, or `LocalProtocolError` for an address of another kind."""
    jid = account if isinstance(account, JID) else JID(account)
    if jid.local is None or jid.resource is not None:
        raise LocalProtocolError("an account is a bare address with a localpart: name@domain")
    return jid


def login_address(account: JID | str, domain: str | None) -> JID | None:
    """Read whom a peer wants to log in as; None if that is nobody's name."""
    try:
        if isinstance(account, str) and domain is not None:
            return JID.of(account, domain)
        return account_address(account)
    except (JIDError, LocalProtocolError):
        return None


class MemoryAccounts:
    """Accounts that are gone with the process: for tests and demonstrations.

    `iterations` is the work factor of the keys (RFC 5802 section 5.1, XEP-0438), `hashes` which are kept.
    """

    def __init__(
        self,
        *,
        iterations: int = DEFAULT_ITERATIONS,
        hashes: Iterable[str] = HASHES,
        entropy: Entropy = system,
    ) -> None:
        self._iterations = iterations
        self.hashes = tuple(hashes)
        """Those that keys are kept of: a server offers SCRAM with no others."""
        self._entropy = entropy
        self._lock = threading.Lock()
        self._kept: dict[JID, tuple[StoredKeys, bool]] = {}

    def __repr__(self) -> str:
        return f"<MemoryAccounts {len(self._kept)} accounts>"

    def _derive(self, password: str) -> StoredKeys:
        return StoredKeys.derive(password, self.hashes, iterations=self._iterations, entropy=self._entropy)

    def add(self, account: JID | str, password: str) -> None:
        """See `Accounts.add`."""
        jid = account_address(account)
        keys = self._derive(password)
        with self._lock:
            if jid in self._kept:
                raise AccountExists("there is such an account already")
            self._kept[jid] = keys, True

    def set_password(self, account: JID | str, password: str) -> None:
        """See `Accounts.set_password`."""
        jid = account_address(account)
        keys = self._derive(password)
        with self._lock:
            self._kept[jid] = keys, self._of(jid)[1]

    def remove(self, account: JID | str) -> None:
        """See `Accounts.remove`."""
        jid = account_address(account)
        with self._lock:
            self._of(jid)
            del self._kept[jid]

    def disable(self, account: JID | str) -> None:
        """See `Accounts.disable`."""
        self._allow(account_address(account), False)

    def enable(self, account: JID | str) -> None:
        """See `Accounts.enable`."""
        self._allow(account_address(account), True)

    def exists(self, account: JID | str) -> bool:
        """See `Accounts.exists`."""
        return account_address(account) in self._kept

    def list(self, domain: str | None = None) -> tuple[Account, ...]:
        """See `Accounts.list`."""
        wanted = None if domain is None else JID(domain).domain
        with self._lock:
            kept = [(jid, enabled) for jid, (_, enabled) in self._kept.items()]
        return tuple(Account(jid, enabled) for jid, enabled in sorted(kept) if wanted in (None, jid.domain))

    def credentials(self, account: JID | str, domain: str | None = None) -> Found:
        """See `Accounts.credentials`."""
        jid = login_address(account, domain)
        found = None if jid is None else self._kept.get(jid)
        if found is None:
            return NoSuchUser(self._iterations)
        keys, enabled = found
        return keys if enabled else Disabled(keys)

    def _of(self, jid: JID) -> tuple[StoredKeys, bool]:
        found = self._kept.get(jid)
        if found is None:
            raise NoSuchAccount("there is no such account")
        return found

    def _allow(self, jid: JID, enabled: bool) -> None:
        with self._lock:
            self._kept[jid] = self._of(jid)[0], enabled
