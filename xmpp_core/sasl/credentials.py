"""What proves who somebody is: the client's secrets, and what a server keeps instead of them.

Nothing secret appears in a `repr`. Fields that are secret are marked `metadata={"secret": True}`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from ..entropy import Entropy, system
from ..errors import LocalProtocolError
from .conditions import SaslCondition
from .derivation import HASHES, client_key, derive, server_key, stored_key
from .logins import StoredTokens
from .preparation import prepare
from .values import quickly_made

__all__ = [
    "DEFAULT_ITERATIONS",
    "MOST_KEYS",
    "MOST_SALT_OCTETS",
    "Anonymous",
    "Certificate",
    "ClientKeys",
    "Credentials",
    "CredentialsAnswer",
    "Disabled",
    "Keys",
    "NoSuchUser",
    "Password",
    "ScramVerifier",
    "StoredDigest",
    "StoredKeys",
    "Token",
    "Unavailable",
]

DEFAULT_ITERATIONS: Final = 10_000
"""Iterations of newly stored keys (XEP-0438 asks for at least that many; RFC 5802 and 7677 for 4096)."""

MOST_KEYS: Final = 8
"""Entries a `Keys` value holds; the salts come from the peer, so they are bounded."""

MOST_SALT_OCTETS: Final = 32
"""The longest salt that is invented."""

_SALT_OCTETS: Final = 16


@dataclass(frozen=True, slots=True)
class ClientKeys:
    """ClientKey and ServerKey of one (hash, salt, iterations): enough to log in without a derivation.

    RFC 5802 section 5.1 allows a client to keep them. They are as good as the password for this
    account at this server, so keep them as you would keep the password.
    """

    hash: str
    salt: bytes
    iterations: int
    client_key: bytes = field(repr=False, metadata={"secret": True})
    server_key: bytes = field(repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True)
class Keys:
    """The client's kept keys, newest first, at most `MOST_KEYS`: a credential of its own, or beside a password."""

    entries: tuple[ClientKeys, ...] = field(default=(), repr=False, metadata={"secret": True})

    def __post_init__(self) -> None:
        if len(self.entries) > MOST_KEYS:
            raise LocalProtocolError(f"more than {MOST_KEYS} kept keys")

    def find(self, hash: str, salt: bytes, iterations: int) -> ClientKeys | None:
        """Give the keys for what a server asks, None if there are none."""
        for entry in self.entries:
            if entry.hash == hash and entry.salt == salt and entry.iterations == iterations:
                return entry
        return None

    def having(self, keys: ClientKeys) -> Keys:
        """Give a value that holds `keys` first; the oldest entry leaves when there is no room."""
        wanted = (keys.hash, keys.salt, keys.iterations)
        others = (entry for entry in self.entries if (entry.hash, entry.salt, entry.iterations) != wanted)
        return Keys((keys, *others)[:MOST_KEYS])


@dataclass(frozen=True, slots=True)
class Password:
    """A password, with the keys kept from earlier logins if there are any.

    Kept keys save the derivation when the server's salt and iterations are still the same.
    """

    password: str = field(repr=False, metadata={"secret": True})
    keys: Keys = field(default_factory=Keys, repr=False, metadata={"secret": True})

    def having(self, keys: ClientKeys) -> Password:
        """Give the same password with `keys` (from `Verified.keys`) kept beside it."""
        return replace(self, keys=self.keys.having(keys))


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate that TLS showed the server: EXTERNAL (RFC 4422 appendix A, XEP-0178).

    The private key stays with TLS. `name_account` sends the address of the account as authorization
    identity: needed when the certificate names several (XEP-0178 section 2), else left out.
    """

    name_account: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A token and the mechanism it is for: a bearer token for OAUTHBEARER, or one issued for an HT mechanism."""

    token: str = field(repr=False, metadata={"secret": True})
    mechanism: str = "OAUTHBEARER"

    def __post_init__(self) -> None:
        if not self.token:
            raise LocalProtocolError("an empty token")
        try:
            self.token.encode()
        except UnicodeEncodeError:
            raise LocalProtocolError("the token is no Unicode text") from None


@dataclass(frozen=True, slots=True)
class Anonymous:
    """No identity at all: ANONYMOUS (RFC 4505). The server gives a temporary address.

    `trace` is told to whoever runs the server; XEP-0175 section 3 advises against it.
    """

    trace: str | None = None


Credentials: TypeAlias = Password | Keys | Certificate | Token | Anonymous
"""What the mechanisms of this package log in with. Another mechanism may take another kind."""


