"""The conformance kit: our own mechanisms pass it, and a mechanism that breaks one rule is told which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from xmpp_core.errors import LocalProtocolError
from xmpp_core.jid import JID
from xmpp_core.sasl import (
    Anonymous,
    AnonymousRequest,
    Authenticated,
    Authorized,
    BearerDenied,
    BearerRequest,
    Certificate,
    CertificateRequest,
    CredentialsRequest,
    Failed,
    KeyDerivation,
    Need,
    NoSuchUser,
    Password,
    Refusal,
    RefusalReason,
    Respond,
    SaslCondition,
    SaslContext,
    StoredDigest,
    StoredKeys,
    StoredTokens,
    Token,
    TokensRequest,
    Verified,
    client_mechanisms,
    server_mechanisms,
)
from xmpp_core.sasl.catalogue import DIGEST_MD5
from xmpp_core.sasl.digest_md5 import digest_key
from xmpp_core.sasl.mechanism import ClientMechanism, ClientOutcome, ServerMechanism, ServerOutcome
from xmpp_core.testing.mechanisms import MechanismFault, check_mechanism

JULIET = JID("juliet@example.com")
BINDINGS = {"tls-exporter": b"exported", "tls-server-end-point": b"certificate"}
KEYS = StoredKeys.derive("pencil", ("SHA-1", "SHA-256", "SHA-512", "SHA3-512"), iterations=1, salt=b"salt")
SCRAM = tuple(f"SCRAM-{hash}{plus}" for hash in ("SHA-1", "SHA-256", "SHA-512", "SHA3-512") for plus in ("", "-PLUS"))
HT = tuple(f"HT-{hash}-{last}" for hash in ("SHA-256", "SHA-512") for last in ("NONE", "ENDP", "EXPR"))


def answer(request: object) -> object:
    """What a host answers for the one account there is."""
    match request:
        case KeyDerivation():
            return request.derive()
        case CredentialsRequest(username="juliet", mechanism="DIGEST-MD5"):
            return StoredDigest("example.com", digest_key("juliet", "example.com", "pencil"))
        case CredentialsRequest(username="juliet"):
            return KEYS
        case TokensRequest(username="juliet"):
            return StoredTokens(("canary-token",))
        case CertificateRequest() | AnonymousRequest() | BearerRequest(token="canary-token"):
            return Authorized(JULIET)
        case BearerRequest():
            return BearerDenied()
        case CredentialsRequest() | TokensRequest():
            return NoSuchUser()
    return False


def credentials(name: str) -> Any:
    if name == "EXTERNAL":
        return Certificate()
    if name == "ANONYMOUS":
        return Anonymous("somebody")
    return Token("canary-token", name) if name in HT or name == "OAUTHBEARER" else Password("pencil")


@pytest.mark.feature("SASL-16", "SASL-20")
@pytest.mark.parametrize("name", [*SCRAM, *HT, "PLAIN", "EXTERNAL", "ANONYMOUS", "OAUTHBEARER", DIGEST_MD5])
def test_each_mechanism_of_this_package_passes(name: str) -> None:
    context = SaslContext(
        secure=True,
        tls_version="TLSv1.3",
        channel_bindings=BINDINGS,
        binding_types=tuple(BINDINGS) if name.endswith("-PLUS") else None,
        offered=(name,),
        domain="example.com",
        certified=True,
        least_iterations=1,
        secret=b"canary-of-the-server",
    )
    (client,) = client_mechanisms("juliet", credentials(name), named=(name,))
    (server,) = server_mechanisms(named=(name,))
    secrets = (b"canary-token", b"pencil", b"canary-of-the-server")
    report = check_mechanism(
        client,
        server,
        answer=answer,
        client_context=context,
        server_context=context,
        secrets=secrets,
        signs_everything=name != DIGEST_MD5,  # RFC 2831 proves the digests, not the list they came in
    )
    assert report.exchanges > 10
    assert report.messages


@dataclass(frozen=True, slots=True)
class Waiting:
    word: str | None = field(repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True)
class WhoseWord:
    word: str = field(repr=False)


@dataclass(frozen=True)
class Knock:
    """A mechanism of somebody else, both sides: a word, and the word backwards."""

    word: str = field(default="sesame", repr=False)
    name: str = "X-KNOCK"
    strength: int = 210
    binds: bool = False

    def refusal(self, context: SaslContext) -> Refusal | None:
        return None if context.secure else Refusal(RefusalReason.NOT_SECURE, "words are for TLS")

    def proof(self, word: str | None) -> bytes:
        return (word or self.word)[::-1].encode()


class KnockClient(Knock):
    def start(self, context: SaslContext) -> ClientOutcome:
        return Respond(self.word.encode(), Waiting(self.word))

    def challenged(self, state: object, data: bytes, context: SaslContext) -> ClientOutcome:
        self.expect(state)
        return Failed(SaslCondition.ABORTED, "no challenge is expected")

    def answered(self, state: object, value: object, context: SaslContext) -> ClientOutcome:
        raise LocalProtocolError("nothing was asked")

    def succeeded(self, state: object, data: bytes | None, context: SaslContext) -> ClientOutcome:
        right = data == self.proof(self.expect(state).word)
        return Verified(server_proved=True) if right else Failed(SaslCondition.ABORTED, "the word is wrong")

    def resumed(self, state: object, context: SaslContext) -> ClientOutcome | None:
        self.expect(state)
        return None

    def expect(self, state: object) -> Waiting:
        if not isinstance(state, Waiting):
            raise LocalProtocolError("no state of this mechanism")
        return state


class KnockServer(Knock):
    def start(self, initial: bytes | None, context: SaslContext) -> ServerOutcome:
        try:
            word = (initial or b"").decode()
        except UnicodeDecodeError:
            return Failed(SaslCondition.MALFORMED_REQUEST, "no text")
        return Need(WhoseWord(word), Waiting(word))

    def responded(self, state: object, data: bytes, context: SaslContext) -> ServerOutcome:
        raise LocalProtocolError("nothing is awaited")

    def answered(self, state: object, value: object, context: SaslContext) -> ServerOutcome:
        if not isinstance(state, Waiting) or state.word is None:
            raise LocalProtocolError("nothing was asked")
        if value is not True:
            return Failed(SaslCondition.NOT_AUTHORIZED, "nobody has that word")
        return Authenticated("juliet", None, self.proof(state.word))

    def resumed(self, state: object, context: SaslContext) -> ServerOutcome | None:
        if not isinstance(state, Waiting):
            raise LocalProtocolError("no state of this mechanism")
        return Failed(SaslCondition.TEMPORARY_AUTH_FAILURE, "the word was not kept")


def whose(request: object) -> object:
    return request == WhoseWord("sesame")


@pytest.mark.feature("SASL-20")
def test_a_mechanism_of_somebody_else_passes() -> None:
    report = check_mechanism(KnockClient(), KnockServer(), answer=whose, secrets=(b"sesame",))
    assert report.messages == (b"sesame", b"emases")
    assert report.requests == (WhoseWord("sesame"),)


class Trusting(KnockClient):
    def succeeded(self, state: object, data: bytes | None, context: SaslContext) -> ClientOutcome:
        self.expect(state)
        return Verified(server_proved=True)


class Forgetful(KnockClient):
    def resumed(self, state: object, context: SaslContext) -> ClientOutcome | None:
        return None


class Fickle(KnockServer):
    calls: list[int] = []

    def answered(self, state: object, value: object, context: SaslContext) -> ServerOutcome:
        self.calls.append(1)
        outcome = super().answered(state, value, context)
        return replace(outcome, authcid=str(len(self.calls))) if isinstance(outcome, Authenticated) else outcome


class Fragile(KnockServer):
    def start(self, initial: bytes | None, context: SaslContext) -> ServerOutcome:
        word = (initial or b"").decode()
        return Need(WhoseWord(word), Waiting(word))


class Gossip(KnockServer):
    def start(self, initial: bytes | None, context: SaslContext) -> ServerOutcome:
        outcome = super().start(initial, context)
        if (initial or b"").startswith(b"canary"):
            return Failed(SaslCondition.NOT_AUTHORIZED, f"nobody knows {initial!r}")
        return outcome


@dataclass
class Loose:
    word: str = ""


class Mutable(KnockClient):
    def start(self, context: SaslContext) -> ClientOutcome:
        return Respond(self.word.encode(), Loose())


class Silent(KnockServer):
    def answered(self, state: object, value: object, context: SaslContext) -> ServerOutcome:
        return Failed(SaslCondition.NOT_AUTHORIZED, "never")


class Open(KnockClient):
    def __repr__(self) -> str:
        return f"Open({self.word})"


@pytest.mark.feature("SASL-20")
@pytest.mark.parametrize(
    ("client", "server", "told"),
    [
        (Trusting, KnockServer, "although message 1 was changed"),
        (Forgetful, KnockServer, "does not raise LocalProtocolError"),
        (KnockClient, Fickle, "made twice"),
        (KnockClient, Fragile, "octets of the peer raise UnicodeDecodeError"),
        (KnockClient, Gossip, "no octets of the peer"),
        (Mutable, KnockServer, "no frozen dataclass"),
        (KnockClient, Silent, "the good exchange fails: never"),
        (Open, KnockServer, "a secret shows"),
        (lambda: KnockClient(name="x"), KnockServer, "one name"),
        (lambda: KnockClient(strength=1), KnockServer, "the same strength"),
        (lambda: KnockClient(binds=True), KnockServer, "the same strength"),
    ],
)
def test_who_breaks_a_rule_is_told_which(
    client: Callable[[], ClientMechanism], server: Callable[[], ServerMechanism], told: str
) -> None:
    with pytest.raises(MechanismFault, match=told):
        check_mechanism(client(), server(), answer=whose, secrets=(b"sesame",))
