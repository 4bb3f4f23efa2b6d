"""Every scenario goes through the chunking oracle."""

from __future__ import annotations

import pytest
from stages import HEADERS_OPEN, Stage, scenario, stages

import xmpp_core as xmpp
from xmpp_core.stream.conditions import CONDITIONS
from xmpp_core.testing.scenario import Call, Eof, Receive, Wait, assert_same_at_every_chunking, run

STAGES = {stage.name: stage for stage in stages()}


@pytest.mark.feature("STR-01")
def test_an_unknown_host_is_told_so_by_a_host_of_ours() -> None:
    header = (
        b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' "
        b"to='example.org' version='1.0'>"
    )
    outcome, _ = assert_same_at_every_chunking(scenario(STAGES["server, nothing received"], Receive(header)))
    assert outcome.terminal[0]["condition"] == "host-unknown"
    assert b"from='example.com'" in outcome.output


@pytest.mark.feature("STR-03", "BND-02")
@pytest.mark.parametrize("name", [name for name, stage in STAGES.items() if not stage.authenticated])
def test_a_stanza_before_authentication_is_not_authorized(name: str) -> None:
    if name in HEADERS_OPEN:
        return
    given = scenario(STAGES[name], Receive(b"<message to='romeo@example.net'><body>x</body></message>"))
    outcome, _ = assert_same_at_every_chunking(given, random=5, splits=20)
    assert outcome.terminal[0]["condition"] == "not-authorized"
    assert not any(event["event"] == "Message" for event in outcome.events)


@pytest.mark.feature("BND-02")
def test_before_binding_the_server_itself_may_be_addressed_and_nobody_else() -> None:
    stage = STAGES["server, binding"]
    asked = b"<iq type='get' id='1'><q xmlns='urn:q'/></iq>"
    outcome, _ = assert_same_at_every_chunking(scenario(stage, Receive(asked)), random=5, splits=20)
    assert outcome.events[-1]["event"] == "StanzaRejected"
    assert b"<unexpected-request" in outcome.output
    assert not outcome.terminal
    other = b"<iq type='get' id='1' to='example.net'><q xmlns='urn:q'/></iq>"
    outcome, _ = assert_same_at_every_chunking(scenario(stage, Receive(other)), random=5, splits=20)
    assert outcome.terminal[0]["condition"] == "not-authorized"


@pytest.mark.feature("STR-06")
@pytest.mark.parametrize("name", ["client, open", "server, open"])
def test_the_peer_closes_first(name: str) -> None:
    given = scenario(STAGES[name], Receive(b"<message to='a@b'/></stream:stream><message/>"))
    outcome, _ = assert_same_at_every_chunking(given, random=10, splits=30)
    assert [event["event"] for event in outcome.events[-3:]] == ["Message", "StreamClosing", "Closed"]
    assert outcome.output.count(b"</stream:stream>") == 1


@pytest.mark.feature("STR-06")
@pytest.mark.parametrize("name", ["client, open", "server, open"])
def test_we_close_first_and_still_hear_the_peer(name: str) -> None:
    acts = (Call(lambda conn: conn.close()), Receive(b"<message to='a@b'/></stream:stream>"))
    outcome, _ = assert_same_at_every_chunking(scenario(STAGES[name], *acts), random=10, splits=30)
    assert [event["event"] for event in outcome.events[-2:]] == ["Message", "Closed"]
    assert outcome.events[-1]["clean"] is True
    assert outcome.output.endswith(b"</stream:stream>")
    assert outcome.output.count(b"</stream:stream>") == 1


@pytest.mark.feature("STR-06", "ENG-04")
@pytest.mark.parametrize("act", [Wait(60.0), Eof()])
def test_a_peer_that_never_closes_is_not_waited_for_without_end(act: Wait | Eof) -> None:
    outcome = run(scenario(STAGES["client, open"], Call(lambda conn: conn.close()), act))
    assert outcome.events[-1]["event"] == "Closed"
    assert outcome.events[-1]["clean"] is False


