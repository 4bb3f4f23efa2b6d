"""Ways in that are none: each was one once."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from stages import CLIENT_TLS, SERVER_ANSWERS, SERVER_TLS, client_config, pair, server_config

import xmpp_core as xmpp
from xmpp_core.sasl import SaslContext
from xmpp_core.sasl.scram_server import invented

HEADER = (
    b"<stream:stream to='example.com' version='1.0' xmlns='jabber:client' "
    b"xmlns:stream='http://etherx.jabber.org/streams'>"
)
KEYS = xmpp.StoredKeys.derive("pw", ("SHA-256",), iterations=4096)
ANYBODY: dict[type, Any] = {
    xmpp.CredentialsLookup: lambda _: KEYS,
    xmpp.BindRequested: lambda question: xmpp.Bound(question.account.with_resource("r")),
}


def server(**options: Any) -> xmpp.Connection:
    connection = xmpp.Connection(server_config(**options))
    connection.start(0.0, tls=SERVER_TLS)
    connection.receive_data(HEADER, 0.0)
    return connection


def said(connection: xmpp.Connection, *pieces: bytes) -> list[Any]:
    """What happens, with everything answered."""
    happened: list[Any] = []
    for piece in (b"", *pieces):
        if piece:
            connection.receive_data(piece, 0.0)
        for event in connection.events():
            happened.append(event)
            if isinstance(event, xmpp.Question) and type(event) in ANYBODY:
                connection.answer(event, ANYBODY[type(event)](event))
        connection.data_to_send(0.0)
    return happened


def plain(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.feature("SASL-02", "SASL-04")
@pytest.mark.parametrize("name", ["example.com", "elsewhere.example", "juliet"])
@pytest.mark.parametrize("profile", ["sasl", "sasl2"])
def test_a_name_that_repeats_itself_is_the_account_and_never_a_domain(name: str, profile: str) -> None:
    data = plain(f"{name}\0{name}\0pw")
    if profile == "sasl":
        octets = f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{data}</auth>"
    else:
        octets = (
            "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'>"
            f"<initial-response>{data}</initial-response></authenticate>"
        )
    happened = said(server(mechanisms=("PLAIN",), sasl2=True), octets.encode())
    [authenticated] = [one for one in happened if isinstance(one, xmpp.Authenticated)]
    assert str(authenticated.jid) == f"{name}@example.com"


@pytest.mark.feature("SASL-04")
def test_scram_reads_a_repeated_name_the_same_way() -> None:
    both = pair(
        client_config(mechanisms=("SCRAM-SHA-256-PLUS",)),
        server_config(),
        server_answers={**SERVER_ANSWERS},
    )
    both.pump()
    assert str(both.receiving.of(xmpp.Authenticated)[0].jid) == "juliet@example.com"


@pytest.mark.feature("SASL-04")
@pytest.mark.parametrize("allowed", ["example.com", "romeo@elsewhere.example", "juliet@example.com/x"])
def test_a_client_is_an_account_of_the_domain_whatever_the_host_allows(allowed: str) -> None:
    connection = server(mechanisms=("PLAIN",), ask_for_authorization=True)
    data = plain(f"{allowed}\0juliet\0pw")
    connection.receive_data(
        f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{data}</auth>".encode(), 0.0
    )
    for event in connection.events():
        if isinstance(event, xmpp.AuthorizeAs):
            connection.answer(event, True)
        elif isinstance(event, xmpp.Question) and type(event) in ANYBODY:
            connection.answer(event, ANYBODY[type(event)](event))
    octets = connection.data_to_send(0.0)
    assert (b"<success" in octets) is (allowed == "juliet@example.com/x")
    assert (b"<invalid-authzid" in octets) is (allowed != "juliet@example.com/x")


@pytest.mark.feature("ENG-09", "SA2-04")
@pytest.mark.parametrize("count", ["0" * 5000 + "1", "1" * 5000, "0", "-1", "\u0661", ""])
@pytest.mark.parametrize("fast", [(), ("HT-SHA-256-NONE",)])
def test_no_count_of_a_token_raises(count: str, fast: tuple[str, ...]) -> None:
    connection = server(mechanisms=("PLAIN",), sasl2=True, fast=fast)
    octets = (
        "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='HT-SHA-256-NONE'><initial-response>YQBi</initial-response>"
        f"<fast xmlns='urn:xmpp:fast:0' count='{count}'/></authenticate>"
    )
    connection.receive_data(octets.encode(), 0.0)
    happened = [event for event in connection.events() if isinstance(event, xmpp.NegotiationFailed)]
    assert [event.condition for event in happened] == ["malformed-request"]


@pytest.mark.feature("TLS-03", "TLS-09")
@pytest.mark.parametrize("loud", [False, True])
def test_direct_tls_needs_a_verified_certificate_as_starttls_does(loud: bool) -> None:
    connection = xmpp.Connection(client_config(insecure_unverified_certificate=loud))
    connection.start(0.0, tls=replace(CLIENT_TLS, verified=False))
    events = list(connection.events())
    assert connection.closed is not loud
    assert (connection.data_to_send(0.0) == b"") is not loud
    if not loud:
        [failure] = events
        assert isinstance(failure, xmpp.StreamFailed)
        assert (failure.cause, failure.retry) == (xmpp.Cause.TLS_FAILED, xmpp.Retry.NEVER)


@pytest.mark.feature("SASL-05")
def test_what_is_one_localpart_is_one_unknown_user() -> None:
    context = SaslContext(secret=b"0123456789abcdef")
    like = xmpp.NoSuchUser()
    assert len({invented("SHA-256", name, like, context).salt for name in ("nobody", "Nobody", "\uff4eobody")}) == 1
    assert invented("SHA-256", "\x00", like, context).salt != invented("SHA-256", "\x01", like, context).salt


@pytest.mark.feature("SASL-05", "SASL-06")
def test_beginning_anew_without_end_is_an_attempt_each_time() -> None:
    connection = server(mechanisms=("SCRAM-SHA-256",))
    begin = plain("n,,n=juliet,r=abc")
    auth = f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>{begin}</auth>".encode()
    happened = said(connection, *[auth] * 20)
    assert isinstance(happened[-1], xmpp.StreamFailed)
    assert happened[-1].condition == "policy-violation"
    assert sum(isinstance(event, xmpp.CredentialsLookup) for event in happened) <= 5
