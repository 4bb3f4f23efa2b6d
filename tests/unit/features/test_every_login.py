"""Each way to log in, between two engines: what the server's host is asked, and what comes of each answer."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from stages import CLIENT_ANSWERS, CLIENT_TLS, SERVER_ANSWERS, SERVER_TLS, client_config, pair, server_config

import xmpp_core as xmpp
from xmpp_core.features.logins import MechanismQuestion
from xmpp_core.sasl import SaslCondition, StoredDigest
from xmpp_core.sasl.digest_md5 import digest_key
from xmpp_core.server.authority import Authority
from xmpp_core.testing.pair import Pair

JULIET = xmpp.JID("juliet@example.com")
SHOWN = replace(SERVER_TLS, verified=True, peer_certificates=(b"the client's certificate",))


def meeting(
    credentials: Any,
    mechanism: str | tuple[str, ...],
    question: type | None = None,
    answer: Callable[[Any], Any] | None = None,
    *,
    tls: xmpp.TlsInfo = SERVER_TLS,
    jid: str = "juliet@example.com",
    client: dict[str, Any] | None = None,
    **server: Any,
) -> tuple[Pair, list[Any]]:
    """Both ends, run until nothing moves, and the questions of that class."""
    asked: list[Any] = []
    names = (mechanism,) if isinstance(mechanism, str) else mechanism

    def noted(one: Any) -> Any:
        asked.append(one)
        assert answer is not None
        return answer(one)

    answers = {**SERVER_ANSWERS, xmpp.TlsUpgrade: lambda _: tls}
    if question is not None:
        answers[question] = noted
    both = pair(
        client_config(jid=jid, password=None, credentials=credentials, mechanisms=names, **(client or {})),
        server_config(**{"mechanisms": names, "judge_certificate": None, **server}),
        client_answers=CLIENT_ANSWERS,
        server_answers=answers,
    )
    both.pump()
    return both, asked


def in_as(both: Pair, mechanism: str, jid: str = "juliet@example.com") -> bool:
    """Whether both ends agree on who logged in, and go on to stanzas."""
    for end in (both.initiating, both.receiving):
        found = end.of(xmpp.Authenticated)
        if not found:
            return False
        assert found[0].mechanism == mechanism
    assert str(both.receiving.of(xmpp.Authenticated)[0].jid) == jid
    assert both.initiating.connection.can_send
    assert both.receiving.connection.peer_jid is not None
    assert str(both.receiving.connection.peer_jid.bare) == jid
    return True


def failure(both: Pair) -> str:
    (ended,) = both.initiating.of(xmpp.StreamFailed)
    assert ended.cause is xmpp.Cause.AUTHENTICATION_FAILED
    return str(ended.detail)


@pytest.mark.feature("SASL-12")
def test_a_certificate_logs_in_as_whom_the_host_says() -> None:
    both, (asked,) = meeting(
        xmpp.Certificate(), "EXTERNAL", xmpp.CertificateLogin, lambda _: xmpp.Authorized(JULIET), tls=SHOWN
    )
    assert in_as(both, "EXTERNAL")
    assert b"mechanism='EXTERNAL'>=</auth>" in both.initiating.sent
    assert asked.certificates == (b"the client's certificate",)
    assert (asked.authzid, asked.domain, asked.claimed) == (None, xmpp.JID("example.com"), JULIET)
    assert asked.kind is xmpp.Kind.C2S
    assert b"the client's certificate" not in repr(asked).encode()


@pytest.mark.feature("SASL-12")
def test_a_certificate_for_several_accounts_names_one() -> None:
    both, (asked,) = meeting(
        xmpp.Certificate(name_account=True),
        "EXTERNAL",
        xmpp.CertificateLogin,
        lambda _: xmpp.Authorized(JULIET),
        tls=SHOWN,
    )
    assert in_as(both, "EXTERNAL")
    assert asked.authzid == "juliet@example.com"
    text = base64.b64encode(b"juliet@example.com")
    assert b"mechanism='EXTERNAL'>" + text + b"</auth>" in both.initiating.sent


@pytest.mark.feature("SASL-12", "SASL-19")
@pytest.mark.parametrize(
    ("answer", "condition"),
    [
        (xmpp.Denied(), "not-authorized"),
        (xmpp.Denied(SaslCondition.INVALID_AUTHZID), "invalid-authzid"),
        (xmpp.Denied(SaslCondition.CREDENTIALS_EXPIRED), "credentials-expired"),
        # Who opened the stream is somebody else (RFC 6120 section 4.7.1).
        (xmpp.Authorized(xmpp.JID("romeo@example.com")), "invalid-authzid"),
    ],
)
def test_a_certificate_that_will_not_do(answer: Any, condition: str) -> None:
    both, _ = meeting(xmpp.Certificate(), "EXTERNAL", xmpp.CertificateLogin, lambda _: answer, tls=SHOWN)
    assert not in_as(both, "EXTERNAL")
    assert f"<{condition}/></failure>".encode() in both.receiving.sent
    assert condition in failure(both)


@pytest.mark.feature("SASL-12")
@pytest.mark.parametrize("tls", [SERVER_TLS, replace(SHOWN, verified=False), replace(SHOWN, peer_certificates=())])
def test_who_shows_no_certificate_is_not_offered_external(tls: xmpp.TlsInfo) -> None:
    both, asked = meeting(xmpp.Certificate(), ("EXTERNAL", "SCRAM-SHA-256"), xmpp.CertificateLogin, None, tls=tls)
    assert asked == []
    assert b"EXTERNAL" not in both.receiving.sent
    assert "no mechanism we have" in failure(both)


@pytest.mark.feature("SASL-12", "TLS-04")
@pytest.mark.parametrize(
    ("certified", "client", "named", "good"),
    [
        ("juliet@example.com", "juliet@example.com", False, True),
        ("juliet@example.com", "juliet@example.com", True, True),
        ("romeo@example.com", "juliet@example.com", True, False),
        ("juliet@example.org", "juliet@example.com", False, False),
        ("juliet@example.org", "juliet@example.com", True, False),
    ],
)
def test_the_rules_of_xep_0178_decide_unless_the_host_wants_to(
    certified: str, client: str, named: bool, good: bool
) -> None:
    shown = load_pem_x509_certificate(Authority.create().issue_client(certified).certificate.encode())
    tls = replace(SERVER_TLS, verified=True, peer_certificates=(shown.public_bytes(Encoding.DER),))
    both = pair(
        client_config(jid=client, password=None, credentials=xmpp.Certificate(named)),
        server_config(),
        server_answers={**SERVER_ANSWERS, xmpp.TlsUpgrade: lambda _: tls},
    )
    both.pump()
    assert b"<mechanism>EXTERNAL</mechanism>" in both.receiving.sent
    assert both.initiating.connection.can_send is good
    assert good is in_as(both, "EXTERNAL")


@pytest.mark.feature("SASL-12")
def test_without_a_judge_nobody_is_offered_external_by_default() -> None:
    def judge(question: xmpp.CertificateLogin) -> xmpp.Authorized:
        assert question.claimed == JULIET
        return xmpp.Authorized(JULIET)

    for given in (None, judge):
        both = pair(
            client_config(password=None, credentials=xmpp.Certificate()),
            server_config(judge_certificate=given),
            server_answers={**SERVER_ANSWERS, xmpp.TlsUpgrade: lambda _: SHOWN},
        )
        both.pump()
        assert (b"<mechanism>EXTERNAL</mechanism>" in both.receiving.sent) is (given is not None)
        assert in_as(both, "EXTERNAL") is (given is not None)


@pytest.mark.feature("SASL-12")
def test_whose_a_certificate_is_may_be_asked() -> None:
    asked: list[xmpp.CertificateLogin] = []

    def answer(question: xmpp.CertificateLogin) -> xmpp.Authorized:
        asked.append(question)
        return xmpp.Authorized(JULIET)

    both = pair(
        client_config(password=None, credentials=xmpp.Certificate()),
        server_config(ask_for_certificates=True),
        server_answers={
            **SERVER_ANSWERS, xmpp.TlsUpgrade: lambda _: SHOWN, xmpp.CertificateLogin: answer
        },
    )  # fmt: skip
    both.pump()
    assert b"<mechanism>EXTERNAL</mechanism>" in both.receiving.sent
    assert in_as(both, "EXTERNAL")
    assert len(asked) == 1


@pytest.mark.feature("SASL-13")
@pytest.mark.parametrize("trace", [None, "sirhc"])
def test_nobody_gets_an_address(trace: str | None) -> None:
    fresh = xmpp.JID("8b6f2c1e@example.com")
    both, (asked,) = meeting(
        xmpp.Anonymous(trace), "ANONYMOUS", xmpp.AnonymousLogin, lambda _: xmpp.Authorized(fresh), jid="example.com"
    )
    assert in_as(both, "ANONYMOUS", str(fresh))
    assert (asked.domain, asked.trace) == (xmpp.JID("example.com"), trace)
    assert both.initiating.of(xmpp.Authenticated)[0].jid == xmpp.JID("example.com")
    assert both.initiating.connection.local_jid is not None
    assert both.initiating.connection.local_jid.bare == fresh
    assert b" from='" not in bytes(both.initiating.sent).partition(b"<auth")[0]


@pytest.mark.feature("SASL-13")
def test_nobody_gets_no_address_elsewhere() -> None:
    both, _ = meeting(xmpp.Anonymous(), "ANONYMOUS", jid="example.com")
    question = both.receiving.connection.waiting_for
    assert isinstance(question, xmpp.AnonymousLogin)
    for wrong in ("example.com", "somebody@example.org"):
        with pytest.raises(xmpp.LocalProtocolError, match="a localpart at the domain"):
            both.receiving.connection.answer(question, xmpp.Authorized(xmpp.JID(wrong)))
    assert both.receiving.connection.answer(question, xmpp.Denied(SaslCondition.TEMPORARY_AUTH_FAILURE))
    both.pump()
    assert b"<temporary-auth-failure/>" in both.receiving.sent


@pytest.mark.feature("SASL-13", "MTI-02")
def test_anonymous_and_digest_md5_are_not_offered_unless_they_are_named() -> None:
    both = pair()
    both.pump()
    for name in (b"ANONYMOUS", b"DIGEST-MD5", b"OAUTHBEARER", b"X-OAUTH2", b"HT-", b"EXTERNAL"):
        assert b"<mechanism>" + name not in both.receiving.sent


@pytest.mark.feature("SASL-14")
def test_a_bearer_token_logs_in() -> None:
    token = xmpp.Token("canary-bearer-token")
    both, (asked,) = meeting(token, "OAUTHBEARER", xmpp.BearerLogin, lambda _: xmpp.Authorized(JULIET))
    assert in_as(both, "OAUTHBEARER")
    assert (asked.token, asked.authzid, asked.mechanism) == ("canary-bearer-token", "juliet@example.com", "OAUTHBEARER")
    assert "canary" not in repr((asked, both.initiating.events, both.receiving.events, token))


@pytest.mark.feature("SASL-14")
def test_a_bearer_token_that_will_not_do_is_explained() -> None:
    denial = xmpp.BearerDenied("insufficient_scope", "xmpp", "https://example.com/.well-known/openid-configuration")
    both, _ = meeting(xmpp.Token("stale"), "OAUTHBEARER", xmpp.BearerLogin, lambda _: denial)
    assert not in_as(both, "OAUTHBEARER")
    assert b"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>AQ==</response>" in both.initiating.sent
    assert b"<not-authorized/></failure>" in both.receiving.sent
    assert failure(both) == (
        "the server refuses the token: insufficient_scope; scope xmpp; "
        "see https://example.com/.well-known/openid-configuration"
    )


@pytest.mark.feature("SASL-14")
def test_an_older_client_sends_its_token_as_it_always_did() -> None:
    asked: list[xmpp.BearerLogin] = []

    def whose(question: xmpp.BearerLogin) -> xmpp.Authorized:
        asked.append(question)
        return xmpp.Authorized(JULIET)

    from stages import STARTTLS, scenario, stages

    from xmpp_core.testing.scenario import Receive, Scenario, run

    stage = next(one for one in stages() if one.name == "server, mechanisms")
    data = base64.b64encode(b"\0juliet\0token-of-juliet").decode()
    auth = f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X-OAUTH2'>{data}</auth>".encode()
    given = scenario(stage, Receive(auth), mechanisms=("X-OAUTH2",))
    outcome = run(Scenario(given.name, given.config, given.acts, {**SERVER_ANSWERS, xmpp.BearerLogin: whose}))
    assert [(one.token, one.authzid, one.mechanism) for one in asked] == [("token-of-juliet", "juliet", "X-OAUTH2")]
    assert outcome.output.endswith(b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
    assert STARTTLS


@pytest.mark.feature("SA2-04", "SASL-01")
@pytest.mark.parametrize("name", ["HT-SHA-256-NONE", "HT-SHA-256-UNIQ", "HT-SHA-512-UNIQ"])
def test_a_token_that_is_never_sent_logs_in(name: str) -> None:
    """Named, it goes over the profile of RFC 6120 too; FAST (XEP-0484) carries it over that of XEP-0388."""
    stored = xmpp.StoredTokens(("canary-new", "canary-current"), ("canary-old",))
    both, (asked,) = meeting(xmpp.Token("canary-current", name), name, xmpp.TokenLookup, lambda _: stored)
    assert in_as(both, name)
    assert (asked.username, asked.mechanism) == ("juliet", name)
    assert b"canary" not in both.initiating.sent


@pytest.mark.feature("SA2-04")
@pytest.mark.parametrize(
    ("token", "answer", "condition"),
    [
        ("wrong", xmpp.StoredTokens(("right",)), "not-authorized"),
        ("old", xmpp.StoredTokens(("right",), ("old",)), "credentials-expired"),
        ("right", xmpp.NoSuchUser(), "not-authorized"),
        ("right", xmpp.Disabled(), "not-authorized"),
        ("right", xmpp.Disabled(tokens=xmpp.StoredTokens(("right",))), "account-disabled"),
        ("right", xmpp.Unavailable(), "temporary-auth-failure"),
    ],
)
def test_a_token_that_will_not_do(token: str, answer: Any, condition: str) -> None:
    name = "HT-SHA-256-NONE"
    both, _ = meeting(xmpp.Token(token, name), name, xmpp.TokenLookup, lambda _: answer)
    assert not in_as(both, name)
    assert condition in failure(both)


@pytest.mark.feature("SASL-15")
@pytest.mark.parametrize(("password", "good"), [("secret", True), ("other", False)])
def test_digest_md5_where_both_name_it(password: str, good: bool) -> None:
    stored = StoredDigest("example.com", digest_key("juliet", "example.com", "secret"))
    both, (asked,) = meeting(xmpp.Password(password), "DIGEST-MD5", xmpp.CredentialsLookup, lambda _: stored)
    assert (asked.username, asked.mechanism) == ("juliet", "DIGEST-MD5")
    assert in_as(both, "DIGEST-MD5") is good
    if not good:
        assert "not-authorized" in failure(both)


@pytest.mark.feature("SASL-15", "SASL-06")
@pytest.mark.parametrize("mechanism", ["DIGEST-MD5", "SCRAM-SHA-256"])
def test_what_is_stored_must_fit_the_mechanism(mechanism: str) -> None:
    server = pair(
        client_config(password="secret", mechanisms=(mechanism,)),
        server_config(mechanisms=(mechanism,)),
        server_answers={xmpp.TlsUpgrade: lambda _: SERVER_TLS},
    )
    server.pump()
    question = server.receiving.connection.waiting_for
    assert isinstance(question, xmpp.CredentialsLookup)
    wrong = StoredDigest("x", bytes(16)) if mechanism != "DIGEST-MD5" else xmpp.StoredKeys(())
    with pytest.raises(xmpp.LocalProtocolError, match="StoredDigest answers for DIGEST-MD5"):
        server.receiving.connection.answer(question, wrong)
    assert server.receiving.connection.waiting_for is question


@pytest.mark.feature("SASL-03", "SASL-08")
def test_the_pin_of_one_login_guards_the_next() -> None:
    both = pair()
    both.pump()
    (first,) = both.initiating.of(xmpp.Authenticated)
    assert first.pin == xmpp.Strength.SCRAM_SHA_256_PLUS
    for names, good in (
        (("PLAIN", "SCRAM-SHA-256-PLUS"), True),
        (("SCRAM-SHA-1",), False),
        (("PLAIN",), False),
    ):
        later = pair(client_config(pin=first.pin), server_config(mechanisms=names))
        later.pump()
        assert later.initiating.connection.can_send is good
        if not good:
            assert "weaker than the one used before" in failure(later)
            assert later.receiving.of(xmpp.CredentialsLookup) == []
            assert b"<auth" not in later.initiating.sent


@pytest.mark.feature("SASL-03")
def test_nothing_weaker_than_the_configured_strength_is_used_or_offered() -> None:
    both = pair(client_config(least_strength=xmpp.Strength.SCRAM_SHA_1), server_config(mechanisms=("PLAIN",)))
    both.pump()
    assert "weaker than the least we accept" in failure(both)
    names = ("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "PLAIN")
    both = pair(client_config(), server_config(least_strength=xmpp.Strength.SCRAM_SHA_256_PLUS, mechanisms=names))
    both.pump()
    assert both.initiating.connection.can_send
    assert b"<mechanism>SCRAM-SHA-256</mechanism>" not in both.receiving.sent
    assert b"PLAIN" not in both.receiving.sent


@pytest.mark.feature("SA2-04", "SASL-03")
def test_a_token_that_was_issued_needs_no_pin_and_makes_none() -> None:
    name, pin = "HT-SHA-256-NONE", int(xmpp.Strength.SCRAM_SHA_256_PLUS)
    stored = xmpp.StoredTokens(("a",))
    both, _ = meeting(xmpp.Token("a", name), name, xmpp.TokenLookup, lambda _: stored, client={"pin": pin})
    assert in_as(both, name)
    assert both.initiating.of(xmpp.Authenticated)[0].pin == pin
    both, _ = meeting(xmpp.Token("a", name), name, xmpp.TokenLookup, lambda _: stored)
    assert both.initiating.of(xmpp.Authenticated)[0].pin == 0


@pytest.mark.feature("SASL-12")
def test_a_client_gets_an_account_of_the_domain_it_asked_for() -> None:
    both, _ = meeting(xmpp.Certificate(), "EXTERNAL", tls=SHOWN)
    question = both.receiving.connection.waiting_for
    assert isinstance(question, xmpp.CertificateLogin)
    for wrong in ("example.com", "juliet@example.org"):
        with pytest.raises(xmpp.LocalProtocolError, match="an account of the domain"):
            both.receiving.connection.answer(question, xmpp.Authorized(xmpp.JID(wrong)))
    assert both.receiving.connection.answer(question, xmpp.Authorized(JULIET))
    both.pump()
    assert in_as(both, "EXTERNAL")


@pytest.mark.feature("SASL-20")
def test_a_snapshot_needs_the_mechanism_it_was_made_with() -> None:
    both, _ = meeting(xmpp.Token("a", "HT-SHA-256-NONE"), "HT-SHA-256-NONE")
    snapshots = {end: end.connection.snapshot() for end in (both.initiating, both.receiving)}
    with pytest.raises(xmpp.LocalProtocolError, match="not configured any more"):
        xmpp.Connection.restore(server_config(mechanisms=("PLAIN",)), snapshots[both.receiving])
    with pytest.raises(xmpp.LocalProtocolError, match="not configured any more"):
        xmpp.Connection.restore(client_config(mechanisms=("X-NONE",)), snapshots[both.initiating])


class Word:
    """A mechanism of a host's own, GSSAPI say: what it needs is asked as `MechanismQuestion`."""

    name = "X-WORD"
    strength = 900
    binds = False

    def refusal(self, context: Any) -> None:
        return None

    def resumed(self, state: object, context: Any) -> None:
        return None


