"""Which features are offered and taken, in which order, and when negotiation is complete."""

from __future__ import annotations

import pytest
from stages import CLIENT_ANSWERS, SERVER_ANSWERS, client_config, pair, server_config, stages

import xmpp_core as xmpp
from xmpp_core.stream.context import Kind, Side
from xmpp_core.stream.setup import StreamSetup
from xmpp_core.testing.chunking import by_octet
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.testing.scenario import Receive, Scenario, run

STREAM = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
TLS = xmpp.TlsInfo(version="TLSv1.3", verified=True)
STAGES = {stage.name: stage for stage in stages()}


def client_hears(*texts: str, tls: bool = True) -> tuple[xmpp.Connection, list[str], bytes]:
    """A client, what it made of these texts, and what it said."""
    config = client_config(mechanisms=("PLAIN",))
    acts = tuple(Receive(text.encode()) for text in texts)
    outcome = run(Scenario("", lambda: config, acts, CLIENT_ANSWERS, tls=TLS if tls else None))
    return outcome.connection, [event["event"] for event in outcome.events], outcome.output


@pytest.mark.feature("STR-02", "STR-13")
@pytest.mark.parametrize(
    ("version", "features"),
    [("", False), ("version='0.9'", False), ("version='1.0'", True), ("version='1.7'", True), ("version='2.0'", True)],
)
def test_features_follow_the_response_header_for_peers_of_xmpp_1_0_alone(version: str, features: bool) -> None:
    header = f"<stream:stream to='example.com' {version} {STREAM}>"
    outcome = run(Scenario("", server_config, (Receive(header.encode()),)))
    head, _, rest = outcome.output.decode().partition("xmlns:stream='http://etherx.jabber.org/streams'>")
    assert head.startswith("<?xml version='1.0'?><stream:stream from='example.com'")
    assert (" version='1.0'" in head.partition("?>")[2]) is features
    assert rest.startswith("<stream:features>") is features
    assert bool(rest) is features


@pytest.mark.feature("STR-02", "STR-13")
def test_a_server_from_before_xmpp_1_0_is_told_so_and_left() -> None:
    connection, events, said = client_hears(f"<stream:stream from='example.com' id='1' {STREAM}>")
    assert events == ["StreamOpened", "StreamFailed"]
    assert connection.closed
    assert b"<unsupported-version " in said
    assert b"<auth" not in said


