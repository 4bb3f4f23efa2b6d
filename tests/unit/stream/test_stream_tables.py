"""The tables are the machine: each is tried whole."""

from __future__ import annotations

import itertools

import pytest
from stages import client_config, server_config

import xmpp_core as xmpp
from xmpp_core.stream.conditions import CONDITIONS, StreamError, redirect_of
from xmpp_core.stream.context import Kind, Side
from xmpp_core.stream.header import Header, HeaderFault, agreed_version, header_octets, judge_header
from xmpp_core.stream.state import TRANSITIONS, StreamState, Turn, next_state
from xmpp_core.stream.timers import Timer, Timers
from xmpp_core.stream.violations import VIOLATIONS, Earns, Input, verdict_on
from xmpp_core.xml.parser import RootStart, XMLStreamParser


def test_every_pair_of_state_and_input_has_one_row() -> None:
    wanted = set(itertools.product(Side, StreamState, Input))
    rows = [(row.side, row.state, row.input) for row in VIOLATIONS]
    # A state that only the initiating entity has is listed for both: the product stays whole.
    assert len(rows) == len(set(rows))
    assert set(rows) == wanted
    for row in VIOLATIONS:
        assert verdict_on(row.side, row.state, row.input) is row
        assert (row.condition in CONDITIONS) is (row.earns in (Earns.STREAM_ERROR, Earns.STANZA_ERROR))
        assert row.section.startswith("RFC 6120 section ")


def test_every_state_is_reached_and_left() -> None:
    assert {row.to for row in TRANSITIONS} == set(StreamState) - {StreamState.UNSTARTED}
    assert {row.state for row in TRANSITIONS} == set(StreamState) - {StreamState.ENDED}
    assert {row.turn for row in TRANSITIONS} == set(Turn)
    assert len({(row.state, row.turn) for row in TRANSITIONS}) == len(TRANSITIONS)
    for state, turn in itertools.product(StreamState, Turn):
        rows = [row.to for row in TRANSITIONS if (row.state, row.turn) == (state, turn)]
        assert next_state(state, turn) == (rows[0] if rows else None)


@pytest.mark.feature("STR-10")
@pytest.mark.parametrize("name", CONDITIONS)
def test_each_stream_error_round_trips(name: str) -> None:
    host = "[::1]:5222" if name == "see-other-host" else None
    error = StreamError(name, "words", "en", other_host=host)
    assert StreamError.read(error.element()) == error
    assert (redirect_of(error) is not None) is (host is not None)


def test_there_are_25_stream_errors() -> None:
    assert len(CONDITIONS) == 25
    for wrong in ("no-such", "invalid-id", ""):
        with pytest.raises(ValueError, match="section"):
            StreamError(wrong)
    with pytest.raises(ValueError, match="section"):
        StreamError("see-other-host", other_host="a@b")
    with pytest.raises(ValueError, match="section"):
        StreamError("reset", other_host="b")


def root(attributes: str) -> RootStart:
    parser = XMLStreamParser(xmpp.Limits().xml(authenticated=False))
    parser.receive(
        f"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' {attributes}>".encode()
    )
    start = parser.next()
    assert isinstance(start, RootStart)
    return start


@pytest.mark.feature("STR-13")
@pytest.mark.parametrize(
    ("text", "read", "agreed"),
    [
        ("", (0, 9), (0, 9)),
        ("version='0.9'", (0, 9), (0, 9)),
        ("version='1.0'", (1, 0), (1, 0)),
        ("version='01.00'", (1, 0), (1, 0)),
        ("version='1.1'", (1, 1), (1, 0)),
        ("version='1.12'", (1, 12), (1, 0)),
        ("version='2.0'", (2, 0), (1, 0)),
        ("version='12.4'", (12, 4), (1, 0)),
    ],
)
def test_versions_are_compared_as_numbers(text: str, read: tuple[int, int], agreed: tuple[int, int]) -> None:
    header = judge_header(root(text), Side.RECEIVING, Kind.C2S)
    assert isinstance(header, Header)
    assert (header.version, agreed_version(header.version)) == (read, agreed)


@pytest.mark.feature("STR-13")
@pytest.mark.parametrize("text", ["1", "1.", ".0", "a.b", "1.0.0", " 1.0", "-1.0", ""])
def test_a_version_that_is_none_is_refused(text: str) -> None:
    fault = judge_header(root(f"version='{text}'"), Side.RECEIVING, Kind.C2S)
    assert isinstance(fault, HeaderFault)
    assert fault.condition == "unsupported-version"


@pytest.mark.feature("STR-01", "I18N-01")
def test_a_header_round_trips() -> None:
    header = Header(xmpp.JID("example.com"), xmpp.JID("a@b"), "i'd<&", (1, 0), "en")
    parser = XMLStreamParser(xmpp.Limits().xml(authenticated=False))
    parser.receive(header_octets(header, Kind.S2S))
    start = parser.next()
    assert isinstance(start, RootStart)
    read = judge_header(start, Side.RECEIVING, Kind.S2S)
    assert isinstance(read, Header)
    assert (read.to, read.from_, read.id, read.version, read.lang) == (
        header.to,
        header.from_,
        header.id,
        header.version,
        header.lang,
    )


def test_timers_serve_what_is_due_most_pressing_first() -> None:
    timers = Timers()
    assert timers.earliest is None
    timers.set(Timer.KEEPALIVE, 5.0)
    timers.set(Timer.QUESTION, 7.0)
    timers.set(Timer.CLOSE, 9.0)
    assert timers.earliest == 5.0
    assert timers.due(4.0) == []
    assert timers.due(8.0) == [Timer.QUESTION, Timer.KEEPALIVE]
    assert timers.earliest == 9.0
    timers.set(Timer.CLOSE, None)
    assert timers.earliest is None


@pytest.mark.feature("ENG-12")
def test_a_misusing_caller_always_hears_of_it_and_changes_nothing() -> None:
    for config in (client_config(), server_config()):
        conn = xmpp.Connection(config)
        for call in (
            lambda c=conn: c.send(xmpp.Message(body="x")),
            lambda c=conn: c.close(),
            lambda c=conn: c.receive_data(b"x", 0.0),
            lambda c=conn: c.receive_eof(0.0),
            lambda c=conn: c.handled(),
            lambda c=conn: c.perform("x"),
            lambda c=conn: c.answer(xmpp.HostSelected(None, None, Kind.C2S), xmpp.HostUnknown()),
        ):
            with pytest.raises(xmpp.LocalProtocolError):
                call()  # type: ignore[no-untyped-call]  # lambdas with a default
        assert conn.state is StreamState.UNSTARTED
        conn.start(0.0)
        with pytest.raises(xmpp.LocalProtocolError):
            conn.start(0.0)
        with pytest.raises(xmpp.LocalProtocolError):
            conn.send(xmpp.Message(body="x"))
        assert conn.unsent_bytes == len(conn.data_to_send(0.0))
