"""A connection that is written down and read back after every octet behaves as if it never had been."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from stages import CLIENT_ANSWERS, SERVER_ANSWERS, client_config, pair, scenario, server_config, stages

import xmpp_core as xmpp
from xmpp_core.stream.context import Side
from xmpp_core.stream.events import Question
from xmpp_core.stream.proofs import LEFT_OUT
from xmpp_core.stream.setup import Config
from xmpp_core.testing.description import describe
from xmpp_core.testing.scenario import Scenario, run

STAGES = {stage.name: stage for stage in stages()}
TRAFFIC = (
    b"<message to='romeo@example.net'><body>a</body></message> <presence/>"
    b"<iq type='get'><q xmlns='u'/></iq><iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"
    b"</iq></stream:stream>"
)


class Play:
    """Feeds octets, answers questions, and with `kept` replaces the connection by its snapshot again and again."""

    def __init__(self, config: Config, answers: dict[type, Any], *, kept: bool) -> None:
        self.config = config
        self.answers = answers
        self.kept = kept
        self.events: list[dict[str, Any]] = []
        self.output = b""
        self.snapshots = 0
        self.left_out = 0
        self.asked: list[str] = []
        self.states: set[xmpp.StreamState] = set()
        self.conn = xmpp.Connection(config)
        self.renew()
        self.conn.start(0.0)
        self.pump()

    def renew(self) -> None:
        self.states.add(self.conn.state)
        if self.kept and not self.holds_a_proof():
            data = self.conn.snapshot()
            self.conn = xmpp.Connection.restore(self.config, data)
            self.snapshots += 1
            if self.conn.waiting_for is None:
                assert self.conn.snapshot() == data

    def pump(self) -> None:
        while (event := self.conn.next_event()) is not None:
            self.events.append(describe(event))
            if isinstance(event, Question):
                event = self.again(event)
                self.output += self.conn.data_to_send(1.0)
                assert self.conn.answer(event, self.answers[type(event)](event)) is True
            self.renew()
        self.output += self.conn.data_to_send(1.0)
        self.renew()

    def again(self, question: Question[Any]) -> Question[Any]:
        """The restored connection asks the same question anew."""
        if self.kept and not self.holds_a_proof():
            self.renew()
            (asked,) = self.conn.events()
            assert asked is not question
            assert describe(asked) == describe(question)
            assert isinstance(asked, Question)
            question = asked
        self.asked.append(type(question).__name__)
        return question

    def holds_a_proof(self) -> bool:
        """What proves an identity is not written down: on its way, or with PLAIN the first, with SCRAM the second."""
        kept = json.loads(self.conn.snapshot())
        received = base64.b64decode(kept["parser"]["value"][1]["uninterpreted"]["bytes"])
        if kept["cut"] or LEFT_OUT.encode() in received:
            self.left_out += 1
            return True
        question = self.conn.waiting_for
        if isinstance(question, xmpp.CredentialsLookup):
            return question.mechanism == "PLAIN" or "CredentialsLookup" in self.asked
        return isinstance(question, xmpp.DeriveKey) and "CredentialsLookup" in self.asked

    def feed(self, data: bytes) -> None:
        for place in range(len(data)):
            self.conn.receive_data(data[place : place + 1], 1.0)
            self.renew()
            self.pump()


def without_secrets_asked_again(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keys are not written down, derived or looked up: they are asked for anew where they are needed again."""
    return [event for event in events if event["event"] not in ("DeriveKey", "CredentialsLookup")]


def _same(config: Config) -> Config:
    return config


def host(question: xmpp.HostSelected) -> xmpp.Host:
    assert question.to is not None
    return xmpp.Host(question.to)


