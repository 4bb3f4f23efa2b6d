"""Flow both ways: reading stops when the application takes nothing, sending waits when the peer reads nothing."""

from __future__ import annotations

import itertools
from contextlib import suppress
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from loops import Stops, cancelled
from networks import DOMAIN, MADE, PASSWORD, Net, Post, Tap, everything, hold, iq, message

import xmpp_core as xmpp
from xmpp_core.adapters.inbox import InboxLimits
from xmpp_core.adapters.session import Session

BODY = "x" * 500
CHUNK = 65_536
ENDS = (xmpp.Closed, xmpp.StreamFailed)


async def settle(net: Net) -> None:
    """Go on when nothing moves any more: in memory, time moves only then."""
    await net.shell.signal().wait(net.shell.now() + 1)


@pytest.mark.feature("ADP-05")
@pytest.mark.parametrize(
    "limits", [InboxLimits(events=50), InboxLimits(octets=20_000), InboxLimits(events=1, octets=1)], ids=repr
)
async def test_reading_stops_at_the_soft_mark_and_goes_on(memory: Net, limits: InboxLimits) -> None:
    count = 2_000
    async with memory.pair(client={"inbox": limits}) as (session, far), memory.shell.tasks() as tasks:
        done = Post(memory)
        before = len(memory.wire_of_client().received)

        async def flood() -> None:
            for number in range(count):
                await far.send(xmpp.Message(to=session.jid, id=str(number), body=BODY))
            done.put()

        tasks.start(flood)
        await settle(memory)
        read = len(memory.wire_of_client().received) - before
        # One chunk may pass the mark.
        assert 0 < read <= min(limits.events * 600, limits.octets) + 2 * CHUNK
        assert not done.things
        # The far side keeps no more than what one `send` may leave and one write holds.
        assert far.connection.unsent_bytes <= CHUNK + 1_000
        for number in range(count):
            event = await message(session)
            assert event.id == str(number)
        await done.get()


@pytest.mark.feature("ADP-05")
async def test_what_waits_in_all_of_a_slow_connection_is_bounded(memory: Net) -> None:
    """The octets a sender got rid of are those in the transport and in the inbox, and no more."""
    async with memory.pair() as (session, far):
        held = hold(far)
        sent = 0

        async def send() -> None:
            nonlocal sent
            for number in range(1_000):
                await session.send(xmpp.Message(to="romeo@example.com", id=str(number), body=BODY))
                sent += 1

        async with memory.shell.tasks() as tasks:
            tasks.start(send)
            await settle(memory)
            stuck = sent
            # 64 KiB that may wait unsent, 64 KiB being written, 64 KiB in the transport.
            assert 0 < stuck * 500 < 4 * CHUNK
            await settle(memory)
            assert sent == stuck
            assert session.connection.unsent_bytes <= CHUNK + 1_000
            held.clear()
            far._driver.may_read()
            for number in range(1_000):
                assert (await message(far)).id == str(number)


async def test_many_senders_are_held_back_together(memory: Net) -> None:
    async with memory.pair() as (session, far):
        held = hold(far)
        ended = Post(memory)

        async def send() -> None:
            for _ in range(20):
                await session.send(xmpp.Message(to="romeo@example.com", body="x" * 20_000))
            ended.put()

        async with memory.shell.tasks() as tasks:
            for _ in range(20):
                tasks.start(send)
            await settle(memory)
            assert session.connection.unsent_bytes < CHUNK + 21 * 21_000
            assert not ended.things
            held.clear()
            far._driver.may_read()
            for _ in range(400):
                await anext(far)
            for _ in range(20):
                await ended.get()


@pytest.mark.feature("ADP-05")
async def test_a_sender_that_waits_hears_of_the_end(memory: Net) -> None:
    async with memory.pair() as (session, far):
        hold(far)

        async def flood() -> None:
            while True:
                await session.send(xmpp.Message(to="romeo@example.com", body=BODY))

        async with memory.shell.tasks() as tasks:
            ended = Post(memory)

            async def send() -> None:
                with pytest.raises((memory.module.SessionEnded, xmpp.ConnectionClosed)) as caught:
                    await flood()
                ended.put(caught.value)

            tasks.start(send)
            await settle(memory)
            await memory.shell.accepted[-1].abort()
            assert isinstance(await ended.get(), memory.module.SessionEnded)