class WordClient(Word):
    def start(self, context: Any) -> Any:
        from xmpp_core.sasl import Need

        return Need("a ticket for xmpp/" + context.domain, None)

    def answered(self, state: object, value: object, context: Any) -> Any:
        from xmpp_core.sasl import Respond

        assert isinstance(value, bytes)
        return Respond(value, None)

    def challenged(self, state: object, data: bytes, context: Any) -> Any:
        raise AssertionError(data)

    def succeeded(self, state: object, data: bytes | None, context: Any) -> Any:
        from xmpp_core.sasl import Verified

        return Verified()


class WordServer(Word):
    def start(self, initial: bytes | None, context: Any) -> Any:
        from xmpp_core.sasl import Need

        return Need(initial, None)

    def answered(self, state: object, value: object, context: Any) -> Any:
        from xmpp_core.sasl import Authenticated

        return Authenticated(str(value), None)

    def responded(self, state: object, data: bytes, context: Any) -> Any:
        raise AssertionError(data)


@pytest.mark.feature("SASL-16", "SASL-20")
def test_a_mechanism_of_the_hosts_own_is_chosen_and_carried() -> None:
    both = pair(
        client_config(extra_mechanisms=(WordClient(),)),
        server_config(extra_mechanisms=(WordServer(),)),
        client_answers={**CLIENT_ANSWERS, MechanismQuestion: lambda one: one.request.encode()},
        server_answers={
            **SERVER_ANSWERS,
            MechanismQuestion: lambda one: {b"a ticket for xmpp/example.com": "juliet"}[one.request],
        },
    )
    both.pump()
    assert in_as(both, "X-WORD")
    (asked,) = both.receiving.of(MechanismQuestion)
    assert asked.mechanism == "X-WORD"