@pytest.mark.feature("ENG-07")
@pytest.mark.parametrize(
    ("side", "mechanism", "changes"),
    [
        (Side.INITIATING, "SCRAM-SHA-256-PLUS", {}),
        (Side.INITIATING, "SCRAM-SHA-256-PLUS", {"ask_for_derivations": True}),
        (Side.RECEIVING, "SCRAM-SHA-256-PLUS", {"domains": None}),
        (Side.RECEIVING, "PLAIN", {"ask_for_derivations": True}),
    ],
    ids=["client", "client that asks", "server", "server with PLAIN"],
)
def test_the_same_with_a_snapshot_after_every_octet(side: Side, mechanism: str, changes: dict[str, Any]) -> None:
    both = pair(client_config(mechanisms=(mechanism,)))
    both.pump()
    assert both.initiating.connection.can_send
    initiating = side is Side.INITIATING
    received = bytes(both.receiving.sent if initiating else both.initiating.sent) + TRAFFIC
    answers: dict[type, Any] = {
        **(CLIENT_ANSWERS if initiating else SERVER_ANSWERS),
        xmpp.DeriveKey: lambda question: question.derive(),
        xmpp.HostSelected: host,
    }
    plays = []
    for kept in (False, True):
        config: Config = client_config(mechanisms=(mechanism,), **changes) if initiating else server_config(**changes)
        play = Play(config, answers, kept=kept)
        play.feed(received)
        plays.append(play)
    plain, kept_one = plays
    assert without_secrets_asked_again(kept_one.events) == without_secrets_asked_again(plain.events)
    assert kept_one.output == plain.output
    assert plain.events[-1]["event"] == "Closed"
    # Not while a proof is on its way: for its octets when received, for its element when it is to leave.
    assert kept_one.left_out > 0
    assert kept_one.snapshots + kept_one.left_out > 2 * len(received)
    assert kept_one.snapshots > len(received)
    assert ("DeriveKey" in plain.asked) is ("ask_for_derivations" in changes)
    assert "TlsUpgrade" in plain.asked
    missing = {xmpp.StreamState.CLOSING} | (set() if initiating else {xmpp.StreamState.AWAITING_FEATURES})
    assert kept_one.states == set(xmpp.StreamState) - missing


@pytest.mark.feature("ENG-07", "STR-06")
@pytest.mark.parametrize("name", STAGES)
def test_a_snapshot_while_closing_goes_on_closing(name: str) -> None:
    given = scenario(STAGES[name])
    config = given.config()
    conn = run(replace(given, config=lambda: config)).connection
    conn.close()
    for octets in (b"", b"</stream:stream>" if "open" in name else b""):
        data = conn.snapshot()
        conn = xmpp.Connection.restore(config, data)
        assert conn.snapshot() == data
        if octets:
            conn.receive_data(octets, 1000.0)
    conn.data_to_send(1000.0)
    conn.handle_deadline(2000.0)
    assert [type(event) for event in conn.events()] == [xmpp.Closed]


@pytest.mark.feature("ENG-07", "ENG-09")
@pytest.mark.parametrize("side", ["initiating", "receiving"])
@pytest.mark.parametrize("open_question", [xmpp.TlsUpgrade, xmpp.CredentialsLookup, xmpp.BindRequested])
@pytest.mark.parametrize("end", ["deadline", "close", "error"])
def test_a_question_that_was_withdrawn_is_not_asked_again(side: str, open_question: type, end: str) -> None:
    if side == "initiating" and open_question is not xmpp.TlsUpgrade:
        return
    without = {kind: one for kind, one in SERVER_ANSWERS.items() if kind is not open_question}
    config = client_config() if side == "initiating" else server_config()
    both = pair(
        config if side == "initiating" else client_config(mechanisms=("SCRAM-SHA-256-PLUS",)),
        config if side == "receiving" else server_config(),
        client_answers={} if side == "initiating" else CLIENT_ANSWERS,
        server_answers=without if side == "receiving" else SERVER_ANSWERS,
    )
    both.pump()
    conn = getattr(both, side).connection
    assert isinstance(conn.waiting_for, open_question)
    if end == "deadline":
        conn.handle_deadline(both.clock() + 61.0)
    else:
        conn.close(xmpp.StreamError("reset") if end == "error" else None)
    restored = xmpp.Connection.restore(config, conn.snapshot())
    assert restored.waiting_for is None
    assert [describe(event) for event in restored.events()] == [describe(event) for event in conn.events()]
    assert restored.waiting_for is None
    assert restored.data_to_send(2000.0) == conn.data_to_send(2000.0)