@pytest.mark.feature("ADP-05", "ENG-13")
async def test_a_connection_broken_with_much_unsent_ends_on_both_sides(memory: Net) -> None:
    """Above `Limits.unsent` nothing is interpreted, not even the end of the transport, before octets leave."""
    limits = xmpp.Limits(unsent=10_000)
    config = xmpp.ServerConfig(domains={DOMAIN}, limits=limits)
    async with memory.pair(config=config, router=xmpp.IqRouter()) as (session, far), memory.shell.tasks() as tasks:
        hold(session)

        async def ask() -> None:
            while True:
                await session.send(xmpp.IQ(type="get", id="q", payload=Element("{urn:example:x}x")))

        async def flood() -> None:
            with suppress(memory.module.SessionEnded, xmpp.ConnectionClosed):
                await ask()

        ends = Post(memory)

        async def until_the_end() -> None:
            ends.put((await everything(far))[-1])

        tasks.start(flood)
        tasks.start(until_the_end)
        await settle(memory)
        # More than the writer has in hand, so that what is unsent stands in the way of the end.
        while far.connection.unsent_bytes <= 10_000:
            far.connection.send(xmpp.Message(to=session.jid, body=BODY))
        assert not far.connection.wants_data
        await memory.shell.dialled[-1].abort()
        end = await ends.get()
        assert isinstance(end, xmpp.StreamFailed)
        assert end.cause is xmpp.Cause.END_OF_DATA


@pytest.mark.feature("ADP-05", "STR-06")
@pytest.mark.parametrize("how", ["close", "block", "error"])
async def test_closing_towards_a_peer_that_reads_nothing_ends_in_time(memory: Net, how: str) -> None:
    config = xmpp.ClientConfig(jid=f"juliet@{DOMAIN}/balcony", password=PASSWORD, timeouts=xmpp.Timeouts(close=5))
    began = 0.0
    left = Post(memory)

    async def handler(session: Session) -> None:
        hold(session)
        await left.get()

    async with memory.serve(handler) as serving:
        async with memory.login(serving.port, config=config) as session, memory.shell.tasks() as tasks:

            async def flood() -> None:
                while True:
                    await session.send(xmpp.Message(to="romeo@example.com", body=BODY))

            async def send() -> None:
                with pytest.raises((memory.module.SessionEnded, xmpp.ConnectionClosed)):
                    await flood()

            tasks.start(send)
            await settle(memory)
            began = memory.shell.now()
            if how == "close":
                await session.close()
            elif how == "error":
                await session.close(xmpp.StreamError("reset"))
        # Five seconds for the peer's closing tag, two for the last octets to leave.
        assert memory.shell.now() - began <= 7.1
        assert session.terminal is not None
        assert isinstance(session.terminal, xmpp.StreamFailed if how == "error" else xmpp.Closed)
        left.put()


async def test_half_a_stanza_larger_than_the_inbox_is_read_to_its_end(net: Net) -> None:
    """Where nothing waits there is room: what is half received cannot be taken."""
    limits = InboxLimits(octets=10_000, hard_octets=10_000)
    body = "x" * 300_000
    async with net.pair(client={"inbox": limits}) as (session, far), net.shell.tasks() as tasks:

        async def flood() -> None:
            for _ in range(3):
                await far.send(xmpp.Message(to=session.jid, body=body))

        tasks.start(flood)
        for _ in range(3):
            assert (await message(session)).body == body


@pytest.mark.feature("ADP-05", "STR-06")
async def test_a_connection_killed_at_any_read_of_a_session(memory: Net) -> None:
    """Whenever it is: one terminal event on either side, and what was waited for ends."""
    count = 40
    ends: set[type] = set()
    for reads in itertools.count(5, 3):
        fars: list[Any] = []

        async def handler(session: Session, fars: list[Any] = fars) -> None:
            async for event in session:
                fars.append(event)
                if isinstance(event, xmpp.Message):
                    await session.send(event.reply(BODY))

        async with memory.serve(handler) as serving:
            memory.shell.cut_next_at_read = reads
            MADE.clear()
            try:
                async with memory.login(serving.port) as session:
                    for _ in range(count):
                        await session.send(xmpp.Message(to="romeo@example.com", body=BODY))
                        if not isinstance(await anext(session), xmpp.Message):
                            break
                    await session.close()
            except (memory.module.NotEstablished, memory.module.SessionEnded, xmpp.ConnectionClosed):
                pass
            [made] = MADE
            events = await everything(made)
            # The application may have taken it before.
            assert [one for one in events if isinstance(one, ENDS)] in ([], [made.terminal])
            assert made.terminal is not None
            ends.add(type(made.terminal))
            await memory.shell.quiet()
        if fars:
            assert [one for one in fars if isinstance(one, ENDS)] == fars[-1:]
        if made.terminal == xmpp.Closed(xmpp.Side.INITIATING):
            break
    assert reads > count
    assert ends == {xmpp.StreamFailed, xmpp.Closed}


