"""The protocol of a SASL mechanism (RFC 4422): octets in, values out, nothing kept in between.

A mechanism is an immutable value. Each step takes the state an earlier step gave, and gives an
outcome that holds the next state. No step changes anything, so a step that raises may be made again.

States are frozen, slotted dataclasses of plain data. Fields that hold a secret are marked
`metadata={"secret": True}` and are None after a snapshot: `resumed` asks for what is missing, or
leaves it to the step that needs it. Any step may give `Need`.

A peer that breaks the rules earns `Failed`. A caller that does (a state of another mechanism, an
answer of the wrong kind) gets `LocalProtocolError`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from ..entropy import Entropy, system
from .conditions import SaslCondition
from .credentials import ClientKeys
from .derivation import derive
from .values import quickly_made

__all__ = [
    "Authenticated",
    "AuthorizationRequest",
    "ClientMechanism",
    "ClientOutcome",
    "CredentialsRequest",
    "Failed",
    "KeyDerivation",
    "Need",
    "Refusal",
    "RefusalReason",
    "Respond",
    "SaslContext",
    "ServerMechanism",
    "ServerOutcome",
    "Strength",
    "Verified",
    "aborted",
]


class Strength(enum.IntEnum):
    """How mechanisms rank; a third-party mechanism may use any number in between."""

    ANONYMOUS = 0
    PLAIN = 100
    DIGEST_MD5 = 150
    """Hides the password from a listener, and little else (RFC 6331)."""
    TOKEN = 200
    """A bearer token: the peer learns it, but it is not the password."""
    SCRAM_SHA_1 = 300
    SCRAM_SHA_256 = 310
    SCRAM_SHA_512 = 320
    SCRAM_SHA3_512 = 330
    HT_NONE = 340
    """A token has more entropy than a password, and neither side learns it; the others of HT bind the channel too."""
    SCRAM_SHA_1_PLUS = 400
    SCRAM_SHA_256_PLUS = 410
    SCRAM_SHA_512_PLUS = 420
    SCRAM_SHA3_512_PLUS = 430
    HT_ENDP = 440
    HT_UNIQ = 445
    HT_EXPR = 450
    CERTIFICATE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SaslContext:
    """All that a mechanism may look at."""

    secure: bool = False
    """Whether TLS is in place."""
    tls_version: str | None = None
    """As TLS libraries write it: `TLSv1.2`, `TLSv1.3`; None without TLS or when the host did not say."""
    extended_master_secret: bool | None = None
    """Whether RFC 7627 was negotiated; None when the host did not say. TLS 1.3 does not need it."""
    channel_bindings: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Our channel-binding data by type; may be empty."""
    binding_types: tuple[str, ...] | None = None
    """The channel-binding types announced (XEP-0440): by the peer for a client, by us for a server; None: none were."""
    types_must_be_announced: bool = False
    """Client: the profile is that of XEP-0388, where -PLUS without types is refused (XEP-0440 rule 4)."""
    offered: tuple[str, ...] = ()
    """The mechanisms the server offers: by the peer for a client, by us for a server."""
    domain: str = ""
    """The host of the receiving entity."""
    certified: bool = False
    """Server: whether the client presented a certificate that was verified (RFC 6120 section 6.3.4)."""
    entropy: Entropy = system
    least_iterations: int = 4096
    most_iterations: int = 1_000_000
    secret: bytes = field(default=b"", repr=False)
    """Server: what invented salts of unknown users come from, stable, at least 16 octets."""


# What a mechanism cannot do alone -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyDerivation:
    """Asks for the SaltedPassword (RFC 5802 section 3). The answer is `derive()` of it, made anywhere."""

    password: str = field(repr=False, metadata={"secret": True})
    """Prepared already."""
    salt: bytes = field(repr=False)
    iterations: int
    hash: str
    """A name of `derivation.HASHES`, such as `SHA-256`."""

    def derive(self) -> bytes:
        """Make the answer, here and now: some milliseconds of pure computing, fit for a worker thread."""
        return derive(self.password, self.salt, self.iterations, self.hash)


@quickly_made
@dataclass(frozen=True, slots=True)
class CredentialsRequest:
    """Asks what is stored of a user. Answered by `StoredKeys`, `NoSuchUser`, `Disabled` or `Unavailable`."""

    username: str
    """Prepared; the localpart, or whatever else names an account here."""
    mechanism: str


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """Asks whether `authcid`, who has proved that name, may act as `authzid`. Answered by a bool.

    Asked only if an authorization identity was given and its text differs from `authcid`.
    """

    authcid: str
    authzid: str


# Outcomes -------------------------------------------------------------------------------------------