@pytest.mark.parametrize("stage", stages(), ids=lambda stage: stage.name)
def test_a_broken_transport_ends_in_one_event(stage: Stage) -> None:
    outcome = run(scenario(stage, Eof()))
    (end,) = outcome.terminal
    assert (end["cause"], end["local"]) == ("END_OF_DATA", False)
    assert not outcome.output.endswith(b"</stream:stream>")


@pytest.mark.feature("ENG-04")
@pytest.mark.parametrize("stage", [stage for stage in stages() if not stage.open], ids=lambda stage: stage.name)
def test_a_peer_that_falls_silent_during_negotiation_is_not_waited_for(stage: Stage) -> None:
    outcome = run(scenario(stage, Wait(61.0)))
    (end,) = outcome.terminal
    assert (end["cause"], end["condition"]) == ("DEADLINE", "connection-timeout")


@pytest.mark.feature("STR-10", "STR-12")
@pytest.mark.parametrize("condition", sorted(set(CONDITIONS) - {"see-other-host"}))
def test_a_stream_error_is_read(condition: str) -> None:
    octets = (
        f"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>words</text>"
        "<app xmlns='urn:app'/></stream:error></stream:stream>"
    ).encode()
    outcome, _ = assert_same_at_every_chunking(scenario(STAGES["client, open"], Receive(octets)), random=5, splits=20)
    (end,) = outcome.terminal
    assert (end["condition"], end["text"], end["lang"], end["local"]) == (condition, "words", "en", False)
    assert "urn:app" in end["application"]
    assert outcome.output.endswith(b"</stream:stream>")


@pytest.mark.feature("STR-11")
@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("other.example.com", "other.example.com", None),
        ("other.example.com:5223", "other.example.com", 5223),
        ("[2001:41D0:1:A49b::1]:9222", "2001:41d0:1:a49b::1", 9222),
        ("[2001:41D0:1:A49b::1]", "2001:41d0:1:a49b::1", None),
    ],
)
def test_a_redirect_is_read(text: str, host: str, port: int | None) -> None:
    octets = (
        f"<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{text}</see-other-host>"
        "</stream:error></stream:stream>"
    ).encode()
    outcome = run(scenario(STAGES["client, header"], Receive(octets)))
    assert outcome.terminal[0]["redirect"] == {"host": host, "port": port}
    assert outcome.terminal[0]["retry"] == "NOW"


@pytest.mark.feature("STR-08")
def test_keepalives_are_sent_and_silence_is_noticed() -> None:
    timeouts = xmpp.Timeouts(keepalive=100.0, silence=250.0, probe=50.0)
    before = len(run(scenario(STAGES["client, open"], timeouts=timeouts)).output)
    outcome = run(scenario(STAGES["client, open"], Wait(240.0), timeouts=timeouts))
    assert outcome.output[before:] == b"  "
    assert outcome.events[-1]["event"] == "PeerSilent"
    outcome = run(scenario(STAGES["client, open"], Wait(240.0), Receive(b" "), Wait(100.0), timeouts=timeouts))
    assert not outcome.terminal
    outcome = run(scenario(STAGES["client, open"], Wait(260.0), timeouts=timeouts))
    assert outcome.terminal[0]["condition"] == "connection-timeout"


@pytest.mark.feature("TLS-09")
@pytest.mark.parametrize("name", ["client, over TLS", "server, over TLS"])
def test_a_failed_handshake_ends_without_an_octet(name: str) -> None:
    given = scenario(STAGES[name])
    answers = {**given.answers, xmpp.TlsUpgrade: lambda _: xmpp.TlsFailed("no")}
    outcome = run(type(given)(given.name, given.config, given.acts, answers))
    (end,) = outcome.terminal
    assert (end["cause"], end["detail"]) == ("TLS_FAILED", "no")
    assert b"</stream:stream>" not in outcome.output
