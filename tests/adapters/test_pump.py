"""The pump alone: TLS, in whatever pieces the network cuts it, changes nothing of what is said and heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import ANSWERS, DOMAIN, PASSWORD, client_tls, server_tls

import xmpp_core as xmpp
from xmpp_core.adapters.pump import Pump
from xmpp_core.stream.context import Kind
from xmpp_core.testing.chunking import Chunker, at_random, by_octet, whole
from xmpp_core.testing.description import describe
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.testing.pair import Pair

NOW = 1000.0
MECHANISM = ("SCRAM-SHA-256",)


def client_config() -> xmpp.ClientConfig:
    return xmpp.ClientConfig(
        jid=f"juliet@{DOMAIN}/balcony", password=PASSWORD, mechanisms=MECHANISM, entropy=CountedEntropy("client")
    )


def server_config() -> xmpp.ServerConfig:
    return xmpp.ServerConfig(
        domains={DOMAIN}, secret=b"0123456789abcdef", mechanisms=MECHANISM, entropy=CountedEntropy("server")
    )


class Side:
    """A pump with what it gave."""

    def __init__(self, pump: Pump) -> None:
        self.pump = pump
        self.events: list[Any] = []

    def take(self) -> None:
        for event in self.pump.events(NOW):
            self.events.append(event)
            if isinstance(event, xmpp.Question) and type(event) in ANSWERS:
                self.pump.connection.answer(event, ANSWERS[type(event)](event))


class TwoPumps:
    """Two pumps whose octets are each other's, cut by a chunker."""

    def __init__(self, chunker: Chunker, *, direct: bool, strict: bool = True) -> None:
        self.chunker = chunker
        self.strict = strict
        tls = client_tls()
        client = Pump(
            xmpp.Connection(client_config()),
            lambda name: tls.layer(name or "", direct=direct, kind=Kind.C2S),
            direct=direct,
            server_hostname=DOMAIN,
        )
        server = Pump(
            xmpp.Connection(server_config()), lambda _: server_tls().layer(direct=direct, kind=Kind.C2S), direct=direct
        )
        self.client, self.server = Side(client), Side(server)
        for side in (self.server, self.client):
            side.pump.start(NOW)

    def run(self) -> None:
        moved = True
        while moved:
            moved = False
            for here, there in ((self.client, self.server), (self.server, self.client)):
                here.take()
                octets = here.pump.output(NOW)
                for piece in self.chunker(octets):
                    moved = True
                    there.pump.feed(piece, NOW)
                    there.take()

    def end(self) -> None:
        for side in (self.client, self.server):
            side.pump.feed(b"", NOW)
            side.take()


def said(events: list[Any]) -> list[dict[str, Any]]:
    """What can be compared."""
    return [describe(event) for event in events]


Said = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def talk(client: xmpp.Connection, server: xmpp.Connection, run: Callable[[], None], bodies: list[str]) -> None:
    run()
    for number, body in enumerate(bodies):
        client.send(xmpp.Message(to="romeo@example.com", id=f"c{number}", body=body))
        server.send(xmpp.Message(to="juliet@example.com/balcony", id=f"s{number}", body=body))
    run()
    client.close()
    run()


def without_tls(bodies: list[str], *, direct: bool) -> Said:
    secure = xmpp.TlsInfo(version="TLSv1.3", verified=True)
    answers: dict[type, Callable[[Any], Any]] = {xmpp.TlsUpgrade: lambda _: secure}
    both = Pair(
        client_config(),
        server_config(),
        initiating_answers=answers,
        receiving_answers={**ANSWERS, **answers},
        tls=(secure, secure) if direct else None,
    )
    talk(both.initiating.connection, both.receiving.connection, both.pump, bodies)
    kept = [
        [event for event in end.events if not isinstance(event, xmpp.TlsUpgrade)]
        for end in (both.initiating, both.receiving)
    ]
    return said(kept[0]), said(kept[1])


@pytest.mark.feature("ADP-04", "TLS-03", "ENG-03")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
@given(seed=st.integers(0, 2**32), bodies=st.lists(st.text("ab<&é\U0001f600 ", max_size=40), max_size=5))
def test_tls_in_any_pieces_changes_nothing(direct: bool, seed: int, bodies: list[str]) -> None:
    pumps = TwoPumps(at_random(seed), direct=direct)
    talk(pumps.client.pump.connection, pumps.server.pump.connection, pumps.run, bodies)
    assert (said(pumps.client.events), said(pumps.server.events)) == without_tls(bodies, direct=direct)
    assert pumps.client.pump.closed
    assert pumps.server.pump.closed


