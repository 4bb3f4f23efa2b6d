"""What lives in an open stream beside stanzas: its deadlines, its ends, and who owns what was not acknowledged."""

from __future__ import annotations

from typing import Any

import pytest
from tallying import ANSWER, ENABLE, REQUEST, Tally, Told, open_server

import xmpp_core as xmpp

R = b"<r xmlns='urn:example:tally'/>"
QUIET = xmpp.Timeouts(keepalive=None)


def enabled(*extensions: Tally, **changes: Any) -> xmpp.Connection:
    _, conn = open_server(*extensions, **changes)
    conn.receive_data(ENABLE, 1000.0)
    assert list(conn.events()) == []
    conn.data_to_send(1000.0)
    return conn


def told(conn: xmpp.Connection) -> Told:
    conn.perform("tell")
    (event,) = (event for event in conn.events() if isinstance(event, Told))
    return event


def message(body: str = "x") -> xmpp.Message:
    return xmpp.Message(to="juliet@example.com/balcony", body=body)


@pytest.mark.feature("EXT-03", "ENG-04")
def test_waiting_for_an_answer_begins_when_the_octets_leave() -> None:
    conn = enabled(Tally(patience=5.0), timeouts=QUIET)
    before = conn.next_deadline()
    assert before is None
    # The last time told is long past when the host sends: no deadline may be counted from it.
    conn.send(message())
    assert conn.next_deadline() == before
    assert conn.data_to_send(1100.0)
    assert conn.next_deadline() == 1105.0
    conn.handle_deadline(1104.9)
    assert conn.data_to_send(1104.9) == b""
    conn.handle_deadline(1105.0)
    assert conn.data_to_send(1105.0) == R
    assert conn.next_deadline() == 1110.0
    conn.receive_data(ANSWER, 1106.0)
    assert list(conn.events()) == []
    assert told(conn) == Told(0, 0, 1)
    assert conn.next_deadline() == before


@pytest.mark.feature("EXT-03", "ENG-04")
def test_a_deadline_left_as_it_is_does_not_come_again_and_hides_no_other() -> None:
    conn = enabled(Tally(patience=5.0, stubborn=True, name="one"), Tally(patience=9.0, name="two"), timeouts=QUIET)
    conn.send(message())
    conn.data_to_send(1000.0)
    assert conn.next_deadline() == 1005.0
    conn.handle_deadline(1005.0)
    assert conn.data_to_send(1005.0) == b""
    assert conn.next_deadline() == 1009.0
    conn.handle_deadline(1009.0)
    assert conn.data_to_send(1009.0) == R


@pytest.mark.feature("EXT-03")
def test_an_extension_can_leave_and_can_end_the_stream() -> None:
    conn = enabled()
    conn.receive_data(b"<bye xmlns='urn:example:tally'/>", 1000.0)
    assert list(conn.events()) == []
    with pytest.raises(xmpp.LocalProtocolError, match="no installed extension"):
        conn.perform("tell")
    conn.receive_data(REQUEST, 1000.0)
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert end.condition == "unsupported-stanza-type"

    conn = enabled()
    conn.send(message())
    conn.receive_data(b"<wrong xmlns='urn:example:tally'/>", 1000.0)
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert (end.condition, end.detail, len(end.unacknowledged)) == ("undefined-condition", "the peer is wrong", 1)
    with pytest.raises(xmpp.ConnectionClosed):
        conn.perform("tell")
    assert conn.next_deadline() is None


@pytest.mark.feature("EXT-03", "STR-06")
@pytest.mark.parametrize("gracefully", [True, False])
def test_what_was_not_acknowledged_comes_back_once_with_the_terminal_event(gracefully: bool) -> None:
    conn = enabled()
    for body in "ab":
        conn.send(message(body))
    conn.data_to_send(1000.0)
    if gracefully:
        conn.receive_data(b"</stream:stream>", 1000.0)
    else:
        conn.receive_eof(1000.0)
    *_, end = conn.events()
    assert isinstance(end, xmpp.Closed if gracefully else xmpp.StreamFailed)
    assert [element[0].text for element in end.unacknowledged] == ["a", "b"]
    assert conn.detach() is None


