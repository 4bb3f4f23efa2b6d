from __future__ import annotations

import asyncio
from typing import Any

import echo_bot
import pytest

import xmpp_core as xmpp
from xmpp_core.adapters.asyncio import AuthenticationFailed, NotEstablished, TlsNotEstablished, connect
from xmpp_core.testing.chunking import by_octet
from xmpp_core.testing.faults import BadCertificate, Drop, DropAfter, Flaw, Moment, OnStanza, SendStreamError
from xmpp_core.testing.live.server import LoopbackServer
from xmpp_core.testing.pair import Pair

pytestmark = pytest.mark.xmpp_server(users={"bot": "s3cret", "juliet": "pencil"})


def where(server: LoopbackServer) -> dict[str, Any]:
    return {"host": server.host, "port": server.port, "tls": server.client_tls()}


async def converse(server: LoopbackServer, *texts: str) -> list[str | None]:
    """Say each text to the bot and wait for the answer to it."""
    await asyncio.to_thread(server.wait_for, lambda: server.received)
    heard: list[str | None] = []
    async with connect("juliet@xmpp.test/home", password="pencil", **where(server)) as juliet:
        for text in texts:
            await juliet.send(xmpp.Message(to="bot@xmpp.test", type="chat", body=text))
            async for event in juliet:
                if isinstance(event, xmpp.Message):
                    heard.append(event.body)
                    break
    return heard


def presences(server: LoopbackServer) -> int:
    return sum(isinstance(stanza, xmpp.Presence) for stanza in server.received)


def test_it_echoes(xmpp_server: LoopbackServer) -> None:
    async def both() -> tuple[int, list[str | None]]:
        bot = asyncio.create_task(echo_bot.run("bot@xmpp.test", "s3cret", **where(xmpp_server)))
        heard = await converse(xmpp_server, "hello", "goodbye")
        return await bot, heard

    assert asyncio.run(both()) == (1, ["hello", "goodbye"])
    assert [type(stanza) for stanza in xmpp_server.sent_to("bot@xmpp.test")].count(xmpp.Message) == 2


def test_it_comes_back_when_the_connection_breaks(xmpp_server: LoopbackServer) -> None:
    # The second stanza of the first session is the answer to "hello": it never arrives.
    xmpp_server.misbehave(Drop(OnStanza(2), reset=True))

    async def both() -> int:
        bot = asyncio.create_task(echo_bot.run("bot@xmpp.test", "s3cret", **where(xmpp_server)))
        await asyncio.to_thread(xmpp_server.wait_for, lambda: xmpp_server.received)
        async with connect("juliet@xmpp.test/home", password="pencil", **where(xmpp_server)) as juliet:
            await juliet.send(xmpp.Message(to="bot@xmpp.test", type="chat", body="hello"))
            await asyncio.to_thread(xmpp_server.wait_for, lambda: presences(xmpp_server) == 2)
            await juliet.send(xmpp.Message(to="bot@xmpp.test", type="chat", body="goodbye"))
            return await bot

    assert asyncio.run(both()) == 2


@pytest.mark.parametrize(
    ("fault", "error", "connections"),
    [
        (DropAfter(2500), NotEstablished, 3),
        (SendStreamError("host-gone", Moment.SECURED), NotEstablished, 1),
        (BadCertificate(Flaw.WRONG_HOST), TlsNotEstablished, 1),
    ],
)
def test_it_gives_up(xmpp_server: LoopbackServer, fault: Any, error: type[Exception], connections: int) -> None:
    xmpp_server.misbehave(fault, connections=None)
    with pytest.raises(error):
        asyncio.run(echo_bot.run("bot@xmpp.test", "s3cret", **where(xmpp_server)))
    assert xmpp_server.connections == connections


def test_a_wrong_password_is_not_tried_again(xmpp_server: LoopbackServer) -> None:
    with pytest.raises(AuthenticationFailed):
        asyncio.run(echo_bot.run("bot@xmpp.test", "wrong", **where(xmpp_server)))
    assert xmpp_server.connections == 1


@pytest.mark.xmpp_pair(chunker=by_octet)
def test_what_it_answers_in_memory(xmpp_pair: Pair) -> None:
    server, client = xmpp_pair.receiving, xmpp_pair.initiating
    for stanza_type in ("chat", "headline"):
        server.connection.send(
            xmpp.Message(
                to=server.connection.peer_jid, from_="romeo@xmpp.test/x", type=stanza_type, body=f"a {stanza_type}"
            )
        )
    xmpp_pair.pump()
    answers = [echo_bot.answer_to(message) for message in client.of(xmpp.Message)]
    assert answers == [xmpp.Message(to="romeo@xmpp.test/x", type="chat", body="a chat"), None]
