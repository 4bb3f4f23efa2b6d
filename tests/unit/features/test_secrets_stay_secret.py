"""Canaries in everything that proves an identity: they are in no representation, trace, log, snapshot or record."""

from __future__ import annotations

import base64
import gc
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from stages import CLIENT_TLS, SERVER_TLS, bound, client_config, server_config

import xmpp_core as xmpp
from xmpp_core.sasl import StoredDigest, derive
from xmpp_core.sasl.credentials import ClientKeys
from xmpp_core.sasl.derivation import client_key, server_key, stored_key
from xmpp_core.sasl.digest_md5 import digest_key
from xmpp_core.stream.events import Question
from xmpp_core.testing.pair import Pair
from xmpp_core.testing.transcript import Recorder

PASSWORD = "canary-password-4711"
TOKEN = "canary-token-4712"
SECRET = b"canary-secret-of-the-server"
SALT = b"salt of juliet.."
SALTED = derive(PASSWORD, SALT, 4096, "SHA-256")
CLIENT_KEY, SERVER_KEY = client_key("SHA-256", SALTED), server_key("SHA-256", SALTED)
STORED_KEY = stored_key("SHA-256", CLIENT_KEY)
KEYS = xmpp.StoredKeys.derive(PASSWORD, ("SHA-256",), iterations=4096, salt=SALT)
KEPT = xmpp.Keys((ClientKeys("SHA-256", SALT, 4096, CLIENT_KEY, SERVER_KEY),))
DIGEST = digest_key("juliet", "example.com", PASSWORD)
WRONG = xmpp.StoredKeys.derive("another", ("SHA-256",), iterations=4096, salt=SALT)


def answers(credentials: Any) -> dict[type, Callable[[Any], Any]]:
    """Right answers of a server's host."""

    def stored(question: xmpp.CredentialsLookup) -> Any:
        return StoredDigest("example.com", DIGEST) if question.mechanism == "DIGEST-MD5" else KEYS

    return {
        xmpp.TlsUpgrade: lambda _: SERVER_TLS,
        xmpp.CredentialsLookup: stored,
        xmpp.TokenLookup: lambda _: xmpp.StoredTokens((TOKEN,)),
        xmpp.BearerLogin: lambda _: xmpp.Authorized(xmpp.JID("juliet@example.com")),
        xmpp.DeriveKey: lambda question: question.derive(),
        xmpp.BindRequested: bound,
    }


def refusals(credentials: Any) -> dict[type, Callable[[Any], Any]]:
    """Answers with which nobody gets in."""

    def stored(question: xmpp.CredentialsLookup) -> Any:
        return StoredDigest("example.com", bytes(16)) if question.mechanism == "DIGEST-MD5" else WRONG

    return {
        **answers(credentials),
        xmpp.CredentialsLookup: stored,
        xmpp.TokenLookup: lambda _: xmpp.StoredTokens(("another",)),
        xmpp.BearerLogin: lambda _: xmpp.BearerDenied(),
    }


WAYS: list[tuple[str, Any]] = [
    ("SCRAM-SHA-256", xmpp.Password(PASSWORD)),
    ("SCRAM-SHA-256-PLUS", xmpp.Password(PASSWORD, KEPT)),
    ("SCRAM-SHA-256", KEPT),
    ("PLAIN", xmpp.Password(PASSWORD)),
    ("DIGEST-MD5", xmpp.Password(PASSWORD)),
    ("HT-SHA-256-NONE", xmpp.Token(TOKEN, "HT-SHA-256-NONE")),
    ("HT-SHA-256-UNIQ", xmpp.Token(TOKEN, "HT-SHA-256-UNIQ")),
    ("OAUTHBEARER", xmpp.Token(TOKEN)),
]


