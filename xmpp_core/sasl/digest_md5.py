"""DIGEST-MD5, for old peers alone (RFC 2831; RFC 6331 says why nobody should use it). Off unless it is named.

Quality of protection is `auth`: TLS does the rest. Subsequent authentication is not done.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Final

from ..errors import LocalProtocolError
from .attributes import MessageError
from .binding import tampered
from .conditions import SaslCondition
from .credentials import CredentialsAnswer, Disabled, NoSuchUser, Password, StoredDigest, Unavailable
from .mechanism import (
    Authenticated,
    AuthorizationRequest,
    ClientOutcome,
    CredentialsRequest,
    Failed,
    Need,
    Refusal,
    Respond,
    SaslContext,
    ServerOutcome,
    Strength,
    Verified,
    aborted,
)
from .nonce import NonceSource, fresh_nonce
from .preparation import PreparationError, prepare

__all__ = [
    "Authorizing",
    "Challenged",
    "DigestMd5Client",
    "DigestMd5Server",
    "LookingUp",
    "Proved",
    "Responded",
    "Started",
    "digest_key",
]

_SERVICE: Final = "xmpp"
_COUNT: Final = "00000001"
_DIRECTIVE: Final = re.compile(
    r"[ \t,]*(?P<name>[A-Za-z0-9-]+)[ \t]*=[ \t]*"
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\x00-\x20()<>@,;:\\"/\[\]?={}\x7f]+))[ \t]*(?:,|$)',
    re.DOTALL,
)
_ONCE: Final = frozenset(
    {
        "nonce", "stale", "maxbuf", "charset", "algorithm", "username", "cnonce", "nc", "qop", "digest-uri",
        "response", "authzid", "rspauth",
    }
)  # fmt: skip
_MOST_OCTETS: Final = 4096
_HEX: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


def digest_key(username: str, realm: str, password: str) -> bytes:
    """Give `H(username:realm:password)`, what a server stores for DIGEST-MD5 (RFC 2831 section 2.1.2.1).

    Raises `LocalProtocolError` for a name or password that cannot be prepared.
    """
    return _h(b":".join((_text(prepare(username)), _text(realm), _text(prepare(password)))))


@dataclass(frozen=True, slots=True)
class Started:
    """Client: the challenge is awaited."""


@dataclass(frozen=True, slots=True)
class Responded:
    """Client: the response is out; the server's proof comes next. `expected` is that proof."""

    expected: str | None = field(repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True)
