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
    client_config,
    elements_sent,
    failed,
    over_tls,
    plain,
    server_answers,
    server_config,
    server_said,
)

import xmpp_core as xmpp
from xmpp_core.features.sasl2 import Sasl2
from xmpp_core.features.sasl2_context import Sasl2Context
from xmpp_core.features.sasl2_tasks import NoTasks, TasksDue, TasksWanted
from xmpp_core.features.sasl2_upgrade import KeysUpgraded
from xmpp_core.features.user_agent import UserAgent
from xmpp_core.sasl.derivation import derivations_made
from xmpp_core.stream.context import Milestone, StreamContext
from xmpp_core.stream.events import Event, Question
from xmpp_core.stream.step import Ask, Continue, Done, Refused, Step
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


def features(*names: str, more: str = "", within: str = "") -> bytes:
    listed = "".join(f"<mechanism>{name}</mechanism>" for name in names)
    inner = f"<inline>{within}</inline>" if within else ""
    return f"<stream:features><authentication {NS}>{listed}{inner}</authentication>{more}</stream:features>".encode()


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
VIOLATION = (
    "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
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


def client_heard(*elements: str, offer: bytes | None = None, **changes: Any) -> tuple[Any, list[Any], str]:
    """A client after its `<authenticate/>`: the connection, its events, and what it said to the elements."""
    conn = xmpp.Connection(client_config(mechanisms=("PLAIN",), **changes))
    conn.start(0.0, tls=CLIENT_TLS)
    within = "<bind xmlns='urn:xmpp:bind:0'/>"
    conn.receive_data(SERVER_HEADER + (offer or features("PLAIN", within=within)), 0.0)
    list(conn.events())
    conn.data_to_send(0.0)
    events: list[Any] = []
    for element in elements:
        conn.receive_data(element.encode(), 0.0)
        events += conn.events()
    return conn, events, conn.data_to_send(0.0).decode()


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


# Tasks.

TASK = "urn:example:second-factor"


@dataclass(frozen=True, slots=True, eq=False)
class Code(Question[str]):
    """What does the user's other device show?"""

    answers: ClassVar[tuple[type, ...]] = (str,)


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A made-up task: the server names a number, the client's user gives the one after it, both prove themselves."""

    number: int = 41

    name: ClassVar[str] = "SECOND-FACTOR"

    def begin(self, context: Sasl2Context) -> Step:
        return Continue(send=(Element(f"{{{TASK}}}parameters"),))

    def told(self, state: Any, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        return Ask(Code(), state=payload[0].text)

    def over(self, state: Any, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        if not payload or payload[0].text != "proof":
            return Refused("not-authorized", "the server did not prove itself")
        return Done(events=(Resumed("second factor"),))

    def begun(self, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        assert [one.tag for one in payload] == [f"{{{TASK}}}parameters"]
        assert context.peer == JULIET
        assert Milestone.AUTHENTICATED not in context.milestones
        question = Element(f"{{{TASK}}}question")
        question.text = str(self.number)
        return Continue(self.number, send=(question,))

    def received(self, state: Any, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        if payload[0].text != str(state + 1):
            return Refused("not-authorized", "another number")
        proof = Element(f"{{{TASK}}}result")
        proof.text = "proof"
        return Done(send=(proof,))

    def answered(self, state: Any, question: Question[Any], value: Any, context: Sasl2Context) -> Step:
        answer = Element(f"{{{TASK}}}answer")
        answer.text = value
        return Continue(state, send=(answer,))

    def resumed(self, state: Any, context: Sasl2Context) -> Step:
        return Ask(Code(), state=state) if isinstance(state, str) else Continue(state)


def due(question: TasksWanted) -> TasksDue | NoTasks:
    return NoTasks() if SecondFactor.name in question.done else TasksDue((SecondFactor.name,), "A code is needed")


def with_task(code: str = "42", client: Any = (SecondFactor(),), judge: Callable[[Any], Any] = due) -> Pair:
    answers = {**server_answers(), TasksWanted: judge}
    both = over_tls(
        client_config(tasks=client),
        server_config(tasks=(SecondFactor(),), ask_for_tasks=True),
        answers=answers,
        initiating_answers={Code: lambda _: code},
    )
    both.pump()
    return both


@pytest.mark.feature("SA2-02")
def test_a_task_stands_between_the_password_and_the_session() -> None:
    both = with_task()
    assert both.initiating.connection.can_send
    assert both.initiating.of(Resumed) == [Resumed("second factor")]
    sent = elements_sent(both.receiving.sent)
    # The server's proof of the mechanism goes with <continue/>, what the task proves with <success/> (section 2.6).
    assert sent.count("<additional-data>") == 1
    assert f"<tasks><task>{SecondFactor.name}</task></tasks><text>A code is needed</text></continue>" in sent
    assert f"<success {NS}><result xmlns='{TASK}'>proof</result><authorization-identifier>" in sent
    assert f"<next {NS} task='{SecondFactor.name}'><parameters xmlns='{TASK}'/></next>" in elements_sent(
        both.initiating.sent
    )
    # Nothing inline before the last task was done (XEP-0386 section 3.2).
    kinds = [type(event) for event in both.receiving.events if isinstance(event, xmpp.Question)]
    assert kinds == [xmpp.CredentialsLookup, TasksWanted, TasksWanted, xmpp.BindRequested]


@pytest.mark.feature("SA2-02")
def test_a_task_that_fails_fails_the_login() -> None:
    both = with_task(code="43")
    assert b"<bound" not in both.receiving.sent
    (end,) = both.initiating.of(xmpp.StreamFailed)
    assert end.cause is xmpp.Cause.AUTHENTICATION_FAILED
    both = with_task(client=())
    assert f"<abort {NS}/>".encode() in both.initiating.sent
    (end,) = both.initiating.of(xmpp.StreamFailed)
    assert "a task done that we do not know" in end.detail
    assert both.receiving.of(xmpp.BindRequested) == []


@pytest.mark.feature("SA2-02", "ENG-12")
def test_only_a_task_that_is_there_can_be_due() -> None:
    for names in ((), ("",), ("A" * 21,)):
        with pytest.raises(xmpp.LocalProtocolError):
            TasksDue(names)
    question = TasksWanted(JULIET, "PLAIN", None, (), ("A",))
    assert question.fault_of(TasksDue(("B",))) is not None
    assert question.fault_of(TasksDue(("A",))) is None
    assert question.fault_of(NoTasks()) is None


TASKED: dict[str, Any] = {"tasks": (SecondFactor(),), "ask_for_tasks": True}


@pytest.mark.feature("SA2-02")
@pytest.mark.parametrize(
    ("element", "said"),
    [
        (f"<next {NS} task='OTHER'/>", failed("malformed-request")),
        (f"<next {NS}/>", failed("malformed-request")),
        (f"<abort {NS}/>", failed("aborted")),
        (f"<task-data {NS}/>", VIOLATION),
        (plain(), VIOLATION),
        (f"<response {NS}>YQ==</response>", VIOLATION),
    ],
)
def test_after_continue_only_what_was_offered_may_come(element: str, said: str) -> None:
    """Sections 2.6.3 and 4.8: a further authentication is a stream error."""
    answers = {**server_answers(), TasksWanted: due}
    _, heard = server_said(plain(), element, answers=answers, **TASKED)
    assert heard == [
        f"<continue {NS}><tasks><task>{SecondFactor.name}</task></tasks><text>A code is needed</text></continue>",
        said,
    ]


@pytest.mark.feature("SA2-02", "ENG-07")
def test_tasks_survive_snapshots() -> None:
    server = server_config(**TASKED)
    client = client_config(tasks=(SecondFactor(),))
    for kind in (TasksWanted, Code):
        both = with_task(judge=due)
        answers = {**server_answers(), TasksWanted: due}
        (answers if kind is TasksWanted else {}).pop(kind, None)
        given = {} if kind is Code else {Code: lambda _: "42"}
        both = over_tls(client, server, answers=answers, initiating_answers=given)
        both.pump()
        ends = [xmpp.Connection.restore(client, both.initiating.connection.snapshot())]
        ends.append(xmpp.Connection.restore(server, both.receiving.connection.snapshot()))
        later: dict[type, Any] = {**server_answers(), TasksWanted: due, Code: lambda _: "42"}
        for _ in range(20):
            for here, there in (ends, ends[::-1]):
                for event in here.events():
                    if isinstance(event, xmpp.Question):
                        here.answer(event, later[type(event)](event))
                octets = here.data_to_send(0.0)
                if octets and not there.closed:
                    there.receive_data(octets, 0.0)
        assert all(one.can_send for one in ends)


# Upgrades.


@pytest.mark.feature("SA2-02")
@pytest.mark.parametrize("asked", [False, True])
def test_keys_of_another_hash_are_made_on_the_way_in(asked: bool) -> None:
    kept: list[KeysUpgraded] = []

    def keep(question: KeysUpgraded) -> bool:
        kept.append(question)
        return True

    both = over_tls(
        client_config(upgrade_hashes=("SHA-512",), ask_for_derivations=asked),
        server_config(upgrade_hashes=("SHA-512",)),
        answers={**server_answers(), KeysUpgraded: keep},
        initiating_answers={xmpp.DeriveKey: lambda question: question.derive()},
    )
    both.pump()
    assert both.initiating.connection.can_send
    (question,) = kept
    assert question.account == JULIET
    expected = xmpp.StoredKeys.derive(
        "pencil", ("SHA-512",), iterations=question.verifier.iterations, salt=question.verifier.salt
    )
    assert expected.of("SHA-512") == question.verifier
    assert b"<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-512</upgrade>" in both.receiving.sent
    assert b"<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-512</upgrade>" in both.initiating.sent


@pytest.mark.feature("SA2-02")
@pytest.mark.parametrize("hash", ["", "YQ==", "!", base64.b64encode(b"x" * 63).decode()])
def test_keys_that_are_none_are_refused(hash: str) -> None:
    wanted = "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-512</upgrade>"
    begun = f"<next {NS} task='UPGR-SCRAM-SHA-512'/>"
    data = f"<task-data {NS}><hash xmlns='urn:xmpp:scram-upgrade:0'>{hash}</hash></task-data>"
    _, said = server_said(plain(wanted), begun, data, upgrade_hashes=("SHA-512",))
    assert "<salt xmlns='urn:xmpp:scram-upgrade:0' iterations='10000'>" in said[1]
    assert said[2] == failed("malformed-request")


@pytest.mark.feature("SA2-02", "SASL-05")
@pytest.mark.parametrize("iterations", ["4095", "1000001", "", "-1", "x", "4096x", "99999999999999999999"])
def test_a_derivation_is_no_weapon_here_either(iterations: str) -> None:
    upgrade = "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-512</upgrade>"
    offer = features("PLAIN").replace(b"</authentication>", upgrade.encode() + b"</authentication>")
    task = f"<continue {NS}><tasks><task>UPGR-SCRAM-SHA-512</task></tasks></continue>"
    salt = f"<task-data {NS}><salt xmlns='urn:xmpp:scram-upgrade:0' iterations='{iterations}'>YWJj</salt></task-data>"
    made = derivations_made()
    _, _, said = client_heard(task, salt, offer=offer, upgrade_hashes=("SHA-512",))
    assert said == f"<next {NS} task='UPGR-SCRAM-SHA-512'/><abort {NS}/>"
    assert derivations_made() == made


@pytest.mark.feature("ENG-12", "SA2-02")
def test_keys_are_made_of_a_password() -> None:
    with pytest.raises(xmpp.LocalProtocolError):
        client_config(credentials=xmpp.Keys(), upgrade_hashes=("SHA-512",)).setup()


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
    for _ in range(60):
        for here in (0, 1):
            ends[here] = xmpp.Connection.restore(configs[here], ends[here].snapshot())
            event = ends[here].next_event()
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
                ends[1 - here].receive_data(octets, 0.0)
    assert all(one.can_send for one in ends)
    assert kinds.count(xmpp.Authenticated) == 2
    assert {MayResume, xmpp.BindRequested, xmpp.CredentialsLookup} < set(kinds)


def test_the_feature_says_what_it_needs() -> None:
    assert Sasl2.requires is Milestone.SECURE
    assert Sasl2.forbids is Milestone.AUTHENTICATED
