"""OAUTHBEARER: a bearer token inside TLS (RFC 7628), and the older X-OAUTH2, which a server can read.

A token that will not do is answered by a challenge that says why, in JSON; the client closes it with one
octet, and then fails.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final

from ..errors import LocalProtocolError
from .attributes import MessageError, quote, unquote
from .conditions import SaslCondition
from .credentials import Token
from .logins import Authorized, BearerDenied, BearerRequest, Denied
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
    aborted,
)
from .one_message import MessageSent, OneMessage

__all__ = [
    "Asked",
    "Asking",
    "Explained",
    "OAuthBearerClient",
    "OAuthBearerServer",
    "XOAuth2Server",
    "read_denial",
]

_END: Final = "\x01"
# RFC 7628 section 3.1 and RFC 5801 section 4; binding flags but "n" and "y" have no meaning here.
_HEADER: Final = re.compile(r"[ny],(?:a=(?P<authzid>[^,\x01]+))?,\x01", re.ASCII)
_PAIR: Final = re.compile(r"(?P<key>[A-Za-z]+)=(?P<value>[\x20-\x7e\t\r\n]*)", re.ASCII)
_BEARER: Final = re.compile(r"bearer +(?P<token>[A-Za-z0-9._~+/-]+=*)", re.ASCII | re.IGNORECASE)
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)
_STATUS: Final = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}", re.ASCII)
_ADDRESS: Final = re.compile(r"https://[\x21-\x7e]{1,1024}", re.ASCII)
_SCOPE: Final = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]{1,1024}", re.ASCII)


def read_denial(data: bytes) -> BearerDenied | None:
    """Read the JSON with which a server refuses a token (RFC 7628 section 3.2.2); None if it is none.

    What is not written as the RFC has it is left out: the texts go to the user.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None

    def text(name: str, grammar: re.Pattern[str]) -> str | None:
        value = found.get(name)
        return value if isinstance(value, str) and grammar.fullmatch(value) else None

    status = text("status", _STATUS)
    if status is None:
        return None
    return BearerDenied(status, text("scope", _SCOPE), text("openid-configuration", _ADDRESS))


@dataclass(frozen=True, slots=True)
class Explained:
    """The server has said what is wrong with the token; the failure follows.

    On a client `reason` is what it said; on a server None.
    """

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthBearerClient(OneMessage):
    """OAUTHBEARER, the initiating side. Raises `LocalProtocolError` for what is no bearer token (RFC 6750)."""

    credentials: Token
    authzid: str | None = None

    def __post_init__(self) -> None:
        if self.credentials.mechanism != self.name or not _TOKEN.fullmatch(self.credentials.token):
            raise LocalProtocolError("no bearer token as RFC 6750 section 2.1 has it")

    @property
    def name(self) -> str:
        """`OAUTHBEARER`."""
        return "OAUTHBEARER"

    @property
    def strength(self) -> int:
        """See `Strength`."""
        return Strength.TOKEN

    @property
    def binds(self) -> bool:
        """Never."""
        return False

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Refuse without TLS (RFC 7628 section 3)."""
        return _refusal(context)

    def start(self, context: SaslContext) -> ClientOutcome:
        """Send the token."""
        refusal = self.refusal(context)
        if refusal is not None:
            return aborted(refusal.text)
        authzid = f"a={quote(self.authzid)}" if self.authzid else ""
        host = f"host={context.domain}{_END}" if context.domain.isascii() and context.domain else ""
        message = f"n,{authzid},{_END}{host}auth=Bearer {self.credentials.token}{_END}{_END}"
        return Respond(message.encode(), MessageSent(self.name))

    def challenged(self, state: object, data: bytes, context: SaslContext) -> ClientOutcome:
        """Take the reason why the token will not do, and let the exchange end (RFC 7628 section 3.2.3)."""
        if isinstance(state, Explained):
            return aborted("the server went on after its last message")
        self._expect_sent(state)
        denial = read_denial(data)
        if denial is None:
            return aborted("the server challenges where OAUTHBEARER has only an error in JSON")
        parts = [f"the server refuses the token: {denial.status}"]
        if denial.scope is not None:
            parts.append(f"scope {denial.scope}")
        if denial.openid_configuration is not None:
            parts.append(f"see {denial.openid_configuration}")
        return Respond(_END.encode(), Explained("; ".join(parts)))

    def succeeded(self, state: object, data: bytes | None, context: SaslContext) -> ClientOutcome:
        """Take the success; it proves nothing about the server. After an error it is none."""
        if isinstance(state, Explained):
            return aborted("the server claims success after it has refused the token")
        return OneMessage.succeeded(self, state, data, context)  # `super()` does not know a class with slots

    def resumed(self, state: object, context: SaslContext) -> ClientOutcome | None:
        """Wait for the server."""
        return None if isinstance(state, Explained) else OneMessage.resumed(self, state, context)


@dataclass(frozen=True, slots=True)
class Asked:
    """Server: an empty challenge has asked for the message the client did not send at once."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Server: whose token it is is being asked."""

    authzid: str | None
    token: str | None = field(repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True)