async def test_a_record_that_was_changed_on_its_way_ends_the_session(memory: Net) -> None:
    """RFC 8446 section 5.2: what does not decrypt is an end, never data."""
    async with memory.pair() as (session, far):
        tap = memory.wire_of_client()
        assert isinstance(tap, Tap)
        await memory.shell.accepted[-1].write(b"\x17\x03\x03\x00\x20" + bytes(32))
        events = await everything(session)
        assert [type(event) for event in events] == [xmpp.StreamFailed]
        assert events[0].cause is xmpp.Cause.END_OF_DATA
        assert isinstance((await everything(far))[-1], xmpp.StreamFailed)


@pytest.mark.feature("ADP-05")
async def test_what_waits_to_leave_stops_the_reading(memory: Net) -> None:
    """A peer that asks and does not read the answers is read no further; when it reads, all goes on."""
    limits = xmpp.Limits(unsent=10_000)
    config = xmpp.ServerConfig(domains={DOMAIN}, limits=limits)
    count = 4_000
    async with memory.pair(config=config, router=xmpp.IqRouter()) as (session, far), memory.shell.tasks() as tasks:
        held = hold(session)
        done = Post(memory)

        async def ask() -> None:
            for number in range(count):
                await session.send(xmpp.IQ(type="get", id=f"q{number}", payload=Element("{urn:example:x}x")))
            done.put()

        tasks.start(ask)
        await settle(memory)
        assert not done.things
        assert far.connection.unsent_bytes < 10_000 + CHUNK * 4
        held.clear()
        session._driver.may_read()
        for number in range(count):
            assert (await iq(session)).id == f"q{number}"
        await done.get()


@pytest.mark.feature("STR-06")
async def test_a_full_inbox_does_not_keep_a_session_from_closing(memory: Net) -> None:
    """The peer's closing tag stands behind what the application did not take; that can be taken afterwards."""
    count = 500
    async with memory.pair(client={"inbox": InboxLimits(events=5)}) as (session, far), memory.shell.tasks() as tasks:

        async def flood() -> None:
            with suppress(memory.module.SessionEnded, xmpp.ConnectionClosed):
                for number in range(count):
                    await far.send(xmpp.Message(to=session.jid, id=str(number), body=BODY))

        tasks.start(flood)
        await settle(memory)
        await session.close()
        assert session.terminal == xmpp.Closed(xmpp.Side.INITIATING)
        kept = [event.id for event in await everything(session) if isinstance(event, xmpp.Message)]
        assert len(kept) > 100
        assert kept == [str(number) for number in range(len(kept))]


@pytest.mark.feature("STR-06")
async def test_the_transport_is_cut_when_the_peer_has_ended_its_side(memory: Net) -> None:
    async with memory.pair() as (session, _):
        tap, go = memory.shell.accepted[-1], Post(memory)
        finish = tap.finish

        async def slow() -> None:
            await go.get()
            await finish()

        tap.finish = slow  # type: ignore[method-assign]  # the peer's system is slow to end its side
        await session.close()
        await settle(memory)
        assert memory.wire_of_client().aborts == 0
        go.put()
        await session.gone()
        assert memory.wire_of_client().aborts == 1


@pytest.mark.feature("ADP-05")
async def test_after_half_a_write_nothing_follows(memory: Net) -> None:
    """Who is cancelled in the middle of a write says no last words: they would be taken for the other half."""
    async with memory.serve(hold_and_wait(memory)) as serving:

        async def work() -> None:
            async with memory.login(serving.port) as session:
                while True:
                    await session.send(xmpp.Message(to="romeo@example.com", body=BODY))

        stops = Stops(None)
        async with memory.shell.tasks() as tasks:
            done = Post(memory)

            async def run() -> None:
                done.put(await cancelled(memory.library, work, stops))

            tasks.start(run)
            await settle(memory)
            before = bytes(memory.wire_of_client().sent)
            stops.cancel()
            assert await done.get()
        assert memory.wire_of_client().sent == before
        assert memory.wire_of_client().aborts == 1


def hold_and_wait(net: Net) -> Any:
    async def handler(session: Session) -> None:
        hold(session)
        await session._driver.ended()

    return handler


async def test_a_handler_cut_short_by_the_end_of_its_session_is_no_defect(
    net: Net, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(session: Session) -> None:
        while True:
            await session.send(xmpp.Message(to=session.jid, body=BODY))

    async with net.serve(handler) as serving:
        async with net.login(serving.port) as session:
            await anext(session)
            await net.wire_of_client().abort()
        await net.shell.quiet()
    assert caplog.text == ""
