"""Closing, from every place in which a host can think of it (RFC 6120 sections 4.4 and 4.9)."""

from __future__ import annotations

import pytest
from stages import HEADERS_OPEN, SERVER_ANSWERS, pair, scenario, server_config, stages

import xmpp_core as xmpp
from xmpp_core.stream.context import Side
from xmpp_core.testing.chunking import by_octet, whole
from xmpp_core.testing.scenario import Call, Receive, Scenario, Wait, assert_same_at_every_chunking, run

STAGES = {stage.name: stage for stage in stages()}
END = b"</stream:stream>"


@pytest.mark.feature("STR-06")
@pytest.mark.parametrize("name", STAGES)
def test_closing_in_every_stage_ends_in_one_event(name: str) -> None:
    stage = STAGES[name]
    conn = run(scenario(stage)).connection
    conn.close()
    conn.close()
    if name in HEADERS_OPEN and stage.side is Side.RECEIVING:
        # Nothing was said on this stream, not even a header.
        assert END not in conn.data_to_send(1000.0)
        assert [type(event) for event in conn.events()] == [xmpp.Closed]
        assert conn.closed
        return
    assert conn.data_to_send(1000.0).endswith(END)
    assert conn.state is xmpp.StreamState.CLOSING
    with pytest.raises(xmpp.ConnectionClosed):
        conn.send(xmpp.Message(body="x"))
    assert conn.next_deadline() == 1010.0
    conn.handle_deadline(1010.0)
    assert list(conn.events()) == [xmpp.Closed(stage.side, clean=False)]
    assert conn.data_to_send(1010.0) == b""


@pytest.mark.feature("STR-06", "STR-08")
def test_while_closing_only_the_peers_closing_tag_is_waited_for() -> None:
    timeouts = xmpp.Timeouts(keepalive=3.0, silence=5.0, probe=2.0, close=20.0)
    outcome = run(scenario(STAGES["client, open"], Call(lambda conn: conn.close()), Wait(19.0), timeouts=timeouts))
    assert outcome.output.endswith(END)
    assert not outcome.terminal
    outcome = run(scenario(STAGES["client, open"], Call(lambda conn: conn.close()), Wait(21.0), timeouts=timeouts))
    (end,) = outcome.terminal
    assert (end["event"], end["clean"]) == ("Closed", False)


@pytest.mark.feature("STR-06")
def test_closing_while_a_question_waits_withdraws_it() -> None:
    answers = {kind: one for kind, one in SERVER_ANSWERS.items() if kind is not xmpp.BindRequested}
    both = pair(server_answers=answers)
    both.pump()
    server = both.receiving.connection
    question = server.waiting_for
    assert isinstance(question, xmpp.BindRequested)
    server.close()
    assert server.waiting_for is None
    assert server.answer(question, xmpp.BindRefused()) is False
    both.pump()
    assert [type(end.events[-1]) for end in (both.initiating, both.receiving)] == [xmpp.Closed, xmpp.Closed]
    assert server.answer(question, xmpp.BindRefused()) is False


@pytest.mark.feature("STR-06")
def test_closing_before_the_host_of_the_stream_is_decided_says_nothing() -> None:
    conn = xmpp.Connection(xmpp.ServerConfig(domains=None))
    conn.start(0.0)
    conn.receive_data(
        b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' to='a.example'>", 0.0
    )
    (question,) = conn.events()
    assert isinstance(question, xmpp.HostSelected)
    conn.close()
    assert [type(event) for event in conn.events()] == [xmpp.Closed]
    assert conn.data_to_send(0.0) == b""
    assert conn.answer(question, xmpp.HostUnknown()) is False


@pytest.mark.feature("TLS-02")
@pytest.mark.parametrize("error", [None, xmpp.StreamError("reset")])
@pytest.mark.parametrize("side", ["initiating", "receiving"])
def test_closing_while_tls_is_awaited_leaves_without_an_octet(side: str, error: xmpp.StreamError | None) -> None:
    both = pair(client_answers={}, server_answers={})
    both.pump()
    conn = getattr(both, side).connection
    assert isinstance(conn.waiting_for, xmpp.TlsUpgrade)
    conn.close(error)
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert end.cause is xmpp.Cause.LOCAL
    assert conn.data_to_send(0.0) == b""


@pytest.mark.feature("STR-06")
def test_a_host_may_close_and_send_on_the_peers_closing_tag() -> None:
    conn = run(scenario(STAGES["client, open"])).connection
    conn.receive_data(END, 1000.0)
    assert isinstance(conn.next_event(), xmpp.StreamClosing)
    assert conn.can_send
    conn.send(xmpp.Message(to="romeo@example.net", id="last"))
    conn.close()
    assert list(conn.events()) == [xmpp.Closed(Side.RECEIVING, local=False)]
    assert conn.data_to_send(1000.0) == b"<message to='romeo@example.net' id='last'/></stream:stream>"
    conn.close()
    conn.close(xmpp.StreamError("reset"))
    assert conn.next_event() is None


@pytest.mark.feature("STR-10", "ENG-03")
@pytest.mark.parametrize("name", ["client, open", "server, open"])
def test_an_error_of_the_host_amid_traffic_ends_at_the_same_stanza_at_every_chunking(name: str) -> None:
    given = scenario(STAGES[name], Receive(b"<message id='1'/><presence/><message id='2'/><message id='3'/>"))
    scene = Scenario(
        given.name,
        given.config,
        given.acts,
        given.answers,
        reactions={xmpp.Presence: lambda conn, _: conn.close(xmpp.StreamError("policy-violation"))},
    )
    outcome, _ = assert_same_at_every_chunking(scene, random=10, splits=40)
    assert [event["event"] for event in outcome.events[-3:]] == ["Message", "Presence", "StreamFailed"]


@pytest.mark.feature("STR-10")
def test_an_error_after_our_closing_tag_is_not_sent() -> None:
    conn = run(scenario(STAGES["client, open"])).connection
    conn.close()
    conn.close(xmpp.StreamError("reset"))
    assert conn.data_to_send(1000.0) == END
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert end.cause is xmpp.Cause.LOCAL


@pytest.mark.feature("STR-06", "ENG-03")
@pytest.mark.parametrize("chunker", [whole, by_octet])
def test_a_header_that_comes_while_closing_is_of_no_matter(chunker: object) -> None:
    conn = run(scenario(STAGES["client, nothing received"])).connection
    conn.close()
    first = STAGES["client, features"].pieces[0]
    for piece in chunker(first + b"<message/></stream:stream>"):  # type: ignore[operator]  # either of the two
        conn.receive_data(piece, 1000.0)
    *_, end = conn.events()
    assert end == xmpp.Closed(Side.INITIATING)


@pytest.mark.feature("STR-06", "ENG-12")
@pytest.mark.parametrize("error", [None, xmpp.StreamError("reset")])
def test_a_question_that_was_not_asked_yet_is_not_asked_any_more(error: xmpp.StreamError | None) -> None:
    answers = {kind: one for kind, one in SERVER_ANSWERS.items() if kind is not xmpp.BindRequested}
    config = server_config()
    both = pair(server=config, server_answers=answers)
    both.pump()
    conn = xmpp.Connection.restore(config, both.receiving.connection.snapshot())
    question = conn.waiting_for
    assert isinstance(question, xmpp.BindRequested)
    conn.close(error)
    assert [type(event) for event in conn.events()] == ([] if error is None else [xmpp.StreamFailed])
    assert conn.answer(question, xmpp.BindRefused()) is False
