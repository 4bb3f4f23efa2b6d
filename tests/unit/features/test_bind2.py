"""Bind 2: a resource, and what a session begins with, in one request (XEP-0386)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from xml.etree.ElementTree import Element

import pytest
from sasl2_stages import (
    AGENT,
    HEADER,
    JULIET,
    SERVER_TLS,
    client_config,
    elements_sent,
    over_tls,
    plain,
    server_answers,
    server_config,
    server_said,
)

import xmpp_core as xmpp
from xmpp_core.features.bind2 import Bind2, BoundInline
from xmpp_core.features.sasl2_context import Sasl2Context
from xmpp_core.features.user_agent import UserAgent
from xmpp_core.stream.context import Milestone, StreamContext
from xmpp_core.stream.events import Event, Question
from xmpp_core.stream.step import Ask, Done, Refused, Step
from xmpp_core.testing.chunking import by_octet, whole
from xmpp_core.testing.pair import Pair

NS = "xmlns='urn:xmpp:bind:0'"


@dataclass(frozen=True, slots=True)
class Began(Event):
    """What a session begins with, as the server took it."""

    what: str


@dataclass(frozen=True, slots=True)
class Carbons:
    """XEP-0280 inside Bind 2: enabled without a response."""

    namespace: ClassVar[str] = "urn:xmpp:carbons:2"
    requires: ClassVar[Milestone] = Milestone.BOUND
    forbids: ClassVar[Milestone] = Milestone.NONE

    def advertise(self, context: StreamContext) -> tuple[Element, ...]:
        return (Element(f"{{{self.namespace}}}enable"),)

    def request(self, announced: Element, context: StreamContext) -> Element | None:
        return Element(f"{{{self.namespace}}}enable")

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        assert context.peer is not None
        return Done(events=(Began(f"carbons for {context.peer.bare}"),))

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        raise AssertionError(question)

    def response(self, element: Element, context: StreamContext) -> Step:
        raise AssertionError(element)


@dataclass(frozen=True, slots=True)
class ClientState(Carbons):
    """XEP-0352 inside Bind 2: the session begins active or inactive."""

    active: bool = False

    namespace: ClassVar[str] = "urn:xmpp:csi:0"

    def request(self, announced: Element, context: StreamContext) -> Element | None:
        return Element(f"{{{self.namespace}}}{'active' if self.active else 'inactive'}")

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        return Done(events=(Began(element.tag.rpartition("}")[2]),))


@dataclass(frozen=True, slots=True, eq=False)
class MayBegin(Question[bool]):
    """May it?"""

    answers: ClassVar[tuple[type, ...]] = (bool,)


@dataclass(frozen=True, slots=True)
class MadeUp(Carbons):
    """A feature nobody has, which asks the host and has something to say."""

    namespace: ClassVar[str] = "urn:example:made-up"

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        assert isinstance(context, Sasl2Context)
        assert context.user_agent == AGENT
        return Ask(MayBegin(), state="asked")

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        assert context.peer is not None
        assert context.peer.resource is not None
        if not value:
            return Refused("no", "no", send=(Element(f"{{{self.namespace}}}failed"),), again=True)
        return Done(send=(Element(f"{{{self.namespace}}}enabled"),))

    def response(self, element: Element, context: StreamContext) -> Step:
        return Done(events=(Began(element.tag.rpartition("}")[2]),))


BEGINNING: dict[str, Any] = {"bind_inline": (Carbons(), ClientState(), MadeUp())}


def beginning(may: bool = True, chunker: Callable[[bytes], list[bytes]] = whole, **client: Any) -> Pair:
    answers = {**server_answers(), MayBegin: lambda _: may}
    both = over_tls(
        client_config(**{**BEGINNING, **client}), server_config(**BEGINNING), answers=answers, chunker=chunker
    )
    both.pump()
    return both


@pytest.mark.feature("SA2-03", "EXT-02")
@pytest.mark.parametrize("chunker", [whole, by_octet])
@pytest.mark.parametrize(("may", "said"), [(True, "enabled"), (False, "failed")])
def test_a_session_begins_with_what_was_requested(
    may: bool, said: str, chunker: Callable[[bytes], list[bytes]]
) -> None:
    both = beginning(may, chunker, bind_tag="AwesomeXMPP")
    assert both.initiating.connection.can_send
    assert (
        "<bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:carbons:2'/><feature var='urn:xmpp:csi:0'/>"
        "<feature var='urn:example:made-up'/></inline></bind>"
    ) in elements_sent(both.receiving.sent)
    assert (
        f"<bind {NS}><tag>AwesomeXMPP</tag><enable xmlns='urn:xmpp:carbons:2'/><inactive xmlns='urn:xmpp:csi:0'/>"
        "<enable xmlns='urn:example:made-up'/></bind>"
    ) in elements_sent(both.initiating.sent)
    assert f"<bound {NS}><{said} xmlns='urn:example:made-up'/></bound>" in elements_sent(both.receiving.sent)
    assert both.receiving.of(Began) == [Began("carbons for juliet@example.com"), Began("inactive")]
    assert both.initiating.of(Began) == [Began(said)]
    (event,) = both.initiating.of(BoundInline)
    assert event.jid == both.initiating.connection.local_jid


@pytest.mark.feature("SA2-03")
def test_only_what_is_announced_is_requested() -> None:
    both = over_tls(client_config(**BEGINNING), server_config(bind_inline=(ClientState(),)))
    both.pump()
    assert f"<bind {NS}><inactive xmlns='urn:xmpp:csi:0'/></bind>" in elements_sent(both.initiating.sent)
    both = over_tls(client_config(**BEGINNING), server_config())
    both.pump()
    assert f"<bind {NS}/>" in elements_sent(both.initiating.sent)
    assert both.initiating.connection.can_send


@pytest.mark.feature("SA2-03")
def test_the_resource_begins_with_the_tag_and_lasts_as_long_as_the_installation() -> None:
    """Section 3.2.1: the same tag and user agent get the same resource, which does not show the agent's id."""

    def resource(tag: str | None, agent: UserAgent | None, **server: Any) -> str:
        settings: dict[str, Any] = {"seed": str(len(seen)), **server}
        both = over_tls(client_config(bind_tag=tag, user_agent=agent), server_config(**settings))
        both.pump()
        (question,) = both.receiving.of(xmpp.BindRequested)
        assert (question.tag, question.user_agent) == (tag, agent)
        seen.append(question.resource)
        assert both.initiating.connection.local_jid == JULIET.with_resource(question.resource)
        return str(question.resource)

    seen: list[str] = []
    other = UserAgent("a4565fa7-4d72-4749-b3d3-740edbf87771")
    first = resource("AwesomeXMPP", AGENT)
    assert first.startswith("AwesomeXMPP/")
    assert len(first) == len("AwesomeXMPP/") + 16
    assert AGENT.id is not None
    assert not any(part in first for part in AGENT.id.split("-"))
    assert resource("AwesomeXMPP", AGENT) == first
    different = [
        resource("AwesomeXMPP", other),
        resource("Other", AGENT),
        resource(None, AGENT),
        resource("AwesomeXMPP", None),
        resource("AwesomeXMPP", None),
        resource("AwesomeXMPP", AGENT, secret=b"another sixteen octets"),
    ]
    assert len({first, *different}) == 7


