"""SASL2 with all that rides inside it: both sides, every failure, every state kept and restored (XEP-0388)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from xml.etree.ElementTree import Element

import pytest
from sasl2_stages import (
    AGENT,
    CLIENT_TLS,
    ERRORS,
    HEADER,
    JULIET,
    NS,
    PLAIN,
    SERVER_HEADER,
    SERVER_TLS,
    VIOLATION,
    client_config,
    client_heard,
    elements_sent,
    failed,
    features,
    over_tls,
    plain,
    server_answers,
    server_config,
    server_said,
)

import xmpp_core as xmpp
from xmpp_core.features.sasl2 import Sasl2
from xmpp_core.features.sasl2_context import Sasl2Context
from xmpp_core.features.user_agent import UserAgent
from xmpp_core.stream.context import Milestone, StreamContext
from xmpp_core.stream.events import Event, Question
from xmpp_core.stream.step import Ask, Done, Refused, Step
from xmpp_core.testing.chunking import by_octet, whole
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.testing.pair import Pair

# What rides along: nobody in the package knows these.


@dataclass(frozen=True, slots=True)
class Resumed(Event):
    """A made-up session was taken up again."""

    what: str


@dataclass(frozen=True, slots=True, eq=False)
class MayResume(Question[bool]):
    """May it be?"""

    answers: ClassVar[tuple[type, ...]] = (bool,)


@dataclass(frozen=True, slots=True)
class TakeUp:
    """A made-up resumption: what it grants makes a binding pointless."""

    namespace: ClassVar[str] = "urn:example:takeup"
    requires: ClassVar[Milestone] = Milestone.AUTHENTICATED
    forbids: ClassVar[Milestone] = Milestone.BOUND

    def advertise(self, context: StreamContext) -> tuple[Element, ...]:
        return (Element(f"{{{self.namespace}}}takeup"),)

    def request(self, announced: Element, context: StreamContext) -> Element | None:
        return Element(f"{{{self.namespace}}}again", {"id": "7"})

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        assert isinstance(context, Sasl2Context)
        assert context.peer == JULIET
        return Ask(MayResume(), state=element.get("id"))

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        if not value:
            return Refused("gone", "gone", send=(Element(f"{{{self.namespace}}}gone"),), again=True)
        taken = Element(f"{{{self.namespace}}}taken", {"id": state})
        return Done(Milestone.BOUND, send=(taken,), peer=JULIET.with_resource("old"), resumed=True)

    def response(self, element: Element, context: StreamContext) -> Step:
        assert isinstance(context, Sasl2Context)
        assert context.requests[0].tag == f"{{{self.namespace}}}again"
        if element.tag.endswith("gone"):
            return Done(events=(Resumed("no"),))
        return Done(Milestone.BOUND, local=JULIET.with_resource("old"), events=(Resumed("yes"),), resumed=True)


RESUMING: dict[str, Any] = {"inline": (TakeUp(),)}


def resuming(may: bool, chunker: Callable[[bytes], list[bytes]] = whole) -> Pair:
    answers = {**server_answers(), MayResume: lambda _: may}
    both = over_tls(client_config(**RESUMING), server_config(**RESUMING), answers=answers, chunker=chunker)
    both.pump()
    return both


@pytest.mark.feature("SA2-01", "SA2-03")
@pytest.mark.parametrize("chunker", [whole, by_octet])
def test_a_login_without_a_restart(chunker: Callable[[bytes], list[bytes]]) -> None:
    both = over_tls(client_config(), server_config(), chunker=chunker)
    both.pump()
    for end in (both.initiating, both.receiving):
        assert end.connection.can_send
        assert end.sent.count(b"<stream:stream ") == 1
        assert len(end.of(xmpp.StreamOpened)) == 1
        assert len(end.of(xmpp.Authenticated)) == len(end.of(xmpp.SessionReady)) == 1
    # The features of the authenticated stream follow success at once (section 2.6.1).
    assert b"</success><stream:features>" in both.receiving.sent
    assert len(both.initiating.of(xmpp.FeaturesOffered)) == 2
    (ready,) = both.initiating.of(xmpp.SessionReady)
    assert ready.jid == both.receiving.connection.peer_jid
    (seen,) = both.receiving.of(xmpp.Authenticated)
    assert seen.user_agent == AGENT


@pytest.mark.feature("SA2-03")
@pytest.mark.parametrize("chunker", [whole, by_octet])
def test_nothing_is_bound_after_a_resumption(chunker: Callable[[bytes], list[bytes]]) -> None:
    """XEP-0386 section 3.2: the request to bind is ignored entirely; no resource is asked of the host."""
    both = resuming(True, chunker)
    assert both.receiving.of(xmpp.BindRequested) == []
    assert b"<bind xmlns='urn:xmpp:bind:0'" in both.initiating.sent
    assert b"<bound" not in both.receiving.sent
    for end in (both.initiating, both.receiving):
        (ready,) = end.of(xmpp.SessionReady)
        assert (ready.jid, ready.resumed) == (JULIET.with_resource("old"), True)
    # As the third example of section 2.6.1 has it: the address of who resumes is bare.
    assert b"<authorization-identifier>juliet@example.com</authorization-identifier><taken " in both.receiving.sent


@pytest.mark.feature("SA2-03")
def test_a_resource_is_bound_after_a_resumption_that_failed() -> None:
    both = resuming(False)
    assert both.initiating.of(Resumed) == [Resumed("no")]
    sent = elements_sent(both.receiving.sent)
    assert sent.index("<gone ") < sent.index("<bound ")
    (ready,) = both.initiating.of(xmpp.SessionReady)
    assert not ready.resumed
    assert ready.jid.resource not in (None, "old")


@pytest.mark.feature("SA2-01")
def test_sasl2_is_for_tls_alone() -> None:
    """Section 3: neither offered nor used without it; the older profile is there for tests on one machine."""
    insecure: dict[str, Any] = {"insecure_plaintext_authentication": True}
    server = xmpp.Connection(server_config(**insecure))
    server.start(0.0)
    server.receive_data(HEADER, 0.0)
    list(server.events())
    said = server.data_to_send(0.0)
    assert b"urn:ietf:params:xml:ns:xmpp-sasl" in said
    assert b"urn:xmpp:sasl:2" not in said
    server.receive_data(f"<authenticate {NS} mechanism='PLAIN'/>".encode(), 0.0)
    (end,) = [event for event in server.events() if isinstance(event, xmpp.StreamFailed)]
    assert end.condition == "unsupported-stanza-type"
    client = xmpp.Connection(client_config(**insecure))
    client.start(0.0)
    client.receive_data(SERVER_HEADER + features("SCRAM-SHA-256"), 0.0)
    assert [event for event in client.events() if isinstance(event, xmpp.StreamFailed)]
    assert b"<authenticate" not in client.data_to_send(0.0)


@pytest.mark.feature("SA2-01")
def test_an_attacker_who_takes_sasl2_away_gains_nothing() -> None:
    """What is left is the older profile, with the same mechanisms, bindings and least strength."""
    both = over_tls(client_config(mechanisms=("SCRAM-SHA-256-PLUS",)), server_config(sasl2=False))
    both.pump()
    (authenticated,) = both.initiating.of(xmpp.Authenticated)
    assert authenticated.mechanism == "SCRAM-SHA-256-PLUS"
    weak = over_tls(
        client_config(mechanisms=None, least_strength=400), server_config(sasl2=False, mechanisms=("PLAIN",))
    )
    weak.pump()
    assert b"<auth" not in weak.initiating.sent
    (end,) = weak.initiating.of(xmpp.StreamFailed)
    assert (end.cause, end.retry) == (xmpp.Cause.AUTHENTICATION_FAILED, xmpp.Retry.NEVER)


TYPES = "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/></sasl-channel-binding>"


@pytest.mark.feature("SA2-01", "SASL-10")
@pytest.mark.parametrize(
    ("offered", "types"),
    [
        # XEP-0440 rule 5: types without a mechanism that binds. Rule 4: one that binds without types, in SASL2.
        (("SCRAM-SHA-256",), TYPES),
        (("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"), ""),
    ],
)
def test_an_offer_that_was_tampered_with_is_refused(offered: tuple[str, ...], types: str) -> None:
    client = xmpp.Connection(client_config())
    client.start(0.0, tls=CLIENT_TLS)
    client.receive_data(SERVER_HEADER + features(*offered, more=types), 0.0)
    (end,) = [event for event in client.events() if isinstance(event, xmpp.StreamFailed)]
    assert (end.cause, end.retry) == (xmpp.Cause.AUTHENTICATION_FAILED, xmpp.Retry.NEVER)
    assert b"<authenticate" not in client.data_to_send(0.0)


@pytest.mark.feature("SA2-01")
def test_mechanisms_taken_out_of_the_offer_are_missed() -> None:
    """XEP-0474 over the list of SASL2: the client sees that the server had offered more."""
    both = over_tls(client_config(mechanisms=("SCRAM-SHA-256",)), server_config())
    gone = b"<mechanism>SCRAM-SHA-512</mechanism>"
    carry = both._carry

    def attack(here: Any, there: Any, octets: bytes) -> None:
        carry(here, there, octets.replace(gone, b""))

    both._carry = attack  # type: ignore[method-assign]
    both.pump()
    (end,) = both.initiating.of(xmpp.StreamFailed)
    assert end.cause is xmpp.Cause.AUTHENTICATION_FAILED
    assert xmpp.Milestone.AUTHENTICATED not in both.initiating.connection.milestones


# The receiving side, spoken to by hand.


SCRAM = f"<authenticate {NS} mechanism='SCRAM-SHA-256'><initial-response>" + (
    base64.b64encode(b"n,,n=juliet,r=abcdefghijkl").decode() + "</initial-response></authenticate>"
)


@pytest.mark.feature("SA2-01")
@pytest.mark.parametrize(
    ("element", "condition"),
    [
        (plain(data="!"), "incorrect-encoding"),
        (plain(data="="), "incorrect-encoding"),
        (plain(data="YQ"), "incorrect-encoding"),
        (plain(data=base64.b64encode(b"\0juliet\0wrong").decode()), "not-authorized"),
        (plain(data=base64.b64encode(b"\0nobody\0pencil").decode()), "not-authorized"),
        (plain(data=base64.b64encode(b"romeo@example.com\0juliet\0pencil").decode()), "invalid-authzid"),
        (plain("<user-agent id='no uuid'/>"), "malformed-request"),
        (f"<authenticate {NS} mechanism='CRAM-MD5'/>", "invalid-mechanism"),
        (f"<authenticate {NS}/>", "invalid-mechanism"),
        (f"<abort {NS}/>", "aborted"),
        (f"<response {NS}>YQ==</response>", "malformed-request"),
        (f"<next {NS} task='x'/>", "malformed-request"),
        (f"<task-data {NS}/>", "malformed-request"),
    ],
)
def test_a_server_refuses_counts_and_lets_go_on(element: str, condition: str) -> None:
    conn, said = server_said(element, plain())
    assert said[0] == failed(condition)
    assert "<success " in said[1]
    assert conn.milestones & Milestone.AUTHENTICATED
    conn, said = server_said(element, element, element)
    assert said[:2] == [failed(condition)] * 2
    assert said[2] == failed(condition) + VIOLATION


@pytest.mark.feature("SA2-01")
@pytest.mark.parametrize("element", [f"<abort {NS}/>", f"<abort {NS}><text>no more</text><x xmlns='urn:x'/></abort>"])
def test_a_client_may_abort_amid_an_exchange(element: str) -> None:
    _, said = server_said(SCRAM, element, plain())
    assert said[0].startswith(f"<challenge {NS}>")
    assert said[1] == failed("aborted")
    assert "<success " in said[2]


@pytest.mark.feature("SA2-01")
@pytest.mark.parametrize(
    ("element", "condition"),
    [
        (plain(), "policy-violation"),
        (f"<next {NS} task='x'/>", "policy-violation"),
        (f"<auth {ERRORS} mechanism='PLAIN'>{PLAIN}</auth>", "unsupported-stanza-type"),
        ("<message/>", "not-authorized"),
        ("<other xmlns='urn:other'/>", "unsupported-stanza-type"),
    ],
)
def test_nothing_else_may_come_amid_an_exchange(element: str, condition: str) -> None:
    """Section 2.4: clients are disconnected at once."""
    _, said = server_said(SCRAM, element)
    assert said[1] == VIOLATION.replace("policy-violation", condition)


@pytest.mark.feature("SA2-01")
def test_an_authentication_after_success_ends_the_stream() -> None:
    _, said = server_said(plain(), plain())
    assert "unsupported-stanza-type" in said[1]


@pytest.mark.feature("SA2-01", "SASL-19")
def test_the_header_and_the_account_must_agree() -> None:
    """Sections 2.3 and 4.4."""
    _, said = server_said(plain(), header=HEADER.replace(b"to=", b"from='romeo@example.com' to="))
    assert said[0] == failed("invalid-authzid")
    _, said = server_said(plain(), header=HEADER.replace(b"to=", b"from='juliet@example.com' to="))
    assert "<authorization-identifier>juliet@example.com</authorization-identifier>" in said[0]


@pytest.mark.feature("SA2-01")
def test_without_a_request_to_bind_the_older_way_is_open() -> None:
    conn, said = server_said(plain())
    assert said[0].startswith(
        f"<success {NS}><authorization-identifier>juliet@example.com</authorization-identifier></success>"
        "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
    )
    assert conn.milestones & Milestone.BOUND == Milestone.NONE
    both = over_tls(client_config(jid=JULIET.with_resource("balcony")), server_config())
    both.pump()
    assert b"urn:xmpp:bind:0" not in both.initiating.sent
    assert both.initiating.connection.local_jid == JULIET.with_resource("balcony")


@pytest.mark.feature("SA2-01")
def test_a_server_without_a_mechanism_offers_no_sasl2() -> None:
    conn = xmpp.Connection(server_config(mechanisms=("EXTERNAL",)))
    conn.start(0.0, tls=SERVER_TLS)
    conn.receive_data(HEADER, 0.0)
    list(conn.events())
    assert b"<authentication" not in conn.data_to_send(0.0)


# The initiating side, spoken to by hand.


def success(jid: str, *more: str) -> str:
    return f"<success {NS}><authorization-identifier>{jid}</authorization-identifier>{''.join(more)}</success>"


BOUND = "<bound xmlns='urn:xmpp:bind:0'/>"


@pytest.mark.feature("SA2-01", "SA2-03")
@pytest.mark.parametrize(
    ("element", "cause"),
    [
        (success("romeo@example.com/x", BOUND), xmpp.Cause.AUTHENTICATION_FAILED),
        (success("juliet@example.net/x", BOUND), xmpp.Cause.AUTHENTICATION_FAILED),
        (success("example.com"), xmpp.Cause.AUTHENTICATION_FAILED),
        (success("@"), xmpp.Cause.AUTHENTICATION_FAILED),
        (success(""), xmpp.Cause.AUTHENTICATION_FAILED),
        (f"<success {NS}/>", xmpp.Cause.AUTHENTICATION_FAILED),
        (success("juliet@example.com", BOUND), xmpp.Cause.BIND_FAILED),
        (
            success("juliet@example.com/x", BOUND).replace("<auth", "<additional-data>!</additional-data><auth", 1),
            xmpp.Cause.AUTHENTICATION_FAILED,
        ),
        (f"<task-data {NS}/>", xmpp.Cause.VIOLATION),
    ],
)
def test_a_client_believes_no_success_that_is_none(element: str, cause: xmpp.Cause) -> None:
    conn, events, _ = client_heard(element)
    (end,) = [event for event in events if isinstance(event, xmpp.StreamFailed)]
    assert end.cause is cause
    # Without an address the server is the right one all the same: there the binding failed, not the proof.
    assert any(isinstance(event, xmpp.Authenticated) for event in events) is (cause is xmpp.Cause.BIND_FAILED)
    assert not any(isinstance(event, xmpp.SessionReady) for event in events)
    assert Milestone.AUTHENTICATED not in conn.milestones


@pytest.mark.feature("SA2-01")
def test_a_challenge_where_none_belongs_is_answered_by_an_abort() -> None:
    conn, events, said = client_heard(f"<challenge {NS}>YQ==</challenge>")
    assert said == f"<abort {NS}/>"
    conn.receive_data(f"<challenge {NS}>YQ==</challenge>{success('juliet@example.com/x', BOUND)}".encode(), 0.0)
    (end,) = [event for event in conn.events() if isinstance(event, xmpp.StreamFailed)]
    assert end.cause is xmpp.Cause.AUTHENTICATION_FAILED
    conn, events, said = client_heard(f"<challenge {NS}>YQ==</challenge>", failed("aborted"))
    assert [event for event in events if isinstance(event, xmpp.NegotiationFailed)]


@pytest.mark.feature("SA2-01")
@pytest.mark.parametrize(
    ("condition", "retry"),
    [("not-authorized", xmpp.Retry.NEVER), ("temporary-auth-failure", xmpp.Retry.LATER), ("new", xmpp.Retry.NEVER)],
)
def test_a_failure_is_told_with_its_words(condition: str, retry: xmpp.Retry) -> None:
    text = f"<failure {NS}><x xmlns='urn:x'/><{condition} {ERRORS}/><text>words</text></failure>"
    _, events, _ = client_heard(text)
    (end,) = [event for event in events if isinstance(event, xmpp.StreamFailed)]
    assert (end.cause, end.retry, end.text, end.local) == (xmpp.Cause.AUTHENTICATION_FAILED, retry, "words", False)
    (told,) = [event for event in events if isinstance(event, xmpp.NegotiationFailed)]
    assert told.condition == (condition if condition != "new" else "not-authorized")


@pytest.mark.feature("SA2-01")
def test_another_mechanism_is_tried_where_that_helps() -> None:
    offer = features("SCRAM-SHA-256", "PLAIN")
    conn = xmpp.Connection(client_config(mechanisms=("SCRAM-SHA-256", "PLAIN")))
    conn.start(0.0, tls=replace(CLIENT_TLS, channel_bindings={}))
    conn.receive_data(SERVER_HEADER + offer, 0.0)
    list(conn.events())
    assert b"mechanism='SCRAM-SHA-256'" in conn.data_to_send(0.0)
    conn.receive_data(failed("mechanism-too-weak").encode(), 0.0)
    list(conn.events())
    assert b"mechanism='PLAIN'" in conn.data_to_send(0.0)


@pytest.mark.feature("SA2-01")
def test_a_server_that_has_no_mechanism_of_sasl2_for_us_may_have_one_of_the_older_profile() -> None:
    older = f"<mechanisms {ERRORS}><mechanism>PLAIN</mechanism></mechanisms>"
    conn = xmpp.Connection(client_config(mechanisms=("PLAIN",)))
    conn.start(0.0, tls=CLIENT_TLS)
    conn.receive_data(SERVER_HEADER + features("OTHER", more=older), 0.0)
    list(conn.events())
    assert b"<auth " in conn.data_to_send(0.0)


@pytest.mark.feature("SA2-01")
def test_a_user_agent_is_a_uuid_and_a_fresh_one_is_version_4() -> None:
    fresh = UserAgent.fresh(CountedEntropy("agent"), "software")
    assert fresh.lasting
    assert fresh != UserAgent.fresh(CountedEntropy("other"), "software")
    assert UserAgent.read(fresh.element()) == fresh
    for wrong in ("", "x", "d4565fa7-4d72-4749-b3d3-740edbf8777", "d4565fa7-4d72-4749-b3d3-740edbf87770 "):
        with pytest.raises(xmpp.LocalProtocolError):
            UserAgent(wrong)


# Snapshots in every state.


@pytest.mark.feature("ENG-07", "SA2-01")
def test_a_login_goes_on_from_a_snapshot_after_every_event() -> None:
    """Both ends are frozen and thawed between any two events, and log in all the same."""
    client, server = client_config(**RESUMING), server_config(**RESUMING)
    answers: dict[type, Any] = {**server_answers(), MayResume: lambda _: False}
    ends = [xmpp.Connection(client), xmpp.Connection(server)]
    ends[0].start(0.0, tls=CLIENT_TLS)
    ends[1].start(0.0, tls=SERVER_TLS)
    configs: list[Any] = [client, server]
    kinds: list[type] = []
    proof_arrived = False
    for _ in range(60):
        for here in (0, 1):
            # A proof that was received and not looked at is not kept either (the server's only).
            if not (here == 1 and ends[1].state is xmpp.StreamState.NEGOTIATING and proof_arrived):
                ends[here] = xmpp.Connection.restore(configs[here], ends[here].snapshot())
            event = ends[here].next_event()
            proof_arrived = proof_arrived and here != 1
            if event is not None:
                kinds.append(type(event))
            if isinstance(event, xmpp.Question):
                # Frozen while it waits it is asked again; a proof alone is not kept, so who judges one is left alone.
                again: Any = event
                if not isinstance(event, xmpp.CredentialsLookup):
                    ends[here] = xmpp.Connection.restore(configs[here], ends[here].snapshot())
                    again = ends[here].next_event()
                assert type(again) is type(event)
                ends[here].answer(again, answers[type(again)](again))
            octets = ends[here].data_to_send(0.0)
            assert b"pencil" not in octets
            if octets:
                proof_arrived = proof_arrived or (here == 0 and (b"<authenticate" in octets or b"<response" in octets))
                ends[1 - here].receive_data(octets, 0.0)
    assert all(one.can_send for one in ends)
    assert kinds.count(xmpp.Authenticated) == 2
    assert {MayResume, xmpp.BindRequested, xmpp.CredentialsLookup} < set(kinds)


def test_the_feature_says_what_it_needs() -> None:
    assert Sasl2.requires is Milestone.SECURE
    assert Sasl2.forbids is Milestone.AUTHENTICATED


@pytest.mark.feature("SA2-01", "SASL-19")
@pytest.mark.parametrize(
    ("sender", "refused"),
    [
        ("juliet@example.net", True),
        ("example.net", True),
        ("juliet@EXAMPLE.com", False),
        ("example.com", False),
        ("", False),
    ],
)
def test_who_says_to_be_of_another_domain_is_refused(sender: str, refused: bool) -> None:
    """XEP-0388 section 2.1: invalid-from, in a stream of our own, before anything is offered."""
    conn = xmpp.Connection(server_config())
    conn.start(0.0, tls=SERVER_TLS)
    conn.receive_data(HEADER.replace(b"version", f"from='{sender}' version".encode()), 0.0)
    events = list(conn.events())
    said = conn.data_to_send(0.0)
    assert said.count(b"<stream:stream ") == 1
    assert (b"<stream:features>" in said) is not refused
    if refused:
        (failure,) = events
        assert isinstance(failure, xmpp.StreamFailed)
        assert (failure.condition, failure.section) == ("invalid-from", "XEP-0388 section 2.1")
        assert said.endswith(
            b"<stream:error><invalid-from xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
        )
    else:
        assert [type(event).__name__ for event in events] == ["StreamOpened"]


@pytest.mark.feature("SA2-01")
def test_where_nothing_of_it_is_offered_the_domain_is_no_matter() -> None:
    conn = xmpp.Connection(server_config())  # before TLS
    conn.start(0.0)
    conn.receive_data(HEADER.replace(b"version", b"from='juliet@example.net' version"), 0.0)
    assert [type(event).__name__ for event in conn.events()] == ["StreamOpened"]