class OAuthBearerServer:
    """OAUTHBEARER, the receiving side. Never offered unless it is named: somebody must know the tokens."""

    @property
    def name(self) -> str:
        """`OAUTHBEARER`."""
        return "OAUTHBEARER"

    @property
    def strength(self) -> int:
        """See `Strength`."""
        return Strength.TOKEN

    @property
    def binds(self) -> bool:
        """Never."""
        return False

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Refuse without TLS (RFC 7628 section 3)."""
        return _refusal(context)

    def start(self, initial: bytes | None, context: SaslContext) -> ServerOutcome:
        """Take the token, or ask for it."""
        return Respond(b"", Asked()) if initial is None else self._message(initial, context)

    def responded(self, state: object, data: bytes, context: SaslContext) -> ServerOutcome:
        """Take the message that had to be asked for, or the octet that closes a refusal."""
        match state:
            case Asked():
                return self._message(data, context)
            case Explained():
                return Failed(SaslCondition.NOT_AUTHORIZED, "the token will not do")
        raise LocalProtocolError("no state of OAUTHBEARER that waits for the client")

    def answered(self, state: object, value: object, context: SaslContext) -> ServerOutcome:
        """Take whose token it is."""
        if not isinstance(state, Asking):
            raise LocalProtocolError("no state of OAUTHBEARER that waits for an answer")
        if isinstance(value, BearerDenied):
            return Respond(_written(value), Explained())
        return _decided(value)

    def resumed(self, state: object, context: SaslContext) -> ServerOutcome | None:
        """Ask again; a token is never kept, so what needs it fails for now."""
        match state:
            case Asking():
                return _asked_again(state, self.name)
            case Asked() | Explained():
                return None
        raise LocalProtocolError("no state of OAUTHBEARER")

    def _message(self, data: bytes, context: SaslContext) -> ServerOutcome:
        try:
            authzid, pairs = _read(data)
        except MessageError as error:
            return _malformed(f"RFC 7628 section 3.1: {error}")
        host = pairs.get("host")
        if host is not None and context.domain and host.lower() != context.domain.lower():
            return Failed(SaslCondition.NOT_AUTHORIZED, "the token was sent for another host (RFC 7628 section 3.2)")
        match = _BEARER.fullmatch(pairs.get("auth", ""))
        if match is None:
            # Also the empty header, with which a client asks what would be needed (section 4.3).
            return Need(BearerRequest("", authzid, self.name), Asking(authzid, ""))
        return Need(BearerRequest(match["token"], authzid, self.name), Asking(authzid, match["token"]))


@dataclass(frozen=True, slots=True)
class XOAuth2Server:
    """X-OAUTH2, as older clients send it: NUL, name, NUL, token. Never offered unless it is named."""

    @property
    def name(self) -> str:
        """`X-OAUTH2`."""
        return "X-OAUTH2"

    @property
    def strength(self) -> int:
        """See `Strength`."""
        return Strength.TOKEN

    @property
    def binds(self) -> bool:
        """Never."""
        return False

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Refuse without TLS."""
        return _refusal(context)

    def start(self, initial: bytes | None, context: SaslContext) -> ServerOutcome:
        """Take the token, or ask for it."""
        return Respond(b"", Asked()) if initial is None else self._message(initial)

    def responded(self, state: object, data: bytes, context: SaslContext) -> ServerOutcome:
        """Take the message that had to be asked for."""
        if not isinstance(state, Asked):
            raise LocalProtocolError("no state of X-OAUTH2 that waits for the client")
        return self._message(data)

    def answered(self, state: object, value: object, context: SaslContext) -> ServerOutcome:
        """Take whose token it is; there is no way to say what is wrong with it."""
        if not isinstance(state, Asking):
            raise LocalProtocolError("no state of X-OAUTH2 that waits for an answer")
        return _decided(Denied() if isinstance(value, BearerDenied) else value)

    def resumed(self, state: object, context: SaslContext) -> ServerOutcome | None:
        """Ask again; a token is never kept, so what needs it fails for now."""
        match state:
            case Asking():
                return _asked_again(state, self.name)
            case Asked():
                return None
        raise LocalProtocolError("no state of X-OAUTH2")

    def _message(self, data: bytes) -> ServerOutcome:
        try:
            parts = data.decode().split("\0")
        except UnicodeDecodeError:
            return _malformed("that of X-OAUTH2: not UTF-8")
        if len(parts) != 3 or parts[0] or not parts[1] or not _TOKEN.fullmatch(parts[2]):
            return _malformed("that of X-OAUTH2: not an empty part, a name and a token")
        return Need(BearerRequest(parts[2], parts[1], self.name), Asking(parts[1], parts[2]))


def _read(data: bytes) -> tuple[str | None, dict[str, str]]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise MessageError("not UTF-8") from None
    header = _HEADER.match(text)
    if header is None or not text.endswith(_END + _END):
        raise MessageError("no GS2 header, or no end")
    pairs: dict[str, str] = {}
    body = text[header.end() : -2]
    for part in body.split(_END) if body else ():
        match = _PAIR.fullmatch(part)
        if match is None or match["key"] in pairs:
            raise MessageError("no pairs of key and value, each once")
        pairs[match["key"]] = match["value"]
    authzid = header["authzid"]
    return (None if authzid is None else unquote(authzid)), pairs


def _written(denial: BearerDenied) -> bytes:
    content = {"status": denial.status, "scope": denial.scope, "openid-configuration": denial.openid_configuration}
    return json.dumps({key: value for key, value in content.items() if value is not None}).encode()


def _refusal(context: SaslContext) -> Refusal | None:
    return None if context.secure else Refusal(RefusalReason.NOT_SECURE, "a bearer token is for TLS alone")


def _decided(value: object) -> ServerOutcome:
    match value:
        case Authorized():
            return Authenticated(str(value.jid), str(value.jid))
        case Denied():
            return Failed(value.condition, value.reason)
    raise LocalProtocolError("the answer to a BearerRequest is Authorized, BearerDenied or Denied")


def _asked_again(state: Asking, name: str) -> ServerOutcome:
    if state.token is None:
        return Failed(SaslCondition.TEMPORARY_AUTH_FAILURE, "the token was not kept in the snapshot")
    return Need(BearerRequest(state.token, state.authzid, name), state)


def _malformed(reason: str) -> Failed:
    return Failed(SaslCondition.MALFORMED_REQUEST, f"the message breaks {reason}")
