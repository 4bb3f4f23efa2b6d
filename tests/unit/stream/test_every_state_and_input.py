"""What the table of violations says, the engine does: every pair of state and input, on both sides."""

from __future__ import annotations

import pytest
from stages import scenario, stages

import xmpp_core as xmpp
from xmpp_core.stream.context import Side
from xmpp_core.stream.state import StreamState
from xmpp_core.stream.violations import VIOLATIONS, Earns, Input, Row
from xmpp_core.testing.scenario import run

STAGES = {stage.name: stage for stage in stages()}
_HEADER = (
    b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    b"to='example.com' version='1.0'>"
)
_STAGE = {
    (Side.INITIATING, StreamState.OPENING): "client, nothing received",
    (Side.INITIATING, StreamState.AWAITING_FEATURES): "client, header",
    (Side.INITIATING, StreamState.NEGOTIATING): "client, challenged",
    (Side.RECEIVING, StreamState.OPENING): "server, nothing received",
    (Side.RECEIVING, StreamState.NEGOTIATING): "server, header",
}
_OCTETS = {
    Input.HEADER: _HEADER,
    Input.FEATURES: b"<stream:features/>",
    Input.STREAM_ERROR: b"<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    Input.STANZA: b"<message id='m'/>",
    Input.FOREIGN_STANZA: b"<message xmlns='jabber:server'/>",
    Input.STREAM_ELEMENT: b"<stream:other/>",
    Input.UNKNOWN_ELEMENT: b"<other xmlns='urn:other'/>",
    Input.CLOSING_TAG: b"</stream:stream>",
    Input.BROKEN_XML: b"<a></b>",
    Input.END_OF_DATA: b"",
}
_FEATURE_ELEMENTS = {
    Side.INITIATING: b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>",
    Side.RECEIVING: b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
}
_SESSION = b"<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"


def reached(row: Row) -> xmpp.Connection:
    """A connection in the state of the row that has told everything and sent everything."""
    side, state = row.side, row.state
    name = _STAGE.get((side, state), "client, open" if side is Side.INITIATING else "server, open")
    if state is StreamState.CLOSING and row.input is Input.HEADER and side is Side.INITIATING:
        name = "client, nothing received"  # closed before the peer said a word
    if state is StreamState.UNSTARTED:
        return xmpp.Connection(scenario(STAGES[name]).config())
    conn = run(scenario(STAGES[name])).connection
    if state is StreamState.CLOSING:
        conn.close()
    elif state is StreamState.PEER_CLOSED:
        conn.receive_data(b"</stream:stream>", 1000.0)
        assert isinstance(conn.next_event(), xmpp.StreamClosing)
    elif state is StreamState.ENDED:
        conn.close(xmpp.StreamError("reset"))
        assert [type(event) for event in conn.events()] == [xmpp.StreamFailed]
    conn.data_to_send(1000.0)
    assert (conn.state, conn.next_event() if state is not StreamState.PEER_CLOSED else None) == (state, None)
    return conn


def given(row: Row) -> bytes:
    if row.input is Input.BROKEN_XML and row.state is StreamState.OPENING:
        return b"<stream:stream a='' a=''>"
    if row.input is Input.FEATURE_ELEMENT:
        return _SESSION if row.state is StreamState.OPEN and row.side is Side.RECEIVING else _FEATURE_ELEMENTS[row.side]
    return _OCTETS[row.input]


def told(conn: xmpp.Connection, octets: bytes) -> list[xmpp.Event | xmpp.Stanza]:
    if octets:
        conn.receive_data(octets, 1001.0)
    else:
        conn.receive_eof(1001.0)
    return list(conn.events())


ONLY_INITIATING = [
    row for row in VIOLATIONS if row.side is Side.RECEIVING and row.state is StreamState.AWAITING_FEATURES
]
ROWS = [row for row in VIOLATIONS if row not in ONLY_INITIATING]


def test_every_row_is_tried() -> None:
    assert len(ROWS) + len(ONLY_INITIATING) == len(Side) * len(StreamState) * len(Input)
    # The receiving entity awaits no features: nothing leads it there.
    assert len(ONLY_INITIATING) == len(Input)


