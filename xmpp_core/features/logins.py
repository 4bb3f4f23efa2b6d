"""What an authentication asks the host, and what it tells it, whichever profile of SASL carries it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..jid import JID
from ..sasl import mechanism as sasl
from ..sasl.credentials import (
    ClientKeys,
    CredentialsAnswer,
    Disabled,
    NoSuchUser,
    StoredDigest,
    StoredKeys,
    Unavailable,
)
from ..sasl.derivation import HASHES
from ..sasl.logins import (
    AnonymousRequest,
    Authorized,
    BearerDenied,
    BearerRequest,
    CertificateRequest,
    Denied,
    StoredTokens,
    TokensRequest,
)
from ..stream.context import Kind, StreamContext
from ..stream.events import Event, Question
from .user_agent import UserAgent

__all__ = [
    "AnonymousLogin",
    "Authenticated",
    "AuthorizeAs",
    "BearerLogin",
    "CertificateLogin",
    "CredentialsLookup",
    "DeriveKey",
    "MechanismQuestion",
    "TokenLookup",
    "question_for",
]


@dataclass(frozen=True, slots=True)
class Authenticated(Event):
    """Authentication succeeded (RFC 6120 section 6.4.6).

    On a client `keys` may be kept for the next login (`Password(...).having(keys)`): the derivation is
    then not needed. They are as good as the password. `pin` is to be kept too and given back as
    `ClientConfig.pin`: a login weaker than that is refused. After ANONYMOUS `jid` is the domain alone
    on a client: the address comes with resource binding.
    """

    jid: JID
    mechanism: str
    keys: ClientKeys | None = field(default=None, repr=False)
    pin: int = 0
    user_agent: UserAgent | None = None
    """What the client says of itself (XEP-0388 section 2.3): for the owner of the account alone."""


@dataclass(frozen=True, slots=True, eq=False)
class CredentialsLookup(Question[CredentialsAnswer]):
    """What is stored of this user? `NoSuchUser` and a wrong password look the same to the peer.

    `StoredDigest` answers for DIGEST-MD5, `StoredKeys` for every other mechanism.
    """

    username: str
    mechanism: str
    answers: ClassVar[tuple[type, ...]] = (StoredKeys, NoSuchUser, Disabled, Unavailable, StoredDigest)

    def fault_of(self, value: CredentialsAnswer) -> str | None:
        """What is stored must be what the mechanism can check."""
        if isinstance(value, StoredDigest | StoredKeys):
            if isinstance(value, StoredDigest) is not (self.mechanism == "DIGEST-MD5"):
                return "StoredDigest answers for DIGEST-MD5, StoredKeys for every other mechanism"
        return None


@dataclass(frozen=True, slots=True, eq=False)
class TokenLookup(Question[StoredTokens | NoSuchUser | Disabled | Unavailable]):
    """Which tokens does this user hold that were issued for `mechanism`? (HT, XEP-0484 section 5.1).

    `client` is the `id` of the user agent, in lower case: its slots `new` and `current`, in this order.
    """

    username: str
    mechanism: str
    client: str | None = None
    answers: ClassVar[tuple[type, ...]] = (StoredTokens, NoSuchUser, Disabled, Unavailable)


@dataclass(frozen=True, slots=True, eq=False)
class BearerLogin(Question[Authorized | BearerDenied | Denied]):
    """Whose bearer token is this, and may he act as `authzid`, if one is given? (RFC 7628 section 3.2)."""

    token: str = field(repr=False)
    authzid: str | None
    mechanism: str
    answers: ClassVar[tuple[type, ...]] = (Authorized, BearerDenied, Denied)


@dataclass(frozen=True, slots=True, eq=False)
class CertificateLogin(Question[Authorized | Denied]):
    """Whose certificate is this, and may he act as `authzid`? (XEP-0178; RFC 6120 sections 6.3.8 and 13.7.2).

    `certificates` is the peer's chain in DER, its own first; its validity was checked by TLS. `claimed` is
    the `from` of the stream header. Between servers the answer is a domain, else an account.
    """

    certificates: tuple[bytes, ...] = field(repr=False)
    authzid: str | None
    domain: JID
    """The host that is served here."""
    claimed: JID | None
    kind: Kind
    answers: ClassVar[tuple[type, ...]] = (Authorized, Denied)

    def fault_of(self, value: Authorized | Denied) -> str | None:
        """A client has an account of the domain that is served, a server is a domain."""
        if isinstance(value, Denied):
            return None
        if self.kind is not Kind.C2S:
            return "a server is a domainpart alone" if value.jid.local is not None else None
        if value.jid.local is None or value.jid.domain != self.domain.domain:
            return "a client gets an account of the domain it asked for"
        return None


@dataclass(frozen=True, slots=True, eq=False)
class AnonymousLogin(Question[Authorized | Denied]):
    """Which temporary address does this client get? (XEP-0175 section 3).

    A fresh localpart of `domain` that nobody else has, a UUID say. `trace` may be written down and is
    good for nothing else (RFC 4505 section 2).
    """

    domain: JID
    trace: str | None
    answers: ClassVar[tuple[type, ...]] = (Authorized, Denied)

    def fault_of(self, value: Authorized | Denied) -> str | None:
        """An anonymous client gets an account of this domain."""
        if isinstance(value, Authorized) and (value.jid.local is None or value.jid.domain != self.domain.domain):
            return "an anonymous client gets a localpart at the domain it asked for"
        return None


@dataclass(frozen=True, slots=True, eq=False)
class DeriveKey(Question[bytes]):
    """Make the SaltedPassword: `answer(question, question.derive())`, perhaps in another thread.

    Asked only with `ask_for_derivations`; otherwise the engine computes it on the spot.
    """

    request: sasl.KeyDerivation = field(repr=False)
    answers: ClassVar[tuple[type, ...]] = (bytes,)

    def fault_of(self, value: bytes) -> str | None:
        """A SaltedPassword has the size of its hash (RFC 5802 section 2.2)."""
        return None if len(value) == HASHES[self.request.hash].octets else "a SaltedPassword has the size of its hash"

    def derive(self) -> bytes:
        """Compute the answer; some milliseconds at the usual number of iterations."""
        return self.request.derive()


@dataclass(frozen=True, slots=True, eq=False)
class AuthorizeAs(Question[bool]):
    """May `authcid`, who proved that name, act as `authzid`? (RFC 6120 section 6.3.8)."""

    authcid: str
    authzid: str
    answers: ClassVar[tuple[type, ...]] = (bool,)


@dataclass(frozen=True, slots=True, eq=False)
class MechanismQuestion(Question[object]):
    """A mechanism of your own needs something: its `request`, answered by whatever that mechanism takes."""

    mechanism: str
    request: object = field(repr=False)
    answers: ClassVar[tuple[type, ...]] = (object,)


def question_for(request: object, mechanism: str, context: StreamContext) -> Question[Any]:
    """Put what a mechanism needs to the host."""
    match request:
        case sasl.KeyDerivation():
            return DeriveKey(request)
        case sasl.CredentialsRequest():
            return CredentialsLookup(request.username, request.mechanism)
        case sasl.AuthorizationRequest():
            return AuthorizeAs(request.authcid, request.authzid)
        case TokensRequest():
            return TokenLookup(request.username, request.mechanism)
        case BearerRequest():
            return BearerLogin(request.token, request.authzid, request.mechanism)
        case AnonymousRequest():
            assert context.domain is not None
            return AnonymousLogin(context.domain, request.trace)
        case CertificateRequest():
            assert context.domain is not None
            certificates = context.tls.peer_certificates if context.tls is not None else ()
            header = context.peer_header
            claimed = header.from_ if header is not None else None
            return CertificateLogin(certificates, request.authzid, context.domain, claimed, context.kind)
    return MechanismQuestion(mechanism, request)
