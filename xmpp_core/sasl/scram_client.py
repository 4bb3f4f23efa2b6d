"""SCRAM, the initiating side: SHA-1, SHA-256, SHA-512 and SHA3-512, each with -PLUS (RFC 5802, RFC 7677).

The state after each step says what comes next:

    start -> FirstSent -> [Deriving ->] FinalSent -> [Checking ->] Verified
                                             or, the signature having come as a challenge,
                                             ServerProved -> Verified

What is in brackets happens only if keys must be derived. There is no way to `Verified` that does not
compare the server's signature.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from ..errors import LocalProtocolError
from .attributes import (
    MessageError,
    ServerError,
    base64_of,
    encode_base64,
    is_nonce,
    quote,
    read_server_final,
    server_first,
)
from .binding import client_flag, unconfirmed, usable
from .credentials import ClientKeys, Keys, Password
from .derivation import HASHES, client_key, client_proof, server_key, server_signature
from .downgrade import offer_hash, tls_number
from .mechanism import (
    ClientOutcome,
    Failed,
    KeyDerivation,
    Need,
    Refusal,
    RefusalReason,
    Respond,
    SaslContext,
    Strength,
    Verified,
    aborted,
)
from .nonce import NonceSource, fresh_nonce
from .preparation import forms, prepare
from .values import quickly_made

__all__ = ["Checking", "Deriving", "FinalSent", "FirstSent", "ScramClient", "ServerProved"]

_WRONG_CREDENTIALS = frozenset({"invalid-proof", "unknown-user", "other-error", "no-resources"})


@quickly_made
@dataclass(frozen=True, slots=True)
class FirstSent:
    """Our first message is out."""

    header: str
    binding_type: str | None
    bare: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Deriving:
    """The server has named salt and iterations; the SaltedPassword is being derived."""

    salt: bytes
    iterations: int
    without_proof: str
    auth_message: str


@quickly_made
@dataclass(frozen=True, slots=True)
class FinalSent:
    """Our proof is out."""

    salt: bytes
    iterations: int
    auth_message: str
    keys: ClientKeys | None = field(repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True)
class Checking:
    """The server's signature is here; the keys to check it with were lost in a snapshot and are derived anew."""

    salt: bytes
    iterations: int
    auth_message: str
    signature: bytes = field(repr=False)
    claimed: bool
    """Whether the signature came with the claim of success, not in a challenge before it."""