@pytest.mark.feature("ENG-09", "ENG-12", "STR-10")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.side.value}, {row.state.value}: {row.input.value}")
def test_the_engine_does_what_the_row_says(row: Row) -> None:
    conn = reached(row)
    octets = given(row)
    if row.state is StreamState.UNSTARTED:
        with pytest.raises(xmpp.LocalProtocolError):
            told(conn, octets)
        assert (conn.state, list(conn.events()), conn.unsent_bytes) == (StreamState.UNSTARTED, [], 0)
        return
    if row.earns is Earns.NOTHING:
        nothing_is_interpreted(conn, row, octets)
        return
    events = told(conn, octets)
    sent = conn.data_to_send(1001.0)
    ends = [event for event in events if isinstance(event, xmpp.StreamFailed | xmpp.Closed)]
    assert ends == events[-1:] if ends else conn.state is not StreamState.ENDED
    if row.earns is Earns.ACCEPT:
        accepted(row, events, sent)
    elif row.earns is Earns.IGNORE:
        assert (events, sent, conn.state) == ([], b"", row.state)
    elif row.earns is Earns.END:
        (end,) = events
        assert isinstance(end, xmpp.Closed if row.state is StreamState.CLOSING else xmpp.StreamFailed)
        assert sent == b""
    else:
        assert row.earns in (Earns.STREAM_ERROR, Earns.STANZA_ERROR)
        (end,) = events
        assert isinstance(end, xmpp.StreamFailed)
        assert (end.condition, end.local) == (row.condition, True)
        assert end.section is not None
        assert f"<{row.condition} ".encode() in sent
        assert sent.endswith(b"</stream:error></stream:stream>")


def nothing_is_interpreted(conn: xmpp.Connection, row: Row, octets: bytes) -> None:
    if row.state is StreamState.PEER_CLOSED:
        # Our closing tag is all that still happens (section 4.4).
        (end,) = told(conn, octets)
        assert isinstance(end, xmpp.Closed)
        assert conn.data_to_send(1001.0) == b"</stream:stream>"
    elif row.state is StreamState.ENDED:
        assert told(conn, octets) == []
        assert conn.data_to_send(1001.0) == b""
    elif row.input is Input.HEADER:
        # A document has one root: a second stream tag is an element of the stream namespace (section 4.2).
        events = told(conn, b"<stream:stream></stream:stream>")
        if row.state is StreamState.CLOSING:
            assert events == []
            return
        (end,) = events
        assert isinstance(end, xmpp.StreamFailed)
        assert end.condition == "unsupported-stanza-type"
    else:
        # Whatever comes where the header is awaited is judged as the header it is not.
        assert row.state is StreamState.OPENING
        (end,) = told(conn, octets)
        assert isinstance(end, xmpp.StreamFailed)
        assert end.condition in ("bad-namespace-prefix", "invalid-namespace", "not-well-formed")


def accepted(row: Row, events: list[xmpp.Event | xmpp.Stanza], sent: bytes) -> None:
    names = [type(event).__name__ for event in events]
    closing = row.state is StreamState.CLOSING
    match row.input:
        case Input.HEADER:
            assert names == ["StreamOpened"]
        case Input.FEATURES:
            assert names[0] == "FeaturesOffered"
        case Input.STREAM_ERROR:
            (end,) = events
            assert isinstance(end, xmpp.StreamFailed)
            assert (end.condition, end.local) == ("reset", False)
            # Section 4.9.1.1: the closing tag and no error in answer.
            assert sent == (b"" if closing else b"</stream:stream>")
        case Input.CLOSING_TAG:
            assert names == (["Closed"] if closing else ["StreamClosing", "Closed"])
            assert sent == (b"" if closing else b"</stream:stream>")
        case Input.STANZA:
            assert names == ["Message"]
            assert sent == b""
        case _:
            assert row.input is Input.FEATURE_ELEMENT
            if row.side is Side.INITIATING:
                assert names in (["StreamFailed"], ["NegotiationFailed", "StreamFailed"])
            elif row.state is StreamState.OPEN:
                assert (names, sent) == ([], b"<iq type='result' id='s'/>")
            else:
                assert names == ["TlsUpgrade"]
