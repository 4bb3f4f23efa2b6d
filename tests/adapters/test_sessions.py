"""A session from login to close, on both sides."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pytest
from networks import ANSWERS, DOMAIN, HOST, PASSWORD, Net, Post, everything, server_tls

import xmpp_core as xmpp
from xmpp_core.adapters.errors import SessionEnded
from xmpp_core.adapters.session import Session
from xmpp_core.testing.transcript import Recorder, Transcript


async def echo(session: Session) -> None:
    async for event in session:
        if isinstance(event, xmpp.Message):
            await session.send(event.reply(f"echo {event.body}"))
        elif isinstance(event, xmpp.IQ) and event.is_request:
            await session.send(event.reply())


@pytest.mark.feature("ADP-01", "ADP-02", "ADP-04")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
async def test_a_client_logs_in_and_talks_both_ways(net: Net, direct: bool) -> None:
    async with net.serve(echo, direct_tls=direct) as serving:
        assert serving.addresses == ((HOST, serving.port),)
        async with net.login(serving.port, direct_tls=direct) as session:
            assert session.jid == xmpp.JID(f"juliet@{DOMAIN}/balcony")
            assert session.authenticated is not None
            assert session.authenticated.mechanism == "SCRAM-SHA-512-PLUS"
            assert session.connection.tls is not None
            assert session.connection.tls.verified
            await session.send(xmpp.Message(to="romeo@example.com", body="hi"))
            event = await anext(session)
            assert isinstance(event, xmpp.Message)
            assert event.body == "echo hi"
            answer = await session.request(Element("{urn:xmpp:ping}ping"))
            assert answer.type == "result"
        assert session.terminal == xmpp.Closed(xmpp.Side.INITIATING)
        assert (await everything(session))[-1] == session.terminal
        with pytest.raises(xmpp.ConnectionClosed):
            await session.send(xmpp.Message(to="romeo@example.com", body="late"))
        with pytest.raises(SessionEnded):
            await session.request(Element("{urn:xmpp:ping}ping"))
    assert net.wire_of_client().aborts == 1
    assert b"juliet" not in bytes(net.wire_of_client().sent + net.wire_of_client().received)


@pytest.mark.feature("ADP-04", "TLS-06")
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "PLAIN"])
async def test_each_mechanism_works_through_the_adapters(net: Net, mechanism: str) -> None:
    config = xmpp.ClientConfig(jid=f"juliet@{DOMAIN}", password="pencil", mechanisms=(mechanism,))
    offering = xmpp.ServerConfig(domains={DOMAIN}, mechanisms=(mechanism,), sasl2=False)
    async with net.serve(echo, config=offering) as serving, net.login(serving.port, config=config) as session:
        assert session.authenticated is not None
        assert session.authenticated.mechanism == mechanism
        assert session.jid == xmpp.JID(f"juliet@{DOMAIN}/hall")


@pytest.mark.feature("ADP-06")
async def test_any_byte_stream_will_do(net: Net) -> None:
    done = Post(net)

    async def receiving(wire: Any) -> None:
        config = xmpp.ServerConfig(domains={DOMAIN})
        async with net.adapter.accept(wire, config, tls=server_tls(), answers=ANSWERS) as session:
            assert session.jid == xmpp.JID(f"juliet@{DOMAIN}/balcony")
            await echo(session)
            done.put(session.terminal)

    async with net.peer(receiving) as port:
        wire = await net.shell.connect(HOST, port)
        async with net.login(wire=wire) as session:
            await session.send(xmpp.Message(to="romeo@example.com", body="hi"))
            event = await anext(session)
            assert isinstance(event, xmpp.Message)
        assert isinstance(await done.get(), xmpp.Closed)


@pytest.mark.feature("STR-06")
async def test_the_server_closes_in_good_order(net: Net) -> None:
    async def handler(session: Session) -> None:
        await session.send(xmpp.Message(to=session.jid, body="farewell"))

    async with net.serve(handler) as serving, net.login(serving.port) as session:
        events = await everything(session)
        assert [type(event) for event in events] == [xmpp.Message, xmpp.StreamClosing, xmpp.Closed]
        assert events[-1] == xmpp.Closed(xmpp.Side.RECEIVING, local=False)
        await net.shell.quiet()


@pytest.mark.feature("STR-06")
async def test_nothing_is_lost_when_a_session_closes_during_traffic(net: Net) -> None:
    """What each side sent before its closing tag arrives (RFC 6120 section 4.4)."""
    count = 300
    arrived: list[Any] = []

    async def handler(session: Session) -> None:
        for number in range(count):
            await session.send(xmpp.Message(to=session.jid, body=str(number)))
        arrived.extend(await everything(session))

    async with net.serve(handler) as serving:
        async with net.login(serving.port) as session:
            for number in range(count):
                await session.send(xmpp.Message(to="romeo@example.com", body=str(number)))
        mine = [event.body for event in await everything(session) if isinstance(event, xmpp.Message)]
        assert mine == [str(number) for number in range(len(mine))]
        await net.shell.quiet()
    theirs = [event.body for event in arrived if isinstance(event, xmpp.Message)]
    assert theirs == [str(number) for number in range(count)]
    assert isinstance(arrived[-1], xmpp.Closed)


@pytest.mark.feature("STR-10")
@pytest.mark.parametrize("sends", ["client", "server"])
async def test_a_stream_error_ends_the_session_of_the_peer(net: Net, sends: str) -> None:
    async with net.pair() as (session, far):
        near, other = (session, far) if sends == "client" else (far, session)
        await near.close(xmpp.StreamError("conflict", text="another"))
        assert isinstance(near.terminal, xmpp.StreamFailed)
        assert near.terminal.cause is xmpp.Cause.LOCAL
        terminal = (await everything(other))[-1]
        assert isinstance(terminal, xmpp.StreamFailed)
        assert (terminal.cause, terminal.condition, terminal.local) == (xmpp.Cause.PEER_ERROR, "conflict", False)


async def test_a_handler_that_raises_ends_its_session_alone(net: Net, caplog: pytest.LogCaptureFixture) -> None:
    async def handler(session: Session) -> None:
        async for event in session:
            if isinstance(event, xmpp.Message):
                raise ValueError("a defect of the application")
            if isinstance(event, xmpp.IQ):
                await session.send(event.reply())

    async with net.serve(handler) as serving, net.login(serving.port) as other:
        async with net.login(serving.port) as session:
            await session.send(xmpp.Message(to="romeo@example.com", body="hi"))
            terminal = (await everything(session))[-1]
            assert isinstance(terminal, xmpp.StreamFailed)
            assert terminal.condition == "internal-server-error"
        await other.request(Element("{urn:xmpp:ping}ping"))
    assert "a defect of the application" in caplog.text


async def test_what_the_block_raises_leaves_it_unchanged_and_the_stream_closed(net: Net) -> None:
    async with net.serve(echo) as serving:
        with pytest.raises(ZeroDivisionError):
            async with net.login(serving.port) as session:
                raise ZeroDivisionError
        assert session.terminal == xmpp.Closed(xmpp.Side.INITIATING)


async def test_a_server_that_leaves_ends_its_sessions(net: Net) -> None:
    ends: list[Any] = []

    async def handler(session: Session) -> None:
        ends.extend(await everything(session))

    taken = Post(net)
    async with net.shell.tasks() as tasks:
        async with net.serve(handler) as serving:
            port = serving.port

            async def client() -> None:
                async with net.login(port) as session:
                    taken.put(session)
                    ends.extend(await everything(session))
                taken.put(session)

            tasks.start(client)
            await taken.get()
            assert len(serving.sessions) == 1
        assert len(serving.sessions) == 0
        await taken.get()
    assert {type(end) for end in ends} == {xmpp.StreamFailed}
    assert {end.condition for end in ends} == {"system-shutdown"}


async def test_more_connections_than_allowed_are_cut_off(net: Net) -> None:
    async with net.serve(echo, most_connections=1) as serving, net.login(serving.port) as session:
        with pytest.raises(net.module.NotEstablished):
            async with net.login(serving.port):
                pass
        await session.request(Element("{urn:xmpp:ping}ping"))


async def test_one_task_iterates(net: Net) -> None:
    async with net.pair() as (session, far), net.shell.tasks() as tasks:
        taken = Post(net)

        async def take() -> None:
            taken.put()
            taken.put(await anext(session))

        tasks.start(take)
        await taken.get()
        with pytest.raises(xmpp.LocalProtocolError):
            await anext(session)
        await far.send(xmpp.Message(to=session.jid, body="hi"))
        assert (await taken.get()).body == "hi"


@pytest.mark.feature("ENG-14")
async def test_both_ends_can_keep_a_record(net: Net) -> None:
    kept: list[Recorder] = []

    async def talk(session: Session) -> None:
        assert isinstance(session.connection, Recorder)
        kept.append(session.connection)
        await echo(session)

    async with net.serve(talk, engine=Recorder) as serving, net.login(serving.port, engine=Recorder) as session:
        await session.send(xmpp.Message(to=f"echo@{DOMAIN}", body="for the record"))
        await anext(session)
    assert isinstance(session.connection, Recorder)
    for recorder in (session.connection, *kept):
        text = recorder.transcript.dumps()
        assert "for the record" in text
        assert Transcript.loads(text) == recorder.transcript
        assert PASSWORD not in text
        assert [entry.what for entry in recorder.transcript.entries if "Closed" in entry.text] == ["event"]
