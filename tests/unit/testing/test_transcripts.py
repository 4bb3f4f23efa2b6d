"""What is recorded is played again to the same end, and no secret is ever on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from stages import CLIENT_ANSWERS, SERVER_ANSWERS, Stage, client_config, server_config, stages

import xmpp_core as xmpp
from xmpp_core.stream.setup import Config
from xmpp_core.testing.chunking import at_random, by_octet, whole
from xmpp_core.testing.transcript import Entry, Recorder, Transcript, TranscriptError, TranscriptMismatch, replay

STAGES = {stage.name: stage for stage in stages()}
TRAFFIC = (
    b"<message from='juliet@example.com/balcony' to='romeo@example.net' type='chat'><body>\xe4\xbd\xa0 \\ \r\n"
    b"\xc2\x85</body></message><iq type='get' id='1'/> <presence/>"
)
ENDS = {
    "open": (),
    "closed by the peer": (b"</stream:stream>",),
    "broken": (b"<message>\xff\x00<!-- -->",),
    "cut off": (b"<message><body>half", None),
}


def config_of(stage: Stage) -> Config:
    initiating = stage.side is xmpp.Side.INITIATING
    return client_config(mechanisms=("SCRAM-SHA-256-PLUS",)) if initiating else server_config()


def answers_of(stage: Stage) -> dict[type, Callable[[Any], Any]]:
    return CLIENT_ANSWERS if stage.side is xmpp.Side.INITIATING else SERVER_ANSWERS


def recorded(stage: Stage, *pieces: bytes | None, chunker: Any = whole, keep: bool = False) -> Recorder:
    """A run that was recorded; None is the end of the transport."""
    connection = Recorder(config_of(stage), insecure_keep_secrets=keep)
    now = 0.0

    def pump() -> None:
        for event in connection.events():
            if isinstance(event, xmpp.Question):
                connection.data_to_send(now)
                connection.answer(event, answers_of(stage)[type(event)](event))
        connection.data_to_send(now)

    connection.start(now)
    pump()
    for piece in (*stage.pieces, *pieces):
        now += 0.25
        if piece is None:
            connection.receive_eof(now)
            pump()
            continue
        for part in chunker(piece):
            connection.receive_data(part, now)
            pump()
    if connection.can_send:
        connection.send(xmpp.Message(to="romeo@example.net", body="said"))
        pump()
    return connection


@pytest.mark.feature("ENG-06")
@pytest.mark.parametrize("chunker", [whole, by_octet, at_random(3)], ids=["whole", "by octet", "random"])
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", ["client, open", "server, open"])
def test_a_transcript_is_played_again_to_the_same_end(name: str, end: str, chunker: Any) -> None:
    stage = STAGES[name]
    connection = recorded(stage, TRAFFIC, *ENDS[end], chunker=chunker)
    text = connection.transcript.dumps()
    again = replay(Transcript.loads(text), config_of(stage), answers=answers_of(stage))
    assert (again.state, again.closed) == (connection.state, connection.closed)
    assert Transcript.loads(text).dumps() == text
    # Every event that was recorded is among those compared: the stanzas at least.
    assert text.count('"event":"Message"') == 1


@pytest.mark.feature("ENG-06", "SEC-03")
@pytest.mark.parametrize("chunker", [whole, by_octet, at_random(5)], ids=["whole", "by octet", "random"])
@pytest.mark.parametrize("name", ["client, open", "server, open"])
def test_no_secret_is_on_record(name: str, chunker: Any) -> None:
    stage = STAGES[name]
    body = b"<query xmlns='jabber:iq:register'><password>canary</password></query>"
    register = b"<iq type='set' id='r' to='example.com'>" + body + b"</iq>"
    kept = recorded(stage, register, keep=True).transcript.dumps()
    cut = recorded(stage, register, chunker=chunker).transcript.dumps()
    assert "canary" in kept
    for secret in ("canary", "pencil", *_sasl_data(kept)):
        assert secret not in cut
    assert cut.count("[cut]") >= 4


def _sasl_data(text: str) -> list[str]:
    import re

    found = re.findall(r"<(?:auth|challenge|response|success) [^>]*>([A-Za-z0-9+/=]{8,})<", text)
    assert len(found) >= 4
    return found


@pytest.mark.feature("ENG-06")
@pytest.mark.parametrize("name", ["client, open", "server, open"])
def test_with_secrets_kept_authentication_itself_is_played(name: str) -> None:
    stage = STAGES[name]
    transcript = recorded(stage, TRAFFIC, keep=True).transcript
    assert not any(entry.what == "resumed from" for entry in transcript.entries)
    assert replay(transcript, config_of(stage), answers=answers_of(stage)).can_send


@pytest.mark.feature("ENG-06")
def test_the_first_difference_is_told() -> None:
    stage = STAGES["client, open"]
    transcript = recorded(stage, TRAFFIC).transcript
    entries = list(transcript.entries)
    for number, entry in enumerate(entries):
        if entry.what == "event" and '"Message"' in entry.text:
            entries[number] = Entry(entry.at, entry.what, entry.text.replace("romeo", "tybalt"))
    with pytest.raises(TranscriptMismatch, match="another event"):
        replay(Transcript(tuple(entries)), config_of(stage), answers=answers_of(stage))
    sent = [number for number, entry in enumerate(transcript.entries) if entry.what == "sent"]
    shorter = (*transcript.entries[: sent[-1]], *transcript.entries[sent[-1] + 1 :])
    with pytest.raises(TranscriptMismatch, match="octets"):
        replay(Transcript(shorter), config_of(stage), answers=answers_of(stage))
    with pytest.raises(TranscriptMismatch, match="not on record"):
        replay(
            Transcript(tuple(one for one in transcript.entries if '"Presence"' not in one.text)),
            config_of(stage),
            answers=answers_of(stage),
        )


def test_what_cannot_be_played_is_said() -> None:
    stage = STAGES["client, challenged"]
    transcript = recorded(stage, b"<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>x</challenge>").transcript
    with pytest.raises(TranscriptError, match="cut out"):
        replay(transcript, config_of(stage), answers=answers_of(stage))
    with pytest.raises(TranscriptError, match="TlsUpgrade was answered"):
        replay(recorded(STAGES["client, open"]).transcript, config_of(stage))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "line 1"),
        ("other\n", "line 1"),
        ("xmpp transcript 1\nx\n", "line 2"),
        ("xmpp transcript 1\n# a remark\n\n0.000 start\n1 start\n", "line 5"),
        ("xmpp transcript 1\n0.000 danced: x\n", "line 2"),
    ],
)
def test_what_is_no_transcript_is_refused_by_line(text: str, line: str) -> None:
    with pytest.raises(TranscriptError, match=line):
        Transcript.loads(text)


def test_deadlines_and_our_own_close_are_played() -> None:
    stage = STAGES["server, binding"]
    connection = recorded(stage)
    deadline = connection.next_deadline()
    assert deadline is not None
    connection.handle_deadline(deadline)
    list(connection.events())
    connection.data_to_send(deadline)
    assert connection.closed
    assert replay(connection.transcript, config_of(stage), answers=answers_of(stage)).closed
    connection = recorded(STAGES["server, open"])
    connection.close(xmpp.StreamError("conflict", "another session", "en"))
    list(connection.events())
    connection.data_to_send(9.0)
    text = connection.transcript.dumps()
    assert replay(Transcript.loads(text), server_config(), answers=SERVER_ANSWERS).closed
