from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from stages import CLIENT_ANSWERS, SERVER_ANSWERS, Stage, client_config, pair, scenario, server_config, stages

import xmpp_core as xmpp
from xmpp_core.testing.chunking import by_octet, whole
from xmpp_core.testing.description import describe
from xmpp_core.testing.pair import Pair
from xmpp_core.testing.scenario import Receive, Scenario, run


@pytest.mark.feature("ENG-02", "BND-01", "SASL-07")
@pytest.mark.parametrize("chunker", [whole, by_octet])
def test_both_ends_log_in(chunker: Any) -> None:
    both = pair(chunker=chunker)
    both.pump()
    (client,) = both.initiating.of(xmpp.SessionReady)
    (server,) = both.receiving.of(xmpp.SessionReady)
    assert client.jid == server.jid == xmpp.JID("juliet@example.com/balcony")
    (proof,) = both.receiving.of(xmpp.Authenticated)
    assert proof.mechanism == "SCRAM-SHA-256-PLUS"
    both.initiating.connection.send(xmpp.Message(to="romeo@example.net", body="x"))
    both.pump()
    message = both.receiving.events[-1]
    assert isinstance(message, xmpp.Message)
    assert str(message.from_) == "juliet@example.com/balcony"


@pytest.mark.feature("ENG-05")
def test_two_runs_write_the_same_octets() -> None:
    runs = []
    for _ in range(2):
        both = pair()
        both.pump()
        runs.append((bytes(both.initiating.sent), bytes(both.receiving.sent)))
    assert runs[0] == runs[1]


@pytest.mark.feature("MTI-02", "SASL-03")
def test_without_tls_no_credentials_leave() -> None:
    for server in (server_config(insecure_plaintext_authentication=True), server_config()):
        both = pair(client_config(), server, client_answers={}, server_answers=SERVER_ANSWERS)
        both.pump()
        assert b"<auth" not in both.initiating.sent
        assert b"pencil" not in both.initiating.sent
    offered = (
        b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        b"version='1.0'><stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
        b"<mechanism>PLAIN</mechanism></mechanisms></stream:features>"
    )
    conn = xmpp.Connection(client_config())
    conn.start(0.0)
    conn.receive_data(offered, 0.0)
    failure = list(conn.events())[-1]
    assert isinstance(failure, xmpp.StreamFailed)
    assert "without TLS" in failure.detail
    assert b"<auth" not in conn.data_to_send(0.0)


@pytest.mark.feature("MTI-02", "SASL-11")
def test_the_loud_option_goes_on_without_tls() -> None:
    both = pair(
        client_config(insecure_plaintext_authentication=True, mechanisms=("PLAIN",)),
        server_config(insecure_plaintext_authentication=True, extra_features=()),
        client_answers={},
        server_answers={**SERVER_ANSWERS},
    )
    both.pump()
    # STARTTLS is still offered first and taken; answered by nobody, it waits.
    assert isinstance(both.initiating.connection.waiting_for, xmpp.TlsUpgrade)


@pytest.mark.feature("SASL-04", "SASL-02")
def test_after_too_many_failures_the_server_closes() -> None:
    (_, over_tls) = (None, next(stage for stage in stages() if stage.name == "server, mechanisms"))
    bad = b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='NONE'/>"
    outcome = run(scenario(over_tls, Receive(bad), Receive(bad), Receive(bad), Receive(bad)))
    assert [event["event"] for event in outcome.events[-4:]] == ["NegotiationFailed"] * 3 + ["StreamFailed"]
    assert outcome.output.count(b"<invalid-mechanism") == 3
    assert outcome.terminal[0]["condition"] == "policy-violation"


