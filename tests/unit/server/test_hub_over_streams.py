"""The hub and a store behind real streams in memory: clients log in, talk, are replaced, vanish."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from hub_stage import NOW
from stages import CLIENT_TLS, SERVER_TLS, server_config

import xmpp_core as xmpp
from xmpp_core.server import Accounts, Close, Conflict, Effect, Hub, HubConfig, MemoryAccounts, SqliteAccounts
from xmpp_core.stream.events import Cause, Closed, SessionReady, StreamFailed
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.testing.pair import Pair

ITERATIONS = 4096  # the least a client accepts


class Street:
    """Pairs of engines, by the names of their sessions; what a runner does, in a loop of its own."""

    def __init__(self, accounts: Accounts, **config: Any) -> None:
        self.accounts = accounts
        self.hub = Hub(HubConfig(domains={"example.com"}, entropy=CountedEntropy("hub"), **config))
        self.pairs: dict[str, Pair] = {}
        self.read: dict[str, int] = {}

    def connect(self, name: str, jid: str, password: str, mechanism: str = "SCRAM-SHA-256-PLUS") -> Pair:
        def bind(question: xmpp.BindRequested) -> object:
            decision = self.hub.bind(name, question.account, question.resource)
            self.carry_out(decision.effects)
            return decision.answer

        self.pairs[name] = Pair(
            xmpp.ClientConfig(jid=jid, password=password, mechanisms=(mechanism,), entropy=CountedEntropy(name)),
            server_config(),
            initiating_answers={xmpp.TlsUpgrade: lambda _: CLIENT_TLS},
            receiving_answers={
                xmpp.TlsUpgrade: lambda _: SERVER_TLS,
                xmpp.CredentialsLookup: lambda one: self.accounts.credentials(one.username, "example.com"),
                xmpp.BindRequested: bind,
            },
        )
        self.read[name] = 0
        self.run()
        return self.pairs[name]

    def carry_out(self, effects: Any) -> None:
        effect: Effect
        for effect in effects:
            connection = self.pairs[str(effect.session)].receiving.connection
            if isinstance(effect, Close):
                connection.close(effect.error)
            else:
                connection.send(effect.stanza)

    def run(self) -> None:
        moving = True
        while moving:
            moving = False
            for name, pair in self.pairs.items():
                pair.pump()
                events = pair.receiving.events[self.read[name] :]
                self.read[name] += len(events)
                moving = moving or bool(events)
                for event in events:
                    match event:
                        case SessionReady():
                            self.carry_out(self.hub.opened(name))
                        case xmpp.Message() | xmpp.Presence() | xmpp.IQ():
                            self.carry_out(self.hub.received(name, event, NOW))
                        case Closed() | StreamFailed():
                            self.carry_out(self.hub.ended(name))

    def send(self, name: str, stanza: xmpp.Stanza) -> None:
        self.pairs[name].initiating.connection.send(stanza)
        self.run()

    def got(self, name: str, kind: type) -> list[Any]:
        return self.pairs[name].initiating.of(kind)


@pytest.fixture(params=["memory", "file"])
def accounts(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "memory":
        yield MemoryAccounts(iterations=ITERATIONS)
    else:
        with SqliteAccounts(tmp_path / "a.sqlite", iterations=ITERATIONS) as store:
            yield store


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512-PLUS", "PLAIN"])
def test_what_is_stored_lets_the_right_one_in(accounts: Accounts, mechanism: str) -> None:
    street = Street(accounts)
    accounts.add("juliet@example.com", "pass\u00a0word")
    street.connect("right", "juliet@example.com/balcony", "pass word", mechanism)
    assert street.got("right", SessionReady)
    for name, jid, password in (
        ("wrong", "juliet@example.com", "password"),
        ("nobody", "romeo@example.com", "pass word"),
    ):
        pair = street.connect(name, jid, password, mechanism)
        assert not street.got(name, SessionReady)
        (failed,) = pair.initiating.of(StreamFailed)
        assert failed.cause is Cause.AUTHENTICATION_FAILED
    accounts.disable("juliet@example.com")
    street.connect("late", "juliet@example.com", "pass word", mechanism)
    (failed,) = street.got("late", StreamFailed)
    assert failed.cause is Cause.AUTHENTICATION_FAILED
    assert len(street.hub) == 1


def test_two_clients_talk_and_one_vanishes(accounts: Accounts) -> None:
    street = Street(accounts)
    for name in ("juliet", "romeo"):
        accounts.add(f"{name}@example.com", "pencil")
        street.connect(name, f"{name}@example.com/{name}", "pencil")
        street.send(name, xmpp.Presence())
    street.send("juliet", xmpp.Message(to="romeo@example.com", type="chat", body="Art thou not Romeo?", id="1"))
    (message,) = street.got("romeo", xmpp.Message)
    assert (str(message.from_), message.body) == ("juliet@example.com/juliet", "Art thou not Romeo?")
    street.send("romeo", message.reply("Neither, fair maid"))
    (reply,) = street.got("juliet", xmpp.Message)
    assert (str(reply.from_), str(reply.to), reply.body) == (
        "romeo@example.com/romeo",
        "juliet@example.com/juliet",
        "Neither, fair maid",
    )
    street.send("juliet", xmpp.Presence(to="romeo@example.com"))
    street.pairs["juliet"].drop()
    street.run()
    last = street.got("romeo", xmpp.Presence)[-1]
    assert (str(last.from_), str(last.to), last.type) == (
        "juliet@example.com/juliet",
        "romeo@example.com",
        "unavailable",
    )
    street.send("romeo", xmpp.Message(to="juliet@example.com", type="chat", body="?", id="2"))
    (bounced,) = street.got("romeo", xmpp.Message)[1:]
    assert bounced.id == "2"
    assert bounced.error is not None
    assert bounced.error.condition == "service-unavailable"


def test_a_client_asks_the_server(accounts: Accounts) -> None:
    street = Street(accounts)
    accounts.add("juliet@example.com", "pencil")
    street.connect("juliet", "juliet@example.com/balcony", "pencil")
    tracker: xmpp.IqTracker[str] = xmpp.IqTracker(xmpp.JID("juliet@example.com/balcony"))
    for to in ("example.com", "juliet@example.com", None):
        request = xmpp.IQ(type="get", id=f"to {to}", to=to, payload=Element("{urn:xmpp:ping}ping"))
        tracker.sent(request, 10.0, "")
        street.send("juliet", request)
    answers = street.got("juliet", xmpp.IQ)
    assert [one.type for one in answers] == ["result"] * 3
    # Each comes from where a client expects it (RFC 6120 section 8.1.2.1).
    assert all(tracker.received(one) is not None for one in answers)


def test_a_second_login_replaces_the_first(accounts: Accounts) -> None:
    street = Street(accounts, conflict=Conflict.REPLACE)
    accounts.add("juliet@example.com", "pencil")
    street.connect("first", "juliet@example.com/balcony", "pencil")
    street.send("first", xmpp.Presence())
    street.connect("second", "juliet@example.com/balcony", "pencil")
    (failed,) = street.got("first", StreamFailed)
    assert (failed.condition, failed.local) == ("conflict", False)
    assert street.got("second", SessionReady)
    assert len(street.hub) == 1
    street.send("second", xmpp.Message(to="juliet@example.com/balcony", body="me"))
    assert [one.body for one in street.got("second", xmpp.Message)] == ["me"]


def test_a_refused_client_gets_another_resource(accounts: Accounts) -> None:
    street = Street(accounts, conflict=Conflict.REFUSE)
    accounts.add("juliet@example.com", "pencil")
    street.connect("first", "juliet@example.com/balcony", "pencil")
    street.connect("second", "juliet@example.com/balcony", "pencil")
    (ready,) = street.got("second", SessionReady)
    assert str(ready.jid) != "juliet@example.com/balcony"
    assert street.hub.address_of("second") == ready.jid
