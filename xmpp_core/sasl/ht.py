"""HT: a hashed token in one round trip (draft-schmaus-kitten-sasl-ht-09), which FAST logs in with (XEP-0484).

The name is `HT-`, a hash, and the channel binding: NONE, ENDP, UNIQ or EXPR. Both sides prove that they
know the token, over the data of that binding; neither sends it. A token is good for the one mechanism it
was issued for.

The draft moves: what the two messages look like is one value, `HtMessages`, which may be replaced.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from ..errors import LocalProtocolError
from .binding import SERVER_END_POINT, TLS_EXPORTER, TLS_UNIQUE, usable
from .conditions import SaslCondition
from .credentials import Disabled, NoSuchUser, Token, Unavailable
from .derivation import HASHES
from .logins import MOST_TOKENS, StoredTokens, TokensRequest
from .mechanism import (
    Authenticated,
    ClientOutcome,
    Failed,
    Need,
    Refusal,
    RefusalReason,
    Respond,
    SaslContext,
    ServerOutcome,
    Strength,
    Verified,
    aborted,
)
from .preparation import PreparationError, prepare

__all__ = [
    "BINDINGS",
    "DRAFT_09",
    "Asked",
    "HtClient",
    "HtMessageError",
    "HtMessages",
    "HtServer",
    "InitiatorSent",
    "LookingUp",
    "ht_names",
    "split_name",
]

BINDINGS: Final = MappingProxyType(
    {"EXPR": TLS_EXPORTER, "UNIQ": TLS_UNIQUE, "ENDP": SERVER_END_POINT, "NONE": None},
)
"""Channel-binding type by the last part of the name, the strongest first."""

_HASHES: Final = ("SHA3-512", "SHA-512", "SHA-256")
_MOST_AUTHCID: Final = 255


class HtMessageError(Exception):
    """An initiator's message breaks the grammar. Never leaves this package; the text holds nothing of the message."""


class HtMessages(Protocol):
    """What the two messages of HT look like; `binding` is the channel-binding data, empty with NONE."""

    def initiator(self, hash: str, token: str, authcid: str, binding: bytes) -> bytes:
        """Write the initiator's message."""
        ...

    def authcid(self, message: bytes) -> str:
        """Read who the initiator claims to be; raises `HtMessageError`."""
        ...

    def proves(self, message: bytes, hash: str, token: str, binding: bytes) -> bool:
        """Whether the initiator knows `token`, in time that does not tell how far it is from it."""
        ...

    def responder(self, hash: str, token: str, message: bytes, binding: bytes) -> bytes:
        """Write the responder's message, an answer to the initiator's `message`."""
        ...


@dataclass(frozen=True, slots=True)
class _Draft09:
    """Name, NUL, HMAC of the binding one way; HMAC of the binding the other."""

    def initiator(self, hash: str, token: str, authcid: str, binding: bytes) -> bytes:
        return authcid.encode() + b"\0" + _hmac(hash, token, b"Initiator" + binding)

    def authcid(self, message: bytes) -> str:
        name, nul, _ = message.partition(b"\0")
        if not nul or not 1 <= len(name) <= _MOST_AUTHCID:
            raise HtMessageError("no name of 1 to 255 octets with a NUL after it")
        try:
            return name.decode()
        except UnicodeDecodeError:
            raise HtMessageError("not UTF-8") from None

    def proves(self, message: bytes, hash: str, token: str, binding: bytes) -> bool:
        # A NUL in the HMAC is no separator: the first one is.
        proof = message.partition(b"\0")[2]
        return hmac.compare_digest(_hmac(hash, token, b"Initiator" + binding), proof)

    def responder(self, hash: str, token: str, message: bytes, binding: bytes) -> bytes:
        return _hmac(hash, token, b"Responder" + binding)


DRAFT_09: Final[HtMessages] = _Draft09()
"""The messages of draft-schmaus-kitten-sasl-ht-09."""


def split_name(name: str) -> tuple[str, str] | None:
    """Give hash and binding of an HT mechanism's name, None for a name that is none."""
    if not name.startswith("HT-"):
        return None
    hash, _, last = name[3:].rpartition("-")
    return (hash, last) if hash in _HASHES and last in BINDINGS else None


