"""SASL2, Bind 2 and FAST against a real Prosody: by password for a token, then by the token."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import pytest
import trio
from lab import Lab

import xmpp_core as xmpp
from xmpp_core.adapters import errors
from xmpp_core.adapters.session import Session
from xmpp_core.adapters.tls import ClientTls
from xmpp_core.features.bind2 import BoundInline
from xmpp_core.features.fast import Fast, TokenReceived
from xmpp_core.features.user_agent import UserAgent
from xmpp_core.sasl.credentials import Token

pytestmark = [pytest.mark.interop, pytest.mark.parametrize("loop", ["asyncio", "trio"])]
AGENT = UserAgent("d4565fa7-4d72-4749-b3d3-740edbf87770", "xmpp_core", "the test bench")


def run(loop: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run an async function in the loop of that name; ten seconds are the safety net."""

    async def under_asyncio() -> None:
        await asyncio.wait_for(work(), 10)

    async def under_trio() -> None:
        with trio.fail_after(10):
            await work()

    asyncio.run(under_asyncio()) if loop == "asyncio" else trio.run(under_trio)


class Sent:
    """What passed, by the trace."""

    def __init__(self) -> None:
        self.ways: list[tuple[str, str]] = []

    def __call__(self, record: xmpp.TraceRecord) -> None:
        if record.way in ("sent", "received"):
            self.ways.append((record.way, record.text))

    def after_tls(self) -> list[str]:
        """Who spoke in turn, over TLS until the session was there: a name once for all it said unheard."""
        last = max(place for place, (_, text) in enumerate(self.ways) if "<stream:stream" in text and "from=" in text)
        begin = last - 1 if self.ways[last][0] == "received" else last
        ways = [way for way, _ in self.ways[begin:]]
        return [way for place, way in enumerate(ways) if place == 0 or ways[place - 1] != way]


def connect(
    loop: str, lab: Lab, user: str, sent: Sent | None = None, **settings: Any
) -> AbstractAsyncContextManager[Session]:
    """Log in at the host of the lab that has SASL2."""
    adapter = importlib.import_module(f"xmpp_core.adapters.{loop}")
    if "credentials" not in settings:
        settings.setdefault("password", lab.users[user])
    config = xmpp.ClientConfig(
        jid=f"{user}@sasl2.{lab.domain}", user_agent=AGENT, bind_tag="bench", trace=sent, **settings
    )
    found: AbstractAsyncContextManager[Session] = adapter.connect(
        config=config, host=lab.host, port=lab.ports["c2s_starttls"], tls=ClientTls(ca=lab.ca)
    )
    return found


def of(session: Session, kind: type) -> list[Any]:
    return [event for event in session.negotiation if isinstance(event, kind)]


async def speak(session: Session) -> None:
    """A message to oneself comes back: the resource is bound."""
    await session.send(xmpp.Message(to=session.jid, body="to myself"))
    async for event in session:
        if isinstance(event, xmpp.Message):
            assert event.body == "to myself"
            return
    raise AssertionError(f"the session ended: {session.terminal}")


async def token_from(loop: str, lab: Lab, user: str) -> Token:
    async with connect(loop, lab, user, fast=Fast()) as session:
        assert session.authenticated is not None
        assert session.authenticated.mechanism.startswith("SCRAM-")
        (received,) = of(session, TokenReceived)
        await speak(session)
    assert received.token is not None
    return Token(received.token, received.mechanism)


@pytest.mark.feature("SA2-01", "SA2-03")
def test_a_password_logs_in_without_a_restart_and_binds_along_the_way(loop: str, sasl2_prosody: Lab) -> None:
    async def work() -> None:
        sent = Sent()
        async with connect(loop, sasl2_prosody, "alice", sent) as session:
            assert session.jid is not None
            assert (session.jid.resource or "").startswith("bench")
            assert len(of(session, BoundInline)) == 1
            await speak(session)
        said = [text for way, text in sent.ways if way == "sent"]
        # One header in the clear and one over TLS, none after authentication; no stanza that binds.
        assert sum("<stream:stream" in text for text in said) == 2
        assert not any("xmpp-bind" in text for text in said)

    run(loop, work)


