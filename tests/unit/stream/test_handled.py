"""When a received stanza counts as handled, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from stages import pair
from tallying import ENABLE, REQUEST, Tally, Told, open_server

import xmpp_core as xmpp

MESSAGE = b"<message to='romeo@example.net'/>"
Taking = Callable[[xmpp.Connection], Iterable[Any]]


def one_by_one(conn: xmpp.Connection) -> list[Any]:
    events = []
    while (event := conn.next_event()) is not None:
        events.append(event)
    return events


TAKING = pytest.mark.parametrize("taking", [one_by_one, lambda conn: list(conn.events())], ids=["one by one", "all"])


def told(conn: xmpp.Connection) -> int:
    conn.perform("tell")
    (event,) = (event for event in conn.events() if isinstance(event, Told))
    return event.handled


@TAKING
def test_stanzas_are_counted_whether_or_not_an_extension_counts(taking: Taking) -> None:
    _, conn = open_server()
    with pytest.raises(xmpp.LocalProtocolError, match="than were delivered"):
        conn.handled()
    conn.receive_data(MESSAGE * 3, 1000.0)
    assert len(list(taking(conn))) == 3
    conn.handled(2)
    with pytest.raises(xmpp.LocalProtocolError, match="than were delivered"):
        conn.handled(2)
    for wrong in (0, -1):
        with pytest.raises(xmpp.LocalProtocolError, match="at least one"):
            conn.handled(wrong)
    conn.handled()
    with pytest.raises(xmpp.LocalProtocolError, match="than were delivered"):
        conn.handled()
    assert conn.data_to_send(1000.0) == b""


def test_what_nobody_asked_for_cannot_be_handled() -> None:
    _, conn = open_server()
    conn.receive_data(MESSAGE * 3, 1000.0)
    for event in conn.events():
        assert isinstance(event, xmpp.Message)
        break
    conn.handled()
    with pytest.raises(xmpp.LocalProtocolError):
        conn.handled()


@TAKING
def test_an_extension_hears_of_those_delivered_since_it_was_installed(taking: Taking) -> None:
    _, conn = open_server()
    conn.receive_data(MESSAGE * 3 + ENABLE + MESSAGE * 4, 1000.0)
    assert len(list(taking(conn))) == 7
    assert b"<enabled" in conn.data_to_send(1000.0)
    conn.handled(2)
    assert told(conn) == 0
    assert conn.data_to_send(1000.0) == b""
    conn.handled(3)
    assert told(conn) == 2
    assert conn.data_to_send(1000.0) == b"<a xmlns='urn:example:tally' h='2'/>"
    conn.receive_data(REQUEST, 1000.0)
    assert list(taking(conn)) == []
    assert conn.data_to_send(1000.0) == b"<a xmlns='urn:example:tally' h='2'/>"
    with pytest.raises(xmpp.LocalProtocolError):
        conn.handled(3)
    assert told(conn) == 2
    conn.handled(2)
    assert told(conn) == 4


def test_each_extension_counts_from_its_own_installation() -> None:
    _, conn = open_server()
    conn.receive_data(MESSAGE + ENABLE + MESSAGE + ENABLE + MESSAGE, 1000.0)
    assert len(list(conn.events())) == 3
    conn.data_to_send(1000.0)
    conn.handled(3)
    assert conn.data_to_send(1000.0) == b"<a xmlns='urn:example:tally' h='2'/><a xmlns='urn:example:tally' h='1'/>"


@pytest.mark.feature("ENG-07")
@pytest.mark.parametrize("handled", [0, 2, 4])
@TAKING
def test_a_snapshot_keeps_what_was_delivered_and_not_handled(taking: Taking, handled: int) -> None:
    config, conn = open_server()
    conn.receive_data(MESSAGE * 3 + ENABLE + MESSAGE * 4, 1000.0)
    assert len(list(taking(conn))) == 7
    if handled:
        conn.handled(handled)
    data = conn.snapshot()
    conn = xmpp.Connection.restore(config, data)
    assert conn.snapshot() == data
    with pytest.raises(xmpp.LocalProtocolError):
        conn.handled(8 - handled)
    conn.handled(7 - handled)
    assert told(conn) == 4


def test_the_other_way_of_counting_counts_with_the_next_event() -> None:
    _, conn = open_server(ack=xmpp.Ack.ON_NEXT_EVENT)
    conn.receive_data(MESSAGE * 2 + ENABLE + MESSAGE * 3, 1000.0)
    for number, event in enumerate(conn.events()):
        assert isinstance(event, xmpp.Message)
        if number == 3:
            break
    # Two of three since the installation were delivered; for the last of them the next event was not asked for.
    assert conn.data_to_send(1000.0).count(b"<a ") == 1
    assert list(conn.events())
    assert told(conn) == 3
    with pytest.raises(xmpp.LocalProtocolError, match="next event"):
        conn.handled()


def test_stanzas_before_an_extension_do_not_count_with_the_next_event_either() -> None:
    _, conn = open_server(Tally(counts_stanzas=False), ack=xmpp.Ack.ON_NEXT_EVENT)
    conn.receive_data(MESSAGE * 2 + ENABLE + MESSAGE * 3, 1000.0)
    assert len(list(conn.events())) == 5
    assert told(conn) == 0


def test_what_is_handled_after_the_end_counts_for_who_resumes_and_sends_nothing() -> None:
    _, conn = open_server(Tally(resumable=True))
    conn.receive_data(ENABLE + MESSAGE * 2, 1000.0)
    conn.receive_eof(1000.0)
    *stanzas, end = conn.events()
    assert (len(stanzas), type(end)) == (2, xmpp.StreamFailed)
    conn.data_to_send(1000.0)
    conn.handled(2)
    assert (conn.data_to_send(1000.0), conn.next_event(), conn.next_deadline()) == (b"", None, None)
    session = conn.detach()
    assert session is not None
    state: Any = session.state
    assert state.handled == 2


def test_after_the_closing_tag_nothing_is_sent_for_what_is_handled() -> None:
    _, conn = open_server()
    conn.receive_data(ENABLE + MESSAGE, 1000.0)
    assert len(list(conn.events())) == 1
    conn.close()
    conn.handled()
    assert conn.data_to_send(1000.0).endswith(b"</stream:stream>")
    assert told(conn) == 1


def test_a_login_is_the_same_with_either_way_of_counting() -> None:
    both = pair()
    both.pump()
    with pytest.raises(xmpp.LocalProtocolError, match="next event"):
        both.initiating.connection.handled()
