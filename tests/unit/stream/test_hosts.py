"""Which host a stream is for: asked or configured, and never changed once somebody has authenticated there."""

from __future__ import annotations

import pytest
from stages import SERVER_ANSWERS, server_config, stages

import xmpp_core as xmpp
from xmpp_core.testing.scenario import Receive, Scenario, run

STAGES = {stage.name: stage for stage in stages()}


def header(attributes: str) -> bytes:
    return (
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        f"version='1.0' {attributes}>"
    ).encode()


def asked(attributes: str, **config: object) -> tuple[xmpp.Connection, list[xmpp.Event | xmpp.Stanza]]:
    conn = xmpp.Connection(server_config(**{"domains": None, **config}))
    conn.start(0.0)
    conn.receive_data(header(attributes), 0.0)
    return conn, list(conn.events())


@pytest.mark.feature("STR-01", "STR-09")
def test_a_host_that_is_served_opens_the_stream() -> None:
    conn, events = asked("to='a.example' from='juliet@a.example'")
    (question,) = events
    assert isinstance(question, xmpp.HostSelected)
    assert (str(question.to), str(question.from_)) == ("a.example", "juliet@a.example")
    assert conn.data_to_send(0.0) == b""
    with pytest.raises(xmpp.LocalProtocolError, match="domainpart alone"):
        conn.answer(question, xmpp.Host(xmpp.JID("juliet@a.example")))
    assert conn.answer(question, xmpp.Host(xmpp.JID("b.example"))) is True
    assert [type(event) for event in conn.events()] == [xmpp.StreamOpened]
    assert b" from='b.example' to='juliet@a.example' " in conn.data_to_send(0.0)
    assert conn.local_jid == xmpp.JID("b.example")


@pytest.mark.feature("STR-01", "STR-10")
@pytest.mark.parametrize(("moved", "condition"), [(False, "host-unknown"), (True, "host-gone")])
def test_a_host_that_is_not_served_is_told_apart_from_one_that_was(moved: bool, condition: str) -> None:
    conn, events = asked("to='a.example'")
    (question,) = events
    assert isinstance(question, xmpp.HostSelected)
    conn.answer(question, xmpp.HostUnknown(moved))
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert (end.condition, end.retry) == (condition, xmpp.Retry.NEVER)
    # RFC 6120 section 4.9.1.2: the error comes in a stream of ours.
    assert conn.data_to_send(0.0).count(b"<stream:stream ") == 1


@pytest.mark.feature("STR-01")
@pytest.mark.parametrize(("domains", "good"), [({"a.example"}, True), ({"a.example", "b.example"}, False)])
def test_a_header_that_names_no_host_is_for_the_only_one(domains: set[str], good: bool) -> None:
    conn, events = asked("", domains=domains)
    if good:
        assert [type(event) for event in events] == [xmpp.StreamOpened]
        assert conn.local_jid == xmpp.JID("a.example")
    else:
        (end,) = events
        assert isinstance(end, xmpp.StreamFailed)
        assert end.condition == "host-unknown"
        assert b" from='a.example' " in conn.data_to_send(0.0)


@pytest.mark.feature("STR-01", "STR-04")
def test_after_authentication_the_host_stays_the_same() -> None:
    stage = STAGES["server, authenticated"]
    acts = (*(Receive(piece) for piece in stage.pieces), Receive(header("to='example.org'")))
    config = server_config(domains={"example.com", "example.org"})
    outcome = run(Scenario("moves", lambda: config, acts, SERVER_ANSWERS))
    (end,) = outcome.terminal
    assert (end["condition"], end["section"]) == ("not-authorized", "RFC 6120 section 4.9.3.12")


@pytest.mark.feature("STR-01", "STR-09")
@pytest.mark.parametrize(
    ("attributes", "condition"), [("to='@'", "host-unknown"), ("to='a.example' from='@'", "invalid-from")]
)
def test_addresses_in_a_header_that_are_none(attributes: str, condition: str) -> None:
    _, events = asked(attributes, domains={"a.example"})
    (end,) = events
    assert isinstance(end, xmpp.StreamFailed)
    assert end.condition == condition


@pytest.mark.feature("STR-01")
def test_a_client_does_not_care_what_a_server_calls_itself() -> None:
    conn = run(Scenario("client", lambda: xmpp.ClientConfig(jid="a@example.com", password="x"), ())).connection
    conn.receive_data(header("from='@' id='1'"), 0.0)
    (event,) = conn.events()
    assert isinstance(event, xmpp.StreamOpened)
    assert event.header.from_ is None


@pytest.mark.feature("STR-13")
def test_a_server_from_before_xmpp_has_nothing_to_negotiate() -> None:
    conn = xmpp.Connection(xmpp.ClientConfig(jid="a@example.com", password="x"))
    conn.start(0.0)
    conn.receive_data(header("from='example.com' id='1'").replace(b"version='1.0' ", b""), 0.0)
    opened, end = conn.events()
    assert isinstance(opened, xmpp.StreamOpened)
    assert opened.header.version == (0, 9)
    assert isinstance(end, xmpp.StreamFailed)
    # RFC 6120 section 4.7.5.
    assert (end.condition, end.cause) == ("unsupported-version", xmpp.Cause.NEGOTIATION_FAILED)


@pytest.mark.feature("STR-13")
def test_a_client_from_before_xmpp_gets_a_header_without_version_and_no_features() -> None:
    conn, _ = asked("to='a.example'", domains={"a.example"})
    assert b" version='1.0' " in conn.data_to_send(0.0)
    conn = xmpp.Connection(server_config(domains={"a.example"}))
    conn.start(0.0)
    conn.receive_data(header("to='a.example'").replace(b"version='1.0' ", b""), 0.0)
    assert [type(event) for event in conn.events()] == [xmpp.StreamOpened]
    said = conn.data_to_send(0.0)
    assert b"version='1.0' " not in said.partition(b"?>")[2]
    assert b"<stream:features" not in said