@pytest.mark.feature("SA2-04", "SA2-09")
def test_a_token_logs_in_in_one_round_trip_from_the_features(loop: str, sasl2_prosody: Lab) -> None:
    async def work() -> None:
        token = await token_from(loop, sasl2_prosody, "bob")
        sent = Sent()
        async with connect(loop, sasl2_prosody, "bob", sent, credentials=token, fast=Fast(token, count=1)) as session:
            assert session.authenticated is not None
            assert session.authenticated.mechanism == token.mechanism
            assert session.ready is not None
            spoke = sent.after_tls()
            await speak(session)
        assert spoke == ["sent", "received", "sent", "received"]

    run(loop, work)


@pytest.mark.feature("SA2-04")
def test_a_wrong_token_is_no_way_in(loop: str, sasl2_prosody: Lab) -> None:
    async def work() -> None:
        token = replace(await token_from(loop, sasl2_prosody, "romeo"), token="secret-token:fast-wrong")
        sent = Sent()
        # After a token this Prosody knows no other mechanism on the same stream, so the password needs a new one.
        for settings in ({"credentials": token}, {"fast": Fast(token, count=1)}):
            with pytest.raises(errors.AuthenticationFailed):
                async with connect(loop, sasl2_prosody, "romeo", sent, **settings):
                    raise AssertionError("there is a session")
        tried = [text for way, text in sent.ways if way == "sent" and text.startswith("<authenticate ")]
        mechanisms = [text.partition("mechanism='")[2].partition("'")[0] for text in tried]
        assert mechanisms[:3] == [token.mechanism, token.mechanism, "SCRAM-SHA-256"]
        async with connect(loop, sasl2_prosody, "romeo") as session:
            await speak(session)

    run(loop, work)


@pytest.mark.feature("SA2-04")
def test_an_invalidated_token_has_had_its_last_login(loop: str, sasl2_prosody: Lab) -> None:
    async def work() -> None:
        token = await token_from(loop, sasl2_prosody, "juliet")
        last = Fast(token, 1, invalidate=True)
        async with connect(loop, sasl2_prosody, "juliet", credentials=token, fast=last) as session:
            await speak(session)
        with pytest.raises(errors.AuthenticationFailed):
            async with connect(loop, sasl2_prosody, "juliet", credentials=token):
                raise AssertionError("there is a session")

    run(loop, work)


@pytest.mark.feature("SA2-01")
def test_a_resource_of_ones_own_is_bound_after_the_authentication(loop: str, sasl2_prosody: Lab) -> None:
    async def work() -> None:
        adapter = importlib.import_module(f"xmpp_core.adapters.{loop}")
        jid = f"alice@sasl2.{sasl2_prosody.domain}/balcony"
        config = xmpp.ClientConfig(jid=jid, password=sasl2_prosody.users["alice"], user_agent=AGENT)
        async with adapter.connect(
            config=config,
            host=sasl2_prosody.host,
            port=sasl2_prosody.ports["c2s_starttls"],
            tls=ClientTls(ca=sasl2_prosody.ca),
        ) as session:
            assert str(session.jid) == jid
            assert of(session, BoundInline) == []
            await speak(session)

    run(loop, work)


@pytest.mark.feature("SA2-01", "SASL-02")
def test_a_wrong_password_is_refused(loop: str, sasl2_prosody: Lab) -> None:
    async def work() -> None:
        with pytest.raises(errors.AuthenticationFailed, match="not-authorized"):
            async with connect(loop, sasl2_prosody, "alice", password="wrong"):
                raise AssertionError("there is a session")

    run(loop, work)