@pytest.mark.feature("SASL-06", "SASL-02")
@pytest.mark.parametrize(("user", "password"), [("juliet", "wrong"), ("nobody", "pencil")])
def test_a_wrong_password_and_an_unknown_user_look_the_same(user: str, password: str) -> None:
    both = pair(client_config(jid=f"{user}@example.com", password=password, mechanisms=("SCRAM-SHA-256-PLUS",)))
    both.pump()
    (end,) = both.initiating.of(xmpp.StreamFailed)
    assert end.cause is xmpp.Cause.AUTHENTICATION_FAILED
    assert "not-authorized" in end.detail
    assert end.retry is xmpp.Retry.NEVER
    assert both.receiving.sent.count(b"<challenge") == 1


@pytest.mark.feature("BND-01")
def test_a_refused_resource_is_asked_for_anew() -> None:
    answers = dict(SERVER_ANSWERS)
    asked: list[str | None] = []

    def answer(question: xmpp.BindRequested) -> xmpp.Bound | xmpp.BindRefused:
        asked.append(question.resource)
        if question.resource is not None:
            return xmpp.BindRefused("conflict")
        return xmpp.Bound(question.account.with_resource("given"))

    answers[xmpp.BindRequested] = answer
    both = pair(server_answers=answers)
    both.pump()
    assert asked == ["balcony", None]
    (ready,) = both.initiating.of(xmpp.SessionReady)
    assert ready.jid.resource == "given"


@pytest.mark.feature("BND-03")
def test_the_session_request_is_granted() -> None:
    stage = next(stage for stage in stages() if stage.name == "server, open")
    request = b"<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"
    outcome = run(scenario(stage, Receive(request), Receive(b"<message/>")))
    assert outcome.output.endswith(b"<iq type='result' id='s'/>")
    assert outcome.events[-1]["event"] == "Message"


@pytest.mark.feature("STZ-02")
@pytest.mark.parametrize(
    ("sender", "good"),
    [("", True), ("juliet@example.com", True), ("JULIET@example.com/balcony", True), ("romeo@example.com", False),
     ("juliet@example.com/other", False), ("@", False)],
)  # fmt: skip
def test_a_server_stamps_or_refuses_the_sender(sender: str, good: bool) -> None:
    stage = next(stage for stage in stages() if stage.name == "server, open")
    attribute = f" from='{sender}'" if sender else ""
    outcome = run(scenario(stage, Receive(f"<message to='a@b'{attribute}/>".encode())))
    if good:
        assert "from='juliet@example.com/balcony'" in outcome.events[-1]["element"]
    else:
        assert outcome.terminal[0]["condition"] == "invalid-from"


@pytest.mark.feature("STZ-01", "STZ-03", "STZ-04")
@pytest.mark.parametrize(
    ("octets", "condition", "answered"),
    [
        (b"<iq type='get'><q xmlns='u'/></iq>", "bad-request", True),
        (b"<iq type='get' id='1'/>", "bad-request", True),
        (b"<iq type='get' id='1'><a/><b/></iq>", "bad-request", True),
        (b"<iq type='put' id='1'><a/></iq>", "bad-request", True),
        (b"<iq type='result' id='1'><a/><b/></iq>", "bad-request", False),
        (b"<iq type='error' id='1'/>", "bad-request", False),
        (b"<message to='@'/>", "jid-malformed", True),
        (b"<message to='@' type='error'/>", "jid-malformed", False),
        (b"<presence type='away'/>", "bad-request", True),
    ],
)
def test_a_bad_stanza_earns_its_stanza_error_and_nothing_is_lost(octets: bytes, condition: str, answered: bool) -> None:
    stage = next(stage for stage in stages() if stage.name == "server, open")
    outcome = run(scenario(stage, Receive(b"<message to='a@b'/>" + octets + b"<presence/>")))
    assert [event["event"] for event in outcome.events[-3:]] == ["Message", "StanzaRejected", "Presence"]
    rejected = outcome.events[-2]
    assert (rejected["condition"], rejected["answered"]) == (condition, answered)
    assert (f"<{condition} xmlns".encode() in outcome.output) is answered