@pytest.mark.feature("SASL-13")
def test_an_account_and_nobody_are_told_apart() -> None:
    with pytest.raises(xmpp.LocalProtocolError, match="an anonymous client has none"):
        xmpp.ClientConfig(jid="juliet@example.com", credentials=xmpp.Anonymous())
    with pytest.raises(xmpp.LocalProtocolError, match="needs a localpart"):
        xmpp.ClientConfig(jid="example.com", password="x")
    with pytest.raises(xmpp.LocalProtocolError, match="either a password or credentials"):
        xmpp.ClientConfig(jid="juliet@example.com", password="x", credentials=xmpp.Token("x"))
    for secret in (xmpp.Token("canary"), xmpp.Password("canary")):
        assert "canary" not in repr(xmpp.ClientConfig(jid="juliet@example.com", credentials=secret))
    assert CLIENT_TLS.verified


@pytest.mark.feature("SASL-12", "SASL-19")
@pytest.mark.parametrize(
    ("authzid", "answer", "good"),
    [
        ("=", "example.org", True),
        ("example.org", "example.org", True),
        ("example.org", "example.net", False),
    ],
)
def test_between_servers_a_certificate_is_for_the_domain_of_the_header(authzid: str, answer: str, good: bool) -> None:
    """XEP-0178 section 3; the profile is the same, and the stream that of a server."""
    from xmpp_core.features.exchange import Accepted, Put, Say
    from xmpp_core.features.login import Attempt, Login
    from xmpp_core.features.reception import Reception
    from xmpp_core.stream.context import StreamContext
    from xmpp_core.stream.header import Header

    ours, theirs = xmpp.JID("example.org"), xmpp.JID("example.com")
    here = StreamContext(
        side=xmpp.Side.INITIATING, kind=xmpp.Kind.S2S, milestones=xmpp.Milestone.SECURE, tls=CLIENT_TLS, domain=theirs,
        local=ours, peer=None, header=None, peer_header=None, limits=xmpp.Limits(), entropy=bytes, now=0.0,
    )  # fmt: skip
    there = replace(here, side=xmpp.Side.RECEIVING, tls=SHOWN, local=theirs, peer_header=Header(from_=ours, to=theirs))
    login = Login(account=ours, credentials=xmpp.Certificate(name_account=authzid != "="))
    reception = Reception(mechanisms=("EXTERNAL",))
    attempt = login.choose(Attempt(reception.seen(there).offered, None), here)
    assert isinstance(attempt, Attempt)
    said = login.start(attempt, here)
    assert isinstance(said, Say)
    assert said.data == (b"" if authzid == "=" else b"example.org")
    put = reception.begin("EXTERNAL", said.data, there)
    assert isinstance(put, Put)
    assert isinstance(put.question, xmpp.CertificateLogin)
    assert (put.question.claimed, put.question.kind) == (ours, xmpp.Kind.S2S)
    ended = reception.answered(put.state, xmpp.Authorized(xmpp.JID(answer)), there)
    assert isinstance(ended, Accepted) is good
    if isinstance(ended, Accepted):
        assert ended.jid == ours