@pytest.mark.feature("STR-02")
def test_nothing_but_features_may_follow_the_header() -> None:
    _, events, _ = client_hears(
        f"<stream:stream from='example.com' id='1' version='1.0' {STREAM}>"
        "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    )
    assert events == ["StreamOpened", "StreamFailed"]


MECHANISMS = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
SESSION = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"
HEADER = f"<stream:stream from='example.com' id='1' version='1.0' {STREAM}>"


@pytest.mark.feature("STR-15", "STR-05")
@pytest.mark.parametrize(
    ("offer", "tls", "first"),
    [
        (MECHANISMS + STARTTLS + BIND, False, b"<starttls "),
        (BIND + SESSION + MECHANISMS, True, b"<auth "),
        (STARTTLS + MECHANISMS, True, b"<auth "),
        (BIND + STARTTLS, False, b"<starttls "),
    ],
)
def test_tls_comes_first_then_sasl_whatever_the_order_of_the_offer(offer: str, tls: bool, first: bytes) -> None:
    _, _, said = client_hears(f"{HEADER}<stream:features>{offer}</stream:features>", tls=tls)
    assert said.partition(b"/streams'>")[2].startswith(first)


@pytest.mark.feature("STR-15", "BND-03")
def test_after_sasl_comes_binding_and_then_the_rest() -> None:
    success = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
    offer = f"{HEADER}<stream:features>{SESSION}{BIND}</stream:features>"
    connection, _, said = client_hears(f"{HEADER}<stream:features>{MECHANISMS}</stream:features>", success, offer)
    assert said.endswith(b"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>")
    identifier = said.rpartition(b" id='")[2].partition(b"'")[0].decode()
    connection.receive_data(
        f"<iq type='result' id='{identifier}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
        "<jid>juliet@example.com/balcony</jid></bind></iq>".encode(),
        1.0,
    )
    assert list(connection.events()) == []
    assert not connection.can_send
    assert b"<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>" in connection.data_to_send(1.0)


class Bare:
    """An initiating end with no feature of its own and nothing that must be reached."""

    def setup(self) -> StreamSetup:
        return StreamSetup(
            side=Side.INITIATING,
            kind=Kind.C2S,
            features=(),
            ready=xmpp.Milestone.NONE,
            domain=xmpp.JID("example.com"),
            account=xmpp.JID("juliet@example.com"),
            entropy=CountedEntropy("bare"),
        )


@pytest.mark.feature("STR-04", "STR-05")
@pytest.mark.parametrize(
    ("features", "complete"),
    [
        ("", True),
        ("<new xmlns='urn:new'/>", True),
        ("<new xmlns='urn:new'><optional/></new>", True),
        ("<new xmlns='urn:new'><required/></new>", False),
        ("<a xmlns='urn:a'/><new xmlns='urn:new'><required/></new>", False),
    ],
)
def test_negotiation_is_complete_when_only_voluntary_features_are_left(features: str, complete: bool) -> None:
    octets = f"{HEADER}<stream:features>{features}</stream:features>".encode()
    outcome = run(Scenario("", Bare, (Receive(octets),)))
    assert (outcome.events[-1]["event"] == "SessionReady") is complete
    assert outcome.connection.can_send is complete
    if not complete:
        assert outcome.terminal[0]["condition"] == "unsupported-feature"


@pytest.mark.feature("STR-04")
def test_a_server_is_complete_once_bound_and_not_before() -> None:
    for stage in STAGES.values():
        connection = run(
            Scenario(
                stage.name,
                client_config if stage.side is Side.INITIATING else server_config,
                tuple(Receive(piece) for piece in stage.pieces),
                CLIENT_ANSWERS if stage.side is Side.INITIATING else SERVER_ANSWERS,
            )
        ).connection
        if stage.side is Side.RECEIVING:
            assert connection.can_send is stage.open


@pytest.mark.feature("STR-17")
def test_what_is_sent_in_an_order_arrives_in_that_order_both_ways_at_once() -> None:
    both = pair(chunker=by_octet)
    both.pump()
    ends = (both.initiating, both.receiving)
    for number in range(60):
        for end in ends:
            stanza: xmpp.Stanza = (
                xmpp.Message(to="a@example.com", id=str(number), body="x")
                if number % 3
                else xmpp.IQ(type="get", id=str(number), payload=xmpp.Message(body="y").element)
            )
            end.connection.send(stanza)
        if number % 7 == 0:
            both.pump()
    both.pump()
    for end in ends:
        ids = [event.id for event in end.events if isinstance(event, xmpp.Message | xmpp.IQ)]
        assert ids == [str(number) for number in range(60)]


@pytest.mark.feature("STR-17")
def test_an_error_of_ours_keeps_its_place_among_what_the_host_sends() -> None:
    outcome = run(
        Scenario(
            "",
            server_config,
            (
                *(Receive(piece) for piece in STAGES["server, open"].pieces),
                Receive(b"<message id='1'/><iq type='get' id='2'/><message id='3'/>"),
            ),
            SERVER_ANSWERS,
            reactions={
                xmpp.Message: lambda connection, message: connection.send(
                    xmpp.Message(to="juliet@example.com", id=f"echo {message.id}", body="x")
                )
            },
        )
    )
    places = [outcome.output.index(mark) for mark in (b"id='echo 1'", b"<bad-request ", b"id='echo 3'")]
    assert places == sorted(places)