@pytest.mark.feature("ENG-13")
def test_a_host_that_does_not_drain_stops_the_engine() -> None:
    both = pair()
    both.pump()
    conn = both.initiating.connection
    big = xmpp.Message(to="a@b", body="x" * 100_000)
    while conn.wants_data:
        conn.send(big)
    assert conn.unsent_bytes > xmpp.CLIENT_LIMITS.unsent
    conn.receive_data(b"<message/>", 0.0)
    assert conn.next_event() is None
    assert conn.data_to_send(0.0)
    assert isinstance(conn.next_event(), xmpp.Message)


@pytest.mark.feature("ENG-13", "SEC-02")
def test_what_is_given_while_a_question_waits_is_bounded() -> None:
    stage = next(stage for stage in stages() if stage.name == "server, binding")
    limits = xmpp.Limits(unread=20_000)
    given = scenario(stage, limits=limits)
    conn = run(type(given)(given.name, given.config, given.acts, {**given.answers})).connection
    conn.receive_data(b"<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", 0.0)
    question = conn.next_event()
    assert isinstance(question, xmpp.BindRequested)
    assert not conn.wants_data
    conn.receive_data(b" " * 15_000, 0.0)
    assert conn.next_event() is None
    conn.receive_data(b"<a/>" * 15_000, 0.0)
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert end.condition == "resource-constraint"
    assert conn.answer(question, xmpp.BindRefused()) is False


def test_an_answer_of_the_wrong_kind_is_misuse() -> None:
    both = pair(client_answers={})
    both.pump()
    conn = both.initiating.connection
    question = conn.waiting_for
    assert isinstance(question, xmpp.TlsUpgrade)
    upgrade: Any = question
    with pytest.raises(xmpp.LocalProtocolError):
        conn.answer(question, "yes")  # type: ignore[misc]  # what is tried
    assert conn.waiting_for is question
    assert conn.answer(upgrade, CLIENT_ANSWERS[xmpp.TlsUpgrade](question)) is True
    with pytest.raises(xmpp.LocalProtocolError):
        conn.answer(upgrade, CLIENT_ANSWERS[xmpp.TlsUpgrade](question))


def test_a_question_nobody_answers_ends_the_stream() -> None:
    both = pair(client_answers={})
    both.pump()
    both.advance(61.0)
    (end,) = both.initiating.of(xmpp.StreamFailed)
    assert end.detail == "TlsUpgrade was not answered within 60 s"


@pytest.mark.feature("ENG-07")
@pytest.mark.parametrize("stage", stages(), ids=lambda stage: stage.name)
def test_a_snapshot_goes_on_in_every_stage(stage: Stage) -> None:
    """The rest of the login, received by a restored connection, ends as it would have."""
    last = next(one for one in reversed(stages()) if one.side is stage.side)
    received = b"".join(stage.pieces)
    rest = b"".join(last.pieces)[len(received) :]
    answers = CLIENT_ANSWERS if stage.side is xmpp.Side.INITIATING else SERVER_ANSWERS
    given = scenario(stage)
    config = given.config()  # one for both, so that entropy goes on where it was
    conn = run(Scenario(given.name, lambda: config, given.acts, given.answers)).connection
    data = conn.snapshot()
    conn = xmpp.Connection.restore(config, data)
    assert conn.snapshot() == data
    pieces = [rest]
    if not stage.pieces or len(stage.pieces) < len(last.pieces):
        first = last.pieces[0][len(received) :]
        pieces = [first, rest[len(first) :]]
    events: list[str] = []
    for piece in pieces:
        if piece:
            conn.receive_data(piece, 2000.0)
        for event in conn.events():
            events.append(str(describe(event)["event"]))
            answer = answers.get(type(event))
            if answer is not None:
                conn.answer(event, answer(event))  # type: ignore[arg-type]  # the table pairs them
        conn.data_to_send(2000.0)
    assert conn.can_send, events
    for wrong in (b"", b"{}", b"[]", data[:-1]):
        with pytest.raises(xmpp.LocalProtocolError):
            xmpp.Connection.restore(config, wrong)