@pytest.mark.feature("EXT-03")
@pytest.mark.parametrize("alive", [True, False])
def test_a_session_that_can_be_resumed_owns_them_instead(alive: bool) -> None:
    conn = enabled(Tally(resumable=True))
    conn.send(message("a"))
    conn.data_to_send(1000.0)
    if not alive:
        conn.receive_eof(1000.0)
        (end,) = conn.events()
        assert isinstance(end, xmpp.StreamFailed)
        assert end.unacknowledged == ()
    session = conn.detach()
    assert session is not None
    assert (session.extension, str(session.jid)) == ("tally", "juliet@example.com/balcony")
    assert [element[0].text for element in session.unacknowledged] == ["a"]
    if alive:
        (end,) = conn.events()
        assert isinstance(end, xmpp.StreamFailed)
        assert (end.cause, end.retry, end.unacknowledged) == (xmpp.Cause.LOCAL, xmpp.Retry.NOW, ())
    assert conn.data_to_send(1000.0) == b""
    assert conn.closed
    assert conn.detach() is None


@pytest.mark.feature("EXT-03")
def test_stanzas_nobody_asked_for_stay_with_the_peer_when_the_session_is_taken_out() -> None:
    conn = enabled(Tally(resumable=True))
    conn.receive_data(b"<message id='1'/><message id='2'/><message id='3'/>", 1000.0)
    assert isinstance(conn.next_event(), xmpp.Message)
    conn.handled()
    session = conn.detach()
    assert session is not None
    state: Any = session.state
    assert state.handled == 1
    assert [type(event) for event in conn.events()] == [xmpp.StreamFailed]


@pytest.mark.feature("EXT-03")
def test_a_prepared_stanza_is_counted_with_its_address() -> None:
    conn = enabled(Tally(resumable=True))
    prepared = xmpp.prepare(message("x"))
    for name in ("a@example.net", "b@example.net"):
        conn.send(prepared.to(xmpp.JID(name)))
    conn.send(prepared.to(None))
    session = conn.detach()
    assert session is not None
    assert [element.get("to") for element in session.unacknowledged] == ["a@example.net", "b@example.net", None]
    assert prepared.element.get("to") is None


@pytest.mark.feature("ENG-07", "EXT-03")
def test_a_snapshot_keeps_extensions_and_their_deadlines() -> None:
    config, conn = open_server(Tally(patience=5.0), timeouts=QUIET)
    conn.receive_data(ENABLE, 1000.0)
    assert list(conn.events()) == []
    conn.send(message("a"))
    conn.data_to_send(1000.0)
    data = conn.snapshot()
    conn = xmpp.Connection.restore(config, data)
    assert conn.snapshot() == data
    assert conn.next_deadline() == 1005.0
    conn.handle_deadline(1005.0)
    assert conn.data_to_send(1005.0) == R
    assert told(conn) == Told(0, 1, 1)
    conn.receive_eof(1006.0)
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert [element[0].text for element in end.unacknowledged] == ["a"]


@pytest.mark.feature("EXT-03", "STR-06")
@pytest.mark.parametrize("first", ["we", "the peer", "the peer, then we"])
def test_the_last_word_of_an_extension_comes_before_our_closing_tag(first: str) -> None:
    conn = enabled(ack=xmpp.Ack.ON_NEXT_EVENT)
    conn.receive_data(b"<message id='1'/><message id='2'/>", 1000.0)
    assert len(list(conn.events())) == 2
    conn.data_to_send(1000.0)
    if first != "we":
        conn.receive_data(b"</stream:stream>", 1000.0)
        assert isinstance(conn.next_event(), xmpp.StreamClosing)
        conn.send(message("last"))
    if first != "the peer":
        conn.close()
    list(conn.events())
    sent = conn.data_to_send(1000.0)
    assert sent.endswith(b"<a xmlns='urn:example:tally' h='2'/></stream:stream>")
    assert (b"last" in sent) is (first != "we")


@pytest.mark.feature("EXT-03")
def test_an_error_leaves_no_time_for_a_last_word() -> None:
    conn = enabled()
    conn.close(xmpp.StreamError("reset"))
    assert b"<a " not in conn.data_to_send(1000.0)
