"""A cancellation at every await: the transport is closed, the engine has ended, nothing and nobody is left behind."""

from __future__ import annotations

import gc
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from loops import LIBRARIES, Stops, cancelled
from networks import ANSWERS, DOMAIN, HOST, MADE, Net, Post, Tap, everything, hold, iq, message, server_tls

import xmpp_core as xmpp
from xmpp_core.adapters.session import Session

PING = Element("{urn:xmpp:ping}ping")
BIG = "x" * 200_000


async def echo(session: Session) -> None:
    async for event in session:
        if isinstance(event, xmpp.Message):
            await session.send(event.reply("echo"))
        elif isinstance(event, xmpp.IQ) and event.is_request:
            await session.send(event.reply())


async def whole_session(net: Net, port: int, direct: bool = False) -> None:
    async with net.login(port, direct_tls=direct) as session:
        await session.send(xmpp.Message(to="romeo@example.com", body="hi"))
        await session.request(PING)
        assert isinstance(await anext(session), xmpp.Message)
        await session.send(xmpp.Message(to="romeo@example.com", body=BIG))
        await session.close()


async def assert_ended(session: Session, tap: Tap) -> None:
    assert tap.aborts >= 1
    assert session.terminal is not None
    connection = session.connection
    assert connection.state in (xmpp.StreamState.ENDED, xmpp.StreamState.UNSTARTED)
    assert not connection.wants_data
    connection.snapshot()
    events = await everything(session)
    assert [event for event in events if isinstance(event, xmpp.Closed | xmpp.StreamFailed)] == [session.terminal]
    assert events[-1] is session.terminal
    with pytest.raises((xmpp.XMPPError,)):
        await session.send(xmpp.Message(to="romeo@example.com"))
    with pytest.raises(xmpp.XMPPError):
        await session.request(PING)
    await session.close()


async def cancel_everywhere(net: Net, stops_of: Any, *, own_steps: bool, direct: bool = False, step: int = 1) -> int:
    async with net.serve(echo, direct_tls=direct) as serving, net.login(serving.port, direct_tls=direct) as other:
        for at in itertools.count(0, step):
            net.shell.dialled.clear()
            MADE.clear()
            stops = stops_of(at)
            was = await cancelled(
                net.library, lambda: whole_session(net, serving.port, direct), stops, own_steps=own_steps
            )
            assert len(MADE) == len(net.shell.dialled) <= 1
            for session, tap in zip(MADE, net.shell.dialled, strict=True):
                await assert_ended(session, tap)
            await net.shell.down_to(1)
            if not stops.reached:
                assert not was
                break
        # Whoever stayed was not disturbed.
        assert (await other.request(PING)).type == "result"
    return at


@pytest.mark.feature("ADP-05")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
async def test_a_session_cancelled_at_each_of_its_awaits(net: Net, direct: bool) -> None:
    points = await cancel_everywhere(net, Stops, own_steps=True, direct=direct)
    assert points >= 5


@pytest.mark.feature("ADP-05")
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_session_cancelled_at_each_step_of_any_task(library: str, full: bool) -> None:
    """Between two steps of whatever runs, the driver's own tasks and the server's included."""
    net = Net(library, memory=True)
    current: list[Stops] = []
    net.turned = lambda: current[-1].stop() if current else None

    def stops_of(at: int) -> Stops:
        current.append(Stops(at))
        return current[-1]

    async def main() -> None:
        points = await cancel_everywhere(net, stops_of, own_steps=False, step=1 if full else 3)
        assert points > 40

    net.run(main)


@pytest.mark.feature("ADP-05")
async def test_a_server_cancelled_at_each_of_its_awaits(memory: Net) -> None:
    """The block of `serve` is cancelled while a client talks: every session ends, the client hears of it."""
    for at in itertools.count():
        memory.shell.dialled.clear()
        MADE.clear()
        stops = Stops(at)

        async def serving() -> None:
            async with memory.serve(echo) as serving:
                await whole_session(memory, serving.port)

        was = await cancelled(memory.library, serving, stops)
        for session, tap in zip(MADE, memory.shell.dialled, strict=True):
            await assert_ended(session, tap)
        assert memory.shell.serving == 0
        if not stops.reached:
            assert not was
            break
    assert at >= 5


@pytest.mark.feature("ADP-05")
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_server_cancelled_at_each_step_of_any_task(library: str, full: bool) -> None:
    """With answers that are awaited: none of them is forgotten half way, or before it began."""
    net = Net(library, memory=True)
    current: list[Stops] = []
    net.turned = lambda: current[-1].stop() if current else None

    async def answer(question: Any) -> Any:
        return ANSWERS[type(question)](question)

    answers: dict[type, Any] = dict.fromkeys(ANSWERS, answer)

    async def serving() -> None:
        async with net.serve(echo, answers=answers) as serving:
            await whole_session(net, serving.port)

    async def main() -> None:
        for at in itertools.count(0, 1 if full else 2):
            current.append(Stops(at))
            await cancelled(library, serving, current[-1], own_steps=False)
            gc.collect()
            assert net.shell.serving == 0
            if not current[-1].reached:
                break
        assert at > 40

    net.run(main)