class Proved:
    """Client: the server has proved itself and success may follow. Server: the client has, and closes the exchange."""

    username: str = ""
    authzid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestMd5Client:
    """DIGEST-MD5, the initiating side. Raises `LocalProtocolError` for a name or password that cannot be prepared."""

    authcid: str
    credentials: Password
    authzid: str | None = None
    service: str = _SERVICE
    """The first part of `digest-uri`; another one only replays a published exchange."""
    nonce: NonceSource = field(default=fresh_nonce, repr=False)

    def __post_init__(self) -> None:
        prepare(self.authcid)
        prepare(self.credentials.password)

    @property
    def name(self) -> str:
        """`DIGEST-MD5`."""
        return "DIGEST-MD5"

    @property
    def strength(self) -> int:
        """See `Strength`."""
        return Strength.DIGEST_MD5

    @property
    def binds(self) -> bool:
        """Never."""
        return False

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Refuse where the offer shows that somebody else wrote it."""
        return tampered(context)

    def start(self, context: SaslContext) -> ClientOutcome:
        """Wait for the challenge: the server begins."""
        refusal = self.refusal(context)
        return Respond(None, Started()) if refusal is None else aborted(refusal.text)

    def challenged(self, state: object, data: bytes, context: SaslContext) -> ClientOutcome:
        """Answer the challenge, or check the server's proof."""
        match state:
            case Started():
                return self._respond(data, context)
            case Responded():
                return self._check(state, data, claimed=False)
            case Proved():
                return aborted("the server went on after its last message")
        raise LocalProtocolError("no state of DIGEST-MD5 that waits for the server")

    def answered(self, state: object, value: object, context: SaslContext) -> ClientOutcome:
        """Raise `LocalProtocolError`: the initiating side asks nothing."""
        raise LocalProtocolError("DIGEST-MD5 asked nothing")

    def succeeded(self, state: object, data: bytes | None, context: SaslContext) -> ClientOutcome:
        """Take the claim of success: without the server's proof it is a failure."""
        match state:
            case Responded() if data:
                return self._check(state, data, claimed=True)
            case Proved() if not data:
                return Verified(server_proved=True)
            case Started() | Responded() | Proved():
                return aborted("the server claimed success and did not prove itself (RFC 2831 section 2.1.3)")
        raise LocalProtocolError("no state of DIGEST-MD5 that waits for the server")

    def resumed(self, state: object, context: SaslContext) -> ClientOutcome | None:
        """Wait for the server; without what its proof must be there is nothing to wait for."""
        match state:
            case Responded(expected=None):
                return aborted("the server's proof cannot be checked after a snapshot")
            case Started() | Responded() | Proved():
                return None
        raise LocalProtocolError("no state of DIGEST-MD5")

    def _respond(self, data: bytes, context: SaslContext) -> ClientOutcome:
        try:
            realms, given = _read(data)
        except MessageError as error:
            return aborted(f"the challenge breaks RFC 2831 section 2.1.1: {error}")
        nonce = given.get("nonce", "")
        if not nonce or given.get("algorithm") != "md5-sess" or given.get("charset", "utf-8") != "utf-8":
            return aborted("the challenge has no nonce, or another algorithm or charset (RFC 2831 section 2.1.1)")
        if "auth" not in (one.strip() for one in given.get("qop", "auth").split(",")):
            return aborted("the server insists on a security layer (RFC 2831 section 2.1.1)")
        realm = context.domain if not realms or context.domain in realms else realms[0]
        cnonce = self.nonce(context.entropy)
        address = f"{self.service}/{context.domain}"
        username = prepare(self.authcid)
        key = digest_key(self.authcid, realm, self.credentials.password)
        proof = _proof(key, nonce, cnonce, address, self.authzid, "AUTHENTICATE")
        parts = ["charset=utf-8"] if "charset" in given else []
        parts += [f"username={_quoted(username)}", f"realm={_quoted(realm)}", f"nonce={_quoted(nonce)}"]
        parts += [f"nc={_COUNT}", f"cnonce={_quoted(cnonce)}", f"digest-uri={_quoted(address)}"]
        parts += [f"response={proof}", "qop=auth"]
        if self.authzid is not None:
            parts.append(f"authzid={_quoted(self.authzid)}")
        expected = _proof(key, nonce, cnonce, address, self.authzid, "")
        return Respond(",".join(parts).encode(), Responded(expected))

    def _check(self, state: Responded, data: bytes, *, claimed: bool) -> ClientOutcome:
        try:
            given = _read(data)[1].get("rspauth", "")
        except MessageError:
            given = ""
        if state.expected is None or not hmac.compare_digest(state.expected.encode(), given.encode()):
            return aborted("the server's proof is wrong: it does not know this account's password")
        return Verified(server_proved=True) if claimed else Respond(b"", Proved())


@dataclass(frozen=True, slots=True)
class Challenged:
    """Server: the challenge is out."""

    nonce: str


@dataclass(frozen=True, slots=True)
class LookingUp:
    """Server: the response is here; what is stored of the user is being looked up."""

    nonce: str
    cnonce: str
    username: str
    realm: str
    address: str
    authzid: str | None
    response: str | None = field(repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True)