def test_a_snapshot_holds_no_password() -> None:
    for stage in stages():
        data = run(scenario(stage)).connection.snapshot()
        assert b"pencil" not in data


def test_a_prepared_stanza_goes_to_many() -> None:
    both = pair()
    both.pump()
    conn = both.initiating.connection
    prepared = xmpp.prepare(xmpp.Message(to="x@y", type="chat", body="x & y"))
    with pytest.raises(xmpp.LocalProtocolError):
        conn.send(prepared)
    for name in ("a@example.net", "b@example.net"):
        conn.send(prepared.to(xmpp.JID(name)))
    both.pump()
    first, second = both.receiving.events[-2:]
    assert isinstance(first, xmpp.Message)
    assert isinstance(second, xmpp.Message)
    assert (str(first.to), str(second.to), first.body) == ("a@example.net", "b@example.net", "x & y")


def test_what_is_no_xml_cannot_be_sent() -> None:
    both = pair()
    both.pump()
    conn = both.initiating.connection
    for bad in ("\x00", "\ud800", "\uffff"):
        with pytest.raises(xmpp.WriteError):
            conn.send(xmpp.Message(to="a@b", body=bad))
    with pytest.raises(xmpp.LocalProtocolError):
        conn.send(xmpp.Message(to="a@b", from_="romeo@example.net", body="x"))
    assert conn.unsent_bytes == 0


def test_direct_tls_starts_secure() -> None:
    tls = xmpp.TlsInfo(version="TLSv1.3", verified=True)
    both = Pair(
        client_config(mechanisms=("SCRAM-SHA-256",)),
        server_config(),
        receiving_answers=SERVER_ANSWERS,
        tls=(tls, tls),
    )
    both.pump()
    assert both.initiating.connection.can_send
    assert b"starttls" not in both.receiving.sent


@pytest.mark.feature("SEC-04", "ENG-14")
def test_a_trace_holds_no_secret() -> None:
    records: list[xmpp.TraceRecord] = []
    both = pair(client_config(mechanisms=("PLAIN",), trace=records.append), server_config(trace=records.append))
    both.pump()
    assert both.initiating.connection.can_send
    text = "\n".join(record.text for record in records)
    assert "[cut]" in text
    assert "pencil" not in text
    assert "AGp1bGlldABwZW5jaWw=" not in text


def test_an_error_ends_with_its_condition() -> None:
    both = pair()
    both.pump()
    both.receiving.connection.close(xmpp.StreamError("system-shutdown", "good night", "en"))
    both.pump()
    (end,) = both.initiating.of(xmpp.StreamFailed)
    assert (end.condition, end.text, end.retry) == ("system-shutdown", "good night", xmpp.Retry.LATER)
    with pytest.raises(xmpp.ConnectionClosed):
        both.initiating.connection.send(xmpp.Presence())


@pytest.mark.feature("ENG-13", "SEC-02")
def test_a_host_that_never_takes_events_is_not_given_more_memory() -> None:
    both = pair(server=server_config(limits=xmpp.Limits(unread=20_000, stanza_bytes=15_000)))
    both.pump()
    conn = both.receiving.connection
    data = b"<message/>" * 1500
    conn.receive_data(data, 0.0)
    assert conn.wants_data
    # One large read may go above the mark; after it the host is to stop.
    conn.receive_data(data, 0.0)
    assert not conn.wants_data
    conn.receive_data(b"<presence/>", 0.0)
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert (end.cause, end.condition) == (xmpp.Cause.RESOURCES, "resource-constraint")