@pytest.mark.feature("ADP-05")
async def test_an_accepting_side_cancelled_at_each_of_its_awaits(memory: Net) -> None:
    for at in itertools.count():
        stops, ended = Stops(at), Post(memory)

        async def receiving(wire: Any, stops: Stops = stops, ended: Post = ended) -> None:
            async def accepting() -> None:
                config = xmpp.ServerConfig(domains={DOMAIN})
                async with memory.adapter.accept(wire, config, tls=server_tls(), answers=ANSWERS) as session:
                    await anext(session)

            ended.put(await cancelled(memory.library, accepting, stops))

        async with memory.peer(receiving) as port:
            wire = await memory.shell.connect(HOST, port)
            try:
                async with memory.login(wire=wire) as session:
                    await session.send(xmpp.Message(to="romeo@example.com"))
                    await everything(session)
            except memory.module.NotEstablished:
                pass
            was = await ended.get()
            # In trio a scope that is about to end anyway takes the cancellation with it.
            assert was == stops.reached or (memory.library == "trio" and not was)
        if not stops.reached:
            break
    assert at >= 2


# One call is cancelled, and the session lives on.


@asynccontextmanager
async def usable(net: Net) -> AsyncIterator[tuple[Session, Session]]:
    """A session, of which it is shown afterwards that it goes on."""
    async with net.pair() as (session, far), net.shell.tasks() as tasks:
        yield session, far
        assert session.terminal is None
        done = Post(net)

        async def ask() -> None:
            done.put(await session.request(PING))

        tasks.start(ask)
        while True:
            event = await anext(far)
            if isinstance(event, xmpp.IQ) and event.payload is not None and event.payload.tag == PING.tag:
                break
        await far.send(event.reply())
        assert (await done.get()).type == "result"
        await far.send(xmpp.Message(to=session.jid, id="last"))
        while (await message(session)).id != "last":
            pass


@pytest.mark.feature("ADP-05")
async def test_a_request_is_cancelled(net: Net) -> None:
    async with usable(net) as (session, far):
        other = Element("{urn:example:other}query")

        async def ask() -> None:
            await session.request(other)

        assert await cancelled(net.library, ask, Stops(0))
        request = await iq(far)
        await far.send(request.reply())  # nobody waits for it any more
        await far.send(xmpp.Message(to=session.jid, id="next"))
        # Neither is it an event, nor does it hold up what counts as handled.
        assert (await message(session)).id == "next"
        await far.send(xmpp.Message(to=session.jid, id="after"))
        assert (await message(session)).id == "after"
        assert session.connection._handled == session.connection._delivered - 1


@pytest.mark.feature("ADP-05")
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_request_cancelled_as_its_answer_comes(library: str) -> None:
    """At each step from the sending on: the answer is given or dropped, and counts as handled either way."""
    net = Net(library, memory=True)
    current: list[Stops] = []
    net.turned = lambda: current[-1].stop() if current else None
    outcomes = set()

    async def main() -> None:
        async with net.serve(echo) as serving, net.login(serving.port) as session:
            for at in itertools.count():
                current.append(Stops(at))
                got: list[xmpp.IQ] = []

                async def ask(got: list[xmpp.IQ] = got) -> None:
                    got.append(await session.request(PING))

                was = await cancelled(library, ask, current[-1], own_steps=False)
                outcomes.add((was, bool(got)))
                await session.send(xmpp.Message(to="romeo@example.com", body="x"))
                assert isinstance(await anext(session), xmpp.Message)
                assert session.connection._handled == session.connection._delivered - 1
                if not current[-1].reached:
                    break

    net.run(main)
    assert {(True, False), (False, True)} <= outcomes


@pytest.mark.feature("ADP-05")
async def test_taking_the_next_event_is_cancelled(net: Net) -> None:
    async with usable(net) as (session, far):

        async def take() -> None:
            await anext(session)

        assert await cancelled(net.library, take, Stops(0))
        await far.send(xmpp.Message(to=session.jid, id="first"))
        assert (await message(session)).id == "first"


@pytest.mark.feature("ADP-05")
async def test_sending_under_back_pressure_is_cancelled(memory: Net) -> None:
    """What was queued leaves: a stanza is never sent by halves."""
    async with usable(memory) as (session, far):
        stuck = far
        held = hold(stuck)
        sent = 0

        async def send() -> None:
            nonlocal sent
            while True:
                sent += 1
                await session.send(xmpp.Message(to="romeo@example.com", id=str(sent), body="x" * 10_000))

        assert await cancelled(memory.library, send, Stops(0))
        assert sent > 5
        held.clear()
        stuck._driver.may_read()
        for number in range(1, sent + 1):
            assert (await message(far)).id == str(number)


@pytest.mark.feature("ADP-05")
async def test_closing_is_cancelled_and_called_again(memory: Net) -> None:
    async with memory.pair() as (session, far):
        held = hold(far)

        async def close() -> None:
            await session.close()

        assert await cancelled(memory.library, close, Stops(0))
        assert session.terminal is None
        held.clear()
        far._driver.may_read()
        await session.close()
        assert session.terminal == xmpp.Closed(xmpp.Side.INITIATING)


@pytest.mark.feature("ADP-05")
async def test_a_cancelled_block_says_goodbye(net: Net) -> None:
    """The peer gets a closing tag and not just the end of the transport, where nothing hinders it."""
    ended = Post(net)

    async def handler(session: Session) -> None:
        ended.put(await everything(session))

    async with net.serve(handler) as serving:

        async def work() -> None:
            async with net.login(serving.port) as session:
                await anext(session)

        stops = Stops(None)
        async with net.shell.tasks() as tasks:

            async def run() -> None:
                await cancelled(net.library, work, stops)

            tasks.start(run)
            while not [one for one in serving.sessions if one.ready]:
                await net.shell.signal().wait(net.shell.now())
            stops.cancel()
            events = await ended.get()
    assert [type(event) for event in events] == [xmpp.StreamClosing, xmpp.Closed]