@pytest.mark.feature("ADP-04", "TLS-03", "ENG-03")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
@pytest.mark.parametrize("chunker", [whole, by_octet])
def test_tls_whole_and_by_octet(chunker: Chunker, direct: bool) -> None:
    """Nothing is lost where one layer ends and the next begins, large records included."""
    bodies = ["x" * 40_000, "y"]
    pumps = TwoPumps(chunker, direct=direct)
    talk(pumps.client.pump.connection, pumps.server.pump.connection, pumps.run, bodies)
    assert (said(pumps.client.events), said(pumps.server.events)) == without_tls(bodies, direct=direct)


@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
def test_the_end_of_the_transport_at_any_octet_is_one_terminal_event(direct: bool) -> None:
    """And whatever comes behind the end is not looked at."""
    total = 0

    def counting(octets: bytes) -> list[bytes]:
        nonlocal total
        total += len(octets)
        return whole(octets)

    pumps = TwoPumps(counting, direct=direct)
    pumps.run()
    assert total > 2_000
    for stop in range(0, total, 97):
        left = stop

        def until(octets: bytes) -> list[bytes]:
            nonlocal left
            passed, left = octets[:left], max(0, left - len(octets))
            return whole(passed)

        pumps = TwoPumps(until, direct=direct)
        pumps.run()
        pumps.end()
        for side in (pumps.client, pumps.server):
            terminal = [one for one in side.events if isinstance(one, xmpp.StreamFailed | xmpp.Closed)]
            assert len(terminal) == 1
            assert side.events[-1] is terminal[0]
            assert side.pump.closed
            side.pump.feed(b"<late/>", NOW)
            side.pump.feed(b"", NOW)
            assert list(side.pump.events(NOW)) == []
            assert not side.pump.wants_data
            assert side.pump.next_deadline is None


def test_octets_behind_the_end_are_dropped_while_a_question_waits() -> None:
    """A write that fails tells the end before the reads do: what is still read then comes too late."""
    connection = xmpp.Connection(server_config())
    pump = Pump(connection, None)
    pump.start(NOW)
    pump.feed(b"<stream:stream to='example.com' version='1.0' xmlns='jabber:client' ", NOW)
    pump.feed(b"", NOW)
    pump.feed(b"xmlns:stream='http://etherx.jabber.org/streams'>", NOW)
    [event] = list(pump.events(NOW))
    assert isinstance(event, xmpp.StreamFailed)


@pytest.mark.feature("TLS-01")
def test_nothing_is_to_be_read_while_a_question_waits() -> None:
    pumps = TwoPumps(whole, direct=False)
    lookups: list[Any] = []

    def take() -> None:
        for event in pumps.server.pump.events(NOW):
            if isinstance(event, xmpp.CredentialsLookup):
                lookups.append(event)

    pumps.server.take = take  # type: ignore[method-assign]  # this server is slow to look up
    assert not pumps.server.pump.closed
    pumps.run()
    [question] = lookups
    assert not pumps.server.pump.wants_data
    assert pumps.client.pump.wants_data
    pumps.server.pump.connection.answer(question, ANSWERS[xmpp.CredentialsLookup](question))
    take()
    assert pumps.server.pump.wants_data


def test_without_a_certificate_a_request_for_tls_is_refused_silently() -> None:
    connection = xmpp.Connection(server_config())
    pump = Pump(connection, None)
    pump.start(NOW)
    header = b"<stream:stream to='example.com' version='1.0' xmlns='jabber:client' %s>" % (
        b"xmlns:stream='http://etherx.jabber.org/streams'"
    )
    pump.feed(header + b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", NOW)
    events = list(pump.events(NOW))
    assert isinstance(events[-1], xmpp.StreamFailed)
    assert events[-1].cause is xmpp.Cause.TLS_FAILED
    assert pump.output(NOW).endswith(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")


def test_a_direct_handshake_has_its_deadline() -> None:
    pumps = TwoPumps(lambda octets: [], direct=True)
    pump = pumps.server.pump
    assert pump.next_deadline == NOW + 60
    assert pump.wants_data
    pump.deadline(NOW + 59)
    assert list(pump.events(NOW + 59)) == []
    pump.deadline(NOW + 60)
    [event] = list(pump.events(NOW + 60))
    assert isinstance(event, xmpp.StreamFailed)
    assert event.cause is xmpp.Cause.DEADLINE
    assert pump.closed
    assert not pump.wants_data
    assert pump.connection.state is xmpp.StreamState.UNSTARTED