@pytest.mark.feature("SA2-03")
@pytest.mark.parametrize("condition", ["conflict", "not-allowed", "resource-constraint"])
def test_a_host_that_binds_nothing_leaves_the_older_way_open(condition: str) -> None:
    refusals = [xmpp.BindRefused(condition)]

    def decide(question: xmpp.BindRequested) -> xmpp.Bound | xmpp.BindRefused:
        return refusals.pop() if refusals else xmpp.Bound(JULIET.with_resource("later"))

    both = over_tls(client_config(), server_config(), answers={**server_answers(), xmpp.BindRequested: decide})
    both.pump()
    assert b"<bound" not in both.receiving.sent
    (told,) = both.receiving.of(xmpp.NegotiationFailed)
    assert told.condition == condition
    assert both.initiating.connection.local_jid == JULIET.with_resource("later")
    assert b"<iq " in both.initiating.sent


@pytest.mark.feature("SA2-03", "ENG-12")
def test_a_host_binds_addresses_of_the_account_alone() -> None:
    answers = server_answers()
    del answers[xmpp.BindRequested]
    both = over_tls(client_config(), server_config(), answers=answers)
    both.pump()
    server = both.receiving.connection
    question = server.waiting_for
    assert isinstance(question, xmpp.BindRequested)
    for wrong in (xmpp.Bound(xmpp.JID("romeo@example.com/x")), True):
        with pytest.raises(xmpp.LocalProtocolError):
            server.answer(question, cast("xmpp.Bound", wrong))
    start = Element("{urn:xmpp:mam:2}metadata")
    assert server.answer(question, xmpp.Bound(JULIET.with_resource("x"), told=(start,)))
    both.pump()
    (event,) = both.initiating.of(BoundInline)
    assert [child.tag for child in event.element] == ["{urn:xmpp:mam:2}metadata"]
    for tag in ("", "a\u0007", "x" * 1024):
        if tag:
            with pytest.raises(xmpp.LocalProtocolError):
                Bind2(tag)