def ht_names(hashes: tuple[str, ...] = ("SHA-512", "SHA-256")) -> tuple[str, ...]:
    """Give the names of HT with these hashes, the strongest first."""
    return tuple(f"HT-{hash}-{binding}" for binding in BINDINGS for hash in hashes)


# Initiating side ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InitiatorSent:
    """Our message is out; the responder's comes with success."""

    binding: bytes = field(repr=False)
    message: bytes | None = field(repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class HtClient:
    """HT for one account, with the token that was issued for this very mechanism.

    Raises `LocalProtocolError` for a name that is none of HT, a token of another mechanism, and a
    username that cannot be prepared.
    """

    name: str
    authcid: str
    credentials: Token
    messages: HtMessages = field(default=DRAFT_09, repr=False)

    def __post_init__(self) -> None:
        if split_name(self.name) is None:
            raise LocalProtocolError("no name of an HT mechanism")
        if self.credentials.mechanism != self.name:
            raise LocalProtocolError("the token was issued for another mechanism")
        if len(prepare(self.authcid).encode()) > _MOST_AUTHCID:
            raise LocalProtocolError(f"a name of more than {_MOST_AUTHCID} octets")

    @property
    def strength(self) -> int:
        """See `Strength`; the binding decides."""
        return _strength(self.name)

    @property
    def binds(self) -> bool:
        """Whether the name ends with a channel binding."""
        return not self.name.endswith("-NONE")

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Refuse without TLS and without the data of the binding."""
        return _refusal(self.name, context)

    def start(self, context: SaslContext) -> ClientOutcome:
        """Send the initiator's message."""
        refusal = self.refusal(context)
        if refusal is not None:
            return aborted(refusal.text, try_another=True)
        hash, binding = _parts(self.name, context)
        message = self.messages.initiator(hash, self.credentials.token, prepare(self.authcid), binding)
        return Respond(message, InitiatorSent(binding, message))

    def challenged(self, state: object, data: bytes, context: SaslContext) -> ClientOutcome:
        """Fail: HT has no challenges."""
        _expect_sent(state)
        return aborted("the server challenges where HT has no challenge")

    def answered(self, state: object, value: object, context: SaslContext) -> ClientOutcome:
        """Raise `LocalProtocolError`: the initiating side of HT asks nothing."""
        raise LocalProtocolError("HT asked nothing")

    def succeeded(self, state: object, data: bytes | None, context: SaslContext) -> ClientOutcome:
        """Take the success: without the responder's message it is a failure."""
        sent = _expect_sent(state)
        if not data:
            return aborted("the server claimed success and did not prove itself")
        hash, _ = _parts(self.name, context)
        message = sent.message
        if message is None:
            message = self.messages.initiator(hash, self.credentials.token, prepare(self.authcid), sent.binding)
        expected = self.messages.responder(hash, self.credentials.token, message, sent.binding)
        if not hmac.compare_digest(expected, data):
            return aborted("the server's proof is wrong: it does not know the token")
        return Verified(server_proved=True)

    def resumed(self, state: object, context: SaslContext) -> ClientOutcome | None:
        """Wait for the server."""
        _expect_sent(state)
        return None


# Receiving side -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """An empty challenge has asked for the message the client did not send at once."""


@dataclass(frozen=True, slots=True)
class LookingUp:
    """The initiator's message is here; the tokens of the user are being looked up."""

    username: str
    message: bytes | None = field(repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class HtServer:
    """HT, the receiving side."""

    name: str
    messages: HtMessages = field(default=DRAFT_09, repr=False)

    def __post_init__(self) -> None:
        if split_name(self.name) is None:
            raise LocalProtocolError("no name of an HT mechanism")

    @property
    def strength(self) -> int:
        """See `Strength`; the binding decides."""
        return _strength(self.name)

    @property
    def binds(self) -> bool:
        """Whether the name ends with a channel binding."""
        return not self.name.endswith("-NONE")

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Refuse without TLS and without the data of the binding."""
        return _refusal(self.name, context)

    def start(self, initial: bytes | None, context: SaslContext) -> ServerOutcome:
        """Take the message, or ask for it."""
        return Respond(b"", Asked()) if initial is None else self._message(initial)

    def responded(self, state: object, data: bytes, context: SaslContext) -> ServerOutcome:
        """Take the message that had to be asked for."""
        if not isinstance(state, Asked):
            raise LocalProtocolError("no state of HT that waits for the client")
        return self._message(data)

    def answered(self, state: object, value: object, context: SaslContext) -> ServerOutcome:
        """Take the tokens of the user."""
        if not isinstance(state, LookingUp) or state.message is None:
            raise LocalProtocolError("no state of HT that waits for an answer")
        tokens = StoredTokens()
        disabled: SaslCondition | None = None
        match value:
            case StoredTokens():
                tokens = value
            case NoSuchUser():
                pass
            case Disabled():
                # Without a proof an account that is closed looks like one that is not there.
                tokens, disabled = value.tokens or tokens, value.condition
            case Unavailable():
                return Failed(SaslCondition.TEMPORARY_AUTH_FAILURE, "the store of tokens cannot be reached")
            case _:
                raise LocalProtocolError("the answer is StoredTokens, NoSuchUser, Disabled or Unavailable")
        hash, binding = _parts(self.name, context)
        # As many comparisons for everybody: how many tokens a user holds, or whether there is a user, does not show.
        known = (*tokens.valid, *tokens.expired)
        compared = (*known, *("",) * (MOST_TOKENS - len(known)))
        found = [self.messages.proves(state.message, hash, one, binding) for one in compared][: len(known)]
        if True not in found:
            return Failed(SaslCondition.NOT_AUTHORIZED, "the proof fits no token")
        index = found.index(True)
        if disabled is not None:
            return Failed(disabled, "the account may not log in")
        if index >= len(tokens.valid):
            return Failed(SaslCondition.CREDENTIALS_EXPIRED, "the token has expired")
        data = self.messages.responder(hash, known[index], state.message, binding)
        return Authenticated(state.username, None, data, token=index)

    def resumed(self, state: object, context: SaslContext) -> ServerOutcome | None:
        """Ask again for the tokens; a proof is never kept, so what needs it fails for now."""
        match state:
            case LookingUp(message=None):
                return Failed(SaslCondition.TEMPORARY_AUTH_FAILURE, "the proof was not kept in the snapshot")
            case LookingUp():
                return Need(TokensRequest(state.username, self.name), state)
            case Asked():
                return None
        raise LocalProtocolError("no state of HT")

    def _message(self, message: bytes) -> ServerOutcome:
        try:
            username = prepare(self.messages.authcid(message))
        except HtMessageError as error:
            return Failed(SaslCondition.MALFORMED_REQUEST, f"the message breaks the grammar of HT: {error}")
        except PreparationError:
            return Failed(SaslCondition.NOT_AUTHORIZED, "the name cannot be prepared")
        return Need(TokensRequest(username, self.name), LookingUp(username, message))


def _hmac(hash: str, token: str, message: bytes) -> bytes:
    return hmac.digest(token.encode(), message, HASHES[hash].algorithm)


def _strength(name: str) -> int:
    return Strength[f"HT_{name.rpartition('-')[2]}"]


def _refusal(name: str, context: SaslContext) -> Refusal | None:
    parts = split_name(name)
    assert parts is not None
    type = BINDINGS[parts[1]]
    if not context.secure:
        return Refusal(RefusalReason.NOT_SECURE, "a hashed token is for TLS alone: whoever hears it can play it back")
    if type is not None and type not in usable(context):
        return Refusal(RefusalReason.NO_BINDING, f"no {type} data of this connection")
    return None


def _parts(name: str, context: SaslContext) -> tuple[str, bytes]:
    parts = split_name(name)
    assert parts is not None
    type = BINDINGS[parts[1]]
    return parts[0], b"" if type is None else context.channel_bindings[type]


def _expect_sent(state: object) -> InitiatorSent:
    if not isinstance(state, InitiatorSent):
        raise LocalProtocolError("no state of HT")
    return state
