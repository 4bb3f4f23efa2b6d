"""SCRAM, the receiving side (RFC 5802, RFC 7677).

    start -> [AwaitingFirst ->] LookingUp -> Challenged -> [Proving ->] [Authorizing ->] Authenticated

`Proving` is passed only after a snapshot, when the user's keys must be asked for again.

A user who does not exist is challenged with a salt that is always the same for that name, and fails
where a wrong proof fails, after the same work (RFC 6120 section 6.5.10).
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from ..errors import LocalProtocolError
from ..strings.errors import StringError
from ..strings.precis import username_case_mapped
from .attributes import (
    MessageError,
    base64_of,
    client_first,
    encode_base64,
    is_nonce,
    octets_of,
    read_client_final,
)
from .binding import Flag, binds, usable
from .conditions import SaslCondition
from .credentials import MOST_SALT_OCTETS, Disabled, NoSuchUser, ScramVerifier, StoredKeys, Unavailable
from .derivation import HASHES, proved_key, server_signature
from .downgrade import offer_hash, tls_number
from .mechanism import (
    Authenticated,
    AuthorizationRequest,
    CredentialsRequest,
    Failed,
    Need,
    Refusal,
    RefusalReason,
    Respond,
    SaslContext,
    ServerOutcome,
    Strength,
)
from .nonce import NonceSource, fresh_nonce
from .preparation import PreparationError, prepare
from .values import quickly_made

__all__ = [
    "LEAST_SECRET_OCTETS",
    "Authorizing",
    "AwaitingFirst",
    "Challenged",
    "LookingUp",
    "Proving",
    "ScramServer",
    "invented",
    "stored_or_invented",
]

LEAST_SECRET_OCTETS: Final = 16
"""A shorter secret for invented salts could be guessed."""

_LONGEST_KEY: Final = hashlib.blake2b.MAX_KEY_SIZE

_ANYBODY: Final = NoSuchUser()
"""What the keys of nobody in particular look like."""


@dataclass(frozen=True, slots=True)
class AwaitingFirst:
    """The client sent no initial response; an empty challenge has asked for it (RFC 6120 section 6.4.2)."""


@quickly_made
@dataclass(frozen=True, slots=True)
class LookingUp:
    """The client's first message is here; what is stored of the user is being looked up."""

    username: str
    authzid: str | None
    header: str
    binding_type: str | None
    bare: str
    nonce: str
    """The client's part."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Challenged:
    """The salt is out; the client's proof comes next."""

    username: str
    authzid: str | None
    header: str
    binding_type: str | None
    bare: str
    first: str
    """Our first message."""
    nonce: str
    """Both parts."""
    salt: bytes
    iterations: int
    verifier: ScramVerifier | None = field(repr=False, metadata={"secret": True})
    refused_with: SaslCondition | None
    """What even a right proof earns: not-authorized for an invented user, None for a good account."""


@dataclass(frozen=True, slots=True)
class Proving:
    """The proof is here; the user's keys were lost in a snapshot and are looked up anew."""

    challenged: Challenged
    response: bytes | None = field(repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True)