def written(secret: bytes) -> Iterator[str]:
    """The forms in which octets get into text: as they are, in hexadecimal, in base64 at each alignment."""
    yield repr(secret)[2:-1]
    yield secret.hex()
    for offset in range(3):
        encoded = base64.b64encode(b"x" * offset + secret).decode().rstrip("=")
        # The first characters hold bits of what is in front, the last may hold bits of what follows.
        yield encoded[(offset * 8 + 5) // 6 : -1]


CANARIES = {
    name: tuple(written(value))
    for name, value in {
        "password": PASSWORD.encode(),
        "token": TOKEN.encode(),
        "secret": SECRET,
        "salted password": SALTED,
        "client key": CLIENT_KEY,
        "server key": SERVER_KEY,
        "stored key": STORED_KEY,
        "digest": DIGEST,
    }.items()
}


def found_in(text: str) -> list[str]:
    return [name for name, forms in CANARIES.items() if any(form in text for form in forms)]


@dataclass
class Watch:
    """Looks at everything while an exchange goes on."""

    texts: list[str] = field(default_factory=list)
    proofs: list[str] = field(default_factory=list)
    swept: int = 0

    def sweep(self) -> None:
        """Take the representation of every object of ours that there is and was not there before."""
        for one in gc.get_objects():
            if type(one).__module__.startswith("xmpp_core"):
                self.swept += 1
                self.texts.append(repr(one))

    def hits(self) -> list[str]:
        self.texts = list(dict.fromkeys(self.texts))
        return [name for text in self.texts for name in found_in(text)] + [
            "proof" for text in self.texts for proof in self.proofs if proof in text
        ]


@pytest.fixture(autouse=True)
def left_alone() -> Iterator[None]:
    """What other tests left behind is not looked at: it holds no secret of these, and there may be a lot of it."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def play(mechanism: str, credentials: Any, given: dict[type, Callable[[Any], Any]], watch: Watch) -> Pair:
    """An exchange with a sweep and snapshots of both ends whenever something is asked."""

    def asked(question: Question[Any]) -> Any:
        watch.sweep()
        for end in (both.initiating, both.receiving):
            watch.texts.append(plain(end.connection.snapshot()))
        watch.texts.append(repr(question))
        return given[type(question)](question)

    records: list[Any] = []
    both = Pair(
        client_config(
            password=None,
            credentials=credentials,
            mechanisms=(mechanism,),
            ask_for_derivations=True,
            trace=records.append,
        ),
        server_config(mechanisms=(mechanism,), secret=SECRET, ask_for_derivations=True, trace=records.append),
        initiating_answers={xmpp.TlsUpgrade: lambda _: CLIENT_TLS, xmpp.DeriveKey: asked},
        receiving_answers={one: given[one] if one is xmpp.TlsUpgrade else asked for one in given},
        make=Recorder,
    )
    both.pump()
    watch.sweep()
    for end in (both.initiating, both.receiving):
        assert isinstance(end.connection, Recorder)
        watch.texts += [repr(one) for one in end.events]
        watch.texts.append(end.connection.transcript.dumps())
        watch.texts += [plain(snapshot) for snapshot in snapshots_in(end.connection)]
        if not end.connection.closed:
            watch.texts.append(plain(end.connection.snapshot()))
    watch.texts += [f"{one!r} {one.text}" for one in records]
    for element in (b"<auth ", b"<response "):
        for piece in bytes(both.initiating.sent).split(element)[1:]:
            text = piece.partition(b">")[2].partition(b"<")[0].decode()
            if len(text) > 8:
                watch.proofs.append(text)
    return both


def plain(snapshot: bytes) -> str:
    """A snapshot with the octets in it written out."""
    text = snapshot.decode()
    return text + "".join(repr(base64.b64decode(piece.partition('"')[0])) for piece in text.split('{"bytes":"')[1:])


def snapshots_in(recorder: Recorder) -> Iterator[bytes]:
    import json

    for entry in recorder.transcript.entries:
        if entry.what == "resumed from":
            yield base64.b64decode(json.loads(entry.text)["snapshot"])


@pytest.mark.heavy
@pytest.mark.feature("SEC-04")
@pytest.mark.parametrize("good", [True, False], ids=["right", "wrong"])
@pytest.mark.parametrize(("mechanism", "credentials"), WAYS, ids=[f"{name} {type(one).__name__}" for name, one in WAYS])
def test_nothing_shows_a_secret(mechanism: str, credentials: Any, good: bool, caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    # What earlier tests have left, the octets of their scenarios among it, is none of this one's.
    gc.collect()
    gc.freeze()
    try:
        with caplog.at_level(logging.DEBUG):
            both = play(mechanism, credentials, (answers if good else refusals)(credentials), watch)
    finally:
        gc.unfreeze()
    assert both.initiating.connection.can_send is good
    # The secret did pass, or was used: what is looked for would be seen.
    assert watch.proofs
    assert watch.swept > 100
    assert caplog.text == ""
    assert watch.hits() == []


@pytest.mark.feature("SEC-04")
def test_what_is_looked_for_would_be_found() -> None:
    watch = Watch(texts=["a", f"Password({PASSWORD!r})"])
    assert watch.hits() == ["password"]
    message = base64.b64encode(f"\0juliet\0{PASSWORD}".encode()).decode()
    assert found_in(f"<auth>{message}</auth>") == ["password"]
    assert found_in(repr(SALTED)) == ["salted password"]
    assert found_in(repr({"state": SECRET})) == ["secret"]


@pytest.mark.feature("SEC-04")
def test_no_traceback_shows_a_secret() -> None:
    """Misuse while an exchange is open: wrong answers, wrong types, the wrong time."""
    both = Pair(
        client_config(password=PASSWORD, mechanisms=("SCRAM-SHA-256",), ask_for_derivations=True),
        server_config(mechanisms=("SCRAM-SHA-256",), secret=SECRET),
        initiating_answers={xmpp.TlsUpgrade: lambda _: CLIENT_TLS},
        receiving_answers={xmpp.TlsUpgrade: lambda _: SERVER_TLS, xmpp.CredentialsLookup: lambda _: KEYS},
    )
    both.pump()
    client = both.initiating.connection
    question = client.waiting_for
    assert isinstance(question, xmpp.DeriveKey)
    texts = []
    attempts: list[Callable[[], object]] = [
        lambda: client.answer(question, SALTED[:-1]),
        lambda: client.answer(question, cast(Any, PASSWORD)),
        lambda: client.send(xmpp.Message(to="romeo@example.net", body="hi")),
        lambda: xmpp.Connection.restore(client_config(password=PASSWORD), both.receiving.connection.snapshot()),
        lambda: xmpp.ClientConfig(jid="juliet@example.com", password=PASSWORD, credentials=xmpp.Token(TOKEN)),
        lambda: xmpp.ClientConfig(jid="example.com", credentials=xmpp.Token(TOKEN)),
        lambda: xmpp.Connection(client_config(password=PASSWORD + "\0")).start(0.0),
        lambda: xmpp.StoredTokens((TOKEN,) * 40),
        lambda: StoredDigest("example.com", DIGEST[:-1]),
    ]
    for attempt in attempts:
        try:
            attempt()
        except xmpp.XMPPError as error:
            texts.append("".join(traceback.format_exception(error)))
            texts.append(repr(error))
    assert len(texts) > 12
    assert [name for text in texts for name in found_in(text)] == []