@dataclass(frozen=True, slots=True)
class ServerProved:
    """The server's signature came in a challenge and is right; success may follow."""

    keys: ClientKeys | None = field(repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScramClient:
    """SCRAM with one hash, with or without channel binding, for one account.

    `authcid` is the name of the account (for XMPP the localpart), `authzid` the identity to act as, for
    XMPP a bare JID and seldom needed. `form` picks among the prepared forms of a password that has two,
    see `preparation`. Raises `LocalProtocolError` for a name or password that cannot be prepared.
    """

    hash: str
    plus: bool
    authcid: str
    credentials: Password | Keys
    authzid: str | None = None
    form: int = 0
    nonce: NonceSource = field(default=fresh_nonce, repr=False)
    _saslname: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.hash not in HASHES:
            raise LocalProtocolError("a hash this package does not know")
        object.__setattr__(self, "_saslname", quote(prepare(self.authcid)))
        if self.authzid is not None:
            _check_authzid(self.authzid)
        if isinstance(self.credentials, Password) and not 0 <= self.form < len(forms(self.credentials.password)):
            raise LocalProtocolError("the password has no such prepared form")

    @property
    def name(self) -> str:
        """`SCRAM-` and the hash, with `-PLUS` when it binds."""
        return f"SCRAM-{self.hash}-PLUS" if self.plus else f"SCRAM-{self.hash}"

    @property
    def strength(self) -> int:
        """See `Strength`."""
        return Strength[self.name.replace("-", "_")]

    @property
    def binds(self) -> bool:
        """Whether this is a -PLUS variant."""
        return self.plus

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Refuse without credentials for this hash, and where the rules of channel binding forbid it."""
        if isinstance(self.credentials, Keys) and all(one.hash != self.hash for one in self.credentials.entries):
            return Refusal(RefusalReason.NO_CREDENTIALS, f"no kept keys of {self.hash}, and no password")
        flag = client_flag(context, self.name)
        return flag if isinstance(flag, Refusal) else None

    def start(self, context: SaslContext) -> ClientOutcome:
        """Send the client-first-message."""
        flag = client_flag(context, self.name)
        if isinstance(flag, Refusal):
            tampered = flag.reason is RefusalReason.BINDINGS_TAMPERED
            return aborted(flag.text, try_another=not tampered)
        nonce = self.nonce(context.entropy)
        if not is_nonce(nonce):
            raise LocalProtocolError("the nonce is not printable ASCII without a comma (RFC 5802 section 7)")
        authzid = f"a={quote(self.authzid)}" if self.authzid else ""
        header = f"{flag!s},{authzid},"
        bare = f"n={self._saslname},r={nonce}"
        return Respond(f"{header}{bare}".encode(), FirstSent(header, flag.type, bare, nonce))

    def challenged(self, state: object, data: bytes, context: SaslContext) -> ClientOutcome:
        """Take the server-first-message, or the server-final-message where it comes before the success."""
        match state:
            case FirstSent():
                return self._first(state, data, context)
            case FinalSent():
                return self._final(state, data, claimed=False)
            case ServerProved():
                return aborted("the server went on after its last message")
        raise LocalProtocolError("no state of SCRAM that waits for the server")

    def answered(self, state: object, value: object, context: SaslContext) -> ClientOutcome:
        """Take the SaltedPassword."""
        if not isinstance(state, Deriving | Checking):
            raise LocalProtocolError("no state of SCRAM that waits for an answer")
        if not isinstance(value, bytes) or len(value) != HASHES[self.hash].octets:
            raise LocalProtocolError(f"a SaltedPassword of {self.hash} has {HASHES[self.hash].octets} octets")
        keys = ClientKeys(
            self.hash, state.salt, state.iterations, client_key(self.hash, value), server_key(self.hash, value)
        )
        if isinstance(state, Deriving):
            return self._prove(keys, state.without_proof, state.auth_message)
        return self._check(keys, state.auth_message, state.signature, claimed=state.claimed)

    def succeeded(self, state: object, data: bytes | None, context: SaslContext) -> ClientOutcome:
        """Take the server's claim of success: without a right signature it is a failure."""
        match state:
            case FinalSent() if data:
                return self._final(state, data, claimed=True)
            case ServerProved(keys) if not data:
                return Verified(keys, server_proved=True)
            case ServerProved():
                return aborted("the server went on after its last message")
            case FirstSent() | FinalSent():
                return aborted("the server claimed success and did not prove itself (RFC 5802 section 5)")
        raise LocalProtocolError("no state of SCRAM that waits for the server")

    def resumed(self, state: object, context: SaslContext) -> ClientOutcome | None:
        """Ask again for the derivation that was being made; otherwise wait for the server."""
        match state:
            case Deriving() | Checking():
                return self._derive(state)
            case FirstSent() | FinalSent() | ServerProved():
                return None
        raise LocalProtocolError("no state of SCRAM")

    def _first(self, state: FirstSent, data: bytes, context: SaslContext) -> ClientOutcome:
        try:
            if data.startswith(b"e="):
                # No grammar has an error here, but a server that gives up early has nowhere else to say why.
                early = read_server_final(data)
                if isinstance(early, ServerError):
                    return _refused_by_server(early)
            nonce, salt, iterations, offer, tls = server_first(data)
        except MessageError as error:
            return aborted(f"the first message of the server breaks RFC 5802 section 7: {error}")
        wrong = _implausible(state, nonce, iterations, context) or _downgraded(self.hash, offer, tls, context)
        if wrong is not None:
            return aborted(wrong)
        bound = b""
        if state.binding_type is not None:
            if state.binding_type not in usable(context):
                return aborted("the channel-binding data is not there any more")
            bound = context.channel_bindings[state.binding_type]
        without_proof = f"c={encode_base64(state.header.encode() + bound)},r={nonce}"
        # Decoding has succeeded in server_first.
        auth_message = f"{state.bare},{data.decode()},{without_proof}"
        keys = self._kept(salt, iterations)
        if keys is None:
            return self._derive(Deriving(salt, iterations, without_proof, auth_message))
        return self._prove(keys, without_proof, auth_message)

    def _prove(self, keys: ClientKeys, without_proof: str, auth_message: str) -> ClientOutcome:
        proof = client_proof(self.hash, keys.client_key, auth_message.encode())
        final = without_proof.encode() + b",p=" + base64_of(proof)
        return Respond(final, FinalSent(keys.salt, keys.iterations, auth_message, keys))

    def _final(self, state: FinalSent, data: bytes, *, claimed: bool) -> ClientOutcome:
        keys = state.keys or self._kept(state.salt, state.iterations)
        if keys is not None:
            # Without extensions a right signature can be written in one way only: there is nothing to take apart.
            signature = server_signature(self.hash, keys.server_key, state.auth_message.encode())
            if hmac.compare_digest(b"v=" + base64_of(signature), data):
                return Verified(keys, server_proved=True) if claimed else Respond(b"", ServerProved(keys))
        try:
            final = read_server_final(data)
        except MessageError as error:
            return aborted(f"the last message of the server breaks RFC 5802 section 7: {error}")
        if isinstance(final, ServerError):
            return _refused_by_server(final)
        if keys is None:
            return self._derive(Checking(state.salt, state.iterations, state.auth_message, final.signature, claimed))
        return self._check(keys, state.auth_message, final.signature, claimed=claimed)

    def _check(self, keys: ClientKeys, auth_message: str, signature: bytes, *, claimed: bool) -> ClientOutcome:
        expected = server_signature(self.hash, keys.server_key, auth_message.encode())
        if not hmac.compare_digest(expected, signature):
            return aborted("the server's signature is wrong: it does not know this account's keys")
        return Verified(keys, server_proved=True) if claimed else Respond(b"", ServerProved(keys))

    def _derive(self, state: Deriving | Checking) -> ClientOutcome:
        if not isinstance(self.credentials, Password):
            return aborted("the kept keys do not fit the server's salt and iterations", try_another=True)
        prepared = forms(self.credentials.password)[self.form]
        return Need(KeyDerivation(prepared, state.salt, state.iterations, self.hash), state)

    def _kept(self, salt: bytes, iterations: int) -> ClientKeys | None:
        if self.form:
            return None  # kept keys belong to the form that succeeded, which is tried first
        kept = self.credentials.keys if isinstance(self.credentials, Password) else self.credentials
        return kept.find(self.hash, salt, iterations)


def _implausible(state: FirstSent, nonce: str, iterations: int, context: SaslContext) -> str | None:
    """Say what the server may not ask of us, None if nothing."""
    if not nonce.startswith(state.nonce) or len(nonce) == len(state.nonce):
        return "the server's nonce does not extend ours (RFC 5802 section 5.1)"
    if iterations < context.least_iterations:
        return f"fewer than {context.least_iterations} iterations (RFC 5802 section 5.1)"
    if iterations > context.most_iterations:
        return f"more than {context.most_iterations} iterations"
    return None


def _downgraded(hash: str, offer: str | None, tls: str | None, context: SaslContext) -> str | None:
    """Say how what the server announced differs from what we heard (XEP-0474 section 6.2, XEP-0515 section 4.2)."""
    if offer is None and unconfirmed(context):
        return (
            "no announced binding type is ours, tls-server-end-point is missing, and the server does not confirm"
            " that it announced them so (XEP-0440 rule 6, XEP-0474 section 7)"
        )
    if offer is not None and offer != offer_hash(hash, context.offered, context.binding_types):
        return "the mechanisms or channel-binding types were changed on their way (XEP-0474 section 6.2)"
    if tls is not None and tls_number(context.tls_version) not in (None, tls):
        return "the server sees another version of TLS than we do: somebody stands between (XEP-0515 section 4.2)"
    return None


def _refused_by_server(error: ServerError) -> Failed:
    another = error.value in _WRONG_CREDENTIALS
    return aborted(f"the server reports {error.value} (RFC 5802 section 7)", try_another=another)


def _check_authzid(authzid: str) -> None:
    if not authzid or "\0" in authzid:
        raise LocalProtocolError("an authorization identity is not empty and has no NUL (RFC 4422 section 3.4.1)")
    try:
        authzid.encode()
    except UnicodeEncodeError:
        raise LocalProtocolError("the authorization identity is no Unicode text") from None