@quickly_made
@dataclass(frozen=True, slots=True)
class ScramVerifier:
    """What a server stores of a password for one hash (RFC 5802 section 3); the password cannot be had from it."""

    hash: str
    salt: bytes = field(repr=False)
    iterations: int
    stored_key: bytes = field(repr=False, metadata={"secret": True})
    server_key: bytes = field(repr=False, metadata={"secret": True})

    def __post_init__(self) -> None:
        known = HASHES.get(self.hash)
        if known is None:
            raise LocalProtocolError("a hash this package does not know")
        if not len(self.stored_key) == len(self.server_key) == known.octets:
            raise LocalProtocolError(f"the keys of {self.hash} have {known.octets} octets")
        if not self.salt or self.iterations < 1:
            raise LocalProtocolError("a verifier needs a salt and iterations")

    @classmethod
    def of(cls, prepared: str, hash: str, salt: bytes, iterations: int) -> ScramVerifier:
        """Derive the verifier of a password that is prepared already."""
        salted = derive(prepared, salt, iterations, hash)
        stored = stored_key(hash, client_key(hash, salted))
        return cls(hash, salt, iterations, stored, server_key(hash, salted))


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """The answer for a user who exists: one verifier a hash, and nothing from which the password could be read."""

    entries: tuple[ScramVerifier, ...] = field(repr=False)

    def __post_init__(self) -> None:
        hashes = [entry.hash for entry in self.entries]
        if len(set(hashes)) != len(hashes):
            raise LocalProtocolError("two verifiers for one hash")

    def of(self, hash: str) -> ScramVerifier | None:
        """Give the verifier for `hash`, None if this user has none."""
        for entry in self.entries:
            if entry.hash == hash:
                return entry
        return None

    @classmethod
    def derive(
        cls,
        password: str,
        hashes: Iterable[str] = ("SHA-1", "SHA-256", "SHA-512"),
        *,
        iterations: int = DEFAULT_ITERATIONS,
        salt: bytes | None = None,
        entropy: Entropy = system,
    ) -> StoredKeys:
        """Make what a server stores of `password`: one derivation a hash.

        `salt` is for published vectors and imports; without it each hash gets 16 octets of `entropy`
        of its own. Raises `LocalProtocolError` for a password that cannot be prepared and for an
        unknown hash.
        """
        if iterations < 1:
            raise LocalProtocolError("iterations below 1")
        wanted = tuple(hashes)
        if any(name not in HASHES for name in wanted):
            raise LocalProtocolError("a hash this package does not know")
        prepared = prepare(password)
        return cls(tuple(ScramVerifier.of(prepared, one, salt or entropy(_SALT_OCTETS), iterations) for one in wanted))

    def changed(
        self,
        password: str,
        hashes: Iterable[str] = ("SHA-1", "SHA-256", "SHA-512"),
        *,
        iterations: int = DEFAULT_ITERATIONS,
        entropy: Entropy = system,
    ) -> StoredKeys:
        """Make what is stored after a change of password: keys for every hash there were keys for, and for `hashes`.

        A client that logged in with one mechanism can go on with it. Fewer iterations than a hash had are
        not used. Raises as `derive` does.
        """
        wanted = dict.fromkeys((*(one.hash for one in self.entries), *hashes))
        found: list[ScramVerifier] = []
        for hash in wanted:
            old = self.of(hash)
            count = iterations if old is None else max(iterations, old.iterations)
            found += StoredKeys.derive(password, (hash,), iterations=count, entropy=entropy).entries
        return StoredKeys(tuple(found))


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """What DIGEST-MD5 needs a server to store: as good as the password in that realm (RFC 2831 section 3.9)."""

    realm: str
    key: bytes = field(repr=False, metadata={"secret": True})
    """`H(username:realm:password)`, 16 octets; `xmpp_core.sasl.digest_md5.digest_key` makes it."""

    def __post_init__(self) -> None:
        if len(self.key) != 16:
            raise LocalProtocolError("a key of DIGEST-MD5 has 16 octets")


@dataclass(frozen=True, slots=True)
class NoSuchUser:
    """The answer for a user who does not exist: the exchange goes on and fails where a wrong password fails.

    The fields say what the keys of your real users look like, so that the invented ones look the same:
    a peer must not tell the two apart (RFC 6120 section 6.5.10).
    """

    iterations: int = DEFAULT_ITERATIONS
    salt_octets: int = _SALT_OCTETS
    hash: str = "SHA-256"
    """The hash a PLAIN password is checked with; see `xmpp_core.sasl.plain`."""

    def __post_init__(self) -> None:
        if self.hash not in HASHES or self.iterations < 1 or not 1 <= self.salt_octets <= MOST_SALT_OCTETS:
            raise LocalProtocolError("invented keys need a known hash, iterations and 1 to 32 octets of salt")


@dataclass(frozen=True, slots=True)
class Disabled:
    """The answer for an account that may not log in now. Told to the peer only after a right proof.

    Without `keys` (or `tokens`) no proof can be right, and the account looks like one that does not exist.
    """

    keys: StoredKeys | None = None
    condition: SaslCondition = SaslCondition.ACCOUNT_DISABLED
    """`ACCOUNT_DISABLED` or `CREDENTIALS_EXPIRED` (RFC 6120 sections 6.5.2 and 6.5.3)."""
    tokens: StoredTokens | None = None
    """The same for a mechanism of tokens."""

    def __post_init__(self) -> None:
        if self.condition not in (SaslCondition.ACCOUNT_DISABLED, SaslCondition.CREDENTIALS_EXPIRED):
            raise LocalProtocolError("a disabled account is account-disabled or credentials-expired")


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The answer when the store cannot be reached: temporary-auth-failure (RFC 6120 section 6.5.11)."""


CredentialsAnswer: TypeAlias = StoredKeys | NoSuchUser | Disabled | Unavailable | StoredDigest
"""What `CredentialsRequest` is answered with."""
