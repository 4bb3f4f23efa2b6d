"""The profile of RFC 6120 section 6 against servers and clients that keep to it badly."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from stages import CLIENT_ANSWERS, SERVER_ANSWERS, client_config, pair, scenario, stages

import xmpp_core as xmpp
from xmpp_core.stream.events import Question
from xmpp_core.testing.scenario import Receive, Scenario, run

NS = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
HEADER = (
    b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    b"version='1.0' to='example.com'"
)
STAGES = {stage.name: stage for stage in stages()}


def element(name: str, text: str = "") -> Receive:
    return Receive(f"<{name} {NS}>{text}</{name}>".encode())


def plain(authzid: str, authcid: str) -> Receive:
    data = base64.b64encode(f"{authzid}\0{authcid}\0pencil".encode()).decode()
    return Receive(f"<auth {NS} mechanism='PLAIN'>{data}</auth>".encode())


def over_tls(*acts: Receive, **config: Any) -> Scenario:
    """A client that has chosen a mechanism over TLS and heard nothing yet."""
    challenged = STAGES["client, challenged"]
    first, second = challenged.pieces
    stage = type(challenged)("client", challenged.side, (first, second[: second.index(b"<challenge")]), False, False)
    return scenario(stage, *acts, **config)


@pytest.mark.feature("SASL-01", "SASL-05")
@pytest.mark.parametrize("text", ["a b", "YQ", "YR==", "=a"])
def test_a_challenge_that_is_no_base64_is_answered_by_an_abort(text: str) -> None:
    outcome = run(over_tls(element("challenge", text)))
    assert outcome.output.endswith(f"<abort {NS}/>".encode())
    # RFC 6120 section 6.4.4: the receiving entity answers with a failure; until then challenges cross the abort.
    outcome = run(over_tls(element("challenge", text), element("challenge", "YQ=="), element("failure", "<aborted/>")))
    assert outcome.output.count(b"<abort ") == 1
    (end,) = outcome.terminal
    assert end["cause"] == "AUTHENTICATION_FAILED"


@pytest.mark.feature("SASL-01", "SASL-06")
@pytest.mark.parametrize("text", ["", "dj1iYWQ=", "a b", "="])
def test_success_without_proof_of_the_server_is_a_failure(text: str) -> None:
    outcome = run(over_tls(element("success", text)))
    (end,) = outcome.terminal
    assert (end["cause"], end["retry"]) == ("AUTHENTICATION_FAILED", "NEVER")
    assert not any(event["event"] == "Authenticated" for event in outcome.events)


@pytest.mark.feature("SASL-01", "SASL-06")
def test_success_after_our_abort_is_no_success() -> None:
    outcome = run(over_tls(element("challenge", "?"), element("success")))
    (end,) = outcome.terminal
    assert end["cause"] == "AUTHENTICATION_FAILED"


@pytest.mark.feature("SASL-05", "ENG-12")
@pytest.mark.parametrize("value", [b"", b"\0" * 31, b"\0" * 33])
def test_a_derived_key_of_another_size_is_misuse(value: bytes) -> None:
    both = pair(client_config(mechanisms=("SCRAM-SHA-256-PLUS",), ask_for_derivations=True))
    both.pump()
    question = both.initiating.connection.waiting_for
    assert isinstance(question, xmpp.DeriveKey)
    with pytest.raises(xmpp.LocalProtocolError, match="size of its hash"):
        both.initiating.connection.answer(question, value)
    assert both.initiating.connection.answer(question, question.derive())
    both.pump()
    assert both.initiating.connection.can_send


@pytest.mark.feature("SASL-01", "SASL-11")
@pytest.mark.parametrize(("may", "authzid"), [(True, "romeo@example.com"), (False, "romeo@example.com"), (True, "@")])
def test_a_host_decides_who_may_act_as_whom(may: bool, authzid: str) -> None:
    asked: list[xmpp.AuthorizeAs] = []

    def judge(question: xmpp.AuthorizeAs) -> bool:
        asked.append(question)
        return may

    acts = (Receive(HEADER + b">"), plain(authzid, "juliet"))
    given = scenario(STAGES["server, over TLS"], *acts, ask_for_authorization=True)
    answers: dict[type[Question[Any]], Any] = {**SERVER_ANSWERS, xmpp.AuthorizeAs: judge}
    outcome = run(Scenario(given.name, given.config, given.acts, answers))
    assert [(one.authcid, one.authzid) for one in asked] == [("juliet", authzid)]
    if may and authzid != "@":
        assert outcome.events[-1]["jid"] == authzid
        assert str(outcome.connection.peer_jid) == authzid
    else:
        assert outcome.output.endswith(b"<invalid-authzid/></failure>")


@pytest.mark.feature("SASL-01", "SASL-11")
def test_the_own_account_may_be_named_and_no_other() -> None:
    for authzid, good in (("juliet@example.com", True), ("juliet@example.org", False), ("@", False)):
        outcome = run(scenario(STAGES["server, mechanisms"], plain(authzid, "juliet")))
        assert outcome.output.endswith(b"<success " + NS.encode() + b"/>" if good else b"<invalid-authzid/></failure>")


@pytest.mark.feature("SASL-07", "TLS-01")
def test_the_end_point_binding_is_made_of_the_certificate_on_both_sides() -> None:
    certificate = end_point_certificate()
    client = xmpp.TlsInfo(version="TLSv1.3", verified=True, peer_certificates=(certificate,))
    server = xmpp.TlsInfo(version="TLSv1.3", local_certificate=certificate)
    both = pair(
        client_config(mechanisms=("SCRAM-SHA-256-PLUS",)),
        client_answers={**CLIENT_ANSWERS, xmpp.TlsUpgrade: lambda _: client},
        server_answers={**SERVER_ANSWERS, xmpp.TlsUpgrade: lambda _: server},
    )
    both.pump()
    assert both.initiating.connection.can_send
    assert b"<channel-binding type='tls-server-end-point'/>" in both.receiving.sent
    first = both.initiating.sent.partition(b"mechanism='SCRAM-SHA-256-PLUS'>")[2].partition(b"<")[0]
    assert base64.b64decode(first).startswith(b"p=tls-server-end-point,,")


def end_point_certificate() -> bytes:
    """A certificate of one's own, signed with SHA-256 (RFC 5929 section 4.1)."""
    from datetime import UTC, datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)


@pytest.mark.feature("SASL-02")
def test_a_client_that_names_itself_in_the_header_must_prove_that_name() -> None:
    stage = STAGES["server, over TLS"]
    outcome = run(scenario(stage, Receive(HEADER + b" from='romeo@example.com'>"), plain("", "juliet")))
    assert outcome.output.endswith(b"<invalid-authzid/></failure>")
