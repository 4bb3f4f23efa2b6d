"""PLAIN: the password itself, inside TLS (RFC 4616).

The receiving side keeps no password. It derives the SaltedPassword from the one presented and compares
the StoredKey, with one hash that is the same for all users who have it (`CHECKED_WITH`).

A password whose PRECIS and SASLprep forms differ is derived twice when the first form is wrong,
whether the user exists or not.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Final

from ..errors import LocalProtocolError
from .binding import tampered
from .conditions import SaslCondition
from .credentials import Disabled, Keys, NoSuchUser, Password, ScramVerifier, StoredKeys
from .derivation import HASHES, client_key, stored_key
from .mechanism import (
    Authenticated,
    AuthorizationRequest,
    ClientOutcome,
    CredentialsRequest,
    Failed,
    KeyDerivation,
    Need,
    Refusal,
    RefusalReason,
    Respond,
    SaslContext,
    ServerOutcome,
    Strength,
    aborted,
)
from .one_message import MessageSent, OneMessage
from .preparation import PreparationError, forms, prepare
from .scram_server import LEAST_SECRET_OCTETS, stored_or_invented

__all__ = [
    "CHECKED_WITH",
    "Asked",
    "Authorizing",
    "Deriving",
    "LookingUp",
    "PlainClient",
    "PlainServer",
]

CHECKED_WITH: Final = ("SHA-256", "SHA-512", "SHA-1", "SHA3-512")
"""The hash a password is checked with: the first of these that the user has. SHA-256 is the quickest to derive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainClient(OneMessage):
    """PLAIN, the initiating side. `form` picks among the prepared forms of a password that has two."""

    authcid: str
    credentials: Password | Keys
    authzid: str | None = None
    form: int = 0

    def __post_init__(self) -> None:
        prepare(self.authcid)
        if isinstance(self.credentials, Password) and not 0 <= self.form < len(forms(self.credentials.password)):
            raise LocalProtocolError("the password has no such prepared form")
        try:
            self._message()
        except UnicodeEncodeError:
            raise LocalProtocolError("an identity is no Unicode text") from None
        if self.authzid is not None and (not self.authzid or "\0" in self.authzid):
            raise LocalProtocolError("an authorization identity is not empty and has no NUL (RFC 4616 section 2)")

    @property
    def name(self) -> str:
        """`PLAIN`."""
        return "PLAIN"

    @property
    def strength(self) -> int:
        """The weakest that authenticates."""
        return Strength.PLAIN

    @property
    def binds(self) -> bool:
        """Never."""
        return False

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Refuse without a password, and where the offer shows that somebody else wrote it."""
        if not isinstance(self.credentials, Password):
            return Refusal(RefusalReason.NO_CREDENTIALS, "PLAIN needs the password itself")
        return tampered(context)

    def start(self, context: SaslContext) -> ClientOutcome:
        """Send the message."""
        refusal = self.refusal(context)
        if refusal is not None:
            return aborted(refusal.text)
        return Respond(self._message(), MessageSent(self.name))

    def _message(self) -> bytes:
        if not isinstance(self.credentials, Password):
            return b""
        prepared = forms(self.credentials.password)[self.form]
        return f"{self.authzid or ''}\0{prepare(self.authcid)}\0{prepared}".encode()


@dataclass(frozen=True, slots=True)
class Asked:
    """Server: an empty challenge has asked for the message the client did not send at once."""


@dataclass(frozen=True, slots=True)
class LookingUp:
    """Server: what is stored of the user is being looked up."""

    username: str
    authzid: str | None
    passwords: tuple[str, ...] | None = field(repr=False, metadata={"secret": True})
    """The prepared forms of the password presented."""


@dataclass(frozen=True, slots=True)
class Deriving:
    """Server: the SaltedPassword of the first of `passwords` is being derived."""

    username: str
    authzid: str | None
    passwords: tuple[str, ...] | None = field(repr=False, metadata={"secret": True})
    verifier: ScramVerifier | None = field(repr=False, metadata={"secret": True})
    refused_with: SaslCondition | None


@dataclass(frozen=True, slots=True)
class Authorizing:
    """Server: the password is right; whether the client may act as `authzid` is being asked."""

    authcid: str
    authzid: str


@dataclass(frozen=True, slots=True)
class PlainServer:
    """PLAIN, the receiving side."""

    @property
    def name(self) -> str:
        """`PLAIN`."""
        return "PLAIN"

    @property
    def strength(self) -> int:
        """The weakest that authenticates."""
        return Strength.PLAIN

    @property
    def binds(self) -> bool:
        """Never."""
        return False

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Refuse without a secret to invent keys from."""
        if len(context.secret) < LEAST_SECRET_OCTETS:
            return Refusal(RefusalReason.NO_SECRET, f"the secret has fewer than {LEAST_SECRET_OCTETS} octets")
        return None

    def start(self, initial: bytes | None, context: SaslContext) -> ServerOutcome:
        """Take the message, or ask for it."""
        return Respond(b"", Asked()) if initial is None else self._message(initial)

    def responded(self, state: object, data: bytes, context: SaslContext) -> ServerOutcome:
        """Take the message that had to be asked for."""
        if not isinstance(state, Asked):
            raise LocalProtocolError("no state of PLAIN that waits for the client")
        return self._message(data)

    def answered(self, state: object, value: object, context: SaslContext) -> ServerOutcome:
        """Take what is stored of the user, the SaltedPassword, or whether the client may act as another."""
        match state:
            case LookingUp(passwords=tuple() as passwords):
                return self._found(state, passwords, value, context)
            case Deriving(passwords=tuple() as passwords, verifier=ScramVerifier() as verifier):
                return self._derived(state, passwords, verifier, value)
            case Authorizing():
                if not isinstance(value, bool):
                    raise LocalProtocolError("the answer to an AuthorizationRequest is a bool")
                if not value:
                    return Failed(SaslCondition.INVALID_AUTHZID, "the client may not act as that identity")
                return Authenticated(state.authcid, state.authzid)
        raise LocalProtocolError("no state of PLAIN that waits for an answer")

    def resumed(self, state: object, context: SaslContext) -> ServerOutcome | None:
        """Ask again what can be asked; a password is never kept, so what needs it fails for now."""
        match state:
            case LookingUp(passwords=tuple()):
                return Need(CredentialsRequest(state.username, self.name), state)
            case Deriving(passwords=tuple() as passwords, verifier=ScramVerifier() as verifier):
                return _derivation(state, passwords, verifier)
            case LookingUp() | Deriving():
                return Failed(SaslCondition.TEMPORARY_AUTH_FAILURE, "the password was not kept in the snapshot")
            case Authorizing():
                return Need(AuthorizationRequest(state.authcid, state.authzid), state)
            case Asked():
                return None
        raise LocalProtocolError("no state of PLAIN")

    def _message(self, data: bytes) -> ServerOutcome:
        try:
            parts = data.decode().split("\0")
        except UnicodeDecodeError:
            return _malformed("not UTF-8")
        if len(parts) != 3:
            return _malformed("not three parts with a NUL between")
        authzid, authcid, password = parts
        if not authcid or not password:
            return _malformed("an empty name or password")
        try:
            username, passwords = prepare(authcid), forms(password)
        except PreparationError:
            return Failed(SaslCondition.NOT_AUTHORIZED, "the name or password cannot be prepared (RFC 4616 section 2)")
        return Need(CredentialsRequest(username, self.name), LookingUp(username, authzid or None, passwords))

    def _found(
        self, state: LookingUp, passwords: tuple[str, ...], answer: object, context: SaslContext
    ) -> ServerOutcome:
        found = stored_or_invented(answer, _checked_with(answer), state.username, context)
        if isinstance(found, Failed):
            return found
        verifier, refused_with = found
        return _derivation(
            Deriving(state.username, state.authzid, passwords, verifier, refused_with), passwords, verifier
        )

    def _derived(
        self, state: Deriving, passwords: tuple[str, ...], verifier: ScramVerifier, salted: object
    ) -> ServerOutcome:
        if not isinstance(salted, bytes) or len(salted) != HASHES[verifier.hash].octets:
            raise LocalProtocolError(f"a SaltedPassword of {verifier.hash} has {HASHES[verifier.hash].octets} octets")
        presented = stored_key(verifier.hash, client_key(verifier.hash, salted))
        if not hmac.compare_digest(presented, verifier.stored_key):
            if len(passwords) > 1:
                left = passwords[1:]
                return _derivation(
                    Deriving(state.username, state.authzid, left, verifier, state.refused_with), left, verifier
                )
            return Failed(SaslCondition.NOT_AUTHORIZED, "the password is wrong")
        if state.refused_with is not None:
            return Failed(state.refused_with, "the account may not log in")
        if state.authzid is None or state.authzid == state.username:
            # A name that says nothing new is no address: whose account it is follows from the name proved.
            return Authenticated(state.username, None)
        return Need(AuthorizationRequest(state.username, state.authzid), Authorizing(state.username, state.authzid))


def _checked_with(answer: object) -> str:
    keys: StoredKeys | None = None
    match answer:
        case StoredKeys():
            keys = answer
        case Disabled():
            keys = answer.keys
        case NoSuchUser():
            return answer.hash
    if keys is not None:
        for hash in CHECKED_WITH:
            if keys.of(hash) is not None:
                return hash
    return NoSuchUser().hash


def _derivation(state: Deriving, passwords: tuple[str, ...], verifier: ScramVerifier) -> Need:
    return Need(KeyDerivation(passwords[0], verifier.salt, verifier.iterations, verifier.hash), state)


def _malformed(reason: str) -> Failed:
    return Failed(SaslCondition.MALFORMED_REQUEST, f"the message breaks RFC 4616 section 2: {reason}")