@pytest.mark.feature("SA2-03")
@pytest.mark.parametrize(
    ("request_", "bound"),
    [
        (f"<bind {NS}><tag>{'x' * 1100}</tag></bind>", False),
        (f"<bind {NS}><tag></tag></bind>", True),
        (f"<bind {NS}><unknown xmlns='urn:unknown'/></bind>", True),
        # Twice the same is once: what is bound is bound.
        (f"<bind {NS}/><bind {NS}/>", True),
    ],
)
def test_requests_of_every_kind(request_: str, bound: bool) -> None:
    conn, said = server_said(plain(request_))
    assert ("<bound " in said[0]) is bound
    assert said[0].count("<bound ") <= 1
    assert (Milestone.BOUND in conn.milestones) is bound


@pytest.mark.feature("SA2-03", "ENG-07")
@pytest.mark.parametrize("kind", [xmpp.BindRequested, MayBegin])
def test_a_binding_survives_a_snapshot_and_nothing_is_bound_twice(kind: type) -> None:
    """Amid a feature of the session the resource is bound already: the host is not asked for it again."""
    answers: dict[type, Any] = {**server_answers(), MayBegin: lambda _: True}
    conn = xmpp.Connection(server_config(**BEGINNING))
    conn.start(0.0, tls=SERVER_TLS)
    agent = f"<user-agent xmlns='urn:xmpp:sasl:2' id='{AGENT.id}'><software>AwesomeXMPP</software>"
    agent += "<device>Kiva's Phone</device></user-agent>"
    made_up = f"<bind {NS}><enable xmlns='urn:example:made-up'/></bind>"
    conn.receive_data(HEADER + plain(agent, made_up).encode(), 0.0)
    asked: list[type] = []
    while True:
        event = conn.next_event()
        if event is None:
            break
        if isinstance(event, xmpp.Question):
            asked.append(type(event))
            if type(event) is kind:
                conn = xmpp.Connection.restore(server_config(**BEGINNING), conn.snapshot())
                event = conn.next_event()
                assert type(event) is kind
            conn.answer(event, answers[type(event)](event))
    assert asked == [xmpp.CredentialsLookup, xmpp.BindRequested, MayBegin]
    assert f"<bound {NS}><enabled xmlns='urn:example:made-up'/></bound>".encode() in conn.data_to_send(0.0)
    assert conn.can_send
