"""Whose addresses stanzas may bear between servers and components (RFC 6120 sections 8.1.2.2 and 4.9.3.9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from xml.etree.ElementTree import Element

import pytest

import xmpp_core as xmpp
from xmpp_core.stream.context import Kind, Side, StreamContext
from xmpp_core.stream.events import Question
from xmpp_core.stream.feature import Declined, Offer
from xmpp_core.stream.gate import Gate, Offence
from xmpp_core.stream.setup import StreamSetup
from xmpp_core.stream.step import Continue, Done, Step
from xmpp_core.testing.entropy import CountedEntropy

NS = "urn:example:trust"


@dataclass(frozen=True, slots=True)
class Trust:
    """Takes the peer's word for its domain: `<i-am/>`, for tests alone."""

    name: ClassVar[str] = f"{{{NS}}}trust"
    requires: ClassVar[xmpp.Milestone] = xmpp.Milestone.NONE
    forbids: ClassVar[xmpp.Milestone] = xmpp.Milestone.AUTHENTICATED

    def advertise(self, state: object, context: StreamContext) -> tuple[Element, ...]:
        return (Element(self.name),)

    def offer(self, element: Element | None, context: StreamContext) -> Offer | Declined | None:
        return None

    def begin(self, offer: Offer, features: Element | None, context: StreamContext) -> Step:
        raise AssertionError("nothing was offered")

    def accepts(self, element: Element, context: StreamContext) -> bool:
        return element.tag == f"{{{NS}}}i-am"

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        return Done(grants=xmpp.Milestone.AUTHENTICATED, peer=xmpp.JID(element.text or ""))

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        raise AssertionError("nothing was asked")

    def resumed(self, state: Any, context: StreamContext) -> Step:
        return Continue(state)


class Bare:
    """An end of a stream with nothing to negotiate, but the domain where it is received."""

    def __init__(self, side: Side, kind: Kind) -> None:
        self.side = side
        self.kind = kind

    def setup(self) -> StreamSetup:
        domain = xmpp.JID("example.com")
        receiving = self.side is Side.RECEIVING
        return StreamSetup(
            side=self.side,
            kind=self.kind,
            features=(Trust(),) if receiving else (),
            ready=xmpp.Milestone.AUTHENTICATED if receiving else xmpp.Milestone.NONE,
            domain=domain,
            domains=frozenset({domain}) if receiving else None,
            entropy=CountedEntropy("bare"),
        )


def opened(side: Side, kind: Kind) -> xmpp.Connection:
    conn = xmpp.Connection(Bare(side, kind))
    conn.start(0.0)
    header = (
        f"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='{kind.value}' version='1.0' "
        "to='example.com'>"
    )
    rest = "<stream:features/>" if side is Side.INITIATING else f"<i-am xmlns='{NS}'>example.net</i-am>"
    conn.receive_data((header + rest).encode(), 0.0)
    assert any(isinstance(event, xmpp.SessionReady) for event in conn.events())
    conn.data_to_send(0.0)
    return conn


def given(conn: xmpp.Connection, octets: str) -> object:
    conn.receive_data(octets.encode(), 0.0)
    (event,) = conn.events()
    return event


@pytest.mark.feature("STR-09", "STZ-02")
def test_a_stanza_is_of_the_validated_domain() -> None:
    good = given(opened(Side.RECEIVING, Kind.S2S), "<message from='a@example.net' to='b@example.com'/>")
    assert isinstance(good, xmpp.Message)
    end = given(opened(Side.RECEIVING, Kind.S2S), "<message from='a@example.org' to='b@example.com'/>")
    assert isinstance(end, xmpp.StreamFailed)
    assert end.condition == "invalid-from"


@pytest.mark.feature("STZ-02")
def test_a_server_may_leave_out_addresses_towards_its_component() -> None:
    conn = opened(Side.INITIATING, Kind.COMPONENT)
    assert isinstance(given(conn, "<message/>"), xmpp.Message)
    assert isinstance(given(conn, "<message from='a@example.net' to='example.com'/>"), xmpp.Message)
    rejected = given(conn, "<message from='@' to='example.com'/>")
    assert isinstance(rejected, xmpp.StanzaRejected)
    assert rejected.condition == "jid-malformed"


@pytest.mark.feature("STR-06", "STZ-02")
def test_what_would_end_the_stream_is_passed_over_while_it_is_closing() -> None:
    conn = opened(Side.RECEIVING, Kind.S2S)
    conn.close()
    conn.receive_data(b"<message from='a@example.org' to='b@example.com'/><iq/></stream:stream>", 0.0)
    assert list(conn.events()) == [xmpp.Closed(Side.RECEIVING)]


@pytest.mark.feature("STR-09", "STZ-02")
@pytest.mark.parametrize("kind", [Kind.S2S, Kind.COMPONENT])
def test_who_proved_no_domain_speaks_for_none(kind: Kind) -> None:
    element = Element(f"{{{kind.value}}}message", {"from": "a@example.net", "to": "b@example.com"})
    gate = Gate(Side.RECEIVING, kind)
    verdict = gate.judge(element)
    assert isinstance(verdict, Offence)
    assert verdict.condition == "invalid-from"
    gate.admit_as(xmpp.JID("example.net"))
    assert gate.judge(element) is None
    gate.admit_as(None)
    assert isinstance(gate.judge(element), Offence)
