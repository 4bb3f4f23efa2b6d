"""Time on an open session: spaces that keep it alive, the question whether the peer lives, the end of patience."""

from __future__ import annotations

from typing import Any

import pytest
from networks import DOMAIN, PASSWORD, Net, everything, message

import xmpp_core as xmpp
from xmpp_core.adapters.inbox import InboxLimits


def client(**times: Any) -> dict[str, Any]:
    timeouts = xmpp.Timeouts(**times)
    return {"config": xmpp.ClientConfig(jid=f"juliet@{DOMAIN}/balcony", password=PASSWORD, timeouts=timeouts)}


async def until(net: Net, moment: float) -> None:
    """Let virtual time pass."""
    await net.shell.signal().wait(moment)


@pytest.mark.feature("STR-08")
async def test_spaces_keep_an_idle_session_alive(memory: Net) -> None:
    async with memory.pair(client=client(keepalive=60)) as (session, _):
        tap = memory.wire_of_client()
        before = len(tap.sent)
        await until(memory, memory.shell.now() + 250)
        spaces = len(tap.sent) - before
        assert session.terminal is None
    # Four records of TLS with one octet each.
    assert 4 * 22 <= spaces <= 4 * 32


@pytest.mark.feature("STR-08")
async def test_a_living_peer_is_asked_for_a_sign_of_life_and_gives_it(memory: Net) -> None:
    async with memory.pair(client=client(silence=100, probe=30, keepalive=None), router=xmpp.IqRouter()) as (
        session,
        far,
    ):
        # The far side knows no ping: that it refuses is a sign of life, too.
        await until(memory, memory.shell.now() + 1_000)
        assert session.terminal is None
        await far.send(xmpp.Message(to=session.jid, body="next"))
        # Neither the event nor the answer comes before the application.
        event = await anext(session)
        assert isinstance(event, xmpp.Message)


@pytest.mark.feature("STR-08")
async def test_a_server_asks_its_clients(memory: Net) -> None:
    config = xmpp.ServerConfig(domains={DOMAIN}, timeouts=xmpp.Timeouts(silence=100, keepalive=None))
    async with memory.pair(config=config, client={"router": xmpp.IqRouter()}) as (session, far):
        await until(memory, memory.shell.now() + 1_000)
        assert far.terminal is None
        assert session.terminal is None


@pytest.mark.feature("STR-08")
async def test_a_peer_that_gives_no_sign_is_given_up(memory: Net) -> None:
    began = 0.0
    async with memory.pair(client=client(silence=100, probe=30, keepalive=None)) as (session, far):
        # The handler of the far side takes no events, and there is no router: the ping is not answered.
        began = memory.shell.now()
        events = await everything(session)
        assert memory.shell.now() == pytest.approx(began + 100, abs=2)
        [terminal] = events
        assert isinstance(terminal, xmpp.StreamFailed)
        assert (terminal.cause, terminal.condition) == (xmpp.Cause.DEADLINE, "connection-timeout")
        assert (await everything(far))[-1].condition == "connection-timeout"


@pytest.mark.feature("STR-08", "ADP-05")
async def test_a_full_inbox_is_no_silence_of_the_peer(memory: Net) -> None:
    """Reading stopped because the application takes nothing: the answer to the ping is read all the same."""
    options = {**client(silence=100, probe=30, keepalive=None), "inbox": InboxLimits(events=10)}
    count = 2_000
    async with memory.pair(client=options, router=xmpp.IqRouter()) as (session, far), memory.shell.tasks() as tasks:

        async def flood() -> None:
            for number in range(count):
                await far.send(xmpp.Message(to=session.jid, id=str(number), body="x" * 200))

        tasks.start(flood)
        await until(memory, memory.shell.now() + 1_000)
        assert session.terminal is None
        assert [(await message(session)).id for _ in range(count)] == [str(number) for number in range(count)]
