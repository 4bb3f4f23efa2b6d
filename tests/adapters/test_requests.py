"""Requests and their answers: matched, refused, late, forged, and never behind what the application has not taken."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pytest
from networks import DOMAIN, PASSWORD, Net, Post, everything, iq, message

import xmpp_core as xmpp
from xmpp_core.adapters.inbox import InboxLimits
from xmpp_core.adapters.session import Session
from xmpp_core.stanza.payloads.delay import Delay
from xmpp_core.stanza.payloads.disco import DiscoInfo
from xmpp_core.stanza.router import IqRefused

PING = Element("{urn:xmpp:ping}ping")
OTHER = Element("{urn:example:other}query")


@pytest.mark.feature("STZ-05")
async def test_either_side_asks_and_is_answered(net: Net) -> None:
    router = xmpp.IqRouter({("get", PING.tag): lambda _: None})
    async with net.pair(client={"router": router}, router=router) as (session, far):
        assert (await session.request(PING)).type == "result"
        assert (await session.request(PING, to=DOMAIN)).from_ == xmpp.JID(DOMAIN)
        answer = await far.request(PING, timeout=5)
        assert (answer.type, answer.from_) == ("result", session.jid)
        # Nobody saw a request.
        await far.send(xmpp.Message(to=session.jid, body="next"))
        assert (await message(session)).body == "next"


@pytest.mark.feature("EXT-01", "STZ-05")
async def test_a_request_of_a_payload_gives_a_payload(net: Net) -> None:
    router = xmpp.IqRouter({("get", DiscoInfo): lambda _: DiscoInfo(features=("urn:example:x",))})
    router.add("get", PING.tag, lambda _: None)
    async with net.pair(router=router) as (session, _):
        info = await session.request(DiscoInfo(), answer=DiscoInfo)
        assert info.features == ("urn:example:x",)
        with pytest.raises(xmpp.PayloadError, match="empty"):
            await session.request(PING, answer=DiscoInfo)
        with pytest.raises(xmpp.PayloadError):
            await session.request(DiscoInfo(), answer=Delay)


async def test_a_refusal_is_raised(net: Net) -> None:
    def refuse(request: xmpp.IQ) -> None:
        raise IqRefused("forbidden")

    def broken(request: xmpp.IQ) -> Any:
        raise ZeroDivisionError

    def not_xml(request: xmpp.IQ) -> Element:
        wrong = Element("{urn:example:x}x")
        wrong.text = "\x00"
        return wrong

    table: dict[tuple[str, str], Any] = {
        ("get", PING.tag): refuse,
        ("set", PING.tag): broken,
        ("set", OTHER.tag): not_xml,
    }
    async with net.pair(router=xmpp.IqRouter(table)) as (session, _):
        for payload, type, condition in (
            (PING, "get", "forbidden"),
            (PING, "set", "internal-server-error"),
            (OTHER, "set", "internal-server-error"),
            (OTHER, "get", "service-unavailable"),
        ):
            with pytest.raises(net.module.RequestRefused, match=condition) as caught:
                await session.request(payload, type=type)
            assert caught.value.error.condition == condition
            assert caught.value.iq.type == "error"


@pytest.mark.feature("ADP-05")
async def test_a_request_that_nobody_answers_times_out_alone(memory: Net) -> None:
    async with memory.pair() as (session, far):
        began = memory.shell.now()
        with pytest.raises(memory.module.RequestTimedOut, match="within 7 s"):
            await session.request(PING, timeout=7)
        assert memory.shell.now() == pytest.approx(began + 7)
        late = await iq(far)
        await far.send(late.reply())
        await far.send(xmpp.Message(to=session.jid, body="next"))
        # The late answer is dropped: it is not what comes next.
        assert (await message(session)).body == "next"


@pytest.mark.feature("STZ-03")
async def test_an_answer_of_somebody_else_is_none(memory: Net) -> None:
    """RFC 6120 section 8.1.2.1: only the address that was asked can answer."""

    async def forge(session: Session, request: xmpp.IQ) -> None:
        for sender in ("mallory@example.com/x", "romeo@example.com", None):
            payload = Element("{urn:example:forged}x")
            await session.send(
                xmpp.IQ(type="result", id=request.id or "", to=session.jid, from_=sender, payload=payload)
            )

    async with memory.pair() as (session, far), memory.shell.tasks() as tasks:
        done = Post(memory)

        async def ask() -> None:
            done.put(await session.request(PING, to="romeo@example.com/orchard"))

        tasks.start(ask)
        request = await iq(far)
        await forge(far, request)
        await far.send(xmpp.IQ(type="result", id=request.id or "", to=session.jid, from_="romeo@example.com/orchard"))
        got = await done.get()
        assert (got.type, got.payload) == ("result", None)
        await far.send(xmpp.Message(to=session.jid, body="next"))
        assert (await message(session)).body == "next"


async def test_many_tasks_ask_at_once(net: Net) -> None:
    async with net.pair(router=xmpp.IqRouter({("get", PING.tag): lambda _: None})) as (session, _):
        async with net.shell.tasks() as tasks:
            done = Post(net)

            async def ask() -> None:
                done.put((await session.request(PING)).id)

            for _ in range(50):
                tasks.start(ask)
            ids = [await done.get() for _ in range(50)]
        assert len(set(ids)) == 50


async def test_a_request_of_ones_own_making(net: Net) -> None:
    async with net.pair(router=xmpp.IqRouter({("get", PING.tag): lambda _: None})) as (session, _):
        assert (await session.request(xmpp.IQ(type="get", id="mine", payload=PING))).id == "mine"
        with pytest.raises(xmpp.LocalProtocolError):
            await session.request(xmpp.IQ(type="result", id="mine"))
        with pytest.raises(xmpp.LocalProtocolError):
            await session.request(xmpp.IQ(type="get", id="mine", from_="romeo@example.com", payload=PING))
        assert (await session.request(PING)).type == "result"


@pytest.mark.feature("ADP-05")
@pytest.mark.parametrize("how", ["close", "error", "cut"])
async def test_requests_end_with_the_session(net: Net, how: str) -> None:
    async with net.pair() as (session, far), net.shell.tasks() as tasks:
        done = Post(net)

        async def ask() -> None:
            with pytest.raises(net.module.SessionEnded) as caught:
                await session.request(PING)
            done.put(caught.value)

        tasks.start(ask)
        await anext(far)
        if how == "cut":
            await net.shell.accepted[-1].abort()
        else:
            await far.close(xmpp.StreamError("reset") if how == "error" else None)
        error = await done.get()
        assert error.terminal is session.terminal
        assert error.terminal is not None


# The deadlock rule: nobody takes events while the one task waits for an answer.

COUNT = 10_000


def flooding(count: int, body: str = "") -> Any:
    async def handler(session: Session) -> None:
        async for event in session:
            if isinstance(event, xmpp.IQ) and event.is_request:
                for number in range(count):
                    await session.send(xmpp.Message(to=session.jid, id=str(number), body=body or None))
                await session.send(event.reply())

    return handler


@pytest.mark.feature("ADP-01", "ADP-02", "ADP-05")
async def test_ten_thousand_messages_before_the_answer_neither_block_nor_lose_it(net: Net) -> None:
    async with net.serve(flooding(COUNT)) as serving, net.login(serving.port) as session:
        answer = await session.request(PING, timeout=1e5)
        assert answer.type == "result"
        for number in range(COUNT):
            event = await message(session)
            assert event.id == str(number)
        # And the session goes on as before.
        await session.send(xmpp.Message(to=DOMAIN, body="done"))


@pytest.mark.feature("ADP-05")
@pytest.mark.parametrize(
    "limits",
    [
        InboxLimits(events=10, hard_events=100),
        InboxLimits(octets=2_000, hard_octets=20_000),
    ],
    ids=["events", "octets"],
)
async def test_above_the_hard_mark_the_session_ends_and_says_why(net: Net, limits: InboxLimits) -> None:
    async with net.serve(flooding(COUNT, "x" * 100)) as serving:
        async with net.login(serving.port, inbox=limits) as session:
            with pytest.raises(net.module.InboxOverflow, match="more events came before the answer") as caught:
                await session.request(PING, timeout=1e5)
            terminal = caught.value.terminal
            assert isinstance(terminal, xmpp.StreamFailed)
            assert (terminal.cause, terminal.condition) == (xmpp.Cause.LOCAL, "resource-constraint")
            # What was kept can still be taken, and then the end.
            kept = await everything(session)
            assert kept[-1] is terminal
            assert [event.id for event in kept[:-1]] == [str(number) for number in range(len(kept) - 1)]
            # One chunk may pass a mark: no more than that.
            assert 0 < len(kept) < 100 + 65_536 // 200
        await net.shell.quiet()


async def test_an_answer_counts_no_matter_how_full_the_inbox_is(net: Net) -> None:
    limits = InboxLimits(events=5, hard_events=100_000)
    async with net.serve(flooding(2_000)) as serving, net.login(serving.port, inbox=limits) as session:
        for _ in range(3):
            await session.request(PING, timeout=1e5)
        ids = [(await message(session)).id for _ in range(6_000)]
        assert ids == [str(number) for number in range(2_000)] * 3


# What counts as handled, with answers that overtake.


async def test_answers_overtake_and_yet_stanzas_count_in_their_order(net: Net) -> None:
    config = xmpp.ClientConfig(jid=f"juliet@{DOMAIN}/balcony", password=PASSWORD, ack=xmpp.Ack.EXPLICIT)
    async with net.pair(client={"config": config}) as (session, far), net.shell.tasks() as tasks:
        done = Post(net)

        async def ask() -> None:
            done.put(await session.request(PING))

        def count() -> int:
            return int(session.connection._handled)

        tasks.start(ask)
        request = await iq(far)
        for number in range(3):
            await far.send(xmpp.Message(to=session.jid, id=str(number)))
        await far.send(request.reply())
        await far.send(xmpp.Message(to=session.jid, id="3"))
        await done.get()
        session.handled()  # the answer, which came fourth
        assert count() == 0
        with pytest.raises(xmpp.LocalProtocolError):
            session.handled()  # nothing else was taken
        for number in range(3):
            assert (await message(session)).id == str(number)
        assert count() == 0
        session.handled()
        assert count() == 1
        session.handled(2)
        assert count() == 4
        await anext(session)
        with pytest.raises(xmpp.LocalProtocolError):
            session.handled(2)
        with pytest.raises(xmpp.LocalProtocolError):
            session.handled(0)
        session.handled()
        assert count() == 5


async def test_without_more_ado_a_stanza_counts_when_the_next_is_taken(net: Net) -> None:
    async with net.pair() as (session, far):
        for number in range(3):
            await far.send(xmpp.Message(to=session.jid, id=str(number)))
        for number in range(3):
            await anext(session)
            assert session.connection._handled == number
        with pytest.raises(xmpp.LocalProtocolError):
            session.handled()