class Authorizing:
    """The proof is right; whether the client may act as `authzid` is being asked."""

    authcid: str
    authzid: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScramServer:
    """SCRAM with one hash, with or without channel binding."""

    hash: str
    plus: bool
    downgrade_protection: bool = False
    """Tell the client what was offered, and over which TLS (XEP-0474, XEP-0515): one attribute more for each."""
    nonce: NonceSource = field(default=fresh_nonce, repr=False)

    def __post_init__(self) -> None:
        if self.hash not in HASHES:
            raise LocalProtocolError("a hash this package does not know")

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
        """Refuse without a secret to invent salts from, and -PLUS without binding data."""
        if len(context.secret) < LEAST_SECRET_OCTETS:
            return Refusal(RefusalReason.NO_SECRET, f"the secret has fewer than {LEAST_SECRET_OCTETS} octets")
        if self.plus and not usable(context):
            return Refusal(RefusalReason.NO_BINDING, "no channel-binding data of this connection")
        return None

    def start(self, initial: bytes | None, context: SaslContext) -> ServerOutcome:
        """Take the client-first-message, or ask for it."""
        if initial is None:
            return Respond(b"", AwaitingFirst())
        return self._first(initial, context)

    def responded(self, state: object, data: bytes, context: SaslContext) -> ServerOutcome:
        """Take the client's next message."""
        match state:
            case Challenged():
                if state.verifier is None:
                    return Need(CredentialsRequest(state.username, self.name), Proving(state, data))
                return self._prove(state, state.verifier, data, context)
            case AwaitingFirst():
                return self._first(data, context)
        raise LocalProtocolError("no state of SCRAM that waits for the client")

    def answered(self, state: object, value: object, context: SaslContext) -> ServerOutcome:
        """Take what is stored of the user, or whether the client may act as another."""
        match state:
            case LookingUp():
                return self._challenge(state, value, context)
            case Proving():
                return self._prove_anew(state, value, context)
            case Authorizing():
                if not isinstance(value, bool):
                    raise LocalProtocolError("the answer to an AuthorizationRequest is a bool")
                if not value:
                    return _failed(SaslCondition.INVALID_AUTHZID, "the client may not act as that identity")
                return Authenticated(state.authcid, state.authzid, state.data)
        raise LocalProtocolError("no state of SCRAM that waits for an answer")

    def resumed(self, state: object, context: SaslContext) -> ServerOutcome | None:
        """Ask again what was being asked; otherwise wait for the client."""
        match state:
            case LookingUp():
                return Need(CredentialsRequest(state.username, self.name), state)
            case Proving(response=None):
                return _failed(SaslCondition.TEMPORARY_AUTH_FAILURE, "the proof was not kept in the snapshot")
            case Proving():
                return Need(CredentialsRequest(state.challenged.username, self.name), state)
            case Authorizing():
                return Need(AuthorizationRequest(state.authcid, state.authzid), state)
            case AwaitingFirst() | Challenged():
                return None
        raise LocalProtocolError("no state of SCRAM")

    def _first(self, data: bytes, context: SaslContext) -> ServerOutcome:
        try:
            header, flag, authzid, bare, username, nonce = client_first(data)
        except MessageError as error:
            return _malformed(str(error))
        wrong = self._misbound(flag, context)
        if wrong is not None:
            return wrong
        try:
            username = prepare(username)
        except PreparationError:
            return _failed(SaslCondition.NOT_AUTHORIZED, "the username cannot be prepared (RFC 5802 section 5.1)")
        state = LookingUp(username, authzid, header, flag.type, bare, nonce)
        return Need(CredentialsRequest(username, self.name), state)

    def _misbound(self, flag: Flag, context: SaslContext) -> Failed | None:
        """Check the client's flag against what we offer (RFC 5802 section 6)."""
        if (flag.letter == "p") is not self.plus:
            return _malformed("the channel-binding flag contradicts the mechanism's name")
        if flag.letter == "y" and any(binds(name) for name in context.offered):
            return _failed(SaslCondition.NOT_AUTHORIZED, "the client saw no offer of channel binding, and one was made")
        if flag.type is not None and flag.type not in usable(context):
            return _failed(SaslCondition.NOT_AUTHORIZED, "a channel-binding type this connection has not")
        return None

    def _challenge(self, state: LookingUp, answer: object, context: SaslContext) -> ServerOutcome:
        found = stored_or_invented(answer, self.hash, state.username, context)
        if isinstance(found, Failed):
            return found
        verifier, refused_with = found
        ours = self.nonce(context.entropy)
        if not is_nonce(ours):
            raise LocalProtocolError("the nonce is not printable ASCII without a comma (RFC 5802 section 7)")
        nonce = state.nonce + ours
        first = f"r={nonce},s={encode_base64(verifier.salt)},i={verifier.iterations}"
        if self.downgrade_protection and context.offered:
            first += self._signed(context)
        challenged = Challenged(
            state.username,
            state.authzid,
            state.header,
            state.binding_type,
            state.bare,
            first,
            nonce,
            verifier.salt,
            verifier.iterations,
            verifier,
            refused_with,
        )
        return Respond(first.encode(), challenged)

    def _signed(self, context: SaslContext) -> str:
        number = tls_number(context.tls_version) if context.secure else None
        tls = "" if number is None else f",t={number}"
        return f",h={offer_hash(self.hash, context.offered, context.binding_types)}{tls}"

    def _prove_anew(self, state: Proving, answer: object, context: SaslContext) -> ServerOutcome:
        challenged = state.challenged
        found = stored_or_invented(answer, self.hash, challenged.username, context)
        if isinstance(found, Failed):
            return found
        if state.response is None:
            raise LocalProtocolError("the proof was not kept: call resumed first")
        verifier, refused_with = found
        if (verifier.salt, verifier.iterations) != (challenged.salt, challenged.iterations):
            return _failed(SaslCondition.NOT_AUTHORIZED, "the keys of the user have changed meanwhile")
        if challenged.refused_with is not None:
            refused_with = refused_with or challenged.refused_with
        return self._prove(challenged, verifier, state.response, context, refused_with)

    def _prove(
        self,
        state: Challenged,
        verifier: ScramVerifier,
        data: bytes,
        context: SaslContext,
        refused_with: SaslCondition | None = None,
    ) -> ServerOutcome:
        said = self._said(state, data, context)
        if isinstance(said, Failed):
            return said
        without_proof, proof = said
        if len(proof) != HASHES[self.hash].octets:
            return _failed(SaslCondition.NOT_AUTHORIZED, "the proof has another length")
        auth_message = f"{state.bare},{state.first},{without_proof}".encode()
        proved = proved_key(self.hash, verifier.stored_key, proof, auth_message)
        signature = server_signature(self.hash, verifier.server_key, auth_message)
        if not hmac.compare_digest(proved, verifier.stored_key):
            return _failed(SaslCondition.NOT_AUTHORIZED, "the proof is wrong")
        refused_with = refused_with or state.refused_with
        if refused_with is not None:
            return _failed(refused_with, "the account may not log in")
        outcome = b"v=" + base64_of(signature)
        if state.authzid is None or state.authzid == state.username:
            # A name that says nothing new is no address: whose account it is follows from the name proved.
            return Authenticated(state.username, None, outcome)
        return Need(
            AuthorizationRequest(state.username, state.authzid), Authorizing(state.username, state.authzid, outcome)
        )

    def _said(self, state: Challenged, data: bytes, context: SaslContext) -> tuple[str, bytes] | Failed:
        """Give what comes before the proof, which is of this exchange on this channel, and the proof.

        RFC 5802 sections 5.1 and 6 say what it is.
        """
        bound: bytes | None = b""
        if state.binding_type is not None:
            bound = context.channel_bindings[state.binding_type] if state.binding_type in usable(context) else None
        binding = "" if bound is None else encode_base64(state.header.encode() + bound)
        # Without extensions only one text can come before the proof: there is nothing to take apart.
        expected = f"c={binding},r={state.nonce}"
        before, _, written = data.rpartition(b",p=")
        if hmac.compare_digest(expected.encode(), before) and bound is not None:
            proof = octets_of(written)
            if proof is not None:
                return expected, proof
        try:
            final = read_client_final(data)
        except MessageError as error:
            return _malformed(str(error))
        # Both are read before they are joined: one answer, whichever is wrong.
        same_binding = hmac.compare_digest(binding.encode(), final.binding.encode())
        same_nonce = hmac.compare_digest(state.nonce.encode(), final.nonce.encode())
        if bound is None or not (same_binding and same_nonce):
            return _failed(SaslCondition.NOT_AUTHORIZED, "the nonce or the channel binding is not the one in use")
        return final.without_proof, final.proof