class Authorizing:
    """Server: the proof is right; whether the client may act as `authzid` is being asked."""

    username: str
    authzid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestMd5Server:
    """DIGEST-MD5, the receiving side. The realm is the domain."""

    service: str = _SERVICE
    nonce: NonceSource = field(default=fresh_nonce, repr=False)

    @property
    def name(self) -> str:
        """`DIGEST-MD5`."""
        return "DIGEST-MD5"

    @property
    def strength(self) -> int:
        """See `Strength`."""
        return Strength.DIGEST_MD5

    @property
    def binds(self) -> bool:
        """Never."""
        return False

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Refuse nothing: who names it wants it."""
        return None

    def start(self, initial: bytes | None, context: SaslContext) -> ServerOutcome:
        """Send the challenge. An initial response is not taken: it would be a subsequent authentication."""
        if initial:
            return Failed(SaslCondition.MALFORMED_REQUEST, "the client begins where the server does (RFC 2831)")
        nonce = self.nonce(context.entropy)
        realm = _quoted(context.domain)
        challenge = f'realm={realm},nonce={_quoted(nonce)},qop="auth",algorithm=md5-sess,charset=utf-8'
        return Respond(challenge.encode(), Challenged(nonce))

    def responded(self, state: object, data: bytes, context: SaslContext) -> ServerOutcome:
        """Take the response, or the empty one that closes the exchange."""
        match state:
            case Challenged():
                return self._response(state, data, context)
            case Proved() if data:
                return _malformed("something after the last message")
            case Proved(authzid=None):
                return Authenticated(state.username, None)
            case Proved(authzid=str() as authzid) if authzid == state.username:
                # A name that says nothing new is no address: whose account it is follows from the name proved.
                return Authenticated(state.username, None)
            case Proved(authzid=str() as authzid):
                return Need(AuthorizationRequest(state.username, authzid), Authorizing(state.username, authzid))
        raise LocalProtocolError("no state of DIGEST-MD5 that waits for the client")

    def answered(self, state: object, value: object, context: SaslContext) -> ServerOutcome:
        """Take what is stored of the user, or whether the client may act as another."""
        match state:
            case LookingUp(response=str() as response):
                return _judged(state, response, value, context)
            case Authorizing():
                if not isinstance(value, bool):
                    raise LocalProtocolError("the answer to an AuthorizationRequest is a bool")
                if not value:
                    return Failed(SaslCondition.INVALID_AUTHZID, "the client may not act as that identity")
                return Authenticated(state.username, state.authzid)
        raise LocalProtocolError("no state of DIGEST-MD5 that waits for an answer")

    def resumed(self, state: object, context: SaslContext) -> ServerOutcome | None:
        """Ask again what can be asked; a proof is never kept, so what needs it fails for now."""
        match state:
            case LookingUp(response=None):
                return Failed(SaslCondition.TEMPORARY_AUTH_FAILURE, "the proof was not kept in the snapshot")
            case LookingUp():
                return Need(CredentialsRequest(state.username, self.name), state)
            case Authorizing():
                return Need(AuthorizationRequest(state.username, state.authzid), state)
            case Challenged() | Proved():
                return None
        raise LocalProtocolError("no state of DIGEST-MD5")

    def _response(self, state: Challenged, data: bytes, context: SaslContext) -> ServerOutcome:
        try:
            realms, given = _read(data)
        except MessageError as error:
            return _malformed(str(error))
        address = given.get("digest-uri", "").split("/")
        cnonce, response, username = given.get("cnonce", ""), given.get("response", ""), given.get("username", "")
        if not cnonce or not username or not _HEX.fullmatch(response) or len(realms) > 1:
            return _malformed("a directive is missing or malformed")
        if given.get("charset", "utf-8") != "utf-8" or given.get("qop", "auth") != "auth":
            return _malformed("another charset or quality of protection than was offered")
        if not hmac.compare_digest(state.nonce.encode(), given.get("nonce", "").encode()) or given.get("nc") != _COUNT:
            return Failed(SaslCondition.NOT_AUTHORIZED, "the nonce is not the one in use")
        realm = realms[0] if realms else ""
        if realm != context.domain or len(address) < 2 or address[0] != self.service or address[1] != context.domain:
            return Failed(SaslCondition.NOT_AUTHORIZED, "the realm or the service is another (RFC 2831 section 2.1.2)")
        try:
            username = prepare(username)
        except PreparationError:
            return Failed(SaslCondition.NOT_AUTHORIZED, "the username cannot be prepared")
        looking = LookingUp(
            state.nonce, cnonce, username, realm, "/".join(address), given.get("authzid") or None, response
        )
        return Need(CredentialsRequest(username, self.name), looking)


def _judged(state: LookingUp, response: str, answer: object, context: SaslContext) -> ServerOutcome:
    found: CredentialsAnswer
    match answer:
        case StoredDigest() if answer.realm == state.realm:
            found = answer
        case StoredDigest() | NoSuchUser() | Disabled():
            # Made for a name that has none, so that the work is the same.
            found = StoredDigest(state.realm, hmac.digest(context.secret, state.username.encode(), "sha256")[:16])
        case Unavailable():
            return Failed(SaslCondition.TEMPORARY_AUTH_FAILURE, "the store of credentials cannot be reached")
        case _:
            raise LocalProtocolError("the answer is StoredDigest, NoSuchUser, Disabled or Unavailable")
    expected = _proof(found.key, state.nonce, state.cnonce, state.address, state.authzid, "AUTHENTICATE")
    right = hmac.compare_digest(expected.encode(), response.encode())
    if not right or not isinstance(answer, StoredDigest) or answer.realm != state.realm:
        return Failed(SaslCondition.NOT_AUTHORIZED, "the proof is wrong")
    data = f"rspauth={_proof(found.key, state.nonce, state.cnonce, state.address, state.authzid, '')}"
    # In a challenge, as RFC 3920 section 6.5 has it: the peers this is for know no data with success.
    return Respond(data.encode(), Proved(state.username, state.authzid))


def _proof(key: bytes, nonce: str, cnonce: str, address: str, authzid: str | None, method: str) -> str:
    """Give response-value, or with no method response-auth (RFC 2831 sections 2.1.2.1 and 2.1.3)."""
    a1 = key + f":{nonce}:{cnonce}".encode() + (b"" if authzid is None else b":" + authzid.encode())
    a2 = f"{method}:{address}".encode()
    return _h(f"{_h(a1).hex()}:{nonce}:{_COUNT}:{cnonce}:auth:{_h(a2).hex()}".encode()).hex()


def _h(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _text(text: str) -> bytes:
    """What fits ISO 8859-1 is hashed in it, whatever the charset of the exchange (RFC 2831 section 2.1.2.1)."""
    try:
        return text.encode("iso-8859-1")
    except UnicodeEncodeError:
        return text.encode()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _read(data: bytes) -> tuple[list[str], dict[str, str]]:
    """Read directives: the realms, of which there may be several, and the others, each once (section 7.1)."""
    if len(data) > _MOST_OCTETS:
        raise MessageError("too long")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise MessageError("not UTF-8") from None
    realms: list[str] = []
    given: dict[str, str] = {}
    position = 0
    while text[position:].strip(" \t,"):
        match = _DIRECTIVE.match(text, position)
        if match is None:
            raise MessageError("no list of directives")
        position = match.end()
        name = match["name"].lower()
        value = match["token"] if match["quoted"] is None else re.sub(r"\\(.)", r"\1", match["quoted"], flags=re.DOTALL)
        if name == "realm":
            realms.append(value)
        elif name in given and name in _ONCE:
            raise MessageError("a directive is there twice")
        else:
            given[name] = value
    return realms, given


def _malformed(reason: str) -> Failed:
    return Failed(SaslCondition.MALFORMED_REQUEST, f"the response breaks RFC 2831 section 2.1.2: {reason}")
