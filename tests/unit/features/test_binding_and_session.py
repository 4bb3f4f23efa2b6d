"""Binding and the old session request, against peers that answer oddly (RFC 6120 section 7, RFC 3921 section 3)."""

from __future__ import annotations

import pytest
from stages import client_config, scenario, stages

import xmpp_core as xmpp
from xmpp_core.testing.scenario import Receive, run

STAGES = {stage.name: stage for stage in stages()}
ERROR = "<error type='cancel'><{} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"


def client(features: str = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>") -> tuple[xmpp.Connection, str]:
    """A client that has asked for a resource, and the id of its request."""
    stage = STAGES["client, authenticated"]
    header = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' id='2' from='example.com' " \
             b"xmlns:stream='http://etherx.jabber.org/streams'>"  # fmt: skip
    rest = header + f"<stream:features>{features}</stream:features>".encode()
    outcome = run(scenario(stage, Receive(rest)))
    return outcome.connection, request_id(outcome.output)


def request_id(octets: bytes) -> str:
    return octets.rpartition(b"<iq type='set' id='")[2].partition(b"'")[0].decode()


def result(identifier: str, inside: str) -> bytes:
    return f"<iq type='result' id='{identifier}'>{inside}</iq>".encode()


def bound(jid: str) -> str:
    return f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{jid}</jid></bind>"


@pytest.mark.feature("BND-01")
@pytest.mark.parametrize("inside", ["", bound(""), bound("@"), bound("juliet@example.com"), "<bind xmlns='urn:x'/>"])
def test_a_server_that_binds_no_full_address_is_left(inside: str) -> None:
    conn, identifier = client()
    conn.receive_data(result(identifier, inside), 1000.0)
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert (end.cause, end.condition) == (xmpp.Cause.BIND_FAILED, "bad-format")


@pytest.mark.feature("BND-01")
def test_an_answer_to_nothing_we_asked_is_passed_over() -> None:
    conn, identifier = client()
    conn.receive_data(result("other", bound("romeo@example.com/x")), 1000.0)
    assert list(conn.events()) == []
    conn.receive_data(result(identifier, bound("juliet@example.com/other")), 1000.0)
    (ready,) = conn.events()
    assert isinstance(ready, xmpp.SessionReady)
    assert str(ready.jid) == str(conn.local_jid) == "juliet@example.com/other"


@pytest.mark.feature("BND-01", "STZ-05")
@pytest.mark.parametrize(
    ("condition", "retry"), [("resource-constraint", xmpp.Retry.LATER), ("service-unavailable", xmpp.Retry.NEVER)]
)
def test_a_refusal_that_another_resource_does_not_mend_ends_the_stream(condition: str, retry: xmpp.Retry) -> None:
    conn, identifier = client()
    conn.receive_data(f"<iq type='error' id='{identifier}'>{ERROR.format(condition)}</iq>".encode(), 1000.0)
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert (end.cause, end.local, end.retry) == (xmpp.Cause.BIND_FAILED, False, retry)
    assert condition in end.detail


@pytest.mark.feature("BND-01")
@pytest.mark.parametrize(
    "request_",
    [
        "<iq type='get' id='1'>{}</iq>",
        "<iq type='set'>{}</iq>",
        "<iq type='set' id='1'>{}<other xmlns='urn:x'/></iq>",
    ],
)
def test_a_request_that_is_none_is_a_bad_request(request_: str) -> None:
    bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
    outcome = run(scenario(STAGES["server, binding"], Receive(request_.format(bind).encode())))
    assert outcome.events[-1]["event"] == "NegotiationFailed"
    assert outcome.events[-1]["condition"] == "bad-request"
    answer = outcome.output[outcome.output.rindex(b"<iq ") :]
    assert answer.startswith(b"<iq id='1' type='error'>" if "id='1'" in request_ else b"<iq type='error'>")


def test_answers_that_cannot_be_are_not_made() -> None:
    with pytest.raises(ValueError, match=r"section 7\.1"):
        xmpp.Bound(xmpp.JID("juliet@example.com"))
    with pytest.raises(ValueError, match=r"section 7\.7\.2"):
        xmpp.BindRefused("gone")


OLD = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"


def asks_for_a_session() -> tuple[xmpp.Connection, str]:
    conn, identifier = client(OLD)
    conn.data_to_send(1000.0)
    conn.receive_data(result(identifier, bound("juliet@example.com/balcony")), 1000.0)
    assert list(conn.events()) == []
    asked = conn.data_to_send(1000.0)
    assert b"<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>" in asked
    return conn, request_id(asked)


@pytest.mark.feature("BND-03")
def test_a_client_asks_for_the_session_where_it_is_not_optional() -> None:
    conn, identifier = asks_for_a_session()
    conn.receive_data(result("other", ""), 1000.0)
    assert list(conn.events()) == []
    snapshot = conn.snapshot()
    conn = xmpp.Connection.restore(client_config(mechanisms=("SCRAM-SHA-256-PLUS",)), snapshot)
    conn.receive_data(result(identifier, ""), 1000.0)
    (ready,) = conn.events()
    assert isinstance(ready, xmpp.SessionReady)
    assert str(ready.jid) == "juliet@example.com/balcony"


@pytest.mark.feature("BND-03")
def test_a_session_that_is_not_granted_ends_the_stream() -> None:
    conn, identifier = asks_for_a_session()
    error = ERROR.format("internal-server-error")
    conn.receive_data(f"<iq type='error' id='{identifier}'>{error}</iq>".encode(), 1000.0)
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert (end.cause, end.retry) == (xmpp.Cause.BIND_FAILED, xmpp.Retry.LATER)
    assert "internal-server-error" in end.detail


@pytest.mark.feature("BND-03")
def test_an_optional_session_is_not_asked_for() -> None:
    conn, identifier = client(OLD.replace("-session'/>", "-session'><optional/></session>"))
    conn.receive_data(result(identifier, bound("juliet@example.com/balcony")), 1000.0)
    assert [type(event) for event in conn.events()] == [xmpp.SessionReady]


@pytest.mark.feature("BND-03")
def test_a_session_is_granted_without_an_id_too() -> None:
    request_ = b"<iq type='set'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"
    outcome = run(scenario(STAGES["server, open"], Receive(request_)))
    assert outcome.output.endswith(b"<iq type='result'/>")