def invented(hash: str, username: str, like: NoSuchUser, context: SaslContext) -> ScramVerifier:
    """Make the verifier of a user who does not exist: always the same for the same name and secret.

    What is one localpart is one user, letter case and width apart (RFC 7622 section 3.3): else "Juliet" and
    "juliet" would tell whether there is one.
    """
    return _invented(hash, username, like.iterations, like.salt_octets, context.secret)


def _invented(hash: str, username: str, iterations: int, salt_octets: int, secret: bytes) -> ScramVerifier:
    account = username.lower()
    if not (username.isascii() and username.isalnum()):  # of those the profile changes nothing but their case
        with contextlib.suppress(StringError):
            account = username_case_mapped(username)
    # For every login, so in the quickest way: BLAKE2 takes a key as it is (RFC 7693 section 2.9), an HMAC hashes twice.
    key = secret if len(secret) <= _LONGEST_KEY else hashlib.blake2b(secret).digest()
    drawn = hashlib.blake2b(f"{hash}\0{account}".encode(), key=key).digest()
    # Half of it may be seen, as a salt. The keys are never seen, and no proof fits them: the other half does for both.
    unseen = (drawn[MOST_SALT_OCTETS:] * 2)[: HASHES[hash].octets]
    return ScramVerifier(hash, drawn[:salt_octets], iterations, unseen, unseen)


def stored_or_invented(
    answer: object, hash: str, username: str, context: SaslContext
) -> tuple[ScramVerifier, SaslCondition | None] | Failed:
    """Turn a credentials answer into the verifier to go on with, and what even a right proof earns.

    Raises `LocalProtocolError` for an answer of another kind.
    """
    keys: StoredKeys | None = None
    earns: SaslCondition | None = None
    match answer:
        case StoredKeys():
            keys = answer
        case Disabled():
            keys, earns = answer.keys, answer.condition
        case NoSuchUser():
            pass
        case Unavailable():
            return _failed(SaslCondition.TEMPORARY_AUTH_FAILURE, "the store of credentials cannot be reached")
        case _:
            raise LocalProtocolError("the answer is StoredKeys, NoSuchUser, Disabled or Unavailable")
    if len(context.secret) < LEAST_SECRET_OCTETS:
        return _failed(SaslCondition.TEMPORARY_AUTH_FAILURE, "no secret to invent salts from is configured")
    if keys is not None and keys.entries:
        # Who has no keys for this hash gets some that look like the others of his.
        first = keys.entries[0]
        iterations, salt_octets = first.iterations, min(len(first.salt), MOST_SALT_OCTETS)
    else:
        like = answer if isinstance(answer, NoSuchUser) else _ANYBODY
        iterations, salt_octets = like.iterations, like.salt_octets
    # Made for every user, so that a lookup takes as long for one who exists.
    substitute = _invented(hash, username, iterations, salt_octets, context.secret)
    found = None if keys is None else keys.of(hash)
    return (substitute, SaslCondition.NOT_AUTHORIZED) if found is None else (found, earns)


def _malformed(reason: str) -> Failed:
    return _failed(SaslCondition.MALFORMED_REQUEST, f"the message breaks RFC 5802 section 7: {reason}")


def _failed(condition: SaslCondition, reason: str) -> Failed:
    return Failed(condition, reason)