def test_no_octets_are_the_end_of_the_transport() -> None:
    both = pair()
    both.pump()
    conn = both.initiating.connection
    assert conn.tls is not None
    conn.receive_data(b"<message/>", 0.0)
    conn.receive_data(b"", 0.0)
    assert not conn.wants_data
    with pytest.raises(xmpp.LocalProtocolError, match="ended before"):
        conn.receive_data(b"x", 0.0)
    with pytest.raises(xmpp.LocalProtocolError, match="ended before"):
        conn.receive_eof(0.0)
    message, end = conn.events()
    assert isinstance(message, xmpp.Message)
    assert isinstance(end, xmpp.StreamFailed)
    assert end.explain() == (
        "the transport ended without a closing tag; see RFC 6120 section 4.6.1; connect again: at once"
    )


@pytest.mark.feature("ENG-09")
def test_the_end_of_the_transport_withdraws_a_question() -> None:
    both = pair(server_answers={kind: one for kind, one in SERVER_ANSWERS.items() if kind is not xmpp.BindRequested})
    both.pump()
    conn = both.receiving.connection
    question: Any = conn.waiting_for
    conn.receive_eof(0.0)
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert conn.answer(question, xmpp.BindRefused()) is False


@pytest.mark.feature("ENG-12")
def test_a_question_is_answered_only_after_it_was_asked() -> None:
    config = client_config()
    both = pair(config, client_answers={})
    both.pump()
    conn = xmpp.Connection.restore(config, both.initiating.connection.snapshot())
    question: Any = conn.waiting_for
    assert isinstance(question, xmpp.TlsUpgrade)
    with pytest.raises(xmpp.LocalProtocolError, match="not yet asked"):
        conn.answer(question, CLIENT_ANSWERS[xmpp.TlsUpgrade](question))
    assert conn.next_event() is question
    assert conn.answer(question, CLIENT_ANSWERS[xmpp.TlsUpgrade](question)) is True


@pytest.mark.feature("ENG-12", "STZ-01")
def test_a_stanza_that_breaks_a_rule_is_not_sent() -> None:
    both = pair()
    both.pump()
    conn = both.initiating.connection
    for wrong in ("<iq xmlns='jabber:client' type='get'/>", "<message xmlns='jabber:client' to='@'/>"):
        element = fromstring(wrong)
        with pytest.raises(xmpp.LocalProtocolError, match="RFC 6120 section 8"):
            conn.send((xmpp.IQ if "iq" in wrong else xmpp.Message).view(element))
    assert conn.unsent_bytes == 0


@pytest.mark.feature("STR-08")
@pytest.mark.parametrize(
    "timeouts", [xmpp.Timeouts(), xmpp.Timeouts(keepalive=None, silence=1020.0)], ids=["keepalive", "silence"]
)
def test_an_idle_connection_keeps_no_expat_and_goes_on_as_before(timeouts: xmpp.Timeouts) -> None:
    both = pair(
        client_config(mechanisms=("SCRAM-SHA-256-PLUS",), timeouts=xmpp.Timeouts(keepalive=None)),
        server_config(timeouts=timeouts),
    )
    both.pump()
    both.initiating.connection.send(xmpp.Message(to="romeo@example.net", body="before"))
    both.pump()
    conn = both.receiving.connection
    header = b"<?xml" + bytes(both.initiating.sent).rpartition(b"<?xml")[2].partition(b"?>")[0] + b"?>"
    header += bytes(both.initiating.sent).rpartition(b"?>")[2].partition(b">")[0] + b">"
    before, sent = conn._parser.octets_fed, len(both.initiating.sent)
    both.advance(1000.0)
    assert conn._parser.octets_fed == before
    both.initiating.connection.send(xmpp.Message(to="romeo@example.net", body="after"))
    both.pump()
    message = both.receiving.events[-1]
    assert isinstance(message, xmpp.Message)
    assert message.body == "after"
    # The header was read anew for the sake of the octets that came.
    assert conn._parser.octets_fed == before + len(header) + len(both.initiating.sent) - sent
