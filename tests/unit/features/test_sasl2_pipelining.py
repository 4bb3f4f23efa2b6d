"""Authentication along with the stream header (XEP-0509), switched on by name on both sides."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pytest
from sasl2_stages import (
    CLIENT_TLS,
    HEADER,
    HT,
    NS,
    SERVER_TLS,
    client_config,
    flights,
    over_tls,
    plain,
    server_answers,
    server_config,
    server_said,
    with_token,
)

import xmpp_core as xmpp
from xmpp_core.features.fast import Fast
from xmpp_core.features.sasl2_pipelining import KnownServer, ServerKnown
from xmpp_core.sasl.credentials import Token
from xmpp_core.server.tokens import MemoryTokens
from xmpp_core.stream.conditions import StreamError
from xmpp_core.testing.chunking import by_octet, whole

OFFERING: dict[str, Any] = {"fast": HT, "pipelining": True}
MISMATCH = (
    f"<failure {NS}><aborted xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
    "<config-version-mismatch xmlns='urn:xmpp:iap:0'/></failure>"
)


def known(tokens: MemoryTokens) -> tuple[KnownServer, Token]:
    """What a client keeps of its first login."""
    both = over_tls(client_config(fast=Fast()), server_config(**OFFERING), answers=server_answers(tokens))
    both.pump()
    server = both.initiating.of(ServerKnown)[0].server
    return server, with_token(tokens)


@pytest.mark.feature("SA2-06", "SA2-09")
def test_one_flight_each_way_logs_in() -> None:
    tokens = MemoryTokens()
    server, token = known(tokens)
    client = client_config(credentials=token, pipelining=server)
    who, (sent, _) = flights(client, server_config(**OFFERING), server_answers(tokens))
    assert who == ["client", "server"]
    assert sent.index(b"<stream:stream ") < sent.index(b"<authenticate ")
    assert f"<config-version xmlns='urn:xmpp:iap:0' scheme='opaque' value='{server.value}'/>".encode() in sent


@pytest.mark.feature("SA2-06")
@pytest.mark.parametrize("chunker", [whole, by_octet])
def test_a_password_may_go_along_too(chunker: Any) -> None:
    tokens = MemoryTokens()
    server, _ = known(tokens)
    client = client_config(pipelining=server)
    both = over_tls(client, server_config(**OFFERING), answers=server_answers(tokens), chunker=chunker)
    both.pump()
    assert both.initiating.connection.can_send
    assert both.initiating.sent.count(b"<authenticate ") == 1
    (authenticated,) = both.initiating.of(xmpp.Authenticated)
    assert authenticated.mechanism == "SCRAM-SHA-256-PLUS"


@pytest.mark.feature("SA2-06")
@pytest.mark.parametrize("chunker", [whole, by_octet])
def test_after_starttls_it_goes_with_the_second_header(chunker: Any) -> None:
    tokens = MemoryTokens()
    server, token = known(tokens)
    both = over_tls(
        client_config(credentials=token, pipelining=server),
        server_config(**OFFERING),
        answers={**server_answers(tokens), xmpp.TlsUpgrade: lambda _: SERVER_TLS},
        initiating_answers={xmpp.TlsUpgrade: lambda _: CLIENT_TLS},
        tls=None,
        chunker=chunker,
    )
    both.pump()
    assert both.initiating.connection.can_send
    before, _, after = bytes(both.initiating.sent).partition(b"<starttls ")
    assert b"<authenticate " not in before
    assert after.index(b"<stream:stream ") < after.index(b"<authenticate ")


@pytest.mark.feature("SA2-06")
def test_a_server_that_changed_rejects_without_prejudice_and_the_client_thinks_again() -> None:
    """Section 3.3: the next try goes by what is announced now, and the new version is what is kept."""
    tokens = MemoryTokens()
    server, token = known(tokens)
    changed = server_config(**{**OFFERING, "mechanisms": ("SCRAM-SHA-256",)})
    client = client_config(credentials=token, pipelining=server)
    both = over_tls(client, changed, answers=server_answers(tokens))
    both.pump()
    assert MISMATCH.encode() in both.receiving.sent
    assert both.initiating.connection.can_send
    news = both.initiating.of(ServerKnown)
    assert [event.server.value != server.value for event in news] == [True]
    first, second = bytes(both.initiating.sent).split(b"<authenticate ")[1:]
    assert server.value.encode() in first
    assert b"<config-version" not in second


@pytest.mark.feature("SA2-06", "SASL-04")
def test_a_mismatch_is_no_failed_login_once() -> None:
    stale = "<config-version xmlns='urn:xmpp:iap:0' value='c3RhbGU='/>"
    _, said = server_said(plain(stale), plain(), **OFFERING)
    assert said[0] == MISMATCH
    assert "<success " in said[1]
    # Whoever was told and goes on guessing has the attempts of everybody (RFC 6120 section 6.4.5).
    _, said = server_said(*[plain(stale)] * 4, **OFFERING)
    assert said[0] == MISMATCH
    assert all("<aborted " in one for one in said[1:])
    assert "<policy-violation " in said[3]


@pytest.mark.feature("SA2-06")
def test_the_version_of_now_may_be_named_and_a_server_that_gives_none_does_not_mind() -> None:
    conn = xmpp.Connection(server_config(**OFFERING))
    conn.start(0.0, tls=SERVER_TLS)
    conn.receive_data(HEADER, 0.0)
    list(conn.events())
    value = conn.data_to_send(0.0).decode().partition("scheme='opaque' value='")[2].partition("'")[0]
    current = f"<config-version xmlns='urn:xmpp:iap:0' scheme='opaque' value='{value}'/>"
    for settings in (OFFERING, {"fast": HT}):
        _, said = server_said(plain(current), **settings)
        assert "<success " in said[0]


@pytest.mark.feature("SA2-06")
def test_nothing_goes_along_unless_it_is_switched_on() -> None:
    tokens = MemoryTokens()
    _, token = known(tokens)
    who, what = flights(client_config(credentials=token), server_config(**OFFERING), server_answers(tokens))
    assert who == ["client", "server", "client", "server"]
    assert b"config-version" not in what[0] + what[2]
    both = over_tls(client_config(credentials=token), server_config(fast=HT), answers=server_answers(tokens))
    both.pump()
    assert b"config-version" not in both.receiving.sent
    assert both.initiating.of(ServerKnown) == []


@pytest.mark.feature("SA2-06")
@pytest.mark.parametrize("tls", [None, xmpp.TlsInfo(version="TLSv1.3")])
def test_a_token_never_goes_along_where_the_server_is_not_known_to_be_the_one(tls: xmpp.TlsInfo | None) -> None:
    """No TLS, or a certificate that nobody verified (XEP-0484 section 6)."""
    tokens = MemoryTokens()
    server, token = known(tokens)
    conn = xmpp.Connection(client_config(credentials=token, pipelining=server))
    conn.start(0.0, tls=tls)
    assert b"<authenticate" not in conn.data_to_send(0.0)


@pytest.mark.feature("SA2-06")
def test_an_answer_before_the_features_is_out_of_place() -> None:
    tokens = MemoryTokens()
    server, token = known(tokens)
    conn = xmpp.Connection(client_config(credentials=token, pipelining=server))
    conn.start(0.0, tls=CLIENT_TLS)
    conn.receive_data(HEADER.replace(b"to=", b"id='1' from=") + f"<success {NS}/>".encode(), 0.0)
    (end,) = [event for event in conn.events() if isinstance(event, xmpp.StreamFailed)]
    assert end.condition == StreamError("unsupported-stanza-type").condition
    assert xmpp.Milestone.AUTHENTICATED not in conn.milestones


@pytest.mark.feature("SA2-06", "ENG-07")
def test_a_snapshot_between_the_flights_changes_nothing() -> None:
    tokens = MemoryTokens()
    server, token = known(tokens)
    client = client_config(credentials=token, pipelining=server)
    _, (first, reply) = flights(client, server_config(**OFFERING), server_answers(tokens))
    conn = xmpp.Connection(client)
    conn.start(0.0, tls=CLIENT_TLS)
    assert conn.data_to_send(0.0) == first
    kept = conn.snapshot()
    assert token.token.encode() not in kept
    for place in (1, reply.index(b"<stream:features>"), reply.index(b"<success "), len(reply)):
        conn = xmpp.Connection.restore(client, kept)
        conn.receive_data(reply[:place], 0.0)
        list(conn.events())
        conn = xmpp.Connection.restore(client, conn.snapshot())
        if reply[place:]:
            conn.receive_data(reply[place:], 0.0)
        list(conn.events())
        assert conn.can_send


@pytest.mark.feature("ENG-12", "SA2-06")
def test_what_is_remembered_has_a_version() -> None:
    with pytest.raises(xmpp.LocalProtocolError):
        KnownServer(Element("{http://etherx.jabber.org/streams}features"))
