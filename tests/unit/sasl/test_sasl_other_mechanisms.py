"""EXTERNAL, ANONYMOUS, OAUTHBEARER, HT and DIGEST-MD5 at peers and callers that break their rules."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core.errors import LocalProtocolError
from xmpp_core.jid import JID
from xmpp_core.sasl import (
    Anonymous,
    Authenticated,
    Authorized,
    BearerDenied,
    Certificate,
    CredentialsRequest,
    Denied,
    Disabled,
    Failed,
    Need,
    NoSuchUser,
    Password,
    RefusalReason,
    Respond,
    SaslCondition,
    SaslContext,
    StoredDigest,
    StoredTokens,
    Token,
    Unavailable,
    Verified,
    client_mechanisms,
    server_mechanisms,
)
from xmpp_core.sasl.anonymous import AnonymousClient, AnonymousServer
from xmpp_core.sasl.digest_md5 import DigestMd5Client, DigestMd5Server, digest_key
from xmpp_core.sasl.external import ExternalClient, ExternalServer
from xmpp_core.sasl.ht import DRAFT_09, HtClient, HtServer, ht_names, split_name
from xmpp_core.sasl.oauthbearer import OAuthBearerClient, OAuthBearerServer, XOAuth2Server, read_denial

SEEN = SaslContext(secure=True, tls_version="TLSv1.3", domain="example.com", certified=True, secret=bytes(16))
LOUD = SaslContext(domain="example.com")
NAMES = ("EXTERNAL", "ANONYMOUS", "OAUTHBEARER", "X-OAUTH2", "HT-SHA-256-NONE", "DIGEST-MD5")
MALFORMED = SaslCondition.MALFORMED_REQUEST
REFUSED = SaslCondition.NOT_AUTHORIZED


def server(name: str) -> Any:
    (found,) = server_mechanisms(named=(name,))
    return found


@pytest.mark.feature("SASL-12", "SASL-13", "SASL-14")
@pytest.mark.parametrize(
    ("name", "data", "condition"),
    [
        ("EXTERNAL", b"\xff", MALFORMED),
        ("EXTERNAL", b"a\0b", MALFORMED),
        ("EXTERNAL", b"a" * 4000, MALFORMED),
        ("ANONYMOUS", b"\xff", MALFORMED),
        ("ANONYMOUS", b"a" * 256, MALFORMED),
        ("ANONYMOUS", b"a\tb", MALFORMED),
        ("ANONYMOUS", "\u05d0a".encode(), MALFORMED),
        ("ANONYMOUS", "a\ue000".encode(), MALFORMED),
        ("OAUTHBEARER", b"", MALFORMED),
        ("OAUTHBEARER", b"\x01", MALFORMED),
        ("OAUTHBEARER", b"\xff,,\x01\x01", MALFORMED),
        ("OAUTHBEARER", b"n,,\x01auth=Bearer a\x01", MALFORMED),
        ("OAUTHBEARER", b"p=tls-unique,,\x01auth=Bearer a\x01\x01", MALFORMED),
        ("OAUTHBEARER", b"n,,\x01auth=Bearer a\x01auth=Bearer b\x01\x01", MALFORMED),
        ("OAUTHBEARER", b"n,,\x01a1=x\x01\x01", MALFORMED),
        ("OAUTHBEARER", b"n,a=x=y,\x01auth=Bearer a\x01\x01", MALFORMED),
        ("OAUTHBEARER", b"n,,\x01host=example.org\x01auth=Bearer a\x01\x01", REFUSED),
        ("X-OAUTH2", b"\xff", MALFORMED),
        ("X-OAUTH2", b"a\0b\0c", MALFORMED),
        ("X-OAUTH2", b"\0\0c", MALFORMED),
        ("X-OAUTH2", b"\0a\0 ", MALFORMED),
        ("HT-SHA-256-NONE", b"", MALFORMED),
        ("HT-SHA-256-NONE", b"juliet", MALFORMED),
        ("HT-SHA-256-NONE", b"\0proof", MALFORMED),
        ("HT-SHA-256-NONE", b"a" * 256 + b"\0proof", MALFORMED),
        ("HT-SHA-256-NONE", b"\xff\0proof", MALFORMED),
        ("HT-SHA-256-NONE", b"a\x07\0proof", REFUSED),
        ("DIGEST-MD5", b"x", MALFORMED),
    ],
)
def test_a_message_that_breaks_the_grammar(name: str, data: bytes, condition: SaslCondition) -> None:
    outcome = server(name).start(data, SEEN)
    assert isinstance(outcome, Failed)
    assert outcome.condition is condition


@pytest.mark.feature("SASL-12", "SASL-14", "SASL-20")
@pytest.mark.parametrize("name", NAMES)
def test_what_was_not_sent_at_once_is_asked_for(name: str) -> None:
    good = {
        "EXTERNAL": b"a@b",
        "OAUTHBEARER": b"n,,\x01auth=bEARER a\x01\x01",
        "X-OAUTH2": b"\0juliet\0a",
        "HT-SHA-256-NONE": b"juliet\0proof",
    }
    outcome = server(name).start(None, SEEN)
    if name == "ANONYMOUS":
        assert isinstance(outcome, Need)  # XEP-0175 section 4: nothing is sent, and nothing is missing
    elif name == "DIGEST-MD5":
        assert isinstance(outcome, Respond)
        assert (outcome.data or b"").startswith(b'realm="example.com",nonce="')
    else:
        assert isinstance(outcome, Respond)
        assert outcome.data == b""
        assert server(name).resumed(outcome.state, SEEN) is None
        assert isinstance(server(name).responded(outcome.state, good[name], SEEN), Need)


@pytest.mark.feature("SASL-12", "SASL-13", "SASL-14")
@pytest.mark.parametrize("name", NAMES)
def test_an_answer_of_the_wrong_kind_is_misuse(name: str) -> None:
    good = {
        "EXTERNAL": b"",
        "ANONYMOUS": b"",
        "OAUTHBEARER": b"n,,\x01auth=Bearer a\x01\x01",
        "X-OAUTH2": b"\0juliet\0a",
        "HT-SHA-256-NONE": b"juliet\0proof",
    }
    if name == "DIGEST-MD5":
        asked: Any = digested()
    else:
        asked = server(name).start(good[name], SEEN)
    for value in (None, True, "juliet", NoSuchUser if name == "EXTERNAL" else object()):
        with pytest.raises(LocalProtocolError):
            server(name).answered(asked.state, value, SEEN)


@pytest.mark.feature("SASL-14")
def test_a_denied_token_of_the_older_mechanism_is_a_plain_failure() -> None:
    asked = XOAuth2Server().start(b"\0juliet\0a", SEEN)
    assert isinstance(asked, Need)
    for value in (BearerDenied(), Denied()):
        refused = XOAuth2Server().answered(asked.state, value, SEEN)
        assert isinstance(refused, Failed)
        assert refused.condition is REFUSED
    good = XOAuth2Server().answered(asked.state, Authorized(JID("juliet@example.com")), SEEN)
    assert good == Authenticated("juliet@example.com", "juliet@example.com")


@pytest.mark.feature("SASL-12", "SASL-14", "MTI-02")
def test_without_tls_there_is_none_of_them() -> None:
    token = Token("a")
    for client in (
        ExternalClient(credentials=Certificate()),
        OAuthBearerClient(credentials=token),
        HtClient(name="HT-SHA-256-NONE", authcid="a", credentials=Token("a", "HT-SHA-256-NONE")),
    ):
        refusal = client.refusal(LOUD)
        assert refusal is not None
        assert refusal.reason is RefusalReason.NOT_SECURE
        assert isinstance(client.start(LOUD), Failed)
    for one in (ExternalServer(), OAuthBearerServer(), XOAuth2Server(), HtServer(name="HT-SHA-256-NONE")):
        assert one.refusal(LOUD) is not None
        assert one.refusal(SEEN) is None


@pytest.mark.feature("SASL-12", "SASL-13", "SASL-14")
@pytest.mark.parametrize("name", ["EXTERNAL", "ANONYMOUS", "OAUTHBEARER", "HT-SHA-256-NONE"])
def test_a_client_takes_no_more_than_the_mechanism_has(name: str) -> None:
    credentials: Any = {"EXTERNAL": Certificate(), "ANONYMOUS": Anonymous()}.get(name, Token("a", name))
    (client,) = client_mechanisms("juliet", credentials)
    begun = client.start(SEEN)
    assert isinstance(begun, Respond)
    assert isinstance(client.challenged(begun.state, b"more", SEEN), Failed)
    assert isinstance(client.succeeded(begun.state, b"more", SEEN), Failed)
    ended = client.succeeded(begun.state, None, SEEN)
    assert isinstance(ended, Failed if name.startswith("HT-") else Verified)
    assert client.resumed(begun.state, SEEN) is None


@pytest.mark.feature("SASL-14")
@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", None),
        (b"[]", None),
        (b"{}", None),
        (b'{"status": 1}', None),
        (b'{"status": ""}', None),
        (b'{"status": "a\\n"}', None),
        (b"[" * 100_000, None),
        (b"\xff", None),
        (b'{"status": "invalid_token", "more": {}}', BearerDenied()),
        (b'{"status": "x", "scope": "a b"}', BearerDenied("x", "a b")),
        (b'{"status": "x", "scope": "a\\u0007"}', BearerDenied("x")),
        (b'{"status": "x", "openid-configuration": "http://plain.example"}', BearerDenied("x")),
        (
            b'{"status": "x", "openid-configuration": "https://example.com/a"}',
            BearerDenied("x", None, "https://example.com/a"),
        ),
    ],
)
def test_what_a_server_says_of_a_token(data: bytes, wanted: BearerDenied | None) -> None:
    assert read_denial(data) == wanted


@pytest.mark.feature("SASL-14")
def test_after_a_refusal_nothing_but_the_failure_follows() -> None:
    client = OAuthBearerClient(credentials=Token("a"))
    begun = client.start(SEEN)
    assert isinstance(begun, Respond)
    told = client.challenged(begun.state, json.dumps({"status": "invalid_token"}).encode(), SEEN)
    assert isinstance(told, Respond)
    assert client.resumed(told.state, SEEN) is None
    assert isinstance(client.challenged(told.state, b"{}", SEEN), Failed)
    assert isinstance(client.succeeded(told.state, None, SEEN), Failed)


@pytest.mark.feature("SASL-12", "SASL-13", "SASL-14")
def test_credentials_that_cannot_be_used() -> None:
    for make in (
        lambda: ExternalClient(credentials=Certificate(), authzid=""),
        lambda: ExternalClient(credentials=Certificate(), authzid="a\0"),
        lambda: ExternalClient(credentials=Certificate(), authzid="\ud800"),
        lambda: AnonymousClient(credentials=Anonymous("a\0")),
        lambda: AnonymousClient(credentials=Anonymous("a" * 256)),
        lambda: OAuthBearerClient(credentials=Token("a b")),
        lambda: OAuthBearerClient(credentials=Token("a", "HT-SHA-256-NONE")),
        lambda: HtClient(name="HT-SHA-256-NONE", authcid="a", credentials=Token("a")),
        lambda: HtClient(name="HT-MD5-NONE", authcid="a", credentials=Token("a", "HT-MD5-NONE")),
        lambda: HtClient(name="HT-SHA-256-NONE", authcid="é" * 128, credentials=Token("a", "HT-SHA-256-NONE")),
        lambda: HtServer(name="HT-SHA-256"),
        lambda: Token(""),
        lambda: Token("\ud800"),
        lambda: StoredTokens(("a",) * 17),
        lambda: StoredTokens(("",)),
        lambda: StoredDigest("realm", b"short"),
        lambda: Authorized(JID("juliet@example.com/balcony")),
    ):
        with pytest.raises(LocalProtocolError):
            make()


@pytest.mark.feature("SA2-04")
def test_the_names_of_ht() -> None:
    assert ht_names(("SHA-256",)) == ("HT-SHA-256-EXPR", "HT-SHA-256-UNIQ", "HT-SHA-256-ENDP", "HT-SHA-256-NONE")
    assert split_name("HT-SHA3-512-ENDP") == ("SHA3-512", "ENDP")
    for name in ("HT-SHA-1-NONE", "HT-SHA-256-TLS", "HT-SHA-256", "SCRAM-SHA-256", "HT--NONE"):
        assert split_name(name) is None


@pytest.mark.feature("SA2-04", "SASL-06")
def test_as_many_tokens_are_compared_for_nobody_as_for_anybody() -> None:
    """The messages are replaceable: here they count."""

    class Counting:
        compared = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(DRAFT_09, name)

        def proves(self, message: bytes, hash: str, token: str, binding: bytes) -> bool:
            self.compared += 1
            return DRAFT_09.proves(message, hash, token, binding)

    counts = set()
    for answer in (NoSuchUser(), StoredTokens(), StoredTokens(("a",)), StoredTokens(("a", "b"), ("c",)), Disabled()):
        counting = Counting()
        one = HtServer(name="HT-SHA-256-NONE", messages=counting)
        asked = one.start(b"juliet\0proof", SEEN)
        assert isinstance(asked, Need)
        refused = one.answered(asked.state, answer, SEEN)
        assert isinstance(refused, Failed)
        assert refused.condition is REFUSED
        counts.add(counting.compared)
    assert len(counts) == 1


def digested(**changes: str) -> Any:
    """What our server makes of a response, with directives replaced."""
    mechanism = DigestMd5Server(nonce=lambda _: "nonce")
    challenge = mechanism.start(None, SEEN)
    assert isinstance(challenge, Respond)
    client = DigestMd5Client(authcid="juliet", credentials=Password("pencil"), nonce=lambda _: "cnonce")
    begun = client.start(SEEN)
    assert isinstance(begun, Respond)
    said = client.challenged(begun.state, challenge.data or b"", SEEN)
    assert isinstance(said, Respond)
    text = (said.data or b"").decode()
    for old, new in changes.items():
        assert old.replace("_", "-") in text
        text = text.replace(old.replace("_", "-"), new)
    return mechanism.responded(challenge.state, text.encode(), SEEN)


@pytest.mark.feature("SASL-15")
@pytest.mark.parametrize(
    ("changes", "condition"),
    [
        ({"nc=00000001": "nc=00000002"}, REFUSED),
        ({"cnonce=": "x="}, MALFORMED),
        ({'"cnonce"': '""'}, MALFORMED),
        ({'nonce="nonce"': 'nonce="other"'}, REFUSED),
        ({'realm="example.com"': 'realm="example.org"'}, REFUSED),
        ({'realm="example.com"': 'realm="example.com",realm="example.org"'}, MALFORMED),
        ({"xmpp/example.com": "imap/example.com"}, REFUSED),
        ({"xmpp/example.com": "xmpp"}, REFUSED),
        ({"qop=auth": "qop=auth-int"}, MALFORMED),
        ({"charset=utf-8": "charset=latin"}, MALFORMED),
        ({'username="juliet"': 'username=""'}, MALFORMED),
        ({'username="juliet"': 'username="a\u0007"'}, REFUSED),
        ({'username="juliet"': 'username="juliet",username="juliet"'}, MALFORMED),
        ({"qop=auth": "qop=auth,response=x"}, MALFORMED),
        ({"qop=auth": 'qop="auth'}, MALFORMED),
    ],
)
def test_a_digest_response_that_will_not_do(changes: dict[str, str], condition: SaslCondition) -> None:
    outcome = digested(**changes)
    assert isinstance(outcome, Failed)
    assert outcome.condition is condition


@pytest.mark.feature("SASL-15")
def test_who_cannot_be_checked_with_digests_looks_like_a_wrong_password() -> None:
    asked = digested()
    assert isinstance(asked, Need)
    assert asked.request == CredentialsRequest("juliet", "DIGEST-MD5")
    other = StoredDigest("example.org", digest_key("juliet", "example.org", "pencil"))
    for answer in (NoSuchUser(), Disabled(), other, StoredDigest("example.com", bytes(16))):
        refused = DigestMd5Server().answered(asked.state, answer, SEEN)
        assert refused == Failed(REFUSED, "the proof is wrong")
    later = DigestMd5Server().answered(asked.state, Unavailable(), SEEN)
    assert isinstance(later, Failed)
    assert later.condition is SaslCondition.TEMPORARY_AUTH_FAILURE
    good = DigestMd5Server().answered(
        asked.state, StoredDigest("example.com", digest_key("juliet", "example.com", "pencil")), SEEN
    )
    assert isinstance(good, Respond)
    assert isinstance(DigestMd5Server().responded(good.state, b"more", SEEN), Failed)
    assert DigestMd5Server().responded(good.state, b"", SEEN) == Authenticated("juliet", None)


@pytest.mark.feature("SASL-15")
@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b'nonce="a"',
        b'nonce="a",algorithm=md5',
        b'nonce="a",algorithm=md5-sess,charset=latin',
        b'nonce="a",algorithm=md5-sess,qop="auth-conf"',
        b'nonce="a",nonce="b",algorithm=md5-sess',
        b"\xff",
        b"a" * 5000,
        b'nonce="a" algorithm=md5-sess',
    ],
)
def test_a_digest_challenge_that_will_not_do(challenge: bytes) -> None:
    client = DigestMd5Client(authcid="juliet", credentials=Password("pencil"))
    begun = client.start(SEEN)
    assert isinstance(begun, Respond)
    assert isinstance(client.challenged(begun.state, challenge, SEEN), Failed)


@pytest.mark.feature("SASL-15")
def test_the_server_of_a_digest_must_prove_itself() -> None:
    client = DigestMd5Client(authcid="juliet", credentials=Password("pencil"), nonce=lambda _: "b")
    begun = client.start(SEEN)
    assert isinstance(begun, Respond)
    said = client.challenged(begun.state, b'nonce="a",algorithm=md5-sess', SEEN)
    assert isinstance(said, Respond)
    for data in (None, b"", b"rspauth=0", b"rspauth=" + b"0" * 32, b"\xff", b'rspauth="'):
        assert isinstance(client.succeeded(said.state, data, SEEN), Failed)
    for data in (b"", b"rspauth=" + b"0" * 32):
        assert isinstance(client.challenged(said.state, data, SEEN), Failed)


@pytest.mark.feature("SASL-15", "SASL-17")
def test_what_fits_latin_is_hashed_in_it() -> None:
    """RFC 2831 section 2.1.2.1: names and passwords of ISO 8859-1 are hashed in it, others in UTF-8."""
    import hashlib

    assert digest_key("é", "r", "ü") == hashlib.md5(b"\xe9:r:\xfc").digest()
    assert digest_key("中", "r", "ü") == hashlib.md5("中".encode() + b":r:\xfc").digest()


@pytest.mark.feature("SASL-12", "SASL-13", "SASL-14")
@given(data=st.binary(max_size=80), name=st.sampled_from(NAMES))
def test_any_octets_are_refused_or_asked_about(data: bytes, name: str) -> None:
    assert isinstance(server(name).start(data, SEEN), Failed | Need | Respond)


@pytest.mark.feature("SASL-15")
@given(data=st.text(st.sampled_from('ab=",\\ \tnonceralmrpq-:'), max_size=60))
def test_any_directives_are_read_or_refused(data: str) -> None:
    mechanism = DigestMd5Server(nonce=lambda _: "nonce")
    challenge = mechanism.start(None, SEEN)
    assert isinstance(challenge, Respond)
    assert isinstance(mechanism.responded(challenge.state, data.encode(), SEEN), Failed)


@pytest.mark.feature("SASL-13")
def test_a_trace_is_for_tracing() -> None:
    asked = AnonymousServer().start(b"sirhc", SEEN)
    assert isinstance(asked, Need)
    refused = AnonymousServer().answered(asked.state, Denied(SaslCondition.TEMPORARY_AUTH_FAILURE), SEEN)
    assert isinstance(refused, Failed)
    assert refused.condition is SaslCondition.TEMPORARY_AUTH_FAILURE
    assert AnonymousServer().resumed(asked.state, SEEN) == asked