@quickly_made
@dataclass(frozen=True, slots=True)
class Respond:
    """Send `data` and wait for the peer.

    From a client's `start` it is the initial response, and None means that there is none; an empty
    one is `b""` (RFC 6120 section 6.4.2). Elsewhere it is the response or challenge, never None.
    """

    data: bytes | None = field(repr=False, metadata={"secret": True})
    state: object


@quickly_made
@dataclass(frozen=True, slots=True)
class Need:
    """Have `request` answered, then call `answered` with `state` and the answer."""

    request: object
    """`KeyDerivation`, `CredentialsRequest`, `AuthorizationRequest`, one of `logins`, or one of a third party."""
    state: object


@quickly_made
@dataclass(frozen=True, slots=True)
class Verified:
    """Client: the exchange is over and everything the mechanism asks of the server is proved."""

    keys: ClientKeys | None = field(default=None, repr=False, metadata={"secret": True})
    """Worth keeping for the next login; given only after the server proved itself."""
    server_proved: bool = False
    """Whether the server proved that it knows the user's keys. PLAIN cannot tell."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Authenticated:
    """Server: the client is who it says. `data` goes with the success (RFC 6120 section 6.4.6)."""

    authcid: str
    authzid: str | None
    """What the client may act as; None: what follows from `authcid`."""
    data: bytes | None = field(default=None, repr=False)
    token: int | None = None
    """Index of the stored token that was proved, where a token was."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The exchange is over without success.

    Server: send `condition`. Client: abort; when the server has claimed success already, the stream
    is not to be trusted and ends. `reason` holds no octets of the peer.
    """

    condition: SaslCondition
    reason: str
    try_another: bool = False
    """Client: whether another mechanism may be tried on this stream."""


def aborted(reason: str, *, try_another: bool = False) -> Failed:
    """What a client that goes no further ends with (RFC 6120 section 6.4.4)."""
    return Failed(SaslCondition.ABORTED, reason, try_another)


ClientOutcome: TypeAlias = Respond | Need | Verified | Failed
ServerOutcome: TypeAlias = Respond | Need | Authenticated | Failed


class RefusalReason(enum.Enum):
    """Why a mechanism, or every mechanism, cannot be used."""

    NOTHING_IN_COMMON = "nothing in common"
    NOT_SECURE = "not secure"
    NO_CREDENTIALS = "no credentials"
    NO_BINDING = "no binding"
    BINDING_POSSIBLE = "binding possible"
    BINDINGS_TAMPERED = "bindings tampered"
    TOO_WEAK = "too weak"
    DOWNGRADED = "downgraded"
    ALL_FAILED = "all failed"
    NO_SECRET = "no secret"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, as a value to match and a sentence to show."""

    reason: RefusalReason
    text: str


class ClientMechanism(Protocol):
    """The initiating side of a mechanism, with the identity and credentials it logs in with."""

    @property
    def name(self) -> str:
        """The registered name (RFC 4422 section 3.1)."""

    @property
    def strength(self) -> int:
        """Where it ranks, see `Strength`."""

    @property
    def binds(self) -> bool:
        """Whether it binds to the TLS channel (RFC 5056)."""

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Why it cannot be used with this peer, None if it can. `choose` asks this; it tries nothing."""

    def start(self, context: SaslContext) -> ClientOutcome:
        """Begin: usually `Respond` with the initial response."""

    def challenged(self, state: object, data: bytes, context: SaslContext) -> ClientOutcome:
        """Take a challenge of the server."""

    def answered(self, state: object, value: object, context: SaslContext) -> ClientOutcome:
        """Take the answer to a `Need`."""

    def succeeded(self, state: object, data: bytes | None, context: SaslContext) -> ClientOutcome:
        """Take the server's claim of success, with its additional data: `Verified`, `Need` or `Failed`."""

    def resumed(self, state: object, context: SaslContext) -> ClientOutcome | None:
        """Go on after a snapshot: ask anew what was being asked, `Failed`, or None to wait for the peer."""


class ServerMechanism(Protocol):
    """The receiving side of a mechanism."""

    @property
    def name(self) -> str:
        """The registered name (RFC 4422 section 3.1)."""

    @property
    def strength(self) -> int:
        """Where it ranks, see `Strength`."""

    @property
    def binds(self) -> bool:
        """Whether it binds to the TLS channel (RFC 5056)."""

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Why it cannot be offered now, None if it can."""

    def start(self, initial: bytes | None, context: SaslContext) -> ServerOutcome:
        """Begin, with the initial response or None when the client sent none."""

    def responded(self, state: object, data: bytes, context: SaslContext) -> ServerOutcome:
        """Take a response of the client."""

    def answered(self, state: object, value: object, context: SaslContext) -> ServerOutcome:
        """Take the answer to a `Need`."""

    def resumed(self, state: object, context: SaslContext) -> ServerOutcome | None:
        """Go on after a snapshot: ask anew what was being asked, `Failed`, or None to wait for the peer."""