@pytest.mark.feature("ENG-07", "TLS-02")
@pytest.mark.parametrize("side", ["initiating", "receiving"])
def test_octets_between_starttls_and_tls_are_noticed_across_a_snapshot(side: str) -> None:
    config: dict[str, Config] = {"initiating": client_config(), "receiving": server_config()}
    both = pair(config["initiating"], config["receiving"], client_answers={}, server_answers={})
    both.pump()
    conn = getattr(both, side).connection
    conn.receive_data(b" ", 1.0)
    restored = xmpp.Connection.restore(config[side], conn.snapshot())
    (question,) = restored.events()
    assert isinstance(question, xmpp.TlsUpgrade)
    restored.answer(question, xmpp.TlsInfo(version="TLSv1.3", verified=True))
    (end,) = restored.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert end.cause is xmpp.Cause.PLAINTEXT_AFTER_STARTTLS
    assert restored.data_to_send(1.0) == b""


@pytest.mark.feature("ENG-07")
def test_a_snapshot_fits_its_own_role_alone_and_nothing_else_is_one() -> None:
    data = xmpp.Connection(client_config()).snapshot()
    for wrong in (data.replace(b'"format":1', b'"format":0'), data.replace(b"unstarted", b"elsewhere"), b"[]", b"\xff"):
        with pytest.raises(xmpp.LocalProtocolError):
            xmpp.Connection.restore(client_config(), wrong)
    with pytest.raises(xmpp.LocalProtocolError, match="another role"):
        xmpp.Connection.restore(server_config(), data)


@pytest.mark.feature("ENG-07", "SEC-04")
def test_a_snapshot_that_names_code_runs_none() -> None:
    data = xmpp.Connection(client_config()).snapshot()
    for name in ("os:system", "builtins:eval", "subprocess:Popen", "xmpp_core.jid:JID", "no.such:Thing", "os:"):
        for kind in ("value", "enum"):
            evil = data.replace(b'"header":null', b'"header":{"%s":["%s",{}]}' % (kind.encode(), name.encode()))
            assert evil != data
            with pytest.raises(xmpp.LocalProtocolError):
                xmpp.Connection.restore(client_config(), evil)


@pytest.mark.feature("ENG-07", "SASL-02", "SEC-04")
def test_an_authentication_whose_proof_was_not_written_down_may_be_tried_again() -> None:
    """RFC 6120 section 6.5.9."""
    plain = b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABwZW5jaWw=</auth>"
    challenged, authenticated = STAGES["server, challenged"], STAGES["server, authenticated"]
    response = authenticated.pieces[1][len(challenged.pieces[1]) :]
    for stage, proof in ((STAGES["server, mechanisms"], plain), (challenged, response)):
        given = scenario(stage)
        config = given.config()
        conn = run(Scenario(given.name, partial(_same, config), given.acts, given.answers)).connection
        conn = xmpp.Connection.restore(config, conn.snapshot())
        conn.receive_data(proof, 2000.0)
        (question,) = conn.events()
        assert isinstance(question, xmpp.CredentialsLookup)
        data = conn.snapshot()
        assert b"pencil" not in data
        conn = xmpp.Connection.restore(config, data)
        (event,) = conn.events()
        assert isinstance(event, xmpp.NegotiationFailed)
        assert event.condition == "temporary-auth-failure"
        assert conn.data_to_send(2000.0).endswith(b"<temporary-auth-failure/></failure>")
        assert conn.state is xmpp.StreamState.NEGOTIATING
